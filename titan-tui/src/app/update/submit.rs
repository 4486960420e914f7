//! Filled-in forms: what is asked of the server then. An answer that is a fault is shown in the form, which stays open with
//! everything that was typed.

use titan_core::{
    AppId, ConversationId,
    protocol::{Category, Command, RoomKind},
};

use super::{asking::ask, forms::refuse, repository, rooms, submit_person, transfers};
use crate::{
    app::{
        effect::{Effect, Then},
        overlay::{Form, FormKind, Overlay},
        state::{Cargo, State},
    },
    words,
};

/// The filled-in form on top becomes a question to the server.
pub fn submit(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Form(form)) = state.overlays.last() else { return vec![] };
    if form.busy {
        return vec![];
    }
    let kind = form.kind.clone();
    match kind {
        FormKind::UploadApp => return submit_app(state),
        FormKind::UploadFile(id) => return submit_file(state, id),
        FormKind::FindApps => return submit_search(state),
        FormKind::JoinRoom => return submit_join(state),
        FormKind::Export => return submit_person::submit_export(state),
        _ => {}
    }
    match command(state, form, kind) {
        Ok((command, then)) => {
            if let Some(Overlay::Form(form)) = state.overlays.last_mut() {
                form.busy = true;
            }
            ask(command, then)
        }
        Err(error) => refuse(state, error),
    }
}

fn command(state: &State, form: &Form, kind: FormKind) -> Result<(Command, Then), String> {
    Ok(match kind {
        FormKind::CreateRoom => (create_command(form), Then::CloseFormAndOpen),
        FormKind::JoinLocked(conversation) => {
            (Command::JoinRoom { conversation, password: Some(form.text(0)) }, Then::CloseFormAndOpen)
        }
        FormKind::EditRoom(conversation) => {
            let (name, description) = (Some(form.trimmed(0)), Some(form.trimmed(1)));
            let command = Command::UpdateRoom { conversation, name, description, password: form.given(2) };
            (command, Then::CloseForm(words::ROOM_CHANGED.into()))
        }
        FormKind::RejectApp(app) => reject(form, app),
        FormKind::Profile => {
            let command = Command::UpdateProfile {
                full_name: Some(form.trimmed(0)),
                blog_url: Some(form.trimmed(1)),
                email: form.given(2),
            };
            (command, Then::CloseForm(words::PROFILE_SAVED.into()))
        }
        FormKind::ChangePassword if form.text(1) != form.text(2) => return Err(words::PASSWORDS_DIFFER.into()),
        FormKind::ChangePassword => {
            let command = Command::ChangePassword { old: form.text(0), new: form.text(1) };
            (command, Then::CloseForm(words::PASSWORD_CHANGED.into()))
        }
        kind => return submit_person::command(state, form, kind),
    })
}

fn create_command(form: &Form) -> Command {
    let kind = if form.text(3) == words::KIND_VOICE { RoomKind::Voice } else { RoomKind::Text };
    Command::CreateRoom { name: form.trimmed(0), description: form.trimmed(1), kind, password: form.given(2) }
}

fn reject(form: &Form, app: AppId) -> (Command, Then) {
    (Command::RejectApp { app, reason: form.trimmed(0) }, Then::CloseForm(words::APP_REJECTED.into()))
}

fn submit_app(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Form(form)) = state.overlays.last() else { return vec![] };
    let chosen = form.text(3);
    let category = Category::ALL.into_iter().find(|category| words::category(*category) == chosen);
    let cargo = Cargo::SendApp {
        name: form.trimmed(1),
        description: form.trimmed(4),
        category: category.unwrap_or(Category::Application),
        version: form.trimmed(2),
    };
    let path = form.trimmed(0);
    state.overlays.pop();
    transfers::start_upload(state, cargo, &path)
}

fn submit_file(state: &mut State, conversation: ConversationId) -> Vec<Effect> {
    let Some(Overlay::Form(form)) = state.overlays.last() else { return vec![] };
    let (path, text) = (form.trimmed(0), form.trimmed(1));
    state.overlays.pop();
    transfers::start_upload(state, Cargo::SendFile { conversation, text }, &path)
}

fn submit_search(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Form(form)) = state.overlays.last() else { return vec![] };
    let query = form.given(0);
    state.overlays.pop();
    repository::find(state, query)
}

fn submit_join(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Form(form)) = state.overlays.last() else { return vec![] };
    let name = form.trimmed(0);
    match state.chat.room_named(&name).map(|room| room.id) {
        Some(id) => {
            state.overlays.pop();
            rooms::join(state, id)
        }
        None => refuse(state, words::no_room(&name)),
    }
}
