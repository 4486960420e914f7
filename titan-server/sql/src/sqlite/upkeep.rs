//! What operators and the house itself need: purging, copying, checking, closing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;
use titan_core::{BlobId, ConversationId, EntryId, Seq};

use super::super::tx::{self, Indexed, Tx, values};
use super::super::{StoreError, StoreResult};
use super::row::all;
use super::{schema, soundness};

pub(super) fn blobs_in_use(connection: &Connection) -> StoreResult<Vec<BlobId>> {
    all(connection, "SELECT blob FROM files UNION SELECT blob FROM apps", [], |row| Ok(BlobId(row.get(0)?)))
}

/// Removes entries of deleted rooms, the oldest first, and a room itself once it has none.
pub(super) async fn purge(tx: &mut dyn Tx, limit: u32) -> StoreResult<u32> {
    let mut left = limit;
    while left > 0 {
        let sql = "SELECT id FROM conversations WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 1";
        let Some(room) = tx::one(tx, sql, &[], |row| row.get(0)).await? else { break };
        let removed = purge_entries(tx, room, left).await?;
        if removed < left {
            purge_room(tx, room).await?;
        }
        left -= removed;
    }
    Ok(limit - left)
}

async fn purge_entries(tx: &mut dyn Tx, room: ConversationId, limit: u32) -> StoreResult<u32> {
    let sql = "SELECT seq, id, CASE WHEN kind = 'message' AND deleted = 0 THEN coalesce(text, '') END FROM entries \
        WHERE conversation = $1 ORDER BY seq LIMIT $2";
    let doomed: Vec<(Seq, EntryId, Option<String>)> =
        tx::all(tx, sql, values![room, limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).await?;
    for (seq, id, text) in &doomed {
        if let Some(text) = text {
            tx.reindex(Indexed { conversation: room, seq: *seq, id: *id, text }, None).await?;
        }
    }
    let Some((last, ..)) = doomed.last() else { return Ok(0) };
    for sql in [
        "DELETE FROM entries WHERE conversation = $1 AND seq <= $2",
        "DELETE FROM files WHERE conversation = $1 AND seq <= $2",
        "DELETE FROM mentions WHERE conversation = $1 AND seq <= $2",
        "DELETE FROM reactions WHERE conversation = $1 AND target <= $2",
    ] {
        tx.change(sql, values![room, *last]).await?;
    }
    Ok(doomed.len() as u32)
}

async fn purge_room(tx: &mut dyn Tx, room: ConversationId) -> StoreResult<()> {
    for sql in [
        "DELETE FROM members WHERE conversation = $1",
        "DELETE FROM sanctions WHERE conversation = $1",
        "DELETE FROM rooms WHERE conversation = $1",
        "DELETE FROM conversations WHERE id = $1",
    ] {
        tx.change(sql, values![room]).await?;
    }
    Ok(())
}

/// Copies beside the target and renames at the end, so that an older copy there stays whole until the new one is.
pub(super) fn backup(connection: &Connection, to: &Path) -> StoreResult<()> {
    let mut beside = OsString::from(to);
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let copied = copy(connection, &beside).and_then(|()| settle(&beside, to));
    if copied.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    copied
}

/// All in one step: a copy that pauses would begin anew whenever the writer commits.
fn copy(connection: &Connection, to: &Path) -> StoreResult<()> {
    let _ = std::fs::remove_file(to);
    schema::make_private(to)?;
    let mut target = Connection::open(to)?;
    Backup::new(connection, &mut target)?.run_to_completion(i32::MAX, Duration::from_millis(50), None)?;
    target.close().map_err(|(_, error)| error)?;
    Ok(())
}

pub(super) fn settle(beside: &Path, to: &Path) -> StoreResult<()> {
    let settled = std::fs::File::open(beside)
        .and_then(|file| file.sync_all())
        .and_then(|()| std::fs::rename(beside, to))
        .and_then(|()| sync_folder(to));
    settled.map_err(|error| StoreError::Unavailable(format!("{}: {error}", to.display())))
}

/// A rename is on disk when its folder is.
#[cfg(unix)]
fn sync_folder(of: &Path) -> std::io::Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// What must never be found, each with the query that finds it: a line a row.
const PROMISES: [(&str, &str); 9] = [
    ("damage", "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
    (
        "a row that points to nothing",
        "SELECT \"table\" || ' ' || coalesce(rowid, '') || ' -> ' || parent FROM pragma_foreign_key_check",
    ),
    (
        "a log with a gap or a double",
        "SELECT 'conversation ' || e.conversation || ': ' || count(*) || ' entries, first ' || min(e.seq) || ', last ' \
           || max(e.seq) FROM entries e LEFT JOIN conversations c ON c.id = e.conversation \
         WHERE c.deleted_at IS NULL GROUP BY e.conversation \
         HAVING count(*) <> max(e.seq) - max(coalesce(c.floor, 0), 1) + 1 OR min(e.seq) <> max(coalesce(c.floor, 0), 1)",
    ),
    (
        "a log that does not end at its head",
        "SELECT 'conversation ' || c.id || ': head ' || c.head || ', last entry ' || coalesce(max(e.seq), 0) \
         FROM conversations c LEFT JOIN entries e ON e.conversation = c.id WHERE c.deleted_at IS NULL \
         GROUP BY c.id HAVING c.head <> coalesce(max(e.seq), 0)",
    ),
    (
        "entries of no conversation",
        "SELECT DISTINCT 'conversation ' || conversation FROM entries \
         WHERE conversation NOT IN (SELECT id FROM conversations)",
    ),
    (
        "an entry id that will be given again",
        "SELECT max(id) || ', next ' || next_entry FROM entries, house GROUP BY next_entry HAVING max(id) >= next_entry",
    ),
    (
        "a wrong count of members",
        "SELECT 'conversation ' || c.id || ': ' || c.members || ', really ' || count(m.account) FROM conversations c \
         LEFT JOIN members m ON m.conversation = c.id GROUP BY c.id HAVING c.members <> count(m.account)",
    ),
    (
        "a message that search doesn't know",
        "SELECT 'entry ' || id FROM searchable WHERE id NOT IN (SELECT id FROM message_words_docsize) LIMIT 100",
    ),
    (
        "words of a message that is gone",
        "SELECT 'entry ' || id FROM message_words_docsize WHERE id NOT IN (SELECT id FROM searchable) LIMIT 100",
    ),
];

pub(super) fn check(connection: &Connection) -> StoreResult<Vec<String>> {
    if connection.is_autocommit() {
        connection.execute_batch("BEGIN")?;
    }
    let mut lines = Vec::new();
    for (what, sql) in PROMISES {
        match all(connection, sql, [], |row| Ok(row.get::<_, String>(0)?)) {
            Ok(found) => lines.extend(found.into_iter().map(|found| format!("{what}: {found}"))),
            Err(error) => lines.push(format!("{what}: could not be looked for: {error}")),
        }
    }
    match soundness::damaged_rows(connection) {
        Ok(damaged) => lines.extend(damaged),
        Err(error) => lines.push(format!("entries that are damaged could not be looked for: {error}")),
    }
    Ok(lines)
}
