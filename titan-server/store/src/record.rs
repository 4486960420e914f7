//! What goes into a store and what comes out: the nouns of the wire with what never travels (verifiers, hashes).

use std::sync::Arc;
use titan_core::protocol::{
    App, AppState, Author, Body, Category, Entry, MemberRole, RelationKind, Role, RoomKind, SanctionKind,
};
use titan_core::{
    AccountId, AppId, BlobId, ClientId, ConversationId, FileId, SafeText, Seq, SessionId, Time, TitanNumber,
};

use super::{Fact, Sessions, Standing, Turn, Why};

/// A password's trace. The scheme says how to check it; the newest is written at the first login after an import.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    pub scheme: Scheme,
    /// Of the PBKDF2 step that every door shares.
    pub salt: [u8; 32],
    /// A PHC string (`titan`), or what the older system kept.
    pub hash: String,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Verifier({:?}, redacted)", self.scheme)
    }
}

/// How a password is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// argon2id over PBKDF2-HMAC-SHA256(password, salt, 10,000 rounds).
    Titan,
    /// Unsalted SHA-256, hexadecimal: Titan-Net's and UtuVox's.
    Sha256,
    /// Bcrypt: the channels server's.
    Bcrypt,
    /// The TLS-frames server's: the bare PBKDF2 output, hexadecimal.
    Pbkdf2,
}

#[derive(Clone, Debug)]
pub struct NewAccount {
    pub username: String,
    /// By [`titan_core::text::look_alike`].
    pub key: String,
    pub titan_number: TitanNumber,
    pub full_name: Option<String>,
    pub email: Option<String>,
    pub role: Role,
    pub verifier: Verifier,
    pub now: Time,
}

#[derive(Clone, Debug)]
pub struct AccountRecord {
    pub id: AccountId,
    pub username: String,
    pub titan_number: TitanNumber,
    pub full_name: Option<String>,
    pub email: Option<String>,
    pub blog_url: Option<String>,
    pub role: Role,
    pub verifier: Verifier,
    pub created_at: Time,
    pub last_login: Option<Time>,
    /// The reason, when banned.
    pub banned: Option<String>,
}

/// Which account.
#[derive(Clone, Debug)]
pub enum AccountKey {
    Id(AccountId),
    /// As written, exactly.
    Username(String),
    TitanNumber(TitanNumber),
}

/// What changes about an account; `Some(None)` clears.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    pub full_name: Option<Option<String>>,
    pub email: Option<Option<String>>,
    pub blog_url: Option<Option<String>>,
    pub role: Option<Role>,
    pub verifier: Option<Verifier>,
    pub last_login: Option<Time>,
    pub banned: Option<Option<String>>,
    /// The admin who does it, where the account is to be told so.
    pub by: Option<SafeText>,
    /// The sessions that end with it.
    pub ends: Option<(Sessions, Why)>,
}

impl AccountChange {
    /// Whether the account's own connections hear of it. A hash that is renewed, a login, a ban are told otherwise.
    pub fn tells(&self) -> bool {
        let profile = self.full_name.is_some() || self.email.is_some() || self.blog_url.is_some();
        profile || self.role.is_some() || self.by.is_some()
    }
}

#[derive(Clone, Debug)]
pub struct NewSession {
    pub account: AccountId,
    pub token_hash: [u8; 32],
    pub door: String,
    pub address: String,
    pub now: Time,
    pub expires_at: Time,
}

#[derive(Clone, Debug)]
pub struct SessionRecord {
    pub id: SessionId,
    pub account: AccountId,
    pub door: String,
    pub address: String,
    pub created_at: Time,
    pub last_seen: Time,
    pub expires_at: Time,
}

/// Which session.
#[derive(Clone, Debug)]
pub enum SessionKey {
    /// By the hash of its token.
    Token([u8; 32]),
    Id(SessionId),
}

/// A token that sets a new password.
#[derive(Clone, Debug)]
pub struct NewReset {
    pub account: AccountId,
    pub token_hash: [u8; 32],
    pub now: Time,
    pub expires_at: Time,
}

/// Somebody as another account stands to them.
#[derive(Clone, Debug)]
pub struct RelationRecord {
    pub account: AccountRecord,
    pub kind: RelationKind,
    pub since: Time,
}

/// A mute or ban of a room to be.
#[derive(Clone, Debug)]
pub struct NewSanction {
    pub room: ConversationId,
    pub account: AccountId,
    pub kind: SanctionKind,
    /// [`Time::FOREVER`]: until it is lifted.
    pub until: Time,
    pub reason: String,
    pub by: AccountId,
    pub now: Time,
}

/// A mute or ban of a room.
#[derive(Clone, Debug)]
pub struct SanctionRecord {
    pub account: AccountRecord,
    pub kind: SanctionKind,
    pub until: Time,
    pub reason: String,
    /// None where that account is gone.
    pub by: Option<Author>,
    pub at: Time,
}

/// An act of moderation or administration, kept for ever.
#[derive(Clone, Debug)]
pub struct AuditRecord {
    pub at: Time,
    /// None for the operator at the command line.
    pub by: Option<AccountId>,
    /// Such as `ban`, `approve_app`.
    pub act: String,
    /// What it was done to, such as `account 12`.
    pub object: String,
    pub detail: String,
}

#[derive(Clone, Debug)]
pub struct NewRoom {
    pub name: String,
    /// By [`titan_core::text::look_alike`].
    pub key: String,
    pub description: String,
    pub kind: RoomKind,
    /// A PHC string.
    pub password_hash: Option<String>,
    pub owner: AccountId,
    pub now: Time,
}

#[derive(Clone, Debug)]
pub struct RoomRecord {
    pub id: ConversationId,
    pub name: String,
    pub description: String,
    pub kind: RoomKind,
    pub password_hash: Option<String>,
    pub owner: Option<Author>,
    pub members: u64,
    pub created_at: Time,
    pub joined: bool,
}

/// What changes about a room; `Some(None)` unlocks.
#[derive(Clone, Debug, Default)]
pub struct RoomUpdate {
    /// With its look-alike key.
    pub name: Option<(String, String)>,
    pub description: Option<String>,
    pub password_hash: Option<Option<String>>,
}

/// How somebody leaves a room: by themselves, or removed by somebody for a reason.
#[derive(Clone, Debug, Default)]
pub struct Departure {
    pub by: Option<AccountId>,
    pub banned: bool,
    pub reason: String,
}

#[derive(Clone, Debug)]
pub struct MemberRecord {
    pub account: AccountRecord,
    pub role: MemberRole,
    pub joined_at: Time,
    pub muted_until: Option<Time>,
}

/// An account's place in a conversation.
#[derive(Clone, Debug)]
pub struct MembershipRecord {
    pub conversation: ConversationId,
    pub what: WhatRecord,
    pub role: MemberRole,
    pub head: Seq,
    pub read: Seq,
    pub unread: u64,
    pub mentions: u64,
    pub active_at: Option<Time>,
    pub muted_until: Option<Time>,
    /// The oldest seq that is kept; 0 while everything is.
    pub floor: Seq,
}

/// An account's standing in a conversation, without what only lists show.
#[derive(Clone, Copy, Debug)]
pub struct PlaceRecord {
    pub conversation: ConversationId,
    pub role: MemberRole,
    /// Who the other one of a direct is; none for a room.
    pub other: Option<AccountId>,
    pub head: Seq,
    /// In a room: whether the account is muted, and until when.
    pub muted_until: Option<Time>,
    /// In a direct: whether one of the two has blocked the other, or is gone.
    pub shut: bool,
    /// The oldest seq that is kept; 0 while everything is.
    pub floor: Seq,
}

impl PlaceRecord {
    pub fn standing(&self) -> Standing {
        Standing { role: self.role, muted_until: self.muted_until, shut: self.shut }
    }
}

#[derive(Clone, Debug)]
pub enum WhatRecord {
    Room(Box<RoomRecord>),
    /// The other person.
    Direct(Box<AccountRecord>),
}

/// An entry to be: the store gives it seq and id.
#[derive(Clone, Debug)]
pub struct DraftEntry {
    pub conversation: ConversationId,
    pub author: Author,
    pub at: Time,
    pub client_id: Option<ClientId>,
    pub body: DraftBody,
    /// What its author's leave rests on.
    pub grounds: Vec<Fact>,
}

/// What may be appended. Joining, leaving and changes of a room come by verbs of their own.
#[derive(Clone, Debug)]
pub enum DraftBody {
    Message { text: String, reply_to: Option<Seq>, file: Option<NewFile>, mentions: Vec<String> },
    Edit { target: Seq, text: String, mentions: Vec<String> },
    Deletion { target: Seq },
    Reaction { target: Seq, emoji: String, on: bool },
    FileFetched { file: FileId, name: String },
}

#[derive(Clone, Debug)]
pub struct NewFile {
    pub name: String,
    pub size: u64,
    pub blob: BlobId,
    /// The name that an older system gave it, unlike any other's.
    pub unique_name: Option<String>,
}

#[derive(Clone, Debug)]
pub struct FileRecord {
    pub id: FileId,
    pub conversation: ConversationId,
    pub seq: Seq,
    pub uploader: Author,
    pub name: String,
    pub size: u64,
    pub blob: BlobId,
    pub at: Time,
    /// The name that an older system gave it.
    pub unique_name: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Appended {
    pub entry: Arc<Entry>,
    /// False when the client id had been used: `entry` is what was written then.
    pub fresh: bool,
}

/// A stretch of a log.
#[derive(Clone, Copy, Debug)]
pub enum Range {
    Last,
    /// The last ones with a smaller seq.
    Before(Seq),
    /// The first ones with a larger seq.
    After(Seq),
}

#[derive(Clone, Debug)]
pub struct NewApp {
    pub name: String,
    pub description: String,
    pub category: Category,
    pub version: String,
    pub author: AccountId,
    pub file: NewFile,
    /// The metadata as it was uploaded, a JSON object.
    pub metadata: String,
    pub now: Time,
}

#[derive(Clone, Debug)]
pub struct AppRecord {
    pub app: App,
    pub metadata: String,
}

#[derive(Clone, Debug)]
pub struct Decision {
    pub state: AppState,
    /// None: whatever it is now (the older protocol names no hash).
    pub sha256: Option<BlobId>,
    /// None for the operator at the command line.
    pub by: Option<AccountId>,
    pub reason: Option<String>,
    pub now: Time,
}

/// What is known of a house as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseRecord {
    /// Made with the database and anew by a restore.
    pub epoch: String,
    pub turn: Turn,
}

/// What a house holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub accounts: u64,
    pub rooms: u64,
    pub directs: u64,
    pub entries: u64,
    pub files: u64,
    pub apps: u64,
}

/// A message's kind as stores write it.
pub fn kind_of(body: &Body) -> &'static str {
    body.kind()
}

impl AccountRecord {
    /// As others may see it.
    pub fn public(&self) -> titan_core::protocol::Account {
        titan_core::protocol::Account {
            id: self.id,
            username: self.username.as_str().into(),
            titan_number: self.titan_number,
            full_name: self.full_name.as_deref().map(Into::into),
            blog_url: self.blog_url.as_deref().map(Into::into),
            role: self.role,
            created_at: self.created_at,
        }
    }

    pub fn author(&self) -> Author {
        Author { id: self.id, username: self.username.as_str().into(), titan_number: self.titan_number }
    }
}

impl AppRecord {
    pub fn id(&self) -> AppId {
        self.app.id
    }
}

impl Verifier {
    /// Salt and hash in one text, for what has no account: a room's password.
    pub fn to_text(&self) -> String {
        let salt: String = self.salt.iter().map(|byte| format!("{byte:02x}")).collect();
        let scheme = match self.scheme {
            Scheme::Titan => "titan",
            Scheme::Sha256 => "sha256",
            Scheme::Bcrypt => "bcrypt",
            Scheme::Pbkdf2 => "pbkdf2",
        };
        format!("{scheme}:{salt}:{}", self.hash)
    }

    /// Reads what [`Self::to_text`] wrote; none where it is no such text.
    pub fn from_text(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let (salt, hash) = rest.split_once(':')?;
        let scheme = match scheme {
            "titan" => Scheme::Titan,
            "sha256" => Scheme::Sha256,
            "bcrypt" => Scheme::Bcrypt,
            "pbkdf2" => Scheme::Pbkdf2,
            _ => return None,
        };
        let BlobId(salt) = salt.parse().ok()?;
        Some(Self { scheme, salt, hash: hash.to_owned() })
    }
}

/// The text that stands in an entry's row.
pub fn text_of(body: &Body) -> Option<&str> {
    match body {
        Body::Message(message) => Some(&message.text),
        Body::Edit { text, .. } => Some(text),
        _ => None,
    }
}

/// The entry that an entry is about.
pub fn target_of(body: &Body) -> Option<Seq> {
    match body {
        Body::Edit { target, .. } | Body::Deletion { target } | Body::Reaction { target, .. } => Some(*target),
        _ => None,
    }
}

/// The kinds that never change are kept as they travel.
pub fn detail_of(body: &Body) -> super::StoreResult<Option<String>> {
    match body {
        Body::Message(_) | Body::Edit { .. } | Body::Deletion { .. } => Ok(None),
        _ => serde_json::to_string(body).map(Some).map_err(|error| super::StoreError::Broken(error.to_string())),
    }
}
