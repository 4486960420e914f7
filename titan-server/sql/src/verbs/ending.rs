//! Accounts that end, and passwords that are set anew by a token.

use titan_core::protocol::Body;
use titan_core::{AccountId, ConversationId, GENERAL, SafeText, Time};

use super::super::tx::{Ask, NewEntry, Tx, all, one, values};
use super::super::{
    AccountChange, AccountKey, AccountRecord, Change, EndedPlace, Ender, NewReset, Password, Sessions, StoreError,
    StoreResult, Verifier, Warrant, Why,
};
use super::{account_rows, credentials, memberships, relations, sessions};

/// What goes with an account, whoever it belonged to.
const GOES: [&str; 7] = [
    "DELETE FROM relations WHERE account = $1 OR other = $1",
    "DELETE FROM sanctions WHERE account = $1",
    "DELETE FROM resets WHERE account = $1",
    "DELETE FROM mail_changes WHERE account = $1",
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
    hand_over_rooms(tx, account).await?;
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

/// The row stays without a name, so that what was written keeps its author.
async fn forget(tx: &mut dyn Tx, account: AccountId, now: Time) -> StoreResult<()> {
    // No username looks like this, so the name never stands in anybody's way.
    let sql = "UPDATE accounts SET username = '(deleted ' || id || ')', key = '(deleted ' || id || ')', folded = '', \
        full_name = NULL, email = NULL, blog_url = NULL, role = 'user', scheme = 'titan', salt = $3, \
        hash = '', last_login = NULL, banned = NULL, made_up_until = NULL, deleted_at = $2 WHERE id = $1";
    tx.change(sql, values![account, now, &[0u8; 32]]).await.map(drop)
}

async fn hand_over_rooms(tx: &mut dyn Tx, from: AccountId) -> StoreResult<()> {
    let owned = "SELECT conversation FROM rooms WHERE owner = $1 AND key IS NOT NULL ORDER BY conversation";
    for room in all(tx, owned, values![from], |row| row.get(0)).await? {
        hand_over(tx, room, from).await?;
    }
    tx.change("UPDATE rooms SET owner = NULL WHERE owner = $1", values![from]).await.map(drop)
}

/// A room goes to the one who has been its moderator, or member, for longest; or to nobody.
async fn hand_over(tx: &mut dyn Tx, room: ConversationId, from: AccountId) -> StoreResult<()> {
    let sql = "SELECT account FROM members WHERE conversation = $1 AND account <> $2 \
        ORDER BY role = 'moderator' DESC, joined_at, account LIMIT 1";
    let heir: Option<AccountId> = one(tx, sql, values![room, from], |row| row.get(0)).await?;
    tx.change("UPDATE rooms SET owner = $2 WHERE conversation = $1", values![room, heir]).await?;
    let Some(heir) = heir else { return Ok(()) };
    let sql = "UPDATE members SET role = 'owner' WHERE conversation = $1 AND account = $2";
    tx.change(sql, values![room, heir]).await?;
    memberships::tell_member(tx, room, heir).await
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
    let set = AccountChange { password: Some(Password::of(verifier.clone())), ..AccountChange::default() };
    let record = account_rows::alter(tx, account, &set).await?;
    sessions::end(tx, account, Sessions::AllBut(None), Why::PasswordReset).await?;
    super::note(tx, warrant).await?;
    Ok(record)
}
