"""Holds docs/asvs.md against the house: whatever the ledger rests on has to be there.

Each of the 253 requirements of ASVS 5.0, levels 1 and 2, has one row: met, partly or not met, or n/a where there is nothing
that it could be asked of. What is met names what shows it, as links: a test or an item by its name, or a file. What is not
gives a reason. The counts at the head must be those of the rows. `--planted` tries the check on rows that are wrong.
"""

import pathlib
import re
import sys
from collections import Counter

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEDGER = ROOT / "docs/asvs.md"
STATES = ("met", "partly", "not met", "n/a")
# How many requirements the chapters have, of level 1 and of level 2.
CHAPTERS = {
    1: (8, 19), 2: (4, 7), 3: (8, 11), 4: (2, 8), 5: (4, 5), 6: (13, 22), 7: (6, 12), 8: (4, 3), 9: (4, 3),
    10: (5, 24), 11: (3, 11), 12: (3, 6), 13: (1, 12), 14: (2, 7), 15: (3, 10), 16: (0, 16), 17: (0, 7),
}
ROW = re.compile(r"^\| (\d+)\.(\d+)\.(\d+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \| (.*) \|$")
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
# Fewer words are no reason.
REASON_LEAST = 2


def main() -> int:
    if "--planted" in sys.argv:
        return planted()
    text = LEDGER.read_text(encoding="utf-8")
    faults = list(faults_of(text))
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    states = Counter(row[3] for row in rows_of(text))
    print(f"{sum(states.values())} requirements: {', '.join(f'{states[state]} {state}' for state in STATES)}; {len(faults)} faults")
    return 1 if faults else 0


def rows_of(text: str) -> list:
    found = (ROW.match(line) for line in text.splitlines())
    return [((int(row[1]), int(row[2]), int(row[3])), row[4], row[5], row[6], row[7]) for row in found if row]


def faults_of(text: str):
    rows = rows_of(text)
    yield from strange_lines(text)
    yield from twice(rows)
    yield from missing(rows)
    for row in rows:
        yield from faults_of_row(*row)
    yield from wrong_counts(text, rows)


def strange_lines(text: str):
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"^\|\s*\d+\.\d+", line) and not ROW.match(line):
            yield f"{LEDGER.name}:{number}: that is no row: {line[:60]}"


def twice(rows: list):
    for name, times in Counter(row[0] for row in rows).items():
        if times > 1:
            yield f"{dotted(name)} is there {times} times"


def missing(rows: list):
    for chapter, wanted in CHAPTERS.items():
        levels = Counter(row[1] for row in rows if row[0][0] == chapter)
        if (levels["1"], levels["2"]) != wanted:
            yield f"chapter {chapter} has {levels['1']} + {levels['2']} rows, and must have {wanted[0]} + {wanted[1]}"


def faults_of_row(name: tuple, level: str, asks: str, state: str, answer: str):
    links = LINK.findall(answer)
    if level not in ("1", "2") or state not in STATES or not asks.strip():
        yield f"{dotted(name)}: {level!r}, {state!r} or what it asks for will not do"
    if state in ("met", "partly") and not links:
        yield f"{dotted(name)} is {state}, and names nothing that shows it"
    if state != "met" and len(LINK.sub("", answer).split()) < REASON_LEAST:
        yield f"{dotted(name)} is {state}, and gives no reason"
    for words, path in links:
        yield from (f"{dotted(name)}: {fault}" for fault in faults_of_link(words, path))


def faults_of_link(words: str, path: str):
    file = (LEDGER.parent / path.split("#")[0]).resolve()
    if not file.is_relative_to(ROOT) or not file.exists():
        yield f"there is no {path}"
    elif words.startswith("`") and not holds(file, words.strip("`")):
        yield f"there is no {words} in {path}"


def holds(file: pathlib.Path, name: str) -> bool:
    """Whether a file has a test or an item of that name."""
    if file.is_dir():
        return False
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", file.read_text(encoding="utf-8")) is not None


def wrong_counts(text: str, rows: list):
    for line in counted(rows):
        if line not in text.splitlines():
            yield f"the counts at the head must have this line: {line}"


def counted(rows: list):
    """The table of counts: level 1 and level 2 of each state."""
    def line(title: str, those: list) -> str:
        cells = Counter((row[3], row[1]) for row in those)
        return f"| {title} | " + " | ".join(f"{cells[state, '1']} + {cells[state, '2']}" for state in STATES) + " |"

    for chapter in CHAPTERS:
        yield line(f"V{chapter}", [row for row in rows if row[0][0] == chapter])
    yield line("together", rows)


def dotted(name: tuple) -> str:
    return ".".join(map(str, name))


def planted() -> int:
    met = ("met", "[`dotted`](../scripts/check-ledger.py)")
    wrong = [
        ("met", "without a link"),
        ("met", "[`there_is_no_such_test`](../titan-server/tests/native.rs)"),
        ("met", "[gone](../titan-server/tests/gone.rs)"),
        ("met", "[outside](../../outside.rs)"),
        ("mostly", "[x](../README.md) and words"),
        ("not met", ""),
        ("n/a", "none"),
    ]
    missed = [row for row in wrong if not list(faults_of_row((1, 1, 1), "1", "something", *row))]
    if list(faults_of_row((1, 1, 1), "1", "something", *met)):
        missed.append(met)
    whole = "\n".join(
        f"| {chapter}.1.{number} | {1 if number <= first else 2} | asks | {met[0]} | {met[1]} |"
        for chapter, (first, second) in CHAPTERS.items() for number in range(1, first + second + 1)
    )
    whole += "\n" + "\n".join(counted(rows_of(whole)))
    lines = whole.splitlines()
    texts = {
        "a row that is gone": "\n".join(lines[1:]),
        "a row that is there twice": "\n".join([lines[0], *lines]),
        "a row of another form": "\n".join([lines[0].replace(" | 1 | asks", " | asks"), *lines[1:]]),
        "a count that is wrong": whole.replace("| V1 | 8 + 19 |", "| V1 | 9 + 19 |"),
    }
    missed += [title for title, text in texts.items() if not list(faults_of(text))]
    missed += ["a whole ledger was refused"] if list(faults_of(whole)) else []
    for miss in missed:
        print(f"error: not as it should be: {miss}", file=sys.stderr)
    print(f"{len(wrong) + len(texts)} planted faults, {len(missed)} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
