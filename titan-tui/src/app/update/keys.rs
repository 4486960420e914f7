//! What a key does: the overlay on top is asked first, then the focused place, then what holds everywhere.

use ratatui::crossterm::event::{KeyEvent, KeyEventKind};

use super::{
    cards, chat, choices, forms, lists, messages, orders, over, people, people_keys, repository, rooms, session, slash,
    taste, transfers,
    typing::{self, edit, typed},
    wizard,
};
use crate::{
    app::{
        effect::Effect,
        fold,
        overlay::{Choice, Confirm, FormKind, Overlay},
        state::{Pane, Screen, State},
    },
    keymap::{Action, Context},
    layout, words,
};

pub fn pressed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return vec![];
    }
    if !state.overlays.is_empty() {
        return over::pressed(state, key);
    }
    match state.screen {
        Screen::Wizard => wizard::pressed(state, key),
        _ => screen_key(state, key),
    }
}

fn screen_key(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let context = context(state);
    if let Some(action) = state.keymap.action(context, key)
        && (action != Action::Complete || can_complete(state))
    {
        return here(state, action);
    }
    if context == Context::Composer
        && let Some(text) = typed(key)
    {
        state.composer.editor.insert(&text);
        return chat::typed(state);
    }
    match state.keymap.action(Context::Global, key) {
        Some(action) => everywhere(state, action),
        None => start_writing(state, key),
    }
}

/// A letter that means nothing in a list or timeline begins a message, as people expect.
fn start_writing(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    match typed(key) {
        Some(text) if state.screen == Screen::Chat && text != " " => {
            state.pane = Pane::Composer;
            state.composer.editor.insert(&text);
            chat::typed(state)
        }
        _ => vec![],
    }
}

fn context(state: &State) -> Context {
    match (state.screen, state.pane) {
        (Screen::Repository, _) => Context::Repository,
        (Screen::Transfers, _) => Context::Transfers,
        (Screen::People, _) => Context::People,
        (_, Pane::Composer) => Context::Composer,
        (_, Pane::Timeline) => Context::Timeline,
        (_, Pane::Conversations | Pane::People) => Context::List,
    }
}

fn can_complete(state: &State) -> bool {
    state.composer.completion.is_some()
}

fn everywhere(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Switcher => lists::open_switcher(state, ""),
        Action::NextUnread => chat::next_unread(state),
        Action::NextPane => turn_pane(state, 1),
        Action::PreviousPane => turn_pane(state, -1),
        Action::ViewChat => show_chat(state),
        Action::ViewRepository => repository::show(state),
        Action::ViewTransfers => transfers::show(state),
        Action::ViewPeople => people::show(state),
        Action::TakeBack => orders::take_back(state),
        Action::Search => lists::open_search(state, ""),
        Action::CreateRoom => forms::open_form(state, FormKind::CreateRoom),
        Action::JoinRoom => rooms::ask_rooms(),
        Action::TogglePeople => taste::toggle_people(state),
        Action::ToggleMouse => taste::toggle_mouse(state),
        Action::NextTheme => taste::next_theme(state),
        Action::PreviousConversation => chat::neighbour(state, -1),
        Action::NextConversation => chat::neighbour(state, 1),
        Action::ScrollUp => page(state, 1),
        Action::ScrollDown => page(state, -1),
        Action::ScrollOldest => chat::scroll_to_oldest(state),
        Action::ScrollNewest => chat::scroll_to_newest(state),
        Action::Redraw => vec![Effect::Redraw],
        Action::Help => lists::open_help(state),
        Action::Quit => session::quit(state),
        Action::ClearOrQuit => clear_or_quit(state),
        Action::Leave => leave(state),
        _ => vec![],
    }
}

fn here(state: &mut State, action: Action) -> Vec<Effect> {
    match context(state) {
        _ if is_help(action) => lists::open_help(state),
        Context::Composer => compose(state, action),
        Context::Timeline => timeline(state, action),
        Context::List => list(state, action),
        Context::Repository => repository::act(state, action),
        Context::Transfers => transfers::act(state, action),
        Context::People => people_keys::act(state, action),
        Context::Global | Context::Overlay => vec![],
    }
}

fn is_help(action: Action) -> bool {
    use Action::{ListHelp, PeopleHelp, RepositoryHelp, TimelineHelp, TransfersHelp};
    matches!(action, ListHelp | PeopleHelp | RepositoryHelp | TimelineHelp | TransfersHelp)
}

fn compose(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Send => return slash::send(state),
        Action::Complete => {
            state.composer.accept();
            return chat::typed(state);
        }
        Action::Attach => return forms::upload_file(state),
        Action::Up | Action::Down => return up_or_down(state, action),
        _ => {}
    }
    let before = state.composer.editor.text();
    edit(&mut state.composer.editor, action);
    match state.composer.editor.text() == before {
        true => {
            state.composer.completion = None;
            vec![]
        }
        false => chat::typed(state),
    }
}

fn up_or_down(state: &mut State, action: Action) -> Vec<Effect> {
    let up = action == Action::Up;
    if let Some(completion) = &mut state.composer.completion {
        let count = completion.offers.len();
        completion.at = (completion.at + if up { count - 1 } else { 1 }) % count;
        return vec![];
    }
    let composer = &mut state.composer;
    let moved = match up {
        _ if composer.is_recalling() => false,
        true => composer.editor.up(),
        false => composer.editor.down(),
    };
    match (moved, up) {
        (true, _) => {}
        (false, true) => composer.recall_earlier(),
        (false, false) => composer.recall_later(),
    }
    vec![]
}

fn timeline(state: &mut State, action: Action) -> Vec<Effect> {
    let selected = state.open_log().and_then(|log| log.selected);
    let folded = selected.filter(|seq| is_folded(state, *seq));
    match (action, selected) {
        (Action::SelectUp, _) => chat::select(state, -1),
        (Action::SelectDown, _) => chat::select(state, 1),
        (Action::FirstUnread, _) => chat::select_first_unread(state),
        (_, None) => chat::select(state, -1),
        // What isn't seen is not answered by mistake: every key asks whether to show it.
        (_, Some(seq)) if folded.is_some() => lists::open_message_menu(state, seq),
        (Action::MessageMenu, Some(seq)) => lists::open_message_menu(state, seq),
        (Action::Reply, Some(seq)) => choices::choose(state, Choice::Reply(seq)),
        (Action::Edit, Some(seq)) => choices::choose(state, Choice::Edit(seq)),
        (Action::Delete, Some(seq)) => choices::choose(state, Choice::AskDelete(seq)),
        (Action::React, Some(seq)) => choices::choose(state, Choice::PickEmoji(seq)),
        (Action::Copy, Some(seq)) => messages::copy_best(state, seq),
        (Action::OpenLink, Some(seq)) => choices::choose(state, Choice::OpenLink(seq)),
        (Action::Fetch, Some(seq)) => lists::fetch_file_of(state, seq),
        _ => vec![],
    }
}

fn is_folded(state: &State, seq: titan_core::Seq) -> bool {
    let log = state.open_log();
    log.is_some_and(|log| log.message(seq).is_some_and(|(entry, _)| fold::is_folded(state, log, entry)))
}

fn list(state: &mut State, action: Action) -> Vec<Effect> {
    match (action, state.pane) {
        (Action::ListUp, Pane::People) => step_people(state, -1),
        (Action::ListDown, Pane::People) => step_people(state, 1),
        (Action::ListOpen | Action::ListMenu, Pane::People) => cards::open_person_here(state),
        (Action::ListUp, _) => step_conversations(state, -1),
        (Action::ListDown, _) => step_conversations(state, 1),
        (Action::ListOpen, _) => open_cursor(state),
        (Action::ListMenu, _) => match state.chat.cursor {
            Some(id) => choices::choose(state, Choice::RoomMenu(id)),
            None => vec![],
        },
        _ => vec![],
    }
}

fn step_people(state: &mut State, by: isize) -> Vec<Effect> {
    let last = state.people_here().len().saturating_sub(1);
    state.people.cursor = state.people.cursor.saturating_add_signed(by).min(last);
    vec![]
}

fn step_conversations(state: &mut State, by: isize) -> Vec<Effect> {
    let from = state.chat.cursor.or(state.chat.open);
    state.chat.cursor = chat::beside(state, from, by).or(from);
    vec![]
}

fn open_cursor(state: &mut State) -> Vec<Effect> {
    match state.chat.cursor {
        Some(id) => chat::open_conversation(state, id),
        None => vec![],
    }
}

/// The panes that can have the focus at this size, in order.
fn turn_pane(state: &mut State, by: isize) -> Vec<Effect> {
    match state.screen {
        Screen::Chat => {}
        Screen::People => return people::turn(state, by),
        _ => return repository::turn(state, by),
    }
    let panes = layout::panes(state);
    let at = panes.iter().position(|pane| *pane == state.pane).unwrap_or(0);
    state.pane = panes[(at + panes.len()).saturating_add_signed(by) % panes.len()];
    match state.pane {
        Pane::Conversations => state.chat.cursor = state.chat.open.or(state.chat.cursor),
        Pane::Timeline if state.open_log().is_some_and(|log| log.selected.is_none()) => return chat::select(state, -1),
        _ => {}
    }
    vec![]
}

fn show_chat(state: &mut State) -> Vec<Effect> {
    state.screen = Screen::Chat;
    chat::seen(state);
    vec![]
}

fn page(state: &mut State, direction: isize) -> Vec<Effect> {
    let lines = state.drawn.timeline_height.saturating_sub(2).max(1) as isize;
    match state.screen {
        Screen::Chat => chat::scroll(state, direction * lines),
        Screen::Repository => repository::step(state, -direction * 10),
        Screen::Transfers => transfers::step(state, -direction * 5),
        Screen::People => people::step(state, -direction * 10),
        Screen::Wizard => vec![],
    }
}

fn clear_or_quit(state: &mut State) -> Vec<Effect> {
    let composer = &mut state.composer;
    if state.screen == Screen::Chat && composer.bring_back() {
        return chat::typed(state);
    }
    if state.screen == Screen::Chat && !composer.editor.is_empty() {
        composer.editor.set("");
        composer.reply_to = None;
        return chat::typed(state);
    }
    state.overlays.push(Overlay::Confirm(Confirm {
        question: words::QUIT_QUESTION.into(),
        detail: words::quit_detail(state.transfers.running()),
        yes: words::QUIT_YES,
        careful: false,
        choice: Choice::Quit,
    }));
    vec![]
}

/// Esc: the innermost thing that is open closes.
fn leave(state: &mut State) -> Vec<Effect> {
    if state.screen != Screen::Chat {
        if state.screen == Screen::Repository && state.repository.query.is_some() {
            return repository::find(state, None);
        }
        return show_chat(state);
    }
    let composer = &mut state.composer;
    if composer.completion.take().is_some() {
        return vec![];
    }
    if composer.give_up() {
        return chat::typed(state);
    }
    if composer.reply_to.take().is_some() {
        chat::changed(state);
        return vec![];
    }
    let selected = state.open_log_mut().and_then(|log| log.selected.take());
    if selected.is_some() || state.pane != Pane::Composer {
        state.pane = Pane::Composer;
        return vec![];
    }
    chat::scroll_to_newest(state)
}

/// Pasted text: one piece, wherever the keys would go.
pub fn pasted(state: &mut State, text: &str) -> Vec<Effect> {
    match state.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => {
            picker.query.insert(text);
            return lists::query_changed(state);
        }
        Some(Overlay::Form(form)) => typing::paste_into_form(form, text),
        Some(Overlay::Confirm(_)) => {}
        None if state.screen == Screen::Wizard => {
            if let Some(form) = state.wizard.form_mut() {
                typing::paste_into_form(form, text);
            }
        }
        None if state.screen == Screen::Chat => {
            state.pane = Pane::Composer;
            state.composer.editor.insert(text.trim_end_matches(['\r', '\n']));
            return chat::typed(state);
        }
        None => {}
    }
    vec![]
}
