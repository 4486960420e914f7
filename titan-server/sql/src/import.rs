//! Bringing another system's house in: everything with its own times, in one transaction that is committed at the end or
//! leaves nothing. For when no server runs; who may come in under which name is decided by the caller.
//!
//! The house may be in a file or in PostgreSQL ([`Target`]); what an import does to it is said once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use titan_core::protocol::{AppState, Author, Body, Entry, MemberRole, Message, RoomKind};
use titan_core::{AccountId, AppId, ConversationId, FileId, Seq, Time, TitanNumber};

use super::tx::{NewEntry, Tx, any, values};
use super::verbs::alike::{Alike, IS_ALIKE};
use super::verbs::{
    self, account_rows, accounts, addresses, audit, directs, ending, log, memberships, moderation, owners, relations,
    repository,
};
use super::{
    AccountChange, AccountRecord, AuditRecord, Counts, Decision, DraftBody, DraftEntry, Ender, NewAccount, NewApp,
    NewFile, NewSanction, StoreError, StoreResult, Warrant,
};
use super::{postgres, sqlite};

/// An import in progress. Dropped before [`Importer::commit`], nothing of it stays.
pub struct Importer {
    target: Target,
    /// How many entries got a later time than they had, by conversations: time within a log never steps back.
    moved_on: BTreeMap<ConversationId, u64>,
}

/// Where the house is.
enum Target {
    File(sqlite::Transaction),
    Postgres(postgres::Transaction),
}

#[derive(Clone, Debug)]
pub struct ImportedRoom {
    pub name: String,
    /// By [`titan_core::text::look_alike`].
    pub key: String,
    pub description: String,
    pub kind: RoomKind,
    pub password_hash: Option<String>,
    pub owner: Option<AccountId>,
    pub created_at: Time,
}

impl Target {
    fn run<T>(&mut self, verb: impl AsyncFnOnce(&mut dyn Tx) -> StoreResult<T>) -> StoreResult<T> {
        match self {
            Self::File(file) => file.run(verb),
            Self::Postgres(database) => database.run(verb),
        }
    }
}

impl Importer {
    /// Into the house in this file.
    pub fn into_file(path: &Path) -> StoreResult<Self> {
        sqlite::Transaction::begin(path).map(Target::File).and_then(Self::new)
    }

    /// Into the house in this PostgreSQL database. To be called outside of any asynchronous runtime.
    pub fn into_postgres(url: &str) -> StoreResult<Self> {
        postgres::Transaction::begin(url).map(Target::Postgres).and_then(Self::new)
    }

    /// Who is here already is known by names as today's rule makes them the same, and the audit log goes on in its chain.
    fn new(mut target: Target) -> StoreResult<Self> {
        target.run(verbs::renew)?;
        Ok(Self { target, moved_on: BTreeMap::new() })
    }

    pub fn account_named(&mut self, key: &str) -> StoreResult<bool> {
        self.is_alike("accounts", key)
    }

    pub fn account_numbered(&mut self, number: TitanNumber) -> StoreResult<bool> {
        self.target.run(async |tx| any(tx, "SELECT 1 FROM accounts WHERE titan_number = $1", values![number]).await)
    }

    pub fn room_named(&mut self, key: &str) -> StoreResult<bool> {
        self.is_alike("rooms", key)
    }

    pub fn file_named(&mut self, unique_name: &str) -> StoreResult<bool> {
        let sql = "SELECT 1 FROM files WHERE unique_name = $1";
        self.target.run(async |tx| any(tx, sql, values![unique_name]).await)
    }

    fn is_alike(&mut self, table: &str, key: &str) -> StoreResult<bool> {
        let Alike { key, above, below } = Alike::of_key(key.to_owned());
        let sql = format!("SELECT 1 FROM {table} WHERE {IS_ALIKE}");
        self.target.run(async |tx| any(tx, &sql, values![&key, &above, &below]).await)
    }

    /// Adds an account, with what a new one doesn't have yet.
    pub fn account(&mut self, new: &NewAccount, more: &AccountChange) -> StoreResult<AccountRecord> {
        self.target.run(async |tx| {
            let record = accounts::add(tx, new).await?;
            accounts::change(tx, record.id, more, &Warrant::of_house()).await
        })
    }

    /// Ends an account that had ended before it came in: what it wrote stays, without a name to log in by.
    pub fn ended(&mut self, account: AccountId, at: Time) -> StoreResult<()> {
        let house = Warrant::of_house();
        self.target.run(async |tx| ending::delete(tx, account, Ender::Admin, at, &house).await)
    }

    /// One account blocks another.
    pub fn blocked(&mut self, account: AccountId, other: AccountId, since: Time) -> StoreResult<()> {
        let house = Warrant::of_house();
        self.target.run(async |tx| relations::set_block(tx, account, other, true, since, &house).await)
    }

    /// Mutes or bans somebody in a room.
    pub fn sanction(&mut self, new: &NewSanction) -> StoreResult<()> {
        self.target.run(async |tx| moderation::set(tx, new, &Warrant::of_house()).await)
    }

    /// Keeps a network out.
    pub fn address_ban(&mut self, address: &str, reason: &str) -> StoreResult<()> {
        let house = Warrant::of_house();
        self.target.run(async |tx| addresses::set(tx, address, Some(reason), &house).await)
    }

    /// Adds a room that nobody is in yet.
    pub fn room(&mut self, room: &ImportedRoom) -> StoreResult<ConversationId> {
        let sql = "INSERT INTO rooms (conversation, name, key, description, kind, password_hash, owner) \
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let ImportedRoom { name, key, description, kind, password_hash, owner, created_at } = room;
        self.target.run(async |tx| {
            let id = memberships::new_conversation(tx, *created_at).await?;
            let kind = titan_store::names::Named::name(*kind);
            tx.change(sql, values![id, name, key, description, kind, password_hash, *owner]).await?;
            Ok(id)
        })
    }

    /// Adds a member, and the entry that says so.
    pub fn joined(&mut self, room: ConversationId, who: Author, role: MemberRole, at: Time) -> StoreResult<()> {
        let account = who.id;
        self.happened(room, who, at, Body::joined())?;
        self.member(room, account, role, at)
    }

    /// Adds a member who has read everything so far.
    pub fn member(&mut self, room: ConversationId, account: AccountId, role: MemberRole, at: Time) -> StoreResult<()> {
        self.target.run(async |tx| {
            let head = tx.log_end(room).await?.seq;
            memberships::add(tx, room, account, role, at, head).await
        })
    }

    /// Writes an entry that changes nothing beside the log: somebody came or went, a file was fetched.
    pub fn happened(&mut self, room: ConversationId, who: Author, at: Time, what: Body) -> StoreResult<()> {
        let new = NewEntry { conversation: room, author: who, at, client_id: None, body: what };
        let entry = self.target.run(async |tx| tx.record(new).await)?;
        self.note_time(&entry, at);
        Ok(())
    }

    /// The last seq of a conversation.
    pub fn head(&mut self, conversation: ConversationId) -> StoreResult<Seq> {
        self.target.run(async |tx| tx.log_end(conversation).await.map(|end| end.seq))
    }

    /// The direct conversation of the two, made where there is none.
    pub fn direct(&mut self, one: AccountId, other: AccountId, at: Time) -> StoreResult<ConversationId> {
        self.target.run(async |tx| match directs::find(tx, one, other).await? {
            Some(direct) => Ok(direct),
            None => directs::make(tx, one, other, at, None).await,
        })
    }

    pub fn said(&mut self, conversation: ConversationId, author: Author, at: Time, text: String) -> StoreResult<Seq> {
        self.message(conversation, author, at, Told::text(text)).map(|entry| entry.seq)
    }

    /// A file with the message that tells of it, which may answer another one.
    pub fn shared(
        &mut self,
        to: ConversationId,
        author: Author,
        at: Time,
        file: NewFile,
        reply_to: Option<Seq>,
    ) -> StoreResult<FileId> {
        let told = Told { file: Some(file), reply_to, ..Told::default() };
        let entry = self.message(to, author, at, told)?;
        match &entry.body {
            Body::Message(Message { file: Some(file), .. }) => Ok(file.id),
            _ => Err(StoreError::NotFound),
        }
    }

    fn message(
        &mut self,
        conversation: ConversationId,
        author: Author,
        at: Time,
        told: Told,
    ) -> StoreResult<Arc<Entry>> {
        let Told { text, file, reply_to } = told;
        let body = DraftBody::Message { text, reply_to, file, mentions: Vec::new() };
        let draft = DraftEntry { conversation, author, at, client_id: None, body, grounds: Vec::new() };
        let entry = self.target.run(async |tx| log::append(tx, &draft).await)?.entry;
        self.note_time(&entry, at);
        Ok(entry)
    }

    /// An entry of a log, as it stands.
    pub fn entry(&mut self, conversation: ConversationId, seq: Seq) -> StoreResult<Option<Entry>> {
        self.target.run(async |tx| verbs::history::entry(tx, conversation, seq).await)
    }

    fn note_time(&mut self, entry: &Entry, wanted: Time) {
        if entry.at > wanted {
            *self.moved_on.entry(entry.conversation).or_default() += 1;
        }
    }

    /// How many entries got a later time than they had, since there were newer ones before them.
    pub fn moved_on(&self) -> impl Iterator<Item = (ConversationId, u64)> {
        self.moved_on.iter().map(|(conversation, entries)| (*conversation, *entries))
    }

    /// Moves a read mark forward; none reaches to the end of the log.
    pub fn read_up_to(
        &mut self,
        conversation: ConversationId,
        account: AccountId,
        seq: Option<Seq>,
    ) -> StoreResult<()> {
        let seq = seq.unwrap_or(Seq(i64::MAX));
        let house = Warrant::of_house();
        self.target.run(async |tx| memberships::mark_read(tx, account, conversation, seq, &house).await).map(drop)
    }

    /// Adds an app as it stands: decided or not, with its downloads.
    pub fn app(&mut self, new: &NewApp, decision: Option<&Decision>, downloads: u64) -> StoreResult<AppId> {
        self.target.run(async |tx| {
            let id = repository::put(tx, new).await?.app.id;
            if let Some(decision) = decision.filter(|decision| decision.state != AppState::Pending) {
                repository::set_state(tx, id, decision).await?;
            }
            tx.change("UPDATE apps SET downloads = $2 WHERE id = $1", values![id, downloads as i64]).await?;
            Ok(id)
        })
    }

    pub fn audit(&mut self, act: &AuditRecord) -> StoreResult<()> {
        self.target.run(async |tx| audit::record(tx, act, None).await)
    }

    /// All acts of one kind, the oldest first.
    pub fn acts(&mut self, act: &str) -> StoreResult<Vec<AuditRecord>> {
        self.target.run(async |tx| audit::of_kind(tx, act).await)
    }

    /// An account by its id, as author.
    pub fn author(&mut self, account: AccountId) -> StoreResult<Option<Author>> {
        self.target.run(async |tx| match account_rows::author(tx, account).await {
            Err(StoreError::NotFound) => Ok(None),
            author => author.map(Some),
        })
    }

    /// What the house holds by now.
    pub fn counts(&mut self) -> StoreResult<Counts> {
        self.target.run(async |tx| verbs::upkeep::counts(tx).await)
    }

    /// Makes all of it true at once; on disk when this returns. Rooms that came in without an owner have one then.
    pub fn commit(mut self) -> StoreResult<()> {
        self.target.run(owners::find_owners)?;
        match self.target {
            Target::File(file) => file.commit(),
            Target::Postgres(database) => database.commit(),
        }
    }
}

/// What a message tells.
#[derive(Default)]
struct Told {
    text: String,
    file: Option<NewFile>,
    reply_to: Option<Seq>,
}

impl Told {
    fn text(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}
