//! Rooms: made, found, changed, ended; joined and left.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, Row};
use titan_core::protocol::{Author, Body, Entry, MemberRole, RoomChange, RoomKind, SanctionKind};
use titan_core::{AccountId, ConversationId, Seq, Time, TitanNumber};

use super::super::{
    MemberRecord, MembershipRecord, NewRoom, NewSanction, PlaceRecord, RoomRecord, RoomUpdate, Rooms, SanctionRecord,
    StoreError, StoreResult,
};
use super::SqliteStore;
use super::accounts::{self, ACCOUNT, ACCOUNT_WIDTH};
use super::log::record;
use super::memberships;
use super::row::{all, any, change, impossible, one};
use super::sanctions;
use super::writer::Batch;

#[async_trait]
impl Rooms for SqliteStore {
    async fn create_room(&self, new: NewRoom) -> StoreResult<RoomRecord> {
        self.write(move |batch| create(batch, &new)).await
    }

    async fn rooms(&self, viewer: AccountId) -> StoreResult<Vec<RoomRecord>> {
        self.read(move |connection| list(connection, viewer)).await
    }

    async fn room(&self, room: ConversationId, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
        self.read(move |connection| find(connection, room, viewer)).await
    }

    async fn room_named(&self, name: String, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
        self.read(move |connection| find_named(connection, &name, viewer)).await
    }

    async fn change_room(
        &self,
        room: ConversationId,
        by: AccountId,
        change: RoomUpdate,
        now: Time,
    ) -> StoreResult<RoomRecord> {
        self.write(move |batch| alter(batch, room, by, &change, now)).await
    }

    async fn delete_room(&self, room: ConversationId, now: Time) -> StoreResult<()> {
        self.write(move |batch| delete(batch, room, now)).await
    }

    async fn join(&self, room: ConversationId, account: AccountId, now: Time) -> StoreResult<Arc<Entry>> {
        self.write(move |batch| join(batch, room, account, MemberRole::Member, now)).await
    }

    async fn leave(
        &self,
        room: ConversationId,
        account: AccountId,
        by: Option<AccountId>,
        now: Time,
    ) -> StoreResult<Arc<Entry>> {
        self.write(move |batch| leave(batch, room, account, by, now)).await
    }

    async fn members(&self, conversation: ConversationId) -> StoreResult<Vec<MemberRecord>> {
        self.read(move |connection| members(connection, conversation)).await
    }

    async fn set_member_role(&self, room: ConversationId, account: AccountId, role: MemberRole) -> StoreResult<()> {
        self.write(move |batch| sanctions::set_role(batch.connection, room, account, role)).await
    }

    async fn set_sanction(&self, new: NewSanction) -> StoreResult<()> {
        self.write(move |batch| sanctions::set(batch.connection, &new)).await
    }

    async fn lift_sanction(&self, room: ConversationId, account: AccountId, kind: SanctionKind) -> StoreResult<bool> {
        self.write(move |batch| sanctions::lift(batch.connection, room, account, kind)).await
    }

    async fn sanctions(&self, room: ConversationId, now: Time) -> StoreResult<Vec<SanctionRecord>> {
        self.read(move |connection| sanctions::list(connection, room, now)).await
    }

    async fn sanction(
        &self,
        room: ConversationId,
        account: AccountId,
        kind: SanctionKind,
        now: Time,
    ) -> StoreResult<Option<SanctionRecord>> {
        self.read(move |connection| sanctions::find(connection, room, account, kind, now)).await
    }

    async fn open_direct(&self, one: AccountId, other: AccountId, now: Time) -> StoreResult<(ConversationId, bool)> {
        self.write(move |batch| memberships::open_direct(batch, one, other, now)).await
    }

    async fn memberships(&self, account: AccountId) -> StoreResult<Vec<MembershipRecord>> {
        self.read(move |connection| memberships::of_account(connection, account)).await
    }

    async fn places(&self, account: AccountId) -> StoreResult<Vec<PlaceRecord>> {
        self.read(move |connection| memberships::places(connection, account)).await
    }

    async fn membership(
        &self,
        account: AccountId,
        conversation: ConversationId,
    ) -> StoreResult<Option<MembershipRecord>> {
        self.read(move |connection| memberships::one_of_account(connection, account, conversation)).await
    }

    async fn mark_read(&self, account: AccountId, conversation: ConversationId, seq: Seq) -> StoreResult<Seq> {
        self.write(move |batch| memberships::mark_read(batch, account, conversation, seq)).await
    }
}

/// The columns that [`room_of`] reads: of the conversation `c`, the room `r`, its owner `o`.
pub(super) const ROOM: &str = "c.id, r.name, r.description, r.kind, r.password_hash, o.id, o.username, o.titan_number, \
    c.members, c.created_at";

/// How many columns that is.
pub(super) const ROOM_WIDTH: usize = 10;

/// Reads the columns of [`ROOM`], which begin at `first`.
pub(super) fn room_of(row: &Row<'_>, first: usize, joined: bool) -> StoreResult<RoomRecord> {
    let owner = match row.get::<_, Option<i64>>(first + 5)? {
        Some(id) => Some(Author {
            id: AccountId(id),
            username: row.get::<_, String>(first + 6)?.into(),
            titan_number: TitanNumber(row.get(first + 7)?),
        }),
        None => None,
    };
    Ok(RoomRecord {
        id: ConversationId(row.get(first)?),
        name: row.get(first + 1)?,
        description: row.get(first + 2)?,
        kind: kind_of(row.get_ref(first + 3)?.as_str().map_err(rusqlite::Error::from)?)?,
        password_hash: row.get(first + 4)?,
        owner,
        members: row.get::<_, i64>(first + 8)?.max(0) as u64,
        created_at: Time(row.get(first + 9)?),
        joined,
    })
}

/// Rooms as a viewer sees them: `?1` is the viewer.
fn select(condition: &str) -> String {
    format!(
        "SELECT {ROOM}, m.account IS NOT NULL FROM rooms r \
         JOIN conversations c ON c.id = r.conversation AND c.deleted_at IS NULL \
         LEFT JOIN accounts o ON o.id = r.owner \
         LEFT JOIN members m ON m.conversation = r.conversation AND m.account = ?1 \
         WHERE {condition} ORDER BY r.conversation"
    )
}

fn seen(row: &Row<'_>) -> StoreResult<RoomRecord> {
    room_of(row, 0, row.get(ROOM_WIDTH)?)
}

fn list(connection: &Connection, viewer: AccountId) -> StoreResult<Vec<RoomRecord>> {
    all(connection, &select("true"), [viewer.0], seen)
}

fn find(connection: &Connection, room: ConversationId, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
    one(connection, &select("r.conversation = ?2"), [viewer.0, room.0], seen)
}

fn find_named(connection: &Connection, name: &str, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
    one(connection, &select("r.key = ?2"), (viewer.0, titan_core::text::look_alike(name)), seen)
}

/// The room, which must stand.
fn standing(connection: &Connection, room: ConversationId, viewer: AccountId) -> StoreResult<RoomRecord> {
    find(connection, room, viewer)?.ok_or(StoreError::NotFound)
}

fn create(batch: &mut Batch<'_>, new: &NewRoom) -> StoreResult<RoomRecord> {
    refuse_taken(batch.connection, &new.key, None)?;
    accounts::author(batch.connection, new.owner)?;
    let room = memberships::new_conversation(batch.connection, new.now)?;
    let sql = "INSERT INTO rooms (conversation, name, key, description, kind, password_hash, owner) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let kind = kind_name(new.kind);
    change(
        batch.connection,
        sql,
        (room.0, &new.name, &new.key, &new.description, kind, &new.password_hash, new.owner.0),
    )?;
    join(batch, room, new.owner, MemberRole::Owner, new.now)?;
    standing(batch.connection, room, new.owner)
}

fn refuse_taken(connection: &Connection, key: &str, but: Option<ConversationId>) -> StoreResult<()> {
    let sql = "SELECT 1 FROM rooms WHERE key = ?1 AND conversation IS NOT ?2";
    if any(connection, sql, (key, but.map(|room| room.0)))? { Err(StoreError::Taken("name")) } else { Ok(()) }
}

fn alter(
    batch: &mut Batch<'_>,
    room: ConversationId,
    by: AccountId,
    update: &RoomUpdate,
    now: Time,
) -> StoreResult<RoomRecord> {
    let old = standing(batch.connection, room, by)?;
    let author = accounts::author(batch.connection, by)?;
    if let Some((_, key)) = &update.name {
        refuse_taken(batch.connection, key, Some(room))?;
    }
    let (name, key) = update.name.clone().unzip();
    let sql = "UPDATE rooms SET name = coalesce(?2, name), key = coalesce(?3, key), \
        description = coalesce(?4, description), password_hash = ?5 WHERE conversation = ?1";
    let password = update.password_hash.clone().unwrap_or(old.password_hash);
    change(batch.connection, sql, (room.0, &name, key, &update.description, password))?;
    let change = RoomChange {
        name: name.map(Into::into),
        description: update.description.as_deref().map(Into::into),
        locked: update.password_hash.as_ref().map(Option::is_some),
    };
    record(batch, room, author, now, None, Body::RoomChanged { change })?;
    standing(batch.connection, room, by)
}

fn delete(batch: &mut Batch<'_>, room: ConversationId, now: Time) -> StoreResult<()> {
    let sql = "UPDATE conversations SET deleted_at = ?2 WHERE id = ?1 AND deleted_at IS NULL \
        AND id IN (SELECT conversation FROM rooms)";
    if change(batch.connection, sql, (room.0, now.0))? == 0 {
        return Err(StoreError::NotFound);
    }
    batch.ended(room);
    change(batch.connection, "UPDATE rooms SET key = NULL WHERE conversation = ?1", [room.0]).map(drop)
}

fn join(
    batch: &mut Batch<'_>,
    room: ConversationId,
    account: AccountId,
    role: MemberRole,
    now: Time,
) -> StoreResult<Arc<Entry>> {
    let owner = standing(batch.connection, room, account)?.owner;
    let role = if owner.is_some_and(|owner| owner.id == account) { MemberRole::Owner } else { role };
    let author = accounts::author(batch.connection, account)?;
    let member = "SELECT 1 FROM members WHERE conversation = ?1 AND account = ?2";
    if any(batch.connection, member, (room.0, account.0))? {
        return Err(StoreError::Taken("membership"));
    }
    if sanctions::find(batch.connection, room, account, SanctionKind::Ban, now)?.is_some() {
        return Err(StoreError::Conflict);
    }
    let entry = record(batch, room, author, now, None, Body::Joined {})?;
    // What was said before one came is not unread.
    memberships::add(batch.connection, room, account, role, now, entry.seq)?;
    Ok(entry)
}

fn leave(
    batch: &mut Batch<'_>,
    room: ConversationId,
    account: AccountId,
    by: Option<AccountId>,
    now: Time,
) -> StoreResult<Arc<Entry>> {
    standing(batch.connection, room, account)?;
    let author = accounts::author(batch.connection, account)?;
    let by = by.map(|by| accounts::author(batch.connection, by)).transpose()?;
    let sql = "DELETE FROM members WHERE conversation = ?1 AND account = ?2";
    if change(batch.connection, sql, (room.0, account.0))? == 0 {
        return Err(StoreError::NotFound);
    }
    change(batch.connection, "DELETE FROM mentions WHERE account = ?2 AND conversation = ?1", (room.0, account.0))?;
    record(batch, room, author, now, None, Body::Left { by })
}

fn members(connection: &Connection, conversation: ConversationId) -> StoreResult<Vec<MemberRecord>> {
    let sql = format!(
        "SELECT {ACCOUNT}, m.role, m.joined_at, s.until FROM members m JOIN accounts a ON a.id = m.account \
         LEFT JOIN sanctions s ON s.conversation = m.conversation AND s.account = m.account AND s.kind = 'mute' \
         JOIN conversations c ON c.id = m.conversation AND c.deleted_at IS NULL \
         WHERE m.conversation = ?1 ORDER BY a.folded, a.id"
    );
    all(connection, &sql, [conversation.0], |row| {
        Ok(MemberRecord {
            account: accounts::account_of(row, 0)?,
            role: memberships::role_of(row.get_ref(ACCOUNT_WIDTH)?.as_str().map_err(rusqlite::Error::from)?)?,
            joined_at: Time(row.get(ACCOUNT_WIDTH + 1)?),
            muted_until: row.get::<_, Option<i64>>(ACCOUNT_WIDTH + 2)?.map(Time),
        })
    })
}

pub(super) fn kind_name(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Text => "text",
        RoomKind::Voice => "voice",
    }
}

fn kind_of(name: &str) -> StoreResult<RoomKind> {
    match name {
        "text" => Ok(RoomKind::Text),
        "voice" => Ok(RoomKind::Voice),
        _ => Err(impossible("a room's kind", name)),
    }
}
