//! The one transaction of an import into a house in a file.

use std::path::Path;

use rusqlite::Connection;

use super::super::ledger::Ledger;
use super::super::tx::Tx;
use super::super::{Clock, MachineClock, StoreResult};
use super::batch::{Batch, at_once};
use super::schema;

/// Dropped before [`Transaction::commit`], nothing of it stays.
pub struct Transaction {
    connection: Connection,
    ledger: Ledger,
}

impl Transaction {
    pub fn begin(path: &Path) -> StoreResult<Self> {
        let connection = schema::open_writer(path)?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Self { connection, ledger: Ledger::default() })
    }

    pub fn run<T>(&mut self, verb: impl AsyncFnOnce(&mut dyn Tx) -> StoreResult<T>) -> StoreResult<T> {
        at_once(verb(&mut self.batch()))
    }

    /// On disk when this returns.
    pub fn commit(mut self) -> StoreResult<()> {
        self.batch().flush()?;
        self.connection.execute_batch("COMMIT")?;
        // All is in the log by now: that it can't be moved out of it fails nothing.
        if let Err(error) = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
            tracing::warn!(%error, "what was imported stays in the write-ahead log for now");
        }
        Ok(())
    }

    fn batch(&mut self) -> Batch<'_> {
        Batch::new(&mut self.connection, &mut self.ledger, MachineClock.now())
    }
}
