//! libFuzzer over one parser of the house, the one that TITAN_FUZZ names; without it, all their names. `scripts/fuzz` calls it.

#![no_main]

use std::process::exit;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use titan_core::parsers::Parser;

static PARSER: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let wanted = std::env::var("TITAN_FUZZ").unwrap_or_default();
    let all = all();
    if wanted.is_empty() {
        all.iter().for_each(|(name, _)| println!("{name}"));
        exit(0);
    }
    let Some((_, parser)) = all.into_iter().find(|(name, _)| *name == wanted) else {
        eprintln!("there is no parser {wanted}");
        exit(2);
    };
    parser
});

fn all() -> Vec<Parser> {
    [titan_server::parsers::all(), titan_tui::parsers::PARSERS.to_vec()].concat()
}

fuzz_target!(init: drop(LazyLock::force(&PARSER)), |bytes: &[u8]| (*PARSER)(bytes));
