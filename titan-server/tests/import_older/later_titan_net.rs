//! What later versions of the original Titan-Net server keep: argon2id, mail addresses, bans, blocks, moderators, and much
//! that nothing here is like.

use serde_json::{Value, json};

use crate::import_older::land::{Land, conversation, enter, hex, log, on_both_stores, titan_net_takes};
use crate::support::Native;

/// By Python's argon2-cffi with its defaults, and with the least that it takes.
const ADA: &str = "$argon2id$v=19$m=65536,t=3,p=4$d9vZEnxRklDbZvQznHO/Sg$HI5mLflOuegCioB9CDGJYY2MDO0LrGjYZ1JMztxQ8mQ";
const BOB: &str = "$argon2id$v=19$m=64,t=1,p=1$aFj0fo/9bBaT/ACQPcGV5g$ervDi0WxeQHle+KvsC1Kw4CqmvRvFDmYAR/DsWWPBYQ";
const ROOM_KEY: &str = "$argon2id$v=19$m=64,t=1,p=1$0UjSCMl9OgeIekWq0vPrjw$KclkTr+BtAQ0xszlscHLDo29bdv6nzRkSD4R7gnstyM";

/// The tables as that version makes them, as far as they are filled here.
pub fn land() -> Land {
    let legacy = hex("eve-password");
    let land = Land::new(
        "titan-net",
        &format!(
            "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE NOT NULL, password_hash TEXT NOT NULL,
               titan_number INTEGER UNIQUE NOT NULL, full_name TEXT, created_at TEXT NOT NULL, last_login TEXT,
               is_admin INTEGER DEFAULT 0, role TEXT DEFAULT 'user', blog_url TEXT, status TEXT DEFAULT 'offline', email TEXT,
               email_verified INTEGER DEFAULT 0);
             CREATE TABLE private_messages (id INTEGER PRIMARY KEY AUTOINCREMENT, sender_id INTEGER NOT NULL,
               recipient_id INTEGER NOT NULL, message TEXT NOT NULL, sent_at TEXT NOT NULL, read INTEGER DEFAULT 0);
             CREATE TABLE chat_rooms (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL, description TEXT,
               creator_id INTEGER NOT NULL, created_at TEXT NOT NULL, room_type TEXT DEFAULT 'text', password_hash TEXT,
               is_private INTEGER DEFAULT 0);
             CREATE TABLE room_messages (id INTEGER PRIMARY KEY AUTOINCREMENT, room_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
               message TEXT NOT NULL, sent_at TEXT NOT NULL);
             CREATE TABLE room_members (room_id INTEGER NOT NULL, user_id INTEGER NOT NULL, joined_at TEXT NOT NULL,
               PRIMARY KEY (room_id, user_id));
             CREATE TABLE app_repository (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, description TEXT,
               category TEXT NOT NULL, version TEXT, author_id INTEGER NOT NULL, file_path TEXT NOT NULL, file_size INTEGER,
               uploaded_at TEXT NOT NULL, approved INTEGER DEFAULT 0, approved_by INTEGER, approved_at TEXT,
               downloads INTEGER DEFAULT 0, metadata TEXT);
             CREATE TABLE user_blocks (blocker_id INTEGER NOT NULL, blocked_id INTEGER NOT NULL, created_at TEXT NOT NULL,
               PRIMARY KEY (blocker_id, blocked_id));
             CREATE TABLE sessions (session_id TEXT PRIMARY KEY, user_id INTEGER NOT NULL, connected_at TEXT NOT NULL,
               last_activity TEXT NOT NULL);
             CREATE TABLE forum_topics (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, content TEXT NOT NULL,
               author_id INTEGER NOT NULL);
             CREATE TABLE groups (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);
             CREATE TABLE mail_messages (id INTEGER PRIMARY KEY AUTOINCREMENT, owner_user_id INTEGER NOT NULL, body TEXT);
             CREATE TABLE room_bans (id INTEGER PRIMARY KEY AUTOINCREMENT, room_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
               banned_by INTEGER NOT NULL, banned_at TEXT NOT NULL, expires_at TEXT, ban_type TEXT DEFAULT 'permanent',
               reason TEXT, ip_address TEXT);
             CREATE TABLE moderators (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER UNIQUE NOT NULL, title TEXT,
               appointed_by INTEGER NOT NULL, appointed_at TEXT NOT NULL);
             CREATE TABLE global_bans (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL, banned_by INTEGER NOT NULL,
               banned_at TEXT NOT NULL, expires_at TEXT, ban_type TEXT DEFAULT 'permanent', reason TEXT, ip_address TEXT,
               hardware_id TEXT, UNIQUE(user_id));
             CREATE TABLE ip_hardware_bans (id INTEGER PRIMARY KEY AUTOINCREMENT, ip_address TEXT, hardware_id TEXT,
               banned_by INTEGER NOT NULL, banned_at TEXT NOT NULL, reason TEXT);
             INSERT INTO users (id, username, password_hash, titan_number, created_at, last_login, is_admin, role, email) VALUES
               (1, 'ada', '{ADA}', 69522, '2025-01-20T10:00:00.000001', '2025-03-01T10:00:00', 0, 'developer', 'ada@example.org'),
               (2, 'bob', '{BOB}', 12345, '2025-01-21T10:00:00', '2025-02-01T10:00:00', 0, 'user', NULL),
               (3, 'mod', '{BOB}', 12346, '2025-01-21T10:00:00', NULL, 0, 'moderator', NULL),
               (4, 'eve', '{legacy}', 12347, '2025-01-21T10:00:00', NULL, 0, 'user', NULL),
               (5, 'pat', '{BOB}', 12348, '2025-01-21T10:00:00', NULL, 0, 'user', NULL),
               (6, 'odd', '$argon2id$v=19$m=99999999,t=3,p=4$AAAAAAAAAAAAAA$AAAAAAAAAAAAAA', 12349, '2025-01-21', NULL, 0, 'user', NULL);
             INSERT INTO global_bans (user_id, banned_by, banned_at, expires_at, ban_type, reason, ip_address) VALUES
               (4, 1, '2025-02-01', NULL, 'hard', 'spam', '203.0.113.9'), (5, 1, '2025-02-01', '2025-02-02T10:00:00', 'jail', 'loud', NULL),
               (99, 1, '2025-02-01', NULL, 'permanent', 'gone', NULL);
             INSERT INTO ip_hardware_bans (ip_address, hardware_id, banned_by, banned_at, reason) VALUES
               ('203.0.113.9', 'abc', 1, '2025-02-01', 'spam'), (NULL, 'def', 1, '2025-02-01', 'spam');
             INSERT INTO chat_rooms (id, name, creator_id, created_at, password_hash) VALUES (9, 'Lab', 1, '2025-01-22T10:00:00', NULL),
               (10, 'Cellar', 1, '2025-01-22T10:00:00', '{ROOM_KEY}');
             INSERT INTO room_members VALUES (9, 1, '2025-01-22T10:00:00');
             INSERT INTO room_messages VALUES (1, 9, 2, 'in the lab', '2025-01-22T11:00:00'), (2, 9, 77, 'long gone', '2025-01-22T11:01:00');
             INSERT INTO room_bans (room_id, user_id, banned_by, banned_at, expires_at, reason) VALUES
               (9, 2, 1, '2025-02-01', NULL, 'noise'), (9, 5, 1, '2025-02-01', '2025-02-02', 'over');
             INSERT INTO moderators (user_id, title, appointed_by, appointed_at) VALUES (3, 'Keeper', 1, '2025-02-01');
             INSERT INTO user_blocks VALUES (2, 5, '2025-02-01T10:00:00');
             INSERT INTO private_messages VALUES (1, 1, 2, 'old', '2025-01-23T10:00:00', 0), (2, 77, 2, 'from the past', '2025-01-24T10:00:00', 0),
               (3, 1, 2, 'new', '2025-02-23T10:00:00', 0), (4, 77, 78, 'nobody', '2025-02-23T10:00:00', 0);
             INSERT INTO app_repository (name, category, version, author_id, file_path, uploaded_at, approved, approved_by) VALUES
               ('My Widget', 'widget', '1', 2, 'uploads/approved/76efef.zip', '2025-01-24', 1, 1);
             INSERT INTO sessions VALUES ('s', 1, '2025', '2025');
             INSERT INTO forum_topics (title, content, author_id) VALUES ('a', 'b', 1), ('c', 'd', 1);
             INSERT INTO mail_messages (owner_user_id, body) VALUES (1, 'dear ada');"
        ),
    );
    std::fs::create_dir_all(land.path("old/uploads/approved")).unwrap();
    land.upload("approved/76efef.zip", b"a widget");
    land
}

on_both_stores! {
    what_the_later_version_keeps_comes_in_or_is_named: super::land();
}

async fn what_the_later_version_keeps_comes_in_or_is_named(land: Land) {
    let said = land.import_in_part(&[]);
    for line in [
        "left out: the table \"forum_topics\" with 2 rows",
        "left out: the table \"mail_messages\" with 1 row:",
        "left out: the ban of user 99: no such user",
        "left out: the ban 2 of a device",
        "left out: private message 4 of user 77 to user 78: both are gone",
        "note: the table \"sessions\" with 1 row was not needed",
        "note: 1 ban from the whole house had ended before",
        "note: 1 ban from single rooms had ended before",
        "note: the title \"Keeper\" of \"mod\" has no place here",
        "note: the password of odd was kept in a form that can't be checked",
        "note: app 1 \"My Widget\" was in the category \"widget\"",
        "Imported 6 accounts, 2 rooms with 2 members and 2 messages, 3 private messages, 1 app, 7 bans, blocks and moderators.",
        "Left out: 3 things and 2 tables.",
    ] {
        assert!(said.contains(line), "{line:?} is missing in {said}");
    }
    assert!(!said.contains("groups"), "an empty table is nothing to tell of: {said}");
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada", "ada-password").await;
    let mail = land.asks("SELECT email, role FROM accounts WHERE username = 'ada'");
    assert_eq!(mail[0], [Some("ada@example.org".to_owned()), Some("admin".to_owned())]);
    let lab = conversation(&mut ada, "Lab").await;
    let told =
        ["01-22 10:00:00 ada joined", "01-22 11:00:00 bob said in the lab", "01-22 11:01:00 former-77 said long gone"];
    assert_eq!(log(&mut ada, lab).await, told);
    those_kept_out_stay_out(&land, &server, lab).await;

    let mut bob = enter(&land, &server, "bob", "bob-password").await;
    let mine = bob.ok(json!({"do": "conversations"})).await["conversations"].clone();
    let unread = |name: &str| {
        let mine = mine.as_array().unwrap().iter().find(|mine| mine["direct"]["username"] == name);
        mine.unwrap_or_else(|| panic!("{name} is not in {mine:?}"))["unread"].clone()
    };
    // What came before the last login was read, though that version of the database never says so.
    assert_eq!(unread("ada"), 1);
    let gone = land.asks("SELECT username FROM accounts WHERE deleted_at IS NOT NULL")[0][0].clone().unwrap();
    assert_eq!(unread(&gone), 0);
    let blocked = bob.ok(json!({"do": "relations"})).await["relations"].clone();
    assert_eq!((&blocked[0]["username"], &blocked[0]["relation"]), (&json!("pat"), &json!("blocked")), "{blocked}");
    let cellar = |password: &str| json!({"do": "join_room", "conversation": cellar_of(&land), "password": password});
    assert_eq!(bob.fault(cellar("wrong")).await, "wrong_room_password");
    bob.ok(cellar("room-key")).await;
    it_downloads_under_its_name(&server).await;
}

fn cellar_of(land: &Land) -> i64 {
    land.asks("SELECT conversation FROM rooms WHERE name = 'Cellar'")[0][0].clone().unwrap().parse().unwrap()
}

async fn those_kept_out_stay_out(land: &Land, server: &crate::support::process::Running, lab: i64) {
    let mut eve = Native::connect(server.address("http")).await;
    let login = json!({"do": "login", "username": "eve", "password": "eve-password"});
    assert_eq!(eve.fault(login).await, "banned");
    assert!(!titan_net_takes(server, "eve", "eve-password").await);
    assert!(titan_net_takes(server, "pat", "bob-password").await, "a ban that has ended");
    let mut bob = Native::connect(server.address("http")).await;
    bob.login("pat", "bob-password").await;
    bob.ok(json!({"do": "join_room", "conversation": lab})).await;
    assert_eq!(
        land.asks("SELECT address, reason FROM address_bans")[0],
        [Some("203.0.113.9".into()), Some("spam".into())]
    );
    let moderates = "SELECT m.role FROM members m JOIN accounts a ON a.id = m.account WHERE a.username = 'mod' \
        AND m.conversation > 1 ORDER BY m.conversation";
    assert_eq!(land.asks(moderates), [[Some("moderator".to_owned())]], "of the open room");
    let banned =
        "SELECT reason FROM sanctions s JOIN accounts a ON a.id = s.account WHERE a.username = 'bob' AND kind = 'ban'";
    assert_eq!(land.asks(banned), [[Some("noise".to_owned())]]);
}

async fn it_downloads_under_its_name(server: &crate::support::process::Running) {
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let origin = format!("http://{}", server.address("http"));
    let get = async |path: &str| crate::support::deadline(reqwest::get(format!("{origin}{path}"))).await.unwrap();
    let apps: Value = get("/api/repository").await.json().await.unwrap();
    let got = get(&format!("/api/download/{}", apps["apps"][0]["id"])).await;
    let named = got.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(named.contains("My Widget.zip"), "{named}");
    assert_eq!(&got.bytes().await.unwrap()[..], b"a widget");
}

#[test]
fn an_encrypted_database_is_told_how_to_be_exported() {
    let land = land();
    std::fs::write(land.path("old/chat.db"), [0xa7; 8192]).unwrap();
    let complaint = land.refuses(&[]);
    assert!(complaint.contains("looks encrypted") && complaint.contains("sqlcipher_export"), "{complaint}");
    assert!(!complaint.contains("restore a backup"), "{complaint}");
}
