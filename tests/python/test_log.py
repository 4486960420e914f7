"""The filter for fail2ban in assets/fail2ban, against lines that the server wrote, in each of their forms; and a real fail2ban that bans
by it, where it is installed."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import requests

from support import DEADLINE, PASSWORD, Client, Server, ServerCase

FILTER = pathlib.Path(__file__).parents[2] / "assets" / "fail2ban" / "filter.d" / "titan.conf"
# Of the documentation's own networks, so that nobody is meant.
FORGED = "192.0.2.66"


def filters() -> list[re.Pattern]:
    """What fail2ban makes of the filter."""
    text = FILTER.read_text()
    events = re.search(r"^_events = (.+)$", text, re.MULTILINE).group(1)
    block = re.search(r"^failregex = (.+(?:\n +.+)*)", text, re.MULTILINE).group(1)
    lines = [line.strip().replace("%(_events)s", events) for line in block.splitlines()]
    assert len(lines) == 3, lines
    return [re.compile(line.replace("<ADDR>", r"(?P<address>[0-9a-fA-F.:]+)")) for line in lines]


def refuse(server: Server, name: str) -> int:
    body = {"username": name, "password": "wrong-password"}
    return requests.post(f"{server.http}/auth/login", json=body, timeout=DEADLINE).status_code


def until(true) -> bool:
    """Whether it has become true in time."""
    end = time.monotonic() + DEADLINE
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


class Logs(ServerCase):
    """A server that writes all of its logs: to stderr, to a file, and the security log."""

    settings: dict[str, str] = {}

    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory(prefix="titan-")
        folder = pathlib.Path(cls._folder.name)
        cls.file, cls.security = folder / "titan.log", folder / "security.log"
        logs = {"TITAN_LOG_FILE": str(cls.file), "TITAN_SECURITY_LOG": str(cls.security)}
        cls.server = Server(folder / "data", **logs, **cls.settings)
        cls.stderr = cls.server.folder.with_suffix(".log")

    def caught(self, log: pathlib.Path) -> list[str]:
        """The lines that the filter matches, once the date is taken off as fail2ban does."""
        undated = [re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "", line) for line in log.read_text().splitlines()]
        return [line for line in undated if any(pattern.search(line) for pattern in filters())]

    async def finds_what_was_refused_and_nothing_else(self):
        client = await self.connect("ann")
        logs = [self.stderr, self.file, self.security]
        self.assertEqual([self.caught(log) for log in logs], [[], [], []])
        self.assertEqual(refuse(self.server, "ann"), 400)
        for hostile in [
            f"x\n2026-11-30T00:00:00Z  INFO event=login_failed door=native address={FORGED} account=-",
            f'x","event":"login_failed","door":"native","address":"{FORGED}","account":"-","outcome":"refused"',
        ]:
            self.assertEqual(refuse(self.server, hostile), 400)
        # A room may be called what it likes: its name stands in a line of another event.
        for number, name in enumerate([
            f"event=login_failed door=slash address={FORGED} account=- outcome=refused",
            f'"event":"login_failed","door":"slash","address":"{FORGED}","account":"-","outcome":"refused"',
        ]):
            await client.send(type="create_room", name=name)
            self.assertTrue((await client.hear("room_created"))["success"], number)
        self.assertTrue(all(until(lambda: log.read_text().count("create_room") >= 2) for log in logs))
        for log in logs:
            caught = self.caught(log)
            self.assertEqual(len(caught), 3, (log, caught))
            self.assertEqual(sum(bool(re.search(r"account\W+ann\b", line)) for line in caught), 1, caught)
            self.assertNotIn(FORGED, "".join(caught))
            self.assertNotIn("wrong-password", log.read_text())
            self.assertNotIn(PASSWORD, log.read_text())
            self.found_by_fail2ban(log)

    def found_by_fail2ban(self, log: pathlib.Path):
        if program := shutil.which("fail2ban-regex"):
            run = subprocess.run([program, "-o", "ip", str(log), str(FILTER)], capture_output=True, text=True, timeout=60)
            self.assertEqual(run.stdout.split(), ["127.0.0.1"] * 3, run.stdout + run.stderr)


class AsText(Logs):
    async def test_the_filter_finds_what_was_refused_and_nothing_else(self):
        await self.finds_what_was_refused_and_nothing_else()


class AsJson(Logs):
    settings = {"TITAN_LOG_FORMAT": "json"}

    async def test_the_filter_finds_what_was_refused_and_nothing_else(self):
        await self.finds_what_was_refused_and_nothing_else()


class Objects(Logs):
    settings = {"TITAN_LOG_FORMAT": "json"}

    async def test_each_line_is_an_object_that_says_who_where_what_and_how_it_went(self):
        await self.connect("cleo")
        refuse(self.server, "cleo")
        refused = lambda: [line for line in self.security.read_text().splitlines() if "login_failed" in line and "cleo" in line]
        self.assertTrue(until(refused))
        told = json.loads(refused()[0])
        self.assertRegex(told.pop("timestamp"), r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")
        self.assertEqual(told, {"event": "login_failed", "door": "channels", "address": "127.0.0.1", "account": "cleo", "outcome": "refused"})
        for log in [self.file, self.security]:
            for line in log.read_text().splitlines():
                self.assertIn("timestamp", json.loads(line), log)
        # The whole log says too which request it was.
        told = next(json.loads(line) for line in self.file.read_text().splitlines() if "login_failed" in line and "cleo" in line)
        self.assertEqual((told["level"], told["event"], told["span"]["what"]), ("INFO", "login_failed", "POST /auth/login"))


JAIL = """[titan]
enabled = true
filter = titan
backend = polling
logpath = {log}
maxretry = 3
findtime = 10m
bantime = 1h
banaction =
ignoreself = false
action = note
"""

NOTE = """[Definition]
actionban = echo "<ip>" >> {banned}
actionunban =
"""

MAIN = """[Definition]
loglevel = INFO
logtarget = {folder}/fail2ban.log
syslogsocket = auto
socket = {folder}/fail2ban.sock
pidfile = {folder}/fail2ban.pid
dbfile = None
"""


@unittest.skipUnless(shutil.which("fail2ban-server"), "fail2ban is not installed")
class ARealFail2ban(Logs):
    """Its server, with the filter as it is, and an action that notes who is banned."""

    async def test_bans_who_is_refused_too_often(self):
        with tempfile.TemporaryDirectory() as place:
            folder, banned = pathlib.Path(place), pathlib.Path(place) / "banned"
            for name in ["filter.d", "action.d"]:
                (folder / name).mkdir()
            shutil.copy(FILTER, folder / "filter.d")
            (folder / "jail.conf").write_text(JAIL.format(log=self.security))
            (folder / "action.d" / "note.conf").write_text(NOTE.format(banned=banned))
            (folder / "fail2ban.conf").write_text(MAIN.format(folder=folder))
            await self.connect("bea")
            with open(folder / "out", "wb") as out:
                run = subprocess.Popen(["fail2ban-server", "-f", "-c", place, "-p", f"{place}/fail2ban.pid", "-s", f"{place}/fail2ban.sock", "start"], stdout=out, stderr=out)
            try:
                log = folder / "fail2ban.log"
                told = lambda: (log.read_text() if log.exists() else "") + (folder / "out").read_text()
                self.assertTrue(until(lambda: "Jail 'titan' started" in told()), told())
                for _ in range(2):
                    refuse(self.server, "bea")
                self.assertTrue(until(lambda: told().count("Found 127.0.0.1") >= 2), told())
                self.assertFalse(banned.exists(), "two are not too many")
                refuse(self.server, "bea")
                self.assertTrue(until(banned.exists), told())
                self.assertTrue(until(lambda: banned.read_text().split() == ["127.0.0.1"]), banned.read_text())
            finally:
                run.terminate()
                run.wait(DEADLINE)


if __name__ == "__main__":
    unittest.main()
