//! The keys of names, made by today's rule where a house of before is opened.

use deadpool_postgres::ClientWrapper;
use titan_core::Time;

use super::super::StoreResult;
use super::super::ledger::Ledger;
use super::super::verbs::alike;
use super::batch::Batch;

/// Gives every row the key that its name has by today's rule: all of them or none.
pub(super) async fn renew(client: &ClientWrapper) -> StoreResult<()> {
    client.batch_execute("BEGIN").await?;
    let renewed = alike::renew(&mut Batch::new(client, &mut Ledger::default(), Time(0))).await;
    let end = if renewed.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = client.batch_execute(end).await;
    renewed.and(ended.map_err(Into::into))
}
