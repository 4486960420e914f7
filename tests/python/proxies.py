"""Real proxies, set up as docs/operating.md has it: its very lines, with other ports, names and certificates."""

import pathlib
import re
import shutil
import signal
import socket
import subprocess
import textwrap
import time

from support import DEADLINE

OPERATING = pathlib.Path(__file__).parents[2] / "docs" / "operating.md"


def snippet(label: str) -> str:
    """What stands under a line that begins so, in the part about proxies."""
    part = OPERATING.read_text().split("\n## Behind a proxy\n")[1].split("\n## ")[0]
    found = re.search(rf"^{re.escape(label)}[^\n]*:\n\n((?:    [^\n]*\n|\n(?=    ))+)", part, re.MULTILINE)
    assert found, f"docs/operating.md says nothing under {label!r}"
    return textwrap.dedent(found.group(1))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """What differs from house to house. Each must be there: a line that was rewritten is to be tried as it is."""
    for old, new in pairs:
        assert old in text, f"{old!r} is not in\n{text}"
        text = text.replace(old, new)
    return text


class Proxy:
    """One that runs over a folder of its own, before the ports of a server."""

    program = ""
    # Debian puts some where only root looks.
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    def __init__(self, folder: pathlib.Path, server, prefix: str):
        self.folder, self.server, self.prefix = folder, server, prefix
        self.port, self.titan_net = free_port(), free_port()
        self.certificate, self.key = (server.folder / "tls" / name for name in ("cert.pem", "key.pem"))
        (folder / "both.pem").write_text(self.certificate.read_text() + self.key.read_text())
        self.log = open(folder / "log", "w+")
        self.process = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=folder,
            env={"PATH": self.path, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
        )
        self.wait()

    @classmethod
    def find(cls):
        return shutil.which(cls.program, path=cls.path)

    def wait(self):
        until = time.monotonic() + DEADLINE
        while True:
            try:
                return [socket.create_connection(("127.0.0.1", port), 1).close() for port in self.ports()]
            except OSError:
                assert self.process.poll() is None and time.monotonic() < until, self.said()
                time.sleep(0.05)

    def ports(self):
        return [self.port, self.titan_net]

    def said(self) -> str:
        return (self.folder / "log").read_text()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(DEADLINE)
        self.log.close()


class Caddy(Proxy):
    program = "caddy"

    def command(self):
        tls = f"\n    tls {self.certificate} {self.key}"
        doors = (f"127.0.0.1:{self.server.doors[name]}" for name in ("http", "titan-net"))
        http, titan_net = doors
        if self.prefix:
            text = replaced(
                snippet("Caddy, under a path"), ("example.org {", f"https://localhost:{self.port} {{{tls}"),
                ("127.0.0.1:8000", http),
            ) + f"https://localhost:{self.titan_net} {{{tls}\n    reverse_proxy {titan_net}\n}}\n"
        else:
            text = replaced(
                snippet("Caddy"), ("chat.example.org:8443 {", f"https://localhost:{self.titan_net} {{{tls}"),
                ("chat.example.org {", f"https://localhost:{self.port} {{{tls}"), ("127.0.0.1:8000", http),
                ("127.0.0.1:8001", titan_net),
            )
        alone = "{\n    admin off\n    auto_https disable_redirects\n    skip_install_trust\n}\n"
        (self.folder / "Caddyfile").write_text(alone + text)
        return [self.find(), "run", "--config", str(self.folder / "Caddyfile"), "--adapter", "caddyfile"]


class Nginx(Proxy):
    program = "nginx"

    def command(self):
        server = snippet("nginx")
        # The second server is the first one, for Titan-Net's port.
        second = self.of_here(server, self.titan_net, "titan-net")
        if self.prefix:
            begin = server.index("    location / {")
            server = server[:begin] + snippet("nginx, under a path") + "}\n"
        first = self.of_here(server, self.port, "http")
        temporary = "".join(
            f"    {kind}_temp_path {self.folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(
            f"daemon off;\npid {self.folder}/pid;\nerror_log stderr;\nworker_processes 1;\nevents {{}}\n"
            f"http {{\n    access_log off;\n{temporary}{snippet('nginx, once')}{first}{second}}}\n"
        )
        return [self.find(), "-p", str(self.folder), "-e", "stderr", "-c", str(self.folder / "nginx.conf")]

    def of_here(self, text: str, port: int, door: str) -> str:
        return replaced(
            text, ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("chat.example.org;", "localhost;"),
            ("/etc/letsencrypt/live/chat.example.org/fullchain.pem", str(self.certificate)),
            ("/etc/letsencrypt/live/chat.example.org/privkey.pem", str(self.key)),
            ("127.0.0.1:8000", f"127.0.0.1:{self.server.doors[door]}"),
        )


class Haproxy(Proxy):
    program = "haproxy"

    def command(self):
        text = snippet("haproxy (")
        second = self.of_here(text, self.titan_net, "titan-net", "_net")
        if self.prefix:
            rules = textwrap.indent(snippet("haproxy, under a path"), "    ")
            text = replaced(text, ("    option forwardfor\n", "    option forwardfor\n" + rules))
        first = self.of_here(text, self.port, "http", "")
        return self.running(first + second)

    def running(self, text: str):
        (self.folder / "haproxy.cfg").write_text(text)
        return [self.find(), "-db", "-f", str(self.folder / "haproxy.cfg")]

    def of_here(self, text: str, port: int, door: str, suffix: str) -> str:
        return replaced(
            text, ("frontend chat", f"frontend chat{suffix}"), ("backend titan\n", f"backend titan{suffix}\n"),
            ("bind :443", f"bind 127.0.0.1:{port}"), ("/etc/haproxy/chat.example.org.pem", str(self.folder / "both.pem")),
            ("127.0.0.1:8000", f"127.0.0.1:{self.server.doors[door]}"),
        )


class RawHaproxy(Haproxy):
    """The doors that speak no HTTP, by the PROXY protocol: the version stands where the prefix does elsewhere."""

    DOORS = ("json-lines", "slash", "tls-frames", "titan-net")

    def command(self):
        self.of_door = {door: free_port() for door in self.DOORS}
        listens = [
            replaced(
                snippet("haproxy, for the doors"), ("listen json_lines", f"listen {door}"),
                ("bind :5555", f"bind 127.0.0.1:{port}"), ("127.0.0.1:5555", f"127.0.0.1:{self.server.doors[door]}"),
                ("send-proxy-v2", self.prefix),
            )
            for door, port in self.of_door.items()
        ]
        return self.running("".join(listens))

    def ports(self):
        return self.of_door.values()
