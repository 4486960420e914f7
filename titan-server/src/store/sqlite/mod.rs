//! The memory in one SQLite file. Being built: verbs answer `Unavailable` until they are.

mod accounts;
mod log;
mod repository;
mod rooms;
mod upkeep;

use async_trait::async_trait;
use std::path::Path;

use super::{CommittedSender, StoreResult};

/// How the file is used.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Connections that read, each on a thread of its own.
    pub readers: usize,
    /// Verbs that may wait for the writer; beyond it callers wait for a place.
    pub queue: usize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { readers: 4, queue: 4096 }
    }
}

/// A store in one SQLite file.
pub struct SqliteStore {}

impl SqliteStore {
    /// Opens the database, makes or migrates it where needed, and starts its threads. Blocks for that long.
    pub fn open(path: &Path, committed: CommittedSender, options: SqliteOptions) -> StoreResult<Self> {
        let _ = (path, committed, options);
        Ok(Self {})
    }
}
