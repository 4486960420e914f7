//! Second factors with their recovery codes, and app passwords.

use titan_core::{AccountId, AppPasswordId, SessionId};

use super::super::tx::{Ask, Row, Tx, all, any, insert, one, values};
use super::super::{
    AppPasswordKey, AppPasswordRecord, FactorRecord, NewAppPassword, NewFactor, Sessions, StoreError, StoreResult,
    Warrant, Why,
};
use super::{account_rows, sessions};

pub async fn find(ask: &mut dyn Ask, account: AccountId) -> StoreResult<Option<FactorRecord>> {
    let sql = "SELECT sealed, pepper, since, last_step, (SELECT count(*) FROM recovery_codes r WHERE r.account = $1) \
        FROM factors WHERE account = $1";
    one(ask, sql, values![account], |row| {
        Ok(FactorRecord {
            sealed: row.get(0)?,
            pepper: row.get(1)?,
            since: row.get(2)?,
            last_step: row.get(3)?,
            recovery_codes: u32::try_from(row.get::<u64>(4)?).unwrap_or(u32::MAX),
        })
    })
    .await
}

async fn exists(ask: &mut dyn Ask, account: AccountId) -> StoreResult<bool> {
    any(ask, "SELECT 1 FROM factors WHERE account = $1", values![account]).await
}

pub async fn add(
    tx: &mut dyn Tx,
    account: AccountId,
    new: &NewFactor,
    keep: Option<SessionId>,
    warrant: &Warrant,
) -> StoreResult<()> {
    tx.hold(&warrant.grounds).await?;
    account_rows::by_id(tx, account).await?;
    if exists(tx, account).await? {
        return Err(StoreError::Taken("second_factor"));
    }
    let sql = "INSERT INTO factors (account, sealed, pepper, since, last_step) VALUES ($1, $2, $3, $4, $5)";
    tx.change(sql, values![account, &new.sealed, &new.pepper, new.now, new.step]).await?;
    replace_codes(tx, account, &new.recovery).await?;
    sessions::end(tx, account, Sessions::AllBut(keep), Why::FactorChanged).await?;
    super::note(tx, warrant).await
}

pub async fn remove(
    tx: &mut dyn Tx,
    account: AccountId,
    keep: Option<SessionId>,
    warrant: &Warrant,
) -> StoreResult<()> {
    tx.hold(&warrant.grounds).await?;
    if tx.change("DELETE FROM factors WHERE account = $1", values![account]).await? == 0 {
        return Err(StoreError::NotFound);
    }
    replace_codes(tx, account, &[]).await?;
    sessions::end(tx, account, Sessions::AllBut(keep), Why::FactorChanged).await?;
    super::note(tx, warrant).await
}

/// The factor is kept as it is given: sealed anew, where the pepper has become another.
pub async fn take_step(tx: &mut dyn Tx, account: AccountId, factor: &FactorRecord, step: i64) -> StoreResult<bool> {
    let sql = "UPDATE factors SET last_step = $2, sealed = $3, pepper = $4 \
        WHERE account = $1 AND last_step < $2 AND since = $5";
    let values = values![account, step, &factor.sealed, &factor.pepper, factor.since];
    Ok(tx.change(sql, values).await? > 0)
}

pub async fn take_code(tx: &mut dyn Tx, account: AccountId, hash: &[u8; 32], warrant: &Warrant) -> StoreResult<bool> {
    let sql = "DELETE FROM recovery_codes WHERE account = $1 AND hash = $2";
    if tx.change(sql, values![account, hash]).await? == 0 {
        return Ok(false);
    }
    super::note(tx, warrant).await?;
    Ok(true)
}

pub async fn renew_codes(
    tx: &mut dyn Tx,
    account: AccountId,
    hashes: &[[u8; 32]],
    warrant: &Warrant,
) -> StoreResult<()> {
    tx.hold(&warrant.grounds).await?;
    if !exists(tx, account).await? {
        return Err(StoreError::NotFound);
    }
    replace_codes(tx, account, hashes).await?;
    super::note(tx, warrant).await
}

async fn replace_codes(tx: &mut dyn Tx, account: AccountId, hashes: &[[u8; 32]]) -> StoreResult<()> {
    tx.change("DELETE FROM recovery_codes WHERE account = $1", values![account]).await?;
    for hash in hashes {
        let sql = "INSERT INTO recovery_codes (account, hash) VALUES ($1, $2)";
        tx.change(sql, values![account, hash]).await?;
    }
    Ok(())
}

/// The columns that [`app_password_of`] reads.
const APP_PASSWORD: &str = "id, name, doors, administers, created_at, last_used, last_door";

fn app_password_of(row: &mut Row) -> StoreResult<AppPasswordRecord> {
    Ok(AppPasswordRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        doors: row.get::<String>(2)?.split_whitespace().map(str::to_owned).collect(),
        administers: row.get(3)?,
        created_at: row.get(4)?,
        last_used: row.get(5)?,
        last_door: row.get(6)?,
    })
}

pub async fn app_passwords(ask: &mut dyn Ask, account: AccountId) -> StoreResult<Vec<AppPasswordRecord>> {
    let sql = format!("SELECT {APP_PASSWORD} FROM app_passwords WHERE account = $1 ORDER BY id");
    all(ask, &sql, values![account], app_password_of).await
}

pub async fn app_password(
    ask: &mut dyn Ask,
    account: AccountId,
    by: &AppPasswordKey,
) -> StoreResult<Option<AppPasswordRecord>> {
    let (column, hash) = match by {
        AppPasswordKey::Hash(hash) => ("hash", hash),
        AppPasswordKey::PreHash(hash) => ("pre_hash", hash),
    };
    let sql = format!("SELECT {APP_PASSWORD} FROM app_passwords WHERE account = $1 AND {column} = $2");
    one(ask, &sql, values![account, hash], app_password_of).await
}

pub async fn add_app_password(
    tx: &mut dyn Tx,
    account: AccountId,
    new: &NewAppPassword,
    warrant: &Warrant,
) -> StoreResult<AppPasswordRecord> {
    tx.hold(&warrant.grounds).await?;
    if app_passwords(tx, account).await?.len() >= new.most as usize {
        return Err(StoreError::Full("app passwords"));
    }
    let sql = "INSERT INTO app_passwords (account, name, doors, administers, hash, pre_hash, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
    let (doors, administers) = (new.doors.join(" "), i64::from(new.administers));
    let values = values![account, &new.name, &doors, administers, &new.hash, &new.pre_hash, new.now];
    let id = AppPasswordId(insert(tx, sql, values).await?);
    super::note(tx, warrant).await?;
    Ok(AppPasswordRecord {
        id,
        name: new.name.clone(),
        doors: new.doors.clone(),
        administers: new.administers,
        created_at: new.now,
        last_used: None,
        last_door: None,
    })
}

pub async fn remove_app_password(
    tx: &mut dyn Tx,
    account: AccountId,
    id: AppPasswordId,
    warrant: &Warrant,
) -> StoreResult<()> {
    tx.hold(&warrant.grounds).await?;
    if tx.change("DELETE FROM app_passwords WHERE account = $1 AND id = $2", values![account, id]).await? == 0 {
        return Err(StoreError::NotFound);
    }
    sessions::end_of_app_password(tx, id).await?;
    super::note(tx, warrant).await
}

/// They rest on the password's salt, and go with it: whoever changes a password because it is known to others is rid of what they
/// made with it. Their sessions end with all the others.
pub async fn forget_app_passwords(tx: &mut dyn Tx, account: AccountId) -> StoreResult<()> {
    tx.change("DELETE FROM app_passwords WHERE account = $1", values![account]).await.map(drop)
}
