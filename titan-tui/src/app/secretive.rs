//! Lines that hold what nobody else is to see: they are no drafts, and don't come back by the up-arrow.

/// Commands that take a password or a key.
pub const SECRETIVE: [&str; 6] = ["register", "login", "changepassword", "add_user", "edit_user", "change_admin_key"];

/// Whether a line is one of those.
pub fn is_secret(line: &str) -> bool {
    let name = line.trim_start().strip_prefix('/').and_then(|line| line.split_whitespace().next());
    name.is_some_and(|name| SECRETIVE.iter().any(|secretive| secretive.eq_ignore_ascii_case(name)))
}
