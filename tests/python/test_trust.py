"""The terminal client against an impostor, which takes the place of a house and writes down whatever it is sent."""

import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

from support import DEADLINE

PASSWORD = "correct horse battery"
SERVER = pathlib.Path(os.environ["TITAN_SERVER"])
TITAN = pathlib.Path(os.environ.get("TITAN_CLIENT", SERVER.with_name("titan")))


def openssl(*arguments: str, **options):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, **options)


class Authority:
    """A real one, by openssl: a root, and certificates that it issues."""

    def __init__(self, folder: pathlib.Path):
        folder.mkdir()
        self.folder, self.root = folder, folder / "root.pem"
        extensions = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"]
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN=Authority {folder.name}",
                "-keyout", str(folder / "root.key"), "-out", str(self.root), *extensions)

    def issues(self, name: str) -> tuple[pathlib.Path, pathlib.Path]:
        """`name` as openssl has it: `IP:127.0.0.1`, `DNS:example.org`."""
        certificate, key = (self.folder / f"{name.replace(':', '-')}.{kind}" for kind in ("pem", "key"))
        request = key.with_suffix(".csr")
        openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=house", "-keyout", str(key), "-out", str(request))
        openssl("x509", "-req", "-in", str(request), "-CA", str(self.root), "-CAkey", str(self.folder / "root.key"),
                "-CAcreateserial", "-out", str(certificate), "-extfile", "/dev/stdin", "-days", "7",
                input=f"subjectAltName={name}\n".encode())
        return certificate, key


def fingerprint(certificate: pathlib.Path) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text())).hexdigest()


def self_signed(folder: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    certificate, key = folder / "own.pem", folder / "own.key"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate))
    return certificate, key


class Impostor:
    """Whoever comes gets a handshake, if they want it, and then an ear."""

    def __init__(self, port: int, shown: tuple[pathlib.Path, pathlib.Path] | None):
        self.heard, self.visits = b"", 0
        self.context = None
        if shown:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*shown)
        self.listener = socket.create_server(("127.0.0.1", port))
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.visits += 1
                connection.settimeout(DEADLINE)
                with connection, contextlib.suppress(OSError):
                    self.listen(connection)

    def listen(self, connection):
        if self.context:
            connection = self.context.wrap_socket(connection, server_side=True)
        while data := connection.recv(65536):
            self.heard += data
            if b"\r\n\r\n" in self.heard:
                return

    def leave(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(DEADLINE)


class House:
    """A real server on a port that an impostor may take."""

    def __init__(self, folder: pathlib.Path, port: int, *tls: str):
        command = [str(SERVER), "serve", "--data-dir", str(folder), "--http", f"127.0.0.1:{port}", "--titan-net", "off", *tls]
        self.log = open(folder.with_suffix(".log"), "ab")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            if line.split() == ["ready"]:
                return
        raise AssertionError("the server ended before it was ready")

    def close(self):
        self.process.terminate()
        self.process.wait(DEADLINE)
        self.process.stdout.close()
        self.log.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@unittest.skipUnless(TITAN.exists(), f"{TITAN} is not built")
@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
class AnImpostor(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="titan-")
        self.addCleanup(folder.cleanup)
        self.folder, self.port = pathlib.Path(folder.name), free_port()
        self.authority = Authority(self.folder / "authority")

    def titan(self, *arguments: str, said: str = "") -> subprocess.CompletedProcess:
        environment = {
            "HOME": str(self.folder), "TITAN_HOME": str(self.folder / "titan"), "PATH": os.environ["PATH"],
            "TITAN_SERVER": f"https://127.0.0.1:{self.port}", "SSL_CERT_FILE": str(self.authority.root),
        }
        return subprocess.run([TITAN, *arguments], input=said, env=environment, text=True, capture_output=True, timeout=DEADLINE)

    def lives(self, *tls: str, told: tuple[str, ...] = ()):
        """A house that ada knows, and that is gone again."""
        house = House(self.folder / "house", self.port, *tls)
        try:
            entered = self.titan(*told, "register", "ada", said=PASSWORD)
            self.assertEqual(entered.returncode, 0, entered.stderr)
        finally:
            house.close()
        logins = (self.folder / "titan" / "logins.toml").read_text()
        self.token = re.search(r'token = "([^"]+)"', logins).group(1)

    def gets_nothing(self, shown, *words: str):
        impostor = Impostor(self.port, shown)
        try:
            for said in (["whoami"], ["send", "#general", "hello"], ["login", "ada"], ["logout"], ["put", "/etc/hostname", "#general"]):
                with self.subTest(said=said):
                    run = self.titan(*said, said=PASSWORD)
                    self.assertEqual(run.returncode, 3, run.stderr)
                    for word in words:
                        self.assertIn(word, run.stderr)
            visits = impostor.visits
        finally:
            impostor.leave()
        self.assertGreaterEqual(visits, 5, "it was not even tried")
        self.assertLessEqual(visits, 5, "nobody who is not believed is asked again and again")
        for secret in (self.token, PASSWORD, "hello"):
            self.assertNotIn(secret.encode(), impostor.heard)
        self.assertNotIn(b"HTTP/", impostor.heard, "nothing at all is said to it")

    def test_it_gets_nothing_from_who_knew_the_house_by_an_authority(self):
        certificate, key = self.authority.issues("IP:127.0.0.1")
        self.lives("--tls-cert", str(certificate), "--tls-key", str(key))
        self.gets_nothing(self_signed(self.folder), "vouched for", "self-signed", "titan trust forget")
        self.gets_nothing(self.authority.issues("DNS:other.example.org"), "vouched for", "other.example.org")
        stranger = Authority(self.folder / "stranger").issues("IP:127.0.0.1")
        self.gets_nothing(stranger, "vouched for", "doesn't know")

    def test_it_gets_nothing_from_who_knew_the_house_by_its_fingerprint(self):
        certificate, key = self_signed(self.folder)
        self.lives("--tls-cert", str(certificate), "--tls-key", str(key), told=("--trust", fingerprint(certificate)))
        self.gets_nothing(Authority(self.folder / "stranger").issues("IP:127.0.0.1"), "HAS CHANGED")
        self.gets_nothing(self.authority.issues("DNS:other.example.org"), "HAS CHANGED")

    def test_it_gets_nothing_from_a_newcomer_who_is_no_person(self):
        for shown in (self_signed(self.folder), self.authority.issues("DNS:other.example.org")):
            impostor = Impostor(self.port, shown)
            try:
                run = self.titan("register", "ada", said=PASSWORD)
            finally:
                impostor.leave()
            self.assertEqual(run.returncode, 3, run.stderr)
            self.assertIn("--trust ", run.stderr)
            self.assertEqual(impostor.heard, b"")

    def test_it_hears_who_trusts_it(self):
        """Or these tests would find nothing, whatever it were sent."""
        certificate, key = self_signed(self.folder)
        impostor = Impostor(self.port, (certificate, key))
        try:
            run = self.titan("--trust", fingerprint(certificate), "register", "ada", said=PASSWORD)
        finally:
            impostor.leave()
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertIn(b"GET /titan HTTP/1.1", impostor.heard)


if __name__ == "__main__":
    unittest.main()
