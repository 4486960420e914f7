//! What one may do to somebody in a room, as the server told with its members, and why one may not. Where it tells nothing,
//! everything is offered, and left to it to refuse.

use titan_core::{
    Time,
    protocol::{MemberRole, Right, Role, What},
};

use super::{order::Seat, state::State};
use crate::words;

/// Between oneself and somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// None: no member.
    pub theirs: Option<MemberRole>,
    pub muted_until: Option<Time>,
    /// The room of everybody, which nobody owns.
    pub common: bool,
    /// What they are on the whole server, as far as that is known.
    on_server: Role,
    may: Vec<Right>,
    keeps_order: bool,
    gives_roles: bool,
}

impl Standing {
    /// None where the conversation is no room.
    pub fn between(state: &State, seat: &Seat) -> Option<Self> {
        let conversation = state.chat.conversation(seat.conversation)?;
        let What::Room(room) = &conversation.what else { return None };
        let members = state.people.members.get(&seat.conversation);
        let member = members.and_then(|members| members.iter().find(|it| it.person.account.id == seat.account));
        let keeps_order = conversation.may(Right::Moderate);
        let to_them = |right: &Right| match (member, right) {
            (Some(member), right) => member.may(*right),
            (None, Right::Mute | Right::Ban) => keeps_order,
            (None, _) => false,
        };
        Some(Self {
            theirs: member.map(|member| member.room_role),
            muted_until: member.and_then(|member| member.muted_until).filter(|until| *until > state.now),
            common: room.owner.is_none(),
            on_server: state.known_people().iter().find(|it| it.id == seat.account).map_or(Role::User, |it| it.role),
            may: [Right::Kick, Right::Mute, Right::Ban, Right::GiveRole].into_iter().filter(to_them).collect(),
            keeps_order,
            gives_roles: conversation.may(Right::GiveRole),
        })
    }

    pub fn may(&self, right: Right) -> bool {
        self.may.contains(&right)
    }

    /// Why one may not, in words; none where one may.
    pub fn refusal(&self, right: Right) -> Option<&'static str> {
        match (right, self.theirs) {
            _ if self.may(right) => None,
            (Right::GiveRole, _) if !self.gives_roles => Some(words::NO_ROLES_HERE),
            _ if right != Right::GiveRole && !self.keeps_order => Some(words::NO_ORDER_HERE),
            (_, None) => Some(words::NO_MEMBER),
            (_, Some(MemberRole::Owner)) => Some(words::THAT_IS_THE_OWNER),
            _ if self.common => Some(words::EVERYBODYS_ROOM),
            _ if self.on_server == Role::Admin => Some(words::THAT_IS_AN_ADMIN),
            _ => Some(words::THAT_IS_A_MODERATOR),
        }
    }
}
