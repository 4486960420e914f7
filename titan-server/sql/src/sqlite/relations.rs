//! How accounts stand to each other: friends, requests, blocks.

use async_trait::async_trait;
use rusqlite::Connection;
use titan_core::protocol::RelationKind;
use titan_core::{AccountId, Time};

use super::super::{RelationRecord, Relations, StoreError, StoreResult};
use super::SqliteStore;
use super::accounts::{self, ACCOUNT, ACCOUNT_WIDTH};
use super::row::{all, any, change, impossible, one};

#[async_trait]
impl Relations for SqliteStore {
    async fn relations(&self, account: AccountId) -> StoreResult<Vec<RelationRecord>> {
        self.read(move |connection| list(connection, account)).await
    }

    async fn relation(&self, account: AccountId, other: AccountId) -> StoreResult<Option<RelationKind>> {
        self.read(move |connection| between(connection, account, other)).await
    }

    async fn request_friend(&self, account: AccountId, other: AccountId, now: Time) -> StoreResult<RelationKind> {
        self.write(move |batch| request(batch.connection, account, other, now)).await
    }

    async fn accept_friend(&self, account: AccountId, other: AccountId, now: Time) -> StoreResult<()> {
        self.write(move |batch| accept(batch.connection, account, other, now)).await
    }

    async fn end_relation(&self, account: AccountId, other: AccountId) -> StoreResult<RelationKind> {
        self.write(move |batch| end(batch.connection, account, other)).await
    }

    async fn set_block(&self, account: AccountId, other: AccountId, blocked: bool, now: Time) -> StoreResult<()> {
        self.write(move |batch| set_block(batch.connection, account, other, blocked, now)).await
    }
}

/// One's own rows, and the requests of others as they are seen from here.
fn list(connection: &Connection, account: AccountId) -> StoreResult<Vec<RelationRecord>> {
    let sql = format!(
        "SELECT {ACCOUNT}, r.kind, r.since FROM relations r JOIN accounts a ON a.id = r.other WHERE r.account = ?1 \
         UNION ALL \
         SELECT {ACCOUNT}, 'requests', r.since FROM relations r JOIN accounts a ON a.id = r.account \
         WHERE r.other = ?1 AND r.kind = 'requested'"
    );
    let mut relations = all(connection, &sql, [account.0], |row| {
        Ok(RelationRecord {
            account: accounts::account_of(row, 0)?,
            kind: kind_of(row.get_ref(ACCOUNT_WIDTH)?.as_str().map_err(rusqlite::Error::from)?)?,
            since: Time(row.get(ACCOUNT_WIDTH + 1)?),
        })
    })?;
    relations.sort_by_cached_key(|relation| (relation.kind, relation.account.username.to_lowercase()));
    Ok(relations)
}

fn between(connection: &Connection, account: AccountId, other: AccountId) -> StoreResult<Option<RelationKind>> {
    match row(connection, account, other)? {
        Some(kind) => Ok(Some(kind)),
        None => {
            Ok((row(connection, other, account)? == Some(RelationKind::Requested)).then_some(RelationKind::Requests))
        }
    }
}

fn row(connection: &Connection, account: AccountId, other: AccountId) -> StoreResult<Option<RelationKind>> {
    let sql = "SELECT kind FROM relations WHERE account = ?1 AND other = ?2";
    one(connection, sql, (account.0, other.0), |row| kind_of(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?))
}

fn request(connection: &Connection, account: AccountId, other: AccountId, now: Time) -> StoreResult<RelationKind> {
    exists(connection, account)?;
    exists(connection, other)?;
    let theirs = row(connection, other, account)?;
    match (row(connection, account, other)?, theirs) {
        (Some(RelationKind::Blocked), _) | (_, Some(RelationKind::Blocked)) => Err(StoreError::Conflict),
        (Some(RelationKind::Friend), _) => Err(StoreError::Taken("friendship")),
        (Some(_), _) => Err(StoreError::Taken("request")),
        (None, Some(_)) => befriend(connection, account, other, now).map(|()| RelationKind::Friend),
        (None, None) => put(connection, account, other, "requested", now).map(|()| RelationKind::Requested),
    }
}

fn accept(connection: &Connection, account: AccountId, other: AccountId, now: Time) -> StoreResult<()> {
    match row(connection, other, account)? {
        Some(RelationKind::Requested) => befriend(connection, account, other, now),
        _ => Err(StoreError::NotFound),
    }
}

fn befriend(connection: &Connection, account: AccountId, other: AccountId, now: Time) -> StoreResult<()> {
    put(connection, account, other, "friend", now)?;
    put(connection, other, account, "friend", now)
}

fn end(connection: &Connection, account: AccountId, other: AccountId) -> StoreResult<RelationKind> {
    let was = between(connection, account, other)?.filter(|kind| *kind != RelationKind::Blocked);
    let was = was.ok_or(StoreError::NotFound)?;
    part(connection, account, other)?;
    Ok(was)
}

fn set_block(
    connection: &Connection,
    account: AccountId,
    other: AccountId,
    blocked: bool,
    now: Time,
) -> StoreResult<()> {
    if blocked {
        exists(connection, other)?;
        part(connection, account, other)?;
        return put(connection, account, other, "blocked", now);
    }
    let sql = "DELETE FROM relations WHERE account = ?1 AND other = ?2 AND kind = 'blocked'";
    match change(connection, sql, (account.0, other.0))? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Ends what is between two accounts, but for blocks.
fn part(connection: &Connection, one: AccountId, other: AccountId) -> StoreResult<()> {
    let sql = "DELETE FROM relations WHERE kind <> 'blocked' \
        AND ((account = ?1 AND other = ?2) OR (account = ?2 AND other = ?1))";
    change(connection, sql, (one.0, other.0)).map(drop)
}

fn put(connection: &Connection, account: AccountId, other: AccountId, kind: &str, now: Time) -> StoreResult<()> {
    let sql = "INSERT INTO relations (account, other, kind, since) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT DO UPDATE SET kind = excluded.kind, since = excluded.since WHERE kind <> excluded.kind";
    change(connection, sql, (account.0, other.0, kind, now.0)).map(drop)
}

fn exists(connection: &Connection, account: AccountId) -> StoreResult<()> {
    let sql = "SELECT 1 FROM accounts WHERE id = ?1 AND deleted_at IS NULL";
    if any(connection, sql, [account.0])? { Ok(()) } else { Err(StoreError::NotFound) }
}

fn kind_of(name: &str) -> StoreResult<RelationKind> {
    match name {
        "requests" => Ok(RelationKind::Requests),
        "friend" => Ok(RelationKind::Friend),
        "requested" => Ok(RelationKind::Requested),
        "blocked" => Ok(RelationKind::Blocked),
        _ => Err(impossible("a relation", name)),
    }
}
