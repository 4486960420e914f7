//! Finding messages by their words. What people type is never query syntax: each word is quoted, the last one counts as
//! the beginning of a word.

use rusqlite::Connection;
use titan_core::protocol::Entry;
use titan_core::{AccountId, ConversationId};

use super::super::StoreResult;
use super::history::{ENTRY, entry_of, with_reactions};
use super::row::{all, any};

/// Words of a search that count; nobody types more.
const WORDS_MOST: usize = 32;

/// Conversations that are looked for inside the index; for an account in more of them each hit is looked at instead.
const PLACES_MOST: usize = 64;

pub(super) fn search(
    connection: &Connection,
    account: AccountId,
    words: &str,
    within: Option<ConversationId>,
    limit: u32,
) -> StoreResult<Vec<Entry>> {
    let Some(words) = quoted(words) else { return Ok(Vec::new()) };
    let places = match within {
        Some(conversation) if is_member(connection, account, conversation)? => vec![conversation],
        Some(_) => return Ok(Vec::new()),
        None => conversations(connection, account)?,
    };
    let query = match places.len() {
        0 => return Ok(Vec::new()),
        1..=PLACES_MOST => format!("{{text}} : ({words}) AND {{place}} : ({})", any_of(&places)),
        _ => format!("{{text}} : ({words})"),
    };
    let sql = format!(
        "SELECT {ENTRY} FROM message_words w CROSS JOIN entries e ON e.id = w.rowid \
         CROSS JOIN members m ON m.conversation = e.conversation AND m.account = ?2 \
         CROSS JOIN conversations c ON c.id = e.conversation AND c.deleted_at IS NULL \
         LEFT JOIN files f ON f.id = e.file \
         WHERE message_words MATCH ?1 ORDER BY w.rowid DESC LIMIT ?3"
    );
    let mut found = all(connection, &sql, (query, account.0, limit), entry_of)?;
    for entry in &mut found {
        with_reactions(connection, entry.conversation, std::slice::from_mut(entry))?;
    }
    Ok(found)
}

/// The one word that stands for a conversation in the index.
pub(super) fn place(conversation: ConversationId) -> String {
    format!("c{conversation}")
}

/// The words as a query of FTS5, or none where there is no word.
fn quoted(words: &str) -> Option<String> {
    let mut words: Vec<String> = words
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(WORDS_MOST)
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    words.last_mut()?.push('*');
    Some(words.join(" "))
}

fn any_of(places: &[ConversationId]) -> String {
    places.iter().map(|&conversation| place(conversation)).collect::<Vec<_>>().join(" OR ")
}

fn is_member(connection: &Connection, account: AccountId, conversation: ConversationId) -> StoreResult<bool> {
    let sql = "SELECT 1 FROM members WHERE conversation = ?1 AND account = ?2";
    any(connection, sql, (conversation.0, account.0))
}

fn conversations(connection: &Connection, account: AccountId) -> StoreResult<Vec<ConversationId>> {
    let sql = "SELECT conversation FROM members WHERE account = ?1";
    all(connection, sql, [account.0], |row| Ok(ConversationId(row.get(0)?)))
}
