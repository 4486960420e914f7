//! Filled-in forms about people: what is asked of the server then.

use titan_core::protocol::{Role, ask};

use super::{asking::look_up, forms::refuse, orders, transfers};
use crate::{
    app::{
        effect::Effect,
        order::{Order, Seat, Step},
        overlay::{Form, FormKind, Overlay},
        question::{Answer, Question, Wish},
        state::State,
    },
    words,
};

/// The question a filled-in form asks, or what is wrong with it.
pub fn question(state: &State, form: &Form, kind: FormKind) -> Result<Question, String> {
    let order = |order: Order, seat: &Seat, reason| orders::question(state, &order, seat, reason);
    Ok(match kind {
        FormKind::ResetPassword(account, _) => {
            let edit = ask::EditAccount { account, password: Some(form.text(0).into()), role: None };
            Question::done(edit, Answer::did(words::PASSWORD_CHANGED))
        }
        FormKind::Ban(account, name) => orders::ban(account, &name, form.trimmed(0)),
        FormKind::Kick(seat) => order(Order::Kick, &seat, form.trimmed(0)),
        FormKind::Mute(seat) => order(Order::Mute(mute_time(form)), &seat, form.trimmed(1)),
        FormKind::BanMember(seat) => order(Order::Ban, &seat, form.trimmed(0)),
        FormKind::Befriend => look_up(&form.trimmed(0), Wish::Step(Step::Ask)),
        FormKind::AddAccount => {
            let role = if form.text(2) == words::role_name(Role::Admin) { Role::Admin } else { Role::User };
            let username = form.trimmed(0);
            let said = words::account_added(&username);
            Question::done(ask::AddAccount { username, password: form.text(1).into(), role }, Answer::did(said))
        }
        FormKind::BanAddress => orders::ban_address(form.trimmed(0), form.trimmed(1)),
        FormKind::AdminKey => {
            Question::done(ask::ChangeAdminKey { key: form.text(0).into() }, Answer::did(words::ADMIN_KEY_CHANGED))
        }
        FormKind::DeleteAccount => return delete_account(state, form),
        _ => return Err(String::new()),
    })
}

fn mute_time(form: &Form) -> Option<u64> {
    let chosen = form.text(0);
    words::MUTE_TIMES.iter().find(|(name, _)| *name == chosen).and_then(|(_, seconds)| *seconds)
}

/// Only for who types the very name: nothing brings the account back.
fn delete_account(state: &State, form: &Form) -> Result<Question, String> {
    let name = state.me.as_ref().map(|me| me.username.to_string()).unwrap_or_default();
    match form.trimmed(0) == name {
        true => Ok(Question::done(ask::DeleteAccount { password: form.text(1).into() }, Answer::Deleted)),
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
            transfers::export_to(state, &path)
        }
        false => refuse(state, words::NEEDS_CONNECTION.into()),
    }
}
