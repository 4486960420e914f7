//! What is said of keys: the hints under each pane, what to press where nothing is yet.

use titan_core::protocol::{App, AppState, Conversation, What};

use crate::{
    app::{
        overlay::{FormKind, PickerKind},
        state::State,
    },
    keymap::{Action, Context},
};

// --- hints, the most useful first
pub const COMPOSER_HINTS: &[(Action, &str)] = &[
    (Action::Help, "help"),
    (Action::Switcher, "go to"),
    (Action::NextPane, "next pane"),
    (Action::NextUnread, "next unread"),
    (Action::Search, "search"),
    (Action::ViewRepository, "repository"),
    (Action::NewLine, "new line"),
    (Action::Attach, "send a file"),
    (Action::Quit, "leave"),
];
pub const TIMELINE_HINTS: &[(Action, &str)] = &[
    (Action::MessageMenu, "more"),
    (Action::Reply, "reply"),
    (Action::React, "react"),
    (Action::Edit, "edit"),
    (Action::Delete, "delete"),
    (Action::Copy, "copy"),
    (Action::Fetch, "download"),
    (Action::OpenLink, "open link"),
    (Action::Leave, "back"),
];
pub const LIST_HINTS: &[(Action, &str)] = &[
    (Action::ListOpen, "open"),
    (Action::ListMenu, "more"),
    (Action::JoinRoom, "join a room"),
    (Action::CreateRoom, "create a room"),
    (Action::NextPane, "next pane"),
    (Action::Leave, "back"),
];
pub const REPOSITORY_HINTS: &[(Action, &str)] = &[
    (Action::Install, "download"),
    (Action::FindApps, "search"),
    (Action::CategoryNext, "category"),
    (Action::Upload, "upload"),
    (Action::Leave, "back"),
    (Action::DeleteApp, "delete"),
    (Action::RefreshApps, "ask again"),
];
pub const ADMIN_REPOSITORY_HINTS: &[(Action, &str)] = &[
    (Action::Install, "download"),
    (Action::FindApps, "search"),
    (Action::CategoryNext, "category"),
    (Action::Upload, "upload"),
    (Action::Approve, "approve"),
    (Action::Reject, "reject"),
    (Action::Leave, "back"),
    (Action::DeleteApp, "delete"),
];
pub const TRANSFERS_HINTS: &[(Action, &str)] = &[
    (Action::PauseResume, "pause/go on"),
    (Action::CancelTransfer, "cancel"),
    (Action::ShowFolder, "open folder"),
    (Action::ClearDone, "forget finished"),
    (Action::Leave, "back"),
];

/// What the keys do while one writes.
pub fn composer_keys(key: impl Fn(Action) -> String, edits: bool) -> String {
    let does = if edits { "changes it" } else { "sends" };
    format!("{} {does} · {} new line", key(Action::Send), key(Action::NewLine))
}

pub fn empty_conversation(state: &State, conversation: &Conversation) -> String {
    let key = |action| state.keymap.key(action);
    let first = match &conversation.what {
        What::Direct(_) => "Nothing has been said between you two yet. Type a message and press enter.",
        _ => "Nothing has been said here yet. Type a message and press enter.",
    };
    format!(
        "{first}\n\n{} goes to any room, person, app or command\n{} creates a room, {} joins one\n{} shows the apps of the repository\n{} shows all keys and commands",
        key(Action::Switcher),
        key(Action::CreateRoom),
        key(Action::JoinRoom),
        key(Action::ViewRepository),
        key(Action::Help),
    )
}

pub fn no_conversation(state: &State) -> String {
    let key = |action| state.keymap.key(action);
    format!(
        "{} joins a room, {} creates one.\n{} goes anywhere, {} tells all keys.",
        key(Action::JoinRoom),
        key(Action::CreateRoom),
        key(Action::Switcher),
        key(Action::Help)
    )
}

pub fn app_keys(state: &State, app: &App) -> String {
    let key = |action| state.keymap.key(action);
    let mut parts = Vec::new();
    match app.state {
        AppState::Approved => parts.push(format!("{} downloads it", key(Action::Install))),
        _ if state.is_admin() => {
            parts.push(format!("{} approves", key(Action::Approve)));
            parts.push(format!("{} rejects", key(Action::Reject)));
        }
        _ => {}
    }
    if state.is_admin() || state.is_me(app.author.id) {
        parts.push(format!("{} deletes it", key(Action::DeleteApp)));
    }
    parts.join(" · ")
}

pub fn typing_narrows(kind: PickerKind) -> &'static str {
    match kind {
        PickerKind::Switcher => "a few letters · # rooms  @ people  > apps and files  / commands",
        PickerKind::Search => "words to find",
        PickerKind::Emoji(_) => "its name",
        PickerKind::List | PickerKind::Help => "type to narrow",
    }
}

pub fn context(context: Context) -> &'static str {
    match context {
        Context::Global => "EVERYWHERE",
        Context::Composer => "WHILE WRITING",
        Context::Timeline => "IN THE TIMELINE",
        Context::List => "IN A LIST OF ROOMS OR PEOPLE",
        Context::Repository => "IN THE REPOSITORY",
        Context::Transfers => "IN THE TRANSFERS",
        Context::People => "IN THE VIEW OF PEOPLE",
        Context::Overlay => "IN A LIST OR FORM LIKE THIS",
    }
}

/// `careful`: no key that one may be typing anyway says yes.
pub fn quit_keys(again: &str) -> String {
    format!("{again} or y: leave    any other key: stay")
}

pub fn confirm_keys(yes: &str, careful: bool) -> String {
    format!("{}: {yes}    esc or n: no", if careful { "f2" } else { "enter or y" })
}

pub fn form_hint(kind: &FormKind) -> &'static str {
    match kind {
        FormKind::Login => {
            "enter logs in · tab next field · f2 makes a new account · f3 forgot the password · esc back"
        }
        FormKind::Register => "enter registers · tab next field · f2 logs in instead · esc back",
        FormKind::Address | FormKind::Code(..) | FormKind::ChooseOwn(..) => "enter goes on · tab next field · esc back",
        FormKind::Confirm(..) => "enter goes on · tab next field · esc leaves it",
        FormKind::DeleteAccount => "enter deletes it for good; what you wrote stays · tab next field · esc keeps it",
        FormKind::ChangePassword => "enter saves · tab next field · esc leaves · other logins of yours end",
        _ => "enter does it · tab next field · esc leaves",
    }
}
