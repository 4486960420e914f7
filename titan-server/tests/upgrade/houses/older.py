"""Small houses of the five older systems, for the release to import: each brings passwords of another kind."""

import hashlib
import pathlib
import sqlite3

from doors import hashed

BCRYPT = "$2b$04$jR1V4QIs0VnGwOdWK8.CBOfb2fEjHu5mTET4SGOZF69Nl6AqRVqWu"  # of "secret"
PBKDF2 = "$pbkdf2-sha256$29000$5Hzvvbd2zjlH6P3fG6N0rg$ZAN6tFpnxUSuPHMjQe71W0t9LxTU5E4YLIHmRFwYA4U"  # of "secret"
SHA256 = hashlib.sha256(b"secret").hexdigest()

TITAN_NET = f"""
CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password_hash TEXT, titan_number INTEGER, full_name TEXT,
  created_at TEXT, last_login TEXT, is_admin INTEGER DEFAULT 0, blog_url TEXT, status TEXT);
CREATE TABLE private_messages (id INTEGER PRIMARY KEY, sender_id INTEGER, recipient_id INTEGER, message TEXT, sent_at TEXT,
  read INTEGER DEFAULT 0);
CREATE TABLE chat_rooms (id INTEGER PRIMARY KEY, name TEXT, description TEXT, creator_id INTEGER, created_at TEXT,
  room_type TEXT, password_hash TEXT, is_private INTEGER);
CREATE TABLE room_messages (id INTEGER PRIMARY KEY, room_id INTEGER, user_id INTEGER, message TEXT, sent_at TEXT);
CREATE TABLE room_members (room_id INTEGER, user_id INTEGER, joined_at TEXT);
CREATE TABLE app_repository (id INTEGER PRIMARY KEY, name TEXT, description TEXT, category TEXT, version TEXT,
  author_id INTEGER, file_path TEXT, file_size INTEGER, uploaded_at TEXT, approved INTEGER, approved_by INTEGER,
  approved_at TEXT, downloads INTEGER, metadata TEXT);
INSERT INTO users VALUES (3, 'Tyra', '{SHA256}', 69522, 'Tyra L.', '2025-01-20T10:00:00.000001', NULL, 0,
  'https://tyra.example', 'online'), (5, 'Tom', '{SHA256}', 12345, NULL, '2025-01-21T10:00:00', '2025-02-01T10:00:00', 0, NULL, '');
INSERT INTO chat_rooms VALUES (2, 'Lab', 'White coats', 5, '2025-01-22T11:00:00', 'voice', '{SHA256}', 1);
INSERT INTO room_members VALUES (2, 3, '2025-01-22T11:05:00'), (2, 5, '2025-01-22T11:00:00');
INSERT INTO room_messages VALUES (3, 2, 5, 'in the lab', '2025-01-22T11:30:00.5'), (4, 2, 99, 'long gone', '2025-01-22T12:00:00');
INSERT INTO private_messages VALUES (1, 3, 5, 'seen', '2025-01-23T10:00:00', 1), (2, 5, 3, 'not seen', '2025-01-23T10:02:00', 0);
INSERT INTO app_repository VALUES (1, 'Old game', 'fun', 'game', '1.0', 5, 'uploads/approved/1_game.zip', 19,
  '2025-01-24T10:00:00', 1, 3, '2025-01-25T10:00:00', 7, '{{"name": "Old game"}}');
"""

CHANNELS = f"""
CREATE TABLE users (id INTEGER PRIMARY KEY, username VARCHAR(32), password_hash VARCHAR(255), created_at DATETIME);
CREATE TABLE channels (id INTEGER PRIMARY KEY, name VARCHAR(100), is_dm BOOLEAN, created_at DATETIME);
CREATE TABLE channel_members (id INTEGER PRIMARY KEY, channel_id INTEGER, user_id INTEGER, joined_at DATETIME);
CREATE TABLE messages (id INTEGER PRIMARY KEY, channel_id INTEGER, user_id INTEGER, content TEXT, created_at DATETIME);
CREATE TABLE files (id INTEGER PRIMARY KEY, channel_id INTEGER, user_id INTEGER, original_filename VARCHAR(255),
  stored_filename VARCHAR(255), content_type VARCHAR(100), size_bytes INTEGER, created_at DATETIME);
INSERT INTO users VALUES (1, 'Chris', '{BCRYPT}', '2025-01-20 10:00:00.000001'), (4, 'Cleo', '{PBKDF2}', '2025-01-21 11:00:00'),
  (5, 'Cora', '{BCRYPT}', '2025-01-21 12:00:00');
INSERT INTO channels VALUES (2, 'Reading', 0, '2025-01-22 11:00:00');
INSERT INTO channel_members VALUES (1, 2, 1, '2025-01-22 11:00:00'), (2, 2, 4, '2025-01-22 11:10:00');
INSERT INTO messages VALUES (1, 2, 1, 'Shall we read Lem? żółw 日本', '2025-01-22 12:00:00');
INSERT INTO files VALUES (1, 2, 4, 'lem.txt', 'abc.txt', 'text/plain', 15, '2025-01-22 13:00:00');
"""

JSON_LINES = f"""
CREATE TABLE users (id INTEGER PRIMARY KEY, username VARCHAR(50), password_hash VARCHAR(255), created_at TIMESTAMP);
CREATE TABLE messages (id INTEGER PRIMARY KEY, sender_id INTEGER, sender_username VARCHAR(50), message_text TEXT, timestamp TIMESTAMP);
INSERT INTO users VALUES (1, 'Jo', '{SHA256}', '2026-01-15 10:00:00');
INSERT INTO messages VALUES (1, 1, 'Jo', 'hello' || char(10) || 'in two lines', '2026-01-15 10:30:00'),
  (2, NULL, 'gone', 'I was here', '2026-01-15 10:31:00');
"""

TLS_FRAMES = f"""
CREATE TABLE user (id INTEGER PRIMARY KEY, username VARCHAR(64), email VARCHAR(320), password VARCHAR(128));
CREATE TABLE history (id INTEGER PRIMARY KEY, first_username VARCHAR(64), second_username VARCHAR(64));
CREATE TABLE history_content (id INTEGER PRIMARY KEY, history_id INTEGER, username VARCHAR(64), content TEXT, date DATETIME NOT NULL);
INSERT INTO user VALUES (1, 'Finn', 'finn@example.org', '{hashed("secret", bytes([7]) * 32)}'),
  (2, 'Flo', '', '{hashed("secret", bytes([200]) * 32)}');
INSERT INTO history VALUES (1, 'Finn', 'Flo'), (2, 'Flo', 'Flo');
INSERT INTO history_content VALUES (1, 1, 'Finn', 'hello', '2025-11-20 09:46:19'), (2, 2, 'Flo', 'note to self', '2025-11-20 09:49:00');
"""

UTUVOX = f"""
CREATE TABLE users (username TEXT PRIMARY KEY, password_hash TEXT, is_admin INTEGER DEFAULT 0, is_banned INTEGER DEFAULT 0);
CREATE TABLE rooms (room_name TEXT PRIMARY KEY);
CREATE TABLE room_history (id INTEGER PRIMARY KEY, room_name TEXT, timestamp TEXT, event TEXT);
CREATE TABLE files (unique_name TEXT PRIMARY KEY, original_name TEXT, room_name TEXT, upload_timestamp TEXT);
CREATE TABLE admin_logs (id INTEGER PRIMARY KEY, admin_username TEXT, timestamp TEXT, action TEXT);
INSERT INTO users VALUES ('Uma', '{SHA256}', 1, 0), ('Udo', '{SHA256}', 0, 1);
INSERT INTO rooms VALUES ('cellar');
INSERT INTO room_history (room_name, timestamp, event) VALUES ('cellar', '2025-03-01 21:00:10', 'User Uma joined room ''cellar'''),
  ('cellar', '2025-03-01 21:00:15', 'User Uma uploaded file ''cellar_20250301_210015_a.txt_0a1b2c3d'' (Original: a.txt)'),
  ('cellar', '2025-03-01 21:00:26', 'Udo: hello: all'), ('cellar', '2025-03-01 21:00:30', 'User Udo left room ''cellar''');
INSERT INTO files VALUES ('cellar_20250301_210015_a.txt_0a1b2c3d', 'a.txt', 'cellar', '2025-03-01 21:00:15');
INSERT INTO admin_logs (admin_username, timestamp, action) VALUES ('Uma', '2025-03-02 08:00:00', 'Banned user Udo');
"""

UPLOADS = {
    "titan-net": ("uploads/approved/1_game.zip", b"the bytes of a game"),
    "channels": ("uploads/abc.txt", b"Solaris, chapt."),
    "utuvox": ("uploads/cellar_20250301_210015_a.txt_0a1b2c3d", b"the bytes of a"),
}
SYSTEMS = {
    "titan-net": TITAN_NET, "channels": CHANNELS, "json-lines": JSON_LINES, "tls-frames": TLS_FRAMES, "utuvox": UTUVOX,
}


def build(folder: pathlib.Path):
    """Each system's database and uploads; its name, the file and the folder of its uploads, if it has one."""
    for system, sql in SYSTEMS.items():
        home = folder / system
        name, data = UPLOADS.get(system, ("uploads/none", b""))
        (home / name).parent.mkdir(parents=True)
        (home / name).write_bytes(data)
        with sqlite3.connect(home / "old.db") as connection:
            connection.executescript(sql)
        yield system, home / "old.db", home / "uploads"
