"""The JSON lines door, as the document's sample client does it: a plain socket and a single `recv(4096)`."""

import json
import socket
import unittest

from support import DEADLINE, ServerCase


class TheDocumentsClient(ServerCase):
    def open(self) -> socket.socket:
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.settimeout(DEADLINE)
        self.addCleanup(client.close)
        client.connect(("localhost", self.server.doors["json-lines"]))
        return client

    def ask(self, client: socket.socket, **message) -> dict:
        client.send((json.dumps(message) + "\n").encode())
        return json.loads(client.recv(4096).decode())

    def enter(self, username: str) -> socket.socket:
        client = self.open()
        registered = self.ask(client, type="register", username=username, password="test123")
        self.assertEqual(registered, {
            "type": "register_response", "status": "success", "message": "User registered successfully",
        })
        entered = self.ask(client, type="login", username=username, password="test123")
        self.assertEqual((entered["type"], entered["status"], entered["username"]), ("login_response", "success", username))
        self.assertIsInstance(entered["user_id"], int)
        return client

    def test_the_sample(self):
        self.enter("test")

        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.connect(('localhost', self.server.doors["json-lines"]))
        self.addCleanup(client.close)

        # Send login
        message = {"type": "login", "username": "test", "password": "test123"}
        client.send((json.dumps(message) + '\n').encode())

        # Receive response
        response = client.recv(4096).decode()
        self.assertEqual(json.loads(response)["status"], "success")
        self.assertTrue(response.endswith("\n"))

    def test_what_one_says_comes_to_all_and_stays_in_the_history(self):
        john, jane = self.enter("john_doe"), self.enter("jane_doe")
        said = self.ask(john, type="send_message", sender="john_doe", message="Hello everyone!")
        self.assertEqual(set(said), {"type", "sender", "message", "timestamp"})
        self.assertEqual((said["type"], said["sender"], said["message"]), ("new_message", "john_doe", "Hello everyone!"))
        self.assertRegex(said["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
        self.assertEqual(json.loads(jane.recv(4096).decode()), said)
        history = self.ask(jane, type="get_history", limit=1)
        self.assertEqual(history["type"], "history_response")
        self.assertEqual(history["messages"], [{name: said[name] for name in ("sender", "message", "timestamp")}])

    def test_errors_leave_the_connection_open(self):
        client = self.enter("clumsy")
        for line in (b"hello\n", b"[]\n", b'{"type": "fly"}\n', b'{"type": "send_message"}\n', b"\xff\n"):
            client.send(line)
            error = json.loads(client.recv(4096).decode())
            self.assertEqual(set(error), {"type", "message"})
            self.assertEqual(error["type"], "error")
        forged = self.ask(client, type="send_message", sender="somebody_else", message="x")
        self.assertEqual(forged["type"], "error")
        self.assertEqual(self.ask(client, type="get_history")["type"], "history_response")


if __name__ == "__main__":
    unittest.main()
