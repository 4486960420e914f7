//! Reactions under messages. What one more costs doesn't depend on how many there are: the kinds under a message are few,
//! and are found by going from one to the next in the index; who set each is counted, and named up to a bound.

use std::collections::BTreeMap;

use titan_core::protocol::{Body, Entry, Reaction};
use titan_core::text::reaction_key;
use titan_core::{AccountId, ConversationId, Seq};

use super::super::tx::{Ask, Tx, all, one, values};
use super::super::{StoreError, StoreResult};

/// Kinds that one message may have.
const KINDS_MOST: usize = 50;
/// Kinds that one account may set under one message.
const KINDS_OF_ONE_MOST: usize = 20;
/// Rows read for a page at once; a page that has more reads them kind by kind.
const ROWS_AT_ONCE: usize = 4_000;
/// Accounts named with each kind, where not all are.
const NAMED_MOST: usize = 100;
/// Accounts named on one page: beyond it reactions are only counted.
const NAMED_ON_A_PAGE: usize = 20_000;

/// The kinds under a message ($1, $2), each with whether an account ($3) has set it. Goes from one to the next: houses of
/// before the bound may have thousands, of which the first are seen.
const KINDS: &str = "WITH RECURSIVE kinds (emoji, place) AS (\
      SELECT (SELECT min(emoji) FROM reactions WHERE conversation = $1 AND target = $2), 1 \
      UNION ALL SELECT (SELECT min(r.emoji) FROM reactions r \
        WHERE r.conversation = $1 AND r.target = $2 AND r.emoji > k.emoji), k.place + 1 \
      FROM kinds k WHERE k.emoji IS NOT NULL AND k.place < 60) \
    SELECT k.emoji, EXISTS (SELECT 1 FROM reactions r \
      WHERE r.conversation = $1 AND r.target = $2 AND r.emoji = k.emoji AND r.account = $3) \
    FROM kinds k WHERE k.emoji IS NOT NULL";

/// Which message, and whose reaction.
#[derive(Clone, Copy)]
pub struct Under {
    pub conversation: ConversationId,
    pub target: Seq,
    pub account: AccountId,
}

struct Kind {
    emoji: String,
    mine: bool,
}

/// Sets a reaction or takes it back, in the spelling in which an equal one stands already, which is given.
pub async fn set(tx: &mut dyn Tx, under: Under, emoji: &str, on: bool, seq: Seq) -> StoreResult<String> {
    let Under { conversation, target, account } = under;
    let kinds = kinds(tx, under).await?;
    let key = reaction_key(emoji);
    let mut equal: Vec<&Kind> = kinds.iter().filter(|kind| reaction_key(&kind.emoji) == key).collect();
    equal.sort_by_key(|kind| kind.emoji != emoji);
    let spelling = equal.first().map_or(emoji, |kind| &kind.emoji).to_owned();
    if on {
        refuse_many(&kinds, &equal)?;
        let sql = "INSERT INTO reactions (conversation, target, emoji, account, seq) VALUES ($1, $2, $3, $4, $5) \
            ON CONFLICT DO NOTHING";
        tx.change(sql, values![conversation, target, &spelling, account, seq]).await?;
    } else {
        let sql = "DELETE FROM reactions WHERE conversation = $1 AND target = $2 AND emoji = $3 AND account = $4";
        for emoji in equal.iter().map(|kind| kind.emoji.as_str()).chain([emoji]) {
            tx.change(sql, values![conversation, target, emoji, account]).await?;
        }
    }
    Ok(spelling)
}

/// What is there already may always be set again.
fn refuse_many(kinds: &[Kind], equal: &[&Kind]) -> StoreResult<()> {
    if equal.iter().any(|kind| kind.mine) {
        return Ok(());
    }
    let new = equal.is_empty() && kinds.len() >= KINDS_MOST;
    let mine = kinds.iter().filter(|kind| kind.mine).count() >= KINDS_OF_ONE_MOST;
    if new || mine { Err(StoreError::Full("reactions")) } else { Ok(()) }
}

async fn kinds<A: Ask + ?Sized>(ask: &mut A, under: Under) -> StoreResult<Vec<Kind>> {
    let Under { conversation, target, account } = under;
    let kind = |row: &mut super::super::tx::Row| Ok(Kind { emoji: row.get(0)?, mine: row.get(1)? });
    all(ask, KINDS, values![conversation, target, account], kind).await
}

/// The kinds that an account has set under a message.
pub async fn own(ask: &mut dyn Ask, under: Under) -> StoreResult<Vec<String>> {
    Ok(kinds(ask, under).await?.into_iter().filter(|kind| kind.mine).map(|kind| kind.emoji).collect())
}

/// A row of the table.
struct Set {
    emoji: String,
    account: AccountId,
    seq: Seq,
}

/// Puts the reactions to messages of one conversation under them, in the order in which they were first set.
pub async fn with_reactions(ask: &mut dyn Ask, conversation: ConversationId, entries: &mut [Entry]) -> StoreResult<()> {
    let mut messages = entries.iter().filter(|entry| matches!(entry.body, Body::Message(_))).map(|entry| entry.seq);
    let Some(first) = messages.next() else { return Ok(()) };
    let last = messages.next_back().unwrap_or(first);
    let sql = "SELECT target, emoji, account, seq FROM reactions WHERE conversation = $1 AND target BETWEEN $2 AND $3 \
        LIMIT $4";
    let values = values![conversation, first, last, ROWS_AT_ONCE as i64 + 1];
    let rows = all(ask, sql, values, |row| {
        Ok((row.get::<Seq>(0)?, Set { emoji: row.get(1)?, account: row.get(2)?, seq: row.get(3)? }))
    })
    .await?;
    if rows.len() > ROWS_AT_ONCE {
        return with_many(ask, conversation, entries).await;
    }
    let mut sets: BTreeMap<Seq, Vec<Set>> = BTreeMap::new();
    for (target, set) in rows {
        sets.entry(target).or_default().push(set);
    }
    for entry in entries {
        if let (Some(sets), Body::Message(message)) = (sets.remove(&entry.seq), &mut entry.body) {
            message.reactions = folded(sets);
        }
    }
    Ok(())
}

/// One for each kind, in the order in which they were first set.
fn folded(mut sets: Vec<Set>) -> Vec<Reaction> {
    sets.sort_by_key(|set| set.seq);
    let mut reactions: Vec<(String, Reaction)> = Vec::new();
    for Set { emoji, account, .. } in sets {
        let key = reaction_key(&emoji);
        match reactions.iter_mut().find(|(known, _)| *known == key) {
            Some((_, reaction)) => reaction.accounts.push(account),
            None => reactions.push((key, Reaction::new(emoji.into(), vec![account]))),
        }
    }
    reactions.into_iter().map(|(_, reaction)| reaction).collect()
}

/// The same where there are very many: each kind is counted, and the first accounts named.
async fn with_many(ask: &mut dyn Ask, conversation: ConversationId, entries: &mut [Entry]) -> StoreResult<()> {
    let mut left = NAMED_ON_A_PAGE;
    for entry in entries {
        let Body::Message(message) = &mut entry.body else { continue };
        let under = Under { conversation, target: entry.seq, account: AccountId(0) };
        let mut counted = Vec::new();
        for Kind { emoji, .. } in kinds(ask, under).await? {
            let (since, reaction) = counted_kind(ask, under, emoji, left.min(NAMED_MOST)).await?;
            left -= reaction.accounts.len();
            counted.push((since, reaction));
        }
        counted.sort_by_key(|(since, _)| *since);
        message.reactions = counted.into_iter().map(|(_, reaction)| reaction).collect();
    }
    Ok(())
}

async fn counted_kind(ask: &mut dyn Ask, under: Under, emoji: String, named: usize) -> StoreResult<(Seq, Reaction)> {
    let Under { conversation, target, .. } = under;
    let sql = "SELECT count(*), min(seq) FROM reactions WHERE conversation = $1 AND target = $2 AND emoji = $3";
    let counted = one(ask, sql, values![conversation, target, &emoji], |row| Ok((row.get(0)?, row.get(1)?))).await?;
    let (count, since): (u64, Option<Seq>) = counted.unwrap_or_default();
    let sql = "SELECT account FROM reactions WHERE conversation = $1 AND target = $2 AND emoji = $3 \
        ORDER BY account LIMIT $4";
    let values = values![conversation, target, &emoji, named as i64];
    let accounts = all(ask, sql, values, |row| row.get(0)).await?;
    let mut reaction = Reaction::new(emoji.as_str().into(), accounts);
    reaction.count = (count > reaction.accounts.len() as u64).then_some(count);
    Ok((since.unwrap_or_default(), reaction))
}
