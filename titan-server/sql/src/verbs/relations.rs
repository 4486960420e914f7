//! How accounts stand to each other: friends, requests, blocks.

use titan_core::protocol::RelationKind;
use titan_core::{AccountId, Time};

use super::super::tx::{Ask, Row, Tx, all, one, values};
use super::super::{Change, Page, RelationRecord, StoreError, StoreResult, Warrant};
use super::account_rows::{self, ACCOUNT, ACCOUNT_WIDTH};
use super::directs;

/// One's own rows, and the requests of others as they are seen from here: `$1` is who looks. With the place of the kind in lists.
fn select(condition: &str) -> String {
    format!(
        "SELECT {ACCOUNT}, r.kind, r.since, a.folded, CAST(CASE r.kind WHEN 'friend' THEN 1 WHEN 'requested' THEN 2 ELSE 3 END \
           AS BIGINT) AS place FROM relations r JOIN accounts a ON a.id = r.other \
         WHERE r.account = $1 AND {condition} UNION ALL \
         SELECT {ACCOUNT}, 'requests', r.since, a.folded, CAST(0 AS BIGINT) FROM relations r JOIN accounts a ON a.id = r.account \
         WHERE r.other = $1 AND r.kind = 'requested' AND {condition}"
    )
}

fn relation_of(row: &mut Row) -> StoreResult<RelationRecord> {
    let account = account_rows::account_of(row, 0)?;
    Ok(RelationRecord { account, kind: row.named(ACCOUNT_WIDTH)?, since: row.get(ACCOUNT_WIDTH + 1)? })
}

/// By kind and name.
pub async fn list(ask: &mut dyn Ask, account: AccountId, page: Page<AccountId>) -> StoreResult<Vec<RelationRecord>> {
    let (place, name, id) = place(ask, account, page.after).await?;
    let sql = format!(
        "SELECT * FROM ({}) known WHERE (place, folded, id) > ($2, $3, $4) ORDER BY place, folded, id LIMIT $5",
        select("true")
    );
    all(ask, &sql, values![account, place, name, id, page.limit], relation_of).await
}

/// Where somebody stands in that list; before everybody, where nobody is given or they have no more to do with the account.
async fn place(
    ask: &mut dyn Ask,
    account: AccountId,
    after: Option<AccountId>,
) -> StoreResult<(i64, String, AccountId)> {
    let first = (-1, String::new(), AccountId(0));
    let Some(after) = after else { return Ok(first) };
    let place = |row: &mut Row| Ok((row.get(ACCOUNT_WIDTH + 3)?, row.get(ACCOUNT_WIDTH + 2)?, after));
    Ok(one(ask, &select("a.id = $2"), values![account, after], place).await?.unwrap_or(first))
}

/// One of them.
pub async fn find(ask: &mut dyn Ask, account: AccountId, other: AccountId) -> StoreResult<Option<RelationRecord>> {
    one(ask, &select("a.id = $2"), values![account, other], relation_of).await
}

/// Everybody whom the account has to do with, as either side sees it.
pub async fn known(ask: &mut dyn Ask, account: AccountId) -> StoreResult<Vec<AccountId>> {
    Ok(list(ask, account, Page::whole()).await?.into_iter().map(|relation| relation.account.id).collect())
}

/// How `other` stands to the account.
pub async fn between(ask: &mut dyn Ask, account: AccountId, other: AccountId) -> StoreResult<Option<RelationKind>> {
    match row(ask, account, other).await? {
        Some(kind) => Ok(Some(kind)),
        None => {
            let theirs = row(ask, other, account).await?;
            Ok((theirs == Some(RelationKind::Requested)).then_some(RelationKind::Requests))
        }
    }
}

pub async fn row(ask: &mut dyn Ask, account: AccountId, other: AccountId) -> StoreResult<Option<RelationKind>> {
    let sql = "SELECT kind FROM relations WHERE account = $1 AND other = $2";
    one(ask, sql, values![account, other], |row| row.named(0)).await
}

pub async fn request(
    tx: &mut dyn Tx,
    account: AccountId,
    other: AccountId,
    now: Time,
    warrant: &Warrant,
) -> StoreResult<RelationKind> {
    tx.hold(&warrant.grounds).await?;
    account_rows::by_id(tx, account).await?;
    account_rows::by_id(tx, other).await?;
    let theirs = row(tx, other, account).await?;
    let now_is = match (row(tx, account, other).await?, theirs) {
        (Some(RelationKind::Blocked), _) | (_, Some(RelationKind::Blocked)) => return Err(StoreError::Conflict),
        (Some(RelationKind::Friend), _) => return Err(StoreError::Taken("friendship")),
        (Some(_), _) => return Err(StoreError::Taken("request")),
        (None, Some(_)) => befriend(tx, account, other, now).await.map(|()| RelationKind::Friend)?,
        (None, None) => {
            put(tx, account, other, RelationKind::Requested, now).await?;
            RelationKind::Requested
        }
    };
    tell(tx, other, account).await?;
    tell(tx, account, other).await?;
    Ok(now_is)
}

pub async fn accept(
    tx: &mut dyn Tx,
    account: AccountId,
    other: AccountId,
    now: Time,
    warrant: &Warrant,
) -> StoreResult<()> {
    tx.hold(&warrant.grounds).await?;
    match row(tx, other, account).await? {
        Some(RelationKind::Requested) => befriend(tx, account, other, now).await?,
        _ => return Err(StoreError::NotFound),
    }
    tell(tx, other, account).await?;
    tell(tx, account, other).await
}

async fn befriend(tx: &mut dyn Tx, account: AccountId, other: AccountId, now: Time) -> StoreResult<()> {
    put(tx, account, other, RelationKind::Friend, now).await?;
    put(tx, other, account, RelationKind::Friend, now).await
}

/// Ends what is `wanted`, and nothing else. Who has asked is not told that the answer is no.
pub async fn end(
    tx: &mut dyn Tx,
    account: AccountId,
    other: AccountId,
    wanted: &[RelationKind],
    warrant: &Warrant,
) -> StoreResult<RelationKind> {
    tx.hold(&warrant.grounds).await?;
    let was = between(tx, account, other).await?.filter(|kind| wanted.contains(kind));
    let was = was.ok_or(StoreError::NotFound)?;
    part(tx, account, other).await?;
    tx.tell(Change::Related { account, other, relation: None });
    if was != RelationKind::Requests {
        tx.tell(Change::Related { account: other, other: account, relation: None });
    }
    Ok(was)
}

pub async fn set_block(
    tx: &mut dyn Tx,
    account: AccountId,
    other: AccountId,
    blocked: bool,
    now: Time,
    warrant: &Warrant,
) -> StoreResult<()> {
    tx.hold(&warrant.grounds).await?;
    match blocked {
        true => block(tx, account, other, now).await?,
        false => unblock(tx, account, other).await?,
    }
    let theirs = row(tx, other, account).await?;
    let shut = blocked || theirs == Some(RelationKind::Blocked);
    let direct = directs::find(tx, account, other).await?;
    tx.tell(Change::Shut { one: account, other, direct, shut });
    tell(tx, account, other).await
}

async fn block(tx: &mut dyn Tx, account: AccountId, other: AccountId, now: Time) -> StoreResult<()> {
    account_rows::by_id(tx, other).await?;
    let before = between(tx, account, other).await?;
    part(tx, account, other).await?;
    put(tx, account, other, RelationKind::Blocked, now).await?;
    let sql = "DELETE FROM mentions WHERE account = $1 AND EXISTS (SELECT 1 FROM entries e \
        WHERE e.conversation = mentions.conversation AND e.seq = mentions.seq AND e.author = $2)";
    tx.change(sql, values![account, other]).await?;
    if before.is_some_and(|before| before != RelationKind::Blocked) {
        tx.tell(Change::Related { account: other, other: account, relation: None });
    }
    Ok(())
}

async fn unblock(tx: &mut dyn Tx, account: AccountId, other: AccountId) -> StoreResult<()> {
    let sql = "DELETE FROM relations WHERE account = $1 AND other = $2 AND kind = 'blocked'";
    match tx.change(sql, values![account, other]).await? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Tells an account how another stands to it now.
async fn tell(tx: &mut dyn Tx, account: AccountId, other: AccountId) -> StoreResult<()> {
    let relation = find(tx, account, other).await?.map(Box::new);
    tx.tell(Change::Related { account, other, relation });
    Ok(())
}

/// Ends what is between two accounts, but for blocks.
async fn part(tx: &mut dyn Tx, one: AccountId, other: AccountId) -> StoreResult<()> {
    let sql = "DELETE FROM relations WHERE kind <> 'blocked' \
        AND ((account = $1 AND other = $2) OR (account = $2 AND other = $1))";
    tx.change(sql, values![one, other]).await.map(drop)
}

async fn put(tx: &mut dyn Tx, account: AccountId, other: AccountId, kind: RelationKind, now: Time) -> StoreResult<()> {
    let sql = "INSERT INTO relations AS r (account, other, kind, since) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (account, other) DO UPDATE SET kind = excluded.kind, since = excluded.since \
        WHERE r.kind <> excluded.kind";
    tx.change(sql, values![account, other, kind.name(), now]).await.map(drop)
}
