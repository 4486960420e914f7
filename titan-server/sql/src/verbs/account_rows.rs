//! The rows of accounts: read by whoever names one, changed by those who act on one ([`super::accounts`], [`super::sessions`]).

use titan_core::AccountId;
use titan_core::protocol::Author;
use unicode_normalization::UnicodeNormalization;

use super::super::names::Named;
use super::super::tx::{Ask, Row, Tx, all, one, values};
use super::super::{AccountChange, AccountKey, AccountRecord, StoreError, StoreResult, Verifier};
use super::alike::{Alike, IS_ALIKE};

/// The columns that [`account_of`] reads, of the table under the name `a`.
pub const ACCOUNT: &str = "a.id, a.username, a.titan_number, a.full_name, a.email, a.blog_url, a.role, \
    a.scheme, a.salt, a.hash, a.created_at, a.last_login, a.banned, a.made_up_until";

/// How many columns that is.
pub const ACCOUNT_WIDTH: usize = 14;

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
        made_up_until: row.get(first + 13)?,
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
        AccountKey::Username(name) => return named(ask, name).await,
        AccountKey::NameOrNumber(name, number) => match named(ask, name).await? {
            Some(named) => return Ok(Some(named)),
            None => (select("titan_number"), (*number).into()),
        },
        AccountKey::TitanNumber(number) => (select("titan_number"), (*number).into()),
    };
    one(ask, &sql, &[value], |row| account_of(row, 0)).await
}

/// Whoever is written so, or else the one whose name is the same. One statement for all, so that time tells nothing of names.
async fn named(ask: &mut dyn Ask, name: &str) -> StoreResult<Option<AccountRecord>> {
    let sql = format!(
        "SELECT {ACCOUNT}, a.username = $4 FROM accounts a WHERE (a.username = $4 OR {IS_ALIKE}) \
         AND a.deleted_at IS NULL ORDER BY a.username = $4 DESC LIMIT 2"
    );
    let written: String = name.trim().nfc().collect();
    let Alike { key, above, below } = Alike::new(&written);
    let found = |row: &mut Row| Ok((account_of(row, 0)?, row.get::<bool>(ACCOUNT_WIDTH)?));
    let mut found = all(ask, &sql, values![key, above, below, written], found).await?.into_iter();
    Ok(match (found.next(), found.next()) {
        (Some((account, exactly)), other) if exactly || other.is_none() => Some(account),
        _ => None,
    })
}

pub async fn by_id(ask: &mut dyn Ask, account: AccountId) -> StoreResult<AccountRecord> {
    find(ask, &AccountKey::Id(account)).await?.ok_or(StoreError::NotFound)
}

/// Changes the row alone.
pub async fn alter(tx: &mut dyn Tx, id: AccountId, change: &AccountChange) -> StoreResult<AccountRecord> {
    let old = by_id(tx, id).await?;
    let change = change.clone();
    let (verifier, made_up_until) = match change.password {
        Some(password) => (password.verifier, password.made_up_until),
        None => (change.verifier.unwrap_or(old.verifier), old.made_up_until),
    };
    let new = AccountRecord {
        full_name: change.full_name.unwrap_or(old.full_name),
        email: change.email.unwrap_or(old.email),
        blog_url: change.blog_url.unwrap_or(old.blog_url),
        role: change.role.unwrap_or(old.role),
        verifier,
        made_up_until,
        last_login: change.last_login.or(old.last_login),
        banned: change.banned.unwrap_or(old.banned),
        ..old
    };
    let sql = "UPDATE accounts SET full_name = $2, email = $3, blog_url = $4, role = $5, scheme = $6, salt = $7, \
        hash = $8, last_login = $9, banned = $10, made_up_until = $11 WHERE id = $1";
    let Verifier { scheme, salt, hash } = &new.verifier;
    let (role, scheme) = (new.role.name(), scheme.name());
    let (full_name, email, blog_url) = (&new.full_name, &new.email, &new.blog_url);
    let (login, banned, made_up) = (new.last_login, &new.banned, new.made_up_until);
    tx.change(sql, values![id, full_name, email, blog_url, role, scheme, salt, hash, login, banned, made_up]).await?;
    Ok(new)
}
