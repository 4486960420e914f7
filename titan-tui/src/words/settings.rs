//! What is wrong with `settings.toml`. The keymap is made of that file, so nothing here names a key's action.

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

pub fn setting_unknown(name: &str, near: &str) -> String {
    format!("settings.toml: “{name}” is no setting; is it {near}?")
}
