"""The HTTP API, by the samples of the original's document, `requests` and curl."""

import base64
import os
import pathlib
import subprocess
import tempfile
import unittest

import requests

from support import DEADLINE, ServerCase, upload


class TheDocumentsApi(ServerCase):
    def get(self, path: str, **options) -> requests.Response:
        return requests.get(self.server.http + path, timeout=DEADLINE, **options)

    def post(self, path: str, **options) -> requests.Response:
        return requests.post(self.server.http + path, timeout=DEADLINE, **options)

    async def test_an_app_from_upload_to_its_end(self):
        author, admin = await self.connect("author"), await self.connect("admin")
        data = os.urandom(300_000)
        uploaded = upload(self.server, author, "My App", data)
        self.assertEqual(uploaded.status_code, 200, uploaded.text)
        app = uploaded.json()["app_id"]
        self.assertEqual(uploaded.json()["message"], "File uploaded successfully. Pending admin approval.")
        self.assertEqual(self.get(f"/api/download/{app}").json()["error"], "App not approved yet")
        self.assertEqual(self.get("/api/pending", headers=author.bearer).status_code, 403)

        self.server.make_admin("admin")
        pending = self.get("/api/pending", headers=admin.bearer).json()["apps"]
        self.assertIn(app, [waiting["id"] for waiting in pending])
        self.assertEqual(self.post(f"/api/approve/{app}", headers=author.bearer).status_code, 403)
        approved = self.post(f"/api/approve/{app}", headers=admin.bearer)
        self.assertEqual(approved.json(), {"success": True, "message": "App approved successfully"})

        downloaded = self.get(f"/api/download/{app}")
        self.assertEqual(downloaded.content, data)
        self.assertIn('filename="My App.zip"', downloaded.headers["Content-Disposition"])
        listed = self.get("/api/repository/application").json()
        self.assertEqual(listed["category"], "application")
        mine = next(listed_app for listed_app in listed["apps"] if listed_app["id"] == app)
        self.assertEqual((mine["author_username"], mine["file_size"], mine["downloads"]), ("author", len(data), 1))
        self.assertEqual([found["id"] for found in self.get("/api/search", params={"q": "my app"}).json()["apps"]], [app])
        self.assertEqual(self.get("/api/search").json()["error"], "Search query required")
        self.assertEqual(self.get("/api/stats").json()["stats"]["total_apps"], 1)

        delete = lambda who: requests.delete(f"{self.server.http}/api/delete/{app}", headers=who.bearer, timeout=DEADLINE)
        stranger = await self.connect("stranger")
        self.assertEqual((delete(stranger).status_code, delete(stranger).json()["error"]), (403, "Permission denied"))
        self.assertEqual(delete(author).json()["message"], "App deleted successfully")
        self.assertEqual(self.get(f"/api/download/{app}").status_code, 404)

    async def test_uploads_that_are_not_right_are_told_why(self):
        author = await self.connect("careless")
        for fields, why in [
            ({"category": "virus"}, "Invalid category. Must be one of: application, component, sound_theme, game, tce_package, language_pack"),
            ({"version": None}, "Missing required field: version"),
        ]:
            refused = upload(self.server, author, "App", b"x", **fields)
            self.assertEqual((refused.status_code, refused.json()), (400, {"success": False, "error": why}))
        self.assertEqual(upload(self.server, author, "App", b"").json()["error"], "File data required")
        self.assertEqual(self.post("/api/upload", headers=author.bearer, data="no form").status_code, 400)

    async def test_the_originals_token_which_anybody_can_make_is_refused(self):
        john = await self.connect("john")
        token = base64.b64encode(f"{john.user['id']}:john".encode()).decode()
        for headers in ({"Authorization": f"Bearer {token}"}, {}):
            refused = self.post("/api/upload", headers=headers, files={"file": ("a.zip", b"x")})
            self.assertEqual(refused.status_code, 401)
            self.assertTrue(refused.json()["error"].startswith("Authentication required"), refused.text)

    async def test_curl_goes_on_where_it_stopped(self):
        author, admin = await self.connect("curler"), await self.connect("keeper")
        self.server.make_admin("keeper")
        data = os.urandom(500_000)
        app = upload(self.server, author, "Resumable", data).json()["app_id"]
        self.assertEqual(self.post(f"/api/approve/{app}", headers=admin.bearer).status_code, 200)
        url = f"{self.server.http}/api/download/{app}"
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "app.zip"
            curl = ["curl", "--silent", "--show-error", "--fail", "--output", file]
            subprocess.run([*curl, "--range", "0-99999", url], check=True)
            self.assertEqual(file.read_bytes(), data[:100_000])
            subprocess.run([*curl, "--continue-at", "-", url], check=True)
            self.assertEqual(file.read_bytes(), data)
            tail = subprocess.run(["curl", "--silent", "--range", "-10", url], check=True, capture_output=True)
            self.assertEqual(tail.stdout, data[-10:])
        beyond = self.get(f"/api/download/{app}", headers={"Range": "bytes=500000-"})
        self.assertEqual((beyond.status_code, beyond.headers["Content-Range"]), (416, "bytes */500000"))
        etag = self.get(f"/api/download/{app}").headers["ETag"]
        self.assertEqual(self.get(f"/api/download/{app}", headers={"If-None-Match": etag}).status_code, 304)


if __name__ == "__main__":
    unittest.main()
