//! The line at the bottom, and what only the linear mode says.

use titan_core::protocol::FileInfo;

use super::timeline::bytes;

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
pub const PROFILE_SAVED_MAIL: &str = "Your profile is saved. Another mail address than before counts once you follow the link of the letter that goes there.";
pub const MAIL_CONFIRMED: &str = "Your mail address is confirmed.";
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
pub const NEWER_NEWS: &str = "Something happened that needs a newer Titan to show.";
pub const NOT_A_QUESTION: &str = "That is not asked in this way.";
pub const NOBODY_NAMED: &str = "Whom? Give a username or a titan number.";

pub fn host_failed(why: &str) -> String {
    format!("The server on this machine did not start: {why}")
}

pub fn host_ended(why: &str, log: &str) -> String {
    format!(
        "The server on this machine can't go on: {why}. What is true is on disk, and is there when titan starts again; {log} may say more."
    )
}

pub fn cannot_open(what: &str, why: &str) -> String {
    format!("{what} could not be opened: {why}")
}

pub fn cannot_write(path: &str, why: &str) -> String {
    format!("{path} could not be written: {why}")
}

pub const THEME_TOO_LONG: &str = "no file of at most 64 KB";
pub const THEMES: &str = "Colours";
pub const THEMES_ABOUT: &str = "Each shows as you come to it. Enter keeps it.";

pub fn theme_detail(name: &str) -> &'static str {
    match name {
        "dark" => "calm, on a dark ground",
        "light" => "calm, on white",
        "high-contrast" => "black, white and yellow",
        "gruvbox" => "warm and earthy",
        "nord" => "cool and northern",
        "catppuccin" => "soft pastels",
        "none" => "no colours: bold, dim, underlined",
        _ => "your own",
    }
}

pub fn no_such_theme(name: &str, known: &[&str]) -> String {
    format!("There is no theme {name}. There are {}.", known.join(", "))
}

pub fn density_is(name: &str) -> String {
    format!("Messages: {name}")
}

pub fn theme_is(name: &str) -> String {
    format!("Colours: {name}")
}

pub const NICK: &str = "Names stay as they are here; /profile changes your full name.";
pub const AWAY: &str = "Nobody needs to say so here: people see who is online, and what they write waits for you.";
pub const CLEAR: &str = "Nothing needs clearing here: alt-a goes to what is unread, ctrl-l draws the screen anew.";

pub fn topic_is(topic: &str) -> String {
    match topic {
        "" => "This room has no description; /topic with some words gives it one.".to_owned(),
        topic => format!("Topic: {topic}"),
    }
}

pub fn unknown_command(name: &str, nearest: Option<&str>) -> String {
    let meant = nearest.map(|nearest| format!(" Did you mean /{nearest}?")).unwrap_or_default();
    format!(
        "There is no command /{name}.{meant} /help lists them all; a message that begins with a slash begins with two."
    )
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
pub fn not_arrived(count: usize) -> String {
    match count {
        1 => "1 message has not reached the server: it is kept, and goes out at the next start".to_owned(),
        count => format!("{count} messages have not reached the server: they are kept, and go out at the next start"),
    }
}

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
