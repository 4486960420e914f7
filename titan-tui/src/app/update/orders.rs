//! Doing something to somebody: steps between people, keeping order in a room, banning; and taking it back at once.

use titan_core::{
    Time,
    protocol::{Account, Command, MemberRole, Role},
};

use super::{
    asking::{ask, confirm},
    forms, people,
};
use crate::{
    app::{
        effect::{Did, Effect, Then},
        order::{Order, Seat, Step, TakeBack},
        overlay::{Choice, FormKind, Overlay},
        standing::Standing,
        state::State,
    },
    keymap::Action,
    words,
};

/// How long what was done can be taken back by a key.
const TAKE_BACK_MS: i64 = 60_000;

/// What was asked for is done: says so, with the way back where there is one.
pub fn did(state: &mut State, did: Did) -> Vec<Effect> {
    close_busy_form(state);
    match did.back {
        Some((command, said)) => {
            let key = state.keymap.key(Action::TakeBack);
            state.say_longer(words::with_take_back(&did.said, &key));
            state.take_back = Some(TakeBack { command, said, until: Time(state.now.0 + TAKE_BACK_MS) });
        }
        None => {
            state.take_back = None;
            state.say(did.said);
        }
    }
    people::asked_anew(state)
}

/// The form that waited for this answer has it.
pub fn close_busy_form(state: &mut State) {
    if matches!(state.overlays.last(), Some(Overlay::Form(form)) if form.busy) {
        state.overlays.pop();
    }
}

pub fn take_back(state: &mut State) -> Vec<Effect> {
    match state.take_back.take().filter(|it| it.until > state.now) {
        Some(TakeBack { command, said, .. }) => ask(command, Then::did(said)),
        None => {
            state.say(words::NOTHING_TO_TAKE_BACK);
            vec![]
        }
    }
}

/// A step between somebody and oneself; ending a friendship asks first.
pub fn step(state: &mut State, step: Step, account: &Account) -> Vec<Effect> {
    if state.is_me(account.id) {
        return complain(state, words::NOT_ONESELF);
    }
    let name = account.username.as_str();
    let back = step.reverse().map(|reverse| (reverse.command(account.id), words::stepped(reverse, name)));
    ask(step.command(account.id), Then::Did(Box::new(Did { said: words::stepped(step, name), back })))
}

pub fn ask_end(state: &mut State, account: Account) -> Vec<Effect> {
    let question = words::end_friendship(&account.username);
    let choice = Choice::Step(Step::End, Box::new(account));
    confirm(state, question, words::END_FRIENDSHIP_DETAIL, words::END_YES, choice)
}

/// Has somebody in a room told off, with the reason where one was given.
pub fn order(state: &mut State, order: &Order, seat: &Seat, reason: String) -> Vec<Effect> {
    match refusal(state, order, seat) {
        Some(refusal) => complain(state, refusal),
        None => ask(order.command(seat, reason), then(state, order, seat)),
    }
}

/// What is said, and how it is taken back, once it is done.
pub fn then(state: &State, order: &Order, seat: &Seat) -> Then {
    let room = state.chat.title_of(seat.conversation);
    let said = words::did(order, &seat.name, &room);
    let reverse = reverse(state, order, seat);
    let back = reverse.map(|it| (it.command(seat, String::new()), words::did(&it, &seat.name, &room)));
    Then::Did(Box::new(Did { said, back }))
}

/// A role is given back as it was; having handed over the room can't be taken back.
fn reverse(state: &State, order: &Order, seat: &Seat) -> Option<Order> {
    match order {
        Order::Role(MemberRole::Owner) => None,
        Order::Role(_) => Standing::between(state, seat)?.theirs.filter(|it| *it != MemberRole::Owner).map(Order::Role),
        order => order.reverse(),
    }
}

fn refusal(state: &State, order: &Order, seat: &Seat) -> Option<&'static str> {
    let Some(standing) = Standing::between(state, seat) else { return Some(words::ONLY_IN_ROOMS) };
    match order {
        _ if state.is_me(seat.account) => Some(words::NOT_ONESELF),
        Order::Role(_) => standing.no_roles(),
        _ => standing.no_order(),
    }
}

/// The same with questions first: a form for time and reason, a question before the room is handed over.
pub fn ask_order(state: &mut State, order: Order, seat: Seat) -> Vec<Effect> {
    if let Some(refusal) = refusal(state, &order, &seat) {
        return complain(state, refusal);
    }
    let form = match order {
        Order::Kick => FormKind::Kick(seat),
        Order::Mute(_) => FormKind::Mute(seat),
        Order::Ban => FormKind::BanMember(seat),
        Order::Role(MemberRole::Owner) => return ask_hand_over(state, seat),
        order => return self::order(state, &order, &seat, String::new()),
    };
    forms::open_form(state, form)
}

fn ask_hand_over(state: &mut State, seat: Seat) -> Vec<Effect> {
    let question = words::hand_over(&seat.name, &state.chat.title_of(seat.conversation));
    let choice = Choice::Order(Order::Role(MemberRole::Owner), Box::new(seat));
    confirm(state, question, words::OWNER_DETAIL, words::OWNER_YES, choice)
}

/// Keeps an account out of the whole server.
pub fn ban(account: titan_core::AccountId, name: &str, reason: String) -> (Command, Then) {
    let back = Some((Command::Unban { account }, words::account_let_in(name)));
    (Command::Ban { account, reason }, Then::Did(Box::new(Did { said: words::account_banned(name), back })))
}

pub fn unban(account: &Account) -> Vec<Effect> {
    ask(Command::Unban { account: account.id }, Then::did(words::account_let_in(&account.username)))
}

pub fn set_role(account: &Account, role: Role) -> Vec<Effect> {
    let change = |role| Command::EditAccount { account: account.id, password: None, role: Some(role) };
    let said = words::role_set(&account.username, role);
    let back = Some((change(account.role), words::role_set(&account.username, account.role)));
    ask(change(role), Then::Did(Box::new(Did { said, back })))
}

pub fn ban_address(address: String, reason: String) -> (Command, Then) {
    let back = Some((Command::UnbanAddress { address: address.clone() }, words::address_let_in(&address)));
    let did = Did { said: words::address_banned(&address), back };
    (Command::BanAddress { address, reason }, Then::Did(Box::new(did)))
}

/// Lets an address in again; taking that back bans it for the reason it had.
pub fn lift_address(state: &State, address: String) -> Vec<Effect> {
    let reason =
        state.directory.addresses.iter().find(|ban| ban.address.as_str() == address).map(|ban| ban.reason.to_string());
    let again = Command::BanAddress { address: address.clone(), reason: reason.unwrap_or_default() };
    let did = Did { said: words::address_let_in(&address), back: Some((again, words::address_banned(&address))) };
    ask(Command::UnbanAddress { address }, Then::Did(Box::new(did)))
}

pub fn ask_remove(state: &mut State, account: Account) -> Vec<Effect> {
    if state.is_me(account.id) {
        return forms::open_form(state, FormKind::DeleteAccount);
    }
    let question = words::remove_account(&account.username);
    let choice = Choice::RemoveAccount(account.id);
    confirm(state, question, words::REMOVE_ACCOUNT_DETAIL, words::REMOVE_YES, choice)
}

fn complain(state: &mut State, text: &str) -> Vec<Effect> {
    state.complain(text);
    vec![]
}
