//! The view of people: going through its sections, and what its keys do with what they are on.

use titan_core::protocol::ask;

use super::asking::ask;
use crate::app::{
    directory::Section,
    effect::Effect,
    question::{Answer, Concern, Question},
    state::{Screen, State},
};

/// Acts of the audit log that are asked for at a time.
const ACTS_MOST: u32 = 200;

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
    let section = if state.sections().contains(&section) { section } else { Section::Friends };
    if state.screen != Screen::People || state.directory.section != section {
        state.directory.at = 0;
    }
    state.screen = Screen::People;
    state.directory.section = section;
    refresh(state)
}

/// Asks for what the section shows.
pub fn refresh(state: &mut State) -> Vec<Effect> {
    let question = match state.directory.section {
        Section::Friends | Section::Requests | Section::Blocked => relations(),
        Section::Online => Question::new(ask::Who { watch: true, ..ask::Who::default() }, Answer::Who),
        Section::Me => return vec![],
        Section::Sessions => Question::new(ask::Sessions {}, Answer::Sessions).about(Concern::Directory),
        Section::Accounts => Question::new(ask::Accounts::default(), Answer::Accounts).about(Concern::Directory),
        Section::Addresses => {
            Question::new(ask::BannedAddresses::default(), Answer::Addresses).about(Concern::Directory)
        }
        Section::Audit => Question::new(acts_before(None), Answer::Audit).about(Concern::Directory),
    };
    state.directory.loading = state.is_online();
    if !state.is_online() {
        return vec![];
    }
    let mut effects = ask(question);
    if state.directory.section == Section::Audit {
        effects.extend(ask(Question::new(ask::VerifyAudit {}, Answer::AuditVerified).about(Concern::Directory)));
    }
    effects
}

/// Friends and the others.
pub fn relations() -> Question {
    Question::new(ask::Relations::default(), Answer::Relations).about(Concern::Friends)
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

pub fn step(state: &mut State, by: isize) -> Vec<Effect> {
    let last = state.items(state.directory.section).len().saturating_sub(1);
    state.directory.at = state.directory.at.saturating_add_signed(by).min(last);
    if by > 0 && state.directory.at == last { older_acts(state) } else { vec![] }
}

/// Whoever comes to the end of the audit log reads on.
fn older_acts(state: &mut State) -> Vec<Effect> {
    let directory = &mut state.directory;
    if directory.section != Section::Audit || !directory.more_acts || directory.loading {
        return vec![];
    }
    let Some(last) = directory.acts.last().map(|act| act.id) else { return vec![] };
    (directory.more_acts, directory.loading) = (false, true);
    ask(Question::new(acts_before(Some(last)), Answer::OlderActs).about(Concern::Directory))
}

fn acts_before(before: Option<i64>) -> ask::Audit {
    ask::Audit { before, limit: Some(ACTS_MOST) }
}

/// The next section, or the one before.
pub fn turn(state: &mut State, by: isize) -> Vec<Effect> {
    let sections = state.sections();
    let at = sections.iter().position(|section| *section == state.directory.section).unwrap_or(0);
    go_to(state, (at + sections.len()).saturating_add_signed(by) % sections.len())
}

pub fn go_to(state: &mut State, at: usize) -> Vec<Effect> {
    match state.sections().get(at) {
        Some(section) => show_section(state, *section),
        None => vec![],
    }
}
