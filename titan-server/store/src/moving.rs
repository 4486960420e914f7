//! A house being moved from one database to another: the tables that both have, and what each database can do with them.
//!
//! Called by `upkeep::migrate`, while no server runs. A test holds the list of tables against what the databases really
//! have, so that no column is forgotten.

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use super::StoreResult;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Number,
    Text,
    Bytes,
}

/// A value of any column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row, in the order of the table's columns.
pub type Line = Vec<Value>;

/// A table that every house has.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [(&'static str, Kind)],
    /// How many columns, from the first on, tell its rows apart; rows are read and written in their order.
    pub key: usize,
    /// What the database makes of the rest by itself, and is not moved.
    pub made: &'static [&'static str],
    /// Whether ids are given by the database, never twice.
    pub numbered: bool,
}

impl Table {
    /// The names of the columns, with commas.
    pub fn list(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// The names of the columns that make the key.
    pub fn key_list(&self) -> String {
        self.columns[..self.key].iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// Where a column stands in a line.
    pub fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| *name == column)
    }
}

/// A database that a house is moved out of or into.
#[async_trait(?Send)]
pub trait Movable {
    /// A line for each entry that no longer says what it said when it was written.
    async fn damaged_entries(&mut self) -> StoreResult<Vec<String>>;
    async fn count(&mut self, table: &Table) -> StoreResult<u64>;
    /// The lines after a key, in the order of keys; the first ones without.
    async fn lines(&mut self, table: &Table, after: Option<&[Value]>, limit: u32) -> StoreResult<Vec<Line>>;
    /// The key of the last line.
    async fn last(&mut self, table: &Table) -> StoreResult<Option<Line>>;
    /// Adds lines, all of them or none; on disk when this returns.
    async fn add(&mut self, table: &Table, lines: &[Line]) -> StoreResult<()>;
    /// The last id that was given in a numbered table.
    async fn last_given(&mut self, table: &Table) -> StoreResult<i64>;
    async fn set_last_given(&mut self, table: &Table, id: i64) -> StoreResult<()>;
    /// Takes everything out again.
    async fn clear(&mut self) -> StoreResult<()>;
    /// Puts what is made of the rest in order.
    async fn round_off(&mut self) -> StoreResult<()>;
    /// Makes it a house that a server may use.
    async fn settle(&mut self) -> StoreResult<()>;
}

/// The digest of lines, each in a form of its own: the same in every database. A NUL in a text, which PostgreSQL can't
/// hold, counts as what it becomes there.
#[derive(Clone, Default)]
pub struct Sum(Sha256);

impl Sum {
    pub fn add(&mut self, line: &[Value]) {
        for value in line {
            let (kind, bytes) = match value {
                Value::Null => (0u8, Vec::new()),
                Value::Number(number) => (1, number.to_le_bytes().to_vec()),
                Value::Text(text) => (2, text.replace('\0', "\u{fffd}").into_bytes()),
                Value::Bytes(bytes) => (3, bytes.clone()),
            };
            self.0.update([kind]);
            self.0.update((bytes.len() as u64).to_le_bytes());
            self.0.update(bytes);
        }
    }

    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

const fn table(name: &'static str, key: usize, columns: &'static [(&'static str, Kind)]) -> Table {
    Table { name, columns, key, made: &[], numbered: false }
}

const fn numbered(name: &'static str, columns: &'static [(&'static str, Kind)]) -> Table {
    Table { name, columns, key: 1, made: &[], numbered: true }
}

use Kind::{Bytes, Number, Text};

/// Every table, those first that others point to.
pub const TABLES: [Table; 22] = [
    Table {
        made: &["words_from"],
        ..table(
            "house",
            1,
            &[
                ("one", Number),
                ("next_entry", Number),
                ("turn", Number),
                ("epoch", Text),
                ("pepper", Text),
                ("names", Number),
                ("audit_row", Number),
                ("audit_hash", Bytes),
            ],
        )
    },
    numbered(
        "accounts",
        &[
            ("id", Number),
            ("username", Text),
            ("key", Text),
            ("folded", Text),
            ("titan_number", Number),
            ("full_name", Text),
            ("email", Text),
            ("blog_url", Text),
            ("role", Text),
            ("scheme", Text),
            ("salt", Bytes),
            ("hash", Text),
            ("created_at", Number),
            ("last_login", Number),
            ("banned", Text),
            ("deleted_at", Number),
            ("made_up_until", Number),
            ("named_below", Number),
        ],
    ),
    numbered(
        "sessions",
        &[
            ("id", Number),
            ("account", Number),
            ("token_hash", Bytes),
            ("door", Text),
            ("address", Text),
            ("created_at", Number),
            ("last_seen", Number),
            ("expires_at", Number),
            ("client", Text),
            ("app_password", Number),
        ],
    ),
    table(
        "factors",
        1,
        &[("account", Number), ("sealed", Bytes), ("pepper", Text), ("since", Number), ("last_step", Number)],
    ),
    table("recovery_codes", 2, &[("account", Number), ("hash", Bytes)]),
    numbered(
        "app_passwords",
        &[
            ("id", Number),
            ("account", Number),
            ("name", Text),
            ("doors", Text),
            ("administers", Number),
            ("hash", Bytes),
            ("pre_hash", Bytes),
            ("created_at", Number),
            ("last_used", Number),
            ("last_door", Text),
        ],
    ),
    table("relations", 2, &[("account", Number), ("other", Number), ("kind", Text), ("since", Number)]),
    table("former_names", 2, &[("account", Number), ("name", Text), ("key", Text)]),
    table("resets", 1, &[("token_hash", Bytes), ("account", Number), ("expires_at", Number)]),
    table("mail_changes", 1, &[("account", Number), ("email", Text), ("token_hash", Bytes), ("expires_at", Number)]),
    table("address_bans", 1, &[("address", Text), ("reason", Text)]),
    table(
        "audit",
        1,
        &[
            ("id", Number),
            ("at", Number),
            ("by", Number),
            ("act", Text),
            ("object", Text),
            ("detail", Text),
            ("door", Text),
            ("address", Text),
            ("hash", Bytes),
        ],
    ),
    Table {
        made: &["members"],
        ..numbered(
            "conversations",
            &[
                ("id", Number),
                ("head", Number),
                ("active_at", Number),
                ("created_at", Number),
                ("deleted_at", Number),
                ("floor", Number),
            ],
        )
    },
    table(
        "rooms",
        1,
        &[
            ("conversation", Number),
            ("name", Text),
            ("key", Text),
            ("description", Text),
            ("kind", Text),
            ("password_hash", Text),
            ("owner", Number),
        ],
    ),
    table("directs", 2, &[("one", Number), ("other", Number), ("conversation", Number), ("opener", Number)]),
    table(
        "members",
        2,
        &[("conversation", Number), ("account", Number), ("role", Text), ("joined_at", Number), ("read", Number)],
    ),
    table(
        "sanctions",
        3,
        &[
            ("conversation", Number),
            ("account", Number),
            ("kind", Text),
            ("until", Number),
            ("reason", Text),
            ("by", Number),
            ("at", Number),
        ],
    ),
    Table {
        made: &["sum"],
        ..table(
            "entries",
            2,
            &[
                ("conversation", Number),
                ("seq", Number),
                ("id", Number),
                ("kind", Text),
                ("author", Number),
                ("author_name", Text),
                ("author_number", Number),
                ("at", Number),
                ("client_id", Bytes),
                ("text", Text),
                ("reply_to", Number),
                ("file", Number),
                ("edited", Number),
                ("deleted", Number),
                ("target", Number),
                ("detail", Text),
            ],
        )
    },
    numbered(
        "files",
        &[
            ("id", Number),
            ("conversation", Number),
            ("seq", Number),
            ("uploader", Number),
            ("uploader_name", Text),
            ("uploader_number", Number),
            ("name", Text),
            ("size", Number),
            ("blob", Bytes),
            ("at", Number),
            ("unique_name", Text),
        ],
    ),
    table(
        "reactions",
        4,
        &[("conversation", Number), ("target", Number), ("emoji", Text), ("account", Number), ("seq", Number)],
    ),
    table("mentions", 3, &[("account", Number), ("conversation", Number), ("seq", Number)]),
    numbered(
        "apps",
        &[
            ("id", Number),
            ("name", Text),
            ("description", Text),
            ("folded", Text),
            ("category", Text),
            ("version", Text),
            ("author", Number),
            ("file_name", Text),
            ("size", Number),
            ("blob", Bytes),
            ("metadata", Text),
            ("state", Text),
            ("decided_by", Number),
            ("decided_at", Number),
            ("reason", Text),
            ("downloads", Number),
            ("uploaded_at", Number),
        ],
    ),
];
