//! All that the screen says, in one place, so that it says one thing with one word. (What keys and commands do is said in
//! their own tables, `keymap.rs` and `app/commands.rs`.)
//!
//! An error says what to do next. An empty place says how to fill it.

mod deeds;
mod people;

pub use deeds::*;
pub use people::*;

use titan_core::protocol::{
    Account, App, AppState, Body, Category, Conversation, Entry, FileInfo, Role, Room, RoomChange, RoomKind, What,
};

use crate::{
    app::{
        overlay::{FormKind, PickerKind},
        state::{Cargo, SavedTransfer, ServerInfo, Shelf, State, Transfer, TransferState},
    },
    keymap::{Action, Context},
};

pub const NAME: &str = "Titan";
pub const TOO_SMALL: &str = "Make me larger";
pub const TAGLINE: &str = "rooms, people, apps - in your terminal";

// --- views and panes
pub const VIEW_CHAT: &str = "Chat";
pub const VIEW_REPOSITORY: &str = "Repository";
pub const VIEW_TRANSFERS: &str = "Transfers";
pub const ROOMS: &str = "ROOMS";
pub const DIRECTS: &str = "DIRECTS";
pub const NO_ROOMS_YET: &str = "none yet: alt-j";
pub const NO_DIRECTS_YET: &str = "none yet: /dm";
pub const NOBODY_HERE: &str = "nobody yet";
pub const OWNER: &str = "owner";
pub const MODERATOR: &str = "mod";
pub const ADMIN: &str = "admin";
pub const NEW: &str = "new";
pub const DELETED: &str = "message deleted";
pub const EDITED: &str = " (edited)";
pub const SENDING: &str = "sending…";
pub const KEEPING: &str = "goes to disk…";
pub const QUEUED: &str = "waits for the connection, kept on disk";
pub const LOADING: &str = "One moment…";
pub const LOADING_OLDER: &str = "loading earlier messages…";
pub const REPLY_TO_DELETED: &str = "a deleted message";
pub const REPLY_TO_OLDER: &str = "an older message";
pub const EDITING: &str = "changing your message · enter saves · esc leaves it as it was";
pub const WAITS_FOR_CONNECTION: &str = "no connection: what you send is kept and goes out later";
pub const WRITE_NOWHERE: &str = "ctrl-k to go to a room, /help for everything";
pub const NO_CONVERSATION: &str = "No room is open";

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

// --- connection
pub const NOT_CONNECTED: &str = "not connected";
pub const CONNECTING: &str = "connecting…";
pub const ONLINE: &str = "online";
pub const ENDED: &str = "logged out";
pub const NEEDS_CONNECTION: &str = "That needs the connection, which is away just now: try again when it is back.";
pub const NO_SERVER: &str = "No server is chosen: start titan with --server URL.";

pub fn waiting(seconds: u64) -> String {
    format!("offline, reading from the cache · again in {seconds} s")
}

pub fn me(username: &str, number: i64) -> String {
    format!("{username} · {number}")
}

pub fn server_label(server: &ServerInfo) -> String {
    match server.hosted {
        true => "on this machine".to_owned(),
        false => server.url.clone(),
    }
}

pub fn counts(unread: u64, mentions: u64, transfers: usize) -> String {
    let mut parts = Vec::new();
    if mentions > 0 {
        parts.push(format!("@{mentions}"));
    }
    if unread > 0 {
        parts.push(format!("{unread} unread"));
    }
    if transfers > 0 {
        parts.push(format!("{transfers} {}", plural(transfers, "transfer", "transfers")));
    }
    parts.join(" · ")
}

pub fn badge(unread: u64, mentions: u64) -> String {
    match (mentions, unread) {
        (0, 0) => String::new(),
        (0, 1000..) => "999+".to_owned(),
        (0, unread) => unread.to_string(),
        (mentions, _) => format!("@{mentions}"),
    }
}

fn plural(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}

// --- the timeline
pub fn direct_topic(account: &Account) -> String {
    let name = account.full_name.as_deref().map(|name| format!("{name} · ")).unwrap_or_default();
    format!("{name}{}", account.titan_number)
}

pub fn members_here(count: usize) -> String {
    format!("{count} {}", plural(count, "member", "members"))
}

pub fn people_heading(online: usize, all: usize, width: usize) -> String {
    let whole = format!("PEOPLE  {online} of {all} online");
    match all {
        0 => "PEOPLE".to_owned(),
        _ if crate::wrap::width(&whole) < width => whole,
        _ => format!("PEOPLE  {online} of {all}"),
    }
}

pub fn welcome_to(title: &str) -> String {
    format!("Welcome to {title}")
}

pub fn beginning_of(title: &str) -> String {
    format!("This is the beginning of {title}.")
}

pub fn empty_conversation(state: &State, conversation: &Conversation) -> String {
    let key = |action| state.keymap.key(action);
    let first = match &conversation.what {
        What::Room(_) => "Nothing has been said here yet. Type a message and press enter.",
        What::Direct(_) => "Nothing has been said between you two yet. Type a message and press enter.",
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

pub fn write_in(title: &str) -> String {
    format!("Write in {title}")
}

pub fn replying(username: &str, text: &str) -> String {
    format!("replying to {username}: {}", first_line(text))
}

pub fn quote(username: &str, text: &str, file: Option<&FileInfo>) -> String {
    match (text.is_empty(), file) {
        (true, Some(file)) => format!("{username}: {}", file.name),
        _ => format!("{username}: {}", first_line(text)),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
}

pub fn quoted(text: &str) -> String {
    format!("“{}”", crate::wrap::cut(first_line(text), 120))
}

pub fn typing(people: &[&str]) -> String {
    match people {
        [one] => format!("{one} is writing…"),
        [one, other] => format!("{one} and {other} are writing…"),
        _ => format!("{} people are writing…", people.len()),
    }
}

pub fn file_facts(file: &FileInfo) -> String {
    format!("  {} · s downloads it", bytes(file.size))
}

pub fn refused(why: &str) -> String {
    format!("not sent: {why}")
}

pub fn not_sent(why: &str) -> String {
    format!("Not sent: {why}")
}

pub fn more_below(key: &str) -> String {
    match key {
        "" => " ↓ more ".to_owned(),
        key => format!(" ↓ more · {key} "),
    }
}

/// What a line that is no message says; none for what shows on the message it changed.
pub fn happening(entry: &Entry) -> Option<String> {
    let who = &entry.author.username;
    Some(match &entry.body {
        Body::Joined {} => format!("→ {who} joined"),
        Body::Left { by: Some(by) } => format!("← {who} was removed by {}", by.username),
        Body::Left { by: None } => format!("← {who} left"),
        Body::FileFetched { name, .. } => format!("↓ {who} downloaded {name}"),
        Body::RoomChanged { change } => room_changed(who, change),
        Body::Damaged {} => "This entry is damaged on the server's disk.".to_owned(),
        Body::Unknown => "something that needs a newer Titan to show".to_owned(),
        Body::Message(_) | Body::Edit { .. } | Body::Deletion { .. } | Body::Reaction { .. } => return None,
    })
}

fn room_changed(who: &str, change: &RoomChange) -> String {
    let mut parts = Vec::new();
    if let Some(name) = &change.name {
        parts.push(format!("called the room {name}"));
    }
    if let Some(description) = &change.description {
        parts.push(format!("set the description: {}", first_line(description)));
    }
    match change.locked {
        Some(true) => parts.push("locked the room with a password".to_owned()),
        Some(false) => parts.push("unlocked the room".to_owned()),
        None => {}
    }
    format!("✎ {who} {}", parts.join(", "))
}

/// A line of a history listing: everything, messages too.
pub fn history_line(entry: &Entry) -> Option<String> {
    match &entry.body {
        Body::Message(message) if message.deleted => Some(format!("{}: {DELETED}", entry.author.username)),
        Body::Message(message) => {
            let file = message.file.as_ref().map(|file| format!("[{}] ", file.name)).unwrap_or_default();
            Some(format!("{}: {file}{}", entry.author.username, message.text.replace('\n', " ")))
        }
        _ => happening(entry),
    }
}

// --- sizes and times
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 1_000.0 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{count} B"),
        _ if value < 10.0 => format!("{value:.1} {}", UNITS[unit]),
        _ => format!("{value:.0} {}", UNITS[unit]),
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

// --- transfers
pub const RUNNING: &str = "running";
pub const PAUSED: &str = "paused · p goes on";
pub const NO_TRANSFERS: &str = "Nothing is moving";
pub const NO_TRANSFERS_HINT: &str = "Download an app in the repository (alt-2, then enter), or a file from the chat (choose the message, then s).\nSend a file to a room with alt-u, an app to the repository with alt-2, then u.";
pub const CANCEL_DETAIL: &str = "What has been transferred so far is thrown away.";
pub const CANCEL_YES: &str = "cancel it";

pub fn done(transfer: &Transfer) -> String {
    let checked = if transfer.saved.sha256.is_some() { " · ✓ SHA-256 checked" } else { "" };
    match transfer.saved.cargo.is_upload() {
        true => format!("sent · {}{checked}", bytes(transfer.saved.size)),
        false => format!("done · {}{checked}", bytes(transfer.saved.size)),
    }
}

pub fn failed(why: &str) -> String {
    format!("failed: {why} · p tries again")
}

pub fn progress(transfer: &Transfer) -> String {
    let mut text = match transfer.saved.size {
        0 => bytes(transfer.saved.done),
        size => format!("{} of {}", bytes(transfer.saved.done), bytes(size)),
    };
    if transfer.rate > 1.0 {
        text.push_str(&format!(" · {}/s", bytes(transfer.rate as u64)));
        if let Some(left) = transfer.seconds_left().filter(|_| transfer.saved.size > 0) {
            text.push_str(&format!(" · {} left", duration(left)));
        }
    }
    text
}

pub fn sending(name: &str) -> String {
    format!("Sending {name}")
}

pub fn fetching(name: &str) -> String {
    format!("Downloading {name}")
}

pub fn sent_file(name: &str) -> String {
    format!("{name} is there.")
}

pub fn fetched(name: &str, path: &str) -> String {
    format!("{name} is in {path}, its SHA-256 checked.")
}

/// What is said when a transfer begins.
pub fn begun(cargo: &Cargo, name: &str, path: &str) -> String {
    match cargo {
        Cargo::Export => exporting(path),
        cargo if cargo.is_upload() => sending(name),
        _ => fetching(name),
    }
}

/// What is said when it is done.
pub fn ended(saved: &SavedTransfer) -> String {
    let path = saved.path.display().to_string();
    match &saved.cargo {
        Cargo::Export => exported(&path),
        cargo if cargo.is_upload() => sent_file(&saved.name),
        _ => fetched(&saved.name, &path),
    }
}

pub fn transfer_failed(name: &str, why: &str) -> String {
    format!("{name}: {why}")
}

pub fn transfers_wait(count: usize, key: &str) -> String {
    format!("{count} {} to go on: {key}, then p.", plural(count, "transfer waits", "transfers wait"))
}

pub fn cancel_transfer(name: &str) -> String {
    format!("Cancel the transfer of {name}?")
}

// --- repository
pub const SHELVES: &str = "REPOSITORY";
pub const AUTHOR: &str = "author";
pub const CATEGORY: &str = "category";
pub const FILE: &str = "file";
pub const DOWNLOADS: &str = "downloads";
pub const UPLOADED: &str = "uploaded";
pub const SHA256: &str = "SHA-256";
pub const NO_DESCRIPTION: &str = "No description.";
pub const REPOSITORY_OFFLINE: &str = "The repository needs the connection, which is away just now.";
pub const NOT_APPROVED_YET: &str = "An admin has not approved this app, so it can't be downloaded.";
pub const ONLY_ADMINS: &str = "Only admins may do that.";
pub const NOT_YOUR_APP: &str = "Only its author and admins may delete an app.";
pub const APP_DELETED: &str = "The app is deleted.";
pub const APP_REJECTED: &str = "Rejected; its author is told why.";
pub const DELETE_APP_DETAIL: &str = "It disappears from the repository for everybody.";

pub fn shelf(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::All => "All apps",
        Shelf::Of(category) => self::category(category),
        Shelf::Waiting => "Waiting",
        Shelf::Rejected => "Rejected",
    }
}

pub fn category(category: Category) -> &'static str {
    match category {
        Category::Application => "Applications",
        Category::Component => "Components",
        Category::SoundTheme => "Sound themes",
        Category::Game => "Games",
        Category::TcePackage => "TCE packages",
        Category::LanguagePack => "Language packs",
    }
}

pub fn shelf_line(name: &str) -> String {
    format!(" ‹ {name} ›  left and right turn")
}

pub fn apps_heading(query: Option<&str>) -> String {
    match query {
        Some(query) => format!("APPS  with “{query}” · esc shows all"),
        None => "APPS".to_owned(),
    }
}

pub fn no_apps(shelf: Shelf, searching: bool, admin: bool) -> &'static str {
    match (shelf, searching) {
        (_, true) => "No app matches. Esc shows all.",
        (Shelf::Waiting, _) if admin => "Nothing waits to be approved.",
        (Shelf::Waiting, _) => "Nothing of yours waits to be approved.",
        (Shelf::Rejected, _) => "Nothing was rejected.",
        _ => "No apps here yet. Press u to upload the first one.",
    }
}

pub fn app_title(app: &App) -> String {
    format!("{} {}", app.name, app.version)
}

pub fn app_in_switcher(version: &str) -> String {
    format!("app {version}")
}

pub fn standing(app: &App) -> String {
    match (app.state, &app.decided_by, &app.reason) {
        (AppState::Approved, Some(by), _) => format!("✓ approved by {}", by.username),
        (AppState::Approved, None, _) => "✓ approved".to_owned(),
        (AppState::Pending, _, _) => "◌ waits for an admin's approval".to_owned(),
        (AppState::Rejected, _, Some(reason)) => format!("✗ rejected: {reason}"),
        (AppState::Rejected, _, None) => "✗ rejected".to_owned(),
    }
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

pub fn app_approved(name: &str) -> String {
    format!("{name} is approved: everybody can download it.")
}

pub fn app_changed(app: &App) -> String {
    match app.state {
        AppState::Pending => format!("{} uploaded {}: it waits for approval.", app.author.username, app.name),
        AppState::Approved => format!("{} is approved.", app.name),
        AppState::Rejected => match &app.reason {
            Some(reason) => format!("{} was rejected: {reason}", app.name),
            None => format!("{} was rejected.", app.name),
        },
    }
}

pub fn delete_app(name: &str) -> String {
    format!("Delete the app {name}?")
}

// --- pickers
pub const GO_TO: &str = "Go to";
pub const HELP: &str = "Keys and commands";
pub const SEARCH: &str = "Search";
pub const COMMANDS: &str = "COMMANDS";
pub const ADMIN_COMMANDS: &str = "COMMANDS FOR ADMINS";
pub const SEARCH_EMPTY: &str = "Type words that a message holds. Works offline too, in what this machine has kept.";
pub const SEARCH_NOTHING: &str = "No message holds all these words.";
pub const NOTHING_MATCHES: &str = "Nothing matches.";
pub const ALL_ROOMS: &str = "All rooms";
pub const NO_ROOMS: &str = "There is no room yet: alt-n creates one.";
pub const ONLINE_NOW: &str = "Online now";
pub const NOBODY: &str = "Nobody.";
pub const NOTHING_SAID: &str = "Nothing has been said there.";
pub const NO_FILES: &str = "No files here yet: alt-u sends one.";
pub const REACT_WITH: &str = "React with";

pub fn typing_narrows(kind: PickerKind) -> &'static str {
    match kind {
        PickerKind::Switcher => "a few letters · # rooms  @ people  > apps and files  / commands",
        PickerKind::Search => "words to find",
        PickerKind::Emoji(_) => "its name",
        PickerKind::List => "type to narrow",
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

pub fn unread_detail(unread: u64, mentions: u64) -> String {
    match (unread, mentions) {
        (0, _) => String::new(),
        (unread, 0) => format!("{unread} unread"),
        (unread, mentions) => format!("{unread} unread, {mentions} for you"),
    }
}

pub fn room_detail(room: &Room) -> String {
    let mut parts = vec![members_here(room.members as usize)];
    if room.locked {
        parts.push("password".to_owned());
    }
    if room.kind == RoomKind::Voice {
        parts.push("voice".to_owned());
    }
    if room.joined {
        parts.push("joined".to_owned());
    }
    if !room.description.is_empty() {
        parts.push(first_line(&room.description).to_owned());
    }
    parts.join(" · ")
}

pub fn online_or_not(online: bool) -> &'static str {
    if online { "online" } else { "offline" }
}

pub fn online_detail(online: bool) -> &'static str {
    if online { "online" } else { "" }
}

pub fn person_detail(account: &Account, online: bool) -> String {
    let mut parts = vec![account.titan_number.to_string()];
    parts.extend(account.full_name.as_ref().map(|name| name.to_string()));
    if account.role == Role::Admin {
        parts.push(ADMIN.to_owned());
    }
    parts.push(online_or_not(online).to_owned());
    parts.join(" · ")
}

pub fn person_heading(account: &Account) -> String {
    match &account.full_name {
        Some(name) => format!("{} · {} · {name}", account.username, account.titan_number),
        None => format!("{} · {}", account.username, account.titan_number),
    }
}

pub fn members_of(title: &str) -> String {
    format!("Members of {title}")
}

pub fn history_of(room: &str) -> String {
    format!("History of {room}")
}

pub fn files_of(room: &str) -> String {
    format!("Files of {room}")
}

pub fn file_detail(size: &str, username: &str) -> String {
    format!("{size} · {username}")
}

pub fn found_detail(place: &str, username: &str, when: &str) -> String {
    format!("{place} · {username} · {when}")
}

pub fn message_of(username: &str) -> String {
    format!("Message of {username}")
}

pub const DO_REPLY: &str = "Reply";
pub const DO_REACT: &str = "React with an emoji";
pub const DO_FETCH: &str = "Download the file";
pub const DO_EDIT: &str = "Change it";
pub const DO_DELETE: &str = "Delete it";
pub const DO_COPY: &str = "Copy the text";
pub const DO_OPEN_LINK: &str = "Open the link";
pub const DO_PROFILE: &str = "Change your name, blog, mail";
pub const DO_PASSWORD: &str = "Change your password";
pub const DO_LOGOUT: &str = "Log out";
pub const DO_WRITE: &str = "Write a direct message";
pub const DO_MENTION: &str = "Mention in this room";
pub const DO_BLOG: &str = "Open the blog";
pub const DO_GRANT: &str = "Make an admin";
pub const DO_REVOKE: &str = "Take the admin role away";
pub const DO_BAN: &str = "Ban";
pub const DO_UNBAN: &str = "Let in again";
pub const DO_RESET: &str = "Set a new password";
pub const DO_OPEN: &str = "Open";
pub const DO_EDIT_ROOM: &str = "Change name, description, password";
pub const DO_DELETE_ROOM: &str = "Delete the room";
pub const DO_LEAVE: &str = "Leave the room";

// --- confirmations
pub const SURE: &str = "Sure?";
pub const DELETE_QUESTION: &str = "Delete this message for everybody?";
pub const DELETE_YES: &str = "delete";
pub const DELETE_ROOM_DETAIL: &str = "Its whole history goes with it, for everybody.";
pub const QUIT_QUESTION: &str = "Leave Titan?";
pub const QUIT_YES: &str = "leave";

pub const LOGOUT_QUESTION: &str = "Log out?";
pub const LOGOUT_YES: &str = "log out";

pub const LOGOUT_DETAIL: &str = "You need your password to come back. What this machine keeps of the history stays.";

pub fn logout_detail(username: &str) -> String {
    format!("If Titan made this account for you, it has no password you know, and you can't come back as {username}.")
}

pub fn quit_detail(transfers: usize) -> String {
    match transfers {
        0 => String::new(),
        count => format!("{count} {} and can go on later.", plural(count, "transfer pauses", "transfers pause")),
    }
}

pub fn delete_room(name: &str) -> String {
    format!("Delete the room {name}?")
}

pub fn confirm_keys(yes: &str) -> String {
    format!("enter or y: {yes}    esc or n: no")
}

// --- forms
pub const OPTIONAL: &str = "may stay empty";
pub const PICK_HINT: &str = "left and right choose";
pub const ONE_MOMENT: &str = "One moment…";
pub const CREATE_ROOM: &str = "Create a room";
pub const JOIN_ROOM: &str = "Join a room";
pub const EDIT_ROOM: &str = "Change the room";
pub const ROOM_NAME: &str = "Name";
pub const ROOM_NAME_HINT: &str = "what everybody sees";
pub const JOIN_HINT: &str = "its name";
pub const DESCRIPTION: &str = "Description";
pub const ROOM_PASSWORD: &str = "Password";
pub const ROOM_PASSWORD_HINT: &str = "empty: anybody may join";
pub const ROOM_PASSWORD_ASKED: &str = "ask the room's owner";
pub const ROOM_PASSWORD_KEEP: &str = "empty: stays as it is";
pub const KIND: &str = "Kind";
pub const KIND_TEXT: &str = "text";
pub const KIND_VOICE: &str = "voice and text";
pub const UPLOAD_APP: &str = "Upload an app to the repository";
pub const FILE_PATH: &str = "File";
pub const FILE_PATH_HINT: &str = "its path on this machine, ~ is your home";
pub const FILE_TEXT: &str = "Text";
pub const FILE_TEXT_HINT: &str = "a word with it, may stay empty";
pub const APP_CATEGORY: &str = "Category";
pub const APP_NAME: &str = "Name";
pub const APP_NAME_HINT: &str = "as it is to be listed";
pub const VERSION: &str = "Version";
pub const VERSION_HINT: &str = "such as 1.0";
pub const APP_DESCRIPTION_HINT: &str = "what it does, may stay empty";
pub const REJECT_APP: &str = "Reject the app";
pub const REASON: &str = "Reason";
pub const REASON_HINT: &str = "the author reads it";
pub const FIND_APPS: &str = "Search the apps";
pub const WORDS: &str = "Words";
pub const WORDS_HINT: &str = "empty shows all";
pub const PROFILE: &str = "Your profile";
pub const FULL_NAME: &str = "Full name";
pub const BLOG: &str = "Blog";
pub const BLOG_HINT: &str = "https://…, may stay empty";
pub const MAIL: &str = "Mail";
pub const MAIL_HINT: &str = "empty: stays as it is; nobody else sees it";
pub const CHANGE_PASSWORD: &str = "Change your password";
pub const OLD_PASSWORD: &str = "Old password";
pub const NEW_PASSWORD: &str = "New password";
pub const NEW_PASSWORD_AGAIN: &str = "Once more";

pub fn form_hint(kind: &FormKind) -> &'static str {
    match kind {
        FormKind::Login => {
            "enter logs in · tab next field · f2 makes a new account · f3 forgot the password · esc back"
        }
        FormKind::Register => "enter registers · tab next field · f2 logs in instead · esc back",
        FormKind::Address => "enter goes on · esc back",
        FormKind::DeleteAccount => "enter deletes it for good; what you wrote stays · tab next field · esc keeps it",
        FormKind::ChangePassword => "enter saves · tab next field · esc leaves · other logins of yours end",
        _ => "enter does it · tab next field · esc leaves",
    }
}

pub fn upload_to(title: &str) -> String {
    format!("Send a file to {title}")
}

pub fn room_is_locked(name: &str) -> String {
    format!("#{name} asks for a password")
}

pub fn reset_password_of(name: &str) -> String {
    format!("A new password for {name}")
}

pub fn ban_title(name: &str) -> String {
    format!("Ban {name}")
}

// --- wizard
pub const WIZARD_TITLE: &str = "Where do you want to chat?";
pub const WAY_HOST: &str = "Start a server on this machine";
pub const WAY_HOST_ABOUT: &str =
    "For yourself or as a beginning; it runs while Titan does. Nothing leaves this machine.";
pub const WAY_CONNECT: &str = "Connect to a server";
pub const WAY_CONNECT_ABOUT: &str = "You need its address.";
pub const WAY_LEAVE: &str = "Leave";
pub const WAYS_HINT: &str = "up and down choose · enter takes it";
pub const CONNECT_TITLE: &str = "Which server?";
pub const ADDRESS: &str = "Address";
pub const ADDRESS_HINT: &str = "such as https://chat.example.org";
pub const LOGIN_TITLE: &str = "Log in";
pub const REGISTER_TITLE: &str = "Make an account";
pub const USERNAME: &str = "Username";
pub const USERNAME_HINT: &str = "your name there";
pub const NEW_USERNAME_HINT: &str = "letters, digits, _ - .";
pub const PASSWORD: &str = "Password";
pub const PASSWORD_HINT: &str = "";
pub const NEW_PASSWORD_HINT: &str = "long is better than odd";
pub const ADMIN_KEY: &str = "Admin key";
pub const ADMIN_KEY_HINT: &str = "only if you run the server";
pub const STARTING_SERVER: &str = "Starting the server…";

pub fn at_server(server: &ServerInfo) -> String {
    match server.hosted {
        true => "The server runs on this machine.".to_owned(),
        false => format!("at {}", server.url),
    }
}

pub fn bad_address(address: &str) -> String {
    match address {
        "" => "Type the server's address, such as https://chat.example.org or localhost:8000.".to_owned(),
        _ => format!("“{address}” is no server address: write it as https://chat.example.org or host:port."),
    }
}

pub fn welcome(username: &str, number: i64) -> String {
    format!("Welcome, {username}. Your titan number is {number}.")
}

// --- notices
pub const ALL_READ: &str = "Everything is read.";
pub const NO_ROOM_OPEN: &str = "No room is open: ctrl-k goes to one, alt-n creates one.";
pub const NOT_A_ROOM: &str = "This is a direct conversation; only rooms can be left.";
pub const NOT_YOURS: &str = "Only messages of your own can be changed.";
pub const NOTHING_OF_YOURS: &str = "There is no message of yours here.";
pub const NOTHING_HERE: &str = "There is no message here.";
pub const NO_LINK: &str = "No link in this message.";
pub const NO_FILE_HERE: &str = "No file in this message.";
pub const COPIED: &str = "Copied.";
pub const MOUSE_ON: &str = "The mouse is Titan's: click and scroll. alt-m gives it back to the terminal.";
pub const MOUSE_OFF: &str = "The mouse is the terminal's: select text as usual. alt-m takes it back.";
pub const ROOM_CHANGED: &str = "The room is changed.";
pub const ROOM_DELETED: &str = "The room is deleted.";
pub const PROFILE_SAVED: &str = "Your profile is saved.";
pub const PASSWORD_CHANGED: &str = "The password is changed.";
pub const PASSWORDS_DIFFER: &str = "The two new passwords differ: type the same one twice.";
pub const ADMIN_KEY_CHANGED: &str = "The admin key is changed.";
pub const NOW_ADMIN: &str = "You are an admin now.";
pub const NO_LONGER_ADMIN: &str = "You are no admin any more.";
pub const NOT_LOGGED_IN: &str = "You are not logged in.";
pub const NOWHERE: &str = "You are not in any room.";
pub const LOGGED_OUT: &str = "You logged out.";

pub const CANNOT_HOST: &str = "This build has no server in it: connect to one, or build with the feature solo.";
pub const NO_FREE_NAME: &str = "No name is free on the server here: register with one of your own.";
pub const NOT_A_QUESTION: &str = "That is not asked in this way.";
pub const NOBODY_NAMED: &str = "Whom? Give a username or a titan number.";

pub fn host_failed(why: &str) -> String {
    format!("The server on this machine did not start: {why}")
}

pub fn cannot_open(what: &str, why: &str) -> String {
    format!("{what} could not be opened: {why}")
}

pub fn cannot_write(path: &str, why: &str) -> String {
    format!("{path} could not be written: {why}")
}

pub fn theme_is(name: &str) -> String {
    format!("Colours: {name}")
}

pub fn unknown_command(name: &str) -> String {
    format!("There is no command /{name}: /help lists them all. A message that begins with a slash begins with two.")
}

pub fn usage(name: &str, usage: &str) -> String {
    format!("Usage: /{name} {usage}")
}

pub fn no_room(name: &str) -> String {
    format!("There is no room “{name}”: /list_all_rooms shows them all, /create {name} makes it.")
}

pub fn no_file(name: &str) -> String {
    format!("No file “{name}” in this room: /list_files shows them.")
}

pub fn no_blog(name: &str) -> String {
    format!("{name} has set no blog.")
}

pub fn not_a_link(url: &str) -> String {
    format!("“{url}” is no web address, so it isn't opened.")
}

pub fn you_are(username: &str, number: i64, admin: bool) -> String {
    format!("You are {username}, titan number {number}{}.", if admin { ", an admin" } else { "" })
}

pub fn you_are_in(title: &str) -> String {
    format!("You are in {title}.")
}

pub fn account_added(username: &str) -> String {
    format!("{username} has an account now.")
}

pub fn account_updated(username: &str) -> String {
    format!("{username} is updated.")
}

/// A fault's words as a sentence of their own.
pub fn sentence(text: &str) -> String {
    if text.starts_with("http") {
        return text.to_owned(); // an address is not to be capitalised
    }
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

// --- the linear mode
pub const PLAIN_ANSWER: &str = "? ";
pub const PLAIN_CONFIRM: &str = "y for yes, n for no";
pub const PLAIN_SWITCH: &str = "new";
pub const PLAIN_ACCOUNT: &str = "Type new instead of a name to change between logging in and making an account.";
pub const PLAIN_REPOSITORY: &str = "A number downloads, words search, a full stop goes back to the chat.";
pub const INPUT_ENDED: &str = "the input ended";

pub fn plain_row(number: usize, text: &str, detail: &str) -> String {
    match detail {
        "" => format!("{number}. {text}"),
        detail => format!("{number}. {text}, {detail}"),
    }
}

pub fn plain_picker(more: usize) -> String {
    let rest = if more > 0 { format!("{more} more: words narrow the list. ") } else { String::new() };
    format!("{rest}A number chooses, a full stop leaves.")
}

pub fn plain_field(label: &str, hint: &str) -> String {
    match hint {
        "" => label.to_owned(),
        hint => format!("{label}: {hint}"),
    }
}

pub fn plain_file(file: &FileInfo, text: &str) -> String {
    let about = if text.is_empty() { String::new() } else { format!("{text}, ") };
    format!("{about}file {}, {}, /download {} fetches it", file.name, bytes(file.size), file.name)
}

pub fn transfer_line(transfer: &Transfer) -> String {
    let standing = match &transfer.state {
        TransferState::Running => RUNNING.to_owned(),
        TransferState::Paused => PAUSED.to_owned(),
        TransferState::Done => done(transfer),
        TransferState::Failed(why) => failed(why),
    };
    format!("{}: {standing}", transfer.saved.name)
}

// --- settings
pub fn unknown_action(name: &str) -> String {
    format!("settings.toml: no action is called “{name}”; f1 lists them.")
}

pub fn unknown_key(name: &str, key: &str) -> String {
    format!("settings.toml: “{key}” (for {name}) is no key; write it like ctrl-k, alt-enter, f5.")
}

pub fn key_clash(key: &str, kept: &str, lost: &str) -> String {
    format!("settings.toml: {key} is given to both {kept} and {lost}; {kept} keeps it.")
}

pub fn settings_unreadable(why: &str) -> String {
    format!("settings.toml can't be read ({why}), so the defaults hold.")
}
