//! The original Titan-Net server's database comes in whole: tried on the real binary with a database built by hand.

use crate::support;
use crate::support::process;
use std::path::{Path, PathBuf};

use crate::support::Native;
use crate::support::process::{Running, fails, ok};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// An old server's folder, and a place for a new house.
struct Move(tempfile::TempDir);

impl Move {
    fn new() -> Self {
        let land = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir_all(land.path("old/database")).unwrap();
        std::fs::create_dir_all(land.path("old/uploads/approved")).unwrap();
        std::fs::write(land.path("old/uploads/approved/1_game.zip"), "the bytes of a game").unwrap();
        build(&land.database());
        land
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn database(&self) -> PathBuf {
        self.path("old/database/titannet.db")
    }

    fn change(&self, sql: &str) {
        Connection::open(self.database()).unwrap().execute_batch(sql).unwrap();
    }

    /// Some of the old files aren't there: all else comes in.
    fn imports_without_files(&self, old: &str, house: &str, more: &[&str]) -> String {
        let all = [&self.arguments(old, house)[..], &["--leave-out-files"], more].concat();
        let output = process::run(&all);
        assert_eq!(output.status.code(), Some(6), "{}", process::error_of(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn arguments<'a>(&self, old: &'a str, house: &'a str) -> [&'a str; 5] {
        ["import", "titan-net", old, "--data-dir", house]
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn build(path: &Path) {
    let (ada, bob, key) = (sha256("ada-password"), sha256("bob-password"), sha256("room-key"));
    let sql = format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password_hash TEXT, titan_number INTEGER,
           full_name TEXT, created_at TEXT, last_login TEXT, is_admin INTEGER DEFAULT 0, blog_url TEXT, status TEXT);
         CREATE TABLE private_messages (id INTEGER PRIMARY KEY, sender_id INTEGER, recipient_id INTEGER, message TEXT,
           sent_at TEXT, read INTEGER DEFAULT 0);
         CREATE TABLE chat_rooms (id INTEGER PRIMARY KEY, name TEXT, description TEXT, creator_id INTEGER,
           created_at TEXT, room_type TEXT, password_hash TEXT, is_private INTEGER);
         CREATE TABLE room_messages (id INTEGER PRIMARY KEY, room_id INTEGER, user_id INTEGER, message TEXT, sent_at TEXT);
         CREATE TABLE room_members (room_id INTEGER, user_id INTEGER, joined_at TEXT);
         CREATE TABLE app_repository (id INTEGER PRIMARY KEY, name TEXT, description TEXT, category TEXT, version TEXT,
           author_id INTEGER, file_path TEXT, file_size INTEGER, uploaded_at TEXT, approved INTEGER, approved_by INTEGER,
           approved_at TEXT, downloads INTEGER, metadata TEXT);
         INSERT INTO users VALUES
           (3, 'ada', '{ada}', 69522, 'Ada L.', '2025-01-20T10:00:00.000001', NULL, 1, 'https://ada.example', 'online'),
           (5, 'bob', '{bob}', 12345, NULL, '2025-01-21T10:00:00', '2025-02-01T10:00:00', 0, NULL, 'offline');
         INSERT INTO chat_rooms VALUES
           (1, 'general', 'old talk', 3, '2025-01-22T10:00:00', 'text', NULL, 0),
           (2, 'Lab', '', 5, '2025-01-22T11:00:00', 'voice', '{key}', 1);
         INSERT INTO room_members VALUES (1, 3, '2025-01-22T10:00:00'), (1, 5, '2025-01-22T10:30:00'),
           (2, 5, '2025-01-22T11:00:00');
         INSERT INTO room_messages VALUES (1, 1, 3, 'first', '2025-01-22T10:10:00'), (2, 1, 5, 'second', '2025-01-22T10:40:00'),
           (3, 2, 5, 'in the lab', '2025-01-22T11:30:00.5'), (4, 1, 99, 'from the past', '2025-01-22T12:00:00');
         INSERT INTO private_messages VALUES (1, 3, 5, 'seen', '2025-01-23T10:00:00', 1),
           (2, 5, 3, 'answer', '2025-01-23T10:01:00', 1), (3, 3, 5, 'not seen', '2025-01-23T10:02:00', 0);
         INSERT INTO app_repository VALUES (1, 'Game', 'fun', 'game', '1.0', 5, 'uploads/approved/1_game.zip', 19,
           '2025-01-24T10:00:00', 1, 3, '2025-01-25T10:00:00', 7, '{{\"name\": \"Game\"}}'),
           (2, 'Lost', '', 'game', '1.0', 5, '../../../etc/passwd', 1, '2025-01-24T10:00:00', 1, 3, NULL, 0, NULL);"
    );
    Connection::open(path).unwrap().execute_batch(&sql).unwrap();
}

async fn log_in(server: &Running, name: &str, password: &str) -> Native {
    let mut native = Native::connect(server.address("http")).await;
    native.login(name, password).await;
    native
}

async fn conversations(native: &mut Native) -> Vec<Value> {
    native.ok(json!({"do": "conversations"})).await["conversations"].as_array().unwrap().clone()
}

/// Each message with its author, in order.
async fn said(native: &mut Native, conversation: &Value) -> Vec<String> {
    let history = native.ok(json!({"do": "history", "conversation": conversation, "after": 0, "limit": 100})).await;
    let entries = history["entries"].as_array().unwrap().clone();
    let line = |entry: &Value| match entry["text"].as_str() {
        Some(text) => format!("{}: {text}", entry["author"]["username"].as_str().unwrap()),
        None => format!("{} {}", entry["author"]["username"].as_str().unwrap(), entry["kind"].as_str().unwrap()),
    };
    entries.iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_house_comes_in_with_everything_in_it() {
    let land = Move::new();
    let (old, house) = (land.database().to_str().unwrap().to_owned(), land.text("house"));
    assert!(fails(&land.arguments(&old, &house)).contains("app 2 \"Lost\": its file was not found"));
    let summary = land.imports_without_files(&old, &house, &[]);
    assert!(
        summary.contains("Imported 2 accounts, 2 rooms with 3 members and 4 messages, 3 private messages, 1 app."),
        "{summary}"
    );
    assert!(summary.contains("renamed: room 1 \"general\" is the room \"general (2)\" now"), "{summary}");
    assert!(summary.contains("left out: app 2 \"Lost\""), "{summary}");
    assert!(ok(&["check", "--blobs", "--data-dir", &house]).contains("1 blobs read through"));

    let server = Running::serve(&land.path("house"));
    let mut ada = log_in(&server, "ada", "ada-password").await;
    // The old hash has been replaced at that login: the password is the same still.
    log_in(&server, "ada", "ada-password").await;
    let admins = ok(&["admin", "list", "admins", "--json", "--data-dir", &house]);
    let admins: Value = serde_json::from_str(&admins).unwrap();
    assert_eq!((&admins[0]["titan_number"], &admins[0]["full_name"]), (&json!(69522), &json!("Ada L.")));
    assert_eq!(admins[0]["created_at"], 1_737_367_200_000_i64);

    let mine = conversations(&mut ada).await;
    let named = |name: &str| mine.iter().find(|mine| mine["room"]["name"] == name).unwrap();
    let talk = said(&mut ada, &named("general (2)")["id"]).await;
    assert_eq!(talk, ["ada joined", "ada: first", "bob joined", "bob: second", "former-99: from the past"]);
    assert_eq!(named("general (2)")["unread"], 0);
    let direct = mine.iter().find(|mine| mine["direct"]["username"] == "bob").unwrap();
    assert_eq!(said(&mut ada, &direct["id"]).await, ["ada: seen", "bob: answer", "ada: not seen"]);

    let mut bob = log_in(&server, "bob", "bob-password").await;
    let his = conversations(&mut bob).await;
    let direct = his.iter().find(|his| his["direct"]["username"] == "ada").unwrap();
    assert_eq!(direct["unread"], 1);
    let lab = his.iter().find(|his| his["room"]["name"] == "Lab").unwrap();
    assert_eq!((&lab["room"]["kind"], &lab["room_role"]), (&json!("voice"), &json!("owner")));
    let join = |password: &str| json!({"do": "join_room", "conversation": lab["id"], "password": password});
    assert_eq!(ada.fault(join("wrong")).await, "wrong_room_password");
    ada.ok(join("room-key")).await;
    let found = ada.ok(json!({"do": "search", "query": "second"})).await;
    assert_eq!(found["results"].as_array().unwrap().len(), 1);

    let url = format!("http://{}/api/repository", server.address("http"));
    let apps: Value = serde_json::from_str(&reqwest_get(&url).await).unwrap();
    assert_eq!((&apps["apps"][0]["name"], &apps["apps"][0]["downloads"]), (&json!("Game"), &json!(7)));
    let url = format!("http://{}/api/download/{}", server.address("http"), apps["apps"][0]["id"]);
    assert_eq!(reqwest_get(&url).await, "the bytes of a game");
}

async fn reqwest_get(url: &str) -> String {
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    support::deadline(async { reqwest::get(url).await.unwrap().text().await.unwrap() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_taken_stop_everything_unless_others_are_allowed() {
    let land = Move::new();
    let (old, house) = (land.database().to_str().unwrap().to_owned(), land.text("house"));
    let mut server = Running::serve(&land.path("house"));
    let mut stranger = Native::connect(server.address("http")).await;
    stranger.ok(json!({"do": "register", "username": "Ada", "password": "secret-password"})).await;
    assert!(fails(&land.arguments(&old, &house)).contains("another server is using"));
    server.terminate();
    land.change("INSERT INTO users (id, username, password_hash, titan_number) VALUES (7, 'two words', 'x', 12345)");

    let complaint = fails(&land.arguments(&old, &house));
    assert!(complaint.contains("\"ada\": another account has this name"), "{complaint}");
    assert!(complaint.contains("\"two words\"") && complaint.contains("--rename"), "{complaint}");
    assert!(ok(&["check", "--data-dir", &house]).contains(": 1 accounts, 1 rooms"));

    let summary = land.imports_without_files(&old, &house, &["--rename"]);
    assert!(summary.contains("account \"ada\" is ada_2 now"), "{summary}");
    assert!(summary.contains("account \"two words\" is two_words now"), "{summary}");
    assert!(summary.contains("account two_words has the titan number"), "{summary}");
    let server = Running::serve(&land.path("house"));
    log_in(&server, "ada_2", "ada-password").await;
    // What came in once doesn't come in again.
    drop(server);
    assert!(fails(&land.arguments(&old, &house)).contains("nothing was imported"));
}

#[test]
fn an_older_form_without_newer_columns_comes_in_too() {
    let land = Move::new();
    let (old, house) = (land.database().to_str().unwrap().to_owned(), land.text("house"));
    land.change(
        "DROP TABLE app_repository; DROP TABLE room_members; ALTER TABLE users DROP COLUMN blog_url;
         ALTER TABLE private_messages DROP COLUMN read; ALTER TABLE chat_rooms DROP COLUMN password_hash;",
    );
    assert!(ok(&land.arguments(&old, &house)).contains("2 rooms with 0 members and 4 messages, 3 private messages"));
    let odd = land.path("odd.db");
    Connection::open(&odd).unwrap().execute_batch("CREATE TABLE notes (text)").unwrap();
    assert!(fails(&land.arguments(odd.to_str().unwrap(), &land.text("other"))).contains("no database of the original"));
    assert!(fails(&land.arguments("/nowhere", &land.text("other"))).contains("no file /nowhere"));
    let own = land.path("house/titan.db");
    assert!(fails(&land.arguments(own.to_str().unwrap(), &land.text("other"))).contains("Titan house already"));
}
