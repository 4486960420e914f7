"""Makes the houses of this folder: python3 make.py TITAN_SERVER sqlite|postgres

TITAN_SERVER is the released binary that made them; of packages it wants `requests` and `websockets`, of programs `sqlite3` or
`pg_dump`, and for PostgreSQL `scripts/with-postgres` around it. The house is lived in at its doors, and then its server is
killed. What would run out until the tests read it (sessions, mutes, links, uploads) is given until the year 2100.
"""

import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import older
import requests
from doors import DEADLINE, Channels, JsonLines, Native, Server, Slash, TitanNet, TlsFrames, client_id

HERE = pathlib.Path(__file__).parent
GENERAL, YEAR_2100 = 1, 4_102_444_800_000
LASTING = f"""UPDATE sessions SET expires_at = {YEAR_2100}; UPDATE resets SET expires_at = {YEAR_2100};
UPDATE sanctions SET until = {YEAR_2100} WHERE until < {YEAR_2100};"""
#: What belongs to a house beside its database.
KEPT = ["pepper", "jwt_key", "admin_key.txt", "blobs", "uploads", "outbox"]


def main(binary: str, kind: str):
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place) / "house"
        server = Server(binary, folder, os.environ["TITAN_TEST_POSTGRES"] if kind == "postgres" else None)
        bring_in_older_systems(pathlib.Path(place), server)
        server.start()
        try:
            people = live(server, pathlib.Path(place))
            known = {
                "made_by": subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.strip(),
                "passwords": PASSWORDS, "tokens": {name: who.token for name, who in people.items()},
                "uploads": leave_half_done(people), "files": files(server), "answers": answers(people),
            }
        finally:
            server.stop(signal.SIGKILL)
        keep(folder, server, HERE / kind, known)


def bring_in_older_systems(place: pathlib.Path, server: Server):
    # Imports go into a file; from there a house moves into PostgreSQL, as its operators do it.
    here = Server(server.binary, server.folder, None)
    for system, database, uploads in older.build(place / "older"):
        here.run("import", system, str(database), "--uploads", str(uploads))
    if "TITAN_DATABASE_URL" in server.surroundings:
        here.run("migrate", "--to", server.surroundings["TITAN_DATABASE_URL"])


PASSWORDS = {
    **dict.fromkeys(["Tyra", "Tom", "Chris", "Cleo", "Cora", "Jo", "Finn", "Flo", "Uma"], "secret"),
    **{name: f"{name}-password" for name in ["ada", "bob", "cyd", "dan", "gil", "hal", "tina", "carl", "jason", "tess", "sam"]},
}


def live(server: Server, place: pathlib.Path) -> dict[str, Native]:
    key = (server.folder / "admin_key.txt").read_text().strip()
    enter = lambda name, **more: Native(server, name, PASSWORDS.get(name, "gone-password"), register=more)
    ada = enter("ada", full_name="Ada Lovelace", admin_key=key)
    people = {"ada": ada, **{name: enter(name) for name in ["bob", "cyd", "dan", "eve", "fay", "gil", "hal"]}}
    # The same passwords in the forms that older systems kept: only the first login makes others of some.
    people |= {name: Native(server, name, "secret") for name in ["Tom", "Chris", "Finn"]}
    doors_of_others(server, place, people)
    relate(people)
    rooms = talk(people)
    keep_order(people, rooms)
    shelve(server, people)
    administer(server, people)
    return {name: who for name, who in people.items() if name not in ("eve", "fay")}


def doors_of_others(server: Server, place: pathlib.Path, people: dict):
    tina = TitanNet(server, "tina", PASSWORDS["tina"])
    tina.ask("message_sent", type="private_message", recipient_id=people["ada"].id, message="hello from Titan-Net")
    tina.ask("room_created", type="create_room", name="Tina's", description="cats", password="meow")
    tina.ask("blog_updated", type="update_blog", blog_url="https://tina.example.org")
    metadata = json.dumps({"name": "Bells", "description": "ring", "category": "sound_theme", "version": "2"})
    parts = {"metadata": ("", metadata), "file": ("bells.zip", b"the bytes of bells")}
    bearer = {"Authorization": f"Bearer {tina.token}"}
    requests.post(f"{server.http}/api/upload", files=parts, headers=bearer, timeout=DEADLINE).raise_for_status()
    carl = Channels(server, "carl", PASSWORDS["carl"])
    workshop = carl.post("/channels", json={"name": "Workshop"})["id"]
    carl.post(f"/channels/{workshop}/messages", json={"content": "saw, hammer"})
    carl.post(f"/channels/{workshop}/files", files={"upload": ("plan.txt", b"the bytes of a plan")})
    JsonLines(server, "jason", PASSWORDS["jason"]).ask("new_message", type="send_message", sender="jason", message="by lines")
    tess = TlsFrames(server)
    tess.enter("tess", PASSWORDS["tess"])
    tess.send(tess.MSG, reciever="bob", msg="by frames")
    TlsFrames(server).ask(TlsFrames.ACK, TlsFrames.FRP, login="tess")
    sam = Slash(server)
    sam.ask(f"/register sam {PASSWORDS['sam']}", "successful")
    sam.ask("/create office", "You joined room")
    sam.socket.sendall(b"/message by slashes")
    data = b"the bytes of a sheet"
    sam.ask(f"/upload office sheet.txt {len(data)}", "uploaded to room", data)


def relate(people: dict):
    ada, bob, cyd, gil, hal = (people[name] for name in ["ada", "bob", "cyd", "gil", "hal"])
    ada.ask("request_friend", account=bob.id), bob.ask("accept_friend", account=ada.id)
    hal.ask("request_friend", account=ada.id)
    ada.ask("block", account=gil.id), cyd.ask("block", account=hal.id)
    ada.ask("update_profile", blog_url="https://ada.example.org", email="ada@example.org")
    bob.ask("update_profile", email="bob@example.org")
    bob.ask("request_reset", username="bob")


def talk(people: dict) -> dict[str, int]:
    ada, bob, cyd, dan, eve, fay = (people[name] for name in ["ada", "bob", "cyd", "dan", "eve", "fay"])
    make = lambda who, name, **more: who.ask("create_room", name=name, description="", kind="text", **more)["id"]
    rooms = {"Lounge": make(ada, "Lounge"), "Vault": make(bob, "Vault", password="open"), "Fay's": make(fay, "Fay's")}
    lounge, ended = rooms["Lounge"], make(dan, "Ended")
    for who in (bob, cyd, dan, eve, fay):
        who.ask("join_room", conversation=lounge)
    cyd.ask("join_room", conversation=rooms["Vault"], password="open")
    bob.ask("join_room", conversation=rooms["Fay's"])
    for n in range(6):
        (ada, bob, cyd)[n % 3].post(lounge, f"number {n}: the café, żółw, 日本語 👍")
    named = ada.post(lounge, "what do you think, @bob?")
    bob.post(lounge, "I think so", reply_to=named)
    wrong = fay.post(lounge, "a tpyo")
    fay.ask("edit", conversation=lounge, seq=wrong, text="a typo, @cyd", client_id=client_id())
    fay.ask("edit", conversation=lounge, seq=wrong, text="no typo, @cyd", client_id=client_id())
    secret = dan.post(lounge, "nobody shall read this")
    dan.ask("delete", conversation=lounge, seq=secret, client_id=client_id())
    for who, emoji in ((bob, "👍"), (cyd, "👍"), (dan, "🎉")):
        who.ask("react", conversation=lounge, seq=named, emoji=emoji, on=True, client_id=client_id())
    cyd.ask("react", conversation=lounge, seq=named, emoji="👍", on=False, client_id=client_id())
    bob.post(rooms["Vault"], "the vault is open"), eve.post(GENERAL, "spam, spam and spam")
    fay.post(GENERAL, "good bye"), bob.post(rooms["Fay's"], "who owns this now?"), dan.post(ended, "the end is near")
    direct = bob.ask("open_direct", account=ada.id)["id"]
    bob.post(direct, "in private"), ada.post(direct, "what is it?")
    ada.ask("open_direct", account=ada.id), people["gil"].ask("open_direct", account=bob.id)
    bob.upload("notes.txt", b"the bytes of notes", conversation=str(lounge), text="my notes", client_id=client_id())
    bob.ask("mark_read", conversation=lounge, seq=wrong), ada.ask("mark_read", conversation=direct, seq=1)
    ada.ask("update_room", conversation=lounge, name="Salon", description="soft chairs")
    dan.ask("delete_room", conversation=ended)
    return rooms


def keep_order(people: dict, rooms: dict):
    ada, bob, cyd, dan, eve = (people[name] for name in ["ada", "bob", "cyd", "dan", "eve"])
    lounge = rooms["Lounge"]
    ada.ask("set_member_role", conversation=lounge, account=bob.id, role="moderator")
    bob.ask("mute", conversation=lounge, account=cyd.id, seconds=86_400, reason="too loud")
    bob.ask("kick", conversation=lounge, account=dan.id, reason="cool down")
    ada.ask("ban_member", conversation=lounge, account=eve.id, reason="spam")
    ada.ask("mute", conversation=GENERAL, account=dan.id, reason="for good")
    bob.ask("set_member_role", conversation=rooms["Vault"], account=cyd.id, role="owner")
    people["hal"].ask("join_room", conversation=lounge), people["hal"].ask("leave_room", conversation=lounge)


def shelve(server: Server, people: dict):
    ada, bob = people["ada"], people["bob"]
    for name, category in (("Chess", "game"), ("Word", "application"), ("Draft", "component")):
        bob.upload(f"{name}.zip", f"the bytes of {name}".encode(), name=name, description="an app", category=category, version="1.0")
    apps = {app["name"]: app for app in ada.ask("apps", state="pending")["apps"]}
    ada.ask("approve_app", app=apps["Chess"]["id"], sha256=apps["Chess"]["sha256"])
    ada.ask("reject_app", app=apps["Word"]["id"], reason="it crashes")
    requests.get(f"{server.http}/api/download/{apps['Chess']['id']}", timeout=DEADLINE).raise_for_status()


def administer(server: Server, people: dict):
    ada, fay = people["ada"], people["fay"]
    ada.ask("add_account", username="zoe", password="zoe-password", role="admin")
    ada.ask("ban", account=people["eve"].id, reason="spam")
    ada.ask("ban_address", address="192.0.2.7", reason="flood")
    server.run("admin", "ban", "--address", "2001:db8::7", "--reason", "flood")
    server.run("admin", "grant", "bob")
    fay.ask("delete_account", password="gone-password")
    lounge = next(room["id"] for room in ada.ask("rooms")["rooms"] if room["name"] == "Salon")
    listed = people["cyd"].ask("history", conversation=lounge, limit=500)["entries"]
    file = next(entry["file"]["id"] for entry in listed if entry.get("file"))
    fetch(server, people["cyd"], file)


def fetch(server: Server, who: Native, file: int) -> str:
    bearer = {"Authorization": f"Bearer {who.token}"}
    answer = requests.get(f"{server.http}/api/files/{file}", headers=bearer, timeout=DEADLINE)
    answer.raise_for_status()
    return hashlib.sha256(answer.content).hexdigest()


def leave_half_done(people: dict) -> list[dict]:
    """Uploads that stop in the middle: who goes on with the rest needs to know these."""
    left = []
    for purpose in ({"conversation": "1", "text": "at last", "client_id": client_id()},
                    {"name": "Half", "description": "an app", "category": "game", "version": "1.0"}):
        data = "the first half, and the second"
        upload = people["bob"].upload("half.txt", data.encode(), upto=14, **purpose)
        left.append({"id": upload, "who": "bob", "offset": 14, "rest": data[14:]})
    return left


def files(server: Server) -> dict[str, str]:
    """The hash of each blob by its name in the folder: they are the same, or something is wrong already."""
    blobs = [path for path in (server.folder / "blobs").rglob("*") if path.is_file()]
    return {str(path.relative_to(server.folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in blobs}


def answers(people: dict) -> list[dict]:
    """What the house answers whom to every question that changes nothing."""
    asked, read = [], set()
    def ask(name: str, do: str, **fields):
        asked.append({"who": name, "do": do, **fields, "ok": people[name].ask(do, **fields)})
        return asked[-1]["ok"]
    for name in people:
        ask(name, "relations"), ask(name, "sessions"), ask(name, "app_stats")
        for conversation in ask(name, "conversations")["conversations"]:
            if conversation["id"] not in read:
                read.add(conversation["id"])
                ask(name, "history", conversation=conversation["id"], after=0, limit=500)
    ask("ada", "search", query="the", limit=100)
    for question in ("rooms", "accounts", "banned_addresses"):
        ask("ada", question)
    ask("ada", "audit", limit=500)
    for state in ("pending", "approved", "rejected"):
        ask("ada", "apps", state=state)
    for room in ask("ada", "rooms")["rooms"]:
        if room["joined"]:
            ask("ada", "members", conversation=room["id"]), ask("ada", "sanctions", conversation=room["id"])
    return asked


def keep(folder: pathlib.Path, server: Server, home: pathlib.Path, known: dict):
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    for name in KEPT:
        (shutil.copytree if (folder / name).is_dir() else shutil.copy)(folder / name, home / name)
    for slip in (home / "uploads").glob("*.json"):
        slip.write_text(json.dumps(json.loads(slip.read_text()) | {"created_at": YEAR_2100}))
    dump = dump_postgres if home.name == "postgres" else dump_sqlite
    (home / "house.sql").write_text(dump(folder, server.surroundings.get("TITAN_DATABASE_URL")))
    lines = ",\n".join(json.dumps(answer, ensure_ascii=False, separators=(",", ":")) for answer in known.pop("answers"))
    head = json.dumps(known, indent=1)
    (home / "known.json").write_text(f'{head[:-2]},\n "answers": [\n{lines}\n]}}\n')


def dump_sqlite(folder: pathlib.Path, _) -> str:
    marks = "SELECT 'PRAGMA user_version = ' || (SELECT * FROM pragma_user_version) || '; PRAGMA application_id = ' || (SELECT * FROM pragma_application_id) || ';'"
    command = ["sqlite3", folder / "titan.db", LASTING, marks, ".dump"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def dump_postgres(_, url: str) -> str:
    subprocess.run(["psql", "-q", url, "-c", LASTING], check=True)
    command = ["pg_dump", "--no-owner", "--no-privileges", "--column-inserts", "--rows-per-insert=50", url]
    dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # Without what only its own tools read, and what was said beside it.
    return "".join(line for line in dump.splitlines(True) if not line.startswith(("\\", "--", "\n")))


if __name__ == "__main__":
    main(*sys.argv[1:])
