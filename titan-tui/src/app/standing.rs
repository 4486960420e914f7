//! What one is to a room, and so what the screen offers to do there. The server decides; this only keeps the screen from
//! offering what it would refuse.

use titan_core::{
    ConversationId, Time,
    protocol::{MemberRole, Role, What},
};

use super::{order::Seat, state::State};
use crate::words;

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
