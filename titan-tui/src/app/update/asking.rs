//! The smallest things an update does: asking the server, asking the person, laying a list over the screen.

use titan_core::client::Who;
use titan_core::protocol::ask::FindAccount;

use crate::app::{
    effect::Effect,
    overlay::{Choice, Confirm, Overlay, Picker},
    question::{Answer, Question, Wish},
    state::State,
};

/// Asks the server; what the answer means comes back.
pub fn ask(question: Question) -> Vec<Effect> {
    vec![Effect::Ask(question)]
}

/// A question before something that can't be taken back.
pub fn confirm(state: &mut State, question: String, detail: &str, yes: &'static str, choice: Choice) -> Vec<Effect> {
    let detail = detail.to_owned();
    state.overlays.push(Overlay::Confirm(Confirm { question, detail, yes, careful: false, choice }));
    vec![]
}

/// A list to choose from.
pub fn open_list(state: &mut State, picker: Picker) -> Vec<Effect> {
    state.overlays.push(Overlay::Picker(Box::new(picker)));
    vec![]
}

/// Looks somebody up by name, or else by titan number, for this.
pub fn look_up(name: &str, wish: Wish) -> Question {
    let find = FindAccount::from(Who::typed(name));
    Question::new(find, move |person| Answer::Account(Box::new(wish.clone()), Box::new(person)))
}
