//! Accounts that end, and passwords that are set anew by a token.

use rusqlite::Connection;
use titan_core::{AccountId, ConversationId, Time};

use super::super::{AccountChange, AccountKey, AccountRecord, NewReset, StoreError, StoreResult, Verifier};
use super::accounts;
use super::row::{all, change, one};

/// What goes with an account, whoever it belonged to.
const GOES: [&str; 6] = [
    "DELETE FROM sessions WHERE account = ?1",
    "DELETE FROM relations WHERE account = ?1 OR other = ?1",
    "DELETE FROM sanctions WHERE account = ?1",
    "DELETE FROM resets WHERE account = ?1",
    "DELETE FROM mentions WHERE account = ?1",
    "DELETE FROM members WHERE account = ?1",
];

pub(super) fn delete(connection: &Connection, account: AccountId, now: Time) -> StoreResult<()> {
    accounts::find(connection, &AccountKey::Id(account))?.ok_or(StoreError::NotFound)?;
    let owned = "SELECT conversation FROM rooms WHERE owner = ?1";
    for room in all(connection, owned, [account.0], |row| Ok(ConversationId(row.get(0)?)))? {
        hand_over(connection, room, account)?;
    }
    for sql in GOES {
        change(connection, sql, [account.0])?;
    }
    // No username looks like this, so the name never stands in anybody's way.
    let sql = "UPDATE accounts SET username = '(deleted ' || id || ')', key = '(deleted ' || id || ')', folded = '', \
        full_name = NULL, email = NULL, blog_url = NULL, role = 'user', scheme = 'titan', salt = zeroblob(32), \
        hash = '', last_login = NULL, banned = NULL, deleted_at = ?2 WHERE id = ?1";
    change(connection, sql, (account.0, now.0)).map(drop)
}

/// A room goes to the one who has been its moderator, or member, for longest; or to nobody.
fn hand_over(connection: &Connection, room: ConversationId, from: AccountId) -> StoreResult<()> {
    let sql = "SELECT account FROM members WHERE conversation = ?1 AND account <> ?2 \
        ORDER BY role = 'moderator' DESC, joined_at, account LIMIT 1";
    let heir = one(connection, sql, (room.0, from.0), |row| Ok(row.get::<_, i64>(0)?))?;
    change(connection, "UPDATE rooms SET owner = ?2 WHERE conversation = ?1", (room.0, heir))?;
    let sql = "UPDATE members SET role = 'owner' WHERE conversation = ?1 AND account = ?2";
    change(connection, sql, (room.0, heir)).map(drop)
}

pub(super) fn open_reset(connection: &Connection, new: &NewReset) -> StoreResult<()> {
    accounts::find(connection, &AccountKey::Id(new.account))?.ok_or(StoreError::NotFound)?;
    let sweep = "DELETE FROM resets WHERE account = ?1 AND expires_at <= ?2";
    change(connection, sweep, (new.account.0, new.now.0))?;
    let sql = "INSERT INTO resets (token_hash, account, expires_at) VALUES (?1, ?2, ?3)";
    change(connection, sql, (new.token_hash, new.account.0, new.expires_at.0)).map(drop)
}

pub(super) fn reset(connection: &Connection, token_hash: &[u8; 32], now: Time) -> StoreResult<Option<AccountRecord>> {
    let sql = "SELECT account FROM resets WHERE token_hash = ?1 AND expires_at > ?2";
    match one(connection, sql, (token_hash, now.0), |row| Ok(AccountId(row.get(0)?)))? {
        Some(account) => accounts::find(connection, &AccountKey::Id(account)),
        None => Ok(None),
    }
}

pub(super) fn use_reset(
    connection: &Connection,
    token_hash: &[u8; 32],
    verifier: &Verifier,
    now: Time,
) -> StoreResult<AccountRecord> {
    let account = reset(connection, token_hash, now)?.ok_or(StoreError::NotFound)?.id;
    change(connection, "DELETE FROM resets WHERE account = ?1", [account.0])?;
    change(connection, "DELETE FROM sessions WHERE account = ?1", [account.0])?;
    let set = AccountChange { verifier: Some(verifier.clone()), ..AccountChange::default() };
    accounts::alter(connection, account, &set)
}
