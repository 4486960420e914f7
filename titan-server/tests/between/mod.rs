//! A store between the hub and the real one, which it only hands on to: something may happen before a verb and after it.
//!
//! So a test can stand in the gap between a decision and the transaction that acts on it, and no hook for tests stands in
//! the server.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use titan_core::protocol::{Entry, MemberRole, RelationKind, RepositoryStats, Role, SanctionKind};
use titan_core::{
    AccountId, AppId, AppPasswordId, BlobId, ClientId, ConversationId, EntryId, FileId, SafeText, Seq, SessionId, Time,
};
use titan_server::store::soundness::Identity;
use titan_server::store::*;

/// What happens around each verb and look.
#[async_trait]
pub trait Around: Send + Sync + 'static {
    async fn before(&self, verb: &'static str);
    async fn after(&self, verb: &'static str);
}

/// A store with something around each of its verbs.
pub struct Between<A> {
    pub around: Arc<A>,
    pub store: Arc<dyn Store>,
}

impl<A: Around> Between<A> {
    async fn through<T>(&self, verb: &'static str, work: impl Future<Output = T> + Send) -> T
    where
        T: Send,
    {
        self.around.before(verb).await;
        let done = work.await;
        self.around.after(verb).await;
        done
    }
}

/// Writes a trait's verbs, each of which goes through to the store.
macro_rules! through {
    ($part:ident: $($verb:ident($($name:ident: $type:ty),*) -> $given:ty;)*) => {
        #[async_trait]
        impl<A: Around> $part for Between<A> {
            $(async fn $verb(&self, $($name: $type),*) -> $given {
                self.through(stringify!($verb), self.store.$verb($($name),*)).await
            })*
        }
    };
}

through! { Accounts:
    create_account(new: NewAccount, warrant: Warrant) -> StoreResult<AccountRecord>;
    account(by: AccountKey) -> StoreResult<Option<AccountRecord>>;
    account_formerly(name: String) -> StoreResult<Option<AccountRecord>>;
    accounts_among(ids: Vec<AccountId>) -> StoreResult<Vec<AccountRecord>>;
    accounts(prefix: String, page: Page<AccountId>) -> StoreResult<Vec<AccountRecord>>;
    number_of_accounts() -> StoreResult<u64>;
    change_account(account: AccountId, change: AccountChange, warrant: Warrant) -> StoreResult<AccountRecord>;
    delete_account(account: AccountId, by: Ender, now: Time, warrant: Warrant) -> StoreResult<()>;
    ended_accounts(since: Time, limit: u32) -> StoreResult<Vec<(AccountId, Time)>>;
    address_ban(address: String) -> StoreResult<Option<String>>;
    address_bans_around(network: String) -> StoreResult<Vec<String>>;
    address_bans(page: Page<String>) -> StoreResult<Vec<(String, String)>>;
    set_address_ban(address: String, reason: Option<String>, warrant: Warrant) -> StoreResult<()>;
    open_session(new: NewSession, warrant: Warrant) -> StoreResult<(SessionId, AccountRecord)>;
    session(by: SessionKey) -> StoreResult<Option<(SessionRecord, AccountRecord)>>;
    sessions(account: AccountId) -> StoreResult<Vec<SessionRecord>>;
    session_stands(session: SessionId) -> StoreResult<bool>;
    touch_session(session: SessionId, now: Time) -> StoreResult<()>;
    touch_sessions(sessions: Vec<SessionId>, now: Time) -> StoreResult<()>;
    end_sessions(account: AccountId, which: Sessions, why: Why, warrant: Warrant) -> StoreResult<Vec<SessionId>>;
    purge_sessions(now: Time) -> StoreResult<u64>;
    end_idle(role: Role, opened_before: Time, used_before: Time) -> StoreResult<u64>;
    sweep_door(door: &'static str) -> StoreResult<u64>;
    open_reset(new: NewReset, warrant: Warrant) -> StoreResult<()>;
    reset(token_hash: [u8; 32], now: Time) -> StoreResult<Option<AccountRecord>>;
    use_reset(token_hash: [u8; 32], verifier: Verifier, now: Time, warrant: Warrant) -> StoreResult<AccountRecord>;
    note_setting(setting: &'static str, warrant: Warrant) -> StoreResult<()>;
}

through! { Audit:
    audit(before: Option<i64>, limit: u32) -> StoreResult<Vec<AuditRow>>;
    audit_chain() -> StoreResult<AuditChain>;
    audit_head() -> StoreResult<Option<AuditHead>>;
    audit_holds(head: AuditHead) -> StoreResult<bool>;
}

through! { Credentials:
    pending_mail(account: AccountId, now: Time) -> StoreResult<Option<String>>;
    mail_change(token_hash: [u8; 32], now: Time) -> StoreResult<Option<(AccountRecord, String)>>;
    confirm_mail(token_hash: [u8; 32], now: Time, warrant: Warrant) -> StoreResult<AccountRecord>;
    factor(account: AccountId) -> StoreResult<Option<FactorRecord>>;
    add_factor(account: AccountId, new: NewFactor, keep: Option<SessionId>, warrant: Warrant) -> StoreResult<()>;
    remove_factor(account: AccountId, keep: Option<SessionId>, warrant: Warrant) -> StoreResult<()>;
    take_step(account: AccountId, factor: FactorRecord, step: i64) -> StoreResult<bool>;
    take_recovery_code(account: AccountId, hash: [u8; 32], warrant: Warrant) -> StoreResult<bool>;
    renew_recovery_codes(account: AccountId, hashes: Vec<[u8; 32]>, warrant: Warrant) -> StoreResult<()>;
    app_passwords(account: AccountId) -> StoreResult<Vec<AppPasswordRecord>>;
    app_password(account: AccountId, by: AppPasswordKey) -> StoreResult<Option<AppPasswordRecord>>;
    add_app_password(account: AccountId, new: NewAppPassword, warrant: Warrant) -> StoreResult<AppPasswordRecord>;
    remove_app_password(account: AccountId, app_password: AppPasswordId, warrant: Warrant) -> StoreResult<()>;
    weak_passwords(after: AccountId, limit: u32) -> StoreResult<Vec<(AccountId, Verifier)>>;
    weak_rooms(after: ConversationId, limit: u32) -> StoreResult<Vec<(ConversationId, String)>>;
    rekeep_account(account: AccountId, before: Verifier, now: Verifier) -> StoreResult<()>;
    rekeep_room(room: ConversationId, before: String, now: String) -> StoreResult<()>;
    peppered(pepper: Option<String>) -> StoreResult<u64>;
}

through! { Relations:
    relations(account: AccountId, page: Page<AccountId>) -> StoreResult<Vec<RelationRecord>>;
    relation_with(account: AccountId, other: AccountId) -> StoreResult<Option<RelationRecord>>;
    relation(account: AccountId, other: AccountId) -> StoreResult<Option<RelationKind>>;
    request_friend(account: AccountId, other: AccountId, now: Time, warrant: Warrant) -> StoreResult<RelationKind>;
    accept_friend(account: AccountId, other: AccountId, now: Time, warrant: Warrant) -> StoreResult<()>;
    end_relation(account: AccountId, other: AccountId, wanted: &'static [RelationKind], warrant: Warrant) -> StoreResult<RelationKind>;
    set_block(account: AccountId, other: AccountId, blocked: bool, now: Time, warrant: Warrant) -> StoreResult<()>;
}

through! { Rooms:
    create_room(new: NewRoom, warrant: Warrant) -> StoreResult<RoomRecord>;
    rooms(viewer: AccountId, page: Page<ConversationId>) -> StoreResult<Vec<RoomRecord>>;
    number_of_rooms() -> StoreResult<u64>;
    room(room: ConversationId, viewer: AccountId) -> StoreResult<Option<RoomRecord>>;
    room_named(name: String, viewer: AccountId) -> StoreResult<Option<RoomRecord>>;
    change_room(room: ConversationId, by: AccountId, change: RoomUpdate, now: Time, warrant: Warrant) -> StoreResult<RoomRecord>;
    delete_room(room: ConversationId, by: Option<SafeText>, now: Time, warrant: Warrant) -> StoreResult<()>;
    join(room: ConversationId, account: AccountId, now: Time, warrant: Warrant) -> StoreResult<Option<Arc<Entry>>>;
    leave(room: ConversationId, account: AccountId, departure: Departure, now: Time, warrant: Warrant) -> StoreResult<Option<Arc<Entry>>>;
    members(conversation: ConversationId, page: Page<AccountId>) -> StoreResult<Vec<MemberRecord>>;
    set_member_role(room: ConversationId, account: AccountId, role: MemberRole, warrant: Warrant) -> StoreResult<()>;
    set_sanction(new: NewSanction, warrant: Warrant) -> StoreResult<()>;
    lift_sanction(room: ConversationId, account: AccountId, kind: SanctionKind, warrant: Warrant) -> StoreResult<bool>;
    sanctions(room: ConversationId, now: Time) -> StoreResult<Vec<SanctionRecord>>;
    sanction(room: ConversationId, account: AccountId, kind: SanctionKind, now: Time) -> StoreResult<Option<SanctionRecord>>;
    open_direct(one: AccountId, other: AccountId, now: Time, warrant: Warrant) -> StoreResult<(ConversationId, bool)>;
    memberships(account: AccountId, page: Page<ConversationId>) -> StoreResult<Vec<MembershipRecord>>;
    places(account: AccountId) -> StoreResult<Vec<PlaceRecord>>;
    membership(account: AccountId, conversation: ConversationId) -> StoreResult<Option<MembershipRecord>>;
    mark_read(account: AccountId, conversation: ConversationId, seq: Seq, warrant: Warrant) -> StoreResult<Seq>;
}

through! { Log:
    take_in(draft: DraftEntry) -> StoreResult<Appending>;
    written(author: AccountId, client_id: ClientId) -> StoreResult<Option<Entry>>;
    entries(conversation: ConversationId, range: Range, limit: u32) -> StoreResult<Vec<Entry>>;
    messages(conversation: ConversationId, before: Option<Seq>, limit: u32) -> StoreResult<Vec<Entry>>;
    entry(conversation: ConversationId, seq: Seq) -> StoreResult<Option<Entry>>;
    own_reactions(account: AccountId, conversation: ConversationId, target: Seq) -> StoreResult<Vec<String>>;
    head(conversation: ConversationId) -> StoreResult<Seq>;
    search(account: AccountId, query: Query) -> StoreResult<Hits>;
    entries_by(author: AccountId, after: EntryId, limit: u32) -> StoreResult<Vec<Entry>>;
    file(file: FileId) -> StoreResult<Option<FileRecord>>;
    file_named(unique_name: String) -> StoreResult<Option<FileRecord>>;
    files(conversation: ConversationId, range: Range, limit: u32) -> StoreResult<Vec<FileRecord>>;
    number_of_files(conversation: ConversationId) -> StoreResult<u64>;
    files_among(ids: Vec<FileId>) -> StoreResult<Vec<FileRecord>>;
}

through! { Repository:
    add_app(new: NewApp, warrant: Warrant) -> StoreResult<AppRecord>;
    app(app: AppId) -> StoreResult<Option<AppRecord>>;
    apps(filter: AppFilter, page: Page<AppId>) -> StoreResult<Vec<AppRecord>>;
    decide_app(app: AppId, decision: Decision, warrant: Warrant) -> StoreResult<AppRecord>;
    count_download(app: AppId) -> StoreResult<()>;
    delete_app(app: AppId, warrant: Warrant) -> StoreResult<AppRecord>;
    repository_stats() -> StoreResult<RepositoryStats>;
}

through! { Upkeep:
    purge(limit: u32) -> StoreResult<u32>;
    index_words(limit: u32) -> StoreResult<u32>;
    find_owners() -> StoreResult<u64>;
    blobs_in_use() -> StoreResult<Vec<BlobId>>;
    kept_by(account: AccountId) -> StoreResult<Kept>;
    kept_bytes() -> StoreResult<u64>;
    keepers(limit: u32) -> StoreResult<Vec<KeeperRecord>>;
    backup(to: PathBuf) -> StoreResult<()>;
    check() -> StoreResult<Vec<String>>;
    house() -> StoreResult<HouseRecord>;
    probe() -> StoreResult<()>;
    ended() -> String;
    close() -> ();
}

through! { Soundness:
    identity() -> StoreResult<Identity>;
    remember_pepper(known_by: String) -> StoreResult<()>;
    sum_rows(limit: u32) -> StoreResult<u32>;
    checkpoint() -> StoreResult<()>;
}

through! { Erasure:
    blobs_let_go(of: Vec<BlobId>) -> StoreResult<Vec<BlobId>>;
    forget_names(limit: u32) -> StoreResult<u32>;
    scour(at_once: bool) -> StoreResult<bool>;
    rewrite() -> StoreResult<()>;
}
