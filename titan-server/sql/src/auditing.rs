//! The audit log of a store in a database, kept once over an [`Engine`]: see [`super::sql`].

use async_trait::async_trait;

use titan_store::*;

use super::engine::{Engine, SqlStore};
use super::verbs::audit;

#[async_trait]
impl<E: Engine> Audit for SqlStore<E> {
    async fn audit(&self, before: Option<i64>, limit: u32) -> StoreResult<Vec<AuditRow>> {
        self.0.read(move |ask| Box::pin(audit::list(ask, before, limit))).await
    }

    async fn audit_chain(&self) -> StoreResult<AuditChain> {
        self.0.read_long(|ask| Box::pin(audit::verify(ask))).await
    }

    async fn audit_head(&self) -> StoreResult<Option<AuditHead>> {
        self.0.read(|ask| Box::pin(audit::head(ask))).await
    }

    async fn audit_holds(&self, head: AuditHead) -> StoreResult<bool> {
        self.0.read(move |ask| Box::pin(audit::holds(ask, head))).await
    }
}
