//! Finds messages by their words, without the network.

use rusqlite::Connection;

use super::{Cache, Failed, parse_row};
use crate::{
    ConversationId, SafeText,
    client::Error,
    protocol::{Conversation, Entry, Found},
};

impl Cache {
    /// Messages that hold all these words, newest first. The last word may be unfinished. Any text is a legal query.
    pub fn search(&self, query: &str, conversation: Option<ConversationId>, limit: usize) -> Result<Vec<Found>, Error> {
        match words(query) {
            Some(words) => {
                let words = match conversation {
                    Some(conversation) => format!("place : \"{}\" AND text : ({words})", place(conversation)),
                    None => format!("text : ({words})"),
                };
                self.history(|db| find(db, &words, limit))
            }
            None => Ok(Vec::new()),
        }
    }
}

fn find(db: &Connection, words: &str, limit: usize) -> Result<Vec<Found>, Failed> {
    // CROSS JOIN keeps the index of words outermost, which gives its rows in the wanted order without sorting.
    let mut statement = db.prepare_cached(
        "SELECT entry.json, conversation.json FROM words
         CROSS JOIN entry ON entry.id = words.rowid CROSS JOIN conversation ON conversation.id = entry.conversation
         WHERE words MATCH ?1 ORDER BY words.rowid DESC LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement
        .query_map((words, limit), |row| Ok(parse_row::<Entry>(row, 0).zip(parse_row::<Conversation>(row, 1))))?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(rows
        .into_iter()
        .flatten()
        .map(|(entry, conversation)| Found { entry, conversation_name: name(&conversation) })
        .collect())
}

fn name(conversation: &Conversation) -> SafeText {
    conversation.what.name().cloned().unwrap_or_default()
}

/// The word that names a conversation in the index.
pub(super) fn place(conversation: ConversationId) -> String {
    format!("in{conversation}")
}

/// A person's words as an FTS5 query: each one quoted, so that none is an operator, the last one as a prefix.
fn words(query: &str) -> Option<String> {
    let query = crate::shown(query);
    let words: Vec<String> = query
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    (!words.is_empty()).then(|| format!("{}*", words.join(" ")))
}
