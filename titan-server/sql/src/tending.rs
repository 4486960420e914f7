//! What the house itself and its operator need of a store in a database, kept once over an [`Engine`]: see [`super::sql`].

use async_trait::async_trait;
use titan_core::{AccountId, BlobId};

use titan_store::*;

use super::engine::{Engine, SqlStore};
use super::soundness::Identity;
use super::tx::{Ask, Tx, one};
use super::verbs::{erasing, keeping, owners, sums, upkeep, words};

#[async_trait]
impl<E: Engine> Upkeep for SqlStore<E> {
    async fn purge(&self, limit: u32) -> StoreResult<u32> {
        self.write(async move |tx: &mut dyn Tx| upkeep::purge(tx, limit).await).await
    }

    async fn index_words(&self, limit: u32) -> StoreResult<u32> {
        self.write(async move |tx: &mut dyn Tx| words::index(tx, limit).await).await
    }

    async fn find_owners(&self) -> StoreResult<u64> {
        if !self.0.read(|ask| Box::pin(owners::any_unowned(ask))).await? {
            return Ok(0);
        }
        self.write(async |tx: &mut dyn Tx| owners::find_owners(tx).await).await
    }

    async fn blobs_in_use(&self) -> StoreResult<Vec<BlobId>> {
        self.0.read_long(|ask| Box::pin(upkeep::blobs_in_use(ask))).await
    }

    async fn kept_by(&self, account: AccountId) -> StoreResult<Kept> {
        self.0.read(move |ask| Box::pin(keeping::by_account(ask, account))).await
    }

    async fn kept_bytes(&self) -> StoreResult<u64> {
        self.0.read(|ask| Box::pin(keeping::by_all(ask))).await
    }

    async fn keepers(&self, limit: u32) -> StoreResult<Vec<KeeperRecord>> {
        self.0.read_long(move |ask| Box::pin(keeping::most(ask, limit))).await
    }

    async fn backup(&self, to: std::path::PathBuf) -> StoreResult<()> {
        self.0.backup(to).await
    }

    async fn check(&self) -> StoreResult<Vec<String>> {
        self.0.check().await
    }

    async fn house(&self) -> StoreResult<HouseRecord> {
        self.0.read(|ask| Box::pin(house(ask))).await
    }

    async fn probe(&self) -> StoreResult<()> {
        self.write(async |tx: &mut dyn Tx| tx.change("UPDATE house SET turn = turn", &[]).await.map(drop)).await
    }

    async fn ended(&self) -> String {
        self.0.ended().await
    }

    async fn close(&self) {
        self.0.close().await;
    }
}

async fn house(ask: &mut dyn Ask) -> StoreResult<HouseRecord> {
    let found = one(ask, "SELECT epoch, turn FROM house", &[], |row| {
        Ok(HouseRecord { epoch: row.get(0)?, turn: Turn(row.get(1)?) })
    })
    .await?;
    found.ok_or_else(|| StoreError::Broken("the table house is empty".into()))
}

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

#[async_trait]
impl<E: Engine> Erasure for SqlStore<E> {
    async fn blobs_let_go(&self, of: Vec<BlobId>) -> StoreResult<Vec<BlobId>> {
        self.0.read(move |ask| Box::pin(async move { erasing::blobs_let_go(ask, &of).await })).await
    }

    async fn forget_names(&self, limit: u32) -> StoreResult<u32> {
        if !self.0.read(|ask| Box::pin(erasing::any_named(ask))).await? {
            return Ok(0);
        }
        self.write(async move |tx: &mut dyn Tx| erasing::forget_names(tx, limit).await).await
    }

    async fn scour(&self, at_once: bool) -> StoreResult<bool> {
        self.0.scour(at_once).await
    }

    async fn rewrite(&self) -> StoreResult<()> {
        self.0.rewrite().await
    }
}
