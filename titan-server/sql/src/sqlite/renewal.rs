//! What a release before wrote, brought under today's rules where a house is opened.

use rusqlite::Connection;
use titan_core::Time;

use super::super::StoreResult;
use super::super::ledger::Ledger;
use super::super::verbs;
use super::batch::{Batch, at_once};

/// All of it or none.
pub(super) fn renew(connection: &mut Connection) -> StoreResult<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let renewed = at_once(verbs::renew(&mut Batch::new(connection, &mut Ledger::default(), Time(0))));
    let end = if renewed.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = connection.execute_batch(end);
    renewed.and(ended.map_err(Into::into))
}
