//! The keys of names, made by today's rule where a house of before is opened.

use rusqlite::Connection;
use titan_core::Time;

use super::super::StoreResult;
use super::super::ledger::Ledger;
use super::super::verbs::alike;
use super::batch::{Batch, at_once};

/// Gives every row the key that its name has by today's rule: all of them or none.
pub(super) fn renew(connection: &mut Connection) -> StoreResult<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let renewed = at_once(alike::renew(&mut Batch::new(connection, &mut Ledger::default(), Time(0))));
    let end = if renewed.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = connection.execute_batch(end);
    renewed.and(ended.map_err(Into::into))
}
