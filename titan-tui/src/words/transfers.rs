//! What is said of uploads and downloads.

use titan_core::protocol::Usage;

use super::{
    people::{exported, exporting},
    screen::plural,
    timeline::{bytes, duration},
};
use crate::app::state::transfers::{Cargo, SavedTransfer, Transfer, TransferState};

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

/// A transfer in the status line: its name, a gauge, how far and how long yet, as much of that as there is room for.
pub fn on_its_way(transfer: &Transfer, others: usize, room: usize) -> String {
    let arrow = if transfer.saved.cargo.is_upload() { "↑" } else { "↓" };
    let fraction = transfer.fraction();
    let full = (fraction * 5.0).round() as usize;
    let gauge = format!("{}{}", "▰".repeat(full), "▱".repeat(5 - full));
    let percent = format!("{:.0} %", fraction * 100.0);
    let left = transfer.seconds_left().map(|left| format!(" {}", duration(left))).unwrap_or_default();
    let more = if others > 0 { format!(" +{others}") } else { String::new() };
    let rest = format!("{gauge} {percent}{left}{more}");
    let short = format!("{arrow} {percent}{more}");
    match room.checked_sub(crate::wrap::width(&rest) + 3) {
        Some(name) if name >= 6 => format!("{arrow} {} {rest}", crate::wrap::cut(&transfer.saved.name, name)),
        _ if crate::wrap::width(&short) <= room => short,
        _ => String::new(),
    }
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

/// How much room one's files and apps take.
pub fn room_taken(usage: &Usage) -> String {
    let files = match usage.files {
        0 => return "You keep no files and no apps here.".to_owned(),
        1 => "Your one file or app takes".to_owned(),
        files => format!("Your {files} files and apps take"),
    };
    match usage.quota {
        Some(quota) => format!("{files} {}, of {}.", bytes(usage.bytes), bytes(quota)),
        None => format!("{files} {}.", bytes(usage.bytes)),
    }
}
