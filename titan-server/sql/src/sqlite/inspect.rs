//! A database looked at from beside: by backups and checks, which run in a process of their own and must neither write to
//! it nor migrate it, whether a server is using it or not.

use std::path::Path;

use rusqlite::Connection;
use titan_core::BlobId;

use super::super::{Counts, StoreResult};
use super::{schema, upkeep};

pub struct Inspection {
    connection: Connection,
}

impl Inspection {
    pub fn open(path: &Path) -> StoreResult<Self> {
        let connection = schema::open_reader(path)?;
        schema::refuse_strangers(&connection, path)?;
        Ok(Self { connection })
    }

    /// A consistent copy, made beside whoever writes.
    pub fn backup(&self, to: &Path) -> StoreResult<()> {
        upkeep::backup(&self.connection, to)
    }

    /// A line for each damage or broken promise found. Sees one moment, also of later calls.
    pub fn check(&self) -> StoreResult<Vec<String>> {
        upkeep::check(&self.connection)
    }

    pub fn blobs_in_use(&self) -> StoreResult<Vec<BlobId>> {
        upkeep::blobs_in_use(&self.connection)
    }

    pub fn counts(&self) -> StoreResult<Counts> {
        counts(&self.connection)
    }
}

pub(super) fn counts(connection: &Connection) -> StoreResult<Counts> {
    let count = |sql: &str| -> StoreResult<u64> {
        Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))?.max(0) as u64)
    };
    Ok(Counts {
        accounts: count("SELECT count(*) FROM accounts")?,
        rooms: count("SELECT count(*) FROM rooms WHERE key IS NOT NULL")?,
        directs: count("SELECT count(*) FROM directs")?,
        entries: count("SELECT count(*) FROM entries")?,
        files: count("SELECT count(*) FROM files")?,
        apps: count("SELECT count(*) FROM apps")?,
    })
}
