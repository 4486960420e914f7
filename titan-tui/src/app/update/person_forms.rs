//! The forms about people: what fields each has.

use titan_core::protocol::Role;

use crate::{
    app::{
        order::Seat,
        overlay::{Field, FormKind},
        state::State,
    },
    words,
};

/// Its title and fields.
pub fn make(state: &State, kind: &FormKind) -> (String, Vec<Field>) {
    let reason = |hint| Field::text(words::REASON, hint).optional();
    let room = |seat: &Seat| state.chat.title_of(seat.conversation);
    match kind {
        FormKind::ResetPassword(_, name) => {
            (words::reset_password_of(name), vec![Field::secret(words::NEW_PASSWORD, words::NEW_PASSWORD_HINT)])
        }
        FormKind::Ban(_, name) => (words::ban_title(name), vec![reason(words::REASON_TOLD)]),
        FormKind::Kick(seat) => (words::kick_title(&seat.name, &room(seat)), vec![reason(words::REASON_TOLD)]),
        FormKind::Mute(seat) => {
            let times = words::MUTE_TIMES.map(|(name, _)| name.to_owned()).to_vec();
            let fields = vec![Field::pick(words::HOW_LONG, words::PICK_HINT, times), reason(words::OPTIONAL)];
            (words::mute_title(&seat.name, &room(seat)), fields)
        }
        FormKind::BanMember(seat) => {
            (words::ban_member_title(&seat.name, &room(seat)), vec![reason(words::REASON_TOLD)])
        }
        FormKind::Befriend => (words::BEFRIEND.into(), vec![Field::text(words::USERNAME, words::WHO_HINT)]),
        FormKind::AddAccount => (words::ADD_ACCOUNT.into(), add_account()),
        FormKind::BanAddress => {
            (words::BAN_ADDRESS.into(), vec![Field::text(words::IP_ADDRESS, words::IP_HINT), reason(words::OPTIONAL)])
        }
        FormKind::AdminKey => {
            (words::CHANGE_ADMIN_KEY.into(), vec![Field::secret(words::NEW_ADMIN_KEY, words::NEW_ADMIN_KEY_HINT)])
        }
        FormKind::Export => {
            let folder = state.downloads.display().to_string();
            (words::EXPORT.into(), vec![Field::text(words::EXPORT_TO, words::EXPORT_HINT).holding(&folder)])
        }
        FormKind::DeleteAccount => (words::DELETE_ACCOUNT.into(), delete_account()),
        _ => (String::new(), vec![]),
    }
}

fn add_account() -> Vec<Field> {
    let roles = [Role::User, Role::Admin].map(|role| words::role_name(role).to_owned()).to_vec();
    vec![
        Field::text(words::USERNAME, words::NEW_USERNAME_HINT),
        Field::secret(words::PASSWORD, words::NEW_PASSWORD_HINT),
        Field::pick(words::ROLE_LABEL, words::PICK_HINT, roles),
    ]
}

fn delete_account() -> Vec<Field> {
    vec![
        Field::text(words::TYPE_YOUR_NAME, words::TYPE_YOUR_NAME_HINT),
        Field::secret(words::PASSWORD, words::PASSWORD_HINT),
    ]
}
