//! Sessions: opened, found, ended.

use titan_core::{AccountId, SessionId, Time};

use super::super::tx::{Ask, Row, Tx, Values, all, any, insert, one, values};
use super::super::{
    AccountChange, AccountRecord, Change, NewSession, SessionKey, SessionRecord, Sessions, StoreResult, Warrant, Why,
};
use super::account_rows::{self, ACCOUNT, account_of};

/// How old a session's `last_seen` may grow: being seen all the time must not mean writing all the time.
const SEEN_EVERY: i64 = 60_000;

/// The columns that [`session_of`] reads, of the table under the name `s`.
const SESSION: &str = "s.id, s.account, s.door, s.address, s.created_at, s.last_seen, s.expires_at";
/// How many columns that is.
const SESSION_WIDTH: usize = 7;

fn session_of(row: &mut Row) -> StoreResult<SessionRecord> {
    Ok(SessionRecord {
        id: row.get(0)?,
        account: row.get(1)?,
        door: row.get(2)?,
        address: row.get(3)?,
        created_at: row.get(4)?,
        last_seen: row.get(5)?,
        expires_at: row.get(6)?,
    })
}

/// Opens a session, sweeps away those of the account that have expired, and notes the login.
pub async fn open(tx: &mut dyn Tx, new: &NewSession, warrant: &Warrant) -> StoreResult<(SessionId, AccountRecord)> {
    tx.hold(&warrant.grounds).await?;
    let expired = "DELETE FROM sessions WHERE account = $1 AND expires_at <= $2 RETURNING account, id";
    sweep(tx, expired, values![new.account, new.now], Why::Expired).await?;
    let login = AccountChange { last_login: Some(new.now), ..AccountChange::default() };
    let record = account_rows::alter(tx, new.account, &login).await?;
    let sql = "INSERT INTO sessions (account, token_hash, door, address, created_at, last_seen, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $5, $6) RETURNING id";
    let (door, address) = (&new.door, &new.address);
    let id = insert(tx, sql, values![new.account, &new.token_hash, door, address, new.now, new.expires_at]).await?;
    let (account, expires_at) = (new.account, new.expires_at);
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
            "SELECT {SESSION}, {ACCOUNT} FROM sessions s JOIN accounts a ON a.id = s.account \
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
    let sql = format!("SELECT {SESSION} FROM sessions s WHERE s.account = $1 AND s.expires_at > $2 ORDER BY s.id");
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
    sweep(tx, "DELETE FROM sessions WHERE expires_at <= $1 RETURNING account, id", values![now], Why::Expired).await
}

pub async fn any_of_door(ask: &mut dyn Ask, door: &str) -> StoreResult<bool> {
    any(ask, "SELECT 1 FROM sessions WHERE door = $1 LIMIT 1", values![door]).await
}

pub async fn sweep_door(tx: &mut dyn Tx, door: &str) -> StoreResult<u64> {
    sweep(tx, "DELETE FROM sessions WHERE door = $1 RETURNING account, id", values![door], Why::LoggedOut).await
}

/// Whoever still listens by one of those is told that it has ended.
async fn sweep(tx: &mut dyn Tx, delete: &str, values: Values<'_>, why: Why) -> StoreResult<u64> {
    let mut rows = tx.change_returning(delete, values).await?;
    for row in &mut rows {
        let (account, session) = (row.get(0)?, row.get(1)?);
        tx.tell(Change::SessionsEnded { account, which: Sessions::One(session), why });
    }
    Ok(rows.len() as u64)
}
