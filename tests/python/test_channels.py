"""The channels door, as a script of the original's users speaks to it: `requests` and `websockets`."""

import asyncio
import json
import re
import unittest

import requests
import websockets

from support import DEADLINE, PASSWORD, ServerCase

GENERAL = 1
MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$")


class User:
    """Somebody with a token, as the original's page keeps one."""

    def __init__(self, server, username: str, password: str = PASSWORD):
        self.base, self.username = server.http, username
        credentials = {"username": username, "password": password}
        registered = requests.post(f"{self.base}/auth/register", json=credentials, timeout=DEADLINE)
        assert registered.status_code == 200, registered.text
        self.id = registered.json()["id"]
        token = requests.post(f"{self.base}/auth/login", json=credentials, timeout=DEADLINE).json()
        assert token["token_type"] == "bearer", token
        self.token = token["access_token"]

    def get(self, path: str, **more) -> requests.Response:
        return requests.get(self.base + path, headers=self.bearer, timeout=DEADLINE, **more)

    def post(self, path: str, **more) -> requests.Response:
        return requests.post(self.base + path, headers=self.bearer, timeout=DEADLINE, **more)

    def socket(self, channel: int, token: str | None = None):
        address = f"{self.base.replace('http', 'ws')}/ws/channels/{channel}?token={token or self.token}"
        return websockets.connect(address)

    @property
    def bearer(self) -> dict:
        return {"Authorization": f"Bearer {self.token}"}


async def heard(socket) -> dict:
    return json.loads(await asyncio.wait_for(socket.recv(), DEADLINE))


class TheDocumentsClient(ServerCase):
    async def test_a_conversation_with_a_file(self):
        ada, bob = User(self.server, "ada"), User(self.server, "bob")
        self.assertEqual(ada.get("/me").json(), {"id": ada.id, "username": "ada"})
        channel = ada.post("/channels", json={"name": "project"}).json()
        self.assertEqual(channel, {"id": channel["id"], "name": "project", "is_dm": False})
        self.assertEqual(bob.post(f"/channels/{channel['id']}/join").json(), channel)
        self.assertEqual([one["name"] for one in bob.get("/channels").json()], ["general", "project"])

        async with ada.socket(channel["id"]) as hers, bob.socket(channel["id"]) as his:
            await hers.send("Hello, Bob!")
            event = await heard(his)
            self.assertEqual(await heard(hers), event)
            self.assertEqual((event["type"], event["content"]), ("message", "Hello, Bob!"))
            self.assertEqual(event["user"], {"id": ada.id, "username": "ada"})
            self.assertRegex(event["created_at"], MOMENT)

            posted = bob.post(f"/channels/{channel['id']}/messages", json={"content": "  Hello, Ada!  "}).json()
            self.assertEqual(await heard(hers), {"type": "message", **posted})
            self.assertEqual(posted["content"], "Hello, Ada!")

            data = bytes(range(256)) * 1_000
            shared = bob.post(f"/channels/{channel['id']}/files", files={"upload": ("data.bin", data)}).json()
            self.assertEqual(await heard(hers), {"type": "file", **shared})
            self.assertEqual(await heard(his), {"type": "message", **posted})
            self.assertEqual(await heard(his), {"type": "file", **shared})
            self.assertEqual((shared["original_filename"], shared["size_bytes"]), ("data.bin", len(data)))

        fetched = ada.get(f"/files/{shared['id']}")
        self.assertEqual(fetched.content, data)
        self.assertTrue(fetched.headers["Content-Disposition"].startswith("attachment; filename=\"data.bin\""))
        history = ada.get(f"/channels/{channel['id']}/messages", params={"limit": 50}).json()
        self.assertEqual([message["content"] for message in history], ["Hello, Bob!", "Hello, Ada!"])
        self.assertEqual(set(history[0]), {"id", "channel_id", "user", "content", "created_at"})

    async def test_mistakes_are_told_as_fastapi_tells_them(self):
        cleo = User(self.server, "cleo")
        short = requests.post(f"{cleo.base}/auth/register", json={"username": "ab", "password": 7}, timeout=DEADLINE)
        self.assertEqual(short.status_code, 422)
        self.assertEqual(short.json(), {"detail": [
            {"type": "string_too_short", "loc": ["body", "username"], "msg": "String should have at least 3 characters",
             "input": "ab", "ctx": {"min_length": 3}},
            {"type": "string_type", "loc": ["body", "password"], "msg": "Input should be a valid string", "input": 7},
        ]})
        again = requests.post(f"{cleo.base}/auth/register", json={"username": "cleo", "password": PASSWORD}, timeout=DEADLINE)
        self.assertEqual((again.status_code, again.json()), (400, {"detail": "Username already taken"}))
        nobody = requests.get(f"{cleo.base}/me", timeout=DEADLINE)
        self.assertEqual((nobody.status_code, nobody.json()), (401, {"detail": "Not authenticated"}))
        self.assertEqual(nobody.headers["WWW-Authenticate"], "Bearer")
        missing = cleo.get("/channels/999999/messages")
        self.assertEqual((missing.status_code, missing.json()), (404, {"detail": "Channel not found"}))
        self.assertEqual(cleo.get("/files/999999").json(), {"detail": "File not found"})
        self.assertEqual(cleo.get("/auth/register").json(), {"detail": "Method Not Allowed"})

    async def test_strangers_are_refused_the_handshake(self):
        dan, eve = User(self.server, "dan"), User(self.server, "eve")
        shut = dan.post("/channels", json={"name": "dan's own"}).json()["id"]
        for channel, token in ((shut, None), (999_999, None), (GENERAL, "nonsense")):
            with self.assertRaises(websockets.InvalidStatus) as refused:
                async with eve.socket(channel, token):
                    self.fail("the handshake was accepted")
            self.assertEqual(refused.exception.response.status_code, 403)

    async def test_long_frames_close_the_socket_and_blank_ones_do_nothing(self):
        finn = User(self.server, "finn")
        async with finn.socket(GENERAL) as socket:
            for blank in ("", "   ", "\n"):
                await socket.send(blank)
            await socket.send('{"content": "as it stands"}')
            self.assertEqual((await heard(socket))["content"], '{"content": "as it stands"}')
            await socket.send("x" * 3_000)
            self.assertEqual((await heard(socket))["content"], "x" * 2_000)
            await socket.send("x" * 65_537)
            with self.assertRaises(websockets.ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), DEADLINE)
            self.assertEqual(closed.exception.rcvd.code, 1009)

    async def test_another_doors_people_are_in_the_same_room(self):
        gwen = await self.connect("gwen")
        hal = User(self.server, "hal")
        async with hal.socket(GENERAL) as socket:
            await gwen.send(type="room_message", room_id=GENERAL, message="from Titan-Net")
            event = await heard(socket)
            self.assertEqual((event["content"], event["user"]["username"]), ("from Titan-Net", "gwen"))
            await socket.send("from the channels")
            told = await gwen.hear("room_message", username="hal")
            self.assertEqual(told["message"], "from the channels")
            mine = await heard(socket)
            self.assertEqual((mine["id"], mine["created_at"]), (told["message_id"], told["sent_at"]))


if __name__ == "__main__":
    unittest.main()
