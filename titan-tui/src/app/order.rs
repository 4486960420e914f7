//! Keeping order: what may be done to somebody, in a room and in the house, and how it is asked for. The server decides who
//! may; what is here only keeps the screen from offering what it would refuse.

use titan_core::{
    AccountId, ConversationId, Time,
    protocol::{Command, MemberRole, Role, What},
};

use super::state::State;
use crate::words;

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

/// What one is to the room that is open, and somebody else too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub mine: MemberRole,
    /// None: no member.
    pub theirs: Option<MemberRole>,
    pub muted_until: Option<Time>,
    /// What they are on the whole server, as far as that is known.
    on_server: Role,
    admin: bool,
    /// The room of everybody, which nobody owns and nobody leaves.
    pub common: bool,
}

impl Standing {
    /// Between oneself and somebody in a room; none where the conversation is no room.
    pub fn between(state: &State, seat: &Seat) -> Option<Self> {
        let conversation = state.chat.conversation(seat.conversation)?;
        let What::Room(room) = &conversation.what else { return None };
        let members = state.people.members.get(&seat.conversation);
        let member = members.and_then(|members| members.iter().find(|it| it.person.account.id == seat.account));
        Some(Self {
            mine: conversation.room_role,
            theirs: member.map(|member| member.room_role),
            muted_until: member.and_then(|member| member.muted_until).filter(|until| *until > state.now),
            on_server: state.known_people().iter().find(|it| it.id == seat.account).map_or(Role::User, |it| it.role),
            admin: state.is_admin(),
            common: room.owner.is_none(),
        })
    }

    /// Why one may not mute, remove and ban them, where one may not: moderators stand over members, the owner over them,
    /// admins over all but the owner; and nobody but admins over an admin.
    pub fn no_order(&self) -> Option<&'static str> {
        match self.theirs {
            _ if !self.admin && self.mine < MemberRole::Moderator => Some(words::NO_ORDER_HERE),
            Some(MemberRole::Owner) => Some(words::THAT_IS_THE_OWNER),
            _ if !self.admin && self.on_server == Role::Admin => Some(words::THAT_IS_AN_ADMIN),
            theirs if !self.admin && theirs >= Some(self.mine) => Some(words::THAT_IS_A_MODERATOR),
            _ => None,
        }
    }

    /// Why one may not say that they are a moderator, or the owner.
    pub fn no_roles(&self) -> Option<&'static str> {
        match self.theirs {
            _ if !self.admin && self.mine < MemberRole::Owner => Some(words::NO_ROLES_HERE),
            Some(MemberRole::Owner) => Some(words::THAT_IS_THE_OWNER),
            None => Some(words::NO_MEMBER),
            _ => None,
        }
    }
}

/// Whether one keeps order in a room, and so may see who is muted there and banned.
pub fn keeps_order(state: &State, conversation: ConversationId) -> bool {
    let role = state.chat.conversation(conversation).map(|it| it.room_role);
    state.is_admin() || role.is_some_and(|role| role >= MemberRole::Moderator)
}
