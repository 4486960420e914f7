//! What frames the screen says: names of views and panes, the state of the connection, counts.

use crate::app::state::server::ServerInfo;

pub const NAME: &str = "Titan";
pub const TOO_SMALL: &str = "Make me larger";
pub const NO_TERMINAL: &str = "The screen needs a terminal to draw on. For lines instead use titan --plain, for scripts a command \
    such as titan send or titan tail (titan --help names them all).";
pub const TAGLINE: &str = "rooms, people, apps - in your terminal";

// --- views and panes
pub const VIEW_CHAT: &str = "Chat";
pub const VIEW_REPOSITORY: &str = "Repository";
pub const VIEW_TRANSFERS: &str = "Transfers";
pub const UNREAD: &str = "UNREAD";
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

pub fn counts(unread: u64, mentions: u64) -> String {
    let mut parts = Vec::new();
    if mentions > 0 {
        parts.push(format!("@{mentions}"));
    }
    if unread > 0 {
        parts.push(format!("{unread} unread"));
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

pub(super) fn plural(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}

/// A role, state or kind that this version has no word for.
pub const NEWER_WORD: &str = "something newer";
