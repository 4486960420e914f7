//! What the server pushes.

use serde::{Deserialize, Serialize};

use super::{Account, App, Author, Conversation, Entry, MemberRole, Person, Relation, Room};
use crate::{AccountId, AppId, ConversationId, SafeText, Seq, Time};

/// Something that happened. Entries are in the log for ever; the others pass, and are stored nowhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A committed entry of a conversation of mine; in order of seq, without a gap, exactly once a connection.
    #[non_exhaustive]
    Entry {
        /// Which.
        entry: Entry,
    },
    /// Everything that `resume` asked for, or that was missed by reading too slowly, has now been sent.
    #[non_exhaustive]
    CaughtUp {},
    /// Somebody came online or went offline (after `who` with `watch`).
    #[non_exhaustive]
    Presence {
        /// Who, and how it is now.
        person: Person,
    },
    /// A member of a conversation of mine is writing; shown for a few seconds.
    #[non_exhaustive]
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Who.
        author: Author,
    },
    /// A member of a room sent a voice signal, to me or to all.
    #[non_exhaustive]
    VoiceSignal {
        /// Where.
        conversation: ConversationId,
        /// Who.
        from: Author,
        /// Whatever they sent.
        signal: serde_json::Value,
    },
    /// I am in a new conversation: joined or opened elsewhere, or somebody wrote to me.
    #[non_exhaustive]
    ConversationAdded {
        /// Where I stand in it.
        conversation: Box<Conversation>,
    },
    /// I am no longer in it: left elsewhere, removed, or the room was deleted.
    #[non_exhaustive]
    ConversationRemoved {
        /// Which.
        conversation: ConversationId,
        /// Why, for people.
        reason: SafeText,
    },
    /// My read mark moved, on another device perhaps.
    #[non_exhaustive]
    ReadMark {
        /// Where.
        conversation: ConversationId,
        /// Everything up to there is read.
        seq: Seq,
    },
    /// A room now exists.
    #[non_exhaustive]
    RoomCreated {
        /// As those see it who are not in it; without `may`.
        room: Room,
    },
    /// A room is gone.
    #[non_exhaustive]
    RoomRemoved {
        /// Which.
        conversation: ConversationId,
    },
    /// Somebody registered.
    #[non_exhaustive]
    AccountRegistered {
        /// Who.
        account: Account,
    },
    /// Somebody's account is gone for good; they have left their rooms before.
    #[non_exhaustive]
    AccountRemoved {
        /// Whose.
        account: AccountId,
        /// The name it had.
        username: SafeText,
    },
    /// A member's role changed, or they were muted or unmuted. What the listener `may` do to them, and (where it is the
    /// listener) in the conversation, has changed with it: ask `members` and `conversations` again.
    #[non_exhaustive]
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
    #[non_exhaustive]
    RelationChanged {
        /// With whom, and how.
        relation: Box<Relation>,
    },
    /// We are nothing to each other any more.
    #[non_exhaustive]
    RelationEnded {
        /// With whom.
        account: AccountId,
    },
    /// A member came to a room, or went, at a door where people are in one room at a time; nothing of it is logged.
    #[non_exhaustive]
    Visit {
        /// Which.
        conversation: ConversationId,
        /// Who.
        author: Author,
        /// Whether they came.
        here: bool,
    },
    /// My account changed (role, profile).
    #[non_exhaustive]
    AccountChanged {
        /// As it is now.
        account: Account,
        /// The admin who changed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<SafeText>,
    },
    /// An app of mine was decided, or (for admins) uploaded.
    #[non_exhaustive]
    AppChanged {
        /// As it is now.
        app: Box<App>,
    },
    /// An app is gone.
    #[non_exhaustive]
    AppRemoved {
        /// Which.
        app: AppId,
    },
    /// The session ended: the socket closes after this. Without `retry_after_ms`, coming back needs a new login.
    #[non_exhaustive]
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

/// How each kind is made: kinds may gain fields, so that nobody else can write one out.
impl Event {
    /// This was committed.
    pub fn entry(entry: Entry) -> Self {
        Self::Entry { entry }
    }

    /// Everything that was missed has been sent.
    pub fn caught_up() -> Self {
        Self::CaughtUp {}
    }

    /// They came online, or went offline.
    pub fn presence(person: Person) -> Self {
        Self::Presence { person }
    }

    /// They are writing there.
    pub fn typing(conversation: ConversationId, author: Author) -> Self {
        Self::Typing { conversation, author }
    }

    /// They sent a voice signal there.
    pub fn voice_signal(conversation: ConversationId, from: Author, signal: serde_json::Value) -> Self {
        Self::VoiceSignal { conversation, from, signal }
    }

    /// The listener is in it now.
    pub fn conversation_added(conversation: Box<Conversation>) -> Self {
        Self::ConversationAdded { conversation }
    }

    /// The listener is no longer in it; the reason is for people.
    pub fn conversation_removed(conversation: ConversationId, reason: SafeText) -> Self {
        Self::ConversationRemoved { conversation, reason }
    }

    /// Everything up to there is read.
    pub fn read_mark(conversation: ConversationId, seq: Seq) -> Self {
        Self::ReadMark { conversation, seq }
    }

    /// It exists now.
    pub fn room_created(room: Room) -> Self {
        Self::RoomCreated { room }
    }

    /// It is gone.
    pub fn room_removed(conversation: ConversationId) -> Self {
        Self::RoomRemoved { conversation }
    }

    /// They registered.
    pub fn account_registered(account: Account) -> Self {
        Self::AccountRegistered { account }
    }

    /// It is gone for good, and had this name.
    pub fn account_removed(account: AccountId, username: SafeText) -> Self {
        Self::AccountRemoved { account, username }
    }

    /// A member is this now, and may not write before then.
    pub fn member_changed(
        conversation: ConversationId,
        account: AccountId,
        role: MemberRole,
        muted_until: Option<Time>,
    ) -> Self {
        Self::MemberChanged { conversation, account, role, muted_until }
    }

    /// So they stand to the listener now.
    pub fn relation_changed(relation: Box<Relation>) -> Self {
        Self::RelationChanged { relation }
    }

    /// They are nothing to the listener any more.
    pub fn relation_ended(account: AccountId) -> Self {
        Self::RelationEnded { account }
    }

    /// They came to the room (`here`), or went.
    pub fn visit(conversation: ConversationId, author: Author, here: bool) -> Self {
        Self::Visit { conversation, author, here }
    }

    /// The listener's account is this now; `by` an admin, where it was one.
    pub fn account_changed(account: Account, by: Option<SafeText>) -> Self {
        Self::AccountChanged { account, by }
    }

    /// It is this now.
    pub fn app_changed(app: Box<App>) -> Self {
        Self::AppChanged { app }
    }

    /// It is gone.
    pub fn app_removed(app: AppId) -> Self {
        Self::AppRemoved { app }
    }

    /// The session ended; come back after so many milliseconds, or with a new login.
    pub fn goodbye(reason: SafeText, retry_after_ms: Option<u64>) -> Self {
        Self::Goodbye { reason, retry_after_ms }
    }
}
