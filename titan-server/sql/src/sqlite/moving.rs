//! A house in a file that is moved: read out of one that stands, or written into one that becomes the house at the end.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params_from_iter};

use super::super::moving::{Line, Movable, TABLES, Table, Value};
use super::super::{StoreError, StoreResult};
use super::row::one;
use super::{schema, soundness};

pub struct Moving {
    connection: Option<Connection>,
    /// Where the house will be once it is whole.
    home: Option<PathBuf>,
}

impl Moving {
    /// Out of the house in this file, as it stands at one moment.
    pub fn out_of(path: &Path) -> StoreResult<Self> {
        if !path.is_file() {
            return Err(StoreError::Broken(format!("there is no database at {}", path.display())));
        }
        let connection = schema::open_writer(path)?;
        connection.execute_batch("BEGIN")?;
        Ok(Self { connection: Some(connection), home: None })
    }

    /// Into a file that isn't there yet; until it is whole it has another name. Whether a move was begun before.
    pub fn into(path: &Path) -> StoreResult<(Self, bool)> {
        if path.exists() {
            let why = format!("{} exists: a house is moved into a new file only", path.display());
            return Err(StoreError::Broken(why));
        }
        let beside = beside(path);
        let begun = beside.exists();
        let connection = schema::open_writer(&beside)?;
        Ok((Self { connection: Some(connection), home: Some(path.to_owned()) }, begun))
    }

    fn connection(&self) -> StoreResult<&Connection> {
        self.connection.as_ref().ok_or_else(super::closed)
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".moving");
    PathBuf::from(beside)
}

#[async_trait(?Send)]
impl Movable for Moving {
    async fn damaged_entries(&mut self) -> StoreResult<Vec<String>> {
        soundness::damaged_rows(self.connection()?)
    }

    async fn count(&mut self, table: &Table) -> StoreResult<u64> {
        let sql = format!("SELECT count(*) FROM {}", table.name);
        Ok(self.connection()?.query_row(&sql, [], |row| row.get::<_, i64>(0))?.max(0) as u64)
    }

    async fn lines(&mut self, table: &Table, after: Option<&[Value]>, limit: u32) -> StoreResult<Vec<Line>> {
        let (list, key) = (table.list(), table.key_list());
        let from = match after {
            Some(_) => format!("WHERE ({key}) > ({})", vec!["?"; table.key].join(", ")),
            None => String::new(),
        };
        let sql = format!("SELECT {list} FROM {} {from} ORDER BY {key} LIMIT {limit}", table.name);
        let mut statement = self.connection()?.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(after.unwrap_or_default().iter().map(Bound)))?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            lines.push(line_of(row, table)?);
        }
        Ok(lines)
    }

    async fn last(&mut self, table: &Table) -> StoreResult<Option<Line>> {
        let key = table.key_list();
        let descending = key.replace(", ", " DESC, ");
        let sql = format!("SELECT {key} FROM {} ORDER BY {descending} DESC LIMIT 1", table.name);
        one(self.connection()?, &sql, [], |row| line_of(row, table))
    }

    async fn add(&mut self, table: &Table, lines: &[Line]) -> StoreResult<()> {
        let connection = self.connection()?;
        let marks = vec!["?"; table.columns.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", table.name, table.list());
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let added = lines.iter().try_for_each(|line| {
            connection.prepare_cached(&sql)?.execute(params_from_iter(line.iter().map(Bound)))?;
            Ok(())
        });
        connection.execute_batch(if added.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        added
    }

    async fn last_given(&mut self, table: &Table) -> StoreResult<i64> {
        let sql = "SELECT seq FROM sqlite_sequence WHERE name = ?1";
        Ok(self.connection()?.query_row(sql, [table.name], |row| row.get(0)).optional()?.unwrap_or_default())
    }

    async fn set_last_given(&mut self, table: &Table, id: i64) -> StoreResult<()> {
        let connection = self.connection()?;
        connection.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table.name])?;
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", (table.name, id))?;
        Ok(())
    }

    async fn clear(&mut self) -> StoreResult<()> {
        let connection = self.connection()?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for table in TABLES.iter().rev() {
            connection.execute(&format!("DELETE FROM {}", table.name), [])?;
        }
        Ok(connection.execute_batch("COMMIT")?)
    }

    async fn round_off(&mut self) -> StoreResult<()> {
        // The server that serves it brings its words into the index.
        let sql = "BEGIN IMMEDIATE; \
            UPDATE conversations SET members = (SELECT count(*) FROM members m WHERE m.conversation = id); \
            UPDATE house SET words_from = next_entry; COMMIT";
        Ok(self.connection()?.execute_batch(sql)?)
    }

    async fn settle(&mut self) -> StoreResult<()> {
        let (Some(connection), Some(home)) = (self.connection.take(), &self.home) else { return Err(super::closed()) };
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        connection.close().map_err(|(_, error)| error)?;
        super::upkeep::settle(&beside(home), home)
    }
}

fn line_of(row: &Row<'_>, table: &Table) -> StoreResult<Line> {
    let width = row.as_ref().column_count();
    (0..width)
        .map(|column| {
            Ok(match row.get_ref(column)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Number(number),
                ValueRef::Real(number) => Value::Number(number as i64),
                ValueRef::Text(text) => Value::Text(text_of(text, table)?),
                ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
            })
        })
        .collect()
}

/// What is no text any more is not made one.
fn text_of(bytes: &[u8], table: &Table) -> StoreResult<String> {
    let text = std::str::from_utf8(bytes).map(str::to_owned);
    text.map_err(|_| {
        StoreError::Broken(format!(
            "{} holds a text that is damaged: restore a backup, or run `titan-server rescue` first",
            table.name
        ))
    })
}

/// A value as it is bound to a statement.
pub(super) struct Bound<'a>(pub &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self.0 {
            Value::Null => Ok(ToSqlOutput::Borrowed(ValueRef::Null)),
            Value::Number(number) => number.to_sql(),
            Value::Text(text) => text.to_sql(),
            Value::Bytes(bytes) => bytes.to_sql(),
        }
    }
}
