//! What stands in the timeline and around the composer; sizes, times and plurals.

use titan_core::{
    protocol::{Account, Body, Entry, FileInfo, RoomChange},
    text::{MESSAGE_MOST, characters},
};

use super::screen::{DELETED, plural};

// --- the timeline
pub fn direct_topic(account: &Account) -> String {
    let name = account.full_name.as_deref().map(|name| format!("{name} · ")).unwrap_or_default();
    format!("{name}{}", account.titan_number)
}

/// Rows of a list that are out of sight, above and below.
pub fn out_of_sight(above: usize, below: usize) -> String {
    match (above, below) {
        (0, 0) => String::new(),
        (above, 0) => format!("⌃ {above}"),
        (0, below) => format!("⌄ {below}"),
        (above, below) => format!("⌃ {above}  ⌄ {below}"),
    }
}

pub const COPY_WHAT: &str = "Copy what?";
pub const WHOLE_MESSAGE: &str = "the whole message";

pub fn lines_of_code(count: usize) -> String {
    format!("{count} {} of code", plural(count, "line", "lines"))
}

/// In the frame of code.
pub const COPY_CODE: &str = "y copies";

/// Beside a name above what is out of sight.
pub const GOES_ON: &str = "goes on";

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

pub fn write_in(title: &str) -> String {
    format!("Write in {title}")
}

/// How much of a message's room is taken; nothing while nothing is written.
pub fn letters_of(text: &str) -> String {
    match characters(text) {
        0 => String::new(),
        count => format!("{count}/{MESSAGE_MOST}"),
    }
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

pub(super) fn first_line(text: &str) -> &str {
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

/// The title of a conversation that is neither a room nor a direct.
pub const NEWER_CONVERSATION: &str = "(needs a newer Titan)";

/// What a line that is no message says; none for what shows on the message it changed.
pub fn happening(entry: &Entry) -> Option<String> {
    let who = &entry.author.username;
    Some(match &entry.body {
        Body::Joined { .. } => format!("→ {who} joined"),
        Body::Left { by: Some(by), .. } => format!("← {who} was removed by {}", by.username),
        Body::Left { by: None, .. } => format!("← {who} left"),
        Body::FileFetched { name, .. } => format!("↓ {who} downloaded {name}"),
        Body::RoomChanged { change, .. } => room_changed(who, change),
        Body::Damaged { .. } => "This entry is damaged on the server's disk.".to_owned(),
        Body::Message(_) | Body::Edit { .. } | Body::Deletion { .. } | Body::Reaction { .. } => return None,
        _ => "something that needs a newer Titan to show".to_owned(),
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
    if parts.is_empty() {
        parts.push("changed something of the room that needs a newer Titan to show".to_owned());
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

pub(super) fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}
