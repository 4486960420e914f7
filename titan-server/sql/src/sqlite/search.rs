//! Asking the index of words. What is sought is never query syntax: words hold letters and pictures only.
//!
//! The beginning of a word is dear to look up where many messages hold such words; so each look has a bounded time, and what
//! comes too late is walked for instead (`verbs/search.rs`).

use std::cell::Cell;
use std::collections::HashSet;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rusqlite::Connection;
use titan_core::text::Sought;
use titan_core::{AccountId, ConversationId};

use super::super::verbs::search::{Index, Looked, Span, Wanted, search as find};
use super::super::{Hits, Query, StoreResult};
use super::batch::{Looking, at_once};
use super::row::all;
use super::words::place;

/// Conversations that are looked for inside the index; for an account in more of them each hit is looked at instead.
const PLACES_MOST: usize = 64;

/// How long the index is asked; what was found by then is the answer.
const LOOK_MOST: Duration = Duration::from_millis(300);

/// Steps of SQLite between two looks at the clock.
const STEPS: i32 = 100;

pub(super) fn search(connection: &mut Connection, account: AccountId, query: &Query) -> StoreResult<Hits> {
    at_once(find(&mut Looking(connection), account, query))
}

#[async_trait]
impl Index for Looking<'_> {
    async fn look_up(&mut self, wanted: &Wanted, span: Span, most: usize) -> StoreResult<Looked> {
        let places = places(self.0, wanted)?;
        if places.is_empty() {
            return Ok(Looked { ids: Vec::new(), down_to: Some(span.from) });
        }
        let mut looked = Looked::default();
        let done = within_time(|| matching(self.0, &wanted.sought, &places, (span, most), &mut looked))?;
        if done && looked.ids.len() < most {
            looked.down_to = Some(span.from);
        }
        Ok(looked)
    }
}

/// Walks over the hits, the newest first; `looked` tells how far it has got, whatever ends it.
fn matching(
    connection: &Connection,
    sought: &Sought,
    places: &HashSet<i64>,
    (span, most): (Span, usize),
    looked: &mut Looked,
) -> StoreResult<()> {
    let sql = "SELECT w.rowid, (SELECT conversation FROM entries WHERE id = w.rowid) FROM message_words w \
        WHERE message_words MATCH ?1 AND w.rowid >= ?2 AND w.rowid < ?3 ORDER BY w.rowid DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((query_of(sought, places), span.from, span.below))?;
    while let Some(row) = rows.next()? {
        let (id, conversation): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
        looked.down_to = Some(id);
        if conversation.is_some_and(|conversation| places.contains(&conversation)) {
            looked.ids.push(id);
            if looked.ids.len() >= most {
                break;
            }
        }
    }
    Ok(())
}

fn query_of(sought: &Sought, places: &HashSet<i64>) -> String {
    let phrases: Vec<_> = sought.phrases().iter().map(|phrase| format!("\"{}\"", phrase.join(" "))).collect();
    let words = format!("{{words}} : ({}*)", phrases.join(" AND "));
    if places.len() > PLACES_MOST {
        return words;
    }
    let places: Vec<_> = places.iter().map(|&id| format!("\"{}\"", place(ConversationId(id)))).collect();
    format!("{words} AND {{place}} : ({})", places.join(" OR "))
}

/// The conversations that are searched: those of the account that stand.
fn places(connection: &Connection, wanted: &Wanted) -> StoreResult<HashSet<i64>> {
    let sql = "SELECT m.conversation FROM members m JOIN conversations c ON c.id = m.conversation AND c.deleted_at IS NULL \
        WHERE m.account = ?1 AND (?2 IS NULL OR m.conversation = ?2)";
    let values = (wanted.account.0, wanted.within.map(|place| place.0));
    all(connection, sql, values, |row| Ok(row.get(0)?)).map(|places| places.into_iter().collect())
}

thread_local! {
    /// When the look that this thread runs has to end.
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
fn within_time(work: impl FnOnce() -> StoreResult<()>) -> StoreResult<bool> {
    let deadline = Deadline::after(LOOK_MOST);
    let done = work();
    let overdue = is_overdue();
    drop(deadline);
    match done {
        Ok(()) => Ok(true),
        Err(_) if overdue => Ok(false),
        Err(error) => Err(error),
    }
}
