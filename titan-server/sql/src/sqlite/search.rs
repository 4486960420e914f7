//! Finding messages by their words. What people type is never query syntax: each word is quoted. The last one may be the
//! beginning of a word; since that is dear to look up where many messages hold such words, whole words are looked for
//! first, and beginnings only when those are too few, for a bounded time.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use titan_core::protocol::Entry;
use titan_core::{AccountId, ConversationId};

use super::super::StoreResult;
use super::super::verbs::history::{ENTRY, each_with_reactions, entry_of};
use super::batch::{Looking, at_once, row_of};
use super::row::{all, any};
use super::words::place;

/// Words of a search that count; nobody types more.
const WORDS_MOST: usize = 32;

/// Conversations that are looked for inside the index; for an account in more of them each hit is looked at instead.
const PLACES_MOST: usize = 64;

/// How long whole words are looked for; what was found by then is the answer.
const WHOLE_WORDS: Duration = Duration::from_millis(1000);

/// How long beginnings of words are looked for.
const BEGINNINGS: Duration = Duration::from_millis(250);

/// Steps of SQLite between two looks at the clock.
const STEPS: i32 = 100;

pub(super) fn search(
    connection: &mut Connection,
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
    let inside = match places.len() {
        0 => return Ok(Vec::new()),
        1..=PLACES_MOST => format!(" AND {{place}} : ({})", any_of(&places)),
        _ => String::new(),
    };
    let whole = matching(connection, account, within, &format!("{{text}} : ({words}){inside}"), limit, WHOLE_WORDS)?;
    if whole.complete && whole.entries.len() < limit as usize {
        let query = format!("{{text}} : ({words}*){inside}");
        let beginnings = matching(connection, account, within, &query, limit, BEGINNINGS)?;
        if beginnings.complete {
            return Ok(beginnings.entries);
        }
    }
    Ok(whole.entries)
}

/// The newest messages that match, all of them or as many as there was time for.
struct Matches {
    entries: Vec<Entry>,
    complete: bool,
}

fn matching(
    connection: &mut Connection,
    account: AccountId,
    within: Option<ConversationId>,
    query: &str,
    limit: u32,
    time: Duration,
) -> StoreResult<Matches> {
    let sql = format!(
        "SELECT {ENTRY} FROM message_words w CROSS JOIN entries e ON e.id = w.rowid \
         CROSS JOIN members m ON m.conversation = e.conversation AND m.account = ?2 \
         CROSS JOIN conversations c ON c.id = e.conversation AND c.deleted_at IS NULL \
         LEFT JOIN files f ON f.id = e.file \
         WHERE message_words MATCH ?1 AND (?3 IS NULL OR e.conversation = ?3) ORDER BY w.rowid DESC LIMIT ?4"
    );
    let mut entries = Vec::new();
    let complete = within_time(time, || {
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query((query, account.0, within.map(|place| place.0), limit))?;
        while let Some(row) = rows.next()? {
            entries.push(entry_of(&mut row_of(row)?)?);
        }
        Ok(())
    })?;
    at_once(each_with_reactions(&mut Looking(connection), &mut entries))?;
    Ok(Matches { entries, complete })
}

thread_local! {
    /// When the search that this thread runs has to end.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Makes a connection stop what runs beyond the deadline of its thread.
pub(super) fn keep_deadlines(connection: &mut Connection) -> StoreResult<()> {
    Ok(connection.progress_handler(STEPS, Some(is_overdue))?)
}

/// While it lives, even if what runs panics: others are served by the same thread afterwards.
struct Deadline;

impl Deadline {
    fn after(time: Duration) -> Self {
        DEADLINE.set(Some(Instant::now() + time));
        Self
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        DEADLINE.set(None);
    }
}

fn is_overdue() -> bool {
    DEADLINE.get().is_some_and(|deadline| Instant::now() > deadline)
}

/// Does something that is stopped when its time is over; whether it came to its end.
fn within_time(time: Duration, work: impl FnOnce() -> StoreResult<()>) -> StoreResult<bool> {
    let deadline = Deadline::after(time);
    let done = work();
    let overdue = is_overdue();
    drop(deadline);
    match done {
        Ok(()) => Ok(true),
        Err(_) if overdue => Ok(false),
        Err(error) => Err(error),
    }
}

/// The words as a query of FTS5, which a `*` may follow; none where there is no word.
fn quoted(words: &str) -> Option<String> {
    let words: Vec<String> = words
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(WORDS_MOST)
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    if words.is_empty() { None } else { Some(words.join(" ")) }
}

fn any_of(places: &[ConversationId]) -> String {
    places.iter().map(|&conversation| format!("\"{}\"", place(conversation))).collect::<Vec<_>>().join(" OR ")
}

fn is_member(connection: &Connection, account: AccountId, conversation: ConversationId) -> StoreResult<bool> {
    let sql = "SELECT 1 FROM members WHERE conversation = ?1 AND account = ?2";
    any(connection, sql, (conversation.0, account.0))
}

fn conversations(connection: &Connection, account: AccountId) -> StoreResult<Vec<ConversationId>> {
    let sql = "SELECT conversation FROM members WHERE account = ?1";
    all(connection, sql, [account.0], |row| Ok(ConversationId(row.get(0)?)))
}
