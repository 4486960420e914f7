//! What the shell commands say to people, in one place.

use std::fmt::Display;

use titan_core::EntryId;

pub fn no_connection(error: &impl Display) -> String {
    format!("{error}\nIs the server running, and --server (or TITAN_SERVER) its address?")
}

pub fn session_over(why: &str) -> String {
    format!("{why}\nLog in again with: titan login USER")
}

pub fn not_logged_in(server: &str, user: Option<&str>) -> String {
    let user = user.unwrap_or("USER");
    format!("Nobody is logged in at {server}: use titan login --server {server} {user}")
}

pub const SOLO_ONLY: &str = "The server you use runs inside the screen. Shell commands reach it while titan is open and holds the \
    usual address; for one that is always there start titan-server serve, and log in there.";

pub fn exposed(server: &str) -> String {
    format!("{server} is reached without encryption: anybody on the way can read what is sent, the password too.")
}

pub const YES_OR_NO: &str = "Trust it from now on? Type yes, or the fingerprint that it should be:";
pub const NOT_TRUSTED: &str = "Nothing was sent, and nothing is remembered.";

pub fn trusted(server: &str) -> String {
    format!("{server} is trusted by this fingerprint.")
}

pub fn forgotten(server: &str) -> String {
    format!("{server} is forgotten: the next contact is a first one.")
}

pub fn not_known(server: &str) -> String {
    format!("{server:?} is not known: titan trust list shows all that are.")
}

pub fn unacknowledged(seconds: u64) -> String {
    format!("the server did not acknowledge within {seconds} s: look with titan tail whether it arrived")
}

pub fn no_room(name: &str) -> String {
    format!("There is no room {name:?}: titan rooms shows all of them. A person is written @{name}.")
}

pub fn no_app(name: &str) -> String {
    format!("There is no app {name:?}: titan repo list shows all of them.")
}

pub fn several_apps(name: &str, numbers: &[String]) -> String {
    format!("Several apps are called {name:?}: give the number of one ({}).", numbers.join(", "))
}

pub const NOT_A_ROOM: &str = "That is no room: give a #room, its name or its number.";
pub const CONFIRM_PIPED: &str = "The server asks for your own password again before that: run it at a terminal, or give the password \
    as a further line of standard input.";
pub const MAIL_ASKED: &str = "A letter goes to that address: it counts once you follow the link there, or type \
    `titan account confirm-mail CODE`.";
pub const MADE_UP: &str = "Your password was made up for you: choose one of your own.";
pub const CODE_PROMPT: &str = "Code of your second factor: ";
pub const NO_CODE: &str = "No code was given: type it, or pipe it in as one line.";
pub const FACTOR_SCAN: &str = "Scan this with an app for codes:";
pub const NO_PASSWORD: &str = "No password was given: type it, or pipe it in as one line.";
pub const PASSWORDS_DIFFER: &str = "The two passwords are not the same: try again.";
pub const NO_HISTORY_HERE: &str =
    "There is no history on this machine yet: it is kept by the screen (titan). Search without --offline.";
pub const NOTHING_TO_CHANGE: &str = "Nothing to change: give --full-name, --blog or --mail.";
pub const RESET_DONE: &str = "The password is set. Log in with: titan login USER";

pub fn factor_secret(secret: &str) -> String {
    format!("The secret for an app for codes (TOTP): {secret}\nGive a code that the app shows now, to set it up.")
}

pub fn more_is_older(before: EntryId) -> String {
    format!("There may be more, and older: ask for more with -n, or go on with --before {before}.")
}

pub fn removes_for_good(name: &str) -> String {
    format!("This removes the account of {name} for good. Type {name} to do so: ")
}

pub fn deletes_for_good(name: &str) -> String {
    format!("This deletes your account for good; what you wrote stays. Type {name} to do so: ")
}

pub fn not_confirmed(name: &str) -> String {
    format!("Nothing was done: that is not {name}.")
}

pub fn removed(name: &str) -> String {
    format!("The account of {name} is removed.")
}

pub fn password_of_changed(name: &str) -> String {
    format!("{name} has a new password; their sessions are over.")
}

pub const STOPPED: &str = "Stopped. What was transferred is kept: the same command goes on from there.";
