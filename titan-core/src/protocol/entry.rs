//! What stands in a log, as it travels.

use serde::{Deserialize, Serialize};

use super::{Author, FileInfo, Place};
use crate::{AccountId, ClientId, ConversationId, EntryId, FileId, SafeText, Seq, Time, text::reaction_key};

/// One thing that happened in a conversation, at its place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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

impl Entry {
    /// One that no client named.
    ///
    /// ```
    /// use titan_core::{AccountId, EntryId, GENERAL, Seq, Time, TitanNumber};
    /// use titan_core::protocol::{Author, Body, Entry, Message, Place};
    /// let ada = Author::new(AccountId(1), "ada".into(), TitanNumber(69_522));
    /// let said = Body::Message(Message::new("Hello!".into()));
    /// let entry = Entry::new(Place::new(GENERAL, Seq(7)), EntryId(99), ada, Time(0), said);
    /// assert_eq!(entry.place(), Place::new(GENERAL, Seq(7)));
    /// ```
    pub fn new(place: Place, id: EntryId, author: Author, at: Time, body: Body) -> Self {
        let Place { conversation, seq } = place;
        Self { conversation, seq, id, author, at, client_id: None, body }
    }

    /// Where it stands.
    pub fn place(&self) -> Place {
        Place::new(self.conversation, self.seq)
    }
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
    #[non_exhaustive]
    Edit {
        /// Which.
        target: Seq,
        /// What it says now.
        text: SafeText,
    },
    /// A message is erased.
    #[non_exhaustive]
    Deletion {
        /// Which.
        target: Seq,
    },
    /// Somebody set or took back a reaction.
    #[non_exhaustive]
    Reaction {
        /// To which message.
        target: Seq,
        /// Which.
        emoji: SafeText,
        /// Whether it is set now.
        on: bool,
    },
    /// The author is a member now.
    #[non_exhaustive]
    Joined {},
    /// The author is none any more.
    #[non_exhaustive]
    Left {
        /// Who removed them, if they didn't go.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Author>,
    },
    /// The author downloaded a file.
    #[non_exhaustive]
    FileFetched {
        /// Which.
        file: FileId,
        /// What it is called.
        name: SafeText,
    },
    /// The room has another name, description or lock.
    #[non_exhaustive]
    RoomChanged {
        /// What is other now.
        #[serde(flatten)]
        change: RoomChange,
    },
    /// What stood here was damaged on the server's disk and can't be read any more; the author is nobody (0).
    #[non_exhaustive]
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

/// How each kind is made: kinds may gain fields, so that nobody else can write one out.
impl Body {
    /// The message there says this now.
    pub fn edit(target: Seq, text: SafeText) -> Self {
        Self::Edit { target, text }
    }

    /// The message there is erased.
    pub fn deletion(target: Seq) -> Self {
        Self::Deletion { target }
    }

    /// It is set (`on`), or taken back.
    pub fn reaction(target: Seq, emoji: SafeText, on: bool) -> Self {
        Self::Reaction { target, emoji, on }
    }

    /// The author is a member now.
    pub fn joined() -> Self {
        Self::Joined {}
    }

    /// The author is none any more, removed by somebody perhaps.
    pub fn left(by: Option<Author>) -> Self {
        Self::Left { by }
    }

    /// The author downloaded the file of this name.
    pub fn file_fetched(file: FileId, name: SafeText) -> Self {
        Self::FileFetched { file, name }
    }

    /// The room is other now.
    pub fn room_changed(change: RoomChange) -> Self {
        Self::RoomChanged { change }
    }

    /// What stood here can't be read any more.
    pub fn damaged() -> Self {
        Self::Damaged {}
    }
}

/// A message, with a file where one was added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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

impl Message {
    /// A text alone, as it was written.
    ///
    /// ```
    /// use titan_core::{Seq, protocol::Message};
    /// let mut answer = Message::new("So it is.".into());
    /// answer.reply_to = Some(Seq(3));
    /// ```
    pub fn new(text: SafeText) -> Self {
        Self { text, ..Self::default() }
    }

    /// The same with this file.
    #[must_use]
    pub fn with_file(self, file: FileInfo) -> Self {
        Self { file: Some(file), ..self }
    }

    /// What is left of one that was deleted.
    pub fn erased(reply_to: Option<Seq>) -> Self {
        Self { reply_to, deleted: true, ..Self::default() }
    }
}

/// One emoji under a message and who set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reaction {
    /// Which.
    pub emoji: SafeText,
    /// Who set it: all of them, or the first ones where `count` is told.
    pub accounts: Vec<AccountId>,
    /// How many set it, where not all of them are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

impl Reaction {
    /// Set by these.
    pub fn new(emoji: SafeText, accounts: Vec<AccountId>) -> Self {
        Self { emoji, accounts, count: None }
    }

    /// How many set it.
    pub fn number(&self) -> u64 {
        self.count.unwrap_or(self.accounts.len() as u64)
    }

    /// Somebody sets it or takes it back; whether that changes anything.
    pub fn set(&mut self, account: AccountId, on: bool) -> bool {
        let named = self.accounts.iter().position(|other| *other == account);
        match (named, on) {
            (Some(_), true) => return false,
            (None, true) => self.accounts.push(account),
            (Some(at), false) => drop(self.accounts.remove(at)),
            (None, false) if self.count.is_none() => return false,
            (None, false) => {}
        }
        self.count = self.count.map(|count| if on { count.saturating_add(1) } else { count.saturating_sub(1) });
        true
    }

    /// Whether it is this one, however it is spelled ([`crate::text::reaction_key`]).
    pub fn is_with(&self, emoji: &str) -> bool {
        let other = self.emoji.written();
        other == emoji || reaction_key(other) == reaction_key(emoji)
    }
}

/// What changed about a room; what didn't is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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
#[non_exhaustive]
pub struct Found {
    /// What was found.
    pub entry: Entry,
    /// The room's name, or the other person's in a direct.
    pub conversation_name: SafeText,
}

impl Found {
    /// This one, in the conversation of this name.
    pub fn new(entry: Entry, conversation_name: SafeText) -> Self {
        Self { entry, conversation_name }
    }
}
