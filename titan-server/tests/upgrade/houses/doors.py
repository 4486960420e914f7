"""Clients of the doors, as small as they can be, and a server to knock at."""

import base64
import hashlib
import json
import os
import pathlib
import signal
import socket
import ssl
import struct
import subprocess

import requests
import websockets.sync.client

DEADLINE = 20
DOORS = ["http", "titan-net", "json-lines", "slash", "tls-frames", "reset-site"]


class Server:
    """The binary that is given, over a folder; with a URL over that database."""

    def __init__(self, binary: str, folder: pathlib.Path, url: str | None):
        self.binary, self.folder = binary, folder
        self.surroundings = {"TITAN_LIMITS": "off", "TZ": "UTC", **({"TITAN_DATABASE_URL": url} if url else {})}

    def start(self):
        doors = [part for door in DOORS for part in (f"--{door}", "127.0.0.1:0")]
        command = [self.binary, "serve", "--data-dir", str(self.folder), *doors]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self.surroundings)
        self.ports = {}
        for line in self.process.stdout:
            words = line.split()
            if words == ["ready"]:
                return
            self.ports[words[1]] = int(words[2].rsplit(":", 1)[1])
        raise SystemExit("the server did not start")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(DEADLINE)

    def run(self, *arguments: str, line: str = "") -> str:
        """Runs a verb of the operators to its end."""
        command = [self.binary, *arguments, "--data-dir", str(self.folder)]
        done = subprocess.run(command, input=line, text=True, capture_output=True, env=self.surroundings)
        if done.returncode:
            raise SystemExit(f"{arguments}: {done.stderr}")
        return done.stdout

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.ports['http']}"

    def connect(self, door: str) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.ports[door]), DEADLINE)


class Native:
    """Somebody at the native door, logged in."""

    def __init__(self, server: Server, name: str, password: str, register=None):
        self.server, self.last = server, 0
        self.socket = websockets.sync.client.connect(server.http.replace("http", "ws") + "/titan")
        if register is not None:
            self.id = self.ask("register", username=name, password=password, **register)["account"]["id"]
        entered = self.ask("login", username=name, password=password)
        self.id, self.token = entered["account"]["id"], entered["token"]

    def ask(self, do: str, **fields) -> dict:
        self.last += 1
        self.socket.send(json.dumps({"id": self.last, "do": do, **fields}))
        while True:
            answer = json.loads(self.socket.recv(DEADLINE))
            if answer.get("id") == self.last:
                if "ok" not in answer:
                    raise SystemExit(f"{do} {fields}: {answer}")
                return answer["ok"]

    def post(self, conversation: int, text: str, **more) -> int:
        return self.ask("post", conversation=conversation, text=text, client_id=client_id(), **more)["seq"]

    def upload(self, file: str, data: bytes, upto: int | None = None, **purpose: str) -> str:
        """By tus; only the first bytes where `upto` is given. The upload's id."""
        told = {"filename": file, **purpose}
        encoded = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
        headers = {"Authorization": f"Bearer {self.token}", "Tus-Resumable": "1.0.0"}
        more = {"Upload-Length": str(len(data)), "Upload-Metadata": encoded}
        begun = requests.post(f"{self.server.http}/api/uploads", headers={**headers, **more}, timeout=DEADLINE)
        begun.raise_for_status()
        place = begun.headers["Location"]
        more = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        url = f"{self.server.http}/api/uploads/{place.rsplit('/', 1)[1]}"
        requests.patch(url, data=data[:upto], headers={**headers, **more}, timeout=DEADLINE).raise_for_status()
        return place.rsplit("/", 1)[1]


class TitanNet:
    def __init__(self, server: Server, name: str, password: str):
        self.socket = websockets.sync.client.connect(f"ws://127.0.0.1:{server.ports['titan-net']}")
        self.ask("register_response", type="register", username=name, password=password)
        entered = self.ask("login_response", type="login", username=name, password=password)
        self.token, self.id = entered["session_id"], entered["user"]["id"]

    def ask(self, reply: str, **frame) -> dict:
        self.socket.send(json.dumps(frame))
        while True:
            heard = json.loads(self.socket.recv(DEADLINE))
            if heard["type"] == reply:
                return heard


class Channels:
    def __init__(self, server: Server, name: str, password: str):
        self.http, who = server.http, {"username": name, "password": password}
        requests.post(f"{self.http}/auth/register", json=who, timeout=DEADLINE).raise_for_status()
        token = requests.post(f"{self.http}/auth/login", json=who, timeout=DEADLINE).json()["access_token"]
        self.bearer = {"Authorization": f"Bearer {token}"}

    def post(self, path: str, **more) -> dict:
        answer = requests.post(self.http + path, headers=self.bearer, timeout=DEADLINE, **more)
        answer.raise_for_status()
        return answer.json()


class JsonLines:
    def __init__(self, server: Server, name: str, password: str):
        self.socket = server.connect("json-lines")
        self.lines = self.socket.makefile("r")
        for kind in ("register", "login"):
            self.ask(f"{kind}_response", type=kind, username=name, password=password)

    def ask(self, reply: str, **frame):
        self.socket.sendall(json.dumps(frame).encode() + b"\n")
        while json.loads(self.lines.readline())["type"] != reply:
            pass


class Slash:
    def __init__(self, server: Server):
        self.socket = server.connect("slash")
        self.hear("Welcome")

    def ask(self, command: str, answer: str, data: bytes = b"") -> str:
        self.socket.sendall(command.encode() + data)
        return self.hear(answer)

    def hear(self, answer: str) -> str:
        heard = ""
        while answer not in heard:
            heard += self.socket.recv(4096).decode(errors="replace") or exit(f"closed after {heard}")
        return heard


class TlsFrames:
    ACK, MSG, LOG, SES, REG, FRP, UPD = 0, 3, 4, 5, 6, 8, 10

    def __init__(self, server: Server):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.socket = context.wrap_socket(server.connect("tls-frames"))

    def send(self, kind: int, **payload):
        data = json.dumps(payload).encode()
        self.socket.sendall(struct.pack("!BH", 1 << 6 | kind, len(data)) + data)

    def ask(self, reply: int, kind: int, **payload) -> dict:
        self.send(kind, **payload)
        while True:
            first, length = struct.unpack("!BH", self.exactly(3))
            answer = json.loads(self.exactly(length))
            if first & 0x3F == reply:
                return answer

    def exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            data += self.socket.recv(length - len(data)) or exit("closed")
        return data

    def enter(self, name: str, password: str):
        self.ask(self.ACK, self.REG, login=name, password=hashed(password, os.urandom(32)), email=f"{name}@example.org")
        salt = bytes.fromhex(self.ask(self.LOG, self.LOG, login=name, password="X")["password"])[:32]
        self.ask(self.SES, self.LOG, login=name, password=hashed(password, salt))


def hashed(password: str, salt: bytes) -> str:
    return (salt + hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 10_000)).hex()


def client_id() -> str:
    bits = os.urandom(16).hex()
    return f"{bits[:8]}-{bits[8:12]}-7{bits[13:16]}-8{bits[17:20]}-{bits[20:]}"
