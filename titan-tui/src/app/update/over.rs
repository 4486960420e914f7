//! What a key does in pickers, forms and confirmations.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::{
    chat, choices, lists, submit,
    typing::{FormKey, form_key, type_into, type_into_form, typed},
};
use crate::{
    app::{
        effect::Effect,
        overlay::{Choice, Overlay},
        state::{Screen, State},
    },
    keymap::{Action, Context},
};

/// A key while something lies over the screen.
pub fn pressed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let action = state.keymap.action(Context::Overlay, key);
    match state.overlays.last_mut() {
        Some(Overlay::Picker(_)) => picker_key(state, action, key),
        Some(Overlay::Form(form)) => {
            let handled = form_key(form, action);
            match (action, handled) {
                (Some(Action::Close), _) => close(state),
                (Some(Action::Choose), FormKey::Submit) => submit::submit(state),
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

/// Leaving is asked for by one key that is pressed by mistake now and then: it wants a clear yes, and whoever goes on typing stays.
fn quit_key(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let again = state.keymap.action(Context::Global, key) == Some(Action::ClearOrQuit);
    state.overlays.pop();
    if again || key.code == KeyCode::Char('y') {
        return choices::choose(state, Choice::Quit);
    }
    match typed(key) {
        Some(text) if state.screen == Screen::Chat => {
            state.composer.editor.insert(&text);
            chat::typed(state)
        }
        _ => vec![],
    }
}

fn confirm_key(state: &mut State, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    if matches!(state.overlays.last(), Some(Overlay::Confirm(confirm)) if confirm.choice == Choice::Quit) {
        return quit_key(state, key);
    }
    let careful = matches!(state.overlays.last(), Some(Overlay::Confirm(confirm)) if confirm.careful);
    let is_yes = match careful {
        true => key.code == KeyCode::F(2),
        false => action == Some(Action::Choose) || key.code == KeyCode::Char('y'),
    };
    if action == Some(Action::Close) || key.code == KeyCode::Char('n') {
        return close(state);
    }
    match is_yes.then(|| state.overlays.pop()).flatten() {
        Some(Overlay::Confirm(confirm)) => choices::choose(state, confirm.choice),
        _ => vec![],
    }
}

pub fn close(state: &mut State) -> Vec<Effect> {
    state.overlays.pop();
    vec![]
}

fn picker_key(state: &mut State, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    let editing = state.keymap.action(Context::Composer, key);
    let rows = isize::try_from(state.drawn.overlay_height).unwrap_or(10).max(2) - 1;
    let Some(Overlay::Picker(picker)) = state.overlays.last_mut() else { return vec![] };
    match action {
        Some(Action::Close) => return close(state),
        Some(Action::Choose) => return take_row(state),
        Some(Action::PickUp | Action::PreviousField) => picker.step(-1),
        Some(Action::PickDown | Action::NextField) => picker.step(1),
        Some(Action::PageUp) => picker.step(-rows),
        Some(Action::PageDown) => picker.step(rows),
        _ => {
            let before = picker.query.text();
            type_into(&mut picker.query, editing, key);
            if picker.query.text() != before {
                return lists::query_changed(state);
            }
        }
    }
    vec![]
}

/// Does what the row under the cursor says.
pub fn take_row(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Picker(picker)) = state.overlays.last() else { return vec![] };
    match picker.chosen().map(|row| row.choice.clone()) {
        Some(Choice::Nothing) | None => vec![],
        Some(Choice::Further(before)) => lists::search_further(state, before),
        Some(choice) => {
            state.overlays.pop();
            choices::choose(state, choice)
        }
    }
}
