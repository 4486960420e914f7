//! What the server pushes.

use serde::{Deserialize, Serialize};

use super::{Account, App, Author, Conversation, Entry, MemberRole, Person, Relation, Room};
use crate::{AccountId, ConversationId, SafeText, Seq, Time};

/// Something that happened. Entries are in the log for ever; the others pass, and are stored nowhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A committed entry of a conversation of mine; in order of seq, without a gap, exactly once a connection.
    Entry {
        /// Which.
        entry: Entry,
    },
    /// Everything that `resume` asked for, or that was missed by reading too slowly, has now been sent.
    CaughtUp {},
    /// Somebody came online or went offline (after `who` with `watch`).
    Presence {
        /// Who, and how it is now.
        person: Person,
    },
    /// A member of a conversation of mine is writing; shown for a few seconds.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Who.
        author: Author,
    },
    /// A member of a room sent a voice signal, to me or to all.
    VoiceSignal {
        /// Where.
        conversation: ConversationId,
        /// Who.
        from: Author,
        /// Whatever they sent.
        signal: serde_json::Value,
    },
    /// I am in a new conversation: joined or opened elsewhere, or somebody wrote to me.
    ConversationAdded {
        /// Where I stand in it.
        conversation: Box<Conversation>,
    },
    /// I am no longer in it: left elsewhere, removed, or the room was deleted.
    ConversationRemoved {
        /// Which.
        conversation: ConversationId,
        /// Why, for people.
        reason: SafeText,
    },
    /// My read mark moved, on another device perhaps.
    ReadMark {
        /// Where.
        conversation: ConversationId,
        /// Everything up to there is read.
        seq: Seq,
    },
    /// A room now exists.
    RoomCreated {
        /// As those see it who are not in it; without `may`.
        room: Room,
    },
    /// A room is gone.
    RoomRemoved {
        /// Which.
        conversation: ConversationId,
    },
    /// Somebody registered.
    AccountRegistered {
        /// Who.
        account: Account,
    },
    /// Somebody's account is gone for good; they have left their rooms before.
    AccountRemoved {
        /// Whose.
        account: AccountId,
        /// The name it had.
        username: SafeText,
    },
    /// A member's role changed, or they were muted or unmuted. What the listener `may` do to them, and (where it is the
    /// listener) in the conversation, has changed with it: ask `members` and `conversations` again.
    MemberChanged {
        /// Where.
        conversation: ConversationId,
        /// Who.
        account: AccountId,
        /// What they are now.
        role: MemberRole,
        /// May not write before then; [`Time::FOREVER`] where no end was set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        muted_until: Option<Time>,
    },
    /// How somebody and I stand to each other: asked, friends, blocked.
    RelationChanged {
        /// With whom, and how.
        relation: Box<Relation>,
    },
    /// We are nothing to each other any more.
    RelationEnded {
        /// With whom.
        account: AccountId,
    },
    /// A member came to a room, or went, at a door where people are in one room at a time; nothing of it is logged.
    Visit {
        /// Which.
        conversation: ConversationId,
        /// Who.
        author: Author,
        /// Whether they came.
        here: bool,
    },
    /// My account changed (role, profile).
    AccountChanged {
        /// As it is now.
        account: Account,
        /// The admin who changed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<SafeText>,
    },
    /// An app of mine was decided, or (for admins) uploaded.
    AppChanged {
        /// As it is now.
        app: Box<App>,
    },
    /// An app is gone.
    AppRemoved {
        /// Which.
        app: crate::AppId,
    },
    /// The session ended: the socket closes after this. Without `retry_after_ms`, coming back needs a new login.
    Goodbye {
        /// Why, for people.
        reason: SafeText,
        /// When to come back, in milliseconds from now.
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
