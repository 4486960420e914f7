//! Accounts: made, found, changed.

use titan_core::{AccountId, GENERAL, Seq, text::folded};

use super::super::names::Named;
use super::super::tx::{Ask, Tx, all, any, insert, values};
use super::super::{AccountChange, AccountRecord, Change, NewAccount, StoreError, StoreResult, Verifier, Warrant};
use super::account_rows::{ACCOUNT, account_of, alter, by_id};
use super::alike::{Alike, IS_ALIKE};
use super::{audit, former_names, sessions};

/// Accounts asked for by one statement: always as many, so that it is prepared once.
const AT_ONCE: usize = 64;

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
    let first = folded(prefix);
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
        created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
    let Verifier { scheme, salt, hash } = &new.verifier;
    let (folded, role, scheme) = (folded(&new.username), new.role.name(), scheme.name());
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
    if let Some(name) = &change.formerly {
        former_names::keep(tx, id, name).await?;
    }
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
