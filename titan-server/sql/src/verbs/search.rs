//! Finding messages by their words, the newest first: an order of looks that is right for every database and however far its
//! index has got.
//!
//! What is said often is found soonest by walking back from the newest message; what is said rarely by the index, whose answer
//! costs more the more it holds. So a short walk comes first, and goes on for as long as it pays; then the index is asked; and
//! messages that are not in it yet are walked through. Each search has its time, and tells how far it came in it.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use titan_core::protocol::Entry;
use titan_core::text::{Sought, message_words};
use titan_core::{AccountId, ConversationId, EntryId};

use super::super::tx::{Ask, Row, Value, all, one, values};
use super::super::{Hits, Query, StoreError, StoreResult};
use super::history::{ENTRY, each_with_reactions, entry_of};

/// Ids that are walked over by one statement.
const STRIDE: i64 = 512;
/// Ids that may be walked over where there is an index.
const WALK_MOST: i64 = 16 * STRIDE;
/// How long messages are walked through; a search that isn't done by then tells how far it came.
const WALK_TIME: Duration = Duration::from_millis(400);
/// Entries that are looked up by one statement.
const ENTRIES_AT_ONCE: usize = 20;

/// What is looked for, and by whom.
pub struct Wanted {
    pub sought: Sought,
    pub account: AccountId,
    pub within: Option<ConversationId>,
}

/// Ids of entries: from one on, below another.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub from: i64,
    pub below: i64,
}

/// What the index of words found, the newest first.
#[derive(Default)]
pub struct Looked {
    pub ids: Vec<i64>,
    /// Everything from this id on has been looked at. None: it can't be said, since there was no time.
    pub down_to: Option<i64>,
}

/// A database with an index of words.
#[async_trait]
pub trait Index: Ask {
    /// The newest messages of a span that are found, at most so many.
    async fn look_up(&mut self, wanted: &Wanted, span: Span, most: usize) -> StoreResult<Looked>;
}

pub async fn search(index: &mut impl Index, account: AccountId, query: &Query) -> StoreResult<Hits> {
    let Some(sought) = Sought::of(&query.words) else { return Ok(Hits::default()) };
    let (next, indexed) = house(index).await?;
    let mut way = Way {
        wanted: Wanted { sought, account, within: query.within },
        // One more, to know whether there are more.
        most: query.limit as usize + 1,
        found: Vec::new(),
        at: query.before.map_or(next, |before| before.0.min(next)),
    };
    way.walk_lately(index, indexed).await?;
    way.look_up(index, indexed).await?;
    way.walk_on(index).await?;
    way.hits(index).await
}

/// The next id, and the first one whose message is in the index.
async fn house(ask: &mut dyn Ask) -> StoreResult<(i64, i64)> {
    let sql = "SELECT next_entry, words_from FROM house";
    let found = one(ask, sql, &[], |row| Ok((row.get(0)?, row.get(1)?))).await?;
    found.ok_or_else(|| StoreError::Broken("the table house is empty".into()))
}

/// How far a search has come: everything from `at` on has been looked at.
struct Way {
    wanted: Wanted,
    most: usize,
    found: Vec<i64>,
    at: i64,
}

impl Way {
    fn is_over(&self) -> bool {
        self.found.len() >= self.most || self.at <= 1
    }

    /// Walks for as long as the index would hardly be quicker.
    async fn walk_lately(&mut self, ask: &mut dyn Ask, indexed: i64) -> StoreResult<()> {
        let begun = self.at;
        while !self.is_over() && self.at > indexed {
            let walked = begun - self.at;
            let (found, missing) = (self.found.len() as i64, (self.most - self.found.len()) as i64);
            if walked > 0 && (found == 0 || walked + missing * walked / found > WALK_MOST) {
                break;
            }
            self.stride(ask, indexed.max(1)).await?;
        }
        Ok(())
    }

    async fn look_up(&mut self, index: &mut impl Index, indexed: i64) -> StoreResult<()> {
        let span = Span { from: indexed.max(1), below: self.at };
        if self.is_over() || span.from >= span.below {
            return Ok(());
        }
        let looked = index.look_up(&self.wanted, span, self.most - self.found.len()).await?;
        if let Some(down_to) = looked.down_to {
            self.found.extend(looked.ids);
            self.at = down_to;
        }
        Ok(())
    }

    /// Walks while there is time, at least one stride.
    async fn walk_on(&mut self, ask: &mut dyn Ask) -> StoreResult<()> {
        let end = Instant::now() + WALK_TIME;
        while !self.is_over() {
            self.stride(ask, 1).await?;
            if Instant::now() > end {
                break;
            }
        }
        Ok(())
    }

    /// Looks at messages themselves, down to an id at most.
    async fn stride(&mut self, ask: &mut dyn Ask, down_to: i64) -> StoreResult<()> {
        // The order of the tables is the order in which they are read.
        let sql = "SELECT e.id, e.text, f.name FROM entries e CROSS JOIN members m CROSS JOIN conversations c \
            LEFT JOIN files f ON f.id = e.file \
            WHERE e.id >= $1 AND e.id < $2 AND e.kind = 'message' AND e.deleted = 0 \
            AND (CAST($4 AS BIGINT) IS NULL OR e.conversation = $4) \
            AND m.conversation = e.conversation AND m.account = $3 AND c.id = e.conversation AND c.deleted_at IS NULL \
            ORDER BY e.id DESC";
        let from = (self.at - STRIDE).max(down_to);
        let values = values![from, self.at, self.wanted.account, self.wanted.within];
        for mut row in ask.rows(sql, values).await? {
            if self.wanted.sought.is_in(&words_of(&mut row)) {
                self.found.push(row.get(0)?);
            }
        }
        self.at = from;
        Ok(())
    }

    async fn hits(mut self, ask: &mut dyn Ask) -> StoreResult<Hits> {
        let mut rest = (self.at > 1).then_some(EntryId(self.at));
        if self.found.len() >= self.most {
            self.found.truncate(self.most - 1);
            rest = self.found.last().copied().map(EntryId);
        }
        let mut entries = Vec::with_capacity(self.found.len());
        for ids in self.found.chunks(ENTRIES_AT_ONCE) {
            entries.extend(entries_of(ask, ids).await?);
        }
        each_with_reactions(ask, &mut entries).await?;
        Ok(Hits { entries, rest })
    }
}

/// The words that a row is found by, of its second and third column. What is no text any more has none.
pub fn words_of(row: &mut Row) -> Vec<String> {
    let text: Option<String> = row.get(1).unwrap_or_default();
    let file: Option<String> = row.get(2).unwrap_or_default();
    message_words(&text.unwrap_or_default(), file.as_deref())
}

/// Entries by their ids, the newest first. Every number of ids makes the same statement.
async fn entries_of(ask: &mut dyn Ask, ids: &[i64]) -> StoreResult<Vec<Entry>> {
    let Some(last) = ids.last() else { return Ok(Vec::new()) };
    let marks: Vec<_> = (1..=ENTRIES_AT_ONCE).map(|mark| format!("${mark}")).collect();
    let sql = format!(
        "SELECT {ENTRY} FROM entries e LEFT JOIN files f ON f.id = e.file WHERE e.id IN ({}) ORDER BY e.id DESC",
        marks.join(", ")
    );
    let padded = ids.iter().chain(std::iter::repeat(last)).take(ENTRIES_AT_ONCE);
    let values: Vec<_> = padded.map(|&id| Value::Number(id)).collect();
    all(ask, &sql, &values, entry_of).await
}
