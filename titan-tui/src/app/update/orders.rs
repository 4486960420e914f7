//! Doing something to somebody: steps between people, keeping order in a room, banning; and taking it back at once.

use titan_core::{
    Time,
    protocol::{Account, MemberRole, Right, Role, ask},
};

use super::{
    asking::{ask, confirm},
    forms, people,
};
use crate::{
    app::{
        effect::Effect,
        order::{Order, Seat, Step},
        overlay::{Choice, FormKind, Overlay},
        question::{Answer, Did, Question, TakeBack},
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
        Some(question) => {
            let key = state.keymap.key(Action::TakeBack);
            state.say_longer(words::with_take_back(&did.said, &key));
            state.take_back = Some(TakeBack { question, until: Time(state.now.0 + TAKE_BACK_MS) });
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
        Some(TakeBack { question, .. }) => ask(question),
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
    let taken = |step| words::stepped(step, name);
    let back = step.reverse().map(|reverse| reverse.question(account.id, Answer::did(taken(reverse))));
    ask(step.question(account.id, Answer::Did(Box::new(Did { said: taken(step), back }))))
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
        None => ask(question(state, order, seat, reason)),
    }
}

/// Has it done; says so then, and how it is taken back.
pub fn question(state: &State, order: &Order, seat: &Seat, reason: String) -> Question {
    let room = state.chat.title_of(seat.conversation);
    let done = |order: &Order| words::did(order, &seat.name, &room);
    let reverse = reverse(state, order, seat);
    let back = reverse.map(|reverse| reverse.question(seat, String::new(), Answer::did(done(&reverse))));
    order.question(seat, reason, Answer::Did(Box::new(Did { said: done(order), back })))
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
        Order::Role(_) => standing.refusal(Right::GiveRole),
        Order::Kick => standing.refusal(Right::Kick),
        Order::Mute(_) | Order::Unmute => standing.refusal(Right::Mute),
        Order::Ban | Order::Unban => standing.refusal(Right::Ban),
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
pub fn ban(account: titan_core::AccountId, name: &str, reason: String) -> Question {
    let back = Question::done(ask::Unban { account }, Answer::did(words::account_let_in(name)));
    Question::done(ask::Ban { account, reason }, Answer::undoable(words::account_banned(name), back))
}

pub fn unban(account: &Account) -> Vec<Effect> {
    let said = Answer::did(words::account_let_in(&account.username));
    ask(Question::done(ask::Unban { account: account.id }, said))
}

pub fn set_role(account: &Account, role: Role) -> Vec<Effect> {
    let change = |role, answer| {
        Question::done(ask::EditAccount { account: account.id, password: None, role: Some(role) }, answer)
    };
    let said = |role| words::role_set(&account.username, role);
    let back = change(account.role, Answer::did(said(account.role)));
    ask(change(role, Answer::undoable(said(role), back)))
}

pub fn ban_address(address: String, reason: String) -> Question {
    let lift = ask::UnbanAddress { address: address.clone() };
    let back = Question::done(lift, Answer::did(words::address_let_in(&address)));
    let said = words::address_banned(&address);
    Question::done(ask::BanAddress { address, reason }, Answer::undoable(said, back))
}

/// Lets an address in again; taking that back bans it for the reason it had.
pub fn lift_address(state: &State, address: String) -> Vec<Effect> {
    let reason =
        state.directory.addresses.iter().find(|ban| ban.address.as_str() == address).map(|ban| ban.reason.to_string());
    let again = ask::BanAddress { address: address.clone(), reason: reason.unwrap_or_default() };
    let back = Question::done(again, Answer::did(words::address_banned(&address)));
    let said = words::address_let_in(&address);
    ask(Question::done(ask::UnbanAddress { address }, Answer::undoable(said, back)))
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
