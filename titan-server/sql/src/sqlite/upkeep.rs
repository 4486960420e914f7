//! What operators and the house itself need: copying, checking, closing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::super::{StoreError, StoreResult};
use super::row::all;
use super::{schema, soundness};

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
const PROMISES: [(&str, &str); 7] = [
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
];

/// What must never be found of the index of words.
const WORDS: [(&str, &str); 2] = [
    (
        "a message that search doesn't know",
        "SELECT 'entry ' || id FROM entries, house WHERE kind = 'message' AND deleted = 0 AND id >= words_from \
         AND id NOT IN (SELECT id FROM message_words_docsize) LIMIT 100",
    ),
    (
        "words of a message that is gone",
        "SELECT 'entry ' || id FROM message_words_docsize \
         WHERE id NOT IN (SELECT id FROM entries WHERE kind = 'message' AND deleted = 0) LIMIT 100",
    ),
];
/// The version that has this index: one of before is thrown away.
const WITH_WORDS: usize = 4;

pub(super) fn check(connection: &Connection) -> StoreResult<Vec<String>> {
    if connection.is_autocommit() {
        connection.execute_batch("BEGIN")?;
    }
    let mut lines = Vec::new();
    let words = if schema::version(connection)? < WITH_WORDS { &[][..] } else { &WORDS };
    for (what, sql) in PROMISES.iter().chain(words) {
        match all(connection, sql, [], |row| Ok(row.get::<_, String>(0)?)) {
            Ok(found) => lines.extend(found.into_iter().map(|found| format!("{what}: {found}"))),
            Err(error) => lines.push(format!("{what}: could not be looked for: {error}")),
        }
    }
    match soundness::damaged_rows(connection) {
        Ok(damaged) => lines.extend(damaged),
        Err(error) => lines.push(format!("entries that are damaged could not be looked for: {error}")),
    }
    match soundness::broken_audit(connection) {
        Ok(broken) => lines.extend(broken),
        Err(error) => lines.push(format!("the audit log could not be followed: {error}")),
    }
    Ok(lines)
}
