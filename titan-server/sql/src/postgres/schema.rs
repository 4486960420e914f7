//! The tables: made and migrated here, by who holds the house's lock. A migration that has been released is never changed;
//! a new one is added to the list, and runs in one transaction with the version it leads to, so that being killed at any
//! point loses nothing.

use deadpool_postgres::ClientWrapper;

use super::super::telling::{self, Telling};
use super::super::{StoreError, StoreResult};

const MIGRATIONS: [&str; 10] = [
    include_str!("migrations/0001_house.sql"),
    include_str!("migrations/0002_changes.sql"),
    include_str!("migrations/0003_words.sql"),
    include_str!("migrations/0004_names.sql"),
    include_str!("migrations/0005_shares.sql"),
    include_str!("migrations/0006_former_names.sql"),
    include_str!("migrations/0007_credentials.sql"),
    include_str!("migrations/0008_erased.sql"),
    include_str!("migrations/0009_audit.sql"),
    include_str!("migrations/0010_factors.sql"),
];

/// What a database holds.
pub(super) enum Found {
    /// No tables at all.
    Nothing,
    /// A house of this version; `moving` while one is being moved into it.
    House { version: usize, moving: bool },
}

/// Looks, and refuses what is another program's or a newer program's.
pub(super) async fn look(client: &ClientWrapper) -> StoreResult<Found> {
    let ours = "SELECT to_regclass('titan_house') IS NOT NULL, EXISTS (SELECT 1 FROM pg_class \
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f'))";
    let row = client.query_one(ours, &[]).await?;
    match (row.try_get(0)?, row.try_get(1)?) {
        (true, _) => {}
        (false, false) => return Ok(Found::Nothing),
        (false, true) => {
            return Err(StoreError::Broken(
                "this is another program's database: make one of its own for Titan (CREATE DATABASE titan)".into(),
            ));
        }
    }
    let row = client.query_one("SELECT version, moving FROM titan_house", &[]).await?;
    let version = usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or(usize::MAX);
    if version > MIGRATIONS.len() {
        return Err(StoreError::Broken(format!(
            "the database has version {version}, this program knows versions up to {}: use a newer titan-server",
            MIGRATIONS.len()
        )));
    }
    Ok(Found::House { version, moving: row.try_get(1)? })
}

/// Of the tables as they are.
pub(super) async fn version(client: &ClientWrapper) -> StoreResult<usize> {
    Ok(match look(client).await? {
        Found::Nothing => 0,
        Found::House { version, .. } => version,
    })
}

/// Brings the tables to this program's version.
pub(super) async fn migrate(client: &ClientWrapper) -> StoreResult<()> {
    if let Found::Nothing = look(client).await? {
        client.batch_execute(&format!("BEGIN; {BEGINNING}; COMMIT")).await?;
    }
    migrate_by(client, &MIGRATIONS).await
}

/// What says that the tables are ours, and of which version they are.
const BEGINNING: &str = "CREATE TABLE titan_house (version BIGINT NOT NULL, moving BOOLEAN NOT NULL DEFAULT false); \
    INSERT INTO titan_house VALUES (0)";

/// Makes all tables within a transaction that has begun, where there are none.
pub(super) async fn make(client: &ClientWrapper) -> StoreResult<()> {
    let (steps, version) = (MIGRATIONS.join(";\n"), MIGRATIONS.len());
    Ok(client.batch_execute(&format!("{BEGINNING}; {steps}; UPDATE titan_house SET version = {version}")).await?)
}

async fn migrate_by(client: &ClientWrapper, migrations: &[&str]) -> StoreResult<()> {
    let Found::House { version, .. } = look(client).await? else { return Ok(()) };
    let mut telling = Telling::of(version, migrations.len());
    for (step, migration) in migrations.iter().enumerate().skip(version) {
        let whole = format!("BEGIN; {migration}; UPDATE titan_house SET version = {}; COMMIT", step + 1);
        if let Err(error) = told_of(client.batch_execute(&whole), &mut telling).await {
            let _ = client.batch_execute("ROLLBACK").await;
            return Err(error.into());
        }
    }
    if let Some(telling) = telling {
        telling.done();
    }
    Ok(())
}

/// What takes long, with a word now and then that it goes on.
async fn told_of<T>(long: impl Future<Output = T>, telling: &mut Option<Telling>) -> T {
    let mut long = std::pin::pin!(long);
    loop {
        tokio::select! {
            done = &mut long => return done,
            () = tokio::time::sleep(telling::EVERY) => if let Some(telling) = telling {
                telling.goes_on();
            },
        }
    }
}
