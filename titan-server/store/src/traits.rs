//! What a memory is: everything that the hub and the house want of one, a trait a family.

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use titan_core::protocol::{Entry, MemberRole, RelationKind, RepositoryStats, Role, SanctionKind};
use titan_core::{
    AccountId, AppId, AppPasswordId, BlobId, ClientId, ConversationId, EntryId, FileId, SafeText, Seq, SessionId, Time,
};
use tokio::sync::mpsc;

use super::audit::Audit;
use super::change::{Committed, Ender, Sessions, Why};
use super::draft::{
    AccountChange, Decision, Departure, DraftEntry, NewAccount, NewApp, NewAppPassword, NewFactor, NewReset, NewRoom,
    NewSanction, NewSession, RoomUpdate,
};
use super::record::{
    AccountKey, AccountRecord, AppFilter, AppPasswordKey, AppPasswordRecord, AppRecord, Appended, FactorRecord,
    FileRecord, Hits, HouseRecord, KeeperRecord, Kept, MemberRecord, MembershipRecord, Page, PlaceRecord, Query, Range,
    RelationRecord, RoomRecord, SanctionRecord, SessionKey, SessionRecord, Verifier,
};
use super::{Erasure, Soundness, StoreResult, Warrant};

/// Waits until an entry is on disk.
pub type Appending = Pin<Box<dyn Future<Output = StoreResult<Appended>> + Send>>;

/// Where a store puts what it committed; bounded, so that a store never runs ahead of the switchboard by much.
pub type CommittedSender = mpsc::Sender<Committed>;

/// Everything the hub wants of a memory.
pub trait Store:
    Accounts + Audit + Credentials + Relations + Rooms + Log + Repository + Upkeep + Soundness + Erasure
{
}
impl<S: Accounts + Audit + Credentials + Relations + Rooms + Log + Repository + Upkeep + Soundness + Erasure> Store
    for S
{
}

/// Accounts, sessions, bans.
#[async_trait]
pub trait Accounts: Send + Sync + 'static {
    /// Makes an account and a member of "general" (without a `joined` entry, which would fill its log). `Taken("name")`
    /// when the look-alike key is, `Taken("titan_number")` when the number is. The audit line, where the warrant has one,
    /// gets the account as its object.
    async fn create_account(&self, new: NewAccount, warrant: Warrant) -> StoreResult<AccountRecord>;
    async fn account(&self, by: AccountKey) -> StoreResult<Option<AccountRecord>>;
    /// By the name it had where it was imported from, if that was one account's alone and is nobody's name now.
    async fn account_formerly(&self, name: String) -> StoreResult<Option<AccountRecord>>;
    /// Those of the ids that exist.
    async fn accounts_among(&self, ids: Vec<AccountId>) -> StoreResult<Vec<AccountRecord>>;
    /// Those whose name begins with a prefix (case aside), by name.
    async fn accounts(&self, prefix: String, page: Page<AccountId>) -> StoreResult<Vec<AccountRecord>>;
    async fn number_of_accounts(&self) -> StoreResult<u64>;
    /// Changes what is given, and ends the sessions that it names. `NotFound` when there is no such account.
    async fn change_account(
        &self,
        account: AccountId,
        change: AccountChange,
        warrant: Warrant,
    ) -> StoreResult<AccountRecord>;
    /// Ends an account for good. Its rooms are left, and their logs tell; its sessions, relations, sanctions, mentions,
    /// resets and memberships go; a room it owned goes to its longest-standing moderator, else member, else whoever comes
    /// first; its name is free again. What it wrote stays, and the other side of a direct keeps it, with a nameless account
    /// that no lookup finds; see [`Erasure::forget_names`]. `NotFound` when there is no such account (any more).
    async fn delete_account(&self, account: AccountId, by: Ender, now: Time, warrant: Warrant) -> StoreResult<()>;
    /// Accounts that ended at that time or later, and when, the oldest first.
    async fn ended_accounts(&self, since: Time, limit: u32) -> StoreResult<Vec<(AccountId, Time)>>;
    /// Whether an address is banned, and why.
    async fn address_ban(&self, address: String) -> StoreResult<Option<String>>;
    /// The banned ones of those networks that this one lies in, or is.
    async fn address_bans_around(&self, network: String) -> StoreResult<Vec<String>>;
    /// Banned addresses with the reason, in the order of their texts.
    async fn address_bans(&self, page: Page<String>) -> StoreResult<Vec<(String, String)>>;
    /// Bans, or (no reason) lifts a ban: `NotFound` where there is none.
    async fn set_address_ban(&self, address: String, reason: Option<String>, warrant: Warrant) -> StoreResult<()>;

    /// Opens a session and notes the login; the account as it is then. `NotFound` when the account is gone. Beyond the most
    /// that it may have, those end that were not in use for longest.
    async fn open_session(&self, new: NewSession, warrant: Warrant) -> StoreResult<(SessionId, AccountRecord)>;
    /// A session with its account, if it still stands.
    async fn session(&self, by: SessionKey) -> StoreResult<Option<(SessionRecord, AccountRecord)>>;
    async fn sessions(&self, account: AccountId) -> StoreResult<Vec<SessionRecord>>;
    /// Whether a session has neither been ended nor expired.
    async fn session_stands(&self, session: SessionId) -> StoreResult<bool>;
    async fn touch_session(&self, session: SessionId, now: Time) -> StoreResult<()>;
    /// Notes that all of these are in use.
    async fn touch_sessions(&self, sessions: Vec<SessionId>, now: Time) -> StoreResult<()>;
    /// Ends sessions of the account; which ones there were.
    async fn end_sessions(
        &self,
        account: AccountId,
        which: Sessions,
        why: Why,
        warrant: Warrant,
    ) -> StoreResult<Vec<SessionId>>;

    /// Removes the sessions that have expired by then; how many. Writes nothing where there are none.
    async fn purge_sessions(&self, now: Time) -> StoreResult<u64>;

    /// Ends the sessions of accounts of a role that were opened before the one time, or not used since the other; how many.
    /// Writes nothing where there are none.
    async fn end_idle(&self, role: Role, opened_before: Time, used_before: Time) -> StoreResult<u64>;

    /// Ends the sessions that were opened at a door: one whose sessions end with their connections, where none of those are
    /// left; how many. Writes nothing where there are none.
    async fn sweep_door(&self, door: &'static str) -> StoreResult<u64>;

    /// Keeps a token that sets a new password, once. Those of the account that have expired go.
    async fn open_reset(&self, new: NewReset, warrant: Warrant) -> StoreResult<()>;
    /// Whose reset this is, while it stands.
    async fn reset(&self, token_hash: [u8; 32], now: Time) -> StoreResult<Option<AccountRecord>>;
    /// Uses a reset: in one step it and every other one of the account are gone, the password is set and all sessions have
    /// ended. `NotFound` when it does not stand (any more): of several at once, one succeeds.
    async fn use_reset(
        &self,
        token_hash: [u8; 32],
        verifier: Verifier,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<AccountRecord>;

    /// Notes that a setting of the house, which is kept elsewhere, becomes another.
    async fn note_setting(&self, setting: &'static str, warrant: Warrant) -> StoreResult<()>;
}

/// What accounts and rooms are entered by, beside sessions.
#[async_trait]
pub trait Credentials: Send + Sync + 'static {
    /// The mail address of an account that waits to be confirmed.
    async fn pending_mail(&self, account: AccountId, now: Time) -> StoreResult<Option<String>>;
    /// Whose change of mail address this is, and to which, while it stands.
    async fn mail_change(&self, token_hash: [u8; 32], now: Time) -> StoreResult<Option<(AccountRecord, String)>>;
    /// Makes the address that waited the account's, and links to a new password worthless. `NotFound` when it does not stand
    /// (any more).
    async fn confirm_mail(&self, token_hash: [u8; 32], now: Time, warrant: Warrant) -> StoreResult<AccountRecord>;

    /// The account's second factor.
    async fn factor(&self, account: AccountId) -> StoreResult<Option<FactorRecord>>;
    /// Gives the account a second factor, and ends its sessions but this one. `Taken` where it has one.
    async fn add_factor(
        &self,
        account: AccountId,
        new: NewFactor,
        keep: Option<SessionId>,
        warrant: Warrant,
    ) -> StoreResult<()>;
    /// Takes it away with its recovery codes, and ends the account's sessions but this one. `NotFound` where it has none.
    async fn remove_factor(&self, account: AccountId, keep: Option<SessionId>, warrant: Warrant) -> StoreResult<()>;
    /// Uses up a step: whether it is later than those that were used, of this very factor.
    async fn take_step(&self, account: AccountId, factor: FactorRecord, step: i64) -> StoreResult<bool>;
    /// Uses up a recovery code; whether there is one of this hash.
    async fn take_recovery_code(&self, account: AccountId, hash: [u8; 32], warrant: Warrant) -> StoreResult<bool>;
    /// Puts other recovery codes in the place of those that are left. `NotFound` where there is no second factor.
    async fn renew_recovery_codes(
        &self,
        account: AccountId,
        hashes: Vec<[u8; 32]>,
        warrant: Warrant,
    ) -> StoreResult<()>;

    /// The account's app passwords, the oldest first.
    async fn app_passwords(&self, account: AccountId) -> StoreResult<Vec<AppPasswordRecord>>;
    /// The one that is meant.
    async fn app_password(&self, account: AccountId, by: AppPasswordKey) -> StoreResult<Option<AppPasswordRecord>>;
    /// Keeps another. `Full` where there are as many as there may be.
    async fn add_app_password(
        &self,
        account: AccountId,
        new: NewAppPassword,
        warrant: Warrant,
    ) -> StoreResult<AppPasswordRecord>;
    /// Removes one, and ends the sessions that it opened. `NotFound` where there is none.
    async fn remove_app_password(
        &self,
        account: AccountId,
        app_password: AppPasswordId,
        warrant: Warrant,
    ) -> StoreResult<()>;

    /// The next accounts, in the order of ids, whose password is kept weakly or without saying how.
    async fn weak_passwords(&self, after: AccountId, limit: u32) -> StoreResult<Vec<(AccountId, Verifier)>>;
    /// The next rooms, likewise.
    async fn weak_rooms(&self, after: ConversationId, limit: u32) -> StoreResult<Vec<(ConversationId, String)>>;
    /// Keeps an account's password otherwise, where it still is the same; whether it is banned or not.
    async fn rekeep_account(&self, account: AccountId, before: Verifier, now: Verifier) -> StoreResult<()>;
    /// Keeps a room's password otherwise, where it still is the same.
    async fn rekeep_room(&self, room: ConversationId, before: String, now: String) -> StoreResult<()>;
    /// How many passwords, of accounts and rooms, rest on the pepper of this id; on any where none is given.
    async fn peppered(&self, pepper: Option<String>) -> StoreResult<u64>;
}

/// How accounts stand to each other: friends, requests, blocks.
#[async_trait]
pub trait Relations: Send + Sync + 'static {
    /// An account's, requests to it included, by kind and name.
    async fn relations(&self, account: AccountId, page: Page<AccountId>) -> StoreResult<Vec<RelationRecord>>;
    /// The one with another account.
    async fn relation_with(&self, account: AccountId, other: AccountId) -> StoreResult<Option<RelationRecord>>;
    /// How `other` stands to `account`; that `other` has blocked `account` is seen from the other side only.
    async fn relation(&self, account: AccountId, other: AccountId) -> StoreResult<Option<RelationKind>>;
    /// Asks to be friends. `Friend` when `other` had asked before, else `Requested`. `Taken("request")` when asked before,
    /// `Taken("friendship")` when friends, `NotFound` when one of them doesn't exist, `Conflict` when one blocks the other.
    async fn request_friend(
        &self,
        account: AccountId,
        other: AccountId,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<RelationKind>;
    /// Says yes to a request of `other`; `NotFound` when there is none.
    async fn accept_friend(&self, account: AccountId, other: AccountId, now: Time, warrant: Warrant)
    -> StoreResult<()>;
    /// Ends what is one of `wanted`: a friendship, or a request either way; what it was. `NotFound` when it is none.
    async fn end_relation(
        &self,
        account: AccountId,
        other: AccountId,
        wanted: &'static [RelationKind],
        warrant: Warrant,
    ) -> StoreResult<RelationKind>;
    /// Blocks (what was between them ends) or unblocks. `NotFound` when `other` doesn't exist or isn't blocked; blocking
    /// again is fine. The direct of the two shuts, or opens, with it.
    async fn set_block(
        &self,
        account: AccountId,
        other: AccountId,
        blocked: bool,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<()>;
}

/// Conversations and who is in them.
#[async_trait]
pub trait Rooms: Send + Sync + 'static {
    /// Makes a room with its owner as member and a `joined` entry. `Taken("name")` when the name's key is, `Full("rooms")`
    /// when the owner has as many as one may.
    async fn create_room(&self, new: NewRoom, warrant: Warrant) -> StoreResult<RoomRecord>;
    /// Rooms, by id; `viewer` fills `joined`.
    async fn rooms(&self, viewer: AccountId, page: Page<ConversationId>) -> StoreResult<Vec<RoomRecord>>;
    async fn number_of_rooms(&self) -> StoreResult<u64>;
    async fn room(&self, room: ConversationId, viewer: AccountId) -> StoreResult<Option<RoomRecord>>;
    async fn room_named(&self, name: String, viewer: AccountId) -> StoreResult<Option<RoomRecord>>;
    /// Changes what is given and writes a `room_changed` entry. `Taken("name")` when the new name's key is.
    async fn change_room(
        &self,
        room: ConversationId,
        by: AccountId,
        change: RoomUpdate,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<RoomRecord>;
    /// Ends a room at once; its entries are purged later, in small steps (see [`Upkeep::purge`]). `by` is who is told to
    /// have done it.
    async fn delete_room(
        &self,
        room: ConversationId,
        by: Option<SafeText>,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<()>;
    /// `Taken("membership")` when already a member, `NotFound` when the room is gone, `Conflict` when banned from it. Gives
    /// the `joined` entry; none for somebody who is muted there, and says nothing by coming. A room's owner comes back as
    /// its owner; a room that belongs to nobody, or to somebody who is banned from the house, belongs to who comes first.
    async fn join(
        &self,
        room: ConversationId,
        account: AccountId,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<Option<Arc<Entry>>>;
    /// `NotFound` when no member. Gives the `left` entry; none for somebody who is muted there and goes by themselves. An owner
    /// hands the room over: to the one who has been its moderator, else member, for longest; with nobody else in it, it stays
    /// theirs.
    async fn leave(
        &self,
        room: ConversationId,
        account: AccountId,
        departure: Departure,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<Option<Arc<Entry>>>;
    /// By name.
    async fn members(&self, conversation: ConversationId, page: Page<AccountId>) -> StoreResult<Vec<MemberRecord>>;
    /// Gives a member of a room another role; a new `Owner` becomes the room's, and the one before a moderator. `NotFound`
    /// when no member.
    async fn set_member_role(
        &self,
        room: ConversationId,
        account: AccountId,
        role: MemberRole,
        warrant: Warrant,
    ) -> StoreResult<()>;
    /// Mutes or bans, in place of an earlier one of that kind. It outlasts leaving; who is banned is no member any more.
    /// `NotFound` when the room or the account is gone.
    async fn set_sanction(&self, new: NewSanction, warrant: Warrant) -> StoreResult<()>;
    /// Whether there was one.
    async fn lift_sanction(
        &self,
        room: ConversationId,
        account: AccountId,
        kind: SanctionKind,
        warrant: Warrant,
    ) -> StoreResult<bool>;
    /// Those that stand at a time, the newest first.
    async fn sanctions(&self, room: ConversationId, now: Time) -> StoreResult<Vec<SanctionRecord>>;
    /// One that stands at a time.
    async fn sanction(
        &self,
        room: ConversationId,
        account: AccountId,
        kind: SanctionKind,
        now: Time,
    ) -> StoreResult<Option<SanctionRecord>>;
    /// The direct pair of the two (who may be one and the same), made where there is none; whether it was made now. Until
    /// something is said there, it shows to those alone who opened it.
    async fn open_direct(
        &self,
        one: AccountId,
        other: AccountId,
        now: Time,
        warrant: Warrant,
    ) -> StoreResult<(ConversationId, bool)>;
    /// The account's conversations that show to it, the most recently active first. Unread messages are those of others that stand,
    /// counted among the first 10,000 entries beyond the read mark; with very many conversations, the first 1,000.
    async fn memberships(&self, account: AccountId, page: Page<ConversationId>) -> StoreResult<Vec<MembershipRecord>>;
    /// Where the account stands in each of its conversations, and no more: what a login needs, in one cheap query.
    async fn places(&self, account: AccountId) -> StoreResult<Vec<PlaceRecord>>;
    async fn membership(
        &self,
        account: AccountId,
        conversation: ConversationId,
    ) -> StoreResult<Option<MembershipRecord>>;
    /// Moves the read mark forward, never back, and never beyond the head; where it stands then.
    async fn mark_read(
        &self,
        account: AccountId,
        conversation: ConversationId,
        seq: Seq,
        warrant: Warrant,
    ) -> StoreResult<Seq>;
}

/// The log of each conversation.
#[async_trait]
pub trait Log: Send + Sync + 'static {
    /// Takes one entry in to be written, and gives what waits until it is on disk. Those taken in one after the other are
    /// written in that order. A draft whose client id its author used before is not written again: the first entry's place
    /// comes back, `fresh` false. Edits, deletions and reactions also change how their target now stands (a deletion
    /// erases the text everywhere, earlier edits of it included, and takes its file, reactions and mentions away).
    /// `NotFound` when the conversation is gone, or the target is no message or a deleted one; `Full("reactions")` when the
    /// message has as many kinds as one may. That an account fetched a file is noted once.
    async fn take_in(&self, draft: DraftEntry) -> StoreResult<Appending>;
    /// Writes one entry.
    async fn append(&self, draft: DraftEntry) -> StoreResult<Appended> {
        self.take_in(draft).await?.await
    }
    /// What an author wrote with this client id, if anything: for a retry that is refused before it comes to be appended.
    async fn written(&self, author: AccountId, client_id: ClientId) -> StoreResult<Option<Entry>>;
    /// Entries in order of seq, messages as they now stand.
    async fn entries(&self, conversation: ConversationId, range: Range, limit: u32) -> StoreResult<Vec<Entry>>;
    /// The last messages before a seq (not the other kinds, not deleted ones), oldest first, as they now stand.
    async fn messages(&self, conversation: ConversationId, before: Option<Seq>, limit: u32) -> StoreResult<Vec<Entry>>;
    async fn entry(&self, conversation: ConversationId, seq: Seq) -> StoreResult<Option<Entry>>;
    /// With which reactions an account has reacted to a message, in their spelling there.
    async fn own_reactions(
        &self,
        account: AccountId,
        conversation: ConversationId,
        target: Seq,
    ) -> StoreResult<Vec<String>>;
    async fn head(&self, conversation: ConversationId) -> StoreResult<Seq>;
    /// Messages with all the words (`titan_core::text::Sought`), newest first, in the conversations of the account (or the one
    /// named, if a member). Takes a bounded time, and tells where it was cut.
    async fn search(&self, account: AccountId, query: Query) -> StoreResult<Hits>;
    /// What an author wrote after an entry, in the order of writing, in whatever conversation that stands, messages as they
    /// now stand.
    async fn entries_by(&self, author: AccountId, after: EntryId, limit: u32) -> StoreResult<Vec<Entry>>;
    async fn file(&self, file: FileId) -> StoreResult<Option<FileRecord>>;
    /// The file that an older system knew under this name.
    async fn file_named(&self, unique_name: String) -> StoreResult<Option<FileRecord>>;
    /// Files of a conversation, oldest first.
    async fn files(&self, conversation: ConversationId, range: Range, limit: u32) -> StoreResult<Vec<FileRecord>>;
    async fn number_of_files(&self, conversation: ConversationId) -> StoreResult<u64>;
    /// Those of the ids that exist, in no order.
    async fn files_among(&self, ids: Vec<FileId>) -> StoreResult<Vec<FileRecord>>;
}

/// Apps.
#[async_trait]
pub trait Repository: Send + Sync + 'static {
    async fn add_app(&self, new: NewApp, warrant: Warrant) -> StoreResult<AppRecord>;
    async fn app(&self, app: AppId) -> StoreResult<Option<AppRecord>>;
    /// Newest first.
    async fn apps(&self, filter: AppFilter, page: Page<AppId>) -> StoreResult<Vec<AppRecord>>;
    /// Approves or rejects what has this hash, and writes into the audit log which; `Conflict` when the app's bytes are
    /// others by now.
    async fn decide_app(&self, app: AppId, decision: Decision, warrant: Warrant) -> StoreResult<AppRecord>;
    async fn count_download(&self, app: AppId) -> StoreResult<()>;
    /// Gives the app as it was.
    async fn delete_app(&self, app: AppId, warrant: Warrant) -> StoreResult<AppRecord>;
    async fn repository_stats(&self) -> StoreResult<RepositoryStats>;
}

/// What operators and the house itself need.
#[async_trait]
pub trait Upkeep: Send + Sync + 'static {
    /// Removes up to `limit` entries of deleted rooms; how many there were.
    async fn purge(&self, limit: u32) -> StoreResult<u32>;
    /// Brings the index of words up to the logs, up to `limit` entries of before; how many there were.
    async fn index_words(&self, _limit: u32) -> StoreResult<u32> {
        Ok(0)
    }
    /// Gives rooms that belong to nobody, or to somebody who is banned, to those who have been in them for longest; how many.
    async fn find_owners(&self) -> StoreResult<u64>;
    /// Every blob that something points to.
    async fn blobs_in_use(&self) -> StoreResult<Vec<BlobId>>;
    /// The files and apps of an account; what is purged later is gone already.
    async fn kept_by(&self, account: AccountId) -> StoreResult<Kept>;
    /// Bytes of all files and apps.
    async fn kept_bytes(&self) -> StoreResult<u64>;
    /// Who keeps most, with how much.
    async fn keepers(&self, limit: u32) -> StoreResult<Vec<KeeperRecord>>;
    /// A consistent copy of the database, made beside running writers.
    async fn backup(&self, to: std::path::PathBuf) -> StoreResult<()>;
    /// Looks for damage and for breaks of the log's promises (gaps, doubles); a line for each thing found.
    async fn check(&self) -> StoreResult<Vec<String>>;
    /// What is known of the house as a whole.
    async fn house(&self) -> StoreResult<HouseRecord>;
    /// Commits something that changes nothing, to see that commits are made.
    async fn probe(&self) -> StoreResult<()>;
    /// Waits until the store can write no more, though nobody closed it: why.
    async fn ended(&self) -> String;
    /// Finishes what was begun and closes; later verbs are `Unavailable`.
    async fn close(&self);
}
