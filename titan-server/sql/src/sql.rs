//! A store in a database that knows SQL: the traits, kept once, over an [`Engine`] that reads and commits.

use async_trait::async_trait;
use std::sync::Arc;
use titan_core::protocol::{Entry, MemberRole, RelationKind, RepositoryStats, Role, SanctionKind};
use titan_core::{AccountId, AppId, ClientId, ConversationId, EntryId, FileId, SafeText, Seq, SessionId, Time};

use titan_store::*;

use super::engine::{Engine, SqlStore};
use super::tx::Tx;
use super::verbs::{
    self, account_rows, accounts, addresses, directs, ending, files, former_names, history, memberships, moderation,
    reactions, relations, repository, rooms, sanctions, sessions,
};
use reactions::Under;

#[async_trait]
impl<E: Engine> Accounts for SqlStore<E> {
    async fn create_account(&self, new: NewAccount, warrant: Warrant) -> StoreResult<AccountRecord> {
        self.write(async move |tx: &mut dyn Tx| accounts::create(tx, &new, &warrant).await).await
    }

    async fn account(&self, by: AccountKey) -> StoreResult<Option<AccountRecord>> {
        self.0.read(move |ask| Box::pin(async move { account_rows::find(ask, &by).await })).await
    }

    async fn account_formerly(&self, name: String) -> StoreResult<Option<AccountRecord>> {
        self.0.read(move |ask| Box::pin(async move { former_names::whose(ask, &name).await })).await
    }

    async fn accounts_among(&self, ids: Vec<AccountId>) -> StoreResult<Vec<AccountRecord>> {
        self.0.read(move |ask| Box::pin(async move { accounts::among(ask, &ids).await })).await
    }

    async fn accounts(&self, prefix: String, page: Page<AccountId>) -> StoreResult<Vec<AccountRecord>> {
        self.0.read(move |ask| Box::pin(async move { accounts::list(ask, &prefix, page).await })).await
    }

    async fn number_of_accounts(&self) -> StoreResult<u64> {
        self.0.read(|ask| Box::pin(accounts::number(ask))).await
    }

    async fn change_account(
        &self,
        account: AccountId,
        change: AccountChange,
        warrant: Warrant,
    ) -> StoreResult<AccountRecord> {
        self.write(async move |tx: &mut dyn Tx| accounts::change(tx, account, &change, &warrant).await).await
    }

    async fn delete_account(&self, account: AccountId, by: Ender, now: Time, warrant: Warrant) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| ending::delete(tx, account, by, now, &warrant).await).await
    }

    async fn ended_accounts(&self, since: Time, limit: u32) -> StoreResult<Vec<(AccountId, Time)>> {
        self.0.read(move |ask| Box::pin(ending::list(ask, since, limit))).await
    }

    async fn address_ban(&self, address: String) -> StoreResult<Option<String>> {
        self.0.read(move |ask| Box::pin(async move { addresses::ban(ask, &address).await })).await
    }

    async fn address_bans_around(&self, network: String) -> StoreResult<Vec<String>> {
        self.0.read(move |ask| Box::pin(async move { addresses::bans_around(ask, &network).await })).await
    }

    async fn address_bans(&self, page: Page<String>) -> StoreResult<Vec<(String, String)>> {
        self.0.read(move |ask| Box::pin(addresses::bans(ask, page))).await
    }

    async fn set_address_ban(&self, address: String, reason: Option<String>, warrant: Warrant) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| addresses::set(tx, &address, reason.as_deref(), &warrant).await).await
    }

    async fn open_session(&self, new: NewSession, warrant: Warrant) -> StoreResult<(SessionId, AccountRecord)> {
        self.write(async move |tx: &mut dyn Tx| sessions::open(tx, &new, &warrant).await).await
    }

    async fn session(&self, by: SessionKey) -> StoreResult<Option<(SessionRecord, AccountRecord)>> {
        let now = self.0.now();
        self.0.read(move |ask| Box::pin(async move { sessions::find(ask, &by, now).await })).await
    }

    async fn sessions(&self, account: AccountId) -> StoreResult<Vec<SessionRecord>> {
        let now = self.0.now();
        self.0.read(move |ask| Box::pin(sessions::list(ask, account, now))).await
    }

    async fn session_stands(&self, session: SessionId) -> StoreResult<bool> {
        let now = self.0.now();
        self.0.read(move |ask| Box::pin(sessions::stands(ask, session, now))).await
    }

    async fn touch_session(&self, session: SessionId, now: Time) -> StoreResult<()> {
        if self.0.read(move |ask| Box::pin(sessions::seen_lately(ask, session, now))).await? {
            return Ok(());
        }
        self.write(async move |tx: &mut dyn Tx| sessions::touch(tx, session, now).await).await
    }

    async fn touch_sessions(&self, sessions: Vec<SessionId>, now: Time) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| sessions::touch_all(tx, &sessions, now).await).await
    }

    async fn end_sessions(
        &self,
        account: AccountId,
        which: Sessions,
        why: Why,
        warrant: Warrant,
    ) -> StoreResult<Vec<SessionId>> {
        self.write(async move |tx: &mut dyn Tx| sessions::revoke(tx, account, which, why, &warrant).await).await
    }

    async fn purge_sessions(&self, now: Time) -> StoreResult<u64> {
        if !self.0.read(move |ask| Box::pin(sessions::any_expired(ask, now))).await? {
            return Ok(0);
        }
        self.write(async move |tx: &mut dyn Tx| sessions::purge(tx, now).await).await
    }

    async fn end_idle(&self, role: Role, opened_before: Time, used_before: Time) -> StoreResult<u64> {
        if !self.0.read(move |ask| Box::pin(sessions::any_idle(ask, role, opened_before, used_before))).await? {
            return Ok(0);
        }
        self.write(async move |tx: &mut dyn Tx| sessions::end_idle(tx, role, opened_before, used_before).await).await
    }

    async fn sweep_door(&self, door: &'static str) -> StoreResult<u64> {
        if !self.0.read(move |ask| Box::pin(sessions::any_of_door(ask, door))).await? {
            return Ok(0);
        }
        self.write(async move |tx: &mut dyn Tx| sessions::sweep_door(tx, door).await).await
    }

    async fn open_reset(&self, new: NewReset, warrant: Warrant) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| ending::open_reset(tx, &new, &warrant).await).await
    }

    async fn reset(&self, token_hash: [u8; 32], now: Time) -> StoreResult<Option<AccountRecord>> {
        self.0.read(move |ask| Box::pin(async move { ending::reset(ask, &token_hash, now).await })).await
    }

    async fn use_reset(
        &self,
        token_hash: [u8; 32],
        verifier: Verifier,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<AccountRecord> {
        self.write(async move |tx: &mut dyn Tx| ending::use_reset(tx, &token_hash, &verifier, now, &warrant).await)
            .await
    }

    async fn note_setting(&self, setting: &'static str, warrant: Warrant) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| {
            tx.hold(&warrant.grounds).await?;
            tx.tell(Change::SettingChanged { setting });
            verbs::note(tx, &warrant).await
        })
        .await
    }
}

#[async_trait]
impl<E: Engine> Relations for SqlStore<E> {
    async fn relations(&self, account: AccountId, page: Page<AccountId>) -> StoreResult<Vec<RelationRecord>> {
        self.0.read(move |ask| Box::pin(relations::list(ask, account, page))).await
    }

    async fn relation_with(&self, account: AccountId, other: AccountId) -> StoreResult<Option<RelationRecord>> {
        self.0.read(move |ask| Box::pin(relations::find(ask, account, other))).await
    }

    async fn relation(&self, account: AccountId, other: AccountId) -> StoreResult<Option<RelationKind>> {
        self.0.read(move |ask| Box::pin(relations::between(ask, account, other))).await
    }

    async fn request_friend(
        &self,
        account: AccountId,
        other: AccountId,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<RelationKind> {
        self.write(async move |tx: &mut dyn Tx| relations::request(tx, account, other, now, &warrant).await).await
    }

    async fn accept_friend(
        &self,
        account: AccountId,
        other: AccountId,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| relations::accept(tx, account, other, now, &warrant).await).await
    }

    async fn end_relation(
        &self,
        account: AccountId,
        other: AccountId,
        wanted: &'static [RelationKind],
        warrant: Warrant,
    ) -> StoreResult<RelationKind> {
        self.write(async move |tx: &mut dyn Tx| relations::end(tx, account, other, wanted, &warrant).await).await
    }

    async fn set_block(
        &self,
        account: AccountId,
        other: AccountId,
        blocked: bool,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| relations::set_block(tx, account, other, blocked, now, &warrant).await)
            .await
    }
}

#[async_trait]
impl<E: Engine> Rooms for SqlStore<E> {
    async fn create_room(&self, new: NewRoom, warrant: Warrant) -> StoreResult<RoomRecord> {
        self.write(async move |tx: &mut dyn Tx| rooms::create(tx, &new, &warrant).await).await
    }

    async fn rooms(&self, viewer: AccountId, page: Page<ConversationId>) -> StoreResult<Vec<RoomRecord>> {
        self.0.read(move |ask| Box::pin(rooms::list(ask, viewer, page))).await
    }

    async fn number_of_rooms(&self) -> StoreResult<u64> {
        self.0.read(|ask| Box::pin(rooms::number(ask))).await
    }

    async fn room(&self, room: ConversationId, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
        self.0.read(move |ask| Box::pin(rooms::find(ask, room, viewer))).await
    }

    async fn room_named(&self, name: String, viewer: AccountId) -> StoreResult<Option<RoomRecord>> {
        self.0.read(move |ask| Box::pin(async move { rooms::find_named(ask, &name, viewer).await })).await
    }

    async fn change_room(
        &self,
        room: ConversationId,
        by: AccountId,
        change: RoomUpdate,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<RoomRecord> {
        self.write(async move |tx: &mut dyn Tx| rooms::alter(tx, room, by, &change, now, &warrant).await).await
    }

    async fn delete_room(
        &self,
        room: ConversationId,
        by: Option<SafeText>,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| rooms::delete(tx, room, by.as_ref(), now, &warrant).await).await
    }

    async fn join(
        &self,
        room: ConversationId,
        account: AccountId,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<Option<Arc<Entry>>> {
        self.write(async move |tx: &mut dyn Tx| rooms::join(tx, room, account, now, &warrant).await).await
    }

    async fn leave(
        &self,
        room: ConversationId,
        account: AccountId,
        departure: Departure,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<Option<Arc<Entry>>> {
        self.write(async move |tx: &mut dyn Tx| rooms::leave(tx, room, account, &departure, now, &warrant).await).await
    }

    async fn members(&self, conversation: ConversationId, page: Page<AccountId>) -> StoreResult<Vec<MemberRecord>> {
        self.0.read(move |ask| Box::pin(rooms::members(ask, conversation, page))).await
    }

    async fn set_member_role(
        &self,
        room: ConversationId,
        account: AccountId,
        role: MemberRole,
        warrant: Warrant,
    ) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| moderation::set_role(tx, room, account, role, &warrant).await).await
    }

    async fn set_sanction(&self, new: NewSanction, warrant: Warrant) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| moderation::set(tx, &new, &warrant).await).await
    }

    async fn lift_sanction(
        &self,
        room: ConversationId,
        account: AccountId,
        kind: SanctionKind,
        warrant: Warrant,
    ) -> StoreResult<bool> {
        self.write(async move |tx: &mut dyn Tx| moderation::lift(tx, room, account, kind, &warrant).await).await
    }

    async fn sanctions(&self, room: ConversationId, now: Time) -> StoreResult<Vec<SanctionRecord>> {
        self.0.read(move |ask| Box::pin(sanctions::list(ask, room, now))).await
    }

    async fn sanction(
        &self,
        room: ConversationId,
        account: AccountId,
        kind: SanctionKind,
        now: Time,
    ) -> StoreResult<Option<SanctionRecord>> {
        self.0.read(move |ask| Box::pin(sanctions::find(ask, room, account, kind, now))).await
    }

    async fn open_direct(
        &self,
        one: AccountId,
        other: AccountId,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<(ConversationId, bool)> {
        self.write(async move |tx: &mut dyn Tx| directs::open(tx, one, other, now, &warrant).await).await
    }

    async fn memberships(&self, account: AccountId, page: Page<ConversationId>) -> StoreResult<Vec<MembershipRecord>> {
        self.0.read(move |ask| Box::pin(memberships::of_account(ask, account, page))).await
    }

    async fn places(&self, account: AccountId) -> StoreResult<Vec<PlaceRecord>> {
        self.0.read(move |ask| Box::pin(memberships::places(ask, account))).await
    }

    async fn membership(
        &self,
        account: AccountId,
        conversation: ConversationId,
    ) -> StoreResult<Option<MembershipRecord>> {
        self.0.read(move |ask| Box::pin(memberships::one_of_account(ask, account, conversation))).await
    }

    async fn mark_read(
        &self,
        account: AccountId,
        conversation: ConversationId,
        seq: Seq,
        warrant: Warrant,
    ) -> StoreResult<Seq> {
        self.write(async move |tx: &mut dyn Tx| memberships::mark_read(tx, account, conversation, seq, &warrant).await)
            .await
    }
}

#[async_trait]
impl<E: Engine> Log for SqlStore<E> {
    async fn take_in(&self, draft: DraftEntry) -> StoreResult<Appending> {
        self.0.take_in(draft).await
    }

    async fn written(&self, author: AccountId, client_id: ClientId) -> StoreResult<Option<Entry>> {
        self.0.read(move |ask| Box::pin(history::written(ask, author, client_id))).await
    }

    async fn entries(&self, conversation: ConversationId, range: Range, limit: u32) -> StoreResult<Vec<Entry>> {
        self.0.read(move |ask| Box::pin(history::entries(ask, conversation, range, limit))).await
    }

    async fn messages(&self, conversation: ConversationId, before: Option<Seq>, limit: u32) -> StoreResult<Vec<Entry>> {
        self.0.read(move |ask| Box::pin(history::messages(ask, conversation, before, limit))).await
    }

    async fn entry(&self, conversation: ConversationId, seq: Seq) -> StoreResult<Option<Entry>> {
        self.0.read(move |ask| Box::pin(history::entry(ask, conversation, seq))).await
    }

    async fn own_reactions(
        &self,
        account: AccountId,
        conversation: ConversationId,
        target: Seq,
    ) -> StoreResult<Vec<String>> {
        let under = Under { conversation, target, account };
        self.0.read(move |ask| Box::pin(reactions::own(ask, under))).await
    }

    async fn head(&self, conversation: ConversationId) -> StoreResult<Seq> {
        self.0.read(move |ask| Box::pin(history::head(ask, conversation))).await
    }

    async fn search(&self, account: AccountId, query: Query) -> StoreResult<Hits> {
        self.0.search(account, query).await
    }

    async fn entries_by(&self, author: AccountId, after: EntryId, limit: u32) -> StoreResult<Vec<Entry>> {
        self.0.read_long(move |ask| Box::pin(history::entries_by(ask, author, after, limit))).await
    }

    async fn file(&self, file: FileId) -> StoreResult<Option<FileRecord>> {
        self.0.read(move |ask| Box::pin(files::find(ask, file))).await
    }

    async fn file_named(&self, unique_name: String) -> StoreResult<Option<FileRecord>> {
        self.0.read(move |ask| Box::pin(async move { files::named(ask, &unique_name).await })).await
    }

    async fn files(&self, conversation: ConversationId, range: Range, limit: u32) -> StoreResult<Vec<FileRecord>> {
        self.0.read(move |ask| Box::pin(files::list(ask, conversation, range, limit))).await
    }

    async fn number_of_files(&self, conversation: ConversationId) -> StoreResult<u64> {
        self.0.read(move |ask| Box::pin(files::number(ask, conversation))).await
    }

    async fn files_among(&self, ids: Vec<FileId>) -> StoreResult<Vec<FileRecord>> {
        self.0.read(move |ask| Box::pin(async move { files::among(ask, &ids).await })).await
    }
}

#[async_trait]
impl<E: Engine> Repository for SqlStore<E> {
    async fn add_app(&self, new: NewApp, warrant: Warrant) -> StoreResult<AppRecord> {
        self.write(async move |tx: &mut dyn Tx| repository::add(tx, &new, &warrant).await).await
    }

    async fn app(&self, app: AppId) -> StoreResult<Option<AppRecord>> {
        self.0.read(move |ask| Box::pin(repository::find(ask, app))).await
    }

    async fn apps(&self, filter: AppFilter, page: Page<AppId>) -> StoreResult<Vec<AppRecord>> {
        self.0.read(move |ask| Box::pin(async move { repository::list(ask, &filter, page).await })).await
    }

    async fn decide_app(&self, app: AppId, decision: Decision, warrant: Warrant) -> StoreResult<AppRecord> {
        self.write(async move |tx: &mut dyn Tx| repository::decide(tx, app, &decision, &warrant).await).await
    }

    async fn count_download(&self, app: AppId) -> StoreResult<()> {
        self.write(async move |tx: &mut dyn Tx| repository::count_download(tx, app).await).await
    }

    async fn delete_app(&self, app: AppId, warrant: Warrant) -> StoreResult<AppRecord> {
        self.write(async move |tx: &mut dyn Tx| repository::delete(tx, app, &warrant).await).await
    }

    async fn repository_stats(&self) -> StoreResult<RepositoryStats> {
        self.0.read(|ask| Box::pin(repository::stats(ask))).await
    }
}
