//! A connection that stands beside the writer and the readers, for operators' work.

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;

use super::super::StoreResult;
use super::super::tx::{Ask, Row, Values};
use super::row::{params, row_of};

/// A connection of its own, for what takes long.
pub(super) struct Aside(pub ClientWrapper);

#[async_trait]
impl Ask for Aside {
    async fn rows(&mut self, sql: &str, values: Values<'_>) -> StoreResult<Vec<Row>> {
        self.0.query(sql, &params(values)).await?.iter().map(row_of).collect()
    }
}
