#![allow(unused_variables)]
use super::*;
use crate::store::*;

#[async_trait]
impl Rooms for SqliteStore {
    async fn create_room(&self, new: NewRoom) -> StoreResult<RoomRecord> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn rooms(&self, viewer: AccountId) -> StoreResult<Vec<RoomRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn room(&self, room: ConversationId, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn room_named(&self, name: String, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn change_room(
        &self,
        room: ConversationId,
        by: AccountId,
        change: RoomUpdate,
        now: Time,
    ) -> StoreResult<RoomRecord> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn delete_room(&self, room: ConversationId, now: Time) -> StoreResult<()> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn join(&self, room: ConversationId, account: AccountId, now: Time) -> StoreResult<Arc<Entry>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn leave(
        &self,
        room: ConversationId,
        account: AccountId,
        by: Option<AccountId>,
        now: Time,
    ) -> StoreResult<Arc<Entry>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn members(&self, conversation: ConversationId) -> StoreResult<Vec<MemberRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn open_direct(&self, one: AccountId, other: AccountId, now: Time) -> StoreResult<(ConversationId, bool)> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn memberships(&self, account: AccountId) -> StoreResult<Vec<MembershipRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn places(&self, account: AccountId) -> StoreResult<Vec<PlaceRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn membership(
        &self,
        account: AccountId,
        conversation: ConversationId,
    ) -> StoreResult<Option<MembershipRecord>> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
    async fn mark_read(&self, account: AccountId, conversation: ConversationId, seq: Seq) -> StoreResult<Seq> {
        Err(StoreError::Unavailable("not built yet".into()))
    }
}
