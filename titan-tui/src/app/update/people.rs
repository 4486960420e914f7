//! The view of people: going through its sections, and what its keys do with what they are on.

use titan_core::protocol::{Account, Command, RelationKind};

use super::{cards, choices, forms, lists, orders};
use crate::{
    app::{
        directory::{Deed, Item, Section},
        effect::{Effect, Then},
        order::Step,
        overlay::{Choice, FormKind, Overlay, Picker, Row},
        state::{Screen, State},
    },
    keymap::Action,
    words,
};

/// Acts of the audit log that are asked for.
const ACTS_MOST: u32 = 500;

/// Opens the view where it was; at the requests while somebody waits for an answer.
pub fn show(state: &mut State) -> Vec<Effect> {
    let section = if state.requests() > 0 && state.screen != Screen::People {
        Section::Requests
    } else {
        state.directory.section
    };
    show_section(state, section)
}

pub fn show_section(state: &mut State, section: Section) -> Vec<Effect> {
    let section = if Section::of(state).contains(&section) { section } else { Section::Friends };
    if state.screen != Screen::People || state.directory.section != section {
        state.directory.at = 0;
    }
    state.screen = Screen::People;
    state.directory.section = section;
    refresh(state)
}

/// Asks for what the section shows.
pub fn refresh(state: &mut State) -> Vec<Effect> {
    let (command, then) = match state.directory.section {
        Section::Friends | Section::Requests | Section::Blocked => (Command::Relations {}, Then::Relations),
        Section::Online => (Command::Who { watch: true }, Then::Who),
        Section::Me => return vec![],
        Section::Sessions => (Command::Sessions {}, Then::Sessions),
        Section::Accounts => (Command::Accounts {}, Then::Accounts),
        Section::Addresses => (Command::BannedAddresses {}, Then::Addresses),
        Section::Audit => (Command::Audit { limit: Some(ACTS_MOST) }, Then::Audit),
    };
    state.directory.loading = state.is_online();
    if state.is_online() { choices::ask(command, then) } else { vec![] }
}

/// Something was done: what is listed may have changed.
pub fn asked_anew(state: &mut State) -> Vec<Effect> {
    if state.screen == Screen::People { refresh(state) } else { vec![] }
}

/// An answer filled the section: the cursor stays within it.
pub fn listed(state: &mut State) -> Vec<Effect> {
    state.directory.loading = false;
    step(state, 0)
}

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
        Action::PeopleHelp => lists::open_help(state),
        _ => vec![],
    }
}

pub fn step(state: &mut State, by: isize) -> Vec<Effect> {
    let last = state.items(state.directory.section).len().saturating_sub(1);
    state.directory.at = state.directory.at.saturating_add_signed(by).min(last);
    vec![]
}

/// The next section, or the one before.
pub fn turn(state: &mut State, by: isize) -> Vec<Effect> {
    let sections = Section::of(state);
    let at = sections.iter().position(|section| *section == state.directory.section).unwrap_or(0);
    go_to(state, (at + sections.len()).saturating_add_signed(by) % sections.len())
}

pub fn go_to(state: &mut State, at: usize) -> Vec<Effect> {
    match Section::of(state).get(at) {
        Some(section) => show_section(state, *section),
        None => vec![],
    }
}

fn open_chosen(state: &mut State) -> Vec<Effect> {
    match state.chosen_item() {
        Some(item) => open(state, item),
        None => vec![],
    }
}

/// What can be done with something listed; one's own deeds are done at once.
pub fn open(state: &mut State, item: Item) -> Vec<Effect> {
    match item {
        Item::Relation(relation) => cards::open_person(state, &relation.person.account),
        Item::Person(person) => cards::open_person(state, &person.account),
        Item::Account(standing) => cards::open_account(state, &standing),
        Item::Session(session) => cards::open_session(state, &session),
        Item::Address(ban) => cards::open_address(state, &ban),
        Item::Act(_) => vec![],
        Item::Deed(deed) => perform(state, deed),
    }
}

fn perform(state: &mut State, deed: Deed) -> Vec<Effect> {
    match deed {
        Deed::Profile => forms::open_form(state, FormKind::Profile),
        Deed::Password => forms::open_form(state, FormKind::ChangePassword),
        Deed::Export => forms::open_form(state, FormKind::Export),
        Deed::AdminKey => forms::open_form(state, FormKind::AdminKey),
        Deed::Logout => choices::choose(state, Choice::AskLogout),
        Deed::Delete => forms::open_form(state, FormKind::DeleteAccount),
    }
}

/// Everything the section lists, narrowed by typing.
fn find(state: &mut State) -> Vec<Effect> {
    let section = state.directory.section;
    let rows: Vec<Row> = state.items(section).into_iter().map(|item| cards::item_row(state, item)).collect();
    let empty = if rows.is_empty() { words::empty_section(state, section) } else { words::NOTHING_MATCHES.to_owned() };
    state.overlays.push(Overlay::Picker(Box::new(Picker::list(words::section(section), rows).or_say(empty))));
    vec![]
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
        Some(account) => choices::choose(state, Choice::Direct(account.id)),
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
