//! Keys and pasted text in editors and forms. It knows no pane, and what a filled-in form is for is not its business.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::{
    app::{
        overlay::{Form, Overlay, Value},
        state::State,
    },
    input::Editor,
    keymap::{Action, Context},
};

/// The text a key types, where it does.
pub fn typed(key: KeyEvent) -> Option<String> {
    match key.code {
        KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => Some(c.to_string()),
        _ => None,
    }
}

/// The editing actions, for the composer and every field.
pub fn edit(editor: &mut Editor, action: Action) {
    match action {
        Action::NewLine => editor.new_line(),
        Action::Left => editor.left(),
        Action::Right => editor.right(),
        Action::WordLeft => editor.word_left(),
        Action::WordRight => editor.word_right(),
        Action::LineStart => editor.line_start(),
        Action::LineEnd => editor.line_end(),
        Action::DeleteBack => editor.delete_back(),
        Action::DeleteNext => editor.delete_next(),
        Action::DeleteWord => editor.delete_word(),
        Action::DeleteToStart => editor.delete_to_start(),
        Action::DeleteToEnd => editor.delete_to_end(),
        Action::PutBack => editor.put_back(),
        Action::Undo => editor.undo(),
        Action::Redo => editor.redo(),
        _ => {}
    }
}

/// What a form makes of a key by itself.
pub enum FormKey {
    Taken,
    Submit,
    Not,
}

pub fn form_key(form: &mut Form, action: Option<Action>) -> FormKey {
    match action {
        Some(Action::NextField | Action::PickDown) => form.step(1),
        Some(Action::PreviousField | Action::PickUp) => form.step(-1),
        Some(Action::Choose) if form.is_complete() => return FormKey::Submit,
        Some(Action::Choose) => form.step(1),
        _ => return FormKey::Not,
    }
    FormKey::Taken
}

pub fn type_into_form(state: &mut State, key: KeyEvent) {
    let action = state.keymap.action(Context::Composer, key);
    let form = match state.overlays.last_mut() {
        Some(Overlay::Form(form)) => Some(form),
        Some(_) => None,
        None => state.wizard.form_mut(),
    };
    let Some(form) = form.filter(|form| !form.busy) else { return };
    (form.error, form.wrong, form.note) = (None, None, None);
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

pub fn paste_into_form(form: &mut Form, text: &str) {
    if let Some(Value::Text(editor)) = form.fields.get_mut(form.at).map(|field| &mut field.value) {
        editor.insert(text.trim());
    }
}
