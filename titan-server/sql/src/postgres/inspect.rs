//! A database looked at from beside: by checks, which run in a process of their own and must neither write to it nor
//! migrate it, whether a server is using it or not.

use titan_core::BlobId;

use super::super::{Counts, StoreError, StoreResult, verbs};
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
        verbs::upkeep::blobs_in_use(&mut self.aside).await
    }

    pub async fn counts(&mut self) -> StoreResult<Counts> {
        verbs::upkeep::counts(&mut self.aside).await
    }
}
