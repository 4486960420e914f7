//! The forms: what fields each has, and what is asked of the server once it is filled in. An answer that is a fault is shown
//! in the form, which stays open with everything that was typed.

use ratatui::crossterm::event::{KeyCode, KeyEvent};
use titan_core::{
    AppId, ConversationId,
    protocol::{Category, Command, RoomKind, What},
};

use super::{
    choices::{ask, room_name, title_of},
    person_forms, repository, session, transfers,
};
use crate::{
    app::{
        effect::{Effect, Entrance, How, Then},
        event::Link,
        overlay::{Field, Form, FormKind, Overlay},
        state::{Cargo, State},
        wizard::{Step, Wizard},
    },
    keymap::Action,
    words,
};

/// Opens an empty form of a kind.
pub fn open_form(state: &mut State, kind: FormKind) -> Vec<Effect> {
    let form = make(state, kind);
    state.overlays.push(Overlay::Form(form));
    vec![]
}

fn make(state: &State, kind: FormKind) -> Form {
    let (title, fields) = match &kind {
        FormKind::CreateRoom => (words::CREATE_ROOM.into(), create_room()),
        FormKind::JoinRoom => (words::JOIN_ROOM.into(), vec![Field::text(words::ROOM_NAME, words::JOIN_HINT)]),
        FormKind::JoinLocked(id) => (
            words::room_is_locked(&room_name(state, *id)),
            vec![Field::secret(words::ROOM_PASSWORD, words::ROOM_PASSWORD_ASKED)],
        ),
        FormKind::EditRoom(id) => (words::EDIT_ROOM.into(), edit_room(state, *id)),
        FormKind::UploadApp => (words::UPLOAD_APP.into(), upload_app()),
        FormKind::UploadFile(id) => (words::upload_to(&title_of(state, *id)), upload_fields()),
        FormKind::RejectApp(_) => (words::REJECT_APP.into(), vec![Field::text(words::REASON, words::REASON_HINT)]),
        FormKind::FindApps => (words::FIND_APPS.into(), vec![Field::text(words::WORDS, words::WORDS_HINT).optional()]),
        FormKind::Profile => (words::PROFILE.into(), profile(state)),
        FormKind::ChangePassword => (words::CHANGE_PASSWORD.into(), change_password()),
        FormKind::Address | FormKind::Login | FormKind::Register => (String::new(), vec![]),
        kind => person_forms::make(state, kind),
    };
    Form::new(kind, title, fields)
}

fn create_room() -> Vec<Field> {
    vec![
        Field::text(words::ROOM_NAME, words::ROOM_NAME_HINT),
        Field::text(words::DESCRIPTION, words::OPTIONAL).optional(),
        Field::secret(words::ROOM_PASSWORD, words::ROOM_PASSWORD_HINT).optional(),
        Field::pick(words::KIND, words::PICK_HINT, vec![words::KIND_TEXT.into(), words::KIND_VOICE.into()]),
    ]
}

fn edit_room(state: &State, id: ConversationId) -> Vec<Field> {
    let description = match state.chat.conversation(id).map(|conversation| &conversation.what) {
        Some(What::Room(room)) => room.description.to_string(),
        _ => String::new(),
    };
    vec![
        Field::text(words::ROOM_NAME, words::ROOM_NAME_HINT).holding(&room_name(state, id)),
        Field::text(words::DESCRIPTION, words::OPTIONAL).holding(&description).optional(),
        Field::secret(words::ROOM_PASSWORD, words::ROOM_PASSWORD_KEEP).optional(),
    ]
}

fn upload_app() -> Vec<Field> {
    let categories = Category::ALL.map(|category| words::category(category).to_owned()).to_vec();
    vec![
        Field::text(words::FILE_PATH, words::FILE_PATH_HINT),
        Field::text(words::APP_NAME, words::APP_NAME_HINT),
        Field::text(words::VERSION, words::VERSION_HINT).holding("1.0"),
        Field::pick(words::APP_CATEGORY, words::PICK_HINT, categories),
        Field::text(words::DESCRIPTION, words::APP_DESCRIPTION_HINT).optional(),
    ]
}

fn upload_fields() -> Vec<Field> {
    vec![
        Field::text(words::FILE_PATH, words::FILE_PATH_HINT),
        Field::text(words::FILE_TEXT, words::FILE_TEXT_HINT).optional(),
    ]
}

fn profile(state: &State) -> Vec<Field> {
    let me = state.me.as_ref();
    let full_name = me.and_then(|me| me.full_name.clone()).unwrap_or_default();
    let blog = me.and_then(|me| me.blog_url.clone()).unwrap_or_default();
    vec![
        Field::text(words::FULL_NAME, words::OPTIONAL).holding(&full_name).optional(),
        Field::text(words::BLOG, words::BLOG_HINT).holding(&blog).optional(),
        Field::text(words::MAIL, words::MAIL_HINT).optional(),
    ]
}

fn change_password() -> Vec<Field> {
    vec![
        Field::secret(words::OLD_PASSWORD, ""),
        Field::secret(words::NEW_PASSWORD, words::NEW_PASSWORD_HINT),
        Field::secret(words::NEW_PASSWORD_AGAIN, ""),
    ]
}

pub fn upload_file(state: &mut State) -> Vec<Effect> {
    match state.chat.open {
        Some(id) => open_form(state, FormKind::UploadFile(id)),
        None => {
            state.complain(words::NO_ROOM_OPEN);
            vec![]
        }
    }
}

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
        FormKind::Export => return person_forms::submit_export(state),
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
        kind => return person_forms::command(state, form, kind),
    })
}

fn create_command(form: &Form) -> Command {
    let kind = if form.text(3) == words::KIND_VOICE { RoomKind::Voice } else { RoomKind::Text };
    Command::CreateRoom { name: form.trimmed(0), description: form.trimmed(1), kind, password: form.given(2) }
}

fn reject(form: &Form, app: AppId) -> (Command, Then) {
    (Command::RejectApp { app, reason: form.trimmed(0) }, Then::CloseForm(words::APP_REJECTED.into()))
}

/// Says in the form what is wrong.
pub fn refuse(state: &mut State, error: String) -> Vec<Effect> {
    if let Some(Overlay::Form(form)) = state.overlays.last_mut() {
        form.busy = false;
        form.error = Some(error);
    }
    vec![]
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
            super::choices::join(state, id)
        }
        None => refuse(state, words::no_room(&name)),
    }
}

/// The wizard's first step: a list of two or three ways.
pub fn server_step(state: &mut State, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    let count = server_ways(state).len();
    match (action, key.code) {
        (Some(Action::PickUp), _) | (_, KeyCode::Char('k')) => state.wizard.at = state.wizard.at.saturating_sub(1),
        (Some(Action::PickDown | Action::NextField), _) | (_, KeyCode::Char('j')) => {
            state.wizard.at = (state.wizard.at + 1).min(count - 1);
        }
        (Some(Action::Choose), _) => return take_way(state),
        (Some(Action::Close), _) if state.me.is_some() => return session::back_to_chat(state),
        (Some(Action::Close), _) => return super::choices::quit(state),
        _ => {}
    }
    vec![]
}

/// A way into Titan, as the wizard offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Host,
    Connect,
    Leave,
}

pub fn server_ways(state: &State) -> Vec<Way> {
    match state.can_host {
        true => vec![Way::Host, Way::Connect, Way::Leave],
        false => vec![Way::Connect, Way::Leave],
    }
}

pub fn take_way(state: &mut State) -> Vec<Effect> {
    match server_ways(state).get(state.wizard.at) {
        Some(Way::Host) => {
            state.wizard = Wizard::working(words::STARTING_SERVER);
            vec![Effect::Host]
        }
        Some(Way::Connect) => {
            state.wizard = Wizard::address("");
            vec![]
        }
        Some(Way::Leave) | None => super::choices::quit(state),
    }
}

pub fn wizard_back(state: &mut State) -> Vec<Effect> {
    state.wizard = Wizard::default();
    vec![]
}

/// The wizard's form is filled in.
pub fn submit_wizard(state: &mut State) -> Vec<Effect> {
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
        Step::Account(_, form) if form.busy => vec![],
        Step::Account(server, form) => {
            form.busy = true;
            form.error = None;
            let how = how(form);
            state.link = Link::Connecting;
            vec![Effect::Enter(Entrance { server: server.clone(), how })]
        }
        _ => vec![],
    }
}

fn how(form: &Form) -> How {
    let (username, password) = (form.trimmed(0), form.text(1));
    match form.kind {
        FormKind::Register => How::Register { username, password, full_name: form.given(2), admin_key: form.given(3) },
        _ => How::Login { username, password },
    }
}
