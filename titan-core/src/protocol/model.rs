//! The nouns of the house, as they travel: people and what concerns them, and what has no file of its own.

use serde::{Deserialize, Serialize};

use super::{RelationKind, Role, SanctionKind};
use crate::{AccountId, AppPasswordId, BlobId, ConversationId, FileId, SafeText, Seq, SessionId, Time, TitanNumber};

/// A person, as everybody may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Account {
    /// Never given twice.
    pub id: AccountId,
    /// What they log in with.
    pub username: SafeText,
    /// What people give each other.
    pub titan_number: TitanNumber,
    /// As they wish to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<SafeText>,
    /// A link of theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blog_url: Option<SafeText>,
    /// What they may on the whole server.
    pub role: Role,
    /// When it was made.
    pub created_at: Time,
}

impl Account {
    /// A plain user who told nothing about themselves.
    ///
    /// ```
    /// use titan_core::{AccountId, Time, TitanNumber, protocol::{Account, Role}};
    /// let mut ada = Account::new(AccountId(1), "ada".into(), TitanNumber(69_522), Time(0));
    /// ada.role = Role::Admin;
    /// ```
    pub fn new(id: AccountId, username: SafeText, titan_number: TitanNumber, created_at: Time) -> Self {
        Self { id, username, titan_number, full_name: None, blog_url: None, role: Role::User, created_at }
    }

    /// How they are named beside what they write.
    pub fn author(&self) -> Author {
        Author::new(self.id, self.username.clone(), self.titan_number)
    }
}

/// A person with what only admins see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountStanding {
    /// The person.
    #[serde(flatten)]
    pub account: Account,
    /// Whether every door is shut to them.
    pub banned: bool,
    /// None before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_login: Option<Time>,
}

impl AccountStanding {
    /// One who may come in, and never did.
    pub fn new(account: Account) -> Self {
        Self { account, banned: false, last_login: None }
    }
}

/// A person and whether they are connected at any door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Person {
    /// The account.
    #[serde(flatten)]
    pub account: Account,
    /// Whether it is connected at any door.
    pub online: bool,
}

impl Person {
    /// As they are now.
    pub fn new(account: Account, online: bool) -> Self {
        Self { account, online }
    }
}

/// One login of the account that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SessionInfo {
    /// What ends it.
    pub id: SessionId,
    /// The door it was opened at, such as `native` or `titan_net`.
    pub door: String,
    /// Where it was opened from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<SafeText>,
    /// When it was opened.
    pub created_at: Time,
    /// When it was last used.
    pub last_seen: Time,
    /// Whether this is the session that asks.
    pub current: bool,
    /// What it was opened with, as that says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<SafeText>,
    /// The name of the app password that opened it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_password: Option<SafeText>,
}

/// A password of an account for one program or device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AppPassword {
    /// What removes it.
    pub id: AppPasswordId,
    /// What it is for.
    pub name: SafeText,
    /// Where it is good; at every door, where none is named.
    #[serde(default)]
    pub doors: Vec<String>,
    /// Whether an admin's sessions by it administer the server.
    #[serde(default)]
    pub administers: bool,
    /// When it was made.
    pub created_at: Time,
    /// When somebody came in by it last, if anybody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Time>,
    /// At which door that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_door: Option<String>,
}

impl AppPassword {
    /// One that is good everywhere, administers nothing and was never used.
    pub fn new(id: AppPasswordId, name: SafeText, created_at: Time) -> Self {
        let (doors, last_used, last_door) = (Vec::new(), None, None);
        Self { id, name, doors, administers: false, created_at, last_used, last_door }
    }
}

impl SessionInfo {
    /// One that is not the asker's own, from nobody knows where, last used when it was opened.
    pub fn new(id: SessionId, door: String, created_at: Time) -> Self {
        let (address, client, app_password) = (None, None, None);
        Self { id, door, address, created_at, last_seen: created_at, current: false, client, app_password }
    }
}

/// Somebody who is more to the one who asks than others are, or less.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Relation {
    /// Who.
    #[serde(flatten)]
    pub person: Person,
    /// What they are to the one who asks.
    pub relation: RelationKind,
    /// For how long.
    pub since: Time,
}

impl Relation {
    /// This person is that to the one who asks.
    pub fn new(person: Person, relation: RelationKind, since: Time) -> Self {
        Self { person, relation, since }
    }
}

/// A mute or ban of a room that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sanction {
    /// Whom it concerns.
    pub account: Account,
    /// What it keeps them from.
    pub kind: SanctionKind,
    /// None: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// Why; perhaps empty.
    #[serde(default)]
    pub reason: SafeText,
    /// None where that account is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Author>,
    /// When it was made.
    pub at: Time,
}

impl Sanction {
    /// One that stands until it is lifted; by whom and why is not told.
    pub fn new(account: Account, kind: SanctionKind, at: Time) -> Self {
        Self { account, kind, until: None, reason: SafeText::default(), by: None, at }
    }
}

/// An IP address that nobody may come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AddressBan {
    /// Such as `192.0.2.7`.
    pub address: SafeText,
    /// Why; perhaps empty.
    #[serde(default)]
    pub reason: SafeText,
}

impl AddressBan {
    /// Of this address, for this reason.
    pub fn new(address: SafeText, reason: SafeText) -> Self {
        Self { address, reason }
    }
}

/// An act of moderation or administration; kept for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditAct {
    /// Its row in the audit log: later acts have larger ones. 0 from servers that don't tell.
    #[serde(default)]
    pub id: i64,
    /// When.
    pub at: Time,
    /// None for the operator at the command line. Who has ended is called `former-` and the titan number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Author>,
    /// Such as `ban` or `delete_room`.
    pub act: SafeText,
    /// What it was done to, such as `account 12`.
    pub object: SafeText,
    /// The account that the object names, as it is called now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whom: Option<Author>,
    /// The room that the object names, while there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<SafeText>,
    /// What else there is to say; perhaps empty.
    #[serde(default)]
    pub detail: SafeText,
    /// At which door it was done, such as `native`; `console` at the command line. None in acts of releases before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<SafeText>,
    /// From where; none at the command line, and in acts of releases before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<SafeText>,
}

/// Whether the audit log is as it was written: each row carries a SHA-256 over the row before and itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditChain {
    /// How many rows there are.
    pub rows: u64,
    /// The last one and its hash, such as `12:9f86d0…`: a head that was noted before and is no longer met, met elsewhere, or followed by
    /// other rows shows that the log was made anew. None while there are no rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<SafeText>,
    /// The first row that is not as it was written, is gone, or doesn't follow the one before; none where all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<i64>,
}

impl AuditChain {
    /// A whole one of so many rows.
    pub fn new(rows: u64) -> Self {
        Self { rows, head: None, broken: None }
    }
}

impl AuditAct {
    /// The operator's, with nothing more to say.
    pub fn new(id: i64, at: Time, act: SafeText, object: SafeText) -> Self {
        let (by, whom, room, detail, door, address) = Default::default();
        Self { id, at, by, act, object, whom, room, detail, door, address }
    }
}

/// Who wrote something; the name as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Author {
    /// The account.
    pub id: AccountId,
    /// The name as it was then.
    pub username: SafeText,
    /// The number.
    pub titan_number: TitanNumber,
}

impl Author {
    /// By this name.
    pub fn new(id: AccountId, username: SafeText, titan_number: TitanNumber) -> Self {
        Self { id, username, titan_number }
    }
}

/// A place in a conversation's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Place {
    /// Which.
    pub conversation: ConversationId,
    /// Where in its log.
    pub seq: Seq,
}

impl Place {
    /// There.
    pub fn new(conversation: ConversationId, seq: Seq) -> Self {
        Self { conversation, seq }
    }
}

/// A file of a conversation. Its bytes are at `GET /api/files/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileInfo {
    /// Which.
    pub id: FileId,
    /// What it was called where it came from.
    pub name: SafeText,
    /// Bytes.
    pub size: u64,
    /// What a download is checked against.
    pub sha256: BlobId,
}

impl FileInfo {
    /// Of this name, and so many bytes.
    pub fn new(id: FileId, name: SafeText, size: u64, sha256: BlobId) -> Self {
        Self { id, name, size, sha256 }
    }
}
