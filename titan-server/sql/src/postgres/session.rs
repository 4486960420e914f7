//! The one connection that writes. While it stands it holds the house's lock, so that no second server writes beside it;
//! and it is opened only on a server that keeps what it says it has kept.

use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio::time::Instant;

use super::super::{StoreError, StoreResult};
use super::address::Address;
use super::schema::{self, Found};

/// The advisory lock that a writer holds ("Titan ho").
const LOCK: i64 = 0x5469_7461_6e20_686f;
/// How long the lock is waited for: a server that was killed lets go of it as soon as PostgreSQL notices.
const LOCK_MOST: Duration = Duration::from_secs(5);
const LOCK_EVERY: Duration = Duration::from_millis(100);
/// How long another's lock on a row is waited for, such as an operator's open transaction.
const ROW_LOCK_MOST: &str = "5s";

/// Connects and takes the lock; the tables are as this program knows them then. Only a `move_in` goes on where another one
/// was begun and not finished.
pub(super) async fn open(address: &Address, move_in: bool) -> StoreResult<ClientWrapper> {
    let client = locked(address).await?;
    schema::migrate(&client).await?;
    if !move_in {
        refuse_half_moved(&client).await?;
    }
    Ok(client)
}

/// The same with a transaction begun. Where there were no tables, they are made within it: without its commit the database is as
/// empty as before.
pub(super) async fn open_within_one(address: &Address) -> StoreResult<ClientWrapper> {
    let client = locked(address).await?;
    if let Found::Nothing = schema::look(&client).await? {
        client.batch_execute("BEGIN").await?;
        schema::make(&client).await?;
        return Ok(client);
    }
    schema::migrate(&client).await?;
    refuse_half_moved(&client).await?;
    client.batch_execute("BEGIN").await?;
    Ok(client)
}

async fn locked(address: &Address) -> StoreResult<ClientWrapper> {
    let client = connect(address, &[("lock_timeout", ROW_LOCK_MOST)]).await?;
    refuse_unsafe(&client).await?;
    take_lock(&client).await?;
    Ok(client)
}

async fn refuse_half_moved(client: &ClientWrapper) -> StoreResult<()> {
    match schema::look(client).await? {
        Found::House { moving: true, .. } => Err(StoreError::Broken(
            "a migration into this database was begun and not finished: run `titan-server migrate` again".into(),
        )),
        _ => Ok(()),
    }
}

pub(super) async fn connect(address: &Address, settings: &[(&str, &str)]) -> StoreResult<ClientWrapper> {
    let (client, connection) = address.with(settings).connect(address.tls.clone()).await?;
    let carrying = tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!("a connection to PostgreSQL ended: {}", super::failure::said_by(&error));
        }
    });
    Ok(ClientWrapper::new(client, carrying))
}

/// What was committed must be on disk, and texts must be Unicode.
async fn refuse_unsafe(client: &ClientWrapper) -> StoreResult<()> {
    let sql = "SELECT current_setting('fsync'), current_setting('synchronous_commit'), \
        current_setting('server_encoding'), current_setting('server_version_num')::bigint, pg_is_in_recovery()";
    let row = client.query_one(sql, &[]).await?;
    let refuse = |why: &str| Err(StoreError::Broken(why.to_owned()));
    if row.try_get::<_, &str>(0)? != "on" {
        return refuse("this PostgreSQL runs with fsync off and may lose what it has confirmed: set fsync = on");
    }
    if row.try_get::<_, &str>(2)? != "UTF8" {
        return refuse("the database is not in UTF8: make one WITH ENCODING 'UTF8' TEMPLATE template0");
    }
    if row.try_get::<_, i64>(3)? < 130_000 {
        return refuse("this PostgreSQL is too old: version 13 or newer is needed");
    }
    if row.try_get(4)? {
        return Err(StoreError::Unavailable("this PostgreSQL is a standby, which can't be written to".into()));
    }
    // Stricter is left as it is: the operator wants the standby to have it too.
    if row.try_get::<_, &str>(1)? != "remote_apply" {
        client.batch_execute("SET synchronous_commit = on").await?;
    }
    Ok(())
}

async fn take_lock(client: &ClientWrapper) -> StoreResult<()> {
    let begun = Instant::now();
    loop {
        let row = client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK]).await?;
        if row.try_get(0)? {
            return Ok(());
        }
        if begun.elapsed() > LOCK_MOST {
            return Err(StoreError::Unavailable(
                "another titan-server is using this database: stop it, or choose another database".into(),
            ));
        }
        tokio::time::sleep(LOCK_EVERY).await;
    }
}

/// The number of the last transaction that a writer committed.
pub(super) async fn turn(client: &ClientWrapper) -> StoreResult<i64> {
    Ok(client.query_one("SELECT turn FROM house", &[]).await?.try_get(0)?)
}
