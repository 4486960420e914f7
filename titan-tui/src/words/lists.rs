//! What pickers, menus and confirmations say.

use titan_core::protocol::{Account, Role, Room, RoomKind};

use super::{
    screen::{ADMIN, plural},
    timeline::{first_line, members_here},
};

// --- pickers
pub const GO_TO: &str = "Go to";
pub const HELP: &str = "Keys and commands";
pub const SEARCH: &str = "Search";
pub const COMMANDS: &str = "COMMANDS";
pub const ADMIN_COMMANDS: &str = "COMMANDS FOR ADMINS";
pub const SEARCH_EMPTY: &str = "Type words that a message holds. Works offline too, in what this machine has kept.";
pub const SEARCH_NOTHING: &str = "No message holds all these words.";
pub const SEARCH_FURTHER: &str = "Look further back";
pub const SEARCH_IS_CUT: &str = "there may be more, and older";
pub const SEARCH_GOES_ON: &str = "Looking further back…";
pub const ALL_ROOMS: &str = "All rooms";
pub const NO_ROOMS: &str = "There is no room yet: alt-n creates one.";
pub const ONLINE_NOW: &str = "Online now";
pub const NOBODY: &str = "Nobody.";
pub const NOTHING_SAID: &str = "Nothing has been said there.";
pub const NO_FILES: &str = "No files here yet: alt-u sends one.";
pub const REACT_WITH: &str = "React with";

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
