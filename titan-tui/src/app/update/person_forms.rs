//! The forms about people: what fields each has, and what is asked of the server once it is filled in.

use titan_core::{
    SafeText,
    protocol::{Command, Role},
};

use super::{choices::title_of, forms::refuse, orders, transfers};
use crate::{
    app::{
        effect::{Effect, Then, Wish},
        order::{Order, Seat, Step},
        overlay::{Field, Form, FormKind, Overlay},
        state::{Cargo, State},
    },
    words,
};

/// Its title and fields.
pub fn make(state: &State, kind: &FormKind) -> (String, Vec<Field>) {
    let reason = |hint| Field::text(words::REASON, hint).optional();
    let room = |seat: &Seat| title_of(state, seat.conversation);
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

/// The question a filled-in form asks, or what is wrong with it.
pub fn command(state: &State, form: &Form, kind: FormKind) -> Result<(Command, Then), String> {
    let order = |order: Order, seat: &Seat, reason| (order.command(seat, reason), orders::then(state, &order, seat));
    Ok(match kind {
        FormKind::ResetPassword(account, _) => {
            let command = Command::EditAccount { account, password: Some(form.text(0)), role: None };
            (command, Then::did(words::PASSWORD_CHANGED))
        }
        FormKind::Ban(account, name) => orders::ban(account, &name, form.trimmed(0)),
        FormKind::Kick(seat) => order(Order::Kick, &seat, form.trimmed(0)),
        FormKind::Mute(seat) => order(Order::Mute(mute_time(form)), &seat, form.trimmed(1)),
        FormKind::BanMember(seat) => order(Order::Ban, &seat, form.trimmed(0)),
        FormKind::Befriend => {
            (crate::app::commands::find_command(&form.trimmed(0)), Then::Account(Wish::Step(Step::Ask)))
        }
        FormKind::AddAccount => {
            let role = if form.text(2) == words::role_name(Role::Admin) { Role::Admin } else { Role::User };
            let username = form.trimmed(0);
            let said = words::account_added(&username);
            (Command::AddAccount { username, password: form.text(1), role }, Then::did(said))
        }
        FormKind::BanAddress => orders::ban_address(form.trimmed(0), form.trimmed(1)),
        FormKind::AdminKey => (Command::ChangeAdminKey { key: form.text(0) }, Then::did(words::ADMIN_KEY_CHANGED)),
        FormKind::DeleteAccount => return delete_command(state, form),
        _ => return Err(String::new()),
    })
}

fn mute_time(form: &Form) -> Option<u64> {
    let chosen = form.text(0);
    words::MUTE_TIMES.iter().find(|(name, _)| *name == chosen).and_then(|(_, seconds)| *seconds)
}

/// Only for who types the very name: nothing brings the account back.
fn delete_command(state: &State, form: &Form) -> Result<(Command, Then), String> {
    let name = state.me.as_ref().map(|me| me.username.to_string()).unwrap_or_default();
    match form.trimmed(0) == name {
        true => Ok((Command::DeleteAccount { password: form.text(1) }, Then::Deleted)),
        false => Err(words::not_your_name(&name)),
    }
}

/// The export is a transfer like others, with its progress among theirs.
pub fn submit_export(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Form(form)) = state.overlays.last() else { return vec![] };
    let path = form.trimmed(0);
    match state.is_online() {
        true => {
            state.overlays.pop();
            export_to(state, &path)
        }
        false => refuse(state, words::NEEDS_CONNECTION.into()),
    }
}

/// Writes everything the server keeps of us to a file or folder; into the downloads if none is named.
pub fn export_to(state: &mut State, path: &str) -> Vec<Effect> {
    let path = match path {
        "" => state.downloads.clone(),
        path => transfers::expand(path, state.home.as_deref()),
    };
    state.transfers.list.retain(|it| it.saved.cargo != Cargo::Export || it.saved.finished);
    let name = SafeText::line(words::EXPORT_NAME);
    transfers::start(state, Cargo::Export, name, path, 0, None)
}
