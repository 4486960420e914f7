//! Keeping order: what can be done to somebody, in a room and in the house, how it is asked for, and what takes it back.

use titan_core::{
    AccountId, ConversationId, Time,
    protocol::{Command, MemberRole},
};

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
    /// The question to the server.
    pub fn command(&self, seat: &Seat, reason: String) -> Command {
        let Seat { conversation, account, .. } = *seat;
        match *self {
            Self::Role(role) => Command::SetMemberRole { conversation, account, role },
            Self::Kick => Command::Kick { conversation, account, reason },
            Self::Mute(seconds) => Command::Mute { conversation, account, seconds, reason },
            Self::Unmute => Command::Unmute { conversation, account },
            Self::Ban => Command::BanMember { conversation, account, reason },
            Self::Unban => Command::UnbanMember { conversation, account },
        }
    }

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
    pub fn command(self, account: AccountId) -> Command {
        match self {
            Self::Ask => Command::RequestFriend { account },
            Self::Accept => Command::AcceptFriend { account },
            Self::Decline => Command::DeclineFriend { account },
            Self::End | Self::Withdraw => Command::RemoveFriend { account },
            Self::Block => Command::Block { account },
            Self::Unblock => Command::Unblock { account },
        }
    }

    pub fn reverse(self) -> Option<Self> {
        match self {
            Self::Block => Some(Self::Unblock),
            Self::Unblock => Some(Self::Block),
            Self::Ask => Some(Self::Withdraw),
            _ => None,
        }
    }
}

/// Something just done that one key takes back.
#[derive(Clone, Debug, PartialEq)]
pub struct TakeBack {
    pub command: Command,
    /// Said once it is taken back.
    pub said: String,
    /// The offer stands until then.
    pub until: Time,
}
