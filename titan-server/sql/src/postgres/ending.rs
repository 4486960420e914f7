//! Accounts that end, and passwords that are set anew by a token.

use titan_core::{AccountId, Time};

use super::super::{AccountChange, AccountKey, AccountRecord, NewReset, StoreError, StoreResult, Verifier};
use super::accounts;
use super::row::{Ask, all, one};
use super::writer::Batch;

/// What goes with an account, whoever it belonged to.
const GOES: [&str; 6] = [
    "DELETE FROM sessions WHERE account = $1",
    "DELETE FROM relations WHERE account = $1 OR other = $1",
    "DELETE FROM sanctions WHERE account = $1",
    "DELETE FROM resets WHERE account = $1",
    "DELETE FROM mentions WHERE account = $1",
    "DELETE FROM members WHERE account = $1",
];

pub(super) async fn delete(batch: &mut Batch<'_>, account: AccountId, now: Time) -> StoreResult<()> {
    accounts::by_id(batch, account).await?;
    let owned = "SELECT conversation FROM rooms WHERE owner = $1";
    for room in all(batch, owned, &[&account.0], |row| Ok(row.try_get::<_, i64>(0)?)).await? {
        hand_over(batch, room, account).await?;
    }
    for sql in GOES {
        batch.change(sql, &[&account.0]).await?;
    }
    // No username looks like this, so the name never stands in anybody's way.
    let sql = "UPDATE accounts SET username = '(deleted ' || id || ')', key = '(deleted ' || id || ')', folded = '', \
        full_name = NULL, email = NULL, blog_url = NULL, role = 'user', scheme = 'titan', \
        salt = decode(repeat('00', 32), 'hex'), hash = '', last_login = NULL, banned = NULL, deleted_at = $2 WHERE id = $1";
    batch.change(sql, &[&account.0, &now.0]).await.map(drop)
}

/// A room goes to the one who has been its moderator, or member, for longest; or to nobody.
async fn hand_over(batch: &mut Batch<'_>, room: i64, from: AccountId) -> StoreResult<()> {
    let sql = "SELECT account FROM members WHERE conversation = $1 AND account <> $2 \
        ORDER BY role = 'moderator' DESC, joined_at, account LIMIT 1";
    let heir = one(batch, sql, &[&room, &from.0], |row| Ok(row.try_get::<_, i64>(0)?)).await?;
    batch.change("UPDATE rooms SET owner = $2 WHERE conversation = $1", &[&room, &heir]).await?;
    let sql = "UPDATE members SET role = 'owner' WHERE conversation = $1 AND account = $2";
    batch.change(sql, &[&room, &heir]).await.map(drop)
}

pub(super) async fn open_reset(batch: &mut Batch<'_>, new: &NewReset) -> StoreResult<()> {
    accounts::by_id(batch, new.account).await?;
    let sweep = "DELETE FROM resets WHERE account = $1 AND expires_at <= $2";
    batch.change(sweep, &[&new.account.0, &new.now.0]).await?;
    let sql = "INSERT INTO resets (token_hash, account, expires_at) VALUES ($1, $2, $3)";
    batch.change(sql, &[&new.token_hash.as_slice(), &new.account.0, &new.expires_at.0]).await.map(drop)
}

pub(super) async fn reset(ask: &impl Ask, token_hash: &[u8; 32], now: Time) -> StoreResult<Option<AccountRecord>> {
    let sql = "SELECT account FROM resets WHERE token_hash = $1 AND expires_at > $2";
    let account = |row: &tokio_postgres::Row| Ok(AccountId(row.try_get(0)?));
    match one(ask, sql, &[&token_hash.as_slice(), &now.0], account).await? {
        Some(account) => accounts::find(ask, &AccountKey::Id(account)).await,
        None => Ok(None),
    }
}

pub(super) async fn use_reset(
    batch: &mut Batch<'_>,
    token_hash: &[u8; 32],
    verifier: &Verifier,
    now: Time,
) -> StoreResult<AccountRecord> {
    let account = reset(batch, token_hash, now).await?.ok_or(StoreError::NotFound)?.id;
    batch.change("DELETE FROM resets WHERE account = $1", &[&account.0]).await?;
    batch.change("DELETE FROM sessions WHERE account = $1", &[&account.0]).await?;
    let set = AccountChange { verifier: Some(verifier.clone()), ..AccountChange::default() };
    accounts::alter(batch, account, &set).await
}
