//! Mail addresses that wait to be confirmed, and passwords that are kept otherwise than they would be today.

use titan_core::{AccountId, ConversationId, Time};

use super::super::names::Named;
use super::super::tx::{Ask, Tx, all, one, values};
use super::super::{
    AccountChange, AccountKey, AccountRecord, Change, MailChange, StoreError, StoreResult, Verifier, Warrant,
};
use super::account_rows;

/// Whatever leads into an account and was issued for what it was: the links to a new password.
pub async fn forget_resets(tx: &mut dyn Tx, account: AccountId) -> StoreResult<()> {
    tx.change("DELETE FROM resets WHERE account = $1", values![account]).await.map(drop)
}

/// An address waits to be confirmed, in the place of one that did before.
pub async fn ask_mail(tx: &mut dyn Tx, account: AccountId, new: &MailChange) -> StoreResult<()> {
    forget_mail(tx, account).await?;
    let sql = "INSERT INTO mail_changes (account, email, token_hash, expires_at) VALUES ($1, $2, $3, $4)";
    tx.change(sql, values![account, &new.email, &new.token_hash, new.expires_at]).await.map(drop)
}

/// No address waits any more.
pub async fn forget_mail(tx: &mut dyn Tx, account: AccountId) -> StoreResult<()> {
    tx.change("DELETE FROM mail_changes WHERE account = $1", values![account]).await.map(drop)
}

pub async fn pending_mail(ask: &mut dyn Ask, account: AccountId, now: Time) -> StoreResult<Option<String>> {
    let sql = "SELECT email FROM mail_changes WHERE account = $1 AND expires_at > $2";
    one(ask, sql, values![account, now], |row| row.get(0)).await
}

pub async fn mail_change(
    ask: &mut dyn Ask,
    token_hash: &[u8; 32],
    now: Time,
) -> StoreResult<Option<(AccountRecord, String)>> {
    let sql = "SELECT account, email FROM mail_changes WHERE token_hash = $1 AND expires_at > $2";
    let found: Option<(AccountId, String)> =
        one(ask, sql, values![token_hash, now], |row| Ok((row.get(0)?, row.get(1)?))).await?;
    let Some((account, email)) = found else { return Ok(None) };
    let account = account_rows::find(ask, &AccountKey::Id(account)).await?;
    Ok(account.filter(|account| account.banned.is_none()).map(|account| (account, email)))
}

/// The address that waited is the account's from now on.
pub async fn confirm_mail(
    tx: &mut dyn Tx,
    token_hash: &[u8; 32],
    now: Time,
    warrant: &Warrant,
) -> StoreResult<AccountRecord> {
    tx.hold(&warrant.grounds).await?;
    let (account, email) = mail_change(tx, token_hash, now).await?.ok_or(StoreError::NotFound)?;
    forget_mail(tx, account.id).await?;
    forget_resets(tx, account.id).await?;
    let set = AccountChange { email: Some(Some(email)), ..AccountChange::default() };
    let record = account_rows::alter(tx, account.id, &set).await?;
    tx.tell(Change::AccountChanged { account: Box::new(record.clone()), by: None });
    super::note(tx, warrant).await?;
    Ok(record)
}

/// What a text is like that says how a hash of ours was made, and with which pepper.
const PEPPERED: &str = "%$argon2id$v=19$m=%,pepper=%";

/// The next accounts of which not all is known about how their hash was made, or whose hash was made weakly.
pub async fn weak_passwords(
    ask: &mut dyn Ask,
    after: AccountId,
    limit: u32,
) -> StoreResult<Vec<(AccountId, Verifier)>> {
    let sql = "SELECT id, scheme, salt, hash FROM accounts WHERE id > $1 AND scheme <> 'bcrypt' AND hash <> '' \
        AND hash NOT LIKE $2 ORDER BY id LIMIT $3";
    all(ask, sql, values![after, PEPPERED, limit], |row| {
        Ok((row.get(0)?, Verifier { scheme: row.named(1)?, salt: row.get(2)?, hash: row.get(3)? }))
    })
    .await
}

/// The same of rooms.
pub async fn weak_rooms(
    ask: &mut dyn Ask,
    after: ConversationId,
    limit: u32,
) -> StoreResult<Vec<(ConversationId, String)>> {
    let sql = "SELECT conversation, password_hash FROM rooms WHERE conversation > $1 AND password_hash IS NOT NULL \
        AND password_hash NOT LIKE 'bcrypt:%' AND password_hash NOT LIKE $2 ORDER BY conversation LIMIT $3";
    all(ask, sql, values![after, PEPPERED, limit], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// Keeps the same password of an account otherwise, unless it has become another.
pub async fn rekeep_account(tx: &mut dyn Tx, account: AccountId, before: &Verifier, now: &Verifier) -> StoreResult<()> {
    let sql = "UPDATE accounts SET scheme = $4, salt = $5, hash = $6 WHERE id = $1 AND scheme = $2 AND hash = $3";
    let (was, is) = (before.scheme.name(), now.scheme.name());
    tx.change(sql, values![account, was, &before.hash, is, &now.salt, &now.hash]).await.map(drop)
}

/// Keeps the same password of a room otherwise, unless it has become another.
pub async fn rekeep_room(tx: &mut dyn Tx, room: ConversationId, before: &str, now: &str) -> StoreResult<()> {
    let sql = "UPDATE rooms SET password_hash = $3 WHERE conversation = $1 AND password_hash = $2";
    tx.change(sql, values![room, before, now]).await.map(drop)
}

/// How many passwords rest on a pepper; on any, where none is named.
pub async fn peppered(ask: &mut dyn Ask, pepper: Option<&str>) -> StoreResult<u64> {
    let like = match pepper {
        Some(id) => format!("{PEPPERED}{id}$%"),
        None => format!("{PEPPERED}$%"),
    };
    let sql = "SELECT (SELECT count(*) FROM accounts WHERE hash LIKE $1) \
        + (SELECT count(*) FROM rooms WHERE password_hash LIKE $1) \
        + (SELECT count(*) FROM factors WHERE CAST($2 AS TEXT) IS NULL OR pepper = $2)";
    Ok(one(ask, sql, values![like, pepper], |row| row.get::<i64>(0)).await?.unwrap_or_default().unsigned_abs())
}
