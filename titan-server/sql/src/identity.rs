//! [`Soundness`], kept over an [`Engine`] as the other traits are in [`super::sql`].

use async_trait::async_trait;

use titan_store::*;

use super::engine::{Engine, SqlStore};
use super::soundness::Identity;
use super::tx::Tx;
use super::verbs::sums;

#[async_trait]
impl<E: Engine> Soundness for SqlStore<E> {
    async fn identity(&self) -> StoreResult<Identity> {
        self.0.read(|ask| Box::pin(sums::identity(ask))).await
    }

    async fn remember_pepper(&self, known_by: String) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| sums::remember_pepper(tx, &known_by).await).await
    }

    async fn sum_rows(&self, limit: u32) -> StoreResult<u32> {
        self.write(async move |tx: &mut dyn Tx| sums::sum_rows(tx, limit).await).await
    }

    async fn checkpoint(&self) -> StoreResult<()> {
        self.0.checkpoint().await
    }
}
