#![allow(unused_variables)]
use super::*;
use crate::store::*;

#[async_trait]
impl Accounts for SqliteStore {
    async fn create_account(&self, new: NewAccount) -> StoreResult<AccountRecord> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn account(&self, by: AccountKey) -> StoreResult<Option<AccountRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn accounts(&self, prefix: Option<String>, limit: Option<u32>) -> StoreResult<Vec<AccountRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn change_account(&self, account: AccountId, change: AccountChange) -> StoreResult<AccountRecord> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn address_ban(&self, address: String) -> StoreResult<Option<String>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn set_address_ban(&self, address: String, reason: Option<String>) -> StoreResult<()> {
        Err(StoreError::Unavailable("not built yet".into()))
    }

    async fn open_session(&self, new: NewSession) -> StoreResult<SessionId> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn session(&self, token_hash: [u8; 32]) -> StoreResult<Option<(SessionRecord, AccountRecord)>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn sessions(&self, account: AccountId) -> StoreResult<Vec<SessionRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn touch_session(&self, session: SessionId, now: Time) -> StoreResult<()> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn revoke_session(&self, account: AccountId, session: SessionId) -> StoreResult<bool> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn revoke_sessions(&self, account: AccountId, keep: Option<SessionId>) -> StoreResult<Vec<SessionId>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }

    async fn record_audit(&self, act: AuditRecord) -> StoreResult<()> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn audit(&self, limit: u32) -> StoreResult<Vec<AuditRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
}
