//! Where each account stands in its conversations.

use titan_core::protocol::MemberRole;
use titan_core::{AccountId, ConversationId, Seq, Time};

use super::super::tx::{Ask, Row, Tx, all, insert, one, values};
use super::super::{Change, MembershipRecord, Page, PlaceRecord, StoreError, StoreResult, Warrant, WhatRecord};
use super::account_rows::{ACCOUNT, ACCOUNT_WIDTH, account_of};
use super::room_rows::{ROOM, ROOM_WIDTH, room_of};

/// How many entries beyond the read marks are looked at to count the unread ones, over all conversations of an account:
/// more than anyone reads, and soon counted.
const LOOKED_AT: i64 = 100_000;

/// How many in one conversation, at least and at most.
const LOOKED_AT_IN_ONE: (i64, i64) = (1_000, 10_000);

/// An empty log that has an id.
pub async fn new_conversation(tx: &mut dyn Tx, now: Time) -> StoreResult<ConversationId> {
    insert(tx, "INSERT INTO conversations (created_at) VALUES ($1) RETURNING id", values![now])
        .await
        .map(ConversationId)
}

/// Adds a member who has read everything up to `read`.
pub async fn add(
    tx: &mut dyn Tx,
    conversation: ConversationId,
    account: AccountId,
    role: MemberRole,
    now: Time,
    read: Seq,
) -> StoreResult<()> {
    let sql = "INSERT INTO members (conversation, account, role, joined_at, read) VALUES ($1, $2, $3, $4, $5)";
    tx.change(sql, values![conversation, account, role.name(), now, read]).await.map(drop)
}

/// How an account comes to be in a conversation.
#[derive(Clone, Copy, Default)]
pub struct Manner {
    /// It is a direct that is shut.
    pub shut: bool,
    /// It is a direct that somebody else opened, who has said nothing yet.
    pub quiet: bool,
}

/// Tells that an account is in a conversation now, with how it sees it.
pub async fn tell_joined(
    tx: &mut dyn Tx,
    conversation: ConversationId,
    account: AccountId,
    seen: Seq,
    Manner { shut, quiet }: Manner,
) -> StoreResult<()> {
    let membership = one_of_account(tx, account, conversation).await?.ok_or(StoreError::NotFound)?;
    // Where its log ends is written with the commit.
    let end = tx.log_end(conversation).await?;
    let membership = Box::new(MembershipRecord { head: end.seq, active_at: end.at, ..membership });
    tx.tell(Change::Joined { account, membership, shut, seen, quiet });
    Ok(())
}

/// Tells what a member is now; who is none has nothing that could be told.
pub async fn tell_member(tx: &mut dyn Tx, conversation: ConversationId, account: AccountId) -> StoreResult<()> {
    let sql = "SELECT m.role, s.until FROM members m LEFT JOIN sanctions s ON s.conversation = m.conversation \
        AND s.account = m.account AND s.kind = 'mute' WHERE m.conversation = $1 AND m.account = $2";
    let found = one(tx, sql, values![conversation, account], |row| Ok((row.named(0)?, row.get(1)?))).await?;
    if let Some((role, muted_until)) = found {
        tx.tell(Change::MemberChanged { conversation, account, role, muted_until });
    }
    Ok(())
}

/// All memberships in one query: `$1` is the account, `$2` how far unread messages are counted.
fn select(condition: &str) -> String {
    format!(
        "SELECT {ROOM}, {ACCOUNT}, m.role, m.read, c.head, c.active_at, \
           (SELECT count(*) FROM entries e WHERE e.conversation = m.conversation AND e.seq > m.read \
              AND e.seq <= m.read + $2 AND e.author <> m.account AND e.kind = 'message' AND e.deleted = 0), \
           (SELECT count(*) FROM mentions n WHERE n.account = m.account AND n.conversation = m.conversation \
              AND n.seq > m.read), \
           (SELECT until FROM sanctions s WHERE s.conversation = m.conversation AND s.account = m.account \
              AND s.kind = 'mute'), c.floor \
         FROM {STANDING} LEFT JOIN accounts o ON o.id = r.owner WHERE {IS_THEIRS} AND {condition} ORDER BY {LATEST_FIRST}"
    )
}

/// Whatever conversations stand, with who is in them: rooms, and directs with the other one.
const STANDING: &str = "members m JOIN conversations c ON c.id = m.conversation AND c.deleted_at IS NULL \
    LEFT JOIN rooms r ON r.conversation = c.id \
    LEFT JOIN directs d ON d.conversation = c.id \
    LEFT JOIN accounts a ON a.id = CASE d.one WHEN m.account THEN d.other ELSE d.one END";
const IS_THEIRS: &str = "m.account = $1 AND coalesce(r.conversation, a.id) IS NOT NULL";
const LATEST_FIRST: &str = "coalesce(c.active_at, c.created_at) DESC, c.id DESC";

/// Which conversations make a page: `$3` and `$4` are the place that it begins behind, `$5` is how many. Chosen first, so that
/// unread messages are counted in these alone. A direct where nothing was said shows to who opened it.
fn page_of() -> String {
    format!(
        "m.conversation IN (SELECT m.conversation FROM {STANDING} WHERE {IS_THEIRS} \
           AND coalesce(d.opener, m.account) = m.account AND (coalesce(c.active_at, c.created_at), c.id) < ($3, $4) \
         ORDER BY {LATEST_FIRST} LIMIT $5)"
    )
}

fn membership_of(row: &mut Row) -> StoreResult<MembershipRecord> {
    const AFTER: usize = ROOM_WIDTH + ACCOUNT_WIDTH;
    // A room has a name; both have the id, which is read first of all.
    let is_room = !row.is_null(1);
    let conversation = row.get(0)?;
    let what = match is_room {
        true => WhatRecord::Room(Box::new(room_of(row, 0, conversation, true)?)),
        false => WhatRecord::Direct(Box::new(account_of(row, ROOM_WIDTH)?)),
    };
    Ok(MembershipRecord {
        conversation,
        what,
        role: row.named(AFTER)?,
        read: row.get(AFTER + 1)?,
        head: row.get(AFTER + 2)?,
        active_at: row.get(AFTER + 3)?,
        unread: row.get(AFTER + 4)?,
        mentions: row.get(AFTER + 5)?,
        muted_until: row.get(AFTER + 6)?,
        floor: row.get(AFTER + 7)?,
    })
}

pub async fn of_account(
    ask: &mut dyn Ask,
    account: AccountId,
    page: Page<ConversationId>,
) -> StoreResult<Vec<MembershipRecord>> {
    let count = "SELECT count(*) FROM members WHERE account = $1";
    let memberships: i64 = one(ask, count, values![account], |row| row.get(0)).await?.unwrap_or_default();
    let (least, most) = LOOKED_AT_IN_ONE;
    let looked_at = (LOOKED_AT / memberships.max(1)).clamp(least, most);
    let (active_at, id) = place_by_activity(ask, page.after).await?;
    all(ask, &select(&page_of()), values![account, looked_at, active_at, id, page.limit], membership_of).await
}

/// Where a conversation stands in what is listed by activity; before all, where none is given or it is gone.
async fn place_by_activity(
    ask: &mut dyn Ask,
    conversation: Option<ConversationId>,
) -> StoreResult<(Time, ConversationId)> {
    let first = (Time(i64::MAX), ConversationId(i64::MAX));
    let Some(conversation) = conversation else { return Ok(first) };
    let sql = "SELECT coalesce(active_at, created_at), id FROM conversations WHERE id = $1";
    Ok(one(ask, sql, values![conversation], |row| Ok((row.get(0)?, row.get(1)?))).await?.unwrap_or(first))
}

pub async fn one_of_account(
    ask: &mut dyn Ask,
    account: AccountId,
    conversation: ConversationId,
) -> StoreResult<Option<MembershipRecord>> {
    let (_, most) = LOOKED_AT_IN_ONE;
    one(ask, &select("m.conversation = $3"), values![account, most, conversation], membership_of).await
}

/// Where an account stands, `$1`; in one conversation or in all.
fn select_places(condition: &str) -> String {
    format!(
        "SELECT m.conversation, m.role, c.head, CASE d.one WHEN m.account THEN d.other ELSE d.one END, s.until, \
        d.conversation IS NOT NULL AND (\
          EXISTS (SELECT 1 FROM relations r WHERE r.kind = 'blocked' \
            AND ((r.account = d.one AND r.other = d.other) OR (r.account = d.other AND r.other = d.one))) \
          OR EXISTS (SELECT 1 FROM accounts a WHERE a.id IN (d.one, d.other) AND a.deleted_at IS NOT NULL)), c.floor \
        FROM members m JOIN conversations c ON c.id = m.conversation AND c.deleted_at IS NULL \
        LEFT JOIN sanctions s ON s.conversation = c.id AND s.account = m.account AND s.kind = 'mute' \
        LEFT JOIN directs d ON d.conversation = c.id WHERE m.account = $1 AND {condition} ORDER BY c.id"
    )
}

fn place_of(row: &mut Row) -> StoreResult<PlaceRecord> {
    Ok(PlaceRecord {
        conversation: row.get(0)?,
        role: row.named(1)?,
        head: row.get(2)?,
        other: row.get(3)?,
        muted_until: row.get(4)?,
        shut: row.get(5)?,
        floor: row.get(6)?,
    })
}

pub async fn places(ask: &mut dyn Ask, account: AccountId) -> StoreResult<Vec<PlaceRecord>> {
    all(ask, &select_places("true"), values![account], place_of).await
}

pub async fn place(
    ask: &mut dyn Ask,
    account: AccountId,
    conversation: ConversationId,
) -> StoreResult<Option<PlaceRecord>> {
    one(ask, &select_places("m.conversation = $2"), values![account, conversation], place_of).await
}

pub async fn mark_read(
    tx: &mut dyn Tx,
    account: AccountId,
    conversation: ConversationId,
    seq: Seq,
    warrant: &Warrant,
) -> StoreResult<Seq> {
    tx.hold(&warrant.grounds).await?;
    let head = tx.log_end(conversation).await?.seq;
    let find = "SELECT read FROM members WHERE conversation = $1 AND account = $2";
    let read: Option<Seq> = one(tx, find, values![conversation, account], |row| row.get(0)).await?;
    let read = read.ok_or(StoreError::NotFound)?;
    let seq = seq.min(head).max(read);
    if seq > read {
        let sql = "UPDATE members SET read = $3 WHERE conversation = $1 AND account = $2";
        tx.change(sql, values![conversation, account, seq]).await?;
        tx.tell(Change::ReadMarkMoved { account, conversation, seq });
    }
    Ok(seq)
}
