"""Holds Cargo.lock against the RustSec advisory database: no crate in a version that is known to be vulnerable.

The database is the folder that ADVISORY_DB names, one that cargo-audit or cargo-deny keeps, or a copy fetched now. Where it
can't be had that is said, in capitals, and is no failure: a machine without a way out tests all the rest. Notes that name no
vulnerability (unmaintained, unsound) are printed. What is accepted stands in deny.toml, `[advisories] ignore`, with its
reason. Uses nothing but Python's own library. `--planted` tries it on a database that is made up.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = "https://github.com/rustsec/advisory-db"
FETCHING_MOST = 120
HEAD = re.compile(r"```toml\n(.*?)\n```", re.DOTALL)
COMPARATOR = re.compile(r"^(>=|<=|>|<|=|\^|~)?\s*(\d+(?:\.\d+){0,2}(?:-[\w.-]+)?)(?:\+.*)?$")


def main() -> int:
    if "--planted" in sys.argv:
        return planted()
    database, why = find_database()
    if database is None:
        print(f"ADVISORIES NOT CHECKED: the database can't be had ({why}); ADVISORY_DB=FOLDER names a copy of it")
        return 0
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))
    rules = tomllib.loads((ROOT / "deny.toml").read_text(encoding="utf-8")).get("advisories", {})
    accepted = {entry["id"]: entry["reason"] for entry in rules.get("ignore", [])}
    packages = [(package["name"], package["version"]) for package in lock["package"] if "source" in package]
    advisories = [advisory for name, _ in sorted(set(packages)) for advisory in read(database / "crates" / name)]
    faults, notes = judged(packages, advisories, accepted)
    for note in notes:
        print(f"note: {note}")
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    print(f"{len(packages)} crates of others against the database of {dated(database)}: {len(faults)} faults, {len(notes)} notes")
    return 1 if faults else 0


def find_database():
    """The folder of the database, and why there is none."""
    if named := os.environ.get("ADVISORY_DB"):
        folder = pathlib.Path(named)
        return (folder, "") if (folder / "crates").is_dir() else (None, f"{named} holds none")
    cargo = pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo")
    kept = [cargo / "advisory-db", *cargo.glob("advisory-dbs/*")]
    fetched = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "advisory-db"
    why = fetch(fetched)
    found = [folder for folder in [fetched, *kept] if (folder / "crates").is_dir()]
    return (found[0], "") if found else (None, why)


def fetch(folder: pathlib.Path) -> str:
    """Brings the folder up to date; why that can't be."""
    there = (folder / ".git").is_dir()
    order = ["-C", str(folder), "pull", "--ff-only"] if there else ["clone", "--depth", "1", SOURCE, str(folder)]
    quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(["git", *order, "--quiet"], env=quiet, timeout=FETCHING_MOST, capture_output=True, text=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["git failed"])[-1]


def dated(folder: pathlib.Path) -> str:
    """How old the database is: the day of its last change."""
    log = subprocess.run(["git", "-C", str(folder), "log", "-1", "--format=%cs"], capture_output=True, text=True)
    return log.stdout.strip() or "an unknown day"


def read(folder: pathlib.Path):
    for file in sorted(folder.glob("*.md")) if folder.is_dir() else []:
        head = HEAD.search(file.read_text(encoding="utf-8"))
        yield tomllib.loads(head[1])


def judged(packages: list, advisories: list, accepted: dict):
    """What is wrong, and what is only to be known."""
    faults, notes, met = [], [], set()
    for advisory in advisories:
        about, versions = advisory["advisory"], advisory.get("versions", {})
        sound = [*versions.get("patched", []), *versions.get("unaffected", [])]
        for name, version in packages:
            if name != about["package"] or "withdrawn" in about or any(within(version, span) for span in sound):
                continue
            said = f"{name} {version}: {about['id']}, {about.get('informational', 'vulnerable')}; mended in {versions.get('patched') or 'none'}"
            if about["id"] in accepted:
                met.add(about["id"])
                notes.append(f"{said}; accepted: {accepted[about['id']]}")
            else:
                (notes if "informational" in about else faults).append(said)
    faults += [f"{name} need not be accepted any more" for name in accepted if name not in met]
    return faults, notes


def within(version: str, span: str) -> bool:
    """Whether a version lies in a span as the database writes it: comparators with commas between."""
    return all(fits(order(version), *parted(one.strip())) for one in span.split(","))


def parted(comparator: str):
    found = COMPARATOR.match(comparator)
    if not found:
        raise ValueError(f"a span that can't be read: {comparator!r}")
    return found[1] or "^", found[2]


def fits(version: tuple, sign: str, bound: str) -> bool:
    least = order(bound)
    match sign:
        case ">=": return version >= least
        case ">": return version > least
        case "<=": return version <= least
        case "<": return version < least
        case "=": return version == least
        case "~": return least <= version < order(raised(bound, 1 if "." in bound else 0))
        case _: return least <= version < order(raised(bound, leading(bound)))


def leading(bound: str) -> int:
    """Which number of a version says that it is another one: the first that isn't 0."""
    numbers = bound.split("-")[0].split(".")
    return next((place for place, number in enumerate(numbers) if number != "0"), len(numbers) - 1)


def raised(bound: str, place: int) -> str:
    """The first version that is of another kind, before its own forerunners."""
    numbers = (bound.split("-")[0].split(".") + ["0", "0"])[:3]
    return ".".join([*numbers[:place], str(int(numbers[place]) + 1), *["0"] * (2 - place)]) + "-0"


def order(version: str) -> tuple:
    """As versions follow each other (semver 2.0, 11): one with a forerunner's name comes before the one without."""
    plain, _, before = version.split("+")[0].partition("-")
    numbers = tuple(int(number) for number in (plain.split(".") + ["0", "0"])[:3])
    names = tuple((0, int(name), "") if name.isdigit() else (1, 0, name) for name in before.split(".")) if before else ()
    return numbers, not before, names


def planted() -> int:
    spans = {
        (">= 1.2.3", "1.2.3"): True, (">= 1.2.3", "1.2.2"): False, (">= 1.2.3", "1.2.3-rc.1"): False,
        ("^1.2", "1.9.0"): True, ("^1.2", "2.0.0"): False, ("^0.2.3", "0.3.0"): False, ("^0.2.3", "0.2.9"): True,
        ("^0.0.3", "0.0.4"): False, ("~1.2.3", "1.2.9"): True, ("~1.2.3", "1.3.0"): False, ("= 1.0.0", "1.0.0+build"): True,
        (">= 1.38.2, < 1.39.0", "1.38.5"): True, (">= 1.38.2, < 1.39.0", "1.40.0"): False, ("< 0.2.5", "0.2.5-beta"): True,
        ("1.2.3", "1.4.0"): True, ("> 1.0.0-rc.2", "1.0.0-rc.10"): True,
    }
    wrong = [f"{version} in {span}" for (span, version), inside in spans.items() if within(version, span) != inside]

    def told(text: str, accepted: dict = {}) -> tuple:
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "RUSTSEC-2026-0001.md").write_text(f"```toml\n{text}\n```\n\n# Planted\n")
            faults, notes = judged([("planted", "1.0.0")], list(read(pathlib.Path(folder))), accepted)
        return len(faults), len(notes)

    def advisory(extra: str, versions: str) -> str:
        return f'[advisory]\nid = "RUSTSEC-2026-0001"\npackage = "planted"\n{extra}\n[versions]\n{versions}'

    vulnerable, accepted = advisory("", 'patched = [">= 1.0.1"]'), {"RUSTSEC-2026-0001": "planted"}
    cases = {
        "a vulnerable crate": (told(vulnerable), (1, 0)),
        "one that nothing mends": (told(advisory("", "patched = []")), (1, 0)),
        "a crate that was mended": (told(advisory("", 'patched = ["^1.0.0"]')), (0, 0)),
        "one that never was": (told(advisory("", 'patched = []\nunaffected = ["< 1.1.0"]')), (0, 0)),
        "a withdrawn advisory": (told(advisory('withdrawn = "2026-01-01"', "patched = []")), (0, 0)),
        "one that is only a note": (told(advisory('informational = "unmaintained"', "patched = []")), (0, 1)),
        "one that is accepted": (told(vulnerable, accepted), (0, 1)),
        "one that need not be accepted": (told(advisory("", 'patched = ["^1.0.0"]'), accepted), (1, 0)),
    }
    wrong += [title for title, (found, wanted) in cases.items() if found != wanted]
    for title in wrong:
        print(f"error: not as it should be: {title}", file=sys.stderr)
    print(f"{len(spans) + len(cases)} planted cases, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
