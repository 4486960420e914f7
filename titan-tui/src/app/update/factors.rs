//! The second factor of one's own account, its app passwords, and sessions that are ended for somebody.

use titan_core::{
    AccountId, AppPasswordId, SessionId,
    protocol::{AppPassword, NewAppPassword, NewFactor, Profile, RecoveryCodes, ask},
};

use super::asking::{ask, confirm};
use crate::{
    app::{
        effect::Effect,
        overlay::{Choice, Field, Form, FormKind, Group, Overlay, Picker, Row, Scan},
        question::{Answer, Question},
        state::State,
    },
    qr, times, words,
};

pub fn ask_show() -> Vec<Effect> {
    ask(Question::new(ask::Profile {}, |it| Answer::Factor(Box::new(it))))
}

/// What there is, and what can be done with it.
pub fn show(state: &mut State, profile: &Profile) -> Vec<Effect> {
    let row = |text: &str, choice| Row::new(text, "", Group::Plain, choice);
    let (about, rows) = match profile.factor_since {
        None => (words::NO_FACTOR.to_owned(), vec![row(words::DO_ADD_FACTOR, Choice::AddFactor)]),
        Some(since) => (
            words::factor_since(&times::day_and_time(since, state), profile.recovery_codes),
            vec![
                row(words::DO_RECOVERY_CODES, Choice::RecoveryCodes),
                row(words::DO_REMOVE_FACTOR, Choice::AskRemoveFactor),
            ],
        ),
    };
    open(state, Picker::list(words::CODE_TITLE, rows).about(about))
}

pub fn add() -> Vec<Effect> {
    ask(Question::new(ask::AddFactor {}, |it| Answer::NewFactor(Box::new(it))))
}

/// One thing to scan and one to type; who can't scan types the secret into the app.
pub fn offer(state: &mut State, factor: &NewFactor) -> Vec<Effect> {
    let field = Field::text(words::CODE, words::FIRST_CODE_HINT);
    let mut form = Form::new(FormKind::ConfirmFactor, words::CODE_TITLE, vec![field]);
    let (drawn, secret) = (qr::half_blocks(&factor.qr), words::in_fours(factor.secret.reveal()));
    form.scan = Some(Box::new(Scan { drawn, secret }));
    state.overlays.push(Overlay::Form(form));
    vec![]
}

/// In the place of the form that asked for them, where one did.
pub fn show_codes(state: &mut State, codes: &RecoveryCodes, from_form: bool) -> Vec<Effect> {
    if from_form {
        state.overlays.pop();
    }
    let rows = codes.codes.iter().map(|code| Row::plain(code.reveal(), ""));
    open(state, Picker::list(words::RECOVERY_CODES_TITLE, rows.collect()).about(words::RECOVERY_CODES))
}

pub fn renew() -> Vec<Effect> {
    ask(Question::new(ask::RenewRecoveryCodes {}, |it| Answer::RecoveryCodes(Box::new(it), false)))
}

pub fn ask_remove(state: &mut State) -> Vec<Effect> {
    let question = words::REMOVE_FACTOR_QUESTION.into();
    confirm(state, question, words::REMOVE_FACTOR_DETAIL, words::DO_REMOVE_FACTOR, Choice::RemoveFactor)
}

pub fn remove() -> Vec<Effect> {
    ask(Question::done(ask::RemoveFactor {}, Answer::did(words::FACTOR_REMOVED)))
}

pub fn ask_app_passwords() -> Vec<Effect> {
    ask(Question::new(ask::AppPasswords {}, Answer::AppPasswords))
}

pub fn show_app_passwords(state: &mut State, all: &[AppPassword]) -> Vec<Effect> {
    let mut rows = vec![Row::new(words::NEW_APP_PASSWORD, "", Group::Plain, Choice::Form(FormKind::AppPassword))];
    rows.extend(all.iter().map(|one| {
        let used = one.last_used.map(|at| times::day_and_time(at, state));
        let detail = words::app_password_detail(one, used.as_deref());
        let choice = Choice::AskRemoveAppPassword(one.id, one.name.to_string());
        Row::new(one.name.as_str(), detail, Group::Plain, choice)
    }));
    open(state, Picker::list(words::APP_PASSWORDS, rows).about(words::APP_PASSWORDS_ABOUT))
}

/// In the place of the form that asked for it.
pub fn show_app_password(state: &mut State, made: &NewAppPassword) -> Vec<Effect> {
    state.overlays.pop();
    let rows = vec![Row::plain(made.password.reveal(), made.app_password.name.as_str())];
    open(state, Picker::list(words::NEW_APP_PASSWORD, rows).about(words::APP_PASSWORD_ONCE))
}

pub fn ask_remove_app_password(state: &mut State, id: AppPasswordId, name: &str) -> Vec<Effect> {
    let question = words::remove_app_password(name);
    let choice = Choice::RemoveAppPassword(id);
    confirm(state, question, words::REMOVE_APP_PASSWORD_DETAIL, words::DO_REMOVE_APP_PASSWORD, choice)
}

pub fn remove_app_password(app_password: AppPasswordId) -> Vec<Effect> {
    ask(Question::done(ask::RemoveAppPassword { app_password }, Answer::did(words::APP_PASSWORD_REMOVED)))
}

/// Somebody's: one, or all.
pub fn end_sessions(account: AccountId, session: Option<SessionId>) -> Vec<Effect> {
    let said = if session.is_some() { words::SESSION_ENDED } else { words::SESSIONS_ENDED };
    ask(Question::done(ask::EndSessions { account, session }, Answer::did(said)))
}

fn open(state: &mut State, picker: Picker) -> Vec<Effect> {
    state.overlays.push(Overlay::Picker(Box::new(picker)));
    vec![]
}
