//! Bringing another system's house in: everything with its own times, in one transaction that is committed at the end or
//! leaves nothing. For when no server runs; who may come in under which name is decided by the caller.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use titan_core::protocol::{AppState, Author, Body, Entry, MemberRole, Message, RoomKind};
use titan_core::{AccountId, AppId, ConversationId, FileId, Seq, Time, TitanNumber};

use super::super::ledger::Ledger;
use super::super::tx::{NewEntry, Tx};
use super::super::verbs::alike::{Alike, IS_ALIKE};
use super::super::verbs::{self, account_rows, accounts, audit, directs, log, memberships, repository};
use super::super::{
    AccountChange, AccountRecord, AuditRecord, Clock, Counts, Decision, DraftBody, DraftEntry, MachineClock,
    NewAccount, NewApp, NewFile, StoreError, StoreResult, Warrant,
};
use super::batch::{Batch, Looking, at_once};
use super::row::{any, change, one};
use super::{alike, schema};

/// An import in progress. Dropped before [`Importer::commit`], nothing of it stays.
pub struct Importer {
    connection: Connection,
    ledger: Ledger,
    /// How many entries got a later time than they had, by conversations: time within a log never steps back.
    moved_on: BTreeMap<ConversationId, u64>,
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

impl Importer {
    pub fn begin(path: &Path) -> StoreResult<Self> {
        let mut connection = schema::open_writer(path)?;
        alike::renew(&mut connection)?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Self { connection, ledger: Ledger::default(), moved_on: BTreeMap::new() })
    }

    pub fn account_named(&self, key: &str) -> StoreResult<bool> {
        let Alike { key, above, below } = Alike::of_key(key.to_owned());
        any(&self.connection, &format!("SELECT 1 FROM accounts WHERE {IS_ALIKE}"), [key, above, below])
    }

    pub fn account_numbered(&self, number: TitanNumber) -> StoreResult<bool> {
        any(&self.connection, "SELECT 1 FROM accounts WHERE titan_number = ?1", [number.0])
    }

    pub fn room_named(&self, key: &str) -> StoreResult<bool> {
        let Alike { key, above, below } = Alike::of_key(key.to_owned());
        any(&self.connection, &format!("SELECT 1 FROM rooms WHERE {IS_ALIKE}"), [key, above, below])
    }

    pub fn file_named(&self, unique_name: &str) -> StoreResult<bool> {
        any(&self.connection, "SELECT 1 FROM files WHERE unique_name = ?1", [unique_name])
    }

    /// Adds an account, with what a new one doesn't have yet.
    pub fn account(&mut self, new: &NewAccount, more: &AccountChange) -> StoreResult<AccountRecord> {
        let record = at_once(accounts::add(&mut self.batch(), new))?;
        at_once(account_rows::alter(&mut self.batch(), record.id, more))
    }

    /// Adds a room that nobody is in yet.
    pub fn room(&mut self, room: &ImportedRoom) -> StoreResult<ConversationId> {
        let id = at_once(memberships::new_conversation(&mut self.batch(), room.created_at))?;
        let sql = "INSERT INTO rooms (conversation, name, key, description, kind, password_hash, owner) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let ImportedRoom { name, key, description, kind, password_hash, owner, .. } = room;
        let (kind, owner) = (kind.name(), owner.map(|owner| owner.0));
        change(&self.connection, sql, (id.0, name, key, description, kind, password_hash, owner))?;
        Ok(id)
    }

    /// Adds a member, and the entry that says so.
    pub fn joined(&mut self, room: ConversationId, who: Author, role: MemberRole, at: Time) -> StoreResult<()> {
        let account = who.id;
        self.happened(room, who, at, Body::joined())?;
        self.member(room, account, role, at)
    }

    /// Adds a member who has read everything so far.
    pub fn member(&mut self, room: ConversationId, account: AccountId, role: MemberRole, at: Time) -> StoreResult<()> {
        let head = self.head(room)?;
        at_once(memberships::add(&mut self.batch(), room, account, role, at, head))
    }

    /// Writes an entry that changes nothing beside the log: somebody came or went, a file was fetched.
    pub fn happened(&mut self, room: ConversationId, who: Author, at: Time, what: Body) -> StoreResult<()> {
        let new = NewEntry { conversation: room, author: who, at, client_id: None, body: what };
        let entry = at_once(self.batch().record(new))?;
        self.note_time(&entry, at);
        Ok(())
    }

    /// The last seq of a conversation.
    pub fn head(&mut self, conversation: ConversationId) -> StoreResult<Seq> {
        at_once(self.batch().log_end(conversation)).map(|end| end.seq)
    }

    /// The direct conversation of the two, made where there is none.
    pub fn direct(&mut self, one: AccountId, other: AccountId, at: Time) -> StoreResult<ConversationId> {
        let found = at_once(directs::find(&mut self.batch(), one, other))?;
        match found {
            Some(direct) => Ok(direct),
            None => at_once(directs::make(&mut self.batch(), one, other, at, None)),
        }
    }

    pub fn said(&mut self, conversation: ConversationId, author: Author, at: Time, text: String) -> StoreResult<Seq> {
        self.message(conversation, author, at, text, None).map(|entry| entry.seq)
    }

    /// A file with the message that tells of it.
    pub fn shared(&mut self, to: ConversationId, author: Author, at: Time, file: NewFile) -> StoreResult<FileId> {
        let entry = self.message(to, author, at, String::new(), Some(file))?;
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
        text: String,
        file: Option<NewFile>,
    ) -> StoreResult<Arc<Entry>> {
        let body = DraftBody::Message { text, reply_to: None, file, mentions: Vec::new() };
        let draft = DraftEntry { conversation, author, at, client_id: None, body, grounds: Vec::new() };
        let entry = at_once(log::append(&mut self.batch(), &draft))?.entry;
        self.note_time(&entry, at);
        Ok(entry)
    }

    fn note_time(&mut self, entry: &Entry, wanted: Time) {
        if entry.at > wanted {
            *self.moved_on.entry(entry.conversation).or_default() += 1;
        }
    }

    /// How many entries got a later time than they had, since there were newer ones before them: by the names of rooms, none
    /// for a direct conversation.
    pub fn moved_on(&self) -> StoreResult<Vec<(Option<String>, u64)>> {
        let sql = "SELECT name FROM rooms WHERE conversation = ?1";
        let named = |(place, count): (&ConversationId, &u64)| {
            Ok((one(&self.connection, sql, [place.0], |row| Ok(row.get(0)?))?, *count))
        };
        self.moved_on.iter().map(named).collect()
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
        at_once(memberships::mark_read(&mut self.batch(), account, conversation, seq, &house)).map(drop)
    }

    /// Adds an app as it stands: decided or not, with its downloads.
    pub fn app(&mut self, new: &NewApp, decision: Option<&Decision>, downloads: u64) -> StoreResult<AppId> {
        let id = at_once(repository::put(&mut self.batch(), new))?.app.id;
        if let Some(decision) = decision.filter(|decision| decision.state != AppState::Pending) {
            at_once(repository::set_state(&mut self.batch(), id, decision))?;
        }
        change(&self.connection, "UPDATE apps SET downloads = ?2 WHERE id = ?1", (id.0, downloads as i64))?;
        Ok(id)
    }

    pub fn audit(&mut self, act: &AuditRecord) -> StoreResult<()> {
        at_once(audit::record(&mut self.batch(), act))
    }

    /// What the house holds by now.
    pub fn counts(&mut self) -> StoreResult<Counts> {
        self.batch().flush()?;
        at_once(verbs::upkeep::counts(&mut Looking(&mut self.connection)))
    }

    /// Makes all of it true at once; on disk when this returns.
    pub fn commit(mut self) -> StoreResult<()> {
        self.batch().flush()?;
        self.connection.execute_batch("COMMIT")?;
        // All is in the log by now: that it can't be moved out of it fails nothing.
        if let Err(error) = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
            tracing::warn!(%error, "what was imported stays in the write-ahead log for now");
        }
        Ok(())
    }

    fn batch(&mut self) -> Batch<'_> {
        Batch::new(&mut self.connection, &mut self.ledger, MachineClock.now())
    }
}
