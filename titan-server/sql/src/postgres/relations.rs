//! How accounts stand to each other: friends, requests, blocks.

use async_trait::async_trait;
use titan_core::protocol::RelationKind;
use titan_core::{AccountId, Time};

use super::super::names::Named;
use super::super::{RelationRecord, Relations, StoreError, StoreResult};
use super::PostgresStore;
use super::accounts::{self, ACCOUNT, ACCOUNT_WIDTH};
use super::row::{Ask, all, one};
use super::writer::Batch;

#[async_trait]
impl Relations for PostgresStore {
    async fn relations(&self, account: AccountId) -> StoreResult<Vec<RelationRecord>> {
        list(&self.readers()?, account).await
    }

    async fn relation(&self, account: AccountId, other: AccountId) -> StoreResult<Option<RelationKind>> {
        between(&self.readers()?, account, other).await
    }

    async fn request_friend(&self, account: AccountId, other: AccountId, now: Time) -> StoreResult<RelationKind> {
        self.write(async move |batch: &mut Batch<'_>| request(batch, account, other, now).await).await
    }

    async fn accept_friend(&self, account: AccountId, other: AccountId, now: Time) -> StoreResult<()> {
        self.write(async move |batch: &mut Batch<'_>| accept(batch, account, other, now).await).await
    }

    async fn end_relation(&self, account: AccountId, other: AccountId) -> StoreResult<RelationKind> {
        self.write(async move |batch: &mut Batch<'_>| end(batch, account, other).await).await
    }

    async fn set_block(&self, account: AccountId, other: AccountId, blocked: bool, now: Time) -> StoreResult<()> {
        self.write(async move |batch: &mut Batch<'_>| set_block(batch, account, other, blocked, now).await).await
    }
}

/// One's own rows, and the requests of others as they are seen from here.
async fn list(ask: &impl Ask, account: AccountId) -> StoreResult<Vec<RelationRecord>> {
    let sql = format!(
        "SELECT {ACCOUNT}, r.kind, r.since FROM relations r JOIN accounts a ON a.id = r.other WHERE r.account = $1 \
         UNION ALL \
         SELECT {ACCOUNT}, 'requests', r.since FROM relations r JOIN accounts a ON a.id = r.account \
         WHERE r.other = $1 AND r.kind = 'requested'"
    );
    let mut relations = all(ask, &sql, &[&account.0], |row| {
        Ok(RelationRecord {
            account: accounts::account_of(row, 0)?,
            kind: Named::read(row.try_get(ACCOUNT_WIDTH)?)?,
            since: Time(row.try_get(ACCOUNT_WIDTH + 1)?),
        })
    })
    .await?;
    relations.sort_by_cached_key(|relation| (relation.kind, relation.account.username.to_lowercase()));
    Ok(relations)
}

/// Both sides by one look.
async fn between(ask: &impl Ask, account: AccountId, other: AccountId) -> StoreResult<Option<RelationKind>> {
    let sql = "SELECT kind FROM relations WHERE account = $1 AND other = $2 UNION ALL \
        SELECT 'requests' FROM relations WHERE account = $2 AND other = $1 AND kind = 'requested'";
    one(ask, sql, &[&account.0, &other.0], |row| Named::read(row.try_get(0)?)).await
}

async fn row(ask: &impl Ask, account: AccountId, other: AccountId) -> StoreResult<Option<RelationKind>> {
    let sql = "SELECT kind FROM relations WHERE account = $1 AND other = $2";
    one(ask, sql, &[&account.0, &other.0], |row| Named::read(row.try_get(0)?)).await
}

async fn request(batch: &mut Batch<'_>, account: AccountId, other: AccountId, now: Time) -> StoreResult<RelationKind> {
    accounts::by_id(batch, account).await?;
    accounts::by_id(batch, other).await?;
    let theirs = row(batch, other, account).await?;
    match (row(batch, account, other).await?, theirs) {
        (Some(RelationKind::Blocked), _) | (_, Some(RelationKind::Blocked)) => Err(StoreError::Conflict),
        (Some(RelationKind::Friend), _) => Err(StoreError::Taken("friendship")),
        (Some(_), _) => Err(StoreError::Taken("request")),
        (None, Some(_)) => befriend(batch, account, other, now).await.map(|()| RelationKind::Friend),
        (None, None) => {
            put(batch, account, other, RelationKind::Requested, now).await.map(|()| RelationKind::Requested)
        }
    }
}

async fn accept(batch: &mut Batch<'_>, account: AccountId, other: AccountId, now: Time) -> StoreResult<()> {
    match row(batch, other, account).await? {
        Some(RelationKind::Requested) => befriend(batch, account, other, now).await,
        _ => Err(StoreError::NotFound),
    }
}

async fn befriend(batch: &mut Batch<'_>, account: AccountId, other: AccountId, now: Time) -> StoreResult<()> {
    put(batch, account, other, RelationKind::Friend, now).await?;
    put(batch, other, account, RelationKind::Friend, now).await
}

async fn end(batch: &mut Batch<'_>, account: AccountId, other: AccountId) -> StoreResult<RelationKind> {
    let was = between(batch, account, other).await?.filter(|kind| *kind != RelationKind::Blocked);
    let was = was.ok_or(StoreError::NotFound)?;
    part(batch, account, other).await?;
    Ok(was)
}

async fn set_block(
    batch: &mut Batch<'_>,
    account: AccountId,
    other: AccountId,
    blocked: bool,
    now: Time,
) -> StoreResult<()> {
    if blocked {
        accounts::by_id(batch, other).await?;
        part(batch, account, other).await?;
        return put(batch, account, other, RelationKind::Blocked, now).await;
    }
    let sql = "DELETE FROM relations WHERE account = $1 AND other = $2 AND kind = 'blocked'";
    match batch.change(sql, &[&account.0, &other.0]).await? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Ends what is between two accounts, but for blocks.
async fn part(batch: &mut Batch<'_>, one: AccountId, other: AccountId) -> StoreResult<()> {
    let sql = "DELETE FROM relations WHERE kind <> 'blocked' \
        AND ((account = $1 AND other = $2) OR (account = $2 AND other = $1))";
    batch.change(sql, &[&one.0, &other.0]).await.map(drop)
}

async fn put(
    batch: &mut Batch<'_>,
    account: AccountId,
    other: AccountId,
    kind: RelationKind,
    now: Time,
) -> StoreResult<()> {
    let sql = "INSERT INTO relations AS r (account, other, kind, since) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (account, other) DO UPDATE SET kind = excluded.kind, since = excluded.since WHERE r.kind <> excluded.kind";
    batch.change(sql, &[&account.0, &other.0, &kind.name(), &now.0]).await.map(drop)
}
