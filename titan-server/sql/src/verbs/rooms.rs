//! Rooms: made, found, changed, ended; joined and left.

use std::sync::Arc;

use titan_core::protocol::{Body, Entry, MemberRole, RoomChange, SanctionKind};
use titan_core::{AccountId, ConversationId, SafeText, Time};

use super::super::tx::{Ask, NewEntry, Row, Tx, all, any, one, values};
use super::super::{
    Change, Departure, Farewell, MemberRecord, NewRoom, Page, RoomRecord, RoomUpdate, StoreError, StoreResult, Warrant,
};
use super::account_rows::{self, ACCOUNT, ACCOUNT_WIDTH};
use super::alike::{Alike, IS_ALIKE};
use super::memberships::{self, Manner};
use super::room_rows::{ROOM, ROOM_WIDTH, room_of};
use super::{accounts, owners, sanctions};

/// Rooms as a viewer sees them: `$1` is the viewer.
fn select(condition: &str) -> String {
    format!(
        "SELECT {ROOM}, m.account IS NOT NULL FROM rooms r \
         JOIN conversations c ON c.id = r.conversation AND c.deleted_at IS NULL \
         LEFT JOIN accounts o ON o.id = r.owner \
         LEFT JOIN members m ON m.conversation = r.conversation AND m.account = $1 \
         WHERE {condition} ORDER BY r.conversation"
    )
}

fn seen(row: &mut Row) -> StoreResult<RoomRecord> {
    let (id, joined) = (row.get(0)?, row.get(ROOM_WIDTH)?);
    room_of(row, 0, id, joined)
}

pub async fn list(ask: &mut dyn Ask, viewer: AccountId, page: Page<ConversationId>) -> StoreResult<Vec<RoomRecord>> {
    let sql = format!("{} LIMIT $3", select("r.conversation > $2"));
    all(ask, &sql, values![viewer, page.after.unwrap_or_default(), page.limit], seen).await
}

pub async fn number(ask: &mut dyn Ask) -> StoreResult<u64> {
    let sql = "SELECT count(*) FROM rooms r JOIN conversations c ON c.id = r.conversation AND c.deleted_at IS NULL";
    Ok(one(ask, sql, &[], |row| row.get(0)).await?.unwrap_or_default())
}

pub async fn find(ask: &mut dyn Ask, room: ConversationId, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
    one(ask, &select("r.conversation = $2"), values![viewer, room], seen).await
}

pub async fn find_named(ask: &mut dyn Ask, name: &str, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
    let Alike { key, above, below } = Alike::new(name);
    let sql = select("(r.key = $2 OR (r.key > $3 AND r.key < $4))");
    let found = all(ask, &sql, values![viewer, key, above, below], seen).await?;
    let exactly = found.iter().position(|room| room.name == name).unwrap_or(0);
    Ok(found.into_iter().nth(exactly))
}

/// The room, which must stand.
async fn standing(ask: &mut dyn Ask, room: ConversationId, viewer: AccountId) -> StoreResult<RoomRecord> {
    find(ask, room, viewer).await?.ok_or(StoreError::NotFound)
}

pub async fn create(tx: &mut dyn Tx, new: &NewRoom, warrant: &Warrant) -> StoreResult<RoomRecord> {
    tx.hold(&warrant.grounds).await?;
    refuse_taken(tx, &new.key, None).await?;
    account_rows::author(tx, new.owner).await?;
    refuse_many(tx, new).await?;
    let room = memberships::new_conversation(tx, new.now).await?;
    let sql = "INSERT INTO rooms (conversation, name, key, description, kind, password_hash, owner) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let (kind, owner) = (new.kind.name(), new.owner);
    tx.change(sql, values![room, &new.name, &new.key, &new.description, kind, &new.password_hash, owner]).await?;
    enter(tx, room, new.owner, MemberRole::Owner, new.now).await?;
    let record = standing(tx, room, new.owner).await?;
    tx.tell(Change::RoomMade { room: Box::new(record.clone()) });
    super::note(tx, warrant).await?;
    Ok(record)
}

async fn refuse_many(ask: &mut dyn Ask, new: &NewRoom) -> StoreResult<()> {
    let Some(most) = new.most else { return Ok(()) };
    let sql = "SELECT count(*) FROM (SELECT 1 FROM rooms WHERE owner = $1 AND key IS NOT NULL LIMIT $2) owned";
    let owned: i64 = one(ask, sql, values![new.owner, most], |row| row.get(0)).await?.unwrap_or_default();
    if owned >= most.into() { Err(StoreError::Full("rooms")) } else { Ok(()) }
}

async fn refuse_taken(ask: &mut dyn Ask, key: &str, but: Option<ConversationId>) -> StoreResult<()> {
    let sql = format!("SELECT 1 FROM rooms WHERE {IS_ALIKE} AND conversation IS DISTINCT FROM $4");
    let Alike { key, above, below } = Alike::of_key(key.to_owned());
    if any(ask, &sql, values![key, above, below, but]).await? { Err(StoreError::Taken("name")) } else { Ok(()) }
}

pub async fn alter(
    tx: &mut dyn Tx,
    room: ConversationId,
    by: AccountId,
    update: &RoomUpdate,
    now: Time,
    warrant: &Warrant,
) -> StoreResult<RoomRecord> {
    tx.hold(&warrant.grounds).await?;
    let old = standing(tx, room, by).await?;
    let author = account_rows::author(tx, by).await?;
    if let Some((_, key)) = &update.name {
        refuse_taken(tx, key, Some(room)).await?;
    }
    let (name, key) = update.name.clone().unzip();
    let sql = "UPDATE rooms SET name = coalesce($2, name), key = coalesce($3, key), \
        description = coalesce($4, description), password_hash = $5 WHERE conversation = $1";
    let password = update.password_hash.clone().unwrap_or(old.password_hash);
    tx.change(sql, values![room, &name, key, &update.description, password]).await?;
    let mut change = RoomChange::default();
    change.name = name.map(Into::into);
    change.description = update.description.as_deref().map(Into::into);
    change.locked = update.password_hash.as_ref().map(Option::is_some);
    record(tx, room, author, now, Body::room_changed(change)).await?;
    tx.tell(Change::RoomChanged { room });
    super::note(tx, warrant).await?;
    standing(tx, room, by).await
}

pub async fn delete(
    tx: &mut dyn Tx,
    room: ConversationId,
    by: Option<&SafeText>,
    now: Time,
    warrant: &Warrant,
) -> StoreResult<()> {
    tx.hold(&warrant.grounds).await?;
    let name = "SELECT name FROM rooms WHERE conversation = $1";
    let name: String = one(tx, name, values![room], |row| row.get(0)).await?.ok_or(StoreError::NotFound)?;
    let sql = "UPDATE conversations SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL";
    if tx.change(sql, values![room, now]).await? == 0 {
        return Err(StoreError::NotFound);
    }
    let members = "SELECT account FROM members WHERE conversation = $1";
    let members = all(tx, members, values![room], |row| row.get(0)).await?;
    tx.change("UPDATE rooms SET key = NULL WHERE conversation = $1", values![room]).await?;
    tx.ended(room);
    tx.tell(Change::RoomEnded { room, name: name.into(), by: by.cloned(), members });
    super::note(tx, warrant).await
}

pub async fn join(
    tx: &mut dyn Tx,
    room: ConversationId,
    account: AccountId,
    now: Time,
    warrant: &Warrant,
) -> StoreResult<Option<Arc<Entry>>> {
    let member = "SELECT 1 FROM members WHERE conversation = $1 AND account = $2";
    if any(tx, member, values![room, account]).await? {
        standing(tx, room, account).await?;
        return Err(StoreError::Taken("membership"));
    }
    tx.hold(&warrant.grounds).await?;
    let entry = enter(tx, room, account, MemberRole::Member, now).await?;
    super::note(tx, warrant).await?;
    Ok(entry)
}

/// Makes somebody a member, and tells; the log doesn't of somebody who may say nothing there.
async fn enter(
    tx: &mut dyn Tx,
    room: ConversationId,
    account: AccountId,
    role: MemberRole,
    now: Time,
) -> StoreResult<Option<Arc<Entry>>> {
    let owner = standing(tx, room, account).await?.owner;
    let owns = owner.is_some_and(|owner| owner.id == account);
    let role = if owns { MemberRole::Owner } else { role };
    let author = account_rows::author(tx, account).await?;
    if sanctions::find(tx, room, account, SanctionKind::Ban, now).await?.is_some() {
        return Err(StoreError::Conflict);
    }
    let seen = tx.log_end(room).await?.seq;
    let muted = muted(tx, room, account, now).await?;
    // What was said before one came is not unread, nor is that one came.
    let read = if muted { seen } else { seen.next() };
    memberships::add(tx, room, account, role, now, read).await?;
    if !muted && !owns && !owners::is_owned(tx, room).await? {
        owners::give(tx, room, account, MemberRole::Member).await?;
    }
    let entry = match muted {
        true => None,
        false => Some(record(tx, room, author, now, Body::joined()).await?),
    };
    memberships::tell_joined(tx, room, account, seen, Manner::default()).await?;
    Ok(entry)
}

async fn muted(ask: &mut dyn Ask, room: ConversationId, account: AccountId, now: Time) -> StoreResult<bool> {
    Ok(sanctions::find(ask, room, account, SanctionKind::Mute, now).await?.is_some())
}

pub async fn leave(
    tx: &mut dyn Tx,
    room: ConversationId,
    account: AccountId,
    departure: &Departure,
    now: Time,
    warrant: &Warrant,
) -> StoreResult<Option<Arc<Entry>>> {
    tx.hold(&warrant.grounds).await?;
    owners::hand_over(tx, room, account, departure.heir).await?;
    let entry = depart(tx, room, account, departure, now).await?;
    super::note(tx, warrant).await?;
    Ok(entry)
}

/// Takes a member out of a room; `NotFound` when it is none. The log tells, but not of somebody who goes by themselves and may
/// say nothing there.
pub async fn depart(
    tx: &mut dyn Tx,
    room: ConversationId,
    account: AccountId,
    departure: &Departure,
    now: Time,
) -> StoreResult<Option<Arc<Entry>>> {
    let name = standing(tx, room, account).await?.name;
    let author = account_rows::author(tx, account).await?;
    let by = match departure.by {
        Some(by) => Some(account_rows::author(tx, by).await?),
        None => None,
    };
    let sql = "DELETE FROM members WHERE conversation = $1 AND account = $2";
    if tx.change(sql, values![room, account]).await? == 0 {
        return Err(StoreError::NotFound);
    }
    tx.change("DELETE FROM mentions WHERE account = $2 AND conversation = $1", values![room, account]).await?;
    let how = match &by {
        None => Farewell::Left,
        Some(by) => {
            let (banned, reason) = (departure.banned, departure.reason.clone());
            Farewell::Removed { room: name.into(), by: by.username.clone(), banned, reason }
        }
    };
    let entry = match by.is_none() && muted(tx, room, account, now).await? {
        true => None,
        false => Some(record(tx, room, author, now, Body::left(by)).await?),
    };
    tx.tell(Change::Left { conversation: room, account, how });
    Ok(entry)
}

pub async fn members(
    ask: &mut dyn Ask,
    conversation: ConversationId,
    page: Page<AccountId>,
) -> StoreResult<Vec<MemberRecord>> {
    let (name, id) = accounts::place_by_name(ask, page.after).await?;
    let sql = format!(
        "SELECT {ACCOUNT}, m.role, m.joined_at, s.until FROM members m JOIN accounts a ON a.id = m.account \
         LEFT JOIN sanctions s ON s.conversation = m.conversation AND s.account = m.account AND s.kind = 'mute' \
         JOIN conversations c ON c.id = m.conversation AND c.deleted_at IS NULL \
         WHERE m.conversation = $1 AND (a.folded, a.id) > ($2, $3) ORDER BY a.folded, a.id LIMIT $4"
    );
    all(ask, &sql, values![conversation, name, id, page.limit], |row| {
        Ok(MemberRecord {
            account: account_rows::account_of(row, 0)?,
            role: row.named(ACCOUNT_WIDTH)?,
            joined_at: row.get(ACCOUNT_WIDTH + 1)?,
            muted_until: row.get(ACCOUNT_WIDTH + 2)?,
        })
    })
    .await
}

async fn record(
    tx: &mut dyn Tx,
    conversation: ConversationId,
    author: titan_core::protocol::Author,
    at: Time,
    body: Body,
) -> StoreResult<Arc<Entry>> {
    tx.record(NewEntry { conversation, author, at, client_id: None, body }).await
}
