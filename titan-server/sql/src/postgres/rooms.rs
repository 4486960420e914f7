//! Rooms: made, found, changed, ended; joined and left.

use std::sync::Arc;

use async_trait::async_trait;
use titan_core::protocol::{Author, Body, Entry, MemberRole, RoomChange, SanctionKind};
use titan_core::{AccountId, ConversationId, Seq, Time, TitanNumber};
use tokio_postgres::Row;

use super::super::names::Named;
use super::super::{
    MemberRecord, MembershipRecord, NewRoom, NewSanction, PlaceRecord, RoomRecord, RoomUpdate, Rooms, SanctionRecord,
    StoreError, StoreResult,
};
use super::PostgresStore;
use super::accounts::{self, ACCOUNT, ACCOUNT_WIDTH};
use super::log::record;
use super::memberships;
use super::row::{Ask, all, any, held, one};
use super::sanctions;
use super::writer::Batch;

#[async_trait]
impl Rooms for PostgresStore {
    async fn create_room(&self, new: NewRoom) -> StoreResult<RoomRecord> {
        self.write(async move |batch: &mut Batch<'_>| create(batch, &new).await).await
    }

    async fn rooms(&self, viewer: AccountId) -> StoreResult<Vec<RoomRecord>> {
        list(&self.readers()?, viewer).await
    }

    async fn room(&self, room: ConversationId, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
        find(&self.readers()?, room, viewer).await
    }

    async fn room_named(&self, name: String, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
        find_named(&self.readers()?, &name, viewer).await
    }

    async fn change_room(
        &self,
        room: ConversationId,
        by: AccountId,
        change: RoomUpdate,
        now: Time,
    ) -> StoreResult<RoomRecord> {
        self.write(async move |batch: &mut Batch<'_>| alter(batch, room, by, &change, now).await).await
    }

    async fn delete_room(&self, room: ConversationId, now: Time) -> StoreResult<()> {
        self.write(async move |batch: &mut Batch<'_>| delete(batch, room, now).await).await
    }

    async fn join(&self, room: ConversationId, account: AccountId, now: Time) -> StoreResult<Arc<Entry>> {
        self.write(async move |batch: &mut Batch<'_>| join(batch, room, account, MemberRole::Member, now).await).await
    }

    async fn leave(
        &self,
        room: ConversationId,
        account: AccountId,
        by: Option<AccountId>,
        now: Time,
    ) -> StoreResult<Arc<Entry>> {
        self.write(async move |batch: &mut Batch<'_>| leave(batch, room, account, by, now).await).await
    }

    async fn members(&self, conversation: ConversationId) -> StoreResult<Vec<MemberRecord>> {
        members(&self.readers()?, conversation).await
    }

    async fn set_member_role(&self, room: ConversationId, account: AccountId, role: MemberRole) -> StoreResult<()> {
        self.write(async move |batch: &mut Batch<'_>| sanctions::set_role(batch, room, account, role).await).await
    }

    async fn set_sanction(&self, new: NewSanction) -> StoreResult<()> {
        self.write(async move |batch: &mut Batch<'_>| sanctions::set(batch, &new).await).await
    }

    async fn lift_sanction(&self, room: ConversationId, account: AccountId, kind: SanctionKind) -> StoreResult<bool> {
        self.write(async move |batch: &mut Batch<'_>| sanctions::lift(batch, room, account, kind).await).await
    }

    async fn sanctions(&self, room: ConversationId, now: Time) -> StoreResult<Vec<SanctionRecord>> {
        sanctions::list(&self.readers()?, room, now).await
    }

    async fn sanction(
        &self,
        room: ConversationId,
        account: AccountId,
        kind: SanctionKind,
        now: Time,
    ) -> StoreResult<Option<SanctionRecord>> {
        sanctions::find(&self.readers()?, room, account, kind, now).await
    }

    async fn open_direct(&self, one: AccountId, other: AccountId, now: Time) -> StoreResult<(ConversationId, bool)> {
        self.write(async move |batch: &mut Batch<'_>| memberships::open_direct(batch, one, other, now).await).await
    }

    async fn memberships(&self, account: AccountId) -> StoreResult<Vec<MembershipRecord>> {
        memberships::of_account(&self.readers()?, account).await
    }

    async fn places(&self, account: AccountId) -> StoreResult<Vec<PlaceRecord>> {
        memberships::places(&self.readers()?, account).await
    }

    async fn membership(
        &self,
        account: AccountId,
        conversation: ConversationId,
    ) -> StoreResult<Option<MembershipRecord>> {
        memberships::one_of_account(&self.readers()?, account, conversation).await
    }

    async fn mark_read(&self, account: AccountId, conversation: ConversationId, seq: Seq) -> StoreResult<Seq> {
        self.write(async move |batch: &mut Batch<'_>| memberships::mark_read(batch, account, conversation, seq).await)
            .await
    }
}

/// The columns that [`room_of`] reads: of the conversation `c`, the room `r`, its owner `o`.
pub(super) const ROOM: &str = "c.id, r.name, r.description, r.kind, r.password_hash, o.id, o.username, o.titan_number, \
    c.members, c.created_at";

/// How many columns that is.
pub(super) const ROOM_WIDTH: usize = 10;

/// Reads the columns of [`ROOM`], which begin at `first`.
pub(super) fn room_of(row: &Row, first: usize, joined: bool) -> StoreResult<RoomRecord> {
    let owner = match row.try_get::<_, Option<i64>>(first + 5)? {
        Some(id) => Some(Author {
            id: AccountId(id),
            username: row.try_get::<_, &str>(first + 6)?.into(),
            titan_number: TitanNumber(row.try_get(first + 7)?),
        }),
        None => None,
    };
    Ok(RoomRecord {
        id: ConversationId(row.try_get(first)?),
        name: row.try_get(first + 1)?,
        description: row.try_get(first + 2)?,
        kind: Named::read(row.try_get(first + 3)?)?,
        password_hash: row.try_get(first + 4)?,
        owner,
        members: row.try_get::<_, i64>(first + 8)?.max(0) as u64,
        created_at: Time(row.try_get(first + 9)?),
        joined,
    })
}

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

fn seen(row: &Row) -> StoreResult<RoomRecord> {
    room_of(row, 0, row.try_get(ROOM_WIDTH)?)
}

async fn list(ask: &impl Ask, viewer: AccountId) -> StoreResult<Vec<RoomRecord>> {
    all(ask, &select("true"), &[&viewer.0], seen).await
}

async fn find(ask: &impl Ask, room: ConversationId, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
    one(ask, &select("r.conversation = $2"), &[&viewer.0, &room.0], seen).await
}

async fn find_named(ask: &impl Ask, name: &str, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
    let key = titan_core::text::look_alike(name);
    one(ask, &select("r.key = $2"), &[&viewer.0, &held(&key)], seen).await
}

/// The room, which must stand.
pub(super) async fn standing(ask: &impl Ask, room: ConversationId, viewer: AccountId) -> StoreResult<RoomRecord> {
    find(ask, room, viewer).await?.ok_or(StoreError::NotFound)
}

async fn create(batch: &mut Batch<'_>, new: &NewRoom) -> StoreResult<RoomRecord> {
    refuse_taken(batch, &new.key, None).await?;
    accounts::author(batch, new.owner).await?;
    let room = memberships::new_conversation(batch, new.now).await?;
    let sql = "INSERT INTO rooms (conversation, name, key, description, kind, password_hash, owner) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let NewRoom { name, key, description, kind, password_hash, owner, .. } = new;
    let (name, key, description, kind) = (held(name), held(key), held(description), kind.name());
    batch.change(sql, &[&room.0, &name, &key, &description, &kind, password_hash, &owner.0]).await?;
    join(batch, room, new.owner, MemberRole::Owner, new.now).await?;
    standing(batch, room, new.owner).await
}

async fn refuse_taken(ask: &impl Ask, key: &str, but: Option<ConversationId>) -> StoreResult<()> {
    let sql = "SELECT 1 FROM rooms WHERE key = $1 AND conversation IS DISTINCT FROM $2";
    match any(ask, sql, &[&held(key), &but.map(|room| room.0)]).await? {
        true => Err(StoreError::Taken("name")),
        false => Ok(()),
    }
}

async fn alter(
    batch: &mut Batch<'_>,
    room: ConversationId,
    by: AccountId,
    update: &RoomUpdate,
    now: Time,
) -> StoreResult<RoomRecord> {
    let old = standing(batch, room, by).await?;
    let author = accounts::author(batch, by).await?;
    if let Some((_, key)) = &update.name {
        refuse_taken(batch, key, Some(room)).await?;
    }
    let (name, key) = update.name.clone().unzip();
    let sql = "UPDATE rooms SET name = coalesce($2, name), key = coalesce($3, key), \
        description = coalesce($4, description), password_hash = $5 WHERE conversation = $1";
    let password = update.password_hash.clone().unwrap_or(old.password_hash);
    let description = update.description.as_deref().map(held);
    batch.change(sql, &[&room.0, &name, &key, &description, &password]).await?;
    let change = RoomChange {
        name: name.map(Into::into),
        description: update.description.as_deref().map(Into::into),
        locked: update.password_hash.as_ref().map(Option::is_some),
    };
    record(batch, room, author, now, None, Body::RoomChanged { change }).await?;
    standing(batch, room, by).await
}

async fn delete(batch: &mut Batch<'_>, room: ConversationId, now: Time) -> StoreResult<()> {
    let sql = "UPDATE conversations SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL \
        AND id IN (SELECT conversation FROM rooms)";
    if batch.change(sql, &[&room.0, &now.0]).await? == 0 {
        return Err(StoreError::NotFound);
    }
    // What was written to it in this very transaction is part of its log until it is purged.
    batch.flush().await?;
    batch.ended(room);
    batch.change("UPDATE rooms SET key = NULL WHERE conversation = $1", &[&room.0]).await.map(drop)
}

async fn join(
    batch: &mut Batch<'_>,
    room: ConversationId,
    account: AccountId,
    role: MemberRole,
    now: Time,
) -> StoreResult<Arc<Entry>> {
    let owner = standing(batch, room, account).await?.owner;
    let role = if owner.is_some_and(|owner| owner.id == account) { MemberRole::Owner } else { role };
    let author = accounts::author(batch, account).await?;
    let member = "SELECT 1 FROM members WHERE conversation = $1 AND account = $2";
    if any(batch, member, &[&room.0, &account.0]).await? {
        return Err(StoreError::Taken("membership"));
    }
    if sanctions::find(batch, room, account, SanctionKind::Ban, now).await?.is_some() {
        return Err(StoreError::Conflict);
    }
    let entry = record(batch, room, author, now, None, Body::Joined {}).await?;
    // What was said before one came is not unread.
    memberships::add(batch, room, account, role, now, entry.seq).await?;
    Ok(entry)
}

async fn leave(
    batch: &mut Batch<'_>,
    room: ConversationId,
    account: AccountId,
    by: Option<AccountId>,
    now: Time,
) -> StoreResult<Arc<Entry>> {
    standing(batch, room, account).await?;
    let author = accounts::author(batch, account).await?;
    let by = match by {
        Some(by) => Some(accounts::author(batch, by).await?),
        None => None,
    };
    let sql = "DELETE FROM members WHERE conversation = $1 AND account = $2";
    if batch.change(sql, &[&room.0, &account.0]).await? == 0 {
        return Err(StoreError::NotFound);
    }
    batch.change("DELETE FROM mentions WHERE account = $2 AND conversation = $1", &[&room.0, &account.0]).await?;
    record(batch, room, author, now, None, Body::Left { by }).await
}

async fn members(ask: &impl Ask, conversation: ConversationId) -> StoreResult<Vec<MemberRecord>> {
    let sql = format!(
        "SELECT {ACCOUNT}, m.role, m.joined_at, s.until FROM members m JOIN accounts a ON a.id = m.account \
         LEFT JOIN sanctions s ON s.conversation = m.conversation AND s.account = m.account AND s.kind = 'mute' \
         JOIN conversations c ON c.id = m.conversation AND c.deleted_at IS NULL \
         WHERE m.conversation = $1 ORDER BY a.folded, a.id"
    );
    all(ask, &sql, &[&conversation.0], |row| {
        Ok(MemberRecord {
            account: accounts::account_of(row, 0)?,
            role: Named::read(row.try_get(ACCOUNT_WIDTH)?)?,
            joined_at: Time(row.try_get(ACCOUNT_WIDTH + 1)?),
            muted_until: row.try_get::<_, Option<i64>>(ACCOUNT_WIDTH + 2)?.map(Time),
        })
    })
    .await
}
