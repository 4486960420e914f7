//! Coming and going: the connection's state, logging in, what the cache remembers.

use titan_core::{
    Time,
    client::{Options, Untrusted},
    protocol::{FaultCode, ask},
};

use super::{asking::confirm, chat, people, transfers};
use crate::{
    app::{
        directory::Directory,
        effect::{Effect, Entrance, How},
        event::{Entered, Restored, Trouble},
        overlay::{Attempt, Choice, Confirm, Form, FormKind, Overlay},
        question::{Answer, Question},
        state::{Chat, Link, People, Screen, ServerInfo, State},
        wizard::{Step, Wizard, choose_form, code_form},
    },
    words,
};

pub fn link_changed(state: &mut State, link: Link) -> Vec<Effect> {
    let was_online = state.is_online();
    state.link = link;
    match &state.link {
        // Told once, not again after each attempt: the countdown in its place is of more use.
        Link::Waiting { why, .. } if !why.is_empty() && !state.told_lost => {
            let sentence = words::sentence(why);
            state.told_lost = true;
            state.complain(sentence);
            vec![]
        }
        Link::Online if !was_online => {
            state.told_lost = false;
            catch_up(state)
        }
        Link::Ended { why } => {
            let why = why.clone();
            let kept = chat::keep_draft(state);
            ended(state, &why);
            kept
        }
        _ => vec![],
    }
}

/// Everything that is asked anew after each connection.
fn catch_up(state: &mut State) -> Vec<Effect> {
    let mut effects = vec![
        Effect::Ask(Question::new(ask::Conversations::default(), Answer::Conversations)),
        Effect::Ask(Question::new(ask::Rooms::default(), Answer::Rooms)),
        Effect::Ask(Question::new(ask::Who { watch: true, ..ask::Who::default() }, Answer::Who)),
        Effect::Ask(people::relations()),
    ];
    if let Some(id) = state.chat.open {
        effects.push(Effect::Ask(Question::new(
            ask::Members { conversation: id, ..ask::Members::default() },
            move |it| Answer::Members(id, it),
        )));
        state.chat.mark_due.get_or_insert(Time(state.now.0 + 500));
    }
    effects
}

/// The session is over for good: back to the door, with the reason in sight.
fn ended(state: &mut State, why: &str) {
    let known = state.me.take().is_some();
    let at_the_door = state.screen == Screen::Wizard && state.wizard.form().is_some();
    if let Some(server) = state.server.clone().filter(|_| !at_the_door) {
        let register = server.hosted && !known;
        state.wizard = Wizard::account(server, register);
    }
    match state.wizard.form_mut() {
        Some(_) if why.is_empty() => {}
        Some(form) => form.error = Some(why.to_owned()),
        None => state.wizard.error = Some(why.to_owned()),
    }
    state.overlays.clear();
    state.screen = Screen::Wizard;
}

/// The server is not believed. A person decides where that is theirs to decide, and is told what to do where it isn't.
pub fn untrusted(state: &mut State, server: Untrusted, attempt: Attempt) -> Vec<Effect> {
    state.link = Link::Untrusted;
    if let Some(form) = state.wizard.form_mut() {
        form.error = Some(words::not_believed(&server));
    }
    if !state.can_ask {
        return vec![Effect::GiveUp(words::untrusted(&server))];
    }
    let confirm = match server.may_be_asked_about() {
        true => {
            let (question, detail) = words::first_contact(&server);
            let (yes, choice) = (words::believe_yes(&server), Choice::Believe(Box::new(server), attempt));
            Confirm { question, detail, yes, careful: true, choice }
        }
        false => {
            let (question, detail) = (words::not_believed(&server), words::untrusted(&server));
            Confirm { question, detail, yes: words::TRY_AGAIN_YES, careful: true, choice: Choice::Attempt(attempt) }
        }
    };
    state.overlays.push(Overlay::Confirm(confirm));
    vec![]
}

/// The server is trusted from now on; what was tried is tried again.
pub fn believe(state: &mut State, server: Box<Untrusted>, attempted: Attempt) -> Vec<Effect> {
    let mut effects = vec![Effect::Believe(server)];
    effects.extend(attempt(state, attempted));
    effects
}

pub fn attempt(state: &mut State, attempt: Attempt) -> Vec<Effect> {
    match attempt {
        Attempt::Enter => enter(state),
        Attempt::Forgot => forgot(state),
        Attempt::Reconnect => {
            state.link = Link::Connecting;
            vec![Effect::Reconnect]
        }
    }
}

/// The form at the door is filled in.
pub fn enter(state: &mut State) -> Vec<Effect> {
    let Step::Account(server, form) = &mut state.wizard.step else { return vec![] };
    if form.busy {
        return vec![];
    }
    if differs(form) {
        form.error = Some(words::PASSWORDS_DIFFER.into());
        return vec![];
    }
    form.busy = true;
    form.error = None;
    let how = how(form);
    state.link = Link::Connecting;
    vec![Effect::Enter(Entrance { server: server.clone(), how })]
}

fn how(form: &Form) -> How {
    let (username, password) = (form.trimmed(0), form.text(1).into());
    match form.kind {
        FormKind::Register => {
            let (full_name, admin_key) = (form.given(2), form.given(3).map(Into::into));
            How::Register { username, password, full_name, admin_key }
        }
        FormKind::ChooseOwn(ref username, ref made_up) => {
            let (username, password) = (username.clone(), made_up.clone());
            How::Login { username, password, new: Some(form.text(0).into()), code: None }
        }
        FormKind::Code(ref username, ref password, ref new) => {
            let (username, password, new) = (username.clone(), password.clone(), new.clone());
            How::Login { username, password, new, code: Some(form.trimmed(0).into()) }
        }
        _ => How::Login { username, password, new: None, code: None },
    }
}

/// Whether a new password was typed in two ways.
fn differs(form: &Form) -> bool {
    matches!(form.kind, FormKind::ChooseOwn(..)) && form.text(0) != form.text(1)
}

/// A login or registration ended.
pub fn entered(state: &mut State, result: Result<Entered, Trouble>) -> Vec<Effect> {
    match result {
        Ok(entered) => welcome(state, entered),
        Err(Trouble { untrusted: Some(server), .. }) if at_the_door(state) => untrusted(state, *server, Attempt::Enter),
        Err(trouble) => {
            not_entered(state, trouble);
            vec![]
        }
    }
}

/// Whether a form of the door is open, which waits no longer.
fn at_the_door(state: &mut State) -> bool {
    match (state.screen, state.wizard.form_mut()) {
        (Screen::Wizard, Some(form)) => {
            form.busy = false;
            true
        }
        _ => false,
    }
}

fn not_entered(state: &mut State, trouble: Trouble) {
    if state.screen != Screen::Wizard {
        return state.complain(trouble.text);
    }
    state.link = Link::None;
    if let Step::Account(_, form) = &mut state.wizard.step
        && let Some(next) = asked_for(form, trouble.code)
    {
        *form = next;
        return;
    }
    match &mut state.wizard.step {
        Step::Account(_, form) | Step::Address(form) => {
            form.blame(trouble);
        }
        _ => {
            state.wizard = Wizard { error: Some(trouble.text), ..Wizard::default() };
        }
    }
}

/// What the server asks for beside the password, where it wasn't asked before.
fn asked_for(form: &Form, code: Option<FaultCode>) -> Option<Form> {
    match (code?, &form.kind) {
        (FaultCode::ChoosePassword, FormKind::Login) => Some(choose_form(form.trimmed(0), form.text(1).into())),
        (FaultCode::ChoosePassword, FormKind::Code(name, password, None)) => {
            Some(choose_form(name.clone(), password.clone()))
        }
        (FaultCode::SecondFactorRequired, FormKind::Login) => {
            Some(code_form(form.trimmed(0), form.text(1).into(), None))
        }
        (FaultCode::SecondFactorRequired, FormKind::ChooseOwn(name, made_up)) => {
            Some(code_form(name.clone(), made_up.clone(), Some(form.text(0).into())))
        }
        _ => None,
    }
}

fn welcome(state: &mut State, entered: Entered) -> Vec<Effect> {
    state.chat = Chat::default();
    state.people = People::default();
    state.directory = Directory::default();
    state.take_back = None;
    state.composer.begin("");
    state.overlays.clear();
    state.say(words::welcome(&entered.account.username, entered.account.titan_number.0));
    state.server = Some(entered.server);
    state.me = Some(entered.account);
    state.wizard = Wizard::default();
    state.screen = Screen::Chat;
    restored(state, entered.restored)
}

/// F3 at the door: a link for a new password, by mail.
pub fn forgot(state: &mut State) -> Vec<Effect> {
    let Step::Account(server, form) = &mut state.wizard.step else { return vec![] };
    let name = form.trimmed(0);
    if name.is_empty() {
        form.error = Some(words::NO_NAME_TO_RESET.into());
        return vec![];
    }
    form.busy = true;
    form.error = None;
    vec![Effect::Forgot(server.clone(), name)]
}

pub fn forgotten(state: &mut State, result: Result<String, Trouble>) -> Vec<Effect> {
    let result = match result {
        Err(Trouble { untrusted: Some(server), .. }) if at_the_door(state) => {
            return untrusted(state, *server, Attempt::Forgot);
        }
        result => result,
    };
    if let Some(form) = state.wizard.form_mut() {
        form.busy = false;
        match result {
            Ok(name) => form.note = Some(words::reset_asked(&name)),
            Err(trouble) => form.error = Some(trouble.text),
        }
    }
    vec![]
}

/// What the disk remembers, at the start or after a login.
pub fn restored(state: &mut State, restored: Restored) -> Vec<Effect> {
    if restored.me.is_some() {
        state.me = restored.me;
    }
    state.chat.conversations = restored.conversations;
    state.people.relations =
        restored.relations.into_iter().map(|relation| (relation.person.account.id, relation)).collect();
    state.chat.drafts = restored.drafts.into_iter().collect();
    state.chat.under_way = restored.under_way.into_iter().collect();
    for (id, pending) in restored.outbox {
        state.chat.logs.entry(id).or_default().pending.push(pending);
    }
    transfers::restore(state, restored.transfers);
    let open = restored.open.filter(|id| state.chat.conversation(*id).is_some());
    let first = state.chat.ordered().first().map(|conversation| conversation.id);
    match open.or(first) {
        Some(id) => chat::open_conversation(state, id),
        None => vec![],
    }
}

/// The server on this machine is at this address today.
pub fn at(state: &mut State, server: ServerInfo) -> Vec<Effect> {
    state.server = Some(server);
    vec![]
}

/// The server on this machine is up: straight in with the token there is, or with a new account.
pub fn hosted(state: &mut State, result: Result<ServerInfo, Trouble>) -> Vec<Effect> {
    match result {
        Ok(server) => {
            state.wizard = Wizard::account(server, true);
            vec![]
        }
        Err(trouble) => {
            state.wizard = Wizard { error: Some(trouble.text), ..Wizard::default() };
            state.screen = Screen::Wizard;
            vec![]
        }
    }
}

/// The server in this process can't go on. Who is at it can't either, and must not sit before a screen that answers nothing;
/// who is at another one is told.
pub fn host_ended(state: &mut State, line: String) -> Vec<Effect> {
    let elsewhere = state.server.as_ref().is_some_and(|server| !server.hosted) && state.screen == Screen::Chat;
    match elsewhere {
        true => state.complain(line),
        false => return vec![Effect::GiveUp(line)],
    }
    vec![]
}

pub fn back_to_chat(state: &mut State) -> Vec<Effect> {
    state.screen = Screen::Chat;
    vec![]
}

/// Reads an address as people write them.
pub fn server_at(address: &str) -> Result<ServerInfo, String> {
    match Options::new(address) {
        Ok(options) => Ok(ServerInfo { url: options.server(), hosted: false }),
        Err(_) => Err(words::bad_address(address.trim())),
    }
}

/// `/login` and `/register` typed in the chat: the same server, as somebody else.
pub fn enter_as(state: &mut State, how: How) -> Vec<Effect> {
    match state.server.clone() {
        Some(server) => vec![Effect::Enter(Entrance { server, how })],
        None => {
            state.complain(words::NO_SERVER);
            vec![]
        }
    }
}

/// Keeps what has to be kept, and leaves.
pub fn quit(state: &mut State) -> Vec<Effect> {
    let mut effects = farewell(state);
    effects.push(Effect::Quit);
    effects
}

/// On a server of one's own the account may have no password that anybody knows.
pub fn ask_logout(state: &mut State) -> Vec<Effect> {
    let detail = match (&state.server, &state.me) {
        (Some(server), Some(me)) if server.hosted => words::logout_detail(&me.username),
        _ => words::LOGOUT_DETAIL.to_owned(),
    };
    confirm(state, words::LOGOUT_QUESTION.into(), &detail, words::LOGOUT_YES, Choice::Logout)
}

/// What has to be kept before the program ends.
pub fn farewell(state: &mut State) -> Vec<Effect> {
    let mut effects = chat::keep_draft(state);
    effects.push(Effect::SaveTransfers(state.transfers.saved()));
    effects
}
