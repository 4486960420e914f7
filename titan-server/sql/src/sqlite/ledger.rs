//! What the writer remembers from one transaction to the next, so that an append looks nothing up: the head of each
//! conversation, and the next entry's id. All of it also stands in the database, written by the commit that changed it;
//! it is forgotten when a transaction fails or another process has written meanwhile.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};
use titan_core::protocol::Entry;
use titan_core::{ConversationId, EntryId, Seq, Time};

use super::super::{StoreError, StoreResult};

/// Conversations remembered, at most: beyond it all are forgotten and read again when needed.
const REMEMBERED: usize = 50_000;

#[derive(Default)]
pub(super) struct Ledger {
    heads: HashMap<ConversationId, Head>,
    next_entry: Option<EntryId>,
    /// Conversations whose head isn't in the database yet.
    moved: Vec<ConversationId>,
    /// SQLite's `data_version` when last looked at: another one means that someone else has written.
    version: i64,
}

struct Head {
    seq: Seq,
    at: Time,
    moved: bool,
}

impl Ledger {
    /// To be asked first in each transaction.
    pub fn clear_if_others_wrote(&mut self, connection: &Connection) -> StoreResult<()> {
        let version = connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        if version != self.version || self.heads.len() > REMEMBERED {
            self.clear();
            self.version = version;
        }
        Ok(())
    }

    pub fn clear(&mut self) {
        self.heads.clear();
        self.moved.clear();
        self.next_entry = None;
    }

    pub fn forget(&mut self, conversation: ConversationId) {
        self.heads.remove(&conversation);
    }

    pub fn head(&mut self, connection: &Connection, conversation: ConversationId) -> StoreResult<Seq> {
        if let Some(head) = self.heads.get(&conversation) {
            return Ok(head.seq);
        }
        let seq = connection
            .prepare_cached("SELECT head FROM conversations WHERE id = ?1 AND deleted_at IS NULL")?
            .query_row([conversation.0], |row| row.get(0))
            .optional()?
            .map(Seq)
            .ok_or(StoreError::NotFound)?;
        self.heads.insert(conversation, Head { seq, at: Time(0), moved: false });
        Ok(seq)
    }

    pub fn next_entry(&mut self, connection: &Connection) -> StoreResult<EntryId> {
        if let Some(id) = self.next_entry {
            return Ok(id);
        }
        let id = EntryId(connection.query_row("SELECT next_entry FROM house", [], |row| row.get(0))?);
        self.next_entry = Some(id);
        Ok(id)
    }

    /// An entry has been written at the place that was given for it.
    pub fn advance(&mut self, entry: &Entry) {
        let Entry { conversation, seq, at, .. } = *entry;
        self.next_entry = Some(EntryId(entry.id.0 + 1));
        let head = self.heads.entry(conversation).or_insert(Head { seq, at, moved: false });
        (head.seq, head.at) = (seq, at);
        if !std::mem::replace(&mut head.moved, true) {
            self.moved.push(conversation);
        }
    }

    /// Writes what moved; the last thing before a commit.
    pub fn flush(&mut self, connection: &Connection) -> StoreResult<()> {
        if self.moved.is_empty() {
            return Ok(());
        }
        let mut update =
            connection.prepare_cached("UPDATE conversations SET head = ?2, active_at = ?3 WHERE id = ?1")?;
        for conversation in self.moved.drain(..) {
            // A conversation that ended in this very transaction has no head any more.
            if let Some(head) = self.heads.get_mut(&conversation) {
                update.execute((conversation.0, head.seq.0, head.at.0))?;
                head.moved = false;
            }
        }
        let next = self.next_entry.map(|id| id.0);
        connection.prepare_cached("UPDATE house SET next_entry = coalesce(?1, next_entry)")?.execute([next])?;
        Ok(())
    }
}
