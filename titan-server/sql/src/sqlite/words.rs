//! The index of messages' words: filled and emptied by [`super::batch`] and by what moves tables, searched by [`super::search`].

use rusqlite::Connection;
use titan_core::{ConversationId, EntryId};

use super::super::StoreResult;

/// The one word that stands for a conversation in the index.
pub(super) fn place(conversation: ConversationId) -> String {
    format!("\u{e000}{conversation}")
}

pub(super) fn index(connection: &Connection, conversation: ConversationId, id: EntryId, text: &str) -> StoreResult<()> {
    let sql = "INSERT INTO message_words (rowid, text, place) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute((id.0, text, place(conversation)))?;
    Ok(())
}

/// Takes a message out of the index of words, which must be told what it holds of it.
pub(super) fn unindex(
    connection: &Connection,
    conversation: ConversationId,
    id: EntryId,
    text: &str,
) -> StoreResult<()> {
    let sql = "INSERT INTO message_words (message_words, rowid, text, place) VALUES ('delete', ?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute((id.0, text, place(conversation)))?;
    Ok(())
}
