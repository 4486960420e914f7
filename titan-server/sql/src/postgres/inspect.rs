//! A database looked at from beside: by checks, which run in a process of their own and must neither write to it nor
//! migrate it, whether a server is using it or not.

use titan_core::BlobId;

use super::super::{Counts, StoreError, StoreResult};
use super::address::Address;
use super::row::{Ask, one};
use super::schema::{self, Found};
use super::session;
use super::upkeep::{self, Aside};

pub struct Inspection {
    aside: Aside,
}

impl Inspection {
    pub async fn open(url: &str) -> StoreResult<Self> {
        let aside = Aside(session::connect(&Address::parse(url)?, &[("default_transaction_read_only", "on")]).await?);
        match schema::look(&aside.0).await? {
            Found::House { .. } => Ok(Self { aside }),
            Found::Nothing => Err(StoreError::Broken("the database is empty: there is no house in it yet".into())),
        }
    }

    /// A line for each broken promise found.
    pub async fn check(&self) -> StoreResult<Vec<String>> {
        upkeep::check(&self.aside).await
    }

    pub async fn blobs_in_use(&self) -> StoreResult<Vec<BlobId>> {
        upkeep::blobs_in_use(&self.aside).await
    }

    pub async fn counts(&self) -> StoreResult<Counts> {
        counts(&self.aside).await
    }
}

async fn counts(ask: &impl Ask) -> StoreResult<Counts> {
    let sql = "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM rooms WHERE key IS NOT NULL), \
        (SELECT count(*) FROM directs), (SELECT count(*) FROM entries), (SELECT count(*) FROM files), \
        (SELECT count(*) FROM apps)";
    let counts = one(ask, sql, &[], |row| {
        let count = |column: usize| Ok::<_, StoreError>(row.try_get::<_, i64>(column)?.max(0) as u64);
        Ok(Counts {
            accounts: count(0)?,
            rooms: count(1)?,
            directs: count(2)?,
            entries: count(3)?,
            files: count(4)?,
            apps: count(5)?,
        })
    });
    counts.await?.ok_or_else(|| StoreError::Broken("nothing could be counted".into()))
}
