//! Accounts: made, found, changed.

use std::collections::HashMap;

use titan_core::{AccountId, GENERAL, Seq, text::folded};

use super::super::names::Named;
use super::super::tx::{Ask, Tx, all, any, insert, one, values};
use super::super::{
    AccountChange, AccountRecord, Change, NewAccount, Page, StoreError, StoreResult, Verifier, Warrant,
};
use super::account_rows::{ACCOUNT, account_of, alter, by_id};
use super::alike::{Alike, IS_ALIKE};
use super::marks::{marks, padded};
use super::{audit, credentials, factors, former_names, owners, sessions};

/// Those of the ids that exist, in the order in which they were asked for.
pub async fn among(ask: &mut dyn Ask, ids: &[AccountId]) -> StoreResult<Vec<AccountRecord>> {
    let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE a.deleted_at IS NULL AND a.id IN ({})", marks());
    let mut found = Vec::with_capacity(ids.len());
    for wanted in padded(ids) {
        found.extend(all(ask, &sql, &wanted, |row| account_of(row, 0)).await?);
    }
    let places: HashMap<_, _> = ids.iter().rev().zip((0..ids.len()).rev()).collect();
    found.sort_by_key(|record| places.get(&record.id));
    Ok(found)
}

/// By name, those whose name begins so.
pub async fn list(ask: &mut dyn Ask, prefix: &str, page: Page<AccountId>) -> StoreResult<Vec<AccountRecord>> {
    let sql = format!(
        "SELECT {ACCOUNT} FROM accounts a WHERE a.folded >= $1 AND a.folded < $2 AND (a.folded, a.id) > ($3, $4) \
         AND a.deleted_at IS NULL ORDER BY a.folded, a.id LIMIT $5"
    );
    let (name, id) = place_by_name(ask, page.after).await?;
    let first = folded(prefix);
    let beyond = format!("{first}\u{10ffff}");
    // Where the page begins is looked up in the index, too.
    let from = if name > first { &name } else { &first };
    all(ask, &sql, values![from, beyond, &name, id, page.limit], |row| account_of(row, 0)).await
}

/// Where somebody stands in what is listed by name; before everybody, where nobody is given or they are gone.
pub async fn place_by_name(ask: &mut dyn Ask, account: Option<AccountId>) -> StoreResult<(String, AccountId)> {
    let first = (String::new(), AccountId(0));
    let Some(account) = account else { return Ok(first) };
    let sql = "SELECT folded, id FROM accounts WHERE id = $1 AND deleted_at IS NULL";
    Ok(one(ask, sql, values![account], |row| Ok((row.get(0)?, row.get(1)?))).await?.unwrap_or(first))
}

pub async fn number(ask: &mut dyn Ask) -> StoreResult<u64> {
    let sql = "SELECT count(*) FROM accounts WHERE deleted_at IS NULL";
    Ok(one(ask, sql, &[], |row| row.get(0)).await?.unwrap_or_default())
}

pub async fn create(tx: &mut dyn Tx, new: &NewAccount, warrant: &Warrant) -> StoreResult<AccountRecord> {
    tx.hold(&warrant.grounds).await?;
    let record = add(tx, new).await?;
    if let Some(act) = &warrant.audit {
        // Who registers does it by themselves.
        let (by, object) = (act.by.or(Some(record.id)), format!("account {}", record.id));
        let act = super::super::AuditRecord { by, object, ..act.clone() };
        audit::record(tx, &act, warrant.deeds.first()).await?;
    }
    tx.tell(Change::AccountMade { account: Box::new(record.clone()) });
    super::tell_deeds(tx, warrant);
    Ok(record)
}

/// Adds the rows of an account that is in the room that everybody is in.
pub async fn add(tx: &mut dyn Tx, new: &NewAccount) -> StoreResult<AccountRecord> {
    let named = format!("SELECT 1 FROM accounts WHERE {IS_ALIKE} OR username = $4");
    let Alike { key, above, below } = Alike::of_key(new.key.clone());
    if any(tx, &named, values![key, above, below, &new.username]).await? {
        return Err(StoreError::Taken("name"));
    }
    if any(tx, "SELECT 1 FROM accounts WHERE titan_number = $1", values![new.titan_number]).await? {
        return Err(StoreError::Taken("titan_number"));
    }
    let read = tx.log_end(GENERAL).await?.seq;
    let sql = "INSERT INTO accounts (username, key, folded, titan_number, full_name, email, role, scheme, salt, hash, \
        created_at, made_up_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id";
    let Verifier { scheme, salt, hash } = &new.verifier;
    let (folded, role, scheme) = (folded(&new.username), new.role.name(), scheme.name());
    let (key, number, email) = (&new.key, new.titan_number, &new.email);
    let (name, full_name, made_up) = (&new.username, &new.full_name, new.made_up_until);
    let values = values![name, key, folded, number, full_name, email, role, scheme, salt, hash, new.now, made_up];
    let account = insert(tx, sql, values).await?;
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
    if change.password.is_some() || change.email.is_some() || change.new_email.is_some() {
        credentials::forget_resets(tx, id).await?;
    }
    if change.password.is_some() {
        factors::forget_app_passwords(tx, id).await?;
    }
    if change.email.is_some() {
        credentials::forget_mail(tx, id).await?;
    }
    if let Some(new) = &change.new_email {
        credentials::ask_mail(tx, id, new).await?;
    }
    if let Some(name) = &change.formerly {
        former_names::keep(tx, id, name).await?;
    }
    match &change.banned {
        Some(Some(_)) => {
            tx.tell(Change::AccountBanned { account: id });
            owners::hand_over_all(tx, id).await?;
        }
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
