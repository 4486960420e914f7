//! The nouns of the house, as they travel.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AppId, BlobId, ClientId, ConversationId, EntryId, FileId, SafeText, Seq, SessionId, Time, TitanNumber,
};

/// What an account may do on the whole server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    #[default]
    User,
    Admin,
}

/// A person, as everybody may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    pub username: SafeText,
    pub titan_number: TitanNumber,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<SafeText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blog_url: Option<SafeText>,
    pub role: Role,
    pub created_at: Time,
}

/// A person with what only admins see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountStanding {
    #[serde(flatten)]
    pub account: Account,
    pub banned: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_login: Option<Time>,
}

/// A person and whether they are connected at any door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    #[serde(flatten)]
    pub account: Account,
    pub online: bool,
}

/// One login of the account that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    pub id: SessionId,
    /// The door it was opened at, such as `native` or `titan_net`.
    pub door: String,
    /// Where it was opened from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<SafeText>,
    pub created_at: Time,
    pub last_seen: Time,
    /// Whether this is the session that asks.
    pub current: bool,
}

/// How somebody stands to the one who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// They want to be friends, and wait for an answer.
    Requests,
    Friend,
    /// They were asked, and have not answered.
    Requested,
    /// Shut out by the one who asks. That others shut one out is never told.
    Blocked,
}

/// Somebody who is more to the one who asks than others are, or less.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    #[serde(flatten)]
    pub person: Person,
    pub relation: RelationKind,
    pub since: Time,
}

/// What keeps somebody from writing in a room, or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SanctionKind {
    Mute,
    Ban,
}

/// A mute or ban of a room that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sanction {
    pub account: Account,
    pub kind: SanctionKind,
    /// None: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    #[serde(default)]
    pub reason: SafeText,
    /// None where that account is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Author>,
    pub at: Time,
}

/// An IP address that nobody may come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressBan {
    pub address: SafeText,
    #[serde(default)]
    pub reason: SafeText,
}

/// An act of moderation or administration; kept for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditAct {
    pub at: Time,
    /// None for the operator at the command line, and for accounts that are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Author>,
    /// Such as `ban` or `delete_room`.
    pub act: SafeText,
    /// What it was done to, such as `account 12`.
    pub object: SafeText,
    #[serde(default)]
    pub detail: SafeText,
}

/// What a room is for. A voice room carries voice signals between its members, and text all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    #[default]
    Text,
    Voice,
}

/// What a member may do in a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    #[default]
    Member,
    Moderator,
    Owner,
}

/// A room, as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub id: ConversationId,
    pub name: SafeText,
    #[serde(default)]
    pub description: SafeText,
    pub kind: RoomKind,
    /// Whether joining asks for a password.
    pub locked: bool,
    /// None for the room "general", which belongs to the house.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Author>,
    pub members: u64,
    pub created_at: Time,
    /// Whether the one who asks is a member.
    pub joined: bool,
}

/// A member of a room or direct.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    #[serde(flatten)]
    pub person: Person,
    pub room_role: MemberRole,
    pub joined_at: Time,
    /// May not write before then; [`Time::FOREVER`] where no end was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Time>,
}

/// A conversation of the account that asks, with where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    pub id: ConversationId,
    #[serde(flatten)]
    pub what: What,
    /// The last seq of the log; 0 while it is empty.
    pub head: Seq,
    /// Everything up to here has been read, on whatever device.
    pub read: Seq,
    /// Messages of others beyond `read`.
    pub unread: u64,
    /// Those of them that mention the account by name.
    pub mentions: u64,
    /// When the last entry was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_at: Option<Time>,
    pub room_role: MemberRole,
    /// The account may not write here before then; [`Time::FOREVER`] where no end was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Time>,
}

/// A room or a direct pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Room(Room),
    /// The other person (oneself in the conversation with oneself).
    Direct(Account),
}

/// Who wrote something; the name as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub id: AccountId,
    pub username: SafeText,
    pub titan_number: TitanNumber,
}

/// One thing that happened in a conversation, at its place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub conversation: ConversationId,
    pub seq: Seq,
    pub id: EntryId,
    pub author: Author,
    pub at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    #[serde(flatten)]
    pub body: Body,
}

/// What an entry says.
///
/// In history a message comes as it now stands: with its text after edits, empty once deleted, and its reactions. The
/// edits, deletions and reactions are entries of their own too, so that a client that has seen everything up to some seq
/// stays right by applying what follows; applying one again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    Message(Message),
    Edit {
        target: Seq,
        text: SafeText,
    },
    Deletion {
        target: Seq,
    },
    Reaction {
        target: Seq,
        emoji: SafeText,
        on: bool,
    },
    Joined {},
    Left {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Author>,
    },
    FileFetched {
        file: FileId,
        name: SafeText,
    },
    RoomChanged {
        #[serde(flatten)]
        change: RoomChange,
    },
    /// What stood here was damaged on the server's disk and can't be read any more; the author is nobody (0).
    Damaged {},
    /// A kind that a newer server knows: shown as a line that says so, kept for its seq.
    #[serde(other)]
    Unknown,
}

/// A message, with a file where one was added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    #[serde(default)]
    pub text: SafeText,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileInfo>,
    /// The seq of the last edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Seq>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

/// One emoji under a message and who set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    pub emoji: SafeText,
    pub accounts: Vec<AccountId>,
}

/// What changed about a room; what didn't is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<SafeText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<SafeText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
}

/// A place in a conversation's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub conversation: ConversationId,
    pub seq: Seq,
}

/// A file of a conversation. Its bytes are at `GET /api/files/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    pub id: FileId,
    pub name: SafeText,
    /// Bytes.
    pub size: u64,
    pub sha256: BlobId,
}

/// What kind of thing an app is. The six names are the wire's and the original's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    Application,
    Component,
    SoundTheme,
    Game,
    TcePackage,
    LanguagePack,
}

impl Category {
    pub const ALL: [Category; 6] =
        [Self::Application, Self::Component, Self::SoundTheme, Self::Game, Self::TcePackage, Self::LanguagePack];

    /// The name on every wire and in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Component => "component",
            Self::SoundTheme => "sound_theme",
            Self::Game => "game",
            Self::TcePackage => "tce_package",
            Self::LanguagePack => "language_pack",
        }
    }
}

impl std::str::FromStr for Category {
    type Err = crate::protocol::Fault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|category| category.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            crate::protocol::Fault::bad_request(format!("Invalid category. Must be one of: {names}"))
        })
    }
}

/// Where an app stands with the admins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppState {
    #[default]
    Pending,
    Approved,
    Rejected,
}

/// An app of the repository. Its bytes are at `GET /api/download/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    pub id: AppId,
    pub name: SafeText,
    pub description: SafeText,
    pub category: Category,
    pub version: SafeText,
    pub author: Author,
    pub file_name: SafeText,
    /// Bytes.
    pub size: u64,
    /// What the admins approve, and what a download is checked against.
    pub sha256: BlobId,
    pub state: AppState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Author>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Time>,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<SafeText>,
    pub downloads: u64,
    pub uploaded_at: Time,
}

/// The repository in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryStats {
    pub approved: u64,
    pub pending: u64,
    pub downloads: u64,
    /// Approved apps of each category that has any.
    pub categories: std::collections::BTreeMap<String, u64>,
}

/// An entry that a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub entry: Entry,
    /// The room's name, or the other person's in a direct.
    pub conversation_name: SafeText,
}

/// A piece of the export of one's own data: a line of JSON at `GET /api/export`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "export", rename_all = "snake_case")]
pub enum Exported {
    Account {
        account: Account,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email: Option<SafeText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_login: Option<Time>,
    },
    Session {
        session: SessionInfo,
    },
    Relation {
        relation: Relation,
    },
    Conversation {
        conversation: Box<Conversation>,
    },
    /// What the account wrote, in whatever conversation, and what others wrote to it in private.
    Entry {
        entry: Box<Entry>,
    },
    App {
        app: Box<App>,
    },
    /// The last line: without it the export was cut off.
    End {},
    /// A kind of a newer server.
    #[serde(other)]
    Unknown,
}
