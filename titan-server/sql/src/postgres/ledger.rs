//! What the writer remembers from one transaction to the next, so that an append looks little up: the head of each
//! conversation, and the next entry's id. All of it also stands in the database, written by the commit that changed it; it
//! is forgotten when a transaction fails or the connection is lost. Nobody else writes it: the writer holds the lock.

use std::collections::HashMap;

use titan_core::protocol::Entry;
use titan_core::{ConversationId, EntryId, Seq, Time};

use super::super::{StoreError, StoreResult};
use super::row::{Ask, all};

/// Conversations remembered, at most: beyond it all are forgotten and read again when needed.
const REMEMBERED_MOST: usize = 50_000;

#[derive(Default)]
pub(super) struct Ledger {
    heads: HashMap<ConversationId, Head>,
    next_entry: Option<EntryId>,
    /// Conversations whose head isn't in the database yet.
    moved: Vec<ConversationId>,
}

struct Head {
    seq: Seq,
    at: Time,
    moved: bool,
}

/// What has to be written before a commit: a row for each conversation that moved.
#[derive(Default)]
pub(super) struct Moved {
    pub conversations: Vec<i64>,
    pub heads: Vec<i64>,
    pub times: Vec<i64>,
    pub next_entry: Option<i64>,
}

impl Ledger {
    /// To be called between transactions only.
    pub fn keep_small(&mut self) {
        if self.heads.len() > REMEMBERED_MOST {
            self.clear();
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn forget(&mut self, conversation: ConversationId) {
        self.heads.remove(&conversation);
    }

    /// The heads of those that stand, looked up at once.
    pub async fn look_up(&mut self, ask: &impl Ask, wanted: &[ConversationId]) -> StoreResult<()> {
        let mut unknown: Vec<i64> =
            wanted.iter().filter(|id| !self.heads.contains_key(id)).map(|conversation| conversation.0).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        unknown.sort_unstable();
        unknown.dedup();
        let sql = "SELECT id, head FROM conversations WHERE id = ANY ($1) AND deleted_at IS NULL";
        let found =
            all(ask, sql, &[&unknown], |row| Ok((ConversationId(row.try_get(0)?), Seq(row.try_get(1)?)))).await?;
        for (conversation, seq) in found {
            self.heads.insert(conversation, Head { seq, at: Time(0), moved: false });
        }
        Ok(())
    }

    /// The head of one that was looked up; `NotFound` when it doesn't exist or is deleted.
    pub fn head(&self, conversation: ConversationId) -> StoreResult<Seq> {
        self.heads.get(&conversation).map(|head| head.seq).ok_or(StoreError::NotFound)
    }

    pub async fn next_entry(&mut self, ask: &impl Ask) -> StoreResult<EntryId> {
        if let Some(id) = self.next_entry {
            return Ok(id);
        }
        let found = all(ask, "SELECT next_entry FROM house", &[], |row| Ok(EntryId(row.try_get(0)?))).await?;
        let id = found.first().copied().ok_or_else(|| StoreError::Broken("the table house is empty".into()))?;
        self.next_entry = Some(id);
        Ok(id)
    }

    /// An entry has taken the place that was given for it.
    pub fn advance(&mut self, entry: &Entry) {
        let Entry { conversation, seq, at, .. } = *entry;
        self.next_entry = Some(EntryId(entry.id.0 + 1));
        let head = self.heads.entry(conversation).or_insert(Head { seq, at, moved: false });
        (head.seq, head.at) = (seq, at);
        if !std::mem::replace(&mut head.moved, true) {
            self.moved.push(conversation);
        }
    }

    /// What moved since it was last asked; none where nothing did.
    pub fn take_moved(&mut self) -> Option<Moved> {
        if self.moved.is_empty() {
            return None;
        }
        let mut moved = Moved { next_entry: self.next_entry.map(|id| id.0), ..Moved::default() };
        for conversation in self.moved.drain(..) {
            // A conversation that ended in this very transaction has no head any more.
            if let Some(head) = self.heads.get_mut(&conversation) {
                head.moved = false;
                moved.conversations.push(conversation.0);
                moved.heads.push(head.seq.0);
                moved.times.push(head.at.0);
            }
        }
        Some(moved)
    }
}
