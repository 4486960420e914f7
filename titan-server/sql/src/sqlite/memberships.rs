//! Where each account stands in its conversations; direct pairs.

use rusqlite::{Connection, Row};
use titan_core::protocol::MemberRole;
use titan_core::{AccountId, ConversationId, Seq, Time};

use super::super::{MembershipRecord, PlaceRecord, StoreError, StoreResult, WhatRecord};
use super::accounts::{self, ACCOUNT, ACCOUNT_WIDTH, account_of};
use super::rooms::{ROOM, ROOM_WIDTH, room_of};
use super::row::{all, change, impossible, one};
use super::writer::Batch;

/// How many entries beyond the read marks are looked at to count the unread ones, over all conversations of an account:
/// more than anyone reads, and soon counted.
const LOOKED_AT: i64 = 100_000;

/// How many in one conversation, at least and at most.
const LOOKED_AT_IN_ONE: (i64, i64) = (1_000, 10_000);

/// An empty log that has an id.
pub(super) fn new_conversation(connection: &Connection, now: Time) -> StoreResult<ConversationId> {
    change(connection, "INSERT INTO conversations (created_at) VALUES (?1)", [now.0])?;
    Ok(ConversationId(connection.last_insert_rowid()))
}

/// Adds a member who has read everything up to `read`.
pub(super) fn add(
    connection: &Connection,
    conversation: ConversationId,
    account: AccountId,
    role: MemberRole,
    now: Time,
    read: Seq,
) -> StoreResult<()> {
    let sql = "INSERT INTO members (conversation, account, role, joined_at, read) VALUES (?1, ?2, ?3, ?4, ?5)";
    change(connection, sql, (conversation.0, account.0, role_name(role), now.0, read.0)).map(drop)
}

pub(super) fn open_direct(
    batch: &mut Batch<'_>,
    one_account: AccountId,
    other: AccountId,
    now: Time,
) -> StoreResult<(ConversationId, bool)> {
    let connection = batch.connection;
    let pair = (one_account.0.min(other.0), one_account.0.max(other.0));
    let find = "SELECT conversation FROM directs WHERE one = ?1 AND other = ?2";
    if let Some(conversation) = one(connection, find, pair, |row| Ok(ConversationId(row.get(0)?)))? {
        return Ok((conversation, false));
    }
    accounts::author(connection, one_account)?;
    accounts::author(connection, other)?;
    let conversation = new_conversation(connection, now)?;
    let insert = "INSERT INTO directs (one, other, conversation) VALUES (?1, ?2, ?3)";
    change(connection, insert, (pair.0, pair.1, conversation.0))?;
    add(connection, conversation, one_account, MemberRole::Member, now, Seq(0))?;
    if other != one_account {
        add(connection, conversation, other, MemberRole::Member, now, Seq(0))?;
    }
    Ok((conversation, true))
}

/// All memberships in one query: `?1` is the account, `looked_at` how far unread messages are counted.
fn select(condition: &str, looked_at: &str) -> String {
    format!(
        "SELECT {ROOM}, {ACCOUNT}, m.role, m.read, c.head, c.active_at, \
           (SELECT count(*) FROM entries e WHERE e.conversation = m.conversation AND e.seq > m.read \
              AND e.seq <= m.read + {looked_at} AND e.author <> m.account AND e.kind = 'message' AND e.deleted = 0), \
           (SELECT count(*) FROM mentions n WHERE n.account = m.account AND n.conversation = m.conversation \
              AND n.seq > m.read), \
           (SELECT until FROM sanctions s WHERE s.conversation = m.conversation AND s.account = m.account \
              AND s.kind = 'mute') \
         FROM members m JOIN conversations c ON c.id = m.conversation AND c.deleted_at IS NULL \
         LEFT JOIN rooms r ON r.conversation = c.id \
         LEFT JOIN accounts o ON o.id = r.owner \
         LEFT JOIN directs d ON d.conversation = c.id \
         LEFT JOIN accounts a ON a.id = CASE d.one WHEN m.account THEN d.other ELSE d.one END \
         WHERE m.account = ?1 AND coalesce(r.conversation, a.id) IS NOT NULL AND {condition} \
         ORDER BY coalesce(c.active_at, c.created_at) DESC, c.id DESC"
    )
}

fn membership_of(row: &Row<'_>) -> StoreResult<MembershipRecord> {
    const AFTER: usize = ROOM_WIDTH + ACCOUNT_WIDTH;
    let what = match is_room(row)? {
        true => WhatRecord::Room(Box::new(room_of(row, 0, true)?)),
        false => WhatRecord::Direct(Box::new(account_of(row, ROOM_WIDTH)?)),
    };
    Ok(MembershipRecord {
        conversation: ConversationId(row.get(0)?),
        what,
        role: role_of(row.get_ref(AFTER)?.as_str().map_err(rusqlite::Error::from)?)?,
        read: Seq(row.get(AFTER + 1)?),
        head: Seq(row.get(AFTER + 2)?),
        active_at: row.get::<_, Option<i64>>(AFTER + 3)?.map(Time),
        unread: row.get::<_, i64>(AFTER + 4)? as u64,
        mentions: row.get::<_, i64>(AFTER + 5)? as u64,
        muted_until: row.get::<_, Option<i64>>(AFTER + 6)?.map(Time),
    })
}

/// Whether the row is of a room: those have a name.
fn is_room(row: &Row<'_>) -> StoreResult<bool> {
    Ok(row.get::<_, Option<String>>(1)?.is_some())
}

pub(super) fn of_account(connection: &Connection, account: AccountId) -> StoreResult<Vec<MembershipRecord>> {
    let count = "SELECT count(*) FROM members WHERE account = ?1";
    let memberships = one(connection, count, [account.0], |row| Ok(row.get::<_, i64>(0)?))?.unwrap_or_default();
    let (least, most) = LOOKED_AT_IN_ONE;
    let looked_at = (LOOKED_AT / memberships.max(1)).clamp(least, most);
    all(connection, &select("true", "?2"), [account.0, looked_at], membership_of)
}

pub(super) fn one_of_account(
    connection: &Connection,
    account: AccountId,
    conversation: ConversationId,
) -> StoreResult<Option<MembershipRecord>> {
    let (_, most) = LOOKED_AT_IN_ONE;
    let sql = select("m.conversation = ?3", "?2");
    one(connection, &sql, [account.0, most, conversation.0], membership_of)
}

pub(super) fn places(connection: &Connection, account: AccountId) -> StoreResult<Vec<PlaceRecord>> {
    let sql = "SELECT m.conversation, m.role, c.head, CASE d.one WHEN m.account THEN d.other ELSE d.one END, s.until, \
        d.conversation IS NOT NULL AND (\
          EXISTS (SELECT 1 FROM relations r WHERE r.kind = 'blocked' \
            AND ((r.account = d.one AND r.other = d.other) OR (r.account = d.other AND r.other = d.one))) \
          OR EXISTS (SELECT 1 FROM accounts a WHERE a.id IN (d.one, d.other) AND a.deleted_at IS NOT NULL)) \
        FROM members m JOIN conversations c ON c.id = m.conversation AND c.deleted_at IS NULL \
        LEFT JOIN sanctions s ON s.conversation = c.id AND s.account = m.account AND s.kind = 'mute' \
        LEFT JOIN directs d ON d.conversation = c.id WHERE m.account = ?1 ORDER BY c.id";
    all(connection, sql, [account.0], |row| {
        Ok(PlaceRecord {
            conversation: ConversationId(row.get(0)?),
            role: role_of(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?,
            head: Seq(row.get(2)?),
            other: row.get::<_, Option<i64>>(3)?.map(AccountId),
            muted_until: row.get::<_, Option<i64>>(4)?.map(Time),
            shut: row.get(5)?,
        })
    })
}

pub(super) fn mark_read(
    batch: &mut Batch<'_>,
    account: AccountId,
    conversation: ConversationId,
    seq: Seq,
) -> StoreResult<Seq> {
    let head = batch.head(conversation)?;
    let find = "SELECT read FROM members WHERE conversation = ?1 AND account = ?2";
    let read = one(batch.connection, find, (conversation.0, account.0), |row| Ok(Seq(row.get(0)?)))?;
    let read = read.ok_or(StoreError::NotFound)?;
    let mark = seq.min(head).max(read);
    if mark > read {
        let sql = "UPDATE members SET read = ?3 WHERE conversation = ?1 AND account = ?2";
        change(batch.connection, sql, (conversation.0, account.0, mark.0))?;
    }
    Ok(mark)
}

pub(super) fn role_name(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Member => "member",
        MemberRole::Moderator => "moderator",
        MemberRole::Owner => "owner",
    }
}

pub(super) fn role_of(name: &str) -> StoreResult<MemberRole> {
    match name {
        "member" => Ok(MemberRole::Member),
        "moderator" => Ok(MemberRole::Moderator),
        "owner" => Ok(MemberRole::Owner),
        _ => Err(impossible("a member's role", name)),
    }
}
