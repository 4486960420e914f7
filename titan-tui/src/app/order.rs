//! Keeping order: what can be done to somebody, in a room and in the house, and what takes it back. How it is asked for is in `question.rs`.

use titan_core::{AccountId, ConversationId, protocol::MemberRole};

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    pub conversation: ConversationId,
    pub account: AccountId,
    /// Their name, for the questions.
    pub name: String,
}

/// What may be done to somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Role(MemberRole),
    Kick,
    /// For so many seconds, or until it is lifted.
    Mute(Option<u64>),
    Unmute,
    Ban,
    Unban,
}

impl Order {
    /// What takes it back, where something does.
    pub fn reverse(&self) -> Option<Self> {
        match self {
            Self::Mute(_) => Some(Self::Unmute),
            Self::Ban => Some(Self::Unban),
            Self::Role(_) | Self::Kick | Self::Unmute | Self::Unban => None,
        }
    }
}

/// A step between somebody and oneself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Ask,
    Accept,
    Decline,
    /// Ends a friendship.
    End,
    /// Takes back one's own request.
    Withdraw,
    Block,
    Unblock,
}

impl Step {
    /// What takes it back, where something does.
    pub fn reverse(self) -> Option<Self> {
        match self {
            Self::Block => Some(Self::Unblock),
            Self::Unblock => Some(Self::Block),
            Self::Ask => Some(Self::Withdraw),
            _ => None,
        }
    }
}
