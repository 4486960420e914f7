//! Joining rooms and ending them.

use titan_core::{ConversationId, protocol::ask};

use super::{
    asking::{ask, confirm},
    chat, forms,
};
use crate::{
    app::{
        effect::Effect,
        overlay::{Choice, FormKind},
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

pub fn ask_delete_room(state: &mut State, id: ConversationId) -> Vec<Effect> {
    let question = words::delete_room(&state.chat.room_name(id));
    confirm(state, question, words::DELETE_ROOM_DETAIL, words::DELETE_YES, Choice::DeleteRoom(id))
}

/// Asks for the rooms, to join one.
pub fn ask_rooms() -> Vec<Effect> {
    ask(Question::new(ask::Rooms::default(), Answer::ListRooms))
}
