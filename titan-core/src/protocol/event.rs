//! What the server pushes.

use serde::{Deserialize, Serialize};

use super::{Account, App, Author, Conversation, Entry, MemberRole, Person, Relation, Room};
use crate::{AccountId, ConversationId, SafeText, Seq, Time};

/// Something that happened. Entries are in the log for ever; the others pass, and are stored nowhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A committed entry of a conversation of mine; in order of seq, without a gap, exactly once a connection.
    Entry {
        entry: Entry,
    },
    /// Everything that `resume` asked for, or that was missed by reading too slowly, has now been sent.
    CaughtUp {},
    /// Somebody came online or went offline (after `who` with `watch`).
    Presence {
        person: Person,
    },
    /// A member of a conversation of mine is writing; shown for a few seconds.
    Typing {
        conversation: ConversationId,
        author: Author,
    },
    VoiceSignal {
        conversation: ConversationId,
        from: Author,
        signal: serde_json::Value,
    },
    /// I am in a new conversation: joined or opened elsewhere, or somebody wrote to me.
    ConversationAdded {
        conversation: Box<Conversation>,
    },
    /// I am no longer in it: left elsewhere, removed, or the room was deleted.
    ConversationRemoved {
        conversation: ConversationId,
        reason: SafeText,
    },
    /// My read mark moved, on another device perhaps.
    ReadMark {
        conversation: ConversationId,
        seq: Seq,
    },
    /// A room now exists.
    RoomCreated {
        room: Room,
    },
    RoomRemoved {
        conversation: ConversationId,
    },
    /// Somebody registered.
    AccountRegistered {
        account: Account,
    },
    /// Somebody's account is gone for good; they have left their rooms before.
    AccountRemoved {
        account: AccountId,
        username: SafeText,
    },
    /// A member's role changed, or they were muted or unmuted.
    MemberChanged {
        conversation: ConversationId,
        account: AccountId,
        role: MemberRole,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        muted_until: Option<Time>,
    },
    /// How somebody and I stand to each other: asked, friends, blocked.
    RelationChanged {
        relation: Box<Relation>,
    },
    /// We are nothing to each other any more.
    RelationEnded {
        account: AccountId,
    },
    /// A member came to a room, or went, at a door where people are in one room at a time; nothing of it is logged.
    Visit {
        conversation: ConversationId,
        author: Author,
        here: bool,
    },
    /// My account changed (role, profile).
    AccountChanged {
        account: Account,
        /// The admin who changed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<SafeText>,
    },
    /// An app of mine was decided, or (for admins) uploaded.
    AppChanged {
        app: Box<App>,
    },
    AppRemoved {
        app: crate::AppId,
    },
    /// The session ended: the socket closes after this. Without `retry_after_ms`, coming back needs a new login.
    Goodbye {
        reason: SafeText,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// A kind of a newer server: to be ignored.
    #[serde(other)]
    Unknown,
}

impl Event {
    /// The conversation an event belongs to, where it does.
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::Entry { entry } => Some(entry.conversation),
            Self::Typing { conversation, .. }
            | Self::VoiceSignal { conversation, .. }
            | Self::ConversationRemoved { conversation, .. }
            | Self::ReadMark { conversation, .. }
            | Self::MemberChanged { conversation, .. }
            | Self::Visit { conversation, .. }
            | Self::RoomRemoved { conversation } => Some(*conversation),
            Self::ConversationAdded { conversation } => Some(conversation.id),
            _ => None,
        }
    }

    /// Whose doing it was, where that is told.
    pub fn author(&self) -> Option<AccountId> {
        match self {
            Self::Entry { entry } => Some(entry.author.id),
            Self::Typing { author, .. } | Self::VoiceSignal { from: author, .. } | Self::Visit { author, .. } => {
                Some(author.id)
            }
            _ => None,
        }
    }
}
