"""The house behind real proxies: Caddy, nginx and haproxy, under `/` and under a path, as docs/operating.md sets them up."""

import io
import json
import os
import pathlib
import re
import socket
import ssl
import struct
import tempfile
import time
import unittest
import urllib.parse

import requests
import urllib3
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from proxies import Caddy, Haproxy, Nginx, RawHaproxy
from support import DEADLINE, PASSWORD, Server

# Visitors come from there: the proxies themselves, from 127.0.0.1, are trusted.
VISITOR = "127.0.0.2"
FORGED = "203.0.113.66"

urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


def unchecked() -> ssl.SSLContext:
    """The certificate is the server's self-signed one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def visit(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), DEADLINE, source_address=(VISITOR, 0))


class Visitor(requests.Session):
    """Requests that come from the visitor's address."""

    def __init__(self):
        super().__init__()
        self.verify, self.trust_env = False, False
        adapter = requests.adapters.HTTPAdapter()
        adapter.init_poolmanager(4, 4, source_address=(VISITOR, 0))
        self.mount("https://", adapter)

    def request(self, *arguments, **options):
        return super().request(*arguments, timeout=DEADLINE, **options)


class Behind:
    """What must be so behind each proxy."""

    proxy = None
    prefix = ""

    @classmethod
    def setUpClass(cls):
        if not cls.proxy.find():
            raise unittest.SkipTest(f"{cls.proxy.program} is not installed")
        cls.temporary = tempfile.TemporaryDirectory(prefix="titan-")
        cls.addClassCleanup(cls.temporary.cleanup)
        folder = pathlib.Path(cls.temporary.name)
        cls.server = Server(folder / "data", TITAN_TRUSTED_PROXIES="127.0.0.1")
        cls.addClassCleanup(cls.server.stop)
        (folder / "proxy").mkdir()
        cls.before = cls.proxy(folder / "proxy", cls.server, cls.prefix)
        cls.addClassCleanup(cls.before.stop)
        cls.origin = f"https://localhost:{cls.before.port}"
        cls.base = cls.origin + cls.prefix
        cls.visitor = Visitor()
        registered = cls.visitor.post(f"{cls.base}/auth/register", json={"username": "ada", "password": PASSWORD})
        assert registered.status_code == 200, registered.text
        login = cls.visitor.post(f"{cls.base}/auth/login", json={"username": "ada", "password": PASSWORD})
        cls.bearer = {"Authorization": f"Bearer {login.json()['access_token']}"}

    def lines(self) -> str:
        return self.server.folder.with_suffix(".log").read_text()

    def is_logged(self, line: str):
        until = time.monotonic() + DEADLINE
        while line not in self.lines():
            self.assertLess(time.monotonic(), until, f"{line} is not in\n{self.lines()[-4000:]}")
            time.sleep(0.05)

    def websocket(self, path: str, port: int, **options):
        uri = f"wss://localhost:{port}{path}"
        return connect(uri, sock=visit(port), ssl=unchecked(), open_timeout=DEADLINE, **options)

    def test_the_page_comes_with_all_it_is_made_of(self):
        page = self.visitor.get(f"{self.base}/")
        self.assertEqual(page.status_code, 200)
        parts = re.findall(r"""(?:src|href)=["']([^"'#]+)["']""", page.text)
        self.assertGreater(len(parts), 1)
        for part in parts:
            there = urllib.parse.urljoin(f"{self.base}/", part)
            if urllib.parse.urlsplit(there).netloc == f"localhost:{self.before.port}":
                self.assertEqual(self.visitor.get(there).status_code, 200, there)
        without = self.visitor.get(self.base if self.prefix else f"{self.base}/", allow_redirects=True)
        self.assertEqual((without.status_code, without.url), (200, f"{self.base}/"))

    def test_its_own_pages_connect_and_others_do_not(self):
        with self.websocket(f"{self.prefix}/titan", self.before.port, origin=self.origin) as titan:
            titan.send(json.dumps({"id": 1, "do": "login", "username": "ada", "password": PASSWORD}))
            entered = json.loads(titan.recv(DEADLINE))
            self.assertIn("ok", entered, entered)
            self.assertEqual(entered["ok"]["account"]["username"], "ada")
            titan.send(json.dumps({"id": 2, "do": "post", "conversation": 1, "text": "hello"}))
            heard = [json.loads(titan.recv(DEADLINE)) for _ in range(2)]
            self.assertTrue(any(frame.get("id") == 2 and "ok" in frame for frame in heard), heard)
        for origin in ("https://evil.example", "https://localhost:1", "null"):
            with self.assertRaises(InvalidStatus) as refused:
                self.websocket(f"{self.prefix}/titan", self.before.port, origin=origin)
            self.assertEqual(refused.exception.response.status_code, 403, origin)

    def test_titan_nets_clients_connect_through_their_own_port(self):
        with self.websocket("/", self.before.titan_net) as launcher:
            launcher.send(json.dumps({"type": "login", "username": "ada", "password": "wrong-password"}))
            self.assertFalse(json.loads(launcher.recv(DEADLINE))["success"])
        self.is_logged(f"event=login_failed door=titan_net address={VISITOR} account=ada")

    def test_the_visitor_is_who_connects_to_the_proxy_whatever_they_claim(self):
        wrong = {"username": "ada", "password": "wrong-password"}
        for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
            claim = {header: f"for={FORGED}" if header == "Forwarded" else FORGED}
            refused = self.visitor.post(f"{self.base}/auth/login", json=wrong, headers=claim)
            self.assertEqual(refused.status_code, 400)
        self.is_logged(f"event=login_failed door=channels address={VISITOR} account=ada")
        with self.websocket(f"{self.prefix}/titan", self.before.port, additional_headers={"X-Forwarded-For": FORGED}) as titan:
            titan.send(json.dumps({"id": 1, "do": "login", **wrong}))
            self.assertEqual(json.loads(titan.recv(DEADLINE))["error"]["code"], "bad_credentials")
        self.is_logged(f"event=login_failed door=native address={VISITOR} account=ada")
        self.assertNotIn(FORGED, self.lines())
        self.assertNotIn("address=127.0.0.1 account=ada", self.lines())

    def test_files_go_up_and_come_down_whole_and_in_parts(self):
        data = os.urandom(24 * 1024 * 1024)
        form = {"upload": ("large.bin", io.BytesIO(data))}
        kept = self.visitor.post(f"{self.base}/channels/1/files", files=form, headers=self.bearer)
        self.assertEqual(kept.status_code, 200, kept.text)
        file = f"{self.base}/files/{kept.json()['id']}"
        whole = self.visitor.get(file, headers=self.bearer)
        self.assertEqual((whole.status_code, whole.content == data), (200, True))
        part = self.visitor.get(file, headers={**self.bearer, "Range": "bytes=1000000-1999999", "If-Range": whole.headers["ETag"]})
        self.assertEqual((part.status_code, part.content == data[1_000_000:2_000_000]), (206, True))

    def test_an_upload_is_passed_on_while_it_comes(self):
        """One that may not come is refused while it is under way: no proxy takes all of it in first."""
        with unchecked().wrap_socket(visit(self.before.port), server_hostname="localhost") as stream:
            head = (
                f"POST {self.prefix}/api/upload HTTP/1.1\r\nHost: localhost:{self.before.port}\r\n"
                "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 50000000\r\n\r\n"
            )
            stream.sendall(head.encode())
            answer, pieces = b"", 0
            while not answer and pieces < 300:
                stream.settimeout(DEADLINE)
                stream.sendall(bytes(65_536))
                pieces += 1
                stream.settimeout(0.05)
                try:
                    answer = stream.recv(4096)
                except TimeoutError:
                    pass
            self.assertIn(b" 401 ", answer.split(b"\r\n")[0])

    def test_an_upload_goes_on_where_it_stopped_by_the_address_that_is_told(self):
        speaks = {**self.bearer, "Tus-Resumable": "1.0.0"}
        begun = self.visitor.post(f"{self.base}/api/uploads", headers={
            **speaks, "Upload-Length": "8", "Upload-Metadata": "conversation MQ==,filename YS5iaW4=",
        })
        self.assertEqual(begun.status_code, 201, begun.text)
        place = urllib.parse.urljoin(f"{self.base}/", begun.headers["Location"])
        self.assertTrue(place.startswith(f"{self.base}/api/uploads/"), place)
        for offset, piece in ((0, b"1234"), (4, b"5678")):
            self.assertEqual(self.visitor.head(place, headers=speaks).headers["Upload-Offset"], str(offset))
            sent = self.visitor.patch(place, data=piece, headers={
                **speaks, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream",
            })
            self.assertEqual(sent.status_code, 204, sent.text)
        self.assertIn("Titan-Result", sent.headers)

    def test_addresses_that_are_told_lead_here(self):
        told = self.visitor.get(f"{self.base}/openapi.json").json().get("servers", [{"url": ""}])[0]["url"]
        self.assertEqual(told.rstrip("/"), self.prefix)
        redirected = self.visitor.get(f"{self.base}/channels/", headers=self.bearer)
        self.assertEqual((redirected.status_code, redirected.url), (200, f"{self.base}/channels"))


def at_both(proxy):
    """The tests before one proxy, under `/` and under a path."""
    name = proxy.program.capitalize()
    root = type(f"Behind{name}", (Behind, unittest.TestCase), {"proxy": proxy})
    path = type(f"Behind{name}UnderAPath", (Behind, unittest.TestCase), {"proxy": proxy, "prefix": "/titan"})
    return root, path


BehindCaddy, BehindCaddyUnderAPath = at_both(Caddy)
BehindNginx, BehindNginxUnderAPath = at_both(Nginx)
BehindHaproxy, BehindHaproxyUnderAPath = at_both(Haproxy)


class BehindAProxyOfBytes(unittest.TestCase):
    """haproxy before the doors that speak no HTTP: they are told who is behind it."""

    def setUp(self):
        if not RawHaproxy.find():
            self.skipTest("haproxy is not installed")
        temporary = tempfile.TemporaryDirectory(prefix="titan-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        settings = {"TITAN_TRUSTED_PROXIES": "127.0.0.1", "TITAN_PROXY_PROTOCOL": "on"}
        self.server = Server(self.folder / "data", **settings)
        self.addCleanup(self.server.stop)

    def refused(self, door: str, port: int):
        """Somebody tries to log in there, in vain."""
        name = f"nobody at {door}"
        login = json.dumps({"type": "login", "username": name, "password": "wrong-password"})
        stream = visit(port)
        stream.settimeout(DEADLINE)
        match door:
            case "json-lines":
                stream.sendall(login.encode() + b"\n")
                self.assertIn(b"Invalid username or password", stream.recv(4096))
            case "slash":
                stream.sendall(b"/login nobody wrong-password\n")
                heard = b""
                while b"Invalid username or password" not in heard:
                    heard += stream.recv(4096) or self.fail(heard)
            case "tls-frames":
                stream = unchecked().wrap_socket(stream)
                step = json.dumps({"login": "nobody", "password": "ab" * 64}).encode()
                stream.sendall(struct.pack("!BH", 1 << 6 | 4, len(step)) + step)
                self.assertIn(b"Invalid login data", stream.recv(4096))
            case "titan-net":
                with connect(f"ws://localhost:{port}/", sock=stream, open_timeout=DEADLINE) as launcher:
                    launcher.send(login)
                    self.assertFalse(json.loads(launcher.recv(DEADLINE))["success"])
        stream.close()

    def test_each_door_is_told_by_either_version(self):
        for version in ("send-proxy", "send-proxy-v2"):
            folder = self.folder / version
            folder.mkdir()
            proxy = RawHaproxy(folder, self.server, version)
            self.addCleanup(proxy.stop)
            for number, (door, port) in enumerate(proxy.of_door.items(), 1):
                with self.subTest(version=version, door=door):
                    self.refused(door, port)
                    line = f"event=login_failed door={door.replace('-', '_')} address={VISITOR} "
                    until = time.monotonic() + DEADLINE
                    wanted = 1 if version == "send-proxy" else 2
                    log = self.server.folder.with_suffix(".log")
                    while log.read_text().count(line) < wanted:
                        self.assertLess(time.monotonic(), until, log.read_text()[-4000:])
                        time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
