"""The OpenAPI document against the server that serves it: schemathesis, by its command line, with every check it has."""

import os
import pathlib
import subprocess
import sys
import unittest

import requests

from support import DEADLINE, PASSWORD, ServerCase

HERE = pathlib.Path(__file__).parent
# Test cases for each operation in each phase: a minute or two altogether.
EXAMPLES = os.environ.get("TITAN_SCHEMATHESIS_EXAMPLES", "30")
MINUTES_MOST = 15


class TheDocument(ServerCase):
    def test_it_says_what_the_server_does(self):
        command = [
            str(pathlib.Path(sys.executable).with_name("schemathesis")),
            "--config-file", str(HERE / "schemathesis.toml"), "--no-color",
            "run", f"{self.server.http}/openapi.json", "--max-examples", EXAMPLES, "--continue-on-failure", "--workers", "1",
        ]
        tokens = {
            "TITAN_JWT": self.channels_token(),
            "TITAN_SESSION": self.session(),
            "TITAN_SPARE_SESSION": self.session(),
            # For the hooks; it works in a folder of its own, since it leaves things behind.
            "PYTHONPATH": str(HERE),
        }
        run = subprocess.run(
            command, cwd=self._folder.name, env={**os.environ, **tokens}, timeout=MINUTES_MOST * 60,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertIn("No issues found", run.stdout)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credentials = {"username": "tester", "password": PASSWORD}
        requests.post(f"{cls.server.http}/auth/register", json=cls.credentials, timeout=DEADLINE).raise_for_status()
        # An admin: more of the API is behind the door then.
        cls.server.make_admin("tester")

    def channels_token(self) -> str:
        told = requests.post(f"{self.server.http}/auth/login", json=self.credentials, timeout=DEADLINE)
        return told.json()["access_token"]

    def session(self) -> str:
        return requests.post(f"{self.server.http}/api/login", json=self.credentials, timeout=DEADLINE).json()["session_id"]


if __name__ == "__main__":
    unittest.main()
