//! What stands in a log, as it travels.

use serde::{Deserialize, Serialize};

use super::{Author, FileInfo};
use crate::{AccountId, ClientId, ConversationId, EntryId, FileId, SafeText, Seq, Time};

/// One thing that happened in a conversation, at its place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where.
    pub conversation: ConversationId,
    /// At which place of its log.
    pub seq: Seq,
    /// Unique over all logs.
    pub id: EntryId,
    /// Whose doing it was.
    pub author: Author,
    /// When it was written.
    pub at: Time,
    /// What the client named it, to its author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// What it says.
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
#[non_exhaustive]
pub enum Body {
    /// Somebody said something.
    Message(Message),
    /// A message has another text now.
    Edit {
        /// Which.
        target: Seq,
        /// What it says now.
        text: SafeText,
    },
    /// A message is erased.
    Deletion {
        /// Which.
        target: Seq,
    },
    /// Somebody set or took back a reaction.
    Reaction {
        /// To which message.
        target: Seq,
        /// Which.
        emoji: SafeText,
        /// Whether it is set now.
        on: bool,
    },
    /// The author is a member now.
    Joined {},
    /// The author is none any more.
    Left {
        /// Who removed them, if they didn't go.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Author>,
    },
    /// The author downloaded a file.
    FileFetched {
        /// Which.
        file: FileId,
        /// What it is called.
        name: SafeText,
    },
    /// The room has another name, description or lock.
    RoomChanged {
        /// What is other now.
        #[serde(flatten)]
        change: RoomChange,
    },
    /// What stood here was damaged on the server's disk and can't be read any more; the author is nobody (0).
    Damaged {},
    /// A kind that a newer server knows: shown as a line that says so, kept for its seq.
    #[serde(other)]
    Unknown,
}

impl Body {
    /// Its kind, by the name on the wire.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Edit { .. } => "edit",
            Self::Deletion { .. } => "deletion",
            Self::Reaction { .. } => "reaction",
            Self::Joined {} => "joined",
            Self::Left { .. } => "left",
            Self::FileFetched { .. } => "file_fetched",
            Self::RoomChanged { .. } => "room_changed",
            Self::Damaged {} => "damaged",
            Self::Unknown => "unknown",
        }
    }
}

/// A message, with a file where one was added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Empty once deleted.
    #[serde(default)]
    pub text: SafeText,
    /// The message it replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// What was added to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileInfo>,
    /// The seq of the last edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Seq>,
    /// Whether it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// One for each emoji.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

/// One emoji under a message and who set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// Which.
    pub emoji: SafeText,
    /// Who set it.
    pub accounts: Vec<AccountId>,
}

/// What changed about a room; what didn't is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomChange {
    /// What it is called now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<SafeText>,
    /// What it is for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<SafeText>,
    /// Whether it asks for a password now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
}

/// An entry that a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What was found.
    pub entry: Entry,
    /// The room's name, or the other person's in a direct.
    pub conversation_name: SafeText,
}
