"""The TLS-frames door and the reset site, by `ssl` and `struct` as the original's client does it."""

import hashlib
import html.parser
import json
import os
import socket
import ssl
import struct
import unittest

import requests
import urllib3

from support import DEADLINE, PASSWORD, ServerCase

ACK, ERR, DIS, MSG, LOG, SES, REG, LIS, FRP, HIS, UPD, CHP, CHM, DEL = range(14)

# The original's certificate was self-signed as well.
urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


def hashed(password: str, salt: bytes = b"") -> str:
    salt = salt or os.urandom(32)
    return (salt + hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 10_000)).hex()


class Frames:
    """A blocking client: header by `struct`, payload by `json`."""

    def __init__(self, address: tuple[str, int], version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if version:
            context.maximum_version = version
        self.socket = context.wrap_socket(socket.create_connection(address, DEADLINE))

    def send(self, kind: int, **payload):
        data = json.dumps(payload).encode()
        # As the original does: the header in one write, what it announces in another.
        self.socket.sendall(struct.pack("!BH", 1 << 6 | kind, len(data)))
        self.socket.sendall(data)

    def recv(self) -> tuple[int, dict]:
        """As the original does: one read for the header, one for the payload. Neither gives more than is left of a TLS record."""
        header = self.socket.recv(3)
        if not header:
            raise EOFError
        first, length = struct.unpack("!BH", header)
        assert first >> 6 == 1
        payload = self.socket.recv(length)
        assert len(payload) == length, "the rest came in another record"
        return first & 0x3F, json.loads(payload.decode())

    def hear(self, *kinds: int) -> tuple[int, dict]:
        while True:
            kind, payload = self.recv()
            if kind in kinds:
                return kind, payload

    def ask(self, kind: int, **payload) -> tuple[int, dict]:
        self.send(kind, **payload)
        return self.hear(ACK, ERR, LOG, SES)

    def login(self, name: str, password: str = PASSWORD) -> tuple[int, dict]:
        kind, payload = self.ask(LOG, login=name, password="X")
        assert kind == LOG, payload
        salt = bytes.fromhex(payload["password"])[:32]
        return self.ask(LOG, login=name, password=hashed(password, salt))


class Form(html.parser.HTMLParser):
    def __init__(self, page: str):
        super().__init__()
        self.fields = {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "input":
            self.fields[attributes["name"]] = attributes.get("value", "")


class TheOriginalsClient(ServerCase):
    def stranger(self, **options) -> Frames:
        frames = Frames(("127.0.0.1", self.server.doors["tls-frames"]), **options)
        self.addCleanup(frames.socket.close)
        return frames

    def enter(self, name: str) -> Frames:
        frames = self.stranger()
        answer = frames.ask(REG, login=name, password=hashed(PASSWORD), email=f"{name}@example.org")
        self.assertEqual(answer, (ACK, {"msg": "Created Account"}))
        kind, payload = frames.login(name)
        self.assertEqual(kind, SES)
        self.assertIn(payload["session"], range(1000))
        return frames

    def sees(self, frames: Frames, words: str) -> list[str]:
        while True:
            _, payload = frames.hear(HIS)
            if payload["history"][-1].endswith(words):
                return payload["history"]

    def test_two_people_talk(self):
        ann, ben = self.enter("ann"), self.enter("ben")
        self.assertIn("ann", ben.hear(LIS)[1]["users"])
        ann.send(UPD, reciever="ben")
        ann.send(MSG, reciever="ben", msg="hello, Zażółć")
        seen = self.sees(ann, "Zażółć")
        self.assertRegex(seen[0], r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\] ann: hello, Zażółć$")
        ben.send(UPD, reciever="ann")
        self.assertEqual(self.sees(ben, "Zażółć"), seen)
        ben.send(MSG, reciever="ann", msg="hi")
        self.assertEqual(len(self.sees(ann, "hi")), 2)
        ben.send(DIS, msg="bye")
        with self.assertRaises(EOFError):
            ben.hear(ERR)

    def test_a_history_beyond_a_record_keeps_the_newest_lines_whole(self):
        fay, gus = self.enter("fay"), self.enter("gus")
        said = [f"{number} " + "ż" * 900 for number in range(40)]
        for text in said:
            fay.send(MSG, reciever="gus", msg=text)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            again = self.stranger(version=version)
            self.assertEqual(again.login("gus")[0], SES)
            again.send(UPD, reciever="fay")
            seen = [line.split(": ", 1)[1] for line in self.sees(again, said[-1])]
            self.assertEqual(seen, said[-len(seen):])
            self.assertIn(len(seen), range(8, 10))
        fay.send(MSG, reciever="gus", msg="😀" * 5_000)
        self.assertEqual(len(self.sees(again, "😀…")), 1)
        gus.socket.close()

    async def test_one_account_serves_every_door(self):
        self.enter("cyd").socket.close()
        titan_net = await self.connect("dee")
        self.assertEqual(self.stranger().login("dee")[0], SES)
        await titan_net.send(type="ping")
        self.assertEqual(self.stranger(version=ssl.TLSVersion.TLSv1_2).login("cyd")[0], SES)
        self.assertEqual(self.stranger().login("cyd", "wrong"), (ERR, {"msg": "Invalid login data"}))

    def test_mistakes_are_told(self):
        for first, payload in ((0x83, b"{}"), (0x7F, b"{}"), (0x40 | MSG, b""), (0x40 | LOG, b'{"login": "x"}')):
            frames = self.stranger()
            frames.socket.sendall(struct.pack("!BH", first, len(payload)) + payload)
            kind, said = frames.recv()
            self.assertEqual(kind, ERR)
            self.assertTrue(said["msg"])
            with self.assertRaises(EOFError):
                frames.recv()

    def test_a_forgotten_password_is_chosen_anew(self):
        eve = self.enter("eve")
        self.assertEqual(self.stranger().ask(FRP, login="eve"), (ACK, {"msg": "Send recovery mail"}))
        self.assertEqual(self.stranger().ask(FRP, login="nobody"), (ACK, {"msg": "Send recovery mail"}))
        site = "https://localhost:%d" % self.server.doors["reset-site"]
        options = {"verify": False, "timeout": DEADLINE}
        self.assertEqual(requests.post(f"{site}/token/eve", **options).status_code, 403)
        key = (self.server.folder / "admin_key.txt").read_text().strip()
        made = requests.post(f"{site}/token/eve", headers={"Authorization": f"Bearer {key}"}, **options)
        self.assertEqual(made.status_code, 201)
        link = f"{site}/reset/{made.json()['token']}"
        fields = Form(requests.get(link, **options).text).fields
        self.assertEqual(set(fields), {"csrf_token", "password"})
        again = requests.post(link, data={**fields, "csrf_token": "forged", "password": "stolen"}, **options)
        self.assertEqual(set(Form(again.text).fields), {"csrf_token", "password"})
        done = requests.post(link, data={**fields, "password": "a new one"}, **options)
        self.assertEqual((done.status_code, done.text), (200, "Password succesfully changed"))
        self.assertEqual(requests.get(link, **options).status_code, 404)
        eve.hear(DIS)
        self.assertEqual(self.stranger().login("eve", "a new one")[0], SES)


if __name__ == "__main__":
    unittest.main()
