//! The smallest things an update does: asking the server, asking the person, laying a list over the screen.

use titan_core::protocol::Command;

use crate::app::{
    effect::{Effect, Then},
    overlay::{Choice, Confirm, Overlay, Picker},
    state::State,
};

/// Asks the server; the answer comes back with `then`.
pub fn ask(command: Command, then: Then) -> Vec<Effect> {
    vec![Effect::Ask(command, then)]
}

/// A question before something that can't be taken back.
pub fn confirm(state: &mut State, question: String, detail: &str, yes: &'static str, choice: Choice) -> Vec<Effect> {
    state.overlays.push(Overlay::Confirm(Confirm { question, detail: detail.to_owned(), yes, choice }));
    vec![]
}

/// A list to choose from.
pub fn open_list(state: &mut State, picker: Picker) -> Vec<Effect> {
    state.overlays.push(Overlay::Picker(Box::new(picker)));
    vec![]
}

/// A name or titan number, as a question for the account.
pub fn find_account(name: &str) -> Command {
    let name = name.trim().trim_start_matches('@').to_owned();
    match name.trim_start_matches('#').parse::<i64>() {
        Ok(number) => Command::FindAccount { account: None, username: None, titan_number: Some(number) },
        Err(_) => Command::FindAccount { account: None, username: Some(name), titan_number: None },
    }
}
