//! What takes apart what operators write, each as a function of bytes, and all that the rooms of the house have of the kind: for the fuzz
//! targets (`fuzz/`) and the test that goes through their corpus. Nothing else calls it.

use titan_core::parsers::{self as core, Parser, text};

use crate::config::Address;
use crate::config::sources::Gathered;
use crate::console::Order;
use crate::doors;

const PARSERS: &[Parser] = &[("settings", settings), ("door_address", door_address), ("order", order)];

/// Every parser of the server, and of what it shares with its clients.
#[must_use]
pub fn all() -> Vec<Parser> {
    let rooms = [
        core::PARSERS,
        titan_store::parsers::PARSERS,
        titan_sql::parsers::PARSERS,
        titan_mail::parsers::PARSERS,
        titan_import::parsers::PARSERS,
        titan_door::parsers::PARSERS,
        doors::titan_net::parsers::PARSERS,
        doors::api::parsers::PARSERS,
        doors::channels::parsers::PARSERS,
        doors::json_lines::parsers::PARSERS,
        doors::slash::parsers::PARSERS,
        doors::tls_frames::parsers::PARSERS,
        PARSERS,
    ];
    rooms.concat()
}

fn settings(bytes: &[u8]) {
    if let Err(why) = Gathered::of_text(&text(bytes)) {
        assert!(!format!("{why:#}").is_empty(), "what is wrong is told");
    }
}

fn door_address(bytes: &[u8]) {
    if let Ok(address) = text(bytes).parse::<Address>() {
        assert!(address.to_string().parse::<Address>().is_ok(), "an address that is shown is one");
    }
}

fn order(bytes: &[u8]) {
    let _ = serde_json::from_slice::<Order>(bytes);
}
