//! What the database says of itself, and the sums of its rows.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::super::soundness::Identity;
use super::super::{StoreError, StoreResult, sum};
use super::row::{all, change};
use super::schema;

/// The columns that [`row_of`] reads, in its order.
pub(super) const SUMMED: &str = "conversation, seq, id, kind, author, author_name, author_number, at, client_id, text, \
    reply_to, file, edited, deleted, target, detail";

/// Damaged rows that a check names; the rest is counted.
const NAMED: usize = 100;

/// What the house in this file says of itself; none where the file holds no house yet. Nothing is changed or migrated.
pub fn identity_of(path: &Path) -> StoreResult<Option<Identity>> {
    if std::fs::metadata(path).map_or(0, |known| known.len()) == 0 {
        return Ok(None);
    }
    let connection = schema::open_reader(path)?;
    schema::refuse_strangers(&connection, path)?;
    match schema::version(&connection)? {
        0 => Ok(None),
        1 | 2 => Ok(Some(Identity { peppered: peppered(&connection)?, ..Identity::default() })),
        _ => identity(&connection).map(Some),
    }
}

pub(super) fn identity(connection: &Connection) -> StoreResult<Identity> {
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (epoch, turn, pepper) = connection.query_row("SELECT epoch, turn, pepper FROM house", [], row)?;
    Ok(Identity { epoch, turn, pepper, peppered: peppered(connection)? })
}

/// Gives the house in this file, which nobody uses, another epoch: what is remembered of it elsewhere is no longer so.
pub fn renew(path: &Path) -> StoreResult<Identity> {
    let connection = schema::open_writer(path)?;
    connection.execute("UPDATE house SET epoch = lower(hex(randomblob(16))), turn = turn + 1", [])?;
    let identity = identity(&connection)?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(identity)
}

fn peppered(connection: &Connection) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM accounts WHERE scheme = 'titan')";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

pub(super) fn sum_rows(connection: &Connection, limit: u32) -> StoreResult<u32> {
    let sql = format!("SELECT {SUMMED} FROM entries WHERE sum IS NULL ORDER BY conversation, seq LIMIT ?1");
    let sums = all(connection, &sql, [limit], |row| {
        // What can't be read at all is damaged already: no sum fits it.
        let sum = row_of(row, 0).map_or(0, |row| sum::of(&row));
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, sum))
    })?;
    for (conversation, seq, sum) in &sums {
        let sql = "UPDATE entries SET sum = ?3 WHERE conversation = ?1 AND seq = ?2";
        change(connection, sql, (conversation, seq, sum))?;
    }
    Ok(sums.len() as u32)
}

/// Reads the columns of [`SUMMED`] from the given one on, as they stand; an error where one can't hold that.
pub(super) fn row_of<'a>(row: &'a Row<'_>, first: usize) -> StoreResult<sum::Row<'a>> {
    let number = |column: usize| Ok::<_, StoreError>(row.get::<_, Option<i64>>(first + column)?);
    let needed = |column: usize| Ok::<_, StoreError>(row.get::<_, i64>(first + column)?);
    let bytes = |column: usize| match row.get_ref(first + column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(Some(bytes)),
        ValueRef::Null => Ok(None),
        other => Err(super::super::names::impossible("a text", other.data_type())),
    };
    Ok(sum::Row {
        conversation: needed(0)?,
        seq: needed(1)?,
        id: needed(2)?,
        kind: bytes(3)?.unwrap_or_default(),
        author: needed(4)?,
        author_name: bytes(5)?.unwrap_or_default(),
        author_number: needed(6)?,
        at: needed(7)?,
        client_id: bytes(8)?,
        text: bytes(9)?,
        reply_to: number(10)?,
        file: number(11)?,
        edited: number(12)?,
        deleted: needed(13)?,
        target: number(14)?,
        detail: bytes(15)?,
    })
}

/// A line for each entry that no longer says what it said when it was written.
pub(super) fn damaged_rows(connection: &Connection) -> StoreResult<Vec<String>> {
    if schema::version(connection)? < 3 {
        return Ok(Vec::new()); // Sums came later.
    }
    let mut statement = connection.prepare(&format!("SELECT {SUMMED}, sum FROM entries"))?;
    let mut rows = statement.query([])?;
    let (mut lines, mut more) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let holds = row_of(row, 0).and_then(|said| Ok(sum::holds(&said, row.get(16)?))).unwrap_or(false);
        match holds {
            true => {}
            false if lines.len() < NAMED => lines.push(named(row)),
            false => more += 1,
        }
    }
    if more > 0 {
        lines.push(format!("a damaged entry: {more} more"));
    }
    Ok(lines)
}

fn named(row: &Row<'_>) -> String {
    let number = |column| row.get::<_, i64>(column).map_or_else(|_| "?".to_owned(), |number| number.to_string());
    format!("a damaged entry: conversation {}, entry {}", number(0), number(1))
}
