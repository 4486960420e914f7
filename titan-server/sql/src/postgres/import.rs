//! The one transaction of an import into a house in PostgreSQL. The driver is asynchronous and imports are not: each verb
//! runs here, on the thread that asks.

use deadpool_postgres::ClientWrapper;
use tokio::runtime::{Builder, Runtime};

use super::super::ledger::Ledger;
use super::super::tx::Tx;
use super::super::{Clock, MachineClock, StoreResult};
use super::address::Address;
use super::batch::Batch;
use super::{no_thread, session};

/// Dropped before [`Transaction::commit`], nothing of it stays, and not the tables either where there were none. The house's
/// lock is held meanwhile.
pub struct Transaction {
    client: ClientWrapper,
    ledger: Ledger,
    runtime: Runtime,
}

impl Transaction {
    pub fn begin(url: &str) -> StoreResult<Self> {
        let address = Address::parse(url)?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| no_thread(&error))?;
        let client = runtime.block_on(session::open_within_one(&address))?;
        Ok(Self { client, ledger: Ledger::default(), runtime })
    }

    pub fn run<T>(&mut self, verb: impl AsyncFnOnce(&mut dyn Tx) -> StoreResult<T>) -> StoreResult<T> {
        let Self { client, ledger, runtime } = self;
        runtime.block_on(verb(&mut Batch::new(client, ledger, MachineClock.now())))
    }

    /// On disk when this returns.
    pub fn commit(mut self) -> StoreResult<()> {
        let Self { client, ledger, runtime } = &mut self;
        runtime.block_on(async {
            Batch::new(client, ledger, MachineClock.now()).flush().await?;
            Ok(client.batch_execute("COMMIT").await?)
        })
    }
}
