//! What a store does so that what was deleted leaves the disk: the last that names it, the bytes that it stood in.

use async_trait::async_trait;
use titan_core::BlobId;

use super::StoreResult;

/// A memory that is on no disk has nothing that could stay there.
#[async_trait]
pub trait Erasure: Send + Sync + 'static {
    /// Those of the blobs that nothing in the house points to.
    async fn blobs_let_go(&self, _of: Vec<BlobId>) -> StoreResult<Vec<BlobId>> {
        Ok(Vec::new())
    }

    /// Takes the names of accounts that have ended out of what they left behind, some `limit` entries further; how many were
    /// looked at, 0 once nothing is left to do. Who wrote it is told apart by `former-` and the Titan number from then on.
    async fn forget_names(&self, _limit: u32) -> StoreResult<u32> {
        Ok(0)
    }

    /// Has what was erased until now leave the database's files; whether all of it has. Where somebody reads it this very
    /// moment, it has not; nor where that costs much and was done lately, unless `at_once`.
    async fn scour(&self, _at_once: bool) -> StoreResult<bool> {
        Ok(true)
    }

    /// The same for what was erased ever, by any release: writes all of the database anew. Nobody writes meanwhile.
    async fn rewrite(&self) -> StoreResult<()> {
        Ok(())
    }
}
