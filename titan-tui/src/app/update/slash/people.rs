//! The commands about people: keeping order in a room, accounts and addresses, oneself.

use titan_core::protocol::{MemberRole, Role, ask};

use super::line::{Words, complain, find, with_open};
use crate::{
    app::{
        effect::Effect,
        order::Order,
        question::{Answer, Question, Wish},
        state::State,
        update::{asking::ask, orders, transfers},
    },
    spans::Span,
    words,
};

/// Does something to somebody in the open room; with questions first where no more than the name was typed.
pub fn order(state: &mut State, words: &Words, order: Order, reason_from: usize) -> Vec<Effect> {
    let reason = words.from(reason_from).to_owned();
    let asks = words.words.len() == 1 && matches!(order, Order::Mute(_) | Order::Role(_));
    with_open(state, |state, _| find(state, words, Wish::Order { order, reason, asks }))
}

/// `/mute eve 10m loud`; without a time it is asked for.
pub fn mute(state: &mut State, words: &Words) -> Vec<Effect> {
    match (words.words.len(), Span::parse(words.word(1))) {
        (1, _) => order(state, words, Order::Mute(None), 1),
        (_, Some(span)) => order(state, words, Order::Mute(span.seconds()), 2),
        (_, None) => complain(state, words::HOW_LONG_THEN),
    }
}

pub fn role(state: &mut State, words: &Words) -> Vec<Effect> {
    let role = match words.word(1).to_lowercase().as_str() {
        "member" => MemberRole::Member,
        "moderator" | "mod" => MemberRole::Moderator,
        "owner" => MemberRole::Owner,
        _ => return complain(state, words::WHICH_ROLE),
    };
    let asks = role == MemberRole::Owner;
    with_open(state, |state, _| {
        find(state, words, Wish::Order { order: Order::Role(role), reason: String::new(), asks })
    })
}

pub fn ban_address(words: &Words) -> Vec<Effect> {
    ask(orders::ban_address(words.word(0).to_owned(), words.from(1).to_owned()))
}

pub fn export(state: &mut State, words: &Words) -> Vec<Effect> {
    if !state.is_online() {
        return complain(state, words::NEEDS_CONNECTION);
    }
    let path = words.name().to_owned();
    transfers::export_to(state, &path)
}

/// UtuVox writes `0` or `1` for whether somebody is an admin.
fn server_role(word: &str) -> Option<Role> {
    match word {
        "" => None,
        "1" | "true" | "admin" => Some(Role::Admin),
        _ => Some(Role::User),
    }
}

pub fn add_user(words: &Words) -> Vec<Effect> {
    let (username, password) = (words.word(0).to_owned(), words.word(1).into());
    let done = crate::words::account_added(&username);
    let add = ask::AddAccount { username, password, role: server_role(words.word(2)).unwrap_or_default() };
    ask(Question::done(add, Answer::Say(done)))
}

pub fn edit_user(state: &mut State, words: &Words) -> Vec<Effect> {
    let wish = Wish::Edit { password: Some(words.word(1).to_owned()), role: server_role(words.word(2)) };
    find(state, words, wish)
}

pub fn ban(state: &mut State, words: &Words) -> Vec<Effect> {
    let reason = words.from(1).to_owned();
    find(state, words, Wish::Ban(reason))
}

pub fn change_key(words: &Words) -> Vec<Effect> {
    ask(Question::done(
        ask::ChangeAdminKey { key: words.word(0).into() },
        Answer::Say(crate::words::ADMIN_KEY_CHANGED.into()),
    ))
}
