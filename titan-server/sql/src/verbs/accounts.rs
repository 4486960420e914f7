//! Accounts: made, found, changed; addresses that are kept out.

use titan_core::protocol::Author;
use titan_core::{AccountId, GENERAL, Seq};

use super::super::names::Named;
use super::super::tx::{Ask, Row, Tx, all, any, insert, one, values};
use super::super::{
    AccountChange, AccountKey, AccountRecord, Change, NewAccount, StoreError, StoreResult, Verifier, Warrant,
};
use super::{audit, sessions};

/// The columns that [`account_of`] reads, of the table under the name `a`.
pub const ACCOUNT: &str = "a.id, a.username, a.titan_number, a.full_name, a.email, a.blog_url, a.role, \
    a.scheme, a.salt, a.hash, a.created_at, a.last_login, a.banned";

/// How many columns that is.
pub const ACCOUNT_WIDTH: usize = 13;

/// Accounts asked for by one statement: always as many, so that it is prepared once.
const AT_ONCE: usize = 64;

/// Reads the columns of [`ACCOUNT`], which begin at `first`.
pub fn account_of(row: &mut Row, first: usize) -> StoreResult<AccountRecord> {
    Ok(AccountRecord {
        id: row.get(first)?,
        username: row.get(first + 1)?,
        titan_number: row.get(first + 2)?,
        full_name: row.get(first + 3)?,
        email: row.get(first + 4)?,
        blog_url: row.get(first + 5)?,
        role: row.named(first + 6)?,
        verifier: Verifier { scheme: row.named(first + 7)?, salt: row.get(first + 8)?, hash: row.get(first + 9)? },
        created_at: row.get(first + 10)?,
        last_login: row.get(first + 11)?,
        banned: row.get(first + 12)?,
    })
}

/// The account as author of an entry; `NotFound` when there is none.
pub async fn author(ask: &mut dyn Ask, account: AccountId) -> StoreResult<Author> {
    let sql = "SELECT id, username, titan_number FROM accounts WHERE id = $1";
    one(ask, sql, values![account], |row| row.author(0)).await?.flatten().ok_or(StoreError::NotFound)
}

pub async fn find(ask: &mut dyn Ask, by: &AccountKey) -> StoreResult<Option<AccountRecord>> {
    let select =
        |column: &str| format!("SELECT {ACCOUNT} FROM accounts a WHERE a.{column} = $1 AND a.deleted_at IS NULL");
    let (sql, value) = match by {
        AccountKey::Id(id) => (select("id"), (*id).into()),
        AccountKey::Username(name) => (select("username"), name.into()),
        AccountKey::TitanNumber(number) => (select("titan_number"), (*number).into()),
    };
    one(ask, &sql, &[value], |row| account_of(row, 0)).await
}

pub async fn by_id(ask: &mut dyn Ask, account: AccountId) -> StoreResult<AccountRecord> {
    find(ask, &AccountKey::Id(account)).await?.ok_or(StoreError::NotFound)
}

/// Those of the ids that exist, in the order in which they were asked for.
pub async fn among(ask: &mut dyn Ask, ids: &[AccountId]) -> StoreResult<Vec<AccountRecord>> {
    let marks = (1..=AT_ONCE).map(|mark| format!("${mark}")).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE a.deleted_at IS NULL AND a.id IN ({marks})");
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(AT_ONCE) {
        let last = ids.last().copied().unwrap_or(AccountId(0));
        let wanted: Vec<_> = (0..AT_ONCE).map(|place| ids.get(place).copied().unwrap_or(last).into()).collect();
        found.extend(all(ask, &sql, &wanted, |row| account_of(row, 0)).await?);
    }
    let place = |record: &AccountRecord| ids.iter().position(|id| *id == record.id);
    found.sort_by_cached_key(place);
    Ok(found)
}

pub async fn list(ask: &mut dyn Ask, prefix: &str, limit: Option<u32>) -> StoreResult<Vec<AccountRecord>> {
    let sql = format!(
        "SELECT {ACCOUNT} FROM accounts a WHERE a.folded >= $1 AND a.folded < $2 AND a.deleted_at IS NULL \
         ORDER BY a.folded, a.id LIMIT $3"
    );
    let first = prefix.to_lowercase();
    let beyond = format!("{first}\u{10ffff}");
    let limit = limit.map_or(i64::MAX, i64::from);
    all(ask, &sql, values![first, beyond, limit], |row| account_of(row, 0)).await
}

pub async fn create(tx: &mut dyn Tx, new: &NewAccount, warrant: &Warrant) -> StoreResult<AccountRecord> {
    tx.hold(&warrant.grounds).await?;
    let record = add(tx, new).await?;
    if let Some(act) = &warrant.audit {
        let object = format!("account {}", record.id);
        audit::record(tx, &super::super::AuditRecord { object, ..act.clone() }).await?;
    }
    tx.tell(Change::AccountMade { account: Box::new(record.clone()) });
    Ok(record)
}

/// Adds the rows of an account that is in the room that everybody is in.
pub async fn add(tx: &mut dyn Tx, new: &NewAccount) -> StoreResult<AccountRecord> {
    let named = "SELECT 1 FROM accounts WHERE key = $1 OR username = $2";
    if any(tx, named, values![&new.key, &new.username]).await? {
        return Err(StoreError::Taken("name"));
    }
    if any(tx, "SELECT 1 FROM accounts WHERE titan_number = $1", values![new.titan_number]).await? {
        return Err(StoreError::Taken("titan_number"));
    }
    let read = tx.log_end(GENERAL).await?.seq;
    let sql = "INSERT INTO accounts (username, key, folded, titan_number, full_name, email, role, scheme, salt, hash, \
        created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
    let Verifier { scheme, salt, hash } = &new.verifier;
    let (folded, role, scheme) = (new.username.to_lowercase(), new.role.name(), scheme.name());
    let (key, number, email) = (&new.key, new.titan_number, &new.email);
    let account = insert(
        tx,
        sql,
        values![&new.username, key, folded, number, &new.full_name, email, role, scheme, salt, hash, new.now],
    )
    .await?;
    be_in_general(tx, AccountId(account), new, read).await?;
    by_id(tx, AccountId(account)).await
}

async fn be_in_general(tx: &mut dyn Tx, account: AccountId, new: &NewAccount, read: Seq) -> StoreResult<()> {
    let sql = "INSERT INTO members (conversation, account, role, joined_at, read) VALUES ($1, $2, 'member', $3, $4)";
    tx.change(sql, values![GENERAL, account, new.now, read]).await.map(drop)
}

/// Changes an account, and ends the sessions that go with that.
pub async fn change(
    tx: &mut dyn Tx,
    id: AccountId,
    change: &AccountChange,
    warrant: &Warrant,
) -> StoreResult<AccountRecord> {
    tx.hold(&warrant.grounds).await?;
    let record = alter(tx, id, change).await?;
    match &change.banned {
        Some(Some(_)) => tx.tell(Change::AccountBanned { account: id }),
        Some(None) => tx.tell(Change::AccountUnbanned { account: id }),
        None => {}
    }
    if change.tells() {
        tx.tell(Change::AccountChanged { account: Box::new(record.clone()), by: change.by.clone() });
    }
    if let Some((which, why)) = change.ends {
        sessions::end(tx, id, which, why).await?;
    }
    super::note(tx, warrant).await?;
    Ok(record)
}

/// Changes the row alone.
pub async fn alter(tx: &mut dyn Tx, id: AccountId, change: &AccountChange) -> StoreResult<AccountRecord> {
    let old = by_id(tx, id).await?;
    let change = change.clone();
    let new = AccountRecord {
        full_name: change.full_name.unwrap_or(old.full_name),
        email: change.email.unwrap_or(old.email),
        blog_url: change.blog_url.unwrap_or(old.blog_url),
        role: change.role.unwrap_or(old.role),
        verifier: change.verifier.unwrap_or(old.verifier),
        last_login: change.last_login.or(old.last_login),
        banned: change.banned.unwrap_or(old.banned),
        ..old
    };
    let sql = "UPDATE accounts SET full_name = $2, email = $3, blog_url = $4, role = $5, scheme = $6, salt = $7, \
        hash = $8, last_login = $9, banned = $10 WHERE id = $1";
    let Verifier { scheme, salt, hash } = &new.verifier;
    let (role, scheme) = (new.role.name(), scheme.name());
    let (full_name, email, blog_url) = (&new.full_name, &new.email, &new.blog_url);
    tx.change(sql, values![id, full_name, email, blog_url, role, scheme, salt, hash, new.last_login, &new.banned])
        .await?;
    Ok(new)
}

pub async fn address_ban(ask: &mut dyn Ask, address: &str) -> StoreResult<Option<String>> {
    one(ask, "SELECT reason FROM address_bans WHERE address = $1", values![address], |row| row.get(0)).await
}

pub async fn address_bans(ask: &mut dyn Ask) -> StoreResult<Vec<(String, String)>> {
    let sql = "SELECT address, reason FROM address_bans ORDER BY address";
    all(ask, sql, &[], |row| Ok((row.get(0)?, row.get(1)?))).await
}

pub async fn ban_address(tx: &mut dyn Tx, address: &str, reason: Option<&str>, warrant: &Warrant) -> StoreResult<()> {
    tx.hold(&warrant.grounds).await?;
    let address = address.to_owned();
    if let Some(reason) = reason {
        let sql = "INSERT INTO address_bans (address, reason) VALUES ($1, $2) \
            ON CONFLICT (address) DO UPDATE SET reason = excluded.reason";
        tx.change(sql, values![&address, reason]).await?;
        tx.tell(Change::AddressBanned { address });
    } else {
        if tx.change("DELETE FROM address_bans WHERE address = $1", values![&address]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        tx.tell(Change::AddressUnbanned { address });
    }
    super::note(tx, warrant).await
}
