//! Second factors, app passwords and the ends of sessions.

pub const NO_FACTOR: &str = "You have none: whoever has your password is in.";
pub const DO_ADD_FACTOR: &str = "Set up codes of an app (TOTP)";
pub const DO_RECOVERY_CODES: &str = "Get other recovery codes";
pub const DO_REMOVE_FACTOR: &str = "Take it away";
pub const FACTOR_SCAN: &str = "Scan this with an app for codes, or type the secret there; then give the code it shows.";
pub const FACTOR_TYPE: &str = "Type this secret into your app for codes; then give the code it shows.";
pub const FIRST_CODE_HINT: &str = "what the app shows now";
pub const RECOVERY_CODES_TITLE: &str = "Your recovery codes";
pub const REMOVE_FACTOR_QUESTION: &str = "Take your second factor away?";
pub const REMOVE_FACTOR_DETAIL: &str = "Your password alone opens the account then. Your other sessions end.";
pub const APP_PASSWORDS: &str = "Your app passwords";
pub const APP_PASSWORDS_ABOUT: &str = "For programs that can't ask for a second factor. Enter removes one.";
pub const NEW_APP_PASSWORD: &str = "A new app password";
pub const APP_PASSWORD_FOR: &str = "For";
pub const APP_PASSWORD_FOR_HINT: &str = "such as: bot on desk";
pub const APP_PASSWORD_DOORS: &str = "Doors";
pub const APP_PASSWORD_DOORS_HINT: &str = "such as: titan_net, slash; empty for all";
pub const APP_PASSWORD_MAY: &str = "May";
pub const APP_PASSWORD_TALKS: &str = "talk as you";
pub const APP_PASSWORD_ADMINISTERS: &str = "administer as you";
pub const REMOVE_APP_PASSWORD_DETAIL: &str = "What it opened ends at once.";
pub const DO_REMOVE_APP_PASSWORD: &str = "Remove it";
pub const DO_END_SESSIONS: &str = "End all of them";
pub const ENDS_IT: &str = "enter ends it";
pub const SESSIONS_ENDED: &str = "All those sessions have ended.";
pub const FACTOR_REMOVED: &str = "Your second factor is taken away; your other sessions are over.";
pub const RECOVERY_CODES: &str = "Recovery codes: each opens once in place of a code; shown never again.";
pub const APP_PASSWORD_ONCE: &str = "The app password, shown never again:";
pub const APP_PASSWORD_REMOVED: &str = "That app password is removed, and what it opened has ended.";
pub const OTHER_SESSIONS_ENDED: &str = "All your other sessions have ended.";

/// A secret as people type it.
pub fn in_fours(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

pub fn factor_since(since: &str, codes: u32) -> String {
    format!("Set up {since}. {codes} recovery codes are left.")
}

pub fn remove_app_password(name: &str) -> String {
    format!("Remove the app password {name}?")
}

pub fn app_password_detail(one: &titan_core::protocol::AppPassword, used: Option<&str>) -> String {
    let doors = doors(&one.doors, one.administers);
    let at =
        one.last_door.as_deref().map(|door| format!(" at {}", titan_core::SafeText::line(door))).unwrap_or_default();
    match used {
        Some(used) => format!("{doors} · last used {used}{at}"),
        None => format!("{doors} · never used"),
    }
}

/// Where an app password is good.
pub fn doors(doors: &[String], administers: bool) -> String {
    let shown = doors.iter().map(|door| titan_core::SafeText::line(door).to_string()).collect::<Vec<_>>().join(", ");
    let doors = if shown.is_empty() { "all".to_owned() } else { shown };
    if administers { format!("{doors}, administers") } else { doors }
}
