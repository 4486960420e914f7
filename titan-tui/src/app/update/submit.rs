//! Filled-in forms: what is asked of the server then. An answer that is a fault is shown in the form, which stays open with
//! everything that was typed.

use titan_core::{
    ConversationId,
    protocol::{Category, RoomKind, ask},
};

use super::{asking::ask, forms::refuse, repository, rooms, submit_person, transfers};
use crate::{
    app::{
        effect::Effect,
        overlay::{Form, FormKind, Overlay},
        question::{Answer, Question},
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
    match question(state, form, kind) {
        Ok(question) => {
            if let Some(Overlay::Form(form)) = state.overlays.last_mut() {
                form.busy = true;
            }
            ask(question)
        }
        Err(error) => refuse(state, error),
    }
}

fn question(state: &State, form: &Form, kind: FormKind) -> Result<Question, String> {
    let close = |said: &str| Answer::CloseForm(said.to_owned());
    Ok(match kind {
        FormKind::CreateRoom => Question::new(create(form), Answer::close_form_and_open),
        FormKind::JoinLocked(conversation) => {
            let join = ask::JoinRoom { conversation, password: Some(form.text(0).into()) };
            Question::new(join, Answer::close_form_and_open)
        }
        FormKind::EditRoom(conversation) => {
            let (name, description) = (Some(form.trimmed(0)), Some(form.trimmed(1)));
            let update = ask::UpdateRoom { conversation, name, description, password: form.given(2).map(Into::into) };
            Question::done(update, close(words::ROOM_CHANGED))
        }
        FormKind::RejectApp(app) => {
            Question::done(ask::RejectApp { app, reason: form.trimmed(0) }, close(words::APP_REJECTED))
        }
        FormKind::Profile => {
            let (full_name, blog_url) = (Some(form.trimmed(0)), Some(form.trimmed(1)));
            let email = form.given(2);
            let said = if email.is_some() { words::PROFILE_SAVED_MAIL } else { words::PROFILE_SAVED };
            Question::done(ask::UpdateProfile { full_name, blog_url, email }, close(said))
        }
        FormKind::Confirm(question, _) => {
            let code = form.given(1).map(Into::into);
            Question::done(ask::Confirm { password: form.text(0).into(), code }, Answer::Confirmed(question))
        }
        FormKind::ConfirmFactor => {
            let code = form.trimmed(0).into();
            Question::new(ask::ConfirmFactor { code }, |it| Answer::RecoveryCodes(Box::new(it), true))
        }
        FormKind::AppPassword => {
            let given = form.text(1);
            let doors = given.split([',', ' ']).filter(|door| !door.is_empty()).map(str::to_owned).collect();
            let administers = form.text(2) == words::APP_PASSWORD_ADMINISTERS;
            let new = ask::AddAppPassword { name: form.trimmed(0), doors, administers };
            Question::new(new, |it| Answer::NewAppPassword(Box::new(it)))
        }
        FormKind::ChangePassword if form.text(1) != form.text(2) => return Err(words::PASSWORDS_DIFFER.into()),
        FormKind::ChangePassword => {
            let change = ask::ChangePassword { old: form.text(0).into(), new: form.text(1).into() };
            Question::done(change, close(words::PASSWORD_CHANGED))
        }
        kind => return submit_person::question(state, form, kind),
    })
}

fn create(form: &Form) -> ask::CreateRoom {
    let kind = if form.text(3) == words::KIND_VOICE { RoomKind::Voice } else { RoomKind::Text };
    ask::CreateRoom {
        name: form.trimmed(0),
        description: form.trimmed(1),
        kind,
        password: form.given(2).map(Into::into),
    }
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
