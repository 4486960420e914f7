"""Resumable uploads, by the tus project's own Python client."""

import os
import pathlib
import signal
import tempfile
import unittest

import requests
from tusclient import client as tus
from tusclient.storage import filestorage

from support import DEADLINE, ServerCase

METADATA = {"filename": "snake.zip", "name": "Snake", "description": "Eats", "category": "game", "version": "1.0"}


class TheTusClient(ServerCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def uploader(self, client, data: bytes, **options):
        file = self.folder / "snake.zip"
        file.write_bytes(data)
        server = tus.TusClient(f"{self.server.http}/api/uploads", headers=client.bearer)
        return server.uploader(str(file), chunk_size=64 * 1024, metadata=METADATA, **options)

    def is_kept(self, client, data: bytes):
        """Whether the upload became an app with just these bytes."""
        self.server.make_admin(client.user["username"])
        pending = requests.get(f"{self.server.http}/api/pending", headers=client.bearer, timeout=DEADLINE).json()["apps"]
        mine = [app for app in pending if app["author_username"] == client.user["username"]]
        self.assertEqual([(app["name"], app["file_size"]) for app in mine], [("Snake", len(data))])
        approve = f"{self.server.http}/api/approve/{mine[0]['id']}"
        self.assertEqual(requests.post(approve, headers=client.bearer, timeout=DEADLINE).status_code, 200)
        download = requests.get(f"{self.server.http}/api/download/{mine[0]['id']}", timeout=DEADLINE)
        self.assertEqual(download.content, data)

    async def test_an_upload_is_done_in_chunks(self):
        ada, data = await self.connect("ada"), os.urandom(400_000)
        self.uploader(ada, data).upload()
        self.is_kept(ada, data)

    async def test_an_upload_goes_on_after_the_client_and_the_server_died(self):
        bob, data = await self.connect("bob"), os.urandom(400_000)
        stored = {"store_url": True, "url_storage": filestorage.FileStorage(str(self.folder / "places.json"))}
        first = self.uploader(bob, data, **stored)
        first.upload(stop_at=200_000)
        begun = first.offset
        self.assertGreater(begun, 0)
        self.server.stop(signal.SIGKILL)
        self.server.start()
        second = self.uploader(bob, data, **stored)
        self.assertEqual((second.url, second.offset), (first.url, begun))
        second.upload()
        self.is_kept(bob, data)

    async def test_nobody_goes_on_with_anothers_upload(self):
        cleo, eve = await self.connect("cleo"), await self.connect("eve")
        first = self.uploader(cleo, os.urandom(200_000))
        first.upload_chunk()
        stolen = requests.head(first.url, headers={**eve.bearer, "Tus-Resumable": "1.0.0"}, timeout=DEADLINE)
        self.assertEqual(stolen.status_code, 404)


if __name__ == "__main__":
    unittest.main()
