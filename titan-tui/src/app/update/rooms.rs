//! Joining rooms and ending them.

use titan_core::{
    AccountId, ConversationId,
    protocol::{Member, MemberRole, ask},
};

use super::{
    asking::{ask, confirm, open_list},
    chat, forms,
};
use crate::{
    app::{
        effect::Effect,
        overlay::{Choice, FormKind, Group, Picker, Row},
        question::{Answer, Question},
        state::State,
    },
    words,
};

/// Enters a room: straight away where that asks for no password.
pub fn join(state: &mut State, id: ConversationId) -> Vec<Effect> {
    if state.chat.conversation(id).is_some() {
        return chat::open_conversation(state, id);
    }
    let locked = state.chat.rooms.iter().any(|room| room.id == id && room.locked);
    match locked && !state.is_admin() {
        true => forms::open_form(state, FormKind::JoinLocked(id)),
        false => ask(Question::new(ask::JoinRoom { conversation: id, password: None }, Answer::open)),
    }
}

/// Leaves a room. Who owns it says first who gets it.
pub fn ask_leave(state: &mut State, id: ConversationId) -> Vec<Effect> {
    match state.chat.conversation(id).map(|conversation| conversation.room_role) {
        Some(MemberRole::Owner) => {
            let members = ask::Members { conversation: id, ..ask::Members::default() };
            ask(Question::new(members, move |it| Answer::Heirs(id, it)))
        }
        _ => leave(id, None),
    }
}

pub fn leave(conversation: ConversationId, heir: Option<AccountId>) -> Vec<Effect> {
    ask(Question::done(ask::LeaveRoom { conversation, heir }, Answer::Nothing))
}

/// Those who can get the room, whom it would fall to first. With nobody else in it there is nothing to ask.
pub fn show_heirs(state: &mut State, id: ConversationId, members: Vec<Member>) -> Vec<Effect> {
    let mut others: Vec<_> = members.into_iter().filter(|member| !state.is_me(member.person.account.id)).collect();
    if others.is_empty() {
        return leave(id, None);
    }
    others.sort_by_key(|member| (member.room_role != MemberRole::Moderator, member.joined_at));
    let rows = others.iter().map(|member| {
        let account = &member.person.account;
        let detail = words::heir_detail(member.room_role);
        Row::new(format!("@{}", account.username), detail, Group::Person, Choice::Leave(id, Some(account.id)))
    });
    let heading = words::who_gets(&state.chat.title_of(id));
    open_list(state, Picker::list(heading, rows.collect()).about(words::WHO_GETS_ABOUT))
}

pub fn ask_delete_room(state: &mut State, id: ConversationId) -> Vec<Effect> {
    let question = words::delete_room(&state.chat.room_name(id));
    confirm(state, question, words::DELETE_ROOM_DETAIL, words::DELETE_YES, Choice::DeleteRoom(id))
}

/// Asks for the rooms, to join one.
pub fn ask_rooms() -> Vec<Effect> {
    ask(Question::new(ask::Rooms::default(), Answer::ListRooms))
}
