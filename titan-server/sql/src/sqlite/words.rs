//! The index of messages' words: filled and emptied by [`super::batch`], searched by [`super::search`].
//!
//! It keeps no texts, so what is taken out must be told as it was put in. Messages that are not in it yet are left alone: they
//! come in as they stand when it is their turn.

use rusqlite::Connection;
use titan_core::{ConversationId, EntryId};

use super::super::StoreResult;
use super::super::tx::Indexed;
use super::row::{any, change};

/// The one word that stands for a conversation in the index.
pub(super) fn place(conversation: ConversationId) -> String {
    format!("\u{e000}{conversation}")
}

pub(super) fn index(connection: &Connection, message: Indexed<'_>) -> StoreResult<()> {
    let sql = "INSERT INTO message_words (rowid, words, place) VALUES (?1, ?2, ?3)";
    change(connection, sql, (message.id.0, message.words().join(" "), place(message.conversation))).map(drop)
}

/// Takes a message out of the index; whether it was in it.
pub(super) fn unindex(connection: &Connection, message: Indexed<'_>) -> StoreResult<bool> {
    if !holds(connection, message.id)? {
        return Ok(false);
    }
    let sql = "INSERT INTO message_words (message_words, rowid, words, place) VALUES ('delete', ?1, ?2, ?3)";
    change(connection, sql, (message.id.0, message.words().join(" "), place(message.conversation)))?;
    Ok(true)
}

fn holds(connection: &Connection, id: EntryId) -> StoreResult<bool> {
    any(connection, "SELECT 1 FROM message_words_docsize WHERE id = ?1", [id.0])
}

/// Empties the tables of the index that was before this one, and removes them at last; how many rows went, 0 once there is nothing.
pub(super) fn shed(connection: &Connection, limit: u32) -> StoreResult<u32> {
    if !any(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'old_words_data'", [])? {
        return Ok(0);
    }
    // Rows of the first are a page each, those of the others are small.
    for (table, key, times) in
        [("old_words_data", "id", 1), ("old_words_docsize", "id", 20), ("old_words_idx", "segid, term", 20)]
    {
        let sql = format!("DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} LIMIT ?1)");
        let gone = connection.execute(&sql, [limit * times])?;
        if gone > 0 {
            return Ok(gone as u32);
        }
    }
    // A transaction that changes no row is none to the writer.
    connection.execute_batch(
        "UPDATE house SET words_from = words_from; DROP TABLE old_words_data; DROP TABLE old_words_docsize; \
         DROP TABLE old_words_idx; DROP TABLE old_words_config",
    )?;
    Ok(1)
}
