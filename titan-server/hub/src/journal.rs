//! The lines of the server's log about who came in, who was refused, and what was done to whom: one form for all, which
//! programs read that shut addresses out. [`EVENTS`] has them all, and `docs/operating.md` lists them.
//!
//! What was committed is told by who follows the commits, within the span of who asked for it; a refusal where it is made.
//! Names stand in a line as they are shown, and as one word: none can make a line or a field of its own. A name that nobody
//! has is not repeated: people type passwords where names belong.

use std::net::{IpAddr, SocketAddr};

use titan_core::SafeText;
use tracing::Span;

use super::Visitor;
use crate::store::{AuditHead, Deed};

/// By which the log knows these lines from others.
pub const TARGET: &str = module_path!();

/// What is told of, and what became of it. A line of another event would be one that nobody looks for.
pub const EVENTS: &[(&str, Became)] = &[
    ("start", DONE),
    ("stop", DONE),
    ("register", DONE),
    ("add_account", DONE),
    ("login", DONE),
    ("login_failed", REFUSED),
    ("choose_password", REFUSED),
    ("admin_key_refused", REFUSED),
    ("metrics_key_refused", REFUSED),
    ("password_refused", REFUSED),
    ("room_password_refused", REFUSED),
    ("reset_refused", REFUSED),
    ("request_reset", DONE),
    ("issue_reset", DONE),
    ("reset_password", DONE),
    ("change_password", DONE),
    ("set_password", DONE),
    ("change_mail", DONE),
    ("confirm_mail", DONE),
    ("confirm", DONE),
    ("factor_added", DONE),
    ("factor_removed", DONE),
    ("factor_refused", REFUSED),
    ("recovery_codes_renewed", DONE),
    ("recovery_code_used", DONE),
    ("app_password_added", DONE),
    ("app_password_removed", DONE),
    ("revoke_session", DONE),
    ("session_ended", DONE),
    ("session_expired", DONE),
    ("set_role", DONE),
    ("set_member_role", DONE),
    ("ban", DONE),
    ("unban", DONE),
    ("ban_address", DONE),
    ("unban_address", DONE),
    ("kick", DONE),
    ("mute", DONE),
    ("unmute", DONE),
    ("ban_member", DONE),
    ("unban_member", DONE),
    ("erase_message", DONE),
    ("give_room", DONE),
    ("create_room", DONE),
    ("change_room", DONE),
    ("delete_room", DONE),
    ("delete_account", DONE),
    ("approve_app", DONE),
    ("reject_app", DONE),
    ("delete_app", DONE),
    ("export", DONE),
    ("read_as_admin", DONE),
    ("change_admin_key", DONE),
    ("rotate_pepper", DONE),
    ("purge", DONE),
    ("forbidden", REFUSED),
    ("limit", REFUSED),
    ("tls_failed", REFUSED),
    ("audit_head", DONE),
    ("audit_broken", REFUSED),
];

/// What became of what a line tells.
pub type Became = &'static str;
pub const DONE: Became = "done";
pub const REFUSED: Became = "refused";

/// What stands where there is nothing to tell.
const NOTHING: &str = "-";
/// The door of who runs the house, at this machine's command line.
const CONSOLE: &str = "console";

/// A deed of somebody at a door, to be told once it is committed.
pub(super) fn deed(event: &'static str, visitor: &Visitor, account: &str) -> Deed {
    let (door, address) = (visitor.door, Some(visitor.address));
    Deed { event, door, address, account: account.to_owned(), of: String::new(), span: Span::current() }
}

/// The same of who runs the house.
pub(super) fn deed_of_operator(event: &'static str) -> Deed {
    let (account, of) = (String::new(), String::new());
    Deed { event, door: CONSOLE, address: None, account, of, span: Span::current() }
}

/// A deed that was committed.
pub(super) fn done(deed: &Deed) {
    deed.span.in_scope(|| tell(deed.event, deed.door, deed.address, &deed.account, &deed.of));
}

/// Something that was refused to somebody at a door; the account is named where there is one.
pub fn refused(event: &'static str, visitor: &Visitor, account: &str) {
    tell(event, visitor.door, Some(visitor.address), account, "");
}

/// A door is open there.
pub fn started(door: &str, address: SocketAddr) {
    // By the name that sessions know it by.
    let door = door.replace('-', "_");
    tracing::info!(event = %"start", %door, %address, account = %NOTHING, outcome = %DONE);
}

/// The house closes.
pub fn stopped() {
    tracing::info!(event = %"stop", door = %NOTHING, address = %NOTHING, account = %NOTHING, outcome = %DONE);
}

/// The house has another pepper than it had.
pub fn pepper_rotated() {
    done(&deed_of_operator("rotate_pepper"));
}

/// Where the audit log ends: its last row, and the hash over all of it. Kept here it shows whether rows have gone since.
pub fn audit_head(head: AuditHead) {
    tell("audit_head", NOTHING, None, "", &head.to_string());
}

/// A row of the audit log is not what was written, or doesn't follow the one before.
pub fn audit_broken(row: i64) {
    tell("audit_broken", NOTHING, None, "", &row.to_string());
}

/// A limit that somebody hit, and how often it was hit before without a line.
pub(super) fn limited(limit: &'static str, door: &str, address: Option<IpAddr>, account: &str, suppressed: u64) {
    let (door, address, account) = (word(door), shown(address), word(account));
    tracing::info!(event = %"limit", %door, %address, %account, %limit, suppressed, outcome = %REFUSED);
}

/// What somebody does over and over, or is refused so, and how often it was without a line.
pub(super) fn repeated(
    event: &'static str,
    door: &str,
    address: Option<IpAddr>,
    account: &str,
    of: &str,
    suppressed: u64,
) {
    // By the name that sessions know it by.
    let door = word(&door.replace('-', "_"));
    let (address, account, of, outcome) = (shown(address), word(account), word(of), became(event));
    tracing::info!(%event, %door, %address, %account, %of, suppressed, %outcome);
}

fn tell(event: &'static str, door: &str, address: Option<IpAddr>, account: &str, of: &str) {
    let (address, account, outcome) = (shown(address), word(account), became(event));
    match of {
        "" => tracing::info!(%event, %door, %address, %account, %outcome),
        of => tracing::info!(%event, %door, %address, %account, of = %word(of), %outcome),
    }
}

fn became(event: &str) -> Became {
    let known = EVENTS.iter().find(|(name, _)| *name == event);
    debug_assert!(known.is_some(), "the event {event} stands neither in EVENTS nor in docs/operating.md");
    known.map_or(DONE, |(_, became)| *became)
}

fn shown(address: Option<IpAddr>) -> String {
    address.map_or_else(|| NOTHING.to_owned(), |address| address.to_canonical().to_string())
}

/// A name as one word of a line.
fn word(name: &str) -> String {
    match name {
        "" => NOTHING.to_owned(),
        name => {
            SafeText::line(name).chars().map(|c| if c.is_whitespace() || "=\"".contains(c) { '·' } else { c }).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_runs_the_house_reads_of_every_event_and_of_no_other() {
        let operating = include_str!("../../../docs/operating.md");
        let table = operating.split("| event | when |").nth(1).unwrap().split("\n\n").next().unwrap();
        let cells = table.lines().filter_map(|row| row.strip_prefix("| `")?.split(" |").next());
        let mut told: Vec<_> = cells.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches('`')).collect();
        let mut events: Vec<_> = EVENTS.iter().map(|(name, _)| *name).collect();
        told.sort_unstable();
        events.sort_unstable();
        assert_eq!(told, events);
    }

    #[test]
    fn a_name_is_one_word_and_no_field() {
        for (name, wanted) in [
            ("ada", "ada"),
            ("", "-"),
            ("Ελένη", "Ελένη"),
            ("x event=login_failed address=192.0.2.1", "x·event·login_failed·address·192.0.2.1"),
            ("a\"b", "a·b"),
        ] {
            assert_eq!(word(name), wanted);
        }
        let hostile = word("x\n2026-11-29T00:00:00Z INFO event=login\u{1b}[31m\u{2028}\u{85}\u{a0}y");
        assert!(!hostile.contains(|c: char| c.is_control() || c.is_whitespace() || c == '='), "{hostile:?}");
    }
}
