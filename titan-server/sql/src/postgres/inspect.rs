//! A database looked at from beside: by checks, which run in a process of their own and must neither write to it nor
//! migrate it, whether a server is using it or not.

use titan_core::BlobId;

use super::super::tx::{Ask, one};
use super::super::{Counts, StoreError, StoreResult};
use super::address::Address;
use super::aside::Aside;
use super::schema::{self, Found};
use super::session;
use super::upkeep;

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
    pub async fn check(&mut self) -> StoreResult<Vec<String>> {
        upkeep::check(&mut self.aside).await
    }

    pub async fn blobs_in_use(&mut self) -> StoreResult<Vec<BlobId>> {
        upkeep::blobs_in_use(&mut self.aside).await
    }

    pub async fn counts(&mut self) -> StoreResult<Counts> {
        counts(&mut self.aside).await
    }
}

async fn counts(ask: &mut dyn Ask) -> StoreResult<Counts> {
    let sql = "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM rooms WHERE key IS NOT NULL), \
        (SELECT count(*) FROM directs), (SELECT count(*) FROM entries), (SELECT count(*) FROM files), \
        (SELECT count(*) FROM apps)";
    let counts = one(ask, sql, &[], |row| {
        Ok(Counts {
            accounts: row.get(0)?,
            rooms: row.get(1)?,
            directs: row.get(2)?,
            entries: row.get(3)?,
            files: row.get(4)?,
            apps: row.get(5)?,
        })
    });
    counts.await?.ok_or_else(|| StoreError::Broken("nothing could be counted".into()))
}
