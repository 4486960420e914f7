//! The first steps: which server, and who. Keys go here as long as nobody is in.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::{
    session,
    typing::{FormKey, form_key, type_into_form},
};
use crate::{
    app::{
        effect::Effect,
        overlay::{Form, FormKind},
        state::State,
        wizard::{Step, Way, Wizard},
    },
    keymap::{Action, Context},
    words,
};

/// A key in the wizard.
pub fn pressed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let action = state.keymap.action(Context::Overlay, key);
    if state.keymap.action(Context::Global, key) == Some(Action::Quit) {
        return session::quit(state);
    }
    match (&mut state.wizard.step, action) {
        (Step::Server, _) => server_step(state, action, key),
        (_, Some(Action::Close)) => wizard_back(state),
        (Step::Working(_), _) => vec![],
        (Step::Account(_, form), _) if key.code == KeyCode::F(2) && can_turn(form) => {
            state.wizard.turn();
            vec![]
        }
        (Step::Account(_, form), _) if key.code == KeyCode::F(3) && form.kind == FormKind::Login => {
            session::forgot(state)
        }
        (Step::Address(form) | Step::Account(_, form), _) => match form_key(form, action) {
            FormKey::Submit => submit_wizard(state),
            FormKey::Taken => vec![],
            FormKey::Not => {
                type_into_form(state, key);
                vec![]
            }
        },
    }
}

/// Whether there is another way in beside this one.
fn can_turn(form: &Form) -> bool {
    matches!(form.kind, FormKind::Login | FormKind::Register)
}

/// The wizard's first step: a list of two or three ways.
fn server_step(state: &mut State, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    let count = Way::offered(state.can_host).len();
    match (action, key.code) {
        (Some(Action::PickUp), _) | (_, KeyCode::Char('k')) => state.wizard.at = state.wizard.at.saturating_sub(1),
        (Some(Action::PickDown | Action::NextField), _) | (_, KeyCode::Char('j')) => {
            state.wizard.at = (state.wizard.at + 1).min(count - 1);
        }
        (Some(Action::Choose), _) => return take_way(state),
        (Some(Action::Close), _) if state.me.is_some() => return session::back_to_chat(state),
        (Some(Action::Close), _) => return session::quit(state),
        _ => {}
    }
    vec![]
}

pub fn take_way(state: &mut State) -> Vec<Effect> {
    match Way::offered(state.can_host).get(state.wizard.at) {
        Some(Way::Host) => {
            state.wizard = Wizard::working(words::STARTING_SERVER);
            vec![Effect::Host]
        }
        Some(Way::Connect) => {
            state.wizard = Wizard::address("");
            vec![]
        }
        Some(Way::Leave) | None => session::quit(state),
    }
}

fn wizard_back(state: &mut State) -> Vec<Effect> {
    state.wizard = Wizard::default();
    vec![]
}

/// The wizard's form is filled in.
fn submit_wizard(state: &mut State) -> Vec<Effect> {
    match &mut state.wizard.step {
        Step::Address(form) => {
            let address = form.trimmed(0);
            match session::server_at(&address) {
                Ok(server) => {
                    state.wizard = Wizard::account(server, false);
                }
                Err(error) => form.error = Some(error),
            }
            vec![]
        }
        Step::Account(..) => session::enter(state),
        _ => vec![],
    }
}
