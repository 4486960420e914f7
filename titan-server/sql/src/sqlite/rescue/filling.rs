//! Filling the new database: what is sound goes in as it was, and what is lost is told and, in a log, marked.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, params_from_iter};
use titan_core::BlobId;
use titan_core::protocol::Body;

use super::super::super::moving::{Line, TABLES, Table, Value};
use super::super::super::sum::{self, Field};
use super::super::super::{StoreError, StoreResult, kind_of};
use super::super::row::{all, change};
use super::super::{moving, schema, soundness};
use super::terms::{Rescued, Wanted};

/// Lost things that are named; the rest is counted.
const NAMED: usize = 200;
/// Entries that can be missing in one place: more are no gap but a damaged number.
const GAP_MOST: i64 = 1_000_000;
/// Rows between two reports of how far it is.
const REPORTED: u64 = 1_000;

pub(super) struct Filling {
    connection: Connection,
    rescued: Rescued,
    unnamed: u64,
    /// Rows of a table that could not be kept.
    lost: BTreeMap<&'static str, u64>,
}

/// The bytes that a row of a table with files points to.
pub(super) fn blob_of(table: &Table, line: &[Value]) -> Option<BlobId> {
    match table.place("blob").and_then(|place| line.get(place)) {
        Some(Value::Bytes(bytes)) => Some(BlobId(bytes.as_slice().try_into().ok()?)),
        _ => None,
    }
}

impl Filling {
    pub fn open(path: &Path) -> StoreResult<Self> {
        let connection = schema::open_writer(path)?;
        connection.execute_batch("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE")?;
        for table in TABLES.iter().rev() {
            connection.execute(&format!("DELETE FROM {}", table.name), [])?;
        }
        Ok(Self { connection, rescued: Rescued::default(), unnamed: 0, lost: BTreeMap::new() })
    }

    /// Keeps a row if it is sound.
    pub fn take(
        &mut self,
        table: &'static Table,
        line: Line,
        sum: Option<i64>,
        wanted: &Wanted<'_>,
    ) -> StoreResult<()> {
        let sound = table.name != "entries" || said(&line).is_some_and(|row| sum::holds(&row, sum));
        let there = blob_of(table, &line).is_none_or(|blob| (wanted.blobs)(blob));
        if !there {
            self.note(lost_file(table, &line));
            return Ok(());
        }
        let kept = sound && self.add(table, &line)?;
        if !kept {
            *self.lost.entry(table.name).or_default() += 1;
            return Ok(());
        }
        self.rescued.rows += 1;
        if self.rescued.rows.is_multiple_of(REPORTED) {
            (wanted.progress)(self.rescued.rows);
        }
        Ok(())
    }

    fn add(&self, table: &Table, line: &[Value]) -> StoreResult<bool> {
        let marks = vec!["?"; table.columns.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", table.name, table.list());
        // A value that can't stand there is refused by the table itself.
        match self.connection.prepare_cached(&sql)?.execute(params_from_iter(line.iter().map(moving::Bound))) {
            Ok(_) => Ok(true),
            Err(rusqlite::Error::SqliteFailure(error, _))
                if matches!(
                    error.code,
                    rusqlite::ErrorCode::ConstraintViolation | rusqlite::ErrorCode::TypeMismatch
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub fn note_damage(&mut self, table: &Table, places: u64) {
        if places > 0 {
            self.note(format!("{}: a part of it could not be read", table.name));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.rescued.rows <= 1
    }

    /// What was given before is not given again.
    pub fn note_given(&self, table: &str, last: i64) -> StoreResult<()> {
        change(&self.connection, "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1", (table, last))?;
        let sql =
            "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2 WHERE ?1 NOT IN (SELECT name FROM sqlite_sequence)";
        change(&self.connection, sql, (table, last)).map(drop)
    }

    /// Tells of something that was lost.
    pub fn note(&mut self, line: String) {
        match self.rescued.lost.len() < NAMED {
            true => self.rescued.lost.push(line),
            false => self.unnamed += 1,
        }
    }

    /// Puts in order what hangs together; gives the database, whose transaction is still open.
    pub fn finish(mut self, wanted: &Wanted<'_>) -> StoreResult<(Connection, Rescued)> {
        for (table, rows) in std::mem::take(&mut self.lost) {
            self.note(format!("{table}: {rows} rows were damaged"));
        }
        self.house(wanted)?;
        self.conversations()?;
        self.files()?;
        self.gaps()?;
        self.loose_ends()?;
        self.audit()?;
        self.numbers()?;
        if self.unnamed > 0 {
            self.rescued.lost.push(format!("and {} more", self.unnamed));
        }
        Ok((self.connection, self.rescued))
    }

    /// Where rows of the audit log are lost or damaged, its chain begins anew: it is made when the house is opened.
    fn audit(&mut self) -> StoreResult<()> {
        if let Some(broken) = soundness::broken_audit(&self.connection)? {
            change(&self.connection, "UPDATE audit SET hash = NULL", [])?;
            change(&self.connection, "UPDATE house SET audit_row = NULL, audit_hash = NULL", [])?;
            self.note(format!("{broken}; the chain of its rows begins anew"));
        }
        Ok(())
    }

    /// The house's own row: its pepper as it was, its epoch new, its turn beyond all that were made.
    fn house(&mut self, wanted: &Wanted<'_>) -> StoreResult<()> {
        let connection = &mut self.connection;
        let pepper = wanted.known.map_or("", |known| known.pepper.as_str());
        change(connection, "INSERT OR IGNORE INTO house (one, next_entry, pepper) VALUES (1, 1, ?1)", [pepper])?;
        let sql = "UPDATE house SET epoch = lower(hex(randomblob(16))), turn = max(turn, ?1) + 1";
        change(connection, sql, [wanted.turn])?;
        if wanted.new_pepper {
            change(connection, "UPDATE house SET pepper = ''", [])?;
        }
        self.rescued.identity = soundness::identity(connection)?;
        Ok(())
    }

    /// Every log has a conversation, and every conversation is a room or a direct: one that was lost comes back as a room that
    /// nobody can enter but by the operator's hand, since nobody knows who was in it.
    fn conversations(&mut self) -> StoreResult<()> {
        let connection = &self.connection;
        for sql in [
            "INSERT OR IGNORE INTO conversations (id, created_at) VALUES (1, strftime('%s', 'now') * 1000)",
            "INSERT OR IGNORE INTO rooms (conversation, name, key, description, kind) \
             VALUES (1, 'general', 'general', 'Everybody is here.', 'text')",
            "INSERT INTO conversations (id, created_at) SELECT e.conversation, min(e.at) FROM entries e \
             WHERE e.conversation NOT IN (SELECT id FROM conversations) GROUP BY e.conversation",
            "INSERT INTO conversations (id, created_at) SELECT conversation, 0 FROM rooms \
             WHERE conversation NOT IN (SELECT id FROM conversations)",
            "INSERT INTO conversations (id, created_at) SELECT conversation, 0 FROM directs \
             WHERE conversation NOT IN (SELECT id FROM conversations)",
        ] {
            change(connection, sql, [])?;
        }
        let nameless = "SELECT id FROM conversations WHERE deleted_at IS NULL AND id NOT IN (SELECT conversation FROM rooms) \
            AND id NOT IN (SELECT conversation FROM directs)";
        for id in all(connection, nameless, [], |row| Ok(row.get::<_, i64>(0)?))? {
            let sql = "INSERT INTO rooms (conversation, name, key, description, kind, password_hash) \
                VALUES (?1, 'rescued ' || ?1, 'rescued ' || ?1, 'What is left of a conversation.', 'text', '!')";
            change(&self.connection, sql, [id])?;
            self.note(format!("conversation {id}: its name and members; it is the room \"rescued {id}\" now"));
        }
        Ok(())
    }

    /// A message whose file is gone is lost with it, unless it says something.
    fn files(&mut self) -> StoreResult<()> {
        let gone = "FROM entries WHERE file IS NOT NULL AND file NOT IN (SELECT id FROM files)";
        let silent = format!("SELECT id {gone} AND coalesce(text, '') = ''");
        for id in all(&self.connection, &silent, [], |row| Ok(row.get::<_, i64>(0)?))? {
            change(&self.connection, "DELETE FROM entries WHERE id = ?1", [id])?;
        }
        change(
            &self.connection,
            &format!("UPDATE entries SET file = NULL, sum = NULL WHERE id IN (SELECT id {gone})"),
            [],
        )?;
        Ok(())
    }

    /// Where entries are missing, others say so.
    fn gaps(&mut self) -> StoreResult<()> {
        let sql = "SELECT id, floor, CASE WHEN head BETWEEN last AND last + 1000000 THEN head ELSE last END FROM \
            (SELECT id, floor, head, coalesce((SELECT max(seq) FROM entries e WHERE e.conversation = c.id), 0) AS last \
             FROM conversations c WHERE deleted_at IS NULL)";
        let logs =
            all(&self.connection, sql, [], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))?;
        for (conversation, floor, head) in logs {
            let sql = "SELECT seq FROM entries WHERE conversation = ?1 ORDER BY seq";
            let there = all(&self.connection, sql, [conversation], |row| Ok(row.get::<_, i64>(0)?))?;
            let (mut next, mut missing) = (floor.max(1), Vec::new());
            for seq in there.into_iter().chain([head + 1]) {
                if seq > next {
                    missing.push((next, seq - 1));
                }
                next = next.max(seq + 1);
            }
            for (first, last) in missing {
                self.fill(conversation, first, last)?;
            }
        }
        Ok(())
    }

    fn fill(&mut self, conversation: i64, first: i64, last: i64) -> StoreResult<()> {
        if last - first > GAP_MOST {
            let why = format!("the numbers of conversation {conversation} are damaged: restore a backup");
            return Err(StoreError::Broken(why));
        }
        let body = Body::damaged();
        let detail = serde_json::to_string(&body).map_err(|error| StoreError::Broken(error.to_string()))?;
        let at = "SELECT coalesce((SELECT at FROM entries WHERE conversation = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT 1), 0)";
        let at: i64 = self.connection.query_row(at, [conversation, first], |row| row.get(0))?;
        for seq in first..=last {
            let sql = "INSERT INTO entries (conversation, seq, id, kind, author, author_name, author_number, at, detail) \
                SELECT ?1, ?2, max(coalesce((SELECT max(id) FROM entries), 0) + 1, next_entry), ?3, 0, '?', 0, ?4, ?5 FROM house";
            change(&self.connection, sql, (conversation, seq, kind_of(&body), at, &detail))?;
        }
        self.note(match first == last {
            true => format!("conversation {conversation}: entry {first}"),
            false => format!("conversation {conversation}: entries {first} to {last}"),
        });
        Ok(())
    }

    /// What points to nothing any more goes; everybody is in general.
    fn loose_ends(&mut self) -> StoreResult<()> {
        const STANDING: &str = "SELECT 1 FROM entries e WHERE e.kind = 'message' AND e.deleted = 0";
        for sql in [
            "INSERT OR IGNORE INTO members (conversation, account, role, joined_at) \
             SELECT 1, id, 'member', created_at FROM accounts WHERE deleted_at IS NULL"
                .to_owned(),
            format!(
                "DELETE FROM reactions WHERE NOT EXISTS ({STANDING} AND e.conversation = reactions.conversation AND e.seq = target)"
            ),
            format!(
                "DELETE FROM mentions WHERE NOT EXISTS ({STANDING} AND e.conversation = mentions.conversation AND e.seq = mentions.seq)"
            ),
            "DELETE FROM files WHERE id NOT IN (SELECT file FROM entries WHERE file IS NOT NULL AND deleted = 0)"
                .to_owned(),
        ] {
            change(&self.connection, &sql, [])?;
        }
        for (table, column, of) in [
            ("sessions", "account", "accounts"),
            ("members", "account", "accounts"),
            ("members", "conversation", "conversations"),
            ("relations", "account", "accounts"),
            ("relations", "other", "accounts"),
            ("sanctions", "account", "accounts"),
            ("resets", "account", "accounts"),
            ("factors", "account", "accounts"),
            ("recovery_codes", "account", "accounts"),
            ("app_passwords", "account", "accounts"),
        ] {
            let rows = change(
                &self.connection,
                &format!("DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM {of})"),
                [],
            )?;
            if rows > 0 {
                self.note(format!("{table}: {rows} rows of {of} that are lost"));
            }
        }
        Ok(())
    }

    /// What is counted and what is given next.
    fn numbers(&self) -> StoreResult<()> {
        for sql in [
            "UPDATE conversations SET members = (SELECT count(*) FROM members m WHERE m.conversation = conversations.id)",
            "UPDATE conversations SET head = coalesce((SELECT max(seq) FROM entries e WHERE e.conversation = conversations.id), 0) \
             WHERE deleted_at IS NULL",
            "UPDATE house SET next_entry = max(next_entry, coalesce((SELECT max(id) FROM entries), 0) + 1)",
            // The server that serves it brings its words into the index.
            "UPDATE house SET words_from = next_entry",
        ] {
            change(&self.connection, sql, [])?;
        }
        Ok(())
    }
}

fn lost_file(table: &Table, line: &[Value]) -> String {
    let value = |column| table.place(column).and_then(|place| line.get(place));
    let name = match (value("name"), table.name) {
        (Some(Value::Text(name)), "files") => format!("the file {name:?}"),
        (Some(Value::Text(name)), _) => format!("the app {name:?}"),
        _ => "a file".to_owned(),
    };
    match value("conversation") {
        Some(Value::Number(conversation)) => {
            format!("{name} of conversation {conversation}: its bytes are missing or damaged")
        }
        _ => format!("{name}: its bytes are missing or damaged"),
    }
}

/// An entry's line as its sum is made of it; none where a value is none that can stand there.
fn said(line: &[Value]) -> Option<sum::Row<'_>> {
    sum::Row::of_columns(|place| {
        Some(match line.get(place)? {
            Value::Null => Field::Null,
            Value::Number(number) => Field::Number(*number),
            Value::Text(text) => Field::Text(text.as_bytes()),
            Value::Bytes(bytes) => Field::Bytes(bytes),
        })
    })
}
