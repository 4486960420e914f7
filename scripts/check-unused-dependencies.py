"""Finds dependencies that no source names: of each crate of the house, and of the workspace's list.

A dependency counts as used where the code of its kind says its name before `::`, imports it, or calls it as a macro's crate. What
stands in comments and strings doesn't count, and a dependency of the program must be named outside of its tests. What is
wanted for something else than its name stands in KEPT, with the reason; what no longer needs to stand there is an error too.
Uses nothing but Python's own library. With --planted it tries itself on code that is made up.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent

# (crate, dependency): why it is there although no source names it.
KEPT: dict = {}

# Comments, texts (raw ones too) and single characters, whichever comes first.
SILENT = re.compile(
    r'//[^\n]*|/\*.*?\*/|\bb?r(#*)".*?"\1|b?"(?:\\.|[^"\\])*"|\'(?:\\.[^\']*|[^\'\\])\'', re.DOTALL
)
PATH = re.compile(r'#\[path = "([^"]+)"\]')


def main() -> int:
    if sys.argv[1:] == ["--planted"]:
        return planted()
    metadata = json.loads(cargo("metadata", "--format-version", "1", "--all-features"))
    libraries = {package["id"]: library(package) for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    members = [package for package in metadata["packages"] if package["id"] in metadata["workspace_members"]]
    unused = {pair for package in members for pair in unused_of(package, nodes[package["id"]], libraries)}
    faults = [f"{crate} names {name} in its Cargo.toml and nowhere else" for crate, name in sorted(unused - KEPT.keys())]
    faults += [f"{crate}: {name} need not be kept as unused any more" for crate, name in sorted(KEPT.keys() - unused)]
    faults += unused_of_workspace(members)
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    print(f"{sum(len(package['dependencies']) for package in members)} dependencies of {len(members)} crates, {len(faults)} faults")
    return 1 if faults else 0


def cargo(*arguments: str) -> str:
    return subprocess.run(["cargo", *arguments, "--locked"], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def library(package: dict) -> str:
    kinds = {"lib", "proc-macro", "rlib", "dylib", "cdylib"}
    names = [target["name"] for target in package["targets"] if kinds & set(target["kind"])]
    return (names or [package["name"]])[0].replace("-", "_")


def unused_of(package: dict, node: dict, libraries: dict):
    """The dependencies of a crate that its code doesn't name."""
    program, all_of_it = code_of(package)
    names = {libraries[dependency["pkg"]]: dependency["name"] for dependency in node["deps"]}
    for dependency in package["dependencies"]:
        called = dependency["rename"] or dependency["name"]
        # Under what name the code knows it: a library may be called otherwise than its package.
        known = names.get(called.replace("-", "_"), called.replace("-", "_"))
        code = program if dependency["kind"] is None else all_of_it
        if not is_named(known, code):
            yield package["name"], called


def code_of(package: dict) -> tuple:
    """What the program says, and what it says together with its tests, examples and build script."""
    folder = pathlib.Path(package["manifest_path"]).parent
    program = [file for file in (folder / "src").rglob("*.rs") if not is_test(file.relative_to(folder))]
    rest = [file for part in ("src", "tests", "examples", "benches") for file in (folder / part).rglob("*.rs")]
    build = [folder / "build.rs"] if (folder / "build.rs").exists() else []
    texts = [file.read_text(encoding="utf-8") for file in program]
    more = [*rest, *build, *elsewhere(rest)]
    whole = "\n".join(spoken(file.read_text(encoding="utf-8")) for file in more)
    return "\n".join(spoken(without_tests(text)) for text in texts), whole


def is_test(file: pathlib.Path) -> bool:
    return file.name == "tests.rs" or "tests" in file.parts


def elsewhere(files: list):
    """Modules that tests borrow from other folders, and what stands beside them."""
    for file in files:
        for borrowed in PATH.findall(file.read_text(encoding="utf-8")):
            found = (file.parent / borrowed).resolve()
            yield from [found, *found.parent.rglob("*.rs")] if found.name == "mod.rs" else [found] if found.exists() else []


def without_tests(text: str) -> str:
    """Tests in a file stand at its end."""
    return text.split("#[cfg(test)]\nmod tests {")[0]


def spoken(text: str) -> str:
    return SILENT.sub(" ", text)


def is_named(name: str, code: str) -> bool:
    name = re.escape(name)
    before = r"(?<![\w.])(?<!\w::)"
    return re.search(rf"{before}{name}\s*::|\buse\s+{name}\s*(?:;|as\b)|\bextern\s+crate\s+{name}\b", code) is not None


def unused_of_workspace(members: list):
    """A version stands in the root manifest while some crate asks for it."""
    listed = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["dependencies"]
    asked = {dependency["rename"] or dependency["name"] for package in members for dependency in package["dependencies"]}
    return [f"the workspace lists {name}, and no crate asks for it" for name in sorted(listed.keys() - asked)]


def planted() -> int:
    """What must be found, and what must not be taken for a use."""
    uses = ["use url::Url;", "fn f(u: url::Url) {}", "use url;", "use url as u;", "#[url::main]", "::url::f();", "{url::Url}", "extern crate url;"]
    none = ["let url = 1;", "// url::Url", '"url::Url"', 'r#"url::Url"#', "crate::url::f()", "self.url", "my_url::f()", "/* url::x */", "'\"'; // url::x"]
    wrong = [text for text in uses if not is_named("url", spoken(text))] + [text for text in none if is_named("url", spoken(text))]
    text = "fn f() {}\n#[cfg(test)]\nmod tests {\n    use url::Url;\n}\n"
    wrong += [text] if is_named("url", spoken(without_tests(text))) else []
    for text in wrong:
        print(f"error: misjudged: {text}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
