//! Accounts, sessions, bans, the audit log.

use async_trait::async_trait;
use rusqlite::{Connection, Row};
use titan_core::protocol::{Author, Role};
use titan_core::{AccountId, ConversationId, SessionId, Time, TitanNumber};

use super::super::{
    AccountChange, AccountKey, AccountRecord, Accounts, AuditRecord, NewAccount, NewReset, NewSession, Scheme,
    SessionKey, SessionRecord, StoreError, StoreResult, Verifier,
};
use super::row::{all, any, change, impossible, one};
use super::writer::Batch;
use super::{SqliteStore, ending};

/// The room that everybody is in, made by the first migration.
const GENERAL: ConversationId = ConversationId(1);

/// How old a session's `last_seen` may grow: being seen all the time must not mean writing all the time.
const SEEN_EVERY: i64 = 60_000;

#[async_trait]
impl Accounts for SqliteStore {
    async fn create_account(&self, new: NewAccount) -> StoreResult<AccountRecord> {
        self.write(move |batch| create(batch, &new)).await
    }

    async fn account(&self, by: AccountKey) -> StoreResult<Option<AccountRecord>> {
        self.read(move |connection| find(connection, &by)).await
    }

    async fn accounts_among(&self, ids: Vec<AccountId>) -> StoreResult<Vec<AccountRecord>> {
        self.read(move |connection| {
            let found = ids.into_iter().map(|id| find(connection, &AccountKey::Id(id)));
            found.filter_map(Result::transpose).collect()
        })
        .await
    }

    async fn accounts(&self, prefix: Option<String>, limit: Option<u32>) -> StoreResult<Vec<AccountRecord>> {
        self.read(move |connection| list(connection, prefix.as_deref().unwrap_or_default(), limit)).await
    }

    async fn change_account(&self, account: AccountId, change: AccountChange) -> StoreResult<AccountRecord> {
        self.write(move |batch| alter(batch.connection, account, &change)).await
    }

    async fn delete_account(&self, account: AccountId, now: Time) -> StoreResult<()> {
        self.write(move |batch| ending::delete(batch.connection, account, now)).await
    }

    async fn address_ban(&self, address: String) -> StoreResult<Option<String>> {
        self.read(move |connection| {
            one(connection, "SELECT reason FROM address_bans WHERE address = ?1", [&address], |row| Ok(row.get(0)?))
        })
        .await
    }

    async fn address_bans(&self) -> StoreResult<Vec<(String, String)>> {
        self.read(|connection| {
            let sql = "SELECT address, reason FROM address_bans ORDER BY address";
            all(connection, sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .await
    }

    async fn set_address_ban(&self, address: String, reason: Option<String>) -> StoreResult<()> {
        self.write(move |batch| ban_address(batch.connection, &address, reason.as_deref())).await
    }

    async fn open_session(&self, new: NewSession) -> StoreResult<SessionId> {
        self.write(move |batch| open_session(batch.connection, &new)).await
    }

    async fn session(&self, by: SessionKey) -> StoreResult<Option<(SessionRecord, AccountRecord)>> {
        self.read(move |connection| session(connection, &by)).await
    }

    async fn sessions(&self, account: AccountId) -> StoreResult<Vec<SessionRecord>> {
        self.read(move |connection| sessions(connection, account)).await
    }

    async fn session_stands(&self, session: SessionId) -> StoreResult<bool> {
        let sql = "SELECT 1 FROM sessions WHERE id = ?1 AND expires_at > ?2";
        self.read(move |connection| any(connection, sql, (session.0, Time::now().0))).await
    }

    async fn touch_session(&self, session: SessionId, now: Time) -> StoreResult<()> {
        if self.read(move |connection| seen_lately(connection, session, now)).await? {
            return Ok(());
        }
        self.write(move |batch| {
            change(batch.connection, "UPDATE sessions SET last_seen = ?2 WHERE id = ?1", (session.0, now.0)).map(drop)
        })
        .await
    }

    async fn revoke_session(&self, account: AccountId, session: SessionId) -> StoreResult<bool> {
        self.write(move |batch| {
            let sql = "DELETE FROM sessions WHERE account = ?1 AND id = ?2";
            Ok(change(batch.connection, sql, (account.0, session.0))? > 0)
        })
        .await
    }

    async fn revoke_sessions(&self, account: AccountId, keep: Option<SessionId>) -> StoreResult<Vec<SessionId>> {
        self.write(move |batch| {
            let sql = "DELETE FROM sessions WHERE account = ?1 AND id IS NOT ?2 RETURNING id";
            let keep = keep.map(|session| session.0);
            all(batch.connection, sql, (account.0, keep), |row| Ok(SessionId(row.get(0)?)))
        })
        .await
    }

    async fn purge_sessions(&self, now: Time) -> StoreResult<u64> {
        const EXPIRED: &str = "SELECT 1 FROM sessions WHERE expires_at <= ?1";
        if !self.read(move |connection| any(connection, EXPIRED, [now.0])).await? {
            return Ok(0);
        }
        self.write(move |batch| {
            Ok(change(batch.connection, "DELETE FROM sessions WHERE expires_at <= ?1", [now.0])? as u64)
        })
        .await
    }

    async fn open_reset(&self, new: NewReset) -> StoreResult<()> {
        self.write(move |batch| ending::open_reset(batch.connection, &new)).await
    }

    async fn reset(&self, token_hash: [u8; 32], now: Time) -> StoreResult<Option<AccountRecord>> {
        self.read(move |connection| ending::reset(connection, &token_hash, now)).await
    }

    async fn use_reset(&self, token_hash: [u8; 32], verifier: Verifier, now: Time) -> StoreResult<AccountRecord> {
        self.write(move |batch| ending::use_reset(batch.connection, &token_hash, &verifier, now)).await
    }

    async fn record_audit(&self, act: AuditRecord) -> StoreResult<()> {
        self.write(move |batch| record_audit(batch.connection, &act)).await
    }

    async fn audit(&self, limit: u32) -> StoreResult<Vec<AuditRecord>> {
        self.read(move |connection| audit(connection, limit)).await
    }
}

/// The columns that [`account_of`] reads, of the table under the name `a`.
pub(super) const ACCOUNT: &str = "a.id, a.username, a.titan_number, a.full_name, a.email, a.blog_url, a.role, \
    a.scheme, a.salt, a.hash, a.created_at, a.last_login, a.banned";

/// How many columns that is.
pub(super) const ACCOUNT_WIDTH: usize = 13;

/// Reads the columns of [`ACCOUNT`], which begin at `first`.
pub(super) fn account_of(row: &Row<'_>, first: usize) -> StoreResult<AccountRecord> {
    Ok(AccountRecord {
        id: AccountId(row.get(first)?),
        username: row.get(first + 1)?,
        titan_number: TitanNumber(row.get(first + 2)?),
        full_name: row.get(first + 3)?,
        email: row.get(first + 4)?,
        blog_url: row.get(first + 5)?,
        role: role_of(row.get_ref(first + 6)?.as_str().map_err(rusqlite::Error::from)?)?,
        verifier: Verifier {
            scheme: scheme_of(row.get_ref(first + 7)?.as_str().map_err(rusqlite::Error::from)?)?,
            salt: row.get(first + 8)?,
            hash: row.get(first + 9)?,
        },
        created_at: Time(row.get(first + 10)?),
        last_login: row.get::<_, Option<i64>>(first + 11)?.map(Time),
        banned: row.get(first + 12)?,
    })
}

/// The account as author of an entry; `NotFound` when there is none.
pub(super) fn author(connection: &Connection, account: AccountId) -> StoreResult<Author> {
    let sql = "SELECT id, username, titan_number FROM accounts WHERE id = ?1";
    one(connection, sql, [account.0], |row| {
        Ok(Author {
            id: AccountId(row.get(0)?),
            username: row.get::<_, String>(1)?.into(),
            titan_number: TitanNumber(row.get(2)?),
        })
    })?
    .ok_or(StoreError::NotFound)
}

fn by_id(connection: &Connection, account: AccountId) -> StoreResult<AccountRecord> {
    find(connection, &AccountKey::Id(account))?.ok_or(StoreError::NotFound)
}

pub(super) fn create(batch: &mut Batch<'_>, new: &NewAccount) -> StoreResult<AccountRecord> {
    if any(batch.connection, "SELECT 1 FROM accounts WHERE key = ?1 OR username = ?2", (&new.key, &new.username))? {
        return Err(StoreError::Taken("name"));
    }
    if any(batch.connection, "SELECT 1 FROM accounts WHERE titan_number = ?1", [new.titan_number.0])? {
        return Err(StoreError::Taken("titan_number"));
    }
    let read = batch.head(GENERAL)?;
    let insert = "INSERT INTO accounts (username, key, folded, titan_number, full_name, email, role, scheme, salt, hash, \
        created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let Verifier { scheme, salt, hash } = &new.verifier;
    let folded = new.username.to_lowercase();
    let (number, role, scheme) = (new.titan_number.0, role_name(new.role), scheme_name(*scheme));
    let values =
        (&new.username, &new.key, folded, number, &new.full_name, &new.email, role, scheme, salt, hash, new.now.0);
    change(batch.connection, insert, values)?;
    let account = AccountId(batch.connection.last_insert_rowid());
    let join = "INSERT INTO members (conversation, account, role, joined_at, read) VALUES (?1, ?2, 'member', ?3, ?4)";
    change(batch.connection, join, (GENERAL.0, account.0, new.now.0, read.0))?;
    by_id(batch.connection, account)
}

pub(super) fn find(connection: &Connection, by: &AccountKey) -> StoreResult<Option<AccountRecord>> {
    let select =
        |column: &str| format!("SELECT {ACCOUNT} FROM accounts a WHERE a.{column} = ?1 AND a.deleted_at IS NULL");
    match by {
        AccountKey::Id(id) => one(connection, &select("id"), [id.0], |row| account_of(row, 0)),
        AccountKey::Username(name) => one(connection, &select("username"), [name], |row| account_of(row, 0)),
        AccountKey::TitanNumber(number) => {
            one(connection, &select("titan_number"), [number.0], |row| account_of(row, 0))
        }
    }
}

fn list(connection: &Connection, prefix: &str, limit: Option<u32>) -> StoreResult<Vec<AccountRecord>> {
    let sql = format!(
        "SELECT {ACCOUNT} FROM accounts a WHERE a.folded >= ?1 AND a.folded < ?1 || char(1114111) AND a.deleted_at IS NULL \
         ORDER BY a.folded, a.id LIMIT ?2"
    );
    let limit = limit.map_or(-1, i64::from);
    all(connection, &sql, (prefix.to_lowercase(), limit), |row| account_of(row, 0))
}

pub(super) fn alter(connection: &Connection, id: AccountId, alter: &AccountChange) -> StoreResult<AccountRecord> {
    let old = by_id(connection, id)?;
    let AccountChange { full_name, email, blog_url, role, verifier, last_login, banned } = alter.clone();
    let new = AccountRecord {
        full_name: full_name.unwrap_or(old.full_name),
        email: email.unwrap_or(old.email),
        blog_url: blog_url.unwrap_or(old.blog_url),
        role: role.unwrap_or(old.role),
        verifier: verifier.unwrap_or(old.verifier),
        last_login: last_login.or(old.last_login),
        banned: banned.unwrap_or(old.banned),
        ..old
    };
    let sql = "UPDATE accounts SET full_name = ?2, email = ?3, blog_url = ?4, role = ?5, scheme = ?6, salt = ?7, \
        hash = ?8, last_login = ?9, banned = ?10 WHERE id = ?1";
    let Verifier { scheme, salt, hash } = &new.verifier;
    let (role, scheme, login) = (role_name(new.role), scheme_name(*scheme), new.last_login.map(|time| time.0));
    change(
        connection,
        sql,
        (id.0, &new.full_name, &new.email, &new.blog_url, role, scheme, salt, hash, login, &new.banned),
    )?;
    Ok(new)
}

fn ban_address(connection: &Connection, address: &str, reason: Option<&str>) -> StoreResult<()> {
    match reason {
        Some(reason) => change(
            connection,
            "INSERT OR REPLACE INTO address_bans (address, reason) VALUES (?1, ?2)",
            (address, reason),
        )?,
        None => change(connection, "DELETE FROM address_bans WHERE address = ?1", [address])?,
    };
    Ok(())
}

/// The columns that [`session_of`] reads, of the table under the name `s`.
const SESSION: &str = "s.id, s.account, s.door, s.address, s.created_at, s.last_seen, s.expires_at";

fn session_of(row: &Row<'_>) -> StoreResult<SessionRecord> {
    Ok(SessionRecord {
        id: SessionId(row.get(0)?),
        account: AccountId(row.get(1)?),
        door: row.get(2)?,
        address: row.get(3)?,
        created_at: Time(row.get(4)?),
        last_seen: Time(row.get(5)?),
        expires_at: Time(row.get(6)?),
    })
}

/// Opens a session, and sweeps away those of the account that have expired.
fn open_session(connection: &Connection, new: &NewSession) -> StoreResult<SessionId> {
    change(connection, "DELETE FROM sessions WHERE account = ?1 AND expires_at <= ?2", (new.account.0, new.now.0))?;
    if !any(connection, "SELECT 1 FROM accounts WHERE id = ?1 AND deleted_at IS NULL", [new.account.0])? {
        return Err(StoreError::NotFound);
    }
    let sql = "INSERT INTO sessions (account, token_hash, door, address, created_at, last_seen, expires_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)";
    let values = (new.account.0, new.token_hash, &new.door, &new.address, new.now.0, new.expires_at.0);
    change(connection, sql, values)?;
    Ok(SessionId(connection.last_insert_rowid()))
}

fn session(connection: &Connection, by: &SessionKey) -> StoreResult<Option<(SessionRecord, AccountRecord)>> {
    let select = |column: &str| {
        format!(
            "SELECT {SESSION}, {ACCOUNT} FROM sessions s JOIN accounts a ON a.id = s.account \
             WHERE s.{column} = ?1 AND s.expires_at > ?2"
        )
    };
    let found = |row: &Row<'_>| Ok((session_of(row)?, account_of(row, 7)?));
    let now = Time::now().0;
    match by {
        SessionKey::Token(hash) => one(connection, &select("token_hash"), (hash, now), found),
        SessionKey::Id(id) => one(connection, &select("id"), (id.0, now), found),
    }
}

fn sessions(connection: &Connection, account: AccountId) -> StoreResult<Vec<SessionRecord>> {
    let sql = format!("SELECT {SESSION} FROM sessions s WHERE s.account = ?1 AND s.expires_at > ?2 ORDER BY s.id");
    all(connection, &sql, (account.0, Time::now().0), session_of)
}

/// Whether there is nothing to write: the session was seen within the last minute, or is gone.
fn seen_lately(connection: &Connection, session: SessionId, now: Time) -> StoreResult<bool> {
    let seen = one(connection, "SELECT last_seen FROM sessions WHERE id = ?1", [session.0], |row| Ok(row.get(0)?))?;
    Ok(seen.is_none_or(|seen: i64| now.0 - seen < SEEN_EVERY))
}

pub(super) fn record_audit(connection: &Connection, act: &AuditRecord) -> StoreResult<()> {
    let sql = "INSERT INTO audit (at, by, act, object, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
    change(connection, sql, (act.at.0, act.by.map(|by| by.0), &act.act, &act.object, &act.detail)).map(drop)
}

fn audit(connection: &Connection, limit: u32) -> StoreResult<Vec<AuditRecord>> {
    let sql = "SELECT at, by, act, object, detail FROM audit ORDER BY id DESC LIMIT ?1";
    all(connection, sql, [limit], |row| {
        Ok(AuditRecord {
            at: Time(row.get(0)?),
            by: row.get::<_, Option<i64>>(1)?.map(AccountId),
            act: row.get(2)?,
            object: row.get(3)?,
            detail: row.get(4)?,
        })
    })
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Admin => "admin",
    }
}

fn role_of(name: &str) -> StoreResult<Role> {
    match name {
        "user" => Ok(Role::User),
        "admin" => Ok(Role::Admin),
        _ => Err(impossible("a role", name)),
    }
}

fn scheme_name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Titan => "titan",
        Scheme::Sha256 => "sha256",
        Scheme::Bcrypt => "bcrypt",
        Scheme::Pbkdf2 => "pbkdf2",
    }
}

fn scheme_of(name: &str) -> StoreResult<Scheme> {
    match name {
        "titan" => Ok(Scheme::Titan),
        "sha256" => Ok(Scheme::Sha256),
        "bcrypt" => Ok(Scheme::Bcrypt),
        "pbkdf2" => Ok(Scheme::Pbkdf2),
        _ => Err(impossible("a password scheme", name)),
    }
}
