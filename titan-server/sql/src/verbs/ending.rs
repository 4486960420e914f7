//! Accounts that end, and passwords that are set anew by a token.

use titan_core::protocol::Body;
use titan_core::{AccountId, GENERAL, SafeText, Time};

use super::super::tx::{Ask, NewEntry, Tx, all, one, values};
use super::super::{
    AccountChange, AccountKey, AccountRecord, Change, EndedPlace, Ender, NewReset, Password, Sessions, StoreError,
    StoreResult, Verifier, Warrant, Why,
};
use super::{account_rows, credentials, erasing, factors, memberships, owners, relations, sessions};

/// What goes with an account, whoever it belonged to.
const GOES: [&str; 10] = [
    "DELETE FROM relations WHERE account = $1 OR other = $1",
    "DELETE FROM sanctions WHERE account = $1",
    "DELETE FROM resets WHERE account = $1",
    "DELETE FROM mail_changes WHERE account = $1",
    "DELETE FROM factors WHERE account = $1",
    "DELETE FROM recovery_codes WHERE account = $1",
    "DELETE FROM app_passwords WHERE account = $1",
    "DELETE FROM former_names WHERE account = $1",
    "DELETE FROM mentions WHERE account = $1",
    "DELETE FROM members WHERE account = $1",
];

/// Rooms are left first, so that their logs tell; then everything goes but what the account wrote.
pub async fn delete(
    tx: &mut dyn Tx,
    account: AccountId,
    ender: Ender,
    now: Time,
    warrant: &Warrant,
) -> StoreResult<()> {
    tx.hold(&warrant.grounds).await?;
    let record = account_rows::by_id(tx, account).await?;
    let places = memberships::places(tx, account).await?;
    let mut known = relations::known(tx, account).await?;
    known.extend(places.iter().filter_map(|place| place.other));
    known.retain(|other| *other != account);
    known.sort_unstable();
    known.dedup();
    for room in places.iter().filter(|place| place.other.is_none() && place.conversation != GENERAL) {
        let (author, body) = (record.author(), Body::left(None));
        let left = NewEntry { conversation: room.conversation, author, at: now, client_id: None, body };
        tx.record(left).await?;
    }
    owners::hand_over_all(tx, account).await?;
    tx.change("UPDATE rooms SET owner = NULL WHERE owner = $1", values![account]).await?;
    for sql in GOES {
        tx.change(sql, values![account]).await?;
    }
    sessions::end(tx, account, Sessions::AllBut(None), Why::Gone(ender)).await?;
    forget(tx, account, now).await?;
    let places = places.iter().map(|place| EndedPlace { conversation: place.conversation, other: place.other });
    let username = SafeText::from(record.username.as_str());
    tx.tell(Change::AccountEnded { account, username, places: places.collect(), known });
    super::note(tx, warrant).await
}

/// The row stays without a name, so that what was written keeps its author; its name there goes later, in steps.
async fn forget(tx: &mut dyn Tx, account: AccountId, now: Time) -> StoreResult<()> {
    // No username looks like this, so the name never stands in anybody's way.
    let sql = "UPDATE accounts SET username = '(deleted ' || id || ')', key = '(deleted ' || id || ')', folded = '', \
        full_name = NULL, email = NULL, blog_url = NULL, role = 'user', scheme = 'titan', salt = $3, \
        hash = '', last_login = NULL, banned = NULL, made_up_until = NULL, deleted_at = $2, \
        named_below = (SELECT coalesce(max(id), 0) + 1 FROM entries) WHERE id = $1";
    tx.change(sql, values![account, now, &[0u8; 32]]).await?;
    erasing::tell(tx, Vec::new());
    Ok(())
}

/// Those that ended at that time or later, and when, the oldest first.
pub async fn list(ask: &mut dyn Ask, since: Time, limit: u32) -> StoreResult<Vec<(AccountId, Time)>> {
    let sql = "SELECT id, deleted_at FROM accounts WHERE deleted_at >= $1 ORDER BY deleted_at, id LIMIT $2";
    all(ask, sql, values![since, limit], |row| Ok((row.get(0)?, row.get(1)?))).await
}

pub async fn open_reset(tx: &mut dyn Tx, new: &NewReset, warrant: &Warrant) -> StoreResult<()> {
    tx.hold(&warrant.grounds).await?;
    account_rows::by_id(tx, new.account).await?;
    let sweep = "DELETE FROM resets WHERE account = $1 AND expires_at <= $2";
    tx.change(sweep, values![new.account, new.now]).await?;
    let sql = "INSERT INTO resets (token_hash, account, expires_at) VALUES ($1, $2, $3)";
    tx.change(sql, values![&new.token_hash, new.account, new.expires_at]).await?;
    super::note(tx, warrant).await
}

pub async fn reset(ask: &mut dyn Ask, token_hash: &[u8; 32], now: Time) -> StoreResult<Option<AccountRecord>> {
    let sql = "SELECT account FROM resets WHERE token_hash = $1 AND expires_at > $2";
    match one(ask, sql, values![token_hash, now], |row| row.get(0)).await? {
        Some(account) => account_rows::find(ask, &AccountKey::Id(account)).await,
        None => Ok(None),
    }
}

/// Of several at once one succeeds: it takes the token, sets the password and ends all sessions.
pub async fn use_reset(
    tx: &mut dyn Tx,
    token_hash: &[u8; 32],
    verifier: &Verifier,
    now: Time,
    warrant: &Warrant,
) -> StoreResult<AccountRecord> {
    tx.hold(&warrant.grounds).await?;
    let account = reset(tx, token_hash, now).await?.ok_or(StoreError::NotFound)?.id;
    credentials::forget_resets(tx, account).await?;
    factors::forget_app_passwords(tx, account).await?;
    let set = AccountChange { password: Some(Password::of(verifier.clone())), ..AccountChange::default() };
    let record = account_rows::alter(tx, account, &set).await?;
    sessions::end(tx, account, Sessions::AllBut(None), Why::PasswordReset).await?;
    super::note(tx, warrant).await?;
    Ok(record)
}
