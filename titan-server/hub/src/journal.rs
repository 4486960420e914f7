//! The lines of the server's log about who came in, who was refused, and what was done to whom: one form for all, which
//! programs read that shut addresses out. `docs/operating.md` lists them.
//!
//! What was committed is told by who follows the commits, within the span of who asked for it; a refusal where it is made.
//! Names stand in a line as they are shown, and as one word: none can make a line or a field of its own. A name that nobody
//! has is not repeated: people type passwords where names belong.

use std::net::{IpAddr, SocketAddr};

use titan_core::SafeText;
use tracing::Span;

use super::Visitor;
use crate::store::Deed;

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
    tracing::info!(event = %"start", %door, %address, account = %NOTHING);
}

/// The house closes.
pub fn stopped() {
    tracing::info!(event = %"stop", door = %NOTHING, address = %NOTHING, account = %NOTHING);
}

/// A limit that somebody hit, and how often it was hit before without a line.
pub(super) fn limited(limit: &'static str, door: &str, address: Option<IpAddr>, account: &str, suppressed: u64) {
    let (door, address, account) = (word(door), shown(address), word(account));
    tracing::info!(event = %"limit", %door, %address, %account, %limit, suppressed);
}

fn tell(event: &'static str, door: &str, address: Option<IpAddr>, account: &str, of: &str) {
    let (address, account) = (shown(address), word(account));
    match of {
        "" => tracing::info!(%event, %door, %address, %account),
        of => tracing::info!(%event, %door, %address, %account, of = %word(of)),
    }
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
