//! What the database says of itself, and which of its rows are damaged.

use std::path::Path;

use rusqlite::Connection;

use super::super::StoreResult;
use super::super::soundness::Identity;
use super::super::verbs::{audit, sums};
use super::batch::{Looking, at_once, row_of};
use super::row::{all, any};
use super::schema;

/// What the house in this file says of itself; none where the file holds no house yet. Nothing is changed or migrated.
pub fn identity_of(path: &Path) -> StoreResult<Option<Identity>> {
    if std::fs::metadata(path).map_or(0, |known| known.len()) == 0 {
        return Ok(None);
    }
    let mut connection = schema::open_reader(path)?;
    schema::refuse_strangers(&connection, path)?;
    match schema::version(&connection)? {
        0 => Ok(None),
        1 | 2 => Ok(Some(Identity { peppered: any(&connection, sums::PEPPERED, [])?, ..Identity::default() })),
        _ => identity(&mut connection).map(Some),
    }
}

pub(super) fn identity(connection: &mut Connection) -> StoreResult<Identity> {
    at_once(sums::identity(&mut Looking(connection)))
}

/// Gives the house in this file, which nobody uses, another epoch: what is remembered of it elsewhere is no longer so.
pub fn renew(path: &Path) -> StoreResult<Identity> {
    let mut connection = schema::open_writer(path)?;
    connection.execute("UPDATE house SET epoch = lower(hex(randomblob(16))), turn = turn + 1", [])?;
    let identity = identity(&mut connection)?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(identity)
}

/// A line for each entry that no longer says what it said when it was written. Read in one go: a key that is damaged itself
/// would lead astray who goes on from it.
pub(super) fn damaged_rows(connection: &Connection) -> StoreResult<Vec<String>> {
    if schema::version(connection)? < 3 {
        return Ok(Vec::new()); // Sums came later.
    }
    let mut statement = connection.prepare(&format!("SELECT {}, e.sum FROM entries e", sums::SUMMED))?;
    let (mut rows, mut damaged) = (statement.query([])?, sums::Damaged::default());
    while let Some(row) = rows.next()? {
        damaged.look_at(&row_of(row)?);
    }
    Ok(damaged.lines())
}

/// A line where the audit log is not as it was written.
pub(super) fn broken_audit(connection: &Connection) -> StoreResult<Option<String>> {
    if !any(connection, "SELECT 1 FROM pragma_table_info('audit') WHERE name = 'hash'", [])? {
        return Ok(None); // The chain came later.
    }
    let mut statement = connection.prepare(&format!("SELECT {}, hash FROM audit ORDER BY id", audit::CHAINED))?;
    let end = all(connection, audit::END, [], |row| audit::head_of(&mut row_of(row)?))?.pop();
    let (mut rows, mut following) = (statement.query([])?, audit::Following::towards(end));
    while let Some(row) = rows.next()? {
        following.look_at(&row_of(row)?)?;
    }
    Ok(audit::line_of(&following.arrived(end)))
}
