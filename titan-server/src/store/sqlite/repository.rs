#![allow(unused_variables)]
use super::*;
use crate::store::*;

#[async_trait]
impl Repository for SqliteStore {
    async fn add_app(&self, new: NewApp) -> StoreResult<AppRecord> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn app(&self, app: AppId) -> StoreResult<Option<AppRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn apps(&self, filter: AppFilter) -> StoreResult<Vec<AppRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn decide_app(&self, app: AppId, decision: Decision) -> StoreResult<AppRecord> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn count_download(&self, app: AppId) -> StoreResult<()> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn delete_app(&self, app: AppId) -> StoreResult<AppRecord> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn repository_stats(&self) -> StoreResult<RepositoryStats> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
}
