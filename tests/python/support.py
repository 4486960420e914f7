"""A real server for strangers' clients: the binary that TITAN_SERVER names, on ports and a folder of its own."""

import asyncio
import json
import logging
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import unittest

import requests
import websockets

PASSWORD = "password123"
DEADLINE = 20

# The tests block the loop now and then, by `requests`; that harms nobody here.
logging.getLogger("asyncio").setLevel(logging.ERROR)


class Server:
    def __init__(self, folder: pathlib.Path, **settings: str):
        """Settings by the names they have in the environment."""
        self.folder = folder
        self.settings = {"TITAN_LIMITS": "off", **settings}
        self.doors = {}
        self.start()

    def start(self):
        """Starts it, on the ports it had before if there were any, and waits until it is ready."""
        address = lambda door: "127.0.0.1:%d" % self.doors.get(door, 0)
        command = [os.environ["TITAN_SERVER"], "serve", "--data-dir", str(self.folder)]
        command += ["--http", address("http"), "--titan-net", address("titan-net")]
        command += ["--json-lines", address("json-lines"), "--slash", address("slash")]
        command += ["--tls-frames", address("tls-frames"), "--reset-site", address("reset-site")]
        self.log = open(self.folder.with_suffix(".log"), "ab")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env={**os.environ, **self.settings},
        )
        for line in self.process.stdout:
            words = line.split()
            if words == ["ready"]:
                return
            assert words[0] == "listening", line
            self.doors[words[1]] = int(words[2].rsplit(":", 1)[1])
        raise AssertionError("the server ended before it was ready:\n" + self.folder.with_suffix(".log").read_text())

    def stop(self, how=signal.SIGTERM) -> int:
        self.process.send_signal(how)
        code = self.process.wait(DEADLINE)
        self.process.stdout.close()
        self.log.close()
        return code

    @property
    def http(self) -> str:
        return "http://localhost:%d" % self.doors["http"]

    @property
    def websocket(self) -> str:
        return "ws://localhost:%d" % self.doors["titan-net"]

    def make_admin(self, username: str):
        """As the original's operators do it: with sqlite3 on the file, beside the running server."""
        statement = f"UPDATE users SET is_admin = 1 WHERE username = '{username}'"
        database = self.folder / "titan.db"
        if shutil.which("sqlite3"):
            subprocess.run(["sqlite3", "-cmd", ".timeout 10000", database, statement], check=True)
        else:
            with sqlite3.connect(database, timeout=DEADLINE) as connection:
                connection.execute(statement)


class ServerCase(unittest.IsolatedAsyncioTestCase):
    """Tests that share one server, each with people of its own."""

    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory(prefix="titan-")
        cls.server = Server(pathlib.Path(cls._folder.name) / "data")

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls._folder.cleanup()
        assert code == 0, f"the server ended with {code}"

    async def connect(self, username: str, password: str = PASSWORD) -> "Client":
        """Somebody registered and logged in at the Titan-Net door."""
        client = Client(await websockets.connect(self.server.websocket))
        self.addAsyncCleanup(client.socket.close)
        await client.send(type="register", username=username, password=password)
        registered = await client.recv()
        assert registered["type"] == "register_response" and registered["success"], registered
        await client.send(type="login", username=username, password=password)
        entered = await client.recv()
        assert entered["type"] == "login_response" and entered["success"], entered
        client.user, client.token = entered["user"], entered["session_id"]
        return client


class Client:
    """A socket of the original's kind: JSON frames with a type."""

    def __init__(self, socket):
        self.socket = socket

    async def send(self, **frame):
        await self.socket.send(json.dumps(frame))

    async def recv(self) -> dict:
        return json.loads(await asyncio.wait_for(self.socket.recv(), DEADLINE))

    async def hear(self, kind: str, **fields) -> dict:
        """The next frame of a type, with these fields; others are passed over."""
        while True:
            frame = await self.recv()
            if frame["type"] == kind and all(frame.get(name) == value for name, value in fields.items()):
                return frame

    async def ask(self, reply: str, **frame) -> dict:
        await self.send(**frame)
        return await self.hear(reply)

    @property
    def bearer(self) -> dict:
        return {"Authorization": f"Bearer {self.token}"}


def upload(server: Server, client: Client, name: str, data: bytes, **fields) -> requests.Response:
    """The upload of the original's document: `metadata` is a file part with an empty file name. None leaves a field out."""
    metadata = {"name": name, "description": "Description", "category": "application", "version": "1.0.0", **fields}
    files = {
        "metadata": ("", json.dumps({field: value for field, value in metadata.items() if value is not None})),
        "file": (f"{name}.zip", data),
    }
    return requests.post(f"{server.http}/api/upload", files=files, headers=client.bearer, timeout=DEADLINE)
