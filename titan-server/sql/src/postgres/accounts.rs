//! Accounts, sessions, bans, the audit log.

use async_trait::async_trait;
use titan_core::protocol::Author;
use titan_core::{AccountId, ConversationId, SessionId, Time, TitanNumber};
use tokio_postgres::Row;

use super::super::names::{Named, impossible};
use super::super::{
    AccountChange, AccountKey, AccountRecord, Accounts, AuditRecord, NewAccount, NewReset, NewSession, SessionKey,
    SessionRecord, StoreError, StoreResult, Verifier,
};
use super::row::{Ask, all, any, held, one};
use super::writer::Batch;
use super::{PostgresStore, ending};

/// The room that everybody is in, made by the first migration.
const GENERAL: ConversationId = ConversationId(1);

/// How old a session's `last_seen` may grow: being seen all the time must not mean writing all the time.
const SEEN_EVERY: i64 = 60_000;

#[async_trait]
impl Accounts for PostgresStore {
    async fn create_account(&self, new: NewAccount) -> StoreResult<AccountRecord> {
        self.write(async move |batch: &mut Batch<'_>| create(batch, &new).await).await
    }

    async fn account(&self, by: AccountKey) -> StoreResult<Option<AccountRecord>> {
        find(&self.readers()?, &by).await
    }

    async fn accounts_among(&self, ids: Vec<AccountId>) -> StoreResult<Vec<AccountRecord>> {
        among(&self.readers()?, &ids).await
    }

    async fn accounts(&self, prefix: Option<String>, limit: Option<u32>) -> StoreResult<Vec<AccountRecord>> {
        list(&self.readers()?, prefix.as_deref().unwrap_or_default(), limit).await
    }

    async fn change_account(&self, account: AccountId, change: AccountChange) -> StoreResult<AccountRecord> {
        self.write(async move |batch: &mut Batch<'_>| alter(batch, account, &change).await).await
    }

    async fn delete_account(&self, account: AccountId, now: Time) -> StoreResult<()> {
        self.write(async move |batch: &mut Batch<'_>| ending::delete(batch, account, now).await).await
    }

    async fn address_ban(&self, address: String) -> StoreResult<Option<String>> {
        let sql = "SELECT reason FROM address_bans WHERE address = $1";
        one(&self.readers()?, sql, &[&held(&address)], |row| Ok(row.try_get(0)?)).await
    }

    async fn address_bans(&self) -> StoreResult<Vec<(String, String)>> {
        let sql = "SELECT address, reason FROM address_bans ORDER BY address";
        all(&self.readers()?, sql, &[], |row| Ok((row.try_get(0)?, row.try_get(1)?))).await
    }

    async fn set_address_ban(&self, address: String, reason: Option<String>) -> StoreResult<()> {
        self.write(async move |batch: &mut Batch<'_>| ban_address(batch, &address, reason.as_deref()).await).await
    }

    async fn open_session(&self, new: NewSession) -> StoreResult<SessionId> {
        self.write(async move |batch: &mut Batch<'_>| open_session(batch, &new).await).await
    }

    async fn session(&self, by: SessionKey) -> StoreResult<Option<(SessionRecord, AccountRecord)>> {
        session(&self.readers()?, &by).await
    }

    async fn sessions(&self, account: AccountId) -> StoreResult<Vec<SessionRecord>> {
        sessions(&self.readers()?, account).await
    }

    async fn session_stands(&self, session: SessionId) -> StoreResult<bool> {
        let sql = "SELECT 1 FROM sessions WHERE id = $1 AND expires_at > $2";
        any(&self.readers()?, sql, &[&session.0, &Time::now().0]).await
    }

    async fn touch_session(&self, session: SessionId, now: Time) -> StoreResult<()> {
        if seen_lately(&self.readers()?, session, now).await? {
            return Ok(());
        }
        self.write(async move |batch: &mut Batch<'_>| {
            batch.change("UPDATE sessions SET last_seen = $2 WHERE id = $1", &[&session.0, &now.0]).await.map(drop)
        })
        .await
    }

    async fn revoke_session(&self, account: AccountId, session: SessionId) -> StoreResult<bool> {
        self.write(async move |batch: &mut Batch<'_>| {
            let sql = "DELETE FROM sessions WHERE account = $1 AND id = $2";
            Ok(batch.change(sql, &[&account.0, &session.0]).await? > 0)
        })
        .await
    }

    async fn revoke_sessions(&self, account: AccountId, keep: Option<SessionId>) -> StoreResult<Vec<SessionId>> {
        self.write(async move |batch: &mut Batch<'_>| {
            let sql = "DELETE FROM sessions WHERE account = $1 AND id IS DISTINCT FROM $2 RETURNING id";
            let ended = batch.change_returning(sql, &[&account.0, &keep.map(|session| session.0)]).await?;
            ended.iter().map(|row| Ok(SessionId(row.try_get(0)?))).collect()
        })
        .await
    }

    async fn purge_sessions(&self, now: Time) -> StoreResult<u64> {
        if !any(&self.readers()?, "SELECT 1 FROM sessions WHERE expires_at <= $1 LIMIT 1", &[&now.0]).await? {
            return Ok(0);
        }
        self.write(async move |batch: &mut Batch<'_>| {
            batch.change("DELETE FROM sessions WHERE expires_at <= $1", &[&now.0]).await
        })
        .await
    }

    async fn open_reset(&self, new: NewReset) -> StoreResult<()> {
        self.write(async move |batch: &mut Batch<'_>| ending::open_reset(batch, &new).await).await
    }

    async fn reset(&self, token_hash: [u8; 32], now: Time) -> StoreResult<Option<AccountRecord>> {
        ending::reset(&self.readers()?, &token_hash, now).await
    }

    async fn use_reset(&self, token_hash: [u8; 32], verifier: Verifier, now: Time) -> StoreResult<AccountRecord> {
        self.write(async move |batch: &mut Batch<'_>| ending::use_reset(batch, &token_hash, &verifier, now).await).await
    }

    async fn record_audit(&self, act: AuditRecord) -> StoreResult<()> {
        self.write(async move |batch: &mut Batch<'_>| record_audit(batch, &act).await).await
    }

    async fn audit(&self, limit: u32) -> StoreResult<Vec<AuditRecord>> {
        audit(&self.readers()?, limit).await
    }
}

/// The columns that [`account_of`] reads, of the table under the name `a`.
pub(super) const ACCOUNT: &str = "a.id, a.username, a.titan_number, a.full_name, a.email, a.blog_url, a.role, \
    a.scheme, a.salt, a.hash, a.created_at, a.last_login, a.banned";

/// How many columns that is.
pub(super) const ACCOUNT_WIDTH: usize = 13;

/// Reads the columns of [`ACCOUNT`], which begin at `first`.
pub(super) fn account_of(row: &Row, first: usize) -> StoreResult<AccountRecord> {
    let salt: &[u8] = row.try_get(first + 8)?;
    Ok(AccountRecord {
        id: AccountId(row.try_get(first)?),
        username: row.try_get(first + 1)?,
        titan_number: TitanNumber(row.try_get(first + 2)?),
        full_name: row.try_get(first + 3)?,
        email: row.try_get(first + 4)?,
        blog_url: row.try_get(first + 5)?,
        role: Named::read(row.try_get(first + 6)?)?,
        verifier: Verifier {
            scheme: Named::read(row.try_get(first + 7)?)?,
            salt: salt.try_into().map_err(|_| impossible("a salt", salt))?,
            hash: row.try_get(first + 9)?,
        },
        created_at: Time(row.try_get(first + 10)?),
        last_login: row.try_get::<_, Option<i64>>(first + 11)?.map(Time),
        banned: row.try_get(first + 12)?,
    })
}

/// The account as author of an entry; `NotFound` when there is none.
pub(super) async fn author(ask: &impl Ask, account: AccountId) -> StoreResult<Author> {
    let sql = "SELECT id, username, titan_number FROM accounts WHERE id = $1";
    one(ask, sql, &[&account.0], |row| {
        Ok(Author {
            id: AccountId(row.try_get(0)?),
            username: row.try_get::<_, &str>(1)?.into(),
            titan_number: TitanNumber(row.try_get(2)?),
        })
    })
    .await?
    .ok_or(StoreError::NotFound)
}

pub(super) async fn by_id(ask: &impl Ask, account: AccountId) -> StoreResult<AccountRecord> {
    find(ask, &AccountKey::Id(account)).await?.ok_or(StoreError::NotFound)
}

async fn create(batch: &mut Batch<'_>, new: &NewAccount) -> StoreResult<AccountRecord> {
    let named = "SELECT 1 FROM accounts WHERE key = $1 OR username = $2";
    if any(batch, named, &[&held(&new.key), &held(&new.username)]).await? {
        return Err(StoreError::Taken("name"));
    }
    if any(batch, "SELECT 1 FROM accounts WHERE titan_number = $1", &[&new.titan_number.0]).await? {
        return Err(StoreError::Taken("titan_number"));
    }
    let read = batch.head(GENERAL).await?;
    let insert = "INSERT INTO accounts (username, key, folded, titan_number, full_name, email, role, scheme, salt, hash, \
        created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
    let Verifier { scheme, salt, hash } = &new.verifier;
    let folded = new.username.to_lowercase();
    let (number, role, scheme) = (new.titan_number.0, new.role.name(), scheme.name());
    let account = batch
        .insert(
            insert,
            &[
                &held(&new.username),
                &held(&new.key),
                &held(&folded),
                &number,
                &new.full_name,
                &new.email,
                &role,
                &scheme,
                &salt.as_slice(),
                hash,
                &new.now.0,
            ],
        )
        .await?;
    let join = "INSERT INTO members (conversation, account, role, joined_at, read) VALUES ($1, $2, 'member', $3, $4)";
    batch.change(join, &[&GENERAL.0, &account, &new.now.0, &read.0]).await?;
    by_id(batch, AccountId(account)).await
}

pub(super) async fn find(ask: &impl Ask, by: &AccountKey) -> StoreResult<Option<AccountRecord>> {
    let select =
        |column: &str| format!("SELECT {ACCOUNT} FROM accounts a WHERE a.{column} = $1 AND a.deleted_at IS NULL");
    match by {
        AccountKey::Id(id) => one(ask, &select("id"), &[&id.0], |row| account_of(row, 0)).await,
        AccountKey::Username(name) => one(ask, &select("username"), &[&held(name)], |row| account_of(row, 0)).await,
        AccountKey::TitanNumber(number) => {
            one(ask, &select("titan_number"), &[&number.0], |row| account_of(row, 0)).await
        }
    }
}

/// In the order in which they were asked for.
async fn among(ask: &impl Ask, ids: &[AccountId]) -> StoreResult<Vec<AccountRecord>> {
    let sql = format!(
        "SELECT {ACCOUNT} FROM unnest($1::bigint[]) WITH ORDINALITY AS w (id, place) JOIN accounts a ON a.id = w.id \
         AND a.deleted_at IS NULL ORDER BY w.place"
    );
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    all(ask, &sql, &[&ids], |row| account_of(row, 0)).await
}

async fn list(ask: &impl Ask, prefix: &str, limit: Option<u32>) -> StoreResult<Vec<AccountRecord>> {
    let sql = format!(
        "SELECT {ACCOUNT} FROM accounts a WHERE a.folded >= $1 AND a.folded < $1 || chr(1114111) \
         AND a.deleted_at IS NULL ORDER BY a.folded, a.id LIMIT $2"
    );
    all(ask, &sql, &[&held(&prefix.to_lowercase()), &limit.map(i64::from)], |row| account_of(row, 0)).await
}

pub(super) async fn alter(batch: &mut Batch<'_>, id: AccountId, alter: &AccountChange) -> StoreResult<AccountRecord> {
    let old = by_id(batch, id).await?;
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
    let sql = "UPDATE accounts SET full_name = $2, email = $3, blog_url = $4, role = $5, scheme = $6, salt = $7, \
        hash = $8, last_login = $9, banned = $10 WHERE id = $1";
    let Verifier { scheme, salt, hash } = &new.verifier;
    let (role, scheme, login) = (new.role.name(), scheme.name(), new.last_login.map(|time| time.0));
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 10] =
        [&id.0, &new.full_name, &new.email, &new.blog_url, &role, &scheme, &salt.as_slice(), hash, &login, &new.banned];
    batch.change(sql, &values).await?;
    Ok(new)
}

async fn ban_address(batch: &mut Batch<'_>, address: &str, reason: Option<&str>) -> StoreResult<()> {
    match reason {
        Some(reason) => {
            let sql = "INSERT INTO address_bans (address, reason) VALUES ($1, $2) \
                ON CONFLICT (address) DO UPDATE SET reason = excluded.reason";
            batch.change(sql, &[&held(address), &held(reason)]).await?
        }
        None => batch.change("DELETE FROM address_bans WHERE address = $1", &[&held(address)]).await?,
    };
    Ok(())
}

/// The columns that [`session_of`] reads, of the table under the name `s`.
const SESSION: &str = "s.id, s.account, s.door, s.address, s.created_at, s.last_seen, s.expires_at";

fn session_of(row: &Row) -> StoreResult<SessionRecord> {
    Ok(SessionRecord {
        id: SessionId(row.try_get(0)?),
        account: AccountId(row.try_get(1)?),
        door: row.try_get(2)?,
        address: row.try_get(3)?,
        created_at: Time(row.try_get(4)?),
        last_seen: Time(row.try_get(5)?),
        expires_at: Time(row.try_get(6)?),
    })
}

/// Opens a session, and sweeps away those of the account that have expired.
async fn open_session(batch: &mut Batch<'_>, new: &NewSession) -> StoreResult<SessionId> {
    if !any(batch, "SELECT 1 FROM accounts WHERE id = $1 AND deleted_at IS NULL", &[&new.account.0]).await? {
        return Err(StoreError::NotFound);
    }
    let sweep = "DELETE FROM sessions WHERE account = $1 AND expires_at <= $2";
    batch.change(sweep, &[&new.account.0, &new.now.0]).await?;
    let sql = "INSERT INTO sessions (account, token_hash, door, address, created_at, last_seen, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $5, $6) RETURNING id";
    let (hash, address) = (new.token_hash.as_slice(), held(&new.address));
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
        [&new.account.0, &hash, &new.door, &address, &new.now.0, &new.expires_at.0];
    batch.insert(sql, &values).await.map(SessionId)
}

async fn session(ask: &impl Ask, by: &SessionKey) -> StoreResult<Option<(SessionRecord, AccountRecord)>> {
    let select = |column: &str| {
        format!(
            "SELECT {SESSION}, {ACCOUNT} FROM sessions s JOIN accounts a ON a.id = s.account \
             WHERE s.{column} = $1 AND s.expires_at > $2"
        )
    };
    let found = |row: &Row| Ok((session_of(row)?, account_of(row, 7)?));
    let now = Time::now().0;
    match by {
        SessionKey::Token(hash) => one(ask, &select("token_hash"), &[&hash.as_slice(), &now], found).await,
        SessionKey::Id(id) => one(ask, &select("id"), &[&id.0, &now], found).await,
    }
}

async fn sessions(ask: &impl Ask, account: AccountId) -> StoreResult<Vec<SessionRecord>> {
    let sql = format!("SELECT {SESSION} FROM sessions s WHERE s.account = $1 AND s.expires_at > $2 ORDER BY s.id");
    all(ask, &sql, &[&account.0, &Time::now().0], session_of).await
}

/// Whether there is nothing to write: the session was seen within the last minute, or is gone.
async fn seen_lately(ask: &impl Ask, session: SessionId, now: Time) -> StoreResult<bool> {
    let sql = "SELECT last_seen FROM sessions WHERE id = $1";
    let seen = one(ask, sql, &[&session.0], |row| Ok(row.try_get::<_, i64>(0)?)).await?;
    Ok(seen.is_none_or(|seen| now.0 - seen < SEEN_EVERY))
}

async fn record_audit(batch: &mut Batch<'_>, act: &AuditRecord) -> StoreResult<()> {
    let sql = "INSERT INTO audit (at, by, act, object, detail) VALUES ($1, $2, $3, $4, $5)";
    let by = act.by.map(|by| by.0);
    batch.change(sql, &[&act.at.0, &by, &act.act, &held(&act.object), &held(&act.detail)]).await.map(drop)
}

async fn audit(ask: &impl Ask, limit: u32) -> StoreResult<Vec<AuditRecord>> {
    let sql = "SELECT at, by, act, object, detail FROM audit ORDER BY id DESC LIMIT $1";
    all(ask, sql, &[&i64::from(limit)], |row| {
        Ok(AuditRecord {
            at: Time(row.try_get(0)?),
            by: row.try_get::<_, Option<i64>>(1)?.map(AccountId),
            act: row.try_get(2)?,
            object: row.try_get(3)?,
            detail: row.try_get(4)?,
        })
    })
    .await
}
