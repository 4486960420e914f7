//! An older server's folder and a house to move into; and what its people find there.

use std::path::PathBuf;

use futures_util::{SinkExt, StreamExt};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_tungstenite::tungstenite::Message;

use crate::support::postgres::{self, Database};
use crate::support::process::{Running, error_of, run, titan_server};
use crate::support::{Native, deadline};

pub const GENERAL: i64 = 1;
const EMPTY: &str = "Nothing is damaged: 0 accounts, 1 rooms, 0 direct conversations, 0 entries, 0 files, 0 apps; \
    0 blobs read through.\n";

/// The exit code of an import that left something out.
const INCOMPLETE: i32 = 6;

pub struct Land {
    folder: tempfile::TempDir,
    system: &'static str,
    /// Where the house is, if not in a file.
    memory: Option<Database>,
}

/// Runs each story for a house in a file and for one in PostgreSQL.
macro_rules! on_both_stores {
    ($($story:ident: $land:expr;)*) => {
        mod in_a_file {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story($land).await;
            })*
        }
        mod in_postgresql {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let Some(land) = $land.in_postgresql() else { return };
                super::$story(land).await;
            })*
        }
    };
}
pub(crate) use on_both_stores;

impl Land {
    /// With the database in `old/chat.db`, made by the SQL.
    pub fn new(system: &'static str, sql: &str) -> Self {
        let land = Self { folder: tempfile::tempdir().unwrap(), system, memory: None };
        std::fs::create_dir_all(land.path("old/uploads")).unwrap();
        land.change(sql);
        land
    }

    /// The same for a house in a PostgreSQL database, where the tests have one.
    pub fn in_postgresql(self) -> Option<Self> {
        Some(Self { memory: Some(Database::make()?), ..self })
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

    /// What names the house to every command.
    fn house(&self) -> Vec<String> {
        let mut house = vec!["--data-dir".to_owned(), self.text("house")];
        if let Some(memory) = &self.memory {
            house.extend(["--database-url".to_owned(), memory.url.clone()]);
        }
        house
    }

    /// Runs a command on the house.
    pub fn run(&self, arguments: &[&str]) -> std::process::Output {
        let house = self.house();
        let all: Vec<&str> = arguments.iter().copied().chain(house.iter().map(String::as_str)).collect();
        run(&all)
    }

    /// Runs it to its end with this exit code; what it said.
    fn says(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stdout.clone()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}{}", error_of(&output));
        if code == 1 { error_of(&output) } else { said }
    }

    /// Imports all of the old database; what was said.
    pub fn import(&self, more: &[&str]) -> String {
        self.import_from(&self.text("old/chat.db"), more)
    }

    pub fn import_from(&self, from: &str, more: &[&str]) -> String {
        self.says(&[&["import", self.system, from], more].concat(), 0)
    }

    /// Imports what can be imported of the old database, and something can't.
    pub fn import_in_part(&self, more: &[&str]) -> String {
        let from = self.text("old/chat.db");
        self.says(&[&["import", self.system, &from], more].concat(), INCOMPLETE)
    }

    /// Begins an import.
    pub fn spawn_import(&self) -> std::process::Child {
        let (house, from) = (self.house(), self.text("old/chat.db"));
        let all: Vec<&str> =
            ["import", self.system, &from].into_iter().chain(house.iter().map(String::as_str)).collect();
        titan_server(&all).spawn().unwrap()
    }

    /// Whether an import has written something that isn't kept yet.
    pub fn is_being_written(&self) -> bool {
        const MUCH: u64 = 1_000_000;
        match &self.memory {
            None => std::fs::metadata(self.path("house/titan.db-wal")).is_ok_and(|wal| wal.len() > MUCH),
            Some(memory) => {
                let writers = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                    AND backend_xid IS NOT NULL AND query LIKE '%INSERT INTO entries%'";
                postgres::run(&memory.url, writers)[0][0].as_deref() != Some("0")
            }
        }
    }

    /// The complaint of an import that must fail; nothing may have changed then.
    pub fn refuses(&self, more: &[&str]) -> String {
        self.refuses_from(&self.text("old/chat.db"), more)
    }

    pub fn refuses_from(&self, from: &str, more: &[&str]) -> String {
        let before = (self.state(), self.traces());
        let complaint = self.says(&[&["import", self.system, from], more].concat(), 1);
        assert_eq!((self.state(), self.traces()), before, "a failed import left something: {complaint}");
        complaint
    }

    /// The files of the house, and the tables where it is in a database.
    pub fn traces(&self) -> Vec<String> {
        let mut traces = Vec::new();
        let mut folders = vec![self.path("house")];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            traces.push(folder.display().to_string());
            for entry in entries.map(|entry| entry.unwrap().path()) {
                match entry.is_dir() {
                    true => folders.push(entry),
                    false => traces.push(entry.display().to_string()),
                }
            }
        }
        if let Some(memory) = &self.memory {
            let tables = postgres::run(&memory.url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
            traces.extend(tables.into_iter().flatten().flatten());
        }
        traces.sort();
        traces
    }

    /// What the house holds, as `check` counts it; one that was never opened counts as an empty one.
    pub fn state(&self) -> String {
        if !self.traces().iter().any(|trace| trace.ends_with("titan.db") || trace == "titan_house") {
            return EMPTY.to_owned();
        }
        let checked = self.run(&["check", "--blobs"]);
        match checked.status.success() {
            true => String::from_utf8(checked.stdout).unwrap(),
            false => error_of(&checked) + &String::from_utf8_lossy(&checked.stdout),
        }
    }

    pub fn serve(&self) -> Running {
        assert!(self.state().starts_with("Nothing is damaged"), "{}", self.state());
        let mut doors = vec!["--json-lines", "127.0.0.1:0", "--tls-frames", "127.0.0.1:0", "--slash", "127.0.0.1:0"];
        if let Some(memory) = &self.memory {
            doors.extend(["--database-url", &memory.url]);
        }
        Running::serve_with(&self.path("house"), &doors)
    }

    /// Asks the house's own database.
    pub fn asks(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        if let Some(memory) = &self.memory {
            return postgres::run(&memory.url, sql);
        }
        let house = Connection::open(self.path("house/titan.db")).unwrap();
        let mut statement = house.prepare(sql).unwrap();
        let columns = statement.column_count();
        let text = |row: &rusqlite::Row<'_>, column| {
            use rusqlite::types::Value;
            Ok(match row.get::<_, Value>(column)? {
                Value::Null | Value::Blob(_) => None,
                Value::Integer(number) => Some(number.to_string()),
                Value::Real(number) => Some(number.to_string()),
                Value::Text(text) => Some(text),
            })
        };
        let rows = statement.query_map([], |row| (0..columns).map(|column| text(row, column)).collect()).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Nothing is at rest that whoever reads it could try millions of passwords a second against.
    pub fn keeps_no_password_weakly(&self) {
        let weak = "SELECT username, hash FROM accounts WHERE scheme <> 'bcrypt' AND hash NOT LIKE '%$argon2id$%' \
            AND hash NOT IN ('', '-') \
            UNION ALL SELECT name, password_hash FROM rooms WHERE password_hash NOT LIKE 'bcrypt:%' \
            AND password_hash NOT LIKE '%$argon2id$%' AND password_hash NOT LIKE '%:-'";
        assert_eq!(self.asks(weak), Vec::<Vec<Option<String>>>::new());
    }

    /// How the account's password is kept.
    pub fn scheme(&self, name: &str) -> String {
        self.asks(&format!("SELECT scheme FROM accounts WHERE username = '{name}'"))[0][0].clone().unwrap()
    }
}

/// Logs in at two doors, first by the older system's hash, then by the house's own.
pub async fn enter(land: &Land, server: &Running, name: &str, password: &str) -> Native {
    land.keeps_no_password_weakly();
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

pub async fn titan_net_takes(server: &Running, name: &str, password: &str) -> bool {
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
