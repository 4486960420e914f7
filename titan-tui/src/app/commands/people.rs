//! The slash commands about people: friends, keeping order in a room, accounts and addresses, oneself.

use titan_core::protocol::{Command, MemberRole};

use super::{Words, ask, ask_if_online, complain, find, with_open};
use crate::{
    app::{
        effect::{Effect, Then, Wish},
        order::Order,
        state::State,
        update::{ban_address, export_to, lift_address},
    },
    spans::Span,
    words,
};

/// A name or titan number, as a question for the account.
pub fn find_command(name: &str) -> Command {
    let name = name.trim().trim_start_matches('@').to_owned();
    match name.trim_start_matches('#').parse::<i64>() {
        Ok(number) => Command::FindAccount { account: None, username: None, titan_number: Some(number) },
        Err(_) => Command::FindAccount { account: None, username: Some(name), titan_number: None },
    }
}

/// Does something to somebody in the open room; with questions first where no more than the name was typed.
fn order(state: &mut State, words: &Words, order: Order, reason_from: usize) -> Vec<Effect> {
    let reason = words.from(reason_from).to_owned();
    let asks = words.words.len() == 1 && matches!(order, Order::Mute(_) | Order::Role(_));
    with_open(state, |state, _| find(state, words, Wish::Order { order, reason, asks }))
}

pub fn kick(state: &mut State, words: &Words) -> Vec<Effect> {
    order(state, words, Order::Kick, 1)
}

pub fn ban(state: &mut State, words: &Words) -> Vec<Effect> {
    order(state, words, Order::Ban, 1)
}

pub fn unban(state: &mut State, words: &Words) -> Vec<Effect> {
    order(state, words, Order::Unban, 1)
}

pub fn unmute(state: &mut State, words: &Words) -> Vec<Effect> {
    order(state, words, Order::Unmute, 1)
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

pub fn ban_ip(_: &mut State, words: &Words) -> Vec<Effect> {
    let (command, then) = ban_address(words.word(0).to_owned(), words.from(1).to_owned());
    ask(command, then)
}

pub fn unban_ip(state: &mut State, words: &Words) -> Vec<Effect> {
    lift_address(state, words.word(0).to_owned())
}

pub fn export(state: &mut State, words: &Words) -> Vec<Effect> {
    if !state.is_online() {
        return complain(state, words::NEEDS_CONNECTION);
    }
    let path = words.name().to_owned();
    export_to(state, &path)
}

pub fn reset(state: &mut State, words: &Words) -> Vec<Effect> {
    find(state, words, Wish::ResetPassword)
}

pub fn members(state: &mut State, _: &Words) -> Vec<Effect> {
    with_open(state, |state, id| ask_if_online(state, Command::Members { conversation: id }, Then::ListMembers(id)))
}
