#![allow(unused_variables)]
use super::*;
use crate::store::*;

#[async_trait]
impl Log for SqliteStore {
    async fn append(&self, draft: DraftEntry) -> StoreResult<Appended> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn entries(&self, conversation: ConversationId, range: Range, limit: u32) -> StoreResult<Vec<Entry>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn messages(&self, conversation: ConversationId, before: Option<Seq>, limit: u32) -> StoreResult<Vec<Entry>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn entry(&self, conversation: ConversationId, seq: Seq) -> StoreResult<Option<Entry>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn head(&self, conversation: ConversationId) -> StoreResult<Seq> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn search(
        &self,
        account: AccountId,
        words: String,
        within: Option<ConversationId>,
        limit: u32,
    ) -> StoreResult<Vec<Entry>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn file(&self, file: FileId) -> StoreResult<Option<FileRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
}
