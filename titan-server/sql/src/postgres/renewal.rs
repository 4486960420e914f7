//! What a release before wrote, brought under today's rules where a house is opened.

use deadpool_postgres::ClientWrapper;
use titan_core::Time;

use super::super::StoreResult;
use super::super::ledger::Ledger;
use super::super::verbs;
use super::batch::Batch;

/// All of it or none.
pub(super) async fn renew(client: &ClientWrapper) -> StoreResult<()> {
    client.batch_execute("BEGIN").await?;
    let renewed = verbs::renew(&mut Batch::new(client, &mut Ledger::default(), Time(0))).await;
    let end = if renewed.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = client.batch_execute(end).await;
    renewed.and(ended.map_err(Into::into))
}
