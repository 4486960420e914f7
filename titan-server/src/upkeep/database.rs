//! The database of a house, looked at from beside, wherever it is kept.

use titan_core::BlobId;
use tokio::runtime::{Builder, Runtime};

use crate::config::Config;
use crate::store::{Counts, StoreError, StoreResult, postgres, sqlite};

pub enum Database {
    File(sqlite::Inspection),
    /// With what drives its connection.
    Postgres(postgres::Inspection, Runtime),
}

impl Database {
    pub fn open(config: &Config) -> StoreResult<Self> {
        let Some(url) = &config.database_url else { return sqlite::Inspection::open(&config.database).map(Self::File) };
        let runtime = runtime()?;
        let inspection = runtime.block_on(postgres::Inspection::open(url.reveal()))?;
        Ok(Self::Postgres(inspection, runtime))
    }

    /// A line for each damage or broken promise found.
    pub fn check(&mut self) -> StoreResult<Vec<String>> {
        match self {
            Self::File(file) => file.check(),
            Self::Postgres(database, runtime) => runtime.block_on(database.check()),
        }
    }

    pub fn blobs_in_use(&mut self) -> StoreResult<Vec<BlobId>> {
        match self {
            Self::File(file) => file.blobs_in_use(),
            Self::Postgres(database, runtime) => runtime.block_on(database.blobs_in_use()),
        }
    }

    pub fn counts(&mut self) -> StoreResult<Counts> {
        match self {
            Self::File(file) => file.counts(),
            Self::Postgres(database, runtime) => runtime.block_on(database.counts()),
        }
    }
}

/// For commands that are no server.
pub fn runtime() -> StoreResult<Runtime> {
    let built = Builder::new_current_thread().enable_all().build();
    built.map_err(|error| StoreError::Unavailable(format!("no runtime: {error}")))
}
