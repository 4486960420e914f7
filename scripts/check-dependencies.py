"""Holds the dependencies against deny.toml, where cargo-deny itself is not installed.

Reads the same file: every crate has a licence that is allowed there and comes from a source that is; crates that are
banned are absent; several versions of one crate are named, which is a warning. Uses nothing but Python's own library.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib
from collections import defaultdict

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main() -> int:
    rules = tomllib.loads((ROOT / "deny.toml").read_text(encoding="utf-8"))
    packages = used_packages()
    outside = [package for package in packages if package["source"]]
    faults = [*bad_licences(packages, rules), *bad_sources(outside, rules), *banned(outside, rules)]
    for name, versions in several_versions(outside):
        print(f"warning: {name} is there {len(versions)} times: {', '.join(versions)}")
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    print(f"{len(outside)} crates of others, {len(faults)} faults")
    return 1 if faults else 0


def used_packages() -> list:
    """What is really built, on any platform: the lock file also names what only unused features would bring."""
    tree = cargo("tree", "--workspace", "--all-features", "--target", "all", "--prefix", "none", "--format", "{p}")
    used = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    packages = json.loads(cargo("metadata", "--format-version", "1", "--all-features"))["packages"]
    return [package for package in packages if (package["name"], f"v{package['version']}") in used]


def cargo(*arguments: str) -> str:
    return subprocess.run(["cargo", *arguments, "--locked"], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def bad_licences(packages: list, rules: dict):
    allowed = set(rules["licenses"]["allow"])
    for package in packages:
        licence = package["license"]
        if not licence:
            yield f"{package['name']} {package['version']} names no licence"
        elif not permits(licence, allowed):
            yield f"{package['name']} {package['version']} is under {licence!r}, which deny.toml does not allow"


def bad_sources(packages: list, rules: dict):
    allowed = {f"registry+{index}" for index in rules["sources"]["allow-registry"]}
    for package in packages:
        if package["source"] not in allowed:
            yield f"{package['name']} {package['version']} comes from {package['source']}"


def banned(packages: list, rules: dict):
    names = {entry["crate"]: entry.get("reason", "") for entry in rules["bans"].get("deny", [])}
    for package in packages:
        if package["name"] in names:
            yield f"{package['name']} {package['version']} is banned: {names[package['name']]}"


def several_versions(packages: list):
    versions = defaultdict(set)
    for package in packages:
        versions[package["name"]].add(package["version"])
    return sorted((name, sorted(those)) for name, those in versions.items() if len(those) > 1)


def permits(expression: str, allowed: set) -> bool:
    """Whether an SPDX expression can be met by what is allowed. AND binds tighter than OR; the old `/` means OR."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    place = 0

    def either() -> bool:
        nonlocal place
        met = both()
        while place < len(tokens) and tokens[place] == "OR":
            place += 1
            met = both() or met
        return met

    def both() -> bool:
        nonlocal place
        met = one()
        while place < len(tokens) and tokens[place] == "AND":
            place += 1
            met = one() and met
        return met

    def one() -> bool:
        nonlocal place
        token = tokens[place]
        place += 1
        if token == "(":
            met = either()
            place += 1
            return met
        if place < len(tokens) and tokens[place] == "WITH":
            token = f"{token} WITH {tokens[place + 1]}"
            place += 2
        return token in allowed

    return either()


if __name__ == "__main__":
    sys.exit(main())
