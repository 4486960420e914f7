//! The database of a house, looked at from beside, wherever it is kept.

use titan_core::BlobId;
use tokio::runtime::{Builder, Runtime};

use crate::config::Config;
use crate::store::soundness::Identity;
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

    /// Holds the words that search knows against the messages, where that is kept apart from them. Nobody else may use the
    /// database meanwhile.
    pub fn check_words(&self) -> StoreResult<()> {
        match self {
            Self::File(file) => file.check_words(),
            Self::Postgres(..) => Ok(()),
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

/// What the database says of itself; none where there is no house in it.
pub fn identity(config: &Config) -> StoreResult<Option<Identity>> {
    match &config.database_url {
        None => sqlite::identity_of(&config.database),
        Some(url) => runtime()?.block_on(postgres::identity_of(url.reveal())),
    }
}

/// For commands that are no server.
pub fn runtime() -> StoreResult<Runtime> {
    let built = Builder::new_current_thread().enable_all().build();
    built.map_err(|error| StoreError::Unavailable(format!("no runtime: {error}")))
}
