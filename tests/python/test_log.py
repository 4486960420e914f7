"""The filter for fail2ban in docs/operating.md, against lines that the server wrote; by fail2ban itself, where it is installed."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import requests

from support import DEADLINE, PASSWORD, Client, ServerCase

OPERATING = pathlib.Path(__file__).parents[2] / "docs" / "operating.md"
# Of the documentation's own networks, so that nobody is meant.
FORGED = "192.0.2.66"


class TheFilter(ServerCase):
    def setUp(self):
        self.failregex = re.search(r"^ +failregex = (.+)$", OPERATING.read_text(), re.MULTILINE).group(1)

    def lines(self) -> list[str]:
        return self.server.folder.with_suffix(".log").read_text().splitlines()

    def caught(self) -> list[str]:
        """The lines that it matches, once the date is taken off as fail2ban does."""
        pattern = re.compile(self.failregex.replace("<ADDR>", r"(?P<address>[0-9a-fA-F.:]+)"))
        return [line for line in self.lines() if pattern.search(line.partition("Z")[2])]

    async def test_it_finds_what_was_refused_and_nothing_else(self):
        client = await self.connect("ann")
        self.assertEqual(self.caught(), [])
        login = lambda name: requests.post(
            f"{self.server.http}/auth/login", json={"username": name, "password": "wrong-password"}, timeout=DEADLINE,
        )
        self.assertEqual(login("ann").status_code, 400)
        hostile = f"x\n2026-11-30T00:00:00Z  INFO event=login_failed door=native address={FORGED} account=-"
        self.assertEqual(login(hostile).status_code, 400)
        # A room may be called what it likes: its name stands in a line of another event.
        await client.send(type="create_room", name=f"event=login_failed door=slash address={FORGED} account=-")
        self.assertTrue((await client.hear("room_created"))["success"])
        until = time.monotonic() + DEADLINE
        while not any("event=create_room" in line for line in self.lines()) and time.monotonic() < until:
            time.sleep(0.05)
        caught = self.caught()
        self.assertEqual(len(caught), 2, caught)
        self.assertIn("event=login_failed door=channels address=127.0.0.1 account=ann", caught[0])
        self.assertTrue(caught[1].endswith("event=login_failed door=channels address=127.0.0.1 account=-"), caught[1])
        self.assertNotIn("wrong-password", "\n".join(self.lines()))
        self.assertNotIn(PASSWORD, "\n".join(self.lines()))

        program = shutil.which("fail2ban-regex")
        if not program:
            self.skipTest("fail2ban is not installed: its regular expression was tried without it")
        with tempfile.TemporaryDirectory() as folder:
            filter = pathlib.Path(folder) / "titan.conf"
            filter.write_text(f"[Definition]\nfailregex = {self.failregex}\n")
            log = self.server.folder.with_suffix(".log")
            run = subprocess.run([program, "-o", "ip", str(log), str(filter)], capture_output=True, text=True, timeout=60)
        self.assertEqual(run.stdout.split(), ["127.0.0.1"] * 2, run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
