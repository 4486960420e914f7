//! Finds messages by their words, without the network. They are cut as the server cuts them ([`crate::text::words`]).
//!
//! A cache of an older version has messages whose words are not known yet. They become known on the way, the newest first: a few
//! with each writing, more with each search; until then an answer says that it isn't all.

use rusqlite::Connection;

use super::{Cache, Failed, json_rows, parse_row};
use crate::{
    ConversationId, EntryId, SafeText,
    client::Error,
    protocol::{Body, Conversation, Entry, Found, Results},
    text::{Sought, message_words},
};

/// Messages of before whose words become known with a writing.
pub(super) const ON_THE_WAY: usize = 100;
/// Those that do with a search.
const FOR_A_SEARCH: usize = 5_000;

impl Cache {
    /// Messages that hold all these words, newest first; [`Cache::find`] without pages.
    pub fn search(&self, query: &str, conversation: Option<ConversationId>, limit: usize) -> Result<Vec<Found>, Error> {
        self.find(query, conversation, None, limit).map(|page| page.results)
    }

    /// Messages that hold all these words, newest first, before an entry if one is named. The last word may be unfinished. Any
    /// text is a legal query. What is kept here is answered for, which may be less than the server has.
    ///
    /// ```
    /// # fn main() -> Result<(), titan_core::client::Error> {
    /// let cache = titan_core::cache::Cache::in_memory()?;
    /// let page = cache.find("solaris", None, None, 50)?;
    /// assert!(page.results.is_empty() && page.complete);
    /// # Ok(())
    /// # }
    /// ```
    pub fn find(
        &self,
        query: &str,
        conversation: Option<ConversationId>,
        before: Option<EntryId>,
        limit: usize,
    ) -> Result<Results, Error> {
        let Some(sought) = Sought::of(query) else { return Ok(Results::new(Vec::new(), None)) };
        let words = match conversation {
            Some(conversation) => format!("place : \"{}\" AND text : ({})", place(conversation), quoted(&sought)),
            None => format!("text : ({})", quoted(&sought)),
        };
        self.history(|db| {
            let change = db.transaction()?;
            let below = catch_up(&change, FOR_A_SEARCH)?;
            change.commit()?;
            let mut found = find(db, &words, (below, before), limit.saturating_add(1))?;
            if found.len() > limit {
                found.truncate(limit);
                let last = found.last().map(|found| found.entry.id).or(before);
                return Ok(Results::new(found, last.or(Some(EntryId(i64::MAX)))));
            }
            let rest = (below > 0).then(|| EntryId(below.min(before.map_or(below, |before| before.0))));
            Ok(Results::new(found, rest))
        })
    }
}

fn find(
    db: &Connection,
    words: &str,
    (from, before): (i64, Option<EntryId>),
    limit: usize,
) -> Result<Vec<Found>, Failed> {
    // CROSS JOIN keeps the index of words outermost, which gives its rows in the wanted order without sorting.
    let mut statement = db.prepare_cached(
        "SELECT entry.json, conversation.json FROM words
         CROSS JOIN entry ON entry.id = words.rowid CROSS JOIN conversation ON conversation.id = entry.conversation
         WHERE words MATCH ?1 AND words.rowid >= ?2 AND words.rowid < ?3 ORDER BY words.rowid DESC LIMIT ?4",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map((words, from, before.map_or(i64::MAX, |before| before.0), limit), |row| {
        Ok(parse_row::<Entry>(row, 0).zip(parse_row::<Conversation>(row, 1)))
    })?;
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

/// Makes known what a message is found by.
pub(super) fn index(db: &Connection, entry: &Entry) -> Result<(), Failed> {
    if let Some(words) = words_of(entry) {
        let row = (entry.id.0, words, place(entry.conversation));
        db.prepare_cached("INSERT INTO words (rowid, text, place) VALUES (?1, ?2, ?3)")?.execute(row)?;
    }
    Ok(())
}

/// Takes a message out that is about to become another, or to go. The index keeps no texts, so it is told what it was given.
pub(super) fn unindex(db: &Connection, id: EntryId) -> Result<(), Failed> {
    if !is_indexed(db, id)? {
        return Ok(());
    }
    let known = json_rows::<Entry>(db, "SELECT json FROM entry WHERE id = ?1", [id.0])?.pop();
    if let Some((entry, words)) = known.and_then(|entry| words_of(&entry).map(|words| (entry, words))) {
        let sql = "INSERT INTO words (words, rowid, text, place) VALUES ('delete', ?1, ?2, ?3)";
        db.prepare_cached(sql)?.execute((id.0, words, place(entry.conversation)))?;
    }
    Ok(())
}

/// Forgets all words; they become known again on the way, but for those of messages that are gone by then.
pub(super) fn begin_anew(db: &Connection) -> Result<(), Failed> {
    db.execute("INSERT INTO words (words) VALUES ('delete-all')", [])?;
    db.execute("UPDATE wordless SET below = (SELECT coalesce(max(id), -1) + 1 FROM entry)", [])?;
    Ok(())
}

fn is_indexed(db: &Connection, id: EntryId) -> Result<bool, Failed> {
    let query = "SELECT EXISTS (SELECT 1 FROM words_docsize WHERE id = ?1)";
    Ok(db.prepare_cached(query)?.query_row([id.0], |row| row.get(0))?)
}

/// None where there are none.
fn words_of(entry: &Entry) -> Option<String> {
    let Body::Message(message) = &entry.body else { return None };
    let file = message.file.as_ref().map(|file| file.name.written());
    Some(message_words(message.text.written(), file).join(" ")).filter(|words| !words.is_empty())
}

/// Makes the words of messages of before known, the newest first; below which id they are not known yet, 0 once all are.
pub(super) fn catch_up(db: &Connection, most: usize) -> Result<i64, Failed> {
    let below: i64 = db.prepare_cached("SELECT below FROM wordless")?.query_row([], |row| row.get(0))?;
    if below <= 0 {
        return Ok(0);
    }
    let (most, query) =
        (most as i64, "SELECT min(id), count(*) FROM (SELECT id FROM entry WHERE id < ?1 ORDER BY id DESC LIMIT ?2)");
    let (last, count): (Option<i64>, i64) =
        db.prepare_cached(query)?.query_row([below, most], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let now = if count < most { 0 } else { last.unwrap_or(0) };
    let query = "SELECT json FROM entry WHERE id >= ?1 AND id < ?2 AND target IS NULL";
    for entry in json_rows::<Entry>(db, query, [last.unwrap_or(below), below])? {
        if !is_indexed(db, entry.id)? {
            index(db, &entry)?;
        }
    }
    db.prepare_cached("UPDATE wordless SET below = ?1")?.execute([now])?;
    Ok(now)
}

/// The word that names a conversation in the index.
fn place(conversation: ConversationId) -> String {
    format!("in{conversation}")
}

/// What is sought, as a query of FTS5. Nothing in it needs escaping: words hold letters and pictures only.
fn quoted(sought: &Sought) -> String {
    let phrases: Vec<_> = sought.phrases().iter().map(|phrase| format!("\"{}\"", phrase.join(" "))).collect();
    format!("{}*", phrases.join(" AND "))
}
