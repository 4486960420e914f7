"""The Titan-Net door, by the samples of the original's document and Python's `websockets`."""

import asyncio
import json
import unittest

import websockets

from support import PASSWORD, Client, ServerCase


class TheDocumentsClient(ServerCase):
    async def test_the_sample_logs_in_sends_and_listens(self):
        """The document's sample client, with its endless loop ended after the first message."""
        bob = await self.connect("bob")
        john = await self.connect("john_doe", "password123")
        uri, number, heard = self.server.websocket, bob.user["titan_number"], []
        await john.socket.close()

        async def connect():
            async with websockets.connect(uri) as websocket:
                # Login
                await websocket.send(json.dumps({
                    "type": "login",
                    "username": "john_doe",
                    "password": "password123"
                }))

                response = await websocket.recv()
                heard.append(json.loads(response))

                # Send private message
                await websocket.send(json.dumps({
                    "type": "private_message",
                    "recipient_titan_number": number,
                    "message": "Hello from Python!"
                }))

                # Listen for messages
                async for message in websocket:
                    data = json.loads(message)
                    heard.append(data)
                    if data["type"] == "message_sent":
                        return

        await asyncio.wait_for(connect(), 20)
        self.assertEqual(heard[0]["type"], "login_response")
        self.assertEqual(heard[0]["user"]["username"], "john_doe")
        self.assertEqual(set(heard[0]["user"]), {"id", "username", "titan_number", "full_name", "is_admin", "blog_url"})
        self.assertIn("john_doe", [user["username"] for user in heard[0]["online_users"]])
        message = await bob.hear("private_message")
        self.assertEqual((message["sender_username"], message["message"]), ("john_doe", "Hello from Python!"))

    async def test_register_answers_as_the_document_says(self):
        client = Client(await websockets.connect(self.server.websocket))
        self.addAsyncCleanup(client.socket.close)
        await client.send(type="register", username="jane", password="secure_password", full_name="Jane Doe")
        reply = await client.recv()
        self.assertEqual((reply["type"], reply["success"], reply["username"]), ("register_response", True, "jane"))
        self.assertIn(reply["titan_number"], range(10_000, 100_000))
        await client.send(type="register", username="jane", password="x")
        reply = await client.recv()
        self.assertEqual((reply["success"], reply["error"]), (False, "Username already exists"))
        await client.send(type="login", username="jane", password="wrong")
        reply = await client.recv()
        self.assertEqual((reply["success"], reply["error"]), (False, "Invalid username or password"))

    async def test_a_room_from_its_making_to_its_end(self):
        ada, ben = await self.connect("ada"), await self.connect("ben")
        room = (await ada.ask("room_created", type="create_room", name="General Chat", description="Main chat room",
                              room_type="text", password="optional_password"))["room_id"]
        self.assertEqual((await ben.hear("new_room"))["name"], "General Chat")
        listed = (await ben.ask("rooms_list", type="get_rooms"))["rooms"]
        mine = next(listed_room for listed_room in listed if listed_room["id"] == room)
        self.assertEqual((mine["is_private"], mine["creator_username"], mine["member_count"]), (1, "ada", 1))
        self.assertNotIn("password_hash", mine)
        refused = await ben.ask("room_joined", type="join_room", room_id=room, password="wrong")
        self.assertEqual((refused["success"], refused["error"]), (False, "Invalid password"))
        joined = await ben.ask("room_joined", type="join_room", room_id=room, password="optional_password")
        self.assertTrue(joined["success"])
        await ada.hear("user_joined_room", username="ben")
        await ben.send(type="room_message", room_id=room, message="Hello everyone!")
        for client in (ada, ben):
            heard = await client.hear("room_message", room_id=room)
            self.assertEqual((heard["username"], heard["message"]), ("ben", "Hello everyone!"))
        history = (await ada.ask("room_messages", type="get_room_messages", room_id=room, limit=100))["messages"]
        self.assertEqual([message["message"] for message in history], ["Hello everyone!"])
        await ada.send(type="voice_signal", room_id=room, target_user_id=ben.user["id"],
                       signal={"type": "offer", "sdp": "..."})
        self.assertEqual((await ben.hear("voice_signal"))["signal"], {"type": "offer", "sdp": "..."})
        await ben.send(type="leave_room", room_id=room)
        await ada.hear("user_left_room", username="ben")
        self.assertTrue((await ada.ask("room_deleted", type="delete_room", room_id=room))["success"])
        await ben.hear("room_removed", room_id=room)

    async def test_private_messages_wait_for_who_is_away_and_are_marked_read(self):
        cleo, dan = await self.connect("cleo"), await self.connect("dan")
        await dan.socket.close()
        sent = await cleo.ask("message_sent", type="private_message", recipient_id=dan.user["id"], message="Hello!")
        dan = Client(await websockets.connect(self.server.websocket))
        self.addAsyncCleanup(dan.socket.close)
        await dan.ask("login_response", type="login", username="dan", password=PASSWORD)
        fetched = (await dan.ask("private_messages", type="get_messages", user_id=cleo.user["id"]))["messages"]
        self.assertEqual([(message["id"], message["message"]) for message in fetched], [(sent["message_id"], "Hello!")])
        seen = (await cleo.ask("private_messages", type="get_messages", user_id=dan_id(fetched)))["messages"]
        self.assertEqual(seen[0]["read"], 1)

    async def test_mistakes_are_told_and_cost_nothing(self):
        eve = await self.connect("eve")
        for frame in ("no json", "[]", '{"type":"fly"}', '{"type":"room_message","room_id":999999,"message":"x"}',
                      '{"type":"get_messages"}', "[" * 50_000):
            await eve.socket.send(frame)
            self.assertTrue((await eve.hear("error"))["error"])
        await eve.ask("blog_updated", type="update_blog", blog_url="https://myblog.com")
        await eve.ask("pong", type="ping")
        stranger = Client(await websockets.connect(self.server.websocket))
        self.addAsyncCleanup(stranger.socket.close)
        self.assertEqual((await stranger.ask("error", type="get_rooms"))["error"], "Not authenticated")


def dan_id(messages) -> int:
    return messages[0]["recipient_id"]


if __name__ == "__main__":
    unittest.main()
