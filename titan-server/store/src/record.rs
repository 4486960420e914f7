//! What comes out of a store, and what is named to find it: the nouns of the wire with what never travels (verifiers, hashes).

use std::sync::Arc;
use titan_core::protocol::{
    Account, App, AppState, Author, Category, Entry, MemberRole, RelationKind, Role, RoomKind, SanctionKind,
};
use titan_core::{
    AccountId, AppId, AppPasswordId, BlobId, ConversationId, EntryId, FileId, Seq, SessionId, Time, TitanNumber,
};

/// A password's trace. The scheme says how to check it; the newest is written at the first login after an import.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    pub scheme: Scheme,
    /// Of the PBKDF2 step that every door shares.
    pub salt: [u8; 32],
    /// How it was made and what it is (`titan`), or what the older system kept; the hub reads it.
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
    /// Text that names its own rule: bcrypt (`$2b$…`), the channels server's, and argon2id (`$argon2id$…`), the later
    /// Titan-Net's.
    Bcrypt,
    /// The TLS-frames server's: the bare PBKDF2 output, hexadecimal.
    Pbkdf2,
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
    /// Set where somebody else made the password up: it has to be replaced, and is good until then.
    pub made_up_until: Option<Time>,
}

/// Which account.
#[derive(Clone, Debug)]
pub enum AccountKey {
    Id(AccountId),
    /// Whoever is written exactly so, or else the one whose name is the same by [`titan_core::text::look_alike`].
    Username(String),
    TitanNumber(TitanNumber),
    /// Whoever has the name, or else the number.
    NameOrNumber(String, TitanNumber),
}

#[derive(Clone, Debug)]
pub struct SessionRecord {
    pub id: SessionId,
    pub account: AccountId,
    pub door: String,
    pub address: String,
    /// What it was opened with, as that says of itself.
    pub client: Option<String>,
    /// Set where it was not opened with the account's own password.
    pub app_password: Option<UsedAppPassword>,
    pub created_at: Time,
    pub last_seen: Time,
    pub expires_at: Time,
}

/// The app password that a session was opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedAppPassword {
    pub id: AppPasswordId,
    pub name: String,
    /// Whether the account's role on the server counts.
    pub administers: bool,
}

/// A password of an account for one program or device.
#[derive(Clone, Debug)]
pub struct AppPasswordRecord {
    pub id: AppPasswordId,
    pub name: String,
    /// Where it is good; at every door, where none is named.
    pub doors: Vec<String>,
    pub administers: bool,
    pub created_at: Time,
    /// When and at which door somebody came in by it last.
    pub last_used: Option<Time>,
    pub last_door: Option<String>,
}

/// How an app password is found.
#[derive(Clone, Copy, Debug)]
pub enum AppPasswordKey {
    /// By the hash of its text.
    Hash([u8; 32]),
    /// By the hash of what a client makes of it with the account's salt.
    PreHash([u8; 32]),
}

/// An account's second factor.
#[derive(Clone, Debug)]
pub struct FactorRecord {
    /// The secret, sealed with the pepper of this id.
    pub sealed: [u8; SEALED],
    pub pepper: String,
    pub since: Time,
    /// The step of the last code that was taken.
    pub last_step: i64,
    /// Codes left for who has lost it.
    pub recovery_codes: u32,
}

/// Bytes of a sealed secret.
pub const SEALED: usize = 36;

/// Which session.
#[derive(Clone, Debug)]
pub enum SessionKey {
    /// By the hash of its token.
    Token([u8; 32]),
    Id(SessionId),
}

/// Somebody as another account stands to them.
#[derive(Clone, Debug)]
pub struct RelationRecord {
    pub account: AccountRecord,
    pub kind: RelationKind,
    pub since: Time,
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
pub struct AppRecord {
    pub app: App,
    pub metadata: String,
}

/// Somebody who keeps files or apps here.
#[derive(Clone, Debug)]
pub struct KeeperRecord {
    pub account: AccountRecord,
    pub bytes: u64,
    /// Files and apps.
    pub number: u64,
}

/// What of somebody's takes room here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pub bytes: u64,
    /// Files and apps.
    pub number: u64,
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

impl AccountRecord {
    /// As others may see it.
    pub fn public(&self) -> Account {
        let mut account = Account::new(self.id, self.username.as_str().into(), self.titan_number, self.created_at);
        account.full_name = self.full_name.as_deref().map(Into::into);
        account.blog_url = self.blog_url.as_deref().map(Into::into);
        account.role = self.role;
        account
    }

    pub fn author(&self) -> Author {
        Author::new(self.id, self.username.as_str().into(), self.titan_number)
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

/// The number of a commit: each is one higher than the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn(pub i64);

/// What an account is in a conversation, as far as it decides what the account may do there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub role: MemberRole,
    pub muted_until: Option<Time>,
    /// In a direct: whether one of the two has blocked the other, or is gone.
    pub shut: bool,
}

/// Which apps.
#[derive(Clone, Debug, Default)]
pub struct AppFilter {
    pub category: Option<Category>,
    pub state: Option<AppState>,
    pub author: Option<AccountId>,
    /// A part of name or description, case aside.
    pub query: Option<String>,
}

/// What is searched for in what was said.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub words: String,
    /// In this conversation only.
    pub within: Option<ConversationId>,
    /// Only what is older than this entry.
    pub before: Option<EntryId>,
    /// At least 1.
    pub limit: u32,
}

impl Query {
    /// For the newest messages with these words, wherever they stand.
    pub fn of(words: impl Into<String>, limit: u32) -> Self {
        Self { words: words.into(), limit, ..Self::default() }
    }
}

/// What a search found, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    pub entries: Vec<Entry>,
    /// Before which entry to look further; none where that is all.
    pub rest: Option<EntryId>,
}

/// Which part of a list that may be long: what comes behind something of it, or else its beginning. Where that is no longer
/// there, the list begins anew.
#[derive(Clone, Copy, Debug)]
pub struct Page<I> {
    pub after: Option<I>,
    /// At most so many.
    pub limit: u32,
}

impl<I> Page<I> {
    pub fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }

    /// All of it, for those who have the time.
    pub fn whole() -> Self {
        Self::first(u32::MAX)
    }

    /// The same with one more, which tells whether there is another page.
    pub fn and_one_more(self) -> Self {
        Self { limit: self.limit.saturating_add(1), ..self }
    }
}
