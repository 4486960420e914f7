//! The connections that read, shared by all looks. They can't write, and go on while the writer waits for a disk or a lock.

use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};

use super::super::StoreResult;
use super::super::tx::{Ask, Row, Values};
use super::address::Address;
use super::failure::is_lost;
use super::row::{AskPostgres, Params, params, row_of};

/// How long a look waits for a connection that is free.
const WAIT_MOST: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub(super) struct Readers {
    pool: Pool,
}

impl Readers {
    /// Opens no connection yet. No look takes longer than `most`, in milliseconds.
    pub fn new(address: &Address, connections: usize, most: u32) -> StoreResult<Self> {
        let config = address.with(&[
            ("default_transaction_read_only", "on"),
            ("statement_timeout", &most.to_string()),
            // What is looked for differs too much from one look to the next for one plan to fit all.
            ("plan_cache_mode", "force_custom_plan"),
            // To compile a plan takes longer than any of these.
            ("jit", "off"),
        ]);
        let manager = Manager::from_config(
            config,
            address.tls.clone(),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let pool = Pool::builder(manager)
            .max_size(connections.max(1))
            .wait_timeout(Some(WAIT_MOST))
            .create_timeout(Some(WAIT_MOST))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| super::super::StoreError::Broken(error.to_string()))?;
        Ok(Self { pool })
    }

    pub fn close(&self) {
        self.pool.close();
    }
}

#[async_trait]
impl AskPostgres for Readers {
    /// Asks once more, over another connection, where the first one turns out to be lost.
    async fn found(&mut self, sql: &str, params: Params<'_>) -> StoreResult<Vec<tokio_postgres::Row>> {
        loop {
            let client = self.pool.get().await?;
            match ask(&client, sql, params).await {
                // Each turn takes a dead connection out of the pool, until there are none left or a new one is refused.
                Err(error) if is_lost(&error) => drop(Object::take(client)),
                rows => return Ok(rows?),
            }
        }
    }
}

#[async_trait]
impl Ask for Readers {
    async fn rows(&mut self, sql: &str, values: Values<'_>) -> StoreResult<Vec<Row>> {
        self.found(sql, &params(values)).await?.iter().map(row_of).collect()
    }
}

async fn ask(
    client: &Object,
    sql: &str,
    params: Params<'_>,
) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
    let statement = client.prepare_cached(sql).await?;
    client.query(&statement, params).await
}
