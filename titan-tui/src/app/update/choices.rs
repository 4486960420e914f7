//! Doing what was chosen in a picker, a menu, a confirmation.

use titan_core::{
    ClientId, ConversationId, Seq,
    protocol::{AppState, Command, FileInfo, What},
};

use super::{cards, chat, farewell, forms, lists, orders, people, repository, transfers};
use crate::{
    app::{
        effect::{AppQuery, Effect, Load, Part, Then},
        overlay::{Choice, Confirm, FormKind, Overlay},
        state::{Cargo, Pane, Screen, State},
    },
    rich,
    theme::{Theme, ThemeName},
    words,
};

pub fn choose(state: &mut State, choice: Choice) -> Vec<Effect> {
    match choice {
        Choice::Nothing => vec![],
        Choice::Quit => quit(state),
        Choice::AskLogout => ask_logout(state),
        Choice::Logout => vec![Effect::Logout],
        Choice::Open(id) => chat::open_conversation(state, id),
        Choice::OpenAt(id, seq) => open_at(state, id, seq),
        Choice::Join(id) => join(state, id),
        Choice::LeaveRoom(conversation) => ask(Command::LeaveRoom { conversation }, Then::Nothing),
        Choice::AskDeleteRoom(id) => ask_delete_room(state, id),
        Choice::DeleteRoom(conversation) => {
            ask(Command::DeleteRoom { conversation }, Then::Say(words::ROOM_DELETED.into()))
        }
        Choice::EditRoom(id) => forms::open_form(state, FormKind::EditRoom(id)),
        Choice::RoomMenu(id) => cards::open_room(state, id),
        Choice::Direct(account) => ask(Command::OpenDirect { account }, Then::Open),
        Choice::Mention(name) => write(state, &format!("@{name} ")),
        Choice::Blog(url) => open_blog(state, &url),
        Choice::Write(text) => write_anew(state, &text),
        Choice::Reply(seq) => reply(state, seq),
        Choice::Edit(seq) => begin_edit(state, seq),
        Choice::AskDelete(seq) => ask_delete(state, seq),
        Choice::Delete(conversation, seq) => {
            ask(Command::Delete { conversation, seq, client_id: Some(ClientId::new()) }, Then::Nothing)
        }
        Choice::PickEmoji(seq) => lists::open_emoji(state, seq),
        Choice::React(seq, emoji) => react(state, seq, &emoji),
        Choice::Copy(seq) => copy(state, seq),
        Choice::OpenLink(seq) => open_link(state, seq),
        Choice::Fetch(file) => fetch(state, &file),
        Choice::ShowApp(app) => repository::show_app(state, app),
        Choice::DeleteApp(app) => ask(Command::DeleteApp { app }, Then::AppDecided(words::APP_DELETED.into())),
        Choice::CancelTransfer(id) => transfers::cancel(state, id),
        Choice::Profile => forms::open_form(state, FormKind::Profile),
        Choice::ChangePassword => forms::open_form(state, FormKind::ChangePassword),
        Choice::Form(kind) => forms::open_form(state, kind),
        other => choose_of_people(state, other),
    }
}

/// The rest: what is done to somebody, and what is shown of them.
fn choose_of_people(state: &mut State, choice: Choice) -> Vec<Effect> {
    match choice {
        Choice::Person(account) => cards::open_person(state, &account),
        Choice::Step(step, account) => orders::step(state, step, &account),
        Choice::AskEnd(account) => orders::ask_end(state, *account),
        Choice::AskOrder(order, seat) => orders::ask_order(state, order, *seat),
        Choice::Order(order, seat) => orders::order(state, &order, &seat, String::new()),
        Choice::Members(id) => ask(Command::Members { conversation: id }, Then::ListMembers(id)),
        Choice::Sanctions(id) => cards::ask_sanctions(state, id),
        Choice::Unban(account) => orders::unban(&account),
        Choice::SetRole(account, role) => orders::set_role(&account, role),
        Choice::Sessions(account) => {
            ask(Command::AccountSessions { account: account.id }, Then::SessionsOf(account.username.to_string()))
        }
        Choice::RevokeSession(session) => ask(Command::RevokeSession { session }, Then::did(words::SESSION_ENDED)),
        Choice::AskRemove(account) => orders::ask_remove(state, *account),
        Choice::RemoveAccount(account) => ask(Command::RemoveAccount { account }, Then::did(words::ACCOUNT_IS_REMOVED)),
        Choice::LiftAddress(address) => orders::lift_address(state, address),
        Choice::Section(section) => people::show_section(state, section),
        Choice::Item(item) => people::open(state, *item),
        Choice::Unfold => cards::unfold(state),
        _ => vec![],
    }
}

pub fn ask(command: Command, then: Then) -> Vec<Effect> {
    vec![Effect::Ask(command, then)]
}

pub fn quit(state: &mut State) -> Vec<Effect> {
    let mut effects = farewell(state);
    effects.push(Effect::Quit);
    effects
}

pub fn confirm(state: &mut State, question: String, detail: &str, yes: &'static str, choice: Choice) -> Vec<Effect> {
    state.overlays.push(Overlay::Confirm(Confirm { question, detail: detail.to_owned(), yes, choice }));
    vec![]
}

pub fn set_theme(state: &mut State, name: ThemeName) -> Vec<Effect> {
    state.theme = Theme::new(name);
    state.settings.theme = name;
    state.say(words::theme_is(name.name()));
    vec![Effect::SaveSettings(Box::new(state.settings.clone()))]
}

/// Enters a room: straight away where that asks for no password.
pub fn join(state: &mut State, id: ConversationId) -> Vec<Effect> {
    if state.chat.conversation(id).is_some() {
        return chat::open_conversation(state, id);
    }
    let locked = state.chat.rooms.iter().any(|room| room.id == id && room.locked);
    match locked && !state.is_admin() {
        true => forms::open_form(state, FormKind::JoinLocked(id)),
        false => ask(Command::JoinRoom { conversation: id, password: None }, Then::Open),
    }
}

fn open_at(state: &mut State, id: ConversationId, seq: Seq) -> Vec<Effect> {
    let mut effects = chat::open_conversation(state, id);
    effects.push(Effect::Load(Load { conversation: id, part: Part::Around(seq), limit: 100 }));
    state.pane = Pane::Timeline;
    effects
}

fn write(state: &mut State, text: &str) -> Vec<Effect> {
    state.screen = Screen::Chat;
    state.pane = Pane::Composer;
    state.composer.editor.insert(text);
    chat::typed(state)
}

fn write_anew(state: &mut State, text: &str) -> Vec<Effect> {
    state.composer.editor.set("");
    write(state, text)
}

fn open_blog(state: &mut State, url: &str) -> Vec<Effect> {
    match url.starts_with("https://") || url.starts_with("http://") {
        true => vec![Effect::OpenLink(url.to_owned())],
        false => {
            state.complain(words::not_a_link(url));
            vec![]
        }
    }
}

fn reply(state: &mut State, seq: Seq) -> Vec<Effect> {
    state.pane = Pane::Composer;
    state.composer.editing = None;
    state.composer.reply_to = Some(seq);
    leave_choice(state);
    vec![]
}

/// Puts a message of mine back into the composer.
pub fn begin_edit(state: &mut State, seq: Seq) -> Vec<Effect> {
    let Some((entry, message)) = state.open_log().and_then(|log| log.message(seq)) else { return vec![] };
    if !state.is_me(entry.author.id) || message.deleted {
        state.complain(words::NOT_YOURS);
        return vec![];
    }
    let text = message.text.clone();
    let effects = chat::keep_draft(state);
    state.composer.begin(&text);
    state.composer.editing = Some(seq);
    state.pane = Pane::Composer;
    leave_choice(state);
    effects
}

fn leave_choice(state: &mut State) {
    if let Some(log) = state.open_log_mut() {
        log.selected = None;
    }
}

pub fn ask_delete(state: &mut State, seq: Seq) -> Vec<Effect> {
    let Some(conversation) = state.chat.open else { return vec![] };
    let Some((_, message)) = state.open_log().and_then(|log| log.message(seq)) else { return vec![] };
    if message.deleted {
        return vec![];
    }
    let what = message.file.as_ref().map_or(message.text.as_str(), |file| file.name.as_str());
    let detail = words::quoted(what);
    confirm(state, words::DELETE_QUESTION.into(), &detail, words::DELETE_YES, Choice::Delete(conversation, seq))
}

/// On a server of one's own the account may have no password that anybody knows.
fn ask_logout(state: &mut State) -> Vec<Effect> {
    let detail = match (&state.server, &state.me) {
        (Some(server), Some(me)) if server.hosted => words::logout_detail(&me.username),
        _ => words::LOGOUT_DETAIL.to_owned(),
    };
    confirm(state, words::LOGOUT_QUESTION.into(), &detail, words::LOGOUT_YES, Choice::Logout)
}

fn ask_delete_room(state: &mut State, id: ConversationId) -> Vec<Effect> {
    let question = words::delete_room(&room_name(state, id));
    confirm(state, question, words::DELETE_ROOM_DETAIL, words::DELETE_YES, Choice::DeleteRoom(id))
}

/// Sets a reaction of mine, or takes it back.
pub fn react(state: &mut State, seq: Seq, emoji: &str) -> Vec<Effect> {
    let (Some(conversation), Some(me)) = (state.chat.open, state.me.as_ref().map(|me| me.id)) else { return vec![] };
    let Some((_, message)) = state.open_log().and_then(|log| log.message(seq)) else { return vec![] };
    let mine = message.reactions.iter().any(|it| it.emoji.as_str() == emoji && it.accounts.contains(&me));
    let command =
        Command::React { conversation, seq, emoji: emoji.to_owned(), on: !mine, client_id: Some(ClientId::new()) };
    ask(command, Then::Nothing)
}

fn copy(state: &mut State, seq: Seq) -> Vec<Effect> {
    match state.open_log().and_then(|log| log.message(seq)) {
        Some((_, message)) => vec![Effect::Copy(message.text.to_string())],
        None => vec![],
    }
}

fn open_link(state: &mut State, seq: Seq) -> Vec<Effect> {
    let link = state.open_log().and_then(|log| log.message(seq)).and_then(|(_, message)| {
        let link = rich::first_link(&message.text)?;
        Some(link.to_owned())
    });
    match link {
        Some(link) => vec![Effect::OpenLink(link)],
        None => {
            state.say(words::NO_LINK);
            vec![]
        }
    }
}

pub fn fetch(state: &mut State, file: &FileInfo) -> Vec<Effect> {
    transfers::start(
        state,
        Cargo::FetchFile(file.id),
        file.name.clone(),
        state.downloads.clone(),
        file.size,
        Some(file.sha256),
    )
}

/// `#room` or `@person`, as it is shown.
pub fn title_of(state: &State, id: ConversationId) -> String {
    state.chat.conversation(id).map(crate::app::state::title).unwrap_or_default()
}

pub fn room_name(state: &State, id: ConversationId) -> String {
    let joined = state.chat.conversation(id).and_then(|conversation| match &conversation.what {
        What::Room(room) => Some(room.name.to_string()),
        What::Direct(_) => None,
    });
    joined
        .or_else(|| state.chat.rooms.iter().find(|room| room.id == id).map(|room| room.name.to_string()))
        .unwrap_or_default()
}

/// The apps a shelf shows.
pub fn apps(state: &mut State, query: AppQuery) -> Vec<Effect> {
    state.repository.loading = true;
    state.repository.asked = Some(query.clone());
    let AppQuery { category, state: standing, query: words } = query.clone();
    let standing: Option<AppState> = standing;
    ask(Command::Apps { category, state: standing, query: words }, Then::Apps(query))
}
