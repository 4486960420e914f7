//! Writes what the server told, in whatever order it came, so that every message stands as it should.
//!
//! A message comes either from the stream of events, as it was at its own seq, or in a page of history, as it stood when
//! that page was read. `as_of` remembers which: an edit, deletion or reaction counts only if its seq is beyond it. Those
//! already held when a message arrives are applied to it then. Applying anything twice changes nothing.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};

use super::{Cache, Failed, json_rows, parse_row, put_conversation, search, to_json};
use crate::{
    AccountId, ConversationId, SafeText, Seq, Time,
    client::Error,
    protocol::{Account, Body, Conversation, Entries, Entry, MemberRole, Message, Reaction},
    text::{look_alike, mentions, reaction_key},
};

impl Cache {
    /// Writes entries of the stream of events, which come in order within their conversations, in one transaction. Moves
    /// the place from which to resume, and the conversations' counts.
    pub fn apply(&self, entries: &[Entry]) -> Result<(), Error> {
        let (me, blocked) = (self.me()?, self.blocked()?);
        self.history(|db| {
            let change = db.transaction()?;
            search::catch_up(&change, search::ON_THE_WAY)?;
            for entry in entries {
                put(&change, entry, entry.seq)?;
            }
            hold_all(&change, entries)?;
            let mut logs: BTreeMap<ConversationId, Vec<&Entry>> = BTreeMap::new();
            entries.iter().for_each(|entry| logs.entry(entry.conversation).or_default().push(entry));
            for (conversation, entries) in logs {
                move_mark(&change, conversation, &entries)?;
                count(&change, conversation, &entries, me.as_ref(), &blocked)?;
            }
            Ok(change.commit()?)
        })?;
        let erases = |entry: &Entry| matches!(entry.body, Body::Edit { .. } | Body::Deletion { .. });
        self.scour(entries.iter().any(erases))
    }

    /// Writes a page of history.
    pub fn apply_page(&self, page: &Entries) -> Result<(), Error> {
        self.history(|db| {
            let change = db.transaction()?;
            for entry in &page.entries {
                put(&change, entry, page.head.max(entry.seq))?;
            }
            hold_all(&change, &page.entries)?;
            Ok(change.commit()?)
        })?;
        self.scour(page.entries.iter().any(|entry| matches!(&entry.body, Body::Message(message) if message.deleted)))
    }

    /// Moves my read mark in a conversation.
    pub fn mark_read(&self, conversation: ConversationId, seq: Seq) -> Result<(), Error> {
        self.history(|db| {
            let Some(mut known) = conversation_of(db, conversation)? else { return Ok(()) };
            if seq > known.read {
                known.read = seq;
                if seq >= known.head {
                    (known.unread, known.mentions) = (0, 0);
                }
                put_conversation(db, &known)?;
            }
            Ok(())
        })
    }
}

impl Cache {
    /// What I am in a conversation, or whether I may write there, changed; what others are is asked of the server.
    pub fn member_changed(
        &self,
        conversation: ConversationId,
        account: AccountId,
        role: MemberRole,
        muted_until: Option<Time>,
    ) -> Result<(), Error> {
        if self.me()?.is_none_or(|me| me.id != account) {
            return Ok(());
        }
        self.history(|db| {
            let Some(mut known) = conversation_of(db, conversation)? else { return Ok(()) };
            (known.room_role, known.muted_until, known.may) = (role, muted_until, None);
            put_conversation(db, &known)
        })
    }
}

/// Writes one entry, whose state holds everything up to `as_of`.
fn put(db: &Connection, entry: &Entry, as_of: Seq) -> Result<(), Failed> {
    match &entry.body {
        Body::Message(message) => put_message(db, entry, message, as_of),
        body => {
            let target = target(body);
            insert(db, entry, target, as_of)?;
            let Some(target) = target else { return Ok(()) };
            match body {
                Body::Deletion { .. } => erase_edits(db, entry.conversation, target, false)?,
                Body::Edit { .. } => {
                    erase_edits(db, entry.conversation, target, !is_deleted(db, entry.conversation, target)?)?;
                }
                _ => {}
            }
            change_target(db, entry, target)
        }
    }
}

fn put_message(db: &Connection, entry: &Entry, message: &Message, as_of: Seq) -> Result<(), Failed> {
    let query = "SELECT as_of FROM entry WHERE conversation = ?1 AND seq = ?2";
    let known = db.prepare_cached(query)?.query_row((entry.conversation.0, entry.seq.0), |row| row.get(0));
    let known: Option<i64> = known.optional()?;
    if known.is_some_and(|known| known > as_of.0) {
        return Ok(());
    }
    let mut message = message.clone();
    let query = "SELECT json FROM entry WHERE conversation = ?1 AND target = ?2 AND seq > ?3 ORDER BY seq";
    for change in json_rows::<Entry>(db, query, (entry.conversation.0, entry.seq.0, as_of.0))? {
        alter(&mut message, &change);
    }
    if message.deleted {
        erase_edits(db, entry.conversation, entry.seq, false)?;
    }
    store_message(db, entry, message, as_of)
}

/// Alters the message that an edit, deletion or reaction is about, if it is held and doesn't hold the change already.
fn change_target(db: &Connection, change: &Entry, target: Seq) -> Result<(), Failed> {
    let query = "SELECT as_of, json FROM entry WHERE conversation = ?1 AND seq = ?2";
    let known = db
        .prepare_cached(query)?
        .query_row((change.conversation.0, target.0), |row| Ok((row.get::<_, i64>(0)?, parse_row::<Entry>(row, 1))))
        .optional()?;
    let Some((as_of, Some(entry))) = known else { return Ok(()) };
    let Body::Message(message) = &entry.body else { return Ok(()) };
    if change.seq.0 <= as_of || overruled(db, change, target)? {
        return Ok(());
    }
    let mut message = message.clone();
    alter(&mut message, change);
    store_message(db, &entry, message, Seq(as_of))
}

/// Whether a later reaction of the same person with the same emoji is held already (pages may come backwards).
fn overruled(db: &Connection, change: &Entry, target: Seq) -> Result<bool, Failed> {
    let Body::Reaction { emoji, .. } = &change.body else { return Ok(false) };
    let query = "SELECT json FROM entry WHERE conversation = ?1 AND target = ?2 AND seq > ?3";
    let later: Vec<Entry> = json_rows(db, query, (change.conversation.0, target.0, change.seq.0))?;
    Ok(later.iter().any(|later| {
        later.author.id == change.author.id && matches!(&later.body, Body::Reaction { emoji: e, .. } if reaction_key(e.written()) == reaction_key(emoji.written()))
    }))
}

fn is_deleted(db: &Connection, conversation: ConversationId, target: Seq) -> Result<bool, Failed> {
    let query = "SELECT EXISTS (SELECT 1 FROM entry WHERE conversation = ?1 AND target = ?2
                 AND json ->> '$.kind' = 'deletion')";
    Ok(db.prepare_cached(query)?.query_row((conversation.0, target.0), |row| row.get(0))?)
}

/// What a message once said is kept nowhere on this machine: not in its edits but for the last, which `stands` or doesn't.
fn erase_edits(db: &Connection, conversation: ConversationId, target: Seq, stands: bool) -> Result<(), Failed> {
    let query = "SELECT json FROM entry WHERE conversation = ?1 AND target = ?2 AND json ->> '$.kind' = 'edit'
                 ORDER BY seq DESC LIMIT -1 OFFSET ?3";
    for mut edit in json_rows::<Entry>(db, query, (conversation.0, target.0, i64::from(stands)))? {
        if let Body::Edit { text, .. } = &mut edit.body
            && !text.is_empty()
        {
            *text = SafeText::default();
            db.prepare_cached("UPDATE entry SET json = ?2 WHERE id = ?1")?.execute((edit.id.0, to_json(&edit)?))?;
        }
    }
    Ok(())
}

fn alter(message: &mut Message, change: &Entry) {
    match &change.body {
        Body::Edit { text, .. } if !message.deleted && message.edited.is_none_or(|edited| edited < change.seq) => {
            message.text = text.clone();
            message.edited = Some(change.seq);
        }
        Body::Deletion { .. } => {
            *message = Message { reply_to: message.reply_to, deleted: true, ..Message::default() };
        }
        Body::Reaction { emoji, on, .. } if !message.deleted => react(message, emoji, change, *on),
        _ => {}
    }
}

fn react(message: &mut Message, emoji: &SafeText, change: &Entry, on: bool) {
    match message.reactions.iter_mut().find(|reaction| reaction.is_with(emoji.written())) {
        Some(reaction) => {
            reaction.set(change.author.id, on);
            message.reactions.retain(|reaction| reaction.number() > 0);
        }
        None if on => message.reactions.push(Reaction::new(emoji.clone(), vec![change.author.id])),
        None => {}
    }
}

fn store_message(db: &Connection, entry: &Entry, message: Message, as_of: Seq) -> Result<(), Failed> {
    let entry = Entry { body: Body::Message(message), ..entry.clone() };
    search::unindex(db, entry.id)?;
    insert(db, &entry, None, as_of)?;
    search::index(db, &entry)
}

fn insert(db: &Connection, entry: &Entry, target: Option<Seq>, as_of: Seq) -> Result<(), Failed> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO entry (id, conversation, seq, target, as_of, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        entry.id.0,
        entry.conversation.0,
        entry.seq.0,
        target.map(|seq| seq.0),
        as_of.0,
        to_json(entry)?,
    ))?;
    Ok(())
}

fn target(body: &Body) -> Option<Seq> {
    match body {
        Body::Edit { target, .. } | Body::Deletion { target } | Body::Reaction { target, .. } => Some(*target),
        _ => None,
    }
}

/// Adds the seqs of these entries to the ranges held.
fn hold_all(db: &Connection, entries: &[Entry]) -> Result<(), Failed> {
    let mut seqs: Vec<(i64, i64)> = entries.iter().map(|entry| (entry.conversation.0, entry.seq.0)).collect();
    seqs.sort_unstable();
    let runs = seqs.chunk_by(|one, next| one.0 == next.0 && next.1 - one.1 <= 1);
    for run in runs {
        if let (Some((conversation, first)), Some((_, last))) = (run.first(), run.last()) {
            hold(db, *conversation, *first, *last)?;
        }
    }
    Ok(())
}

/// Adds one range to those held, joining what now touches.
fn hold(db: &Connection, conversation: i64, first: i64, last: i64) -> Result<(), Failed> {
    let joined: (Option<i64>, Option<i64>) = db
        .prepare_cached(
            "SELECT min(first), max(last) FROM held WHERE conversation = ?1 AND first <= ?3 + 1 AND last >= ?2 - 1",
        )?
        .query_row((conversation, first, last), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (first, last) = (joined.0.map_or(first, |held| held.min(first)), joined.1.map_or(last, |held| held.max(last)));
    if joined == (Some(first), Some(last)) && holds(db, conversation, first, last)? {
        return Ok(());
    }
    db.prepare_cached("DELETE FROM held WHERE conversation = ?1 AND first BETWEEN ?2 AND ?3")?.execute((
        conversation,
        first,
        last,
    ))?;
    db.prepare_cached("INSERT INTO held (conversation, first, last) VALUES (?1, ?2, ?3)")?.execute((
        conversation,
        first,
        last,
    ))?;
    Ok(())
}

pub(super) fn holds(db: &Connection, conversation: i64, first: i64, last: i64) -> Result<bool, Failed> {
    let query = "SELECT EXISTS (SELECT 1 FROM held WHERE conversation = ?1 AND first <= ?2 AND last >= ?3)";
    Ok(db.prepare_cached(query)?.query_row((conversation, first, last), |row| row.get(0))?)
}

fn move_mark(db: &Connection, conversation: ConversationId, entries: &[&Entry]) -> Result<(), Failed> {
    let last = entries.iter().map(|entry| entry.seq.0).max();
    db.prepare_cached(
        "INSERT INTO mark (conversation, seq) VALUES (?1, ?2)
         ON CONFLICT (conversation) DO UPDATE SET seq = max(seq, excluded.seq)",
    )?
    .execute((conversation.0, last))?;
    Ok(())
}

/// Keeps a listed conversation's head and unread counts as the server would.
fn count(
    db: &Connection,
    id: ConversationId,
    entries: &[&Entry],
    me: Option<&Account>,
    blocked: &[AccountId],
) -> Result<(), Failed> {
    let Some(mut known) = conversation_of(db, id)? else { return Ok(()) };
    let name = me.map(|me| look_alike(&me.username));
    for entry in entries.iter().filter(|entry| entry.seq > known.head).copied().collect::<Vec<_>>() {
        known.head = entry.seq;
        known.active_at = Some(entry.at);
        let Body::Message(message) = &entry.body else { continue };
        if me.is_some_and(|me| me.id == entry.author.id) {
            (known.read, known.unread, known.mentions) = (entry.seq, 0, 0);
        } else {
            known.unread += 1;
            let is_me = |found: &str| Some(look_alike(found)) == name;
            let heard = !blocked.contains(&entry.author.id);
            let named = || mentions(message.text.written()).iter().any(|it| it.meant(is_me).is_some());
            known.mentions += u64::from(heard && named());
        }
    }
    put_conversation(db, &known)
}

fn conversation_of(db: &Connection, conversation: ConversationId) -> Result<Option<Conversation>, Failed> {
    Ok(json_rows(db, "SELECT json FROM conversation WHERE id = ?1", [conversation.0])?.pop())
}
