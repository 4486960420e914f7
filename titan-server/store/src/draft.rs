//! What goes into a store: what is to be, and what is to become of what there is.

use titan_core::protocol::{AppState, Author, Category, Role, RoomKind, SanctionKind};
use titan_core::{AccountId, BlobId, ClientId, ConversationId, FileId, SafeText, Seq, SessionId, Time, TitanNumber};

use super::{Fact, SEALED, Sessions, UsedAppPassword, Verifier, Why};

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
    /// Set where somebody else made the password up: until when it is good.
    pub made_up_until: Option<Time>,
    pub now: Time,
}

/// A password that an account has from now on.
#[derive(Clone, Debug)]
pub struct Password {
    pub verifier: Verifier,
    /// Set where somebody else made it up: until when it is good.
    pub made_up_until: Option<Time>,
}

impl Password {
    /// One that its owner chose.
    pub fn of(verifier: Verifier) -> Self {
        Self { verifier, made_up_until: None }
    }
}

/// A mail address that is to be confirmed by a token.
#[derive(Clone, Debug)]
pub struct MailChange {
    pub email: String,
    pub token_hash: [u8; 32],
    pub expires_at: Time,
}

/// What changes about an account; `Some(None)` clears.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    pub full_name: Option<Option<String>>,
    /// An address that counts at once, or none any more. One that waited to be confirmed goes.
    pub email: Option<Option<String>>,
    /// An address that counts once it is confirmed.
    pub new_email: Option<MailChange>,
    pub blog_url: Option<Option<String>>,
    pub role: Option<Role>,
    /// Another password.
    pub password: Option<Password>,
    /// The same password, kept otherwise.
    pub verifier: Option<Verifier>,
    pub last_login: Option<Time>,
    pub banned: Option<Option<String>>,
    /// A name it had where it was imported from, to be kept beside the others.
    pub formerly: Option<String>,
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
    /// What it is opened with, as that says of itself.
    pub client: Option<String>,
    /// Set where it is not opened with the account's own password.
    pub app_password: Option<UsedAppPassword>,
    pub now: Time,
    pub expires_at: Time,
    /// How many the account may have, where that has a bound.
    pub most: Option<u32>,
    /// Those of the account by which somebody listens just now: they don't end for being many.
    pub in_use: Vec<SessionId>,
}

/// A second factor to be, with codes for who loses it, by their hashes.
#[derive(Clone, Debug)]
pub struct NewFactor {
    pub sealed: [u8; SEALED],
    pub pepper: String,
    /// The step of the code that it was proved with.
    pub step: i64,
    pub recovery: Vec<[u8; 32]>,
    pub now: Time,
}

/// A password for one program or device to be.
#[derive(Clone, Debug)]
pub struct NewAppPassword {
    pub name: String,
    pub doors: Vec<String>,
    pub administers: bool,
    pub hash: [u8; 32],
    pub pre_hash: [u8; 32],
    pub now: Time,
    /// How many the account may have.
    pub most: u32,
}

/// A token that sets a new password.
#[derive(Clone, Debug)]
pub struct NewReset {
    pub account: AccountId,
    pub token_hash: [u8; 32],
    pub now: Time,
    pub expires_at: Time,
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
    /// How many the owner may have, where that has a bound.
    pub most: Option<u32>,
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
    /// To whom an owner hands the room over.
    pub heir: Option<AccountId>,
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

/// The names that may be meant at one place of a message, the longest first: the first one that somebody has is.
pub type Meant = Vec<String>;

/// What may be appended. Joining, leaving and changes of a room come by verbs of their own.
#[derive(Clone, Debug)]
pub enum DraftBody {
    Message { text: String, reply_to: Option<Seq>, file: Option<NewFile>, mentions: Vec<Meant> },
    Edit { target: Seq, text: String, mentions: Vec<Meant> },
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
pub struct Decision {
    pub state: AppState,
    /// None: whatever it is now (the older protocol names no hash).
    pub sha256: Option<BlobId>,
    /// None for the operator at the command line.
    pub by: Option<AccountId>,
    pub reason: Option<String>,
    pub now: Time,
}
