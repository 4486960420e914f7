"""The slash door, by a client that works as the original's does: a plain socket, no newlines, `recv(4096)`."""

import pathlib
import re
import socket
import tempfile
import unittest

from support import DEADLINE, ServerCase

STAMP = r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] "


class Client:
    """The original's client without its prompt: what it sends in one go is one command."""

    def __init__(self, port: int, downloads: pathlib.Path):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.settimeout(DEADLINE)
        self.socket.connect(("127.0.0.1", port))
        self.downloads = downloads

    def send(self, command: str):
        self.socket.send(command.encode("utf-8"))

    def recv(self) -> str:
        return self.socket.recv(4096).decode("utf-8")

    def ask(self, command: str) -> str:
        self.send(command)
        return self.recv()

    def hear(self, text: str) -> str:
        """Reads until this has come, in however many reads."""
        heard = ""
        while text not in heard:
            more = self.recv()
            assert more, f"closed after {heard!r}"
            heard += more
        return heard

    def upload(self, room: str, path: pathlib.Path):
        """First the command as it was typed, then at once the one with the size, then the bytes."""
        self.send(f"/upload {room} {path}")
        size = path.stat().st_size
        self.send(f"/upload {room} {path} {size}")
        with path.open("rb") as file:
            while data := file.read(4096):
                self.socket.sendall(data)

    def download(self, unique_name: str) -> pathlib.Path:
        """The first read is taken for the header alone."""
        self.send(f"/download {unique_name}")
        header = self.recv()
        word, name, size = header.split(" ")
        assert (word, name) == ("/file", unique_name), header
        left, path = int(size), self.downloads / "fetched"
        with path.open("wb") as file:
            while left:
                data = self.socket.recv(min(4096, left))
                file.write(data)
                left -= len(data)
        return path


class TheOriginalsClient(ServerCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="titan-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def connect(self) -> Client:
        client = Client(self.server.doors["slash"], self.folder)
        self.addCleanup(client.socket.close)
        self.assertRegex(client.recv(), rf"^{STAMP}Welcome! Please use /register .* or /login <username> <password>\n$")
        return client

    def enter(self, username: str, *key: str) -> Client:
        client = self.connect()
        role = "admin" if key else "user"
        registered = client.ask(" ".join(["/register", username, "mypassword", *key]))
        self.assertRegex(registered, rf"^{STAMP}Registration successful as {role}\.$")
        return client

    def test_the_documents_session(self):
        key = (self.server.folder / "admin_key.txt").read_text().strip()
        admin = self.enter("adminuser", key)
        admin.send("/create office")
        admin.hear("You joined room 'office'.")
        example = self.folder / "example.txt"
        example.write_bytes(b"an example\n" * 1000)
        admin.upload("office", example)
        said = admin.hear("uploaded to room 'office'.")
        name = re.fullmatch(rf"{STAMP}File '(office_\d{{8}}_\d{{6}}_example\.txt_[0-9a-f]{{8}})' uploaded to room 'office'\.", said)
        self.assertIsNotNone(name, said)

        john = self.enter("johndoe")
        john.send("/join office")
        history = john.hear("You joined room 'office'.")
        self.assertRegex(history, rf"^{STAMP}Chat history for 'office':\n{STAMP}User adminuser joined room 'office'\n"
                                  rf"{STAMP}User adminuser uploaded file '{name[1]}' \(Original: example\.txt\)\n{STAMP}You joined")
        self.assertRegex(admin.recv(), rf"^{STAMP}User johndoe joined room 'office'$")
        self.assertRegex(john.ask("/list_users_in_room"), rf"^{STAMP}Users in room 'office': adminuser, johndoe$")
        self.assertRegex(john.ask("/list_files"), rf"^{STAMP}Files in room 'office':\n"
                                                  rf"Unique Name: {name[1]}, Original Name: example\.txt, Uploaded: [-\d: ]{{19}}$")
        self.assertEqual(john.download(name[1]).read_bytes(), example.read_bytes())
        john.send("/message hello")
        self.assertRegex(admin.recv(), rf"^{STAMP}johndoe: hello$")
        self.assertRegex(admin.ask("/ban_user johndoe"), rf"^{STAMP}User 'johndoe' banned\.$|left room")
        self.assertRegex(john.hear("banned"), rf"{STAMP}You have been banned by an admin\.$")
        self.assertEqual(john.recv(), "")

    def test_files_of_any_bytes_and_sizes_come_back_as_they_were(self):
        ada = self.enter("ada")
        ada.send("/create depot")
        ada.hear("You joined room 'depot'.")
        path = self.folder / "7.bin"
        for contents in (b"0123456789", b"", b"/quit", bytes(range(256)) * 8192, b"9" * 70_000):
            path.write_bytes(contents)
            ada.upload("depot", path)
            name = ada.hear("uploaded to room 'depot'.").split("'")[1]
            self.assertEqual(ada.download(name).read_bytes(), contents)

    def test_texts_are_the_originals(self):
        eve = self.connect()
        self.assertRegex(eve.ask("/help"), rf"^{STAMP}Please register or login first\.$")
        self.assertRegex(eve.ask("/login eve"), rf"^{STAMP}Usage: /login <username> <password>$")
        self.assertEqual(eve.ask("/login eve wrong"), "Invalid username or password.")
        self.assertEqual(eve.ask("/register eve pw default_admin_key_123"), "Invalid admin key.")
        self.assertRegex(eve.ask("/register eve pw"), rf"^{STAMP}Registration successful as user\.$")
        self.assertRegex(eve.ask("/whereami"), rf"^{STAMP}You are not in any room\.$")
        self.assertRegex(eve.ask("/jump"), rf"^{STAMP}\[ERROR\] Unknown command: /jump\. Use /help for a list of commands\.$")
        self.assertRegex(eve.ask("/view_users"), rf"^{STAMP}\[ERROR\] Admin privileges required\.$")
        eve.send("/quit")
        self.assertEqual(eve.recv(), "")


if __name__ == "__main__":
    unittest.main()
