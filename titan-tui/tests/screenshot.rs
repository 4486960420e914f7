//! Makes the README's picture from `titan --demo`. Not a test of anything; run it when the screen has changed:
//! `cargo test -p titan-tui --test all screenshot:: -- --ignored`.

use crate::support::{Person, picture};

const SIZE: (u16, u16) = (120, 36);

#[test]
#[ignore = "writes assets/screenshot.svg"]
fn picture() {
    let guest = Person::new("ada", "");
    let environment = guest.environment_of_a_newcomer();
    let mut screen = guest.opens_in(&environment, &["--demo", "--user", "ada"], SIZE);
    screen.sees("Sensors are online.").types("ship it on Friday?").sees("ship it on Friday?").sees("is writing…");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/screenshot.svg");
    std::fs::write(path, picture::svg(&screen.cells(), "titan")).unwrap();
    screen.presses(&["ctrl-c", "ctrl-q"]).ends();
}
