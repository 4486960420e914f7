//! [`Credentials`], kept over an [`Engine`] as the other traits are in [`super::sql`].

use async_trait::async_trait;
use titan_core::{AccountId, ConversationId, Time};

use titan_store::*;

use super::engine::{Engine, SqlStore};
use super::tx::Tx;
use super::verbs::credentials;

#[async_trait]
impl<E: Engine> Credentials for SqlStore<E> {
    async fn pending_mail(&self, account: AccountId, now: Time) -> StoreResult<Option<String>> {
        self.0.read(move |ask| Box::pin(credentials::pending_mail(ask, account, now))).await
    }

    async fn mail_change(&self, token_hash: [u8; 32], now: Time) -> StoreResult<Option<(AccountRecord, String)>> {
        self.0.read(move |ask| Box::pin(async move { credentials::mail_change(ask, &token_hash, now).await })).await
    }

    async fn confirm_mail(&self, token_hash: [u8; 32], now: Time, warrant: Warrant) -> StoreResult<AccountRecord> {
        self.write(async move |tx: &mut dyn Tx| credentials::confirm_mail(tx, &token_hash, now, &warrant).await).await
    }

    async fn weak_passwords(&self, after: AccountId, limit: u32) -> StoreResult<Vec<(AccountId, Verifier)>> {
        self.0.read_long(move |ask| Box::pin(credentials::weak_passwords(ask, after, limit))).await
    }

    async fn weak_rooms(&self, after: ConversationId, limit: u32) -> StoreResult<Vec<(ConversationId, String)>> {
        self.0.read_long(move |ask| Box::pin(credentials::weak_rooms(ask, after, limit))).await
    }

    async fn rekeep_account(&self, account: AccountId, before: Verifier, now: Verifier) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| credentials::rekeep_account(tx, account, &before, &now).await).await
    }

    async fn rekeep_room(&self, room: ConversationId, before: String, now: String) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| credentials::rekeep_room(tx, room, &before, &now).await).await
    }

    async fn peppered(&self, pepper: Option<String>) -> StoreResult<u64> {
        self.0.read_long(move |ask| Box::pin(async move { credentials::peppered(ask, pepper.as_deref()).await })).await
    }
}
