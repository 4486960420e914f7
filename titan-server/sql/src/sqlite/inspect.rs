//! A database looked at from beside: by backups and checks, which run in a process of their own and must neither write to
//! it nor migrate it, whether a server is using it or not.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use titan_core::BlobId;

use super::super::{Counts, StoreResult, verbs};
use super::batch::{Looking, at_once};
use super::{schema, upkeep};

pub struct Inspection {
    path: PathBuf,
    connection: Connection,
}

impl Inspection {
    pub fn open(path: &Path) -> StoreResult<Self> {
        let connection = schema::open_reader(path)?;
        schema::refuse_strangers(&connection, path)?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// A consistent copy, made beside whoever writes.
    pub fn backup(&self, to: &Path) -> StoreResult<()> {
        upkeep::backup(&self.connection, to)
    }

    /// A line for each damage or broken promise found. Sees one moment, also of later calls.
    pub fn check(&self) -> StoreResult<Vec<String>> {
        upkeep::check(&self.connection)
    }

    /// Looks for damage in the index of words. Nothing is changed, but it takes the writer's place, so
    /// nobody else may be using the database.
    pub fn check_words(&self) -> StoreResult<()> {
        let connection = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let sql = "BEGIN; INSERT INTO message_words (message_words, rank) VALUES ('integrity-check', 1); ROLLBACK";
        Ok(connection.execute_batch(sql)?)
    }

    pub fn blobs_in_use(&mut self) -> StoreResult<Vec<BlobId>> {
        at_once(verbs::upkeep::blobs_in_use(&mut Looking(&mut self.connection)))
    }

    pub fn counts(&mut self) -> StoreResult<Counts> {
        at_once(verbs::upkeep::counts(&mut Looking(&mut self.connection)))
    }
}
