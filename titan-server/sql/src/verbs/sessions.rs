//! Sessions: opened, found, ended.

use titan_core::protocol::Role;
use titan_core::{AccountId, AppPasswordId, SessionId, Time};

use super::super::tx::{Ask, Row, Tx, Values, all, any, insert, one, values};
use super::super::{
    AccountChange, AccountRecord, Change, Deed, NewSession, SessionKey, SessionRecord, Sessions, StoreResult,
    UsedAppPassword, Warrant, Why,
};
use super::account_rows::{self, ACCOUNT, account_of};
use super::marks::{AT_ONCE, marks, padded};

/// How old a session's `last_seen` may grow: being seen all the time must not mean writing all the time.
const SEEN_EVERY: i64 = 60_000;

/// The columns that [`session_of`] reads, of [`SESSIONS`].
const SESSION: &str = "s.id, s.account, s.door, s.address, s.created_at, s.last_seen, s.expires_at, s.client, \
    s.app_password, p.name, p.administers";
/// How many columns that is.
const SESSION_WIDTH: usize = 11;
/// Sessions, each with the app password that opened it.
const SESSIONS: &str = "sessions s LEFT JOIN app_passwords p ON p.id = s.app_password";

fn session_of(row: &mut Row) -> StoreResult<SessionRecord> {
    Ok(SessionRecord {
        id: row.get(0)?,
        account: row.get(1)?,
        door: row.get(2)?,
        address: row.get(3)?,
        created_at: row.get(4)?,
        last_seen: row.get(5)?,
        expires_at: row.get(6)?,
        client: row.get(7)?,
        app_password: app_password_of(row, 8)?,
    })
}

/// One that is gone took its sessions with it.
fn app_password_of(row: &mut Row, first: usize) -> StoreResult<Option<UsedAppPassword>> {
    let Some(id) = row.get(first)? else { return Ok(None) };
    let (name, administers) = (row.get::<Option<_>>(first + 1)?, row.get::<Option<_>>(first + 2)?);
    Ok(Some(UsedAppPassword { id, name: name.unwrap_or_default(), administers: administers.unwrap_or_default() }))
}

/// Opens a session, sweeps away those of the account that have expired, and notes the login.
pub async fn open(tx: &mut dyn Tx, new: &NewSession, warrant: &Warrant) -> StoreResult<(SessionId, AccountRecord)> {
    tx.hold(&warrant.grounds).await?;
    let expired = "account = $1 AND expires_at <= $2";
    sweep(tx, expired, values![new.account, new.now], Why::Expired).await?;
    let login = AccountChange { last_login: Some(new.now), ..AccountChange::default() };
    let record = account_rows::alter(tx, new.account, &login).await?;
    let sql = "INSERT INTO sessions (account, token_hash, door, address, created_at, last_seen, expires_at, client, \
        app_password) VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8) RETURNING id";
    let (account, door, address, expires_at) = (new.account, &new.door, &new.address, new.expires_at);
    let by = new.app_password.as_ref().map(|by| by.id);
    let values = values![account, &new.token_hash, door, address, new.now, expires_at, &new.client, by];
    let id = insert(tx, sql, values).await?;
    if by.is_some() {
        let used = "UPDATE app_passwords SET last_used = $2, last_door = $3 WHERE id = $1";
        tx.change(used, values![by, new.now, door]).await?;
    }
    tx.tell(Change::SessionOpened { account, session: SessionId(id), expires_at });
    end_many(tx, new, SessionId(id)).await?;
    super::note(tx, warrant).await?;
    Ok((SessionId(id), record))
}

/// Ends those beyond the most that the account may have: the ones that were not in use for longest.
async fn end_many(tx: &mut dyn Tx, new: &NewSession, opened: SessionId) -> StoreResult<()> {
    let Some(most) = new.most else { return Ok(()) };
    let sql = "SELECT id FROM sessions WHERE account = $1 ORDER BY last_seen, id";
    let all: Vec<SessionId> = all(tx, sql, values![new.account], |row| row.get(0)).await?;
    let many = all.len().saturating_sub(most as usize);
    let idle = all.into_iter().filter(|session| *session != opened && !new.in_use.contains(session));
    for session in idle.take(many) {
        end(tx, new.account, Sessions::One(session), Why::TooMany).await?;
    }
    Ok(())
}

pub async fn find(
    ask: &mut dyn Ask,
    by: &SessionKey,
    now: Time,
) -> StoreResult<Option<(SessionRecord, AccountRecord)>> {
    let select = |column: &str| {
        format!(
            "SELECT {SESSION}, {ACCOUNT} FROM {SESSIONS} JOIN accounts a ON a.id = s.account \
             WHERE s.{column} = $1 AND s.expires_at > $2"
        )
    };
    let (sql, value) = match by {
        SessionKey::Token(hash) => (select("token_hash"), hash.into()),
        SessionKey::Id(id) => (select("id"), (*id).into()),
    };
    one(ask, &sql, &[value, now.into()], |row| Ok((session_of(row)?, account_of(row, SESSION_WIDTH)?))).await
}

pub async fn list(ask: &mut dyn Ask, account: AccountId, now: Time) -> StoreResult<Vec<SessionRecord>> {
    let sql = format!("SELECT {SESSION} FROM {SESSIONS} WHERE s.account = $1 AND s.expires_at > $2 ORDER BY s.id");
    all(ask, &sql, values![account, now], session_of).await
}

pub async fn stands(ask: &mut dyn Ask, session: SessionId, now: Time) -> StoreResult<bool> {
    let sql = "SELECT 1 FROM sessions WHERE id = $1 AND expires_at > $2";
    any(ask, sql, values![session, now]).await
}

/// Whether there is nothing to write: the session was seen within the last minute, or is gone.
pub async fn seen_lately(ask: &mut dyn Ask, session: SessionId, now: Time) -> StoreResult<bool> {
    let seen: Option<i64> =
        one(ask, "SELECT last_seen FROM sessions WHERE id = $1", values![session], |row| row.get(0)).await?;
    Ok(seen.is_none_or(|seen| now.0 - seen < SEEN_EVERY))
}

pub async fn touch(tx: &mut dyn Tx, session: SessionId, now: Time) -> StoreResult<()> {
    tx.change("UPDATE sessions SET last_seen = $2 WHERE id = $1", values![session, now]).await.map(drop)
}

/// Notes that all of these are in use.
pub async fn touch_all(tx: &mut dyn Tx, sessions: &[SessionId], now: Time) -> StoreResult<()> {
    let sql = format!("UPDATE sessions SET last_seen = ${} WHERE id IN ({})", AT_ONCE + 1, marks());
    for mut values in padded(sessions) {
        values.push(now.into());
        tx.change(&sql, &values).await?;
    }
    Ok(())
}

/// Ends sessions, as the whole of what is to be done.
pub async fn revoke(
    tx: &mut dyn Tx,
    account: AccountId,
    which: Sessions,
    why: Why,
    warrant: &Warrant,
) -> StoreResult<Vec<SessionId>> {
    tx.hold(&warrant.grounds).await?;
    let ended = end(tx, account, which, why).await?;
    super::note(tx, warrant).await?;
    Ok(ended)
}

/// Ends sessions, as a part of something else.
pub async fn end(tx: &mut dyn Tx, account: AccountId, which: Sessions, why: Why) -> StoreResult<Vec<SessionId>> {
    let (condition, id) = match which {
        Sessions::One(one) => ("id = $2", Some(one)),
        Sessions::AllBut(keep) => ("id IS DISTINCT FROM $2", keep),
    };
    let sql = format!("DELETE FROM sessions WHERE account = $1 AND {condition} RETURNING id");
    let mut rows = tx.change_returning(&sql, values![account, id]).await?;
    tx.tell(Change::SessionsEnded { account, which, why });
    rows.iter_mut().map(|row| row.get(0)).collect()
}

pub async fn any_expired(ask: &mut dyn Ask, now: Time) -> StoreResult<bool> {
    any(ask, "SELECT 1 FROM sessions WHERE expires_at <= $1 LIMIT 1", values![now]).await
}

pub async fn purge(tx: &mut dyn Tx, now: Time) -> StoreResult<u64> {
    sweep(tx, "expires_at <= $1", values![now], Why::Expired).await
}

/// Sessions of accounts of a role ($1) that were opened by the one time ($2), or not used since the other ($3).
const IDLE: &str = "account IN (SELECT id FROM accounts WHERE role = $1) AND (created_at <= $2 OR last_seen <= $3)";

pub async fn any_idle(ask: &mut dyn Ask, role: Role, opened_before: Time, used_before: Time) -> StoreResult<bool> {
    let sql = format!("SELECT 1 FROM sessions WHERE {IDLE} LIMIT 1");
    any(ask, &sql, values![role.name(), opened_before, used_before]).await
}

pub async fn end_idle(tx: &mut dyn Tx, role: Role, opened_before: Time, used_before: Time) -> StoreResult<u64> {
    sweep(tx, IDLE, values![role.name(), opened_before, used_before], Why::Expired).await
}

/// Ends those that an app password opened.
pub async fn end_of_app_password(tx: &mut dyn Tx, app_password: AppPasswordId) -> StoreResult<u64> {
    sweep(tx, "app_password = $1", values![app_password], Why::AppPasswordRemoved).await
}

pub async fn any_of_door(ask: &mut dyn Ask, door: &str) -> StoreResult<bool> {
    any(ask, "SELECT 1 FROM sessions WHERE door = $1 LIMIT 1", values![door]).await
}

pub async fn sweep_door(tx: &mut dyn Tx, door: &str) -> StoreResult<u64> {
    sweep(tx, "door = $1", values![door], Why::LoggedOut).await
}

/// Ends whichever this is true of. Whoever still listens by one of them is told, and of those that nobody ended the server's log tells.
async fn sweep(tx: &mut dyn Tx, which: &str, values: Values<'_>, why: Why) -> StoreResult<u64> {
    let whose = "SELECT username FROM accounts WHERE accounts.id = sessions.account";
    let sql = format!("DELETE FROM sessions WHERE {which} RETURNING account, id, ({whose})");
    let mut rows = tx.change_returning(&sql, values).await?;
    for row in &mut rows {
        let (account, session) = (row.get(0)?, row.get(1)?);
        tx.tell(Change::SessionsEnded { account, which: Sessions::One(session), why });
        if why == Why::Expired {
            let deed = Deed::of_house("session_expired").of(row.get::<String>(2)?);
            tx.tell(Change::Done(Box::new(deed)));
        }
    }
    Ok(rows.len() as u64)
}
