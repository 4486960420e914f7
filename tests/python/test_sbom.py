"""What the programs are made of, as scripts/sbom writes it down: held against CycloneDX's own schema and against the lock file."""

import importlib.resources
import json
import pathlib
import subprocess
import tomllib
import unittest

import jsonschema_rs

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def written() -> bytes:
    return subprocess.run([ROOT / "scripts/sbom"], check=True, capture_output=True).stdout


def schema(name: str) -> dict:
    return json.loads((importlib.resources.files("cyclonedx.schema._res") / name).read_text(encoding="utf-8"))


class TheBillOfMaterials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bytes = written()
        cls.document = json.loads(cls.bytes)
        cls.names = {component["name"] for component in cls.document["components"]}

    def test_it_is_what_the_standard_says(self):
        others = {"spdx": "spdx.SNAPSHOT.schema.json", "jsf": "jsf-0.82.SNAPSHOT.schema.json"}
        retriever = lambda address: schema(others["spdx" if "spdx" in address else "jsf"])
        standard = jsonschema_rs.Draft7Validator(schema("bom-1.6.SNAPSHOT.schema.json"), retriever=retriever)
        self.assertEqual([f"{error.instance_path}: {error.message}" for error in standard.iter_errors(self.document)], [])
        broken = {**self.document, "specVersion": 7}
        self.assertFalse(standard.is_valid(broken))

    def test_the_same_tree_gives_the_same_bytes(self):
        self.assertEqual(written(), self.bytes)

    def test_it_names_what_is_held_and_nothing_that_only_tests_need(self):
        self.assertLessEqual({"titan-server", "titan-tui", "rustls", "argon2", "rusqlite", "sqlite", "ratatui"}, self.names)
        self.assertEqual(self.names & {"proptest", "insta", "portable-pty", "vt100"}, set())

    def test_every_crate_of_others_has_its_sum_and_its_licence(self):
        locked = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]
        sums = {f"pkg:cargo/{package['name']}@{package['version']}": package.get("checksum") for package in locked}
        for component in self.document["components"]:
            told = [one["content"] for one in component.get("hashes", [])]
            self.assertTrue(component["licenses"], component["name"])
            if component["name"] != "sqlite":
                self.assertEqual(told, [sum for sum in [sums[component["purl"]]] if sum], component["name"])

    def test_whatever_something_needs_is_named_itself(self):
        known = {component["bom-ref"] for component in self.document["components"]}
        for node in self.document["dependencies"]:
            self.assertLessEqual(set(node["dependsOn"]), known, node["ref"])


if __name__ == "__main__":
    unittest.main()
