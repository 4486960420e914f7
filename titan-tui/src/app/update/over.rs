//! What a key does in pickers, forms, confirmations and the wizard.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::{
    choices, forms,
    keys::{edit, typed},
    lists, session,
};
use crate::{
    app::{
        effect::Effect,
        overlay::{Form, FormKind, Overlay, Value},
        state::State,
        wizard::Step,
    },
    input::Editor,
    keymap::{Action, Context},
};

/// A key while something lies over the screen.
pub fn pressed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let action = state.keymap.action(Context::Overlay, key);
    match state.overlays.last_mut() {
        Some(Overlay::Picker(_)) => lists::picker_key(state, action, key),
        Some(Overlay::Form(form)) => {
            let handled = form_key(form, action);
            match (action, handled) {
                (Some(Action::Close), _) => close(state),
                (Some(Action::Choose), FormKey::Submit) => forms::submit(state),
                (_, FormKey::Taken) => vec![],
                _ => {
                    type_into_form(state, key);
                    vec![]
                }
            }
        }
        Some(Overlay::Confirm(_)) => confirm_key(state, action, key),
        None => vec![],
    }
}

/// What a form makes of a key by itself.
enum FormKey {
    Taken,
    Submit,
    Not,
}

fn form_key(form: &mut Form, action: Option<Action>) -> FormKey {
    match action {
        Some(Action::NextField | Action::PickDown) => form.step(1),
        Some(Action::PreviousField | Action::PickUp) => form.step(-1),
        Some(Action::Choose) if form.is_complete() => return FormKey::Submit,
        Some(Action::Choose) => form.step(1),
        _ => return FormKey::Not,
    }
    FormKey::Taken
}

fn type_into_form(state: &mut State, key: KeyEvent) {
    let action = state.keymap.action(Context::Composer, key);
    let form = match state.overlays.last_mut() {
        Some(Overlay::Form(form)) => Some(form),
        Some(_) => None,
        None => state.wizard.form_mut(),
    };
    let Some(form) = form.filter(|form| !form.busy) else { return };
    form.error = None;
    form.note = None;
    let Some(field) = form.fields.get_mut(form.at) else { return };
    match &mut field.value {
        Value::Text(editor) => type_into(editor, action, key),
        Value::Pick { options, at } => pick(options.len(), at, key),
    }
}

fn pick(count: usize, at: &mut usize, key: KeyEvent) {
    match key.code {
        KeyCode::Left => *at = (*at + count - 1) % count,
        KeyCode::Right | KeyCode::Char(' ') => *at = (*at + 1) % count,
        _ => {}
    }
}

/// A key in a one-line field.
pub fn type_into(editor: &mut Editor, action: Option<Action>, key: KeyEvent) {
    match (typed(key), action) {
        (Some(text), _) => editor.insert(&text),
        (None, Some(action)) => edit(editor, action),
        (None, None) => {}
    }
}

fn confirm_key(state: &mut State, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    match (action, key.code) {
        (Some(Action::Close), _) | (_, KeyCode::Char('n')) => close(state),
        (Some(Action::Choose), _) | (_, KeyCode::Char('y')) => match state.overlays.pop() {
            Some(Overlay::Confirm(confirm)) => choices::choose(state, confirm.choice),
            _ => vec![],
        },
        _ => vec![],
    }
}

pub fn close(state: &mut State) -> Vec<Effect> {
    state.overlays.pop();
    vec![]
}

/// A key in the wizard.
pub fn wizard(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let action = state.keymap.action(Context::Overlay, key);
    if state.keymap.action(Context::Global, key) == Some(Action::Quit) {
        return choices::quit(state);
    }
    match (&mut state.wizard.step, action) {
        (Step::Server, _) => forms::server_step(state, action, key),
        (_, Some(Action::Close)) => forms::wizard_back(state),
        (Step::Working(_), _) => vec![],
        (Step::Account(..), _) if key.code == KeyCode::F(2) => {
            state.wizard.turn();
            vec![]
        }
        (Step::Account(_, form), _) if key.code == KeyCode::F(3) && form.kind == FormKind::Login => {
            session::forgot(state)
        }
        (Step::Address(form) | Step::Account(_, form), _) => match form_key(form, action) {
            FormKey::Submit => forms::submit_wizard(state),
            FormKey::Taken => vec![],
            FormKey::Not => {
                type_into_form(state, key);
                vec![]
            }
        },
    }
}

pub fn paste_into_form(form: &mut Form, text: &str) {
    if let Some(Value::Text(editor)) = form.fields.get_mut(form.at).map(|field| &mut field.value) {
        editor.insert(text.trim());
    }
}
