//! An older server's folder and a house to move into; and what its people find there.

use std::path::PathBuf;

use futures_util::{SinkExt, StreamExt};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_tungstenite::tungstenite::Message;

use crate::process::{Running, error_of, fails, ok, run};
use crate::support::{Native, deadline};

pub const GENERAL: i64 = 1;
const EMPTY: &str = "Nothing is damaged: 0 accounts, 1 rooms, 0 direct conversations, 0 entries, 0 files, 0 apps; \
    0 blobs read through.\n";

pub struct Land {
    folder: tempfile::TempDir,
    system: &'static str,
}

impl Land {
    /// With the database in `old/chat.db`, made by the SQL.
    pub fn new(system: &'static str, sql: &str) -> Self {
        let land = Self { folder: tempfile::tempdir().unwrap(), system };
        std::fs::create_dir_all(land.path("old/uploads")).unwrap();
        land.change(sql);
        land
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Changes the old database.
    pub fn change(&self, sql: &str) {
        Connection::open(self.path("old/chat.db")).unwrap().execute_batch(sql).unwrap();
    }

    pub fn upload(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path("old/uploads").join(name), bytes).unwrap();
    }

    /// Imports from the old database; what was said.
    pub fn import(&self, more: &[&str]) -> String {
        self.import_from(&self.text("old/chat.db"), more)
    }

    pub fn import_from(&self, from: &str, more: &[&str]) -> String {
        let house = self.text("house");
        let all: Vec<&str> =
            ["import", self.system, from, "--data-dir", &house].into_iter().chain(more.iter().copied()).collect();
        ok(&all)
    }

    /// The complaint of an import that must fail; nothing may have changed then.
    pub fn refuses(&self, more: &[&str]) -> String {
        let before = self.state();
        let (from, house) = (self.text("old/chat.db"), self.text("house"));
        let all: Vec<&str> =
            ["import", self.system, &from, "--data-dir", &house].into_iter().chain(more.iter().copied()).collect();
        let complaint = fails(&all);
        assert_eq!(self.state(), before, "a failed import left something: {complaint}");
        complaint
    }

    /// What the house holds, as `check` counts it; one that was never opened counts as an empty one.
    pub fn state(&self) -> String {
        if !self.path("house/titan.db").exists() {
            return EMPTY.to_owned();
        }
        let checked = run(&["check", "--blobs", "--data-dir", &self.text("house")]);
        match checked.status.success() {
            true => String::from_utf8(checked.stdout).unwrap(),
            false => error_of(&checked),
        }
    }

    pub fn serve(&self) -> Running {
        assert!(self.state().starts_with("Nothing is damaged"), "{}", self.state());
        let doors = ["--json-lines", "127.0.0.1:0", "--tls-frames", "127.0.0.1:0", "--slash", "127.0.0.1:0"];
        Running::serve_with(&self.path("house"), &doors)
    }

    /// How the account's password is kept.
    pub fn scheme(&self, name: &str) -> String {
        let house = Connection::open(self.path("house/titan.db")).unwrap();
        house.query_row("SELECT scheme FROM accounts WHERE username = ?1", [name], |row| row.get(0)).unwrap()
    }
}

/// Logs in at two doors, first by the older system's hash, then by the house's own.
pub async fn enter(land: &Land, server: &Running, name: &str, password: &str) -> Native {
    assert_ne!(land.scheme(name), "titan", "{name} was not imported as it was");
    let mut native = Native::connect(server.address("http")).await;
    let wrong = json!({"do": "login", "username": name, "password": "wrong"});
    assert_eq!(native.fault(wrong).await, "bad_credentials");
    native.login(name, password).await;
    assert_eq!(land.scheme(name), "titan", "the hash of {name} was not renewed");
    assert!(titan_net_takes(server, name, password).await, "{name} can't come in by the Titan-Net door");
    assert!(!titan_net_takes(server, name, "wrong").await);
    native
}

/// Logs in somebody whose hash has been renewed.
pub async fn enter_again(server: &Running, name: &str, password: &str) -> Native {
    let mut native = Native::connect(server.address("http")).await;
    native.login(name, password).await;
    native
}

async fn titan_net_takes(server: &Running, name: &str, password: &str) -> bool {
    let url = format!("ws://{}", server.address("titan-net"));
    let (mut socket, _) = deadline(tokio_tungstenite::connect_async(url)).await.unwrap();
    let login = json!({"type": "login", "username": name, "password": password});
    socket.send(Message::text(login.to_string())).await.unwrap();
    loop {
        let Some(Ok(Message::Text(text))) = deadline(socket.next()).await else { return false };
        let frame: Value = serde_json::from_str(&text).unwrap();
        if frame["type"] == "login_response" {
            return frame["success"] == true;
        }
    }
}

/// The id of the conversation with this room name or person.
pub async fn conversation(native: &mut Native, name: &str) -> i64 {
    let mine = native.ok(json!({"do": "conversations"})).await["conversations"].clone();
    let named = |mine: &&Value| mine["room"]["name"] == name || mine["direct"]["username"] == name;
    let found = mine.as_array().unwrap().iter().find(named).unwrap_or_else(|| panic!("{name} is not in {mine}"));
    assert_eq!(found["unread"], 0, "{found}");
    found["id"].as_i64().unwrap()
}

/// Every entry as a line, its time before it.
pub async fn log(native: &mut Native, conversation: i64) -> Vec<String> {
    let ask = json!({"do": "history", "conversation": conversation, "after": 0, "limit": 200});
    let entries = native.ok(ask).await["entries"].as_array().unwrap().clone();
    entries.iter().map(line).collect()
}

fn line(entry: &Value) -> String {
    let at = jiff::Timestamp::from_millisecond(entry["at"].as_i64().unwrap()).unwrap();
    let who = entry["author"]["username"].as_str().unwrap();
    let what = match (entry["kind"].as_str().unwrap(), &entry["file"]["name"]) {
        ("message", Value::String(file)) => format!("shared {file}"),
        ("message", _) => format!("said {}", entry["text"].as_str().unwrap()),
        (kind, _) => kind.to_owned(),
    };
    format!("{} {who} {what}", at.strftime("%m-%d %H:%M:%S"))
}

/// The bytes of a file that a conversation's log tells of.
pub async fn fetch(native: &mut Native, server: &Running, conversation: i64, name: &str) -> Vec<u8> {
    let ask = json!({"do": "history", "conversation": conversation, "after": 0, "limit": 200});
    let entries = native.ok(ask).await["entries"].as_array().unwrap().clone();
    let file = entries.iter().map(|entry| &entry["file"]).find(|file| file["name"] == name).unwrap().clone();
    let url = format!("http://{}/api/files/{}", server.address("http"), file["id"]);
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let asked = reqwest::Client::new().get(&url).bearer_auth(&native.token).send();
    let answer = deadline(asked).await.unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    let bytes = deadline(answer.bytes()).await.unwrap().to_vec();
    assert_eq!(file["sha256"], hex(&bytes));
    bytes
}

/// SHA-256, hexadecimal.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
