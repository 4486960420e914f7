//! A house as the release before left it: its folder and its database, laid out anew for each test from `houses/`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use serde_json::Value;

use crate::support::DEADLINE;
use crate::support::postgres::{self, Database};
use crate::support::process::{Running, error_of, ok, titan_server};

/// The tables that the release before had.
const TABLES: [&str; 17] = [
    "house",
    "accounts",
    "sessions",
    "relations",
    "resets",
    "address_bans",
    "audit",
    "conversations",
    "rooms",
    "directs",
    "members",
    "entries",
    "files",
    "reactions",
    "mentions",
    "apps",
    "sanctions",
];
/// What a server changes by itself: its last commit, when somebody was last seen, and how it keeps passwords, which open what
/// they opened.
const PASSING: [(&str, &str); 6] = [
    ("house", "turn"),
    ("sessions", "last_seen"),
    ("accounts", "scheme"),
    ("accounts", "salt"),
    ("accounts", "hash"),
    ("rooms", "password_hash"),
];

#[derive(Clone, Copy)]
pub enum Kind {
    Sqlite,
    Postgres,
}

pub struct House {
    folder: tempfile::TempDir,
    database: Option<Database>,
    /// What reads each table's rows, a text each, by the columns that were there before.
    queries: BTreeMap<&'static str, String>,
}

/// Each table's rows.
pub type Rows = BTreeMap<&'static str, Vec<String>>;

impl House {
    /// In a file, with everything in its write-ahead log still: its server was killed.
    pub fn sqlite() -> Self {
        let folder = laid_out("sqlite");
        let made = folder.path().join("made.db");
        let connection = Connection::open(&made).unwrap();
        let unhurried = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = OFF";
        connection.execute_batch(unhurried).unwrap();
        connection.execute_batch(&read("sqlite/house.sql")).unwrap();
        for ending in ["", "-wal"] {
            fs::copy(folder.path().join(format!("made.db{ending}")), folder.path().join(format!("titan.db{ending}")))
                .unwrap();
        }
        drop(connection);
        let _ = fs::remove_file(made);
        Self { folder, database: None, queries: BTreeMap::new() }.with_queries()
    }

    pub fn postgres(database: Database) -> Self {
        postgres::run(&database.url, &read("postgres/house.sql"));
        Self { folder: laid_out("postgres"), database: Some(database), queries: BTreeMap::new() }.with_queries()
    }

    fn with_queries(mut self) -> Self {
        self.queries = TABLES.into_iter().map(|table| (table, self.query(table))).collect();
        self
    }

    /// The rows of a room that was deleted are purged sooner or later, and are left out.
    fn query(&self, table: &str) -> String {
        let columns = match &self.database {
            None => format!("SELECT name FROM pragma_table_info('{table}')"),
            Some(_) => format!(
                "SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' \
                 AND table_schema = 'public' AND udt_name <> 'tsvector' ORDER BY ordinal_position"
            ),
        };
        let mut columns = self.ask(&columns);
        columns.retain(|column| !PASSING.contains(&(table, column)));
        let (quote, of_room) = match &self.database {
            None => ("quote", columns.iter().find(|column| *column == "conversation")),
            Some(_) => ("quote_nullable", columns.iter().find(|column| *column == "conversation")),
        };
        let living = match (table, of_room) {
            // Those of the doors that hand out no token ended with their connections.
            ("sessions", _) => " WHERE door NOT IN ('json_lines', 'slash', 'tls_frames')",
            // Which lost the names of people.
            ("audit", _) => " WHERE act NOT IN ('add_account', 'delete_account', 'set_member_role')",
            ("conversations", _) => " WHERE deleted_at IS NULL",
            (_, Some(_)) => " WHERE conversation NOT IN (SELECT id FROM conversations WHERE deleted_at IS NOT NULL)",
            _ => "",
        };
        let said: Vec<String> = columns.iter().map(|column| format!("'{column} ' || {quote}({column})")).collect();
        format!("SELECT {} FROM {table}{living} ORDER BY 1", said.join(" || ', ' || "))
    }

    /// The first column of the rows that the database gives, beside a server.
    pub fn ask(&self, sql: &str) -> Vec<String> {
        match &self.database {
            Some(database) => {
                postgres::run(&database.url, sql).into_iter().flat_map(|mut row| row.swap_remove(0)).collect()
            }
            None => {
                let database = Connection::open(self.path("titan.db")).unwrap();
                database.busy_timeout(DEADLINE).unwrap();
                // The log stays for the server, as a killed one left it.
                database.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
                let mut statement = database.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.map(Result::unwrap).collect()
            }
        }
    }

    pub fn rows(&self) -> Rows {
        self.queries.iter().map(|(table, query)| (*table, self.ask(query))).collect()
    }

    /// Every row says what it said.
    pub fn is(&self, before: &Rows) {
        for (table, rows) in self.rows() {
            assert_eq!(rows, before[table], "the rows of {table}");
        }
    }

    pub fn serve(&self) -> Running {
        Running::serve_with(self.folder(), &self.place())
    }

    /// What a server logs up to then; it is killed there.
    pub fn says_until_ready(&self) -> String {
        let folder = self.folder().to_str().unwrap();
        let mut server = titan_server(&["serve", "--data-dir", folder, "--http", "127.0.0.1:0", "--titan-net", "off"])
            .spawn()
            .unwrap();
        let stdout = BufReader::new(server.stdout.take().unwrap());
        assert!(stdout.lines().map_while(Result::ok).any(|line| line == "ready"));
        server.kill().unwrap();
        error_of(&server.wait_with_output().unwrap())
    }

    /// What names the database to the command line.
    pub fn place(&self) -> Vec<&str> {
        self.database.iter().flat_map(|database| ["--database-url", &database.url]).collect()
    }

    pub fn is_sound(&self) {
        let arguments =
            [&["check", "--blobs", "--data-dir", self.folder().to_str().unwrap()][..], &self.place()].concat();
        let said = ok(&arguments);
        assert!(said.starts_with("Nothing is damaged"), "{said}");
    }

    /// Waits until every row has its sum, as the server's upkeep gives them.
    pub fn seals_all_rows(&self) {
        let begun = Instant::now();
        while !self
            .ask("SELECT text FROM (SELECT '' AS text FROM entries WHERE sum IS NULL LIMIT 1) AS open")
            .is_empty()
        {
            assert!(begun.elapsed() < DEADLINE, "rows have no sum");
            std::thread::yield_now();
        }
    }

    /// Waits until search knows every message, and nothing is left of the index that was before.
    pub fn brings_in_all_words(&self) {
        let begun = Instant::now();
        let left = match self.database {
            None => {
                "SELECT name FROM sqlite_schema WHERE name LIKE 'old_words%' UNION ALL SELECT 'words' FROM house WHERE words_from > 1"
            }
            Some(_) => "SELECT 'words' FROM house WHERE words_from > 1",
        };
        while !self.ask(left).is_empty() {
            assert!(begun.elapsed() < DEADLINE, "messages are not in the index");
            std::thread::yield_now();
        }
    }

    pub fn epoch(&self) -> String {
        self.ask("SELECT epoch FROM house").remove(0)
    }

    /// Of its tables.
    pub fn version(&self) -> i64 {
        let sql = match &self.database {
            None => "SELECT CAST(user_version AS TEXT) FROM pragma_user_version",
            Some(_) => "SELECT version FROM titan_house",
        };
        self.ask(sql)[0].parse().unwrap()
    }

    /// What its people know, and what it answered them.
    pub fn known(&self) -> Value {
        serde_json::from_str(&read(if self.database.is_some() { "postgres/known.json" } else { "sqlite/known.json" }))
            .unwrap()
    }

    pub fn url(&self) -> &str {
        &self.database.as_ref().unwrap().url
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn laid_out(kind: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["pepper", "jwt_key", "admin_key.txt", "blobs", "uploads", "outbox"] {
        copy(&houses().join(kind).join(name), &folder.path().join(name));
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap().map(Result::unwrap) {
        copy(&file.path(), &to.join(file.file_name()));
    }
}

fn houses() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upgrade/houses")
}

fn read(name: &str) -> String {
    fs::read_to_string(houses().join(name)).unwrap()
}
