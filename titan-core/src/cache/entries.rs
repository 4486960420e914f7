//! Reads history back, and knows which parts of it are held.

use rusqlite::{Connection, OptionalExtension};

use super::{Cache, Failed, Range, apply, json_rows, search};
use crate::{ConversationId, EntryId, Seq, client::Error, protocol::Entry};

/// Messages whose words are forgotten one by one.
const A_FEW: i64 = 500;

impl Cache {
    /// At most `limit` entries in order of seq: messages as they now stand, and what else is a line of its own. Edits,
    /// deletions and reactions are not among them, since they show in their messages.
    pub fn entries(&self, conversation: ConversationId, range: Range, limit: usize) -> Result<Vec<Entry>, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.history(|db| match range {
            Range::After(seq) => forward(db, conversation, seq, limit),
            Range::Before(seq) => backward(db, conversation, seq, limit),
            Range::Last => backward(db, conversation, Seq(i64::MAX), limit),
        })
    }

    /// One entry, as it now stands.
    pub fn entry(&self, conversation: ConversationId, seq: Seq) -> Result<Option<Entry>, Error> {
        let query = "SELECT json FROM entry WHERE conversation = ?1 AND seq = ?2";
        self.history(|db| Ok(json_rows(db, query, (conversation.0, seq.0))?.pop()))
    }

    /// Up to where the stream of events has been written: where a connection resumes. None if it never was followed.
    pub fn last_seq(&self, conversation: ConversationId) -> Result<Option<Seq>, Error> {
        self.history(|db| {
            // History fetched beside the stream may reach on from the mark without a gap.
            let query = "SELECT coalesce((SELECT max(last) FROM held WHERE conversation = ?1 AND first <= mark.seq + 1
                         AND last > mark.seq), seq) FROM mark WHERE conversation = ?1";
            Ok(db.prepare_cached(query)?.query_row([conversation.0], |row| row.get(0)).optional()?.map(Seq))
        })
    }

    /// Says that the stream of events goes on from here, whatever is held. Used where a conversation is first followed, or
    /// its log is shorter than it was (a server restored from a backup).
    pub fn set_last_seq(&self, conversation: ConversationId, seq: Seq) -> Result<(), Error> {
        self.history(|db| {
            db.execute("INSERT OR REPLACE INTO mark (conversation, seq) VALUES (?1, ?2)", (conversation.0, seq.0))?;
            Ok(())
        })
    }

    /// Forgets all that is held of a conversation's log.
    pub fn forget(&self, conversation: ConversationId) -> Result<(), Error> {
        self.history(|db| {
            let change = db.transaction()?;
            let of = [conversation.0];
            forget_words(&change, conversation)?;
            change.execute("DELETE FROM entry WHERE conversation = ?1", of)?;
            change.execute("DELETE FROM held WHERE conversation = ?1", of)?;
            change.execute("DELETE FROM mark WHERE conversation = ?1", of)?;
            Ok(change.commit()?)
        })?;
        self.scour(true)
    }

    /// The ranges of seq that are held, first and last included, in order. What lies between them is missing here.
    pub fn held(&self, conversation: ConversationId) -> Result<Vec<(Seq, Seq)>, Error> {
        self.history(|db| {
            let query = "SELECT first, last FROM held WHERE conversation = ?1 ORDER BY first";
            let mut statement = db.prepare_cached(query)?;
            let rows = statement.query_map([conversation.0], |row| Ok((Seq(row.get(0)?), Seq(row.get(1)?))))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Whether everything from `first` to `last` is held.
    pub fn holds(&self, conversation: ConversationId, first: Seq, last: Seq) -> Result<bool, Error> {
        self.history(|db| Ok(first > last || apply::holds(db, conversation.0, first.0, last.0)?))
    }
}

/// Of a few messages one by one; of many it is quicker to begin anew.
fn forget_words(db: &Connection, conversation: ConversationId) -> Result<(), Failed> {
    let query = "SELECT id FROM entry WHERE conversation = ?1 AND target IS NULL LIMIT ?2";
    let mut statement = db.prepare_cached(query)?;
    let ids = statement.query_map((conversation.0, A_FEW + 1), |row| row.get(0).map(EntryId))?;
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    if ids.len() as i64 > A_FEW {
        return search::begin_anew(db);
    }
    ids.into_iter().try_for_each(|id| search::unindex(db, id))
}

fn forward(db: &Connection, conversation: ConversationId, after: Seq, limit: i64) -> Result<Vec<Entry>, Failed> {
    let query = "SELECT json FROM entry WHERE conversation = ?1 AND seq > ?2 AND target IS NULL ORDER BY seq LIMIT ?3";
    json_rows(db, query, (conversation.0, after.0, limit))
}

fn backward(db: &Connection, conversation: ConversationId, before: Seq, limit: i64) -> Result<Vec<Entry>, Failed> {
    let query =
        "SELECT json FROM entry WHERE conversation = ?1 AND seq < ?2 AND target IS NULL ORDER BY seq DESC LIMIT ?3";
    let mut entries: Vec<Entry> = json_rows(db, query, (conversation.0, before.0, limit))?;
    entries.reverse();
    Ok(entries)
}
