//! The forms: what fields each has. What is asked of the server once one is filled in is in `submit.rs`.

use titan_core::{
    ConversationId,
    protocol::{Category, What},
};

use super::person_forms;
use crate::{
    app::{
        effect::Effect,
        overlay::{Field, Form, FormKind, Overlay},
        state::State,
    },
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
            words::room_is_locked(&state.chat.room_name(*id)),
            vec![Field::secret(words::ROOM_PASSWORD, words::ROOM_PASSWORD_ASKED)],
        ),
        FormKind::EditRoom(id) => (words::EDIT_ROOM.into(), edit_room(state, *id)),
        FormKind::UploadApp => (words::UPLOAD_APP.into(), upload_app()),
        FormKind::UploadFile(id) => (words::upload_to(&state.chat.title_of(*id)), upload_fields()),
        FormKind::RejectApp(_) => (words::REJECT_APP.into(), vec![Field::text(words::REASON, words::REASON_HINT)]),
        FormKind::FindApps => (words::FIND_APPS.into(), vec![Field::text(words::WORDS, words::WORDS_HINT).optional()]),
        FormKind::Profile => (words::PROFILE.into(), profile(state)),
        FormKind::ChangePassword => (words::CHANGE_PASSWORD.into(), change_password()),
        FormKind::Confirm(..) => {
            let code = Field::text(words::CODE, words::CODE_IF_ANY).optional();
            (words::CONFIRM_TITLE.into(), vec![Field::secret(words::PASSWORD, words::CONFIRM_HINT), code])
        }
        FormKind::AppPassword => (words::NEW_APP_PASSWORD.into(), app_password(state)),
        FormKind::Address
        | FormKind::Login
        | FormKind::Register
        | FormKind::Code(..)
        | FormKind::ChooseOwn(..)
        | FormKind::ConfirmFactor => (String::new(), vec![]),
        kind => person_forms::make(state, kind),
    };
    Form::new(kind, title, fields)
}

fn app_password(state: &State) -> Vec<Field> {
    let mut fields = vec![
        Field::text(words::APP_PASSWORD_FOR, words::APP_PASSWORD_FOR_HINT),
        Field::text(words::APP_PASSWORD_DOORS, words::APP_PASSWORD_DOORS_HINT).optional(),
    ];
    if state.is_admin() {
        let may = [words::APP_PASSWORD_TALKS, words::APP_PASSWORD_ADMINISTERS];
        fields.push(Field::pick(words::APP_PASSWORD_MAY, words::PICK_HINT, may.map(Into::into).to_vec()));
    }
    fields
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
        Field::text(words::ROOM_NAME, words::ROOM_NAME_HINT).holding(&state.chat.room_name(id)),
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

/// Says in the form what is wrong.
pub fn refuse(state: &mut State, error: String) -> Vec<Effect> {
    if let Some(Overlay::Form(form)) = state.overlays.last_mut() {
        form.busy = false;
        form.error = Some(error);
    }
    vec![]
}
