#![allow(unused_variables)]
use super::*;
use crate::store::*;

#[async_trait]
impl Upkeep for SqliteStore {
    async fn purge(&self, limit: u32) -> StoreResult<u32> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn blobs_in_use(&self) -> StoreResult<Vec<BlobId>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn backup(&self, to: std::path::PathBuf) -> StoreResult<()> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn check(&self) -> StoreResult<Vec<String>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn close(&self) {}
}
