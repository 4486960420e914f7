//! What the keys of the view of people do with what they are on.

use titan_core::protocol::{Account, RelationKind, ask};

use super::{
    asking::{ask, open_list},
    cards, forms, orders,
    people::{refresh, step, turn},
};
use crate::{
    app::{
        directory::{Item, Section},
        effect::Effect,
        order::Step,
        overlay::{FormKind, Picker, Row},
        question::{Answer, Question},
        state::State,
    },
    keymap::Action,
    words,
};

pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::PeopleUp => step(state, -1),
        Action::PeopleDown => step(state, 1),
        Action::SectionBack => turn(state, -1),
        Action::SectionNext => turn(state, 1),
        Action::PersonMenu => open_chosen(state),
        Action::FindPerson => find(state),
        Action::AddPerson => add(state),
        Action::RemovePerson => remove(state),
        Action::WritePerson => write(state),
        Action::BlockPerson => block(state),
        Action::RefreshPeople => refresh(state),
        _ => vec![],
    }
}

fn open_chosen(state: &mut State) -> Vec<Effect> {
    match state.chosen_item() {
        Some(item) => cards::open_item(state, item),
        None => vec![],
    }
}

/// Everything the section lists, narrowed by typing.
fn find(state: &mut State) -> Vec<Effect> {
    let section = state.directory.section;
    let rows: Vec<Row> = state.items(section).into_iter().map(|item| cards::item_row(state, item)).collect();
    let empty = if rows.is_empty() { words::empty_section(state, section) } else { words::NOTHING_MATCHES.to_owned() };
    open_list(state, Picker::list(words::section(section), rows).or_say(empty))
}

/// Accepts a request; elsewhere brings somebody or something new.
fn add(state: &mut State) -> Vec<Effect> {
    match (state.directory.section, state.chosen_item()) {
        (Section::Requests, Some(Item::Relation(relation))) if relation.relation == RelationKind::Requests => {
            orders::step(state, Step::Accept, &relation.person.account)
        }
        (Section::Online, Some(Item::Person(person))) => orders::step(state, Step::Ask, &person.account),
        (Section::Accounts, _) => forms::open_form(state, FormKind::AddAccount),
        (Section::Addresses, _) => forms::open_form(state, FormKind::BanAddress),
        (Section::Friends | Section::Requests, _) => forms::open_form(state, FormKind::Befriend),
        _ => vec![],
    }
}

/// Declines, ends, unblocks, revokes, lets in again: whatever removes the line.
fn remove(state: &mut State) -> Vec<Effect> {
    match state.chosen_item() {
        Some(Item::Relation(relation)) => {
            let account = relation.person.account;
            match relation.relation {
                RelationKind::Friend => orders::ask_end(state, account),
                RelationKind::Requests => orders::step(state, Step::Decline, &account),
                RelationKind::Requested => orders::step(state, Step::Withdraw, &account),
                RelationKind::Blocked => orders::step(state, Step::Unblock, &account),
                _ => vec![],
            }
        }
        Some(Item::Account(standing)) => orders::ask_remove(state, standing.account),
        Some(Item::Session(session)) => cards::revoke(state, &session),
        Some(Item::Address(ban)) => orders::lift_address(state, ban.address.to_string()),
        _ => vec![],
    }
}

fn chosen_account(state: &State) -> Option<Account> {
    match state.chosen_item()? {
        Item::Relation(relation) => Some(relation.person.account),
        Item::Person(person) => Some(person.account),
        Item::Account(standing) => Some(standing.account),
        _ => None,
    }
}

fn write(state: &mut State) -> Vec<Effect> {
    match chosen_account(state) {
        Some(account) => ask(Question::new(ask::OpenDirect { account: account.id }, Answer::open)),
        None => vec![],
    }
}

/// Blocks somebody; among the accounts, where an admin is at work, bans them or lets them in again.
fn block(state: &mut State) -> Vec<Effect> {
    match state.chosen_item() {
        Some(Item::Account(standing)) if standing.banned => orders::unban(&standing.account),
        Some(Item::Account(standing)) => {
            let account = standing.account;
            forms::open_form(state, FormKind::Ban(account.id, account.username.to_string()))
        }
        Some(Item::Relation(relation)) if relation.relation == RelationKind::Blocked => {
            orders::step(state, Step::Unblock, &relation.person.account)
        }
        Some(Item::Relation(relation)) => orders::step(state, Step::Block, &relation.person.account),
        Some(Item::Person(person)) => orders::step(state, Step::Block, &person.account),
        _ => vec![],
    }
}
