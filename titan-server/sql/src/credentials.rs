//! [`Credentials`], kept over an [`Engine`] as the other traits are in [`super::sql`].

use async_trait::async_trait;
use titan_core::{AccountId, AppPasswordId, ConversationId, SessionId, Time};

use titan_store::*;

use super::engine::{Engine, SqlStore};
use super::tx::Tx;
use super::verbs::{credentials, factors};

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

    async fn factor(&self, account: AccountId) -> StoreResult<Option<FactorRecord>> {
        self.0.read(move |ask| Box::pin(factors::find(ask, account))).await
    }

    async fn add_factor(
        &self,
        account: AccountId,
        new: NewFactor,
        keep: Option<SessionId>,
        warrant: Warrant,
    ) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| factors::add(tx, account, &new, keep, &warrant).await).await
    }

    async fn remove_factor(&self, account: AccountId, keep: Option<SessionId>, warrant: Warrant) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| factors::remove(tx, account, keep, &warrant).await).await
    }

    async fn take_step(&self, account: AccountId, factor: FactorRecord, step: i64) -> StoreResult<bool> {
        self.write(async move |tx: &mut dyn Tx| factors::take_step(tx, account, &factor, step).await).await
    }

    async fn take_recovery_code(&self, account: AccountId, hash: [u8; 32], warrant: Warrant) -> StoreResult<bool> {
        self.write(async move |tx: &mut dyn Tx| factors::take_code(tx, account, &hash, &warrant).await).await
    }

    async fn renew_recovery_codes(
        &self,
        account: AccountId,
        hashes: Vec<[u8; 32]>,
        warrant: Warrant,
    ) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| factors::renew_codes(tx, account, &hashes, &warrant).await).await
    }

    async fn app_passwords(&self, account: AccountId) -> StoreResult<Vec<AppPasswordRecord>> {
        self.0.read(move |ask| Box::pin(factors::app_passwords(ask, account))).await
    }

    async fn app_password(&self, account: AccountId, by: AppPasswordKey) -> StoreResult<Option<AppPasswordRecord>> {
        self.0.read(move |ask| Box::pin(async move { factors::app_password(ask, account, &by).await })).await
    }

    async fn add_app_password(
        &self,
        account: AccountId,
        new: NewAppPassword,
        warrant: Warrant,
    ) -> StoreResult<AppPasswordRecord> {
        self.write(async move |tx: &mut dyn Tx| factors::add_app_password(tx, account, &new, &warrant).await).await
    }

    async fn remove_app_password(
        &self,
        account: AccountId,
        app_password: AppPasswordId,
        warrant: Warrant,
    ) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| factors::remove_app_password(tx, account, app_password, &warrant).await)
            .await
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
