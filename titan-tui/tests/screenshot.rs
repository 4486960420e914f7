//! Makes the README's picture from a real run: people talk, a file moves. Not a test of anything; run it when the screen has
//! changed: `cargo test -p titan-tui --test all screenshot:: -- --ignored`.

use std::process::Child;

use crate::support::{House, PASSWORD, Person, Terminal, interrupt, noise, picture};

const SIZE: (u16, u16) = (120, 36);

const CODE: &str = "The whole bot:
```rust
while let Some(event) = events.next().await {
    if let ClientEvent::Server(Event::Entry { entry, .. }) = event {
        titan.post(entry.conversation, \"got it\").await?;
    }
}
```";

#[test]
#[ignore = "writes assets/screenshot.svg"]
fn picture() {
    let house = House::open();
    let wire = house.wire();
    let mut ada = house.stranger("ada");
    ada.titan_reading(
        &["register", "ada", "--full-name", "Ada Park", &format!("--admin-key={}", house.admin_key())],
        PASSWORD,
    )
    .succeeds();
    ada.has_an_inbox();
    let others = ["kofi", "mei", "noor", "sam", "zoe"].map(|name| house.person(name));
    let [kofi, mei, noor, sam, zoe] = &others;
    furnish(&ada, &others);
    ada.goes_to(&wire.url());
    ada.logs_in();
    let mut present: Vec<Child> = [kofi, mei, noor].map(|person| person.starts(&["tail", "#general", "-f"])).into();

    let mut screen = ada.opens_sized(&[], SIZE);
    screen.sees("● online").sees("Write in #general");
    converse(&others, &mut screen);
    wire.hold_after(3_300_000);
    screen.enters("/download field-recordings.tar").sees("1 transfer");
    sam.says("@ada", "are you around tomorrow?");
    sam.says("#music", "new mix is up");
    zoe.says("#music", "on repeat since noon");
    mei.says("#release", "@ada the notes want your eye");
    screen.sees("@1").sees("● online").types("ship it on Friday?").sees("ship it on Friday?");
    let mut kofis = kofi.sits_down();
    kofis.types("and the gar");
    screen.sees("kofi is writing");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/screenshot.svg");
    std::fs::write(path, picture::svg(&screen.cells(), "titan")).unwrap();
    for child in &mut present {
        interrupt(child);
        child.wait().unwrap();
    }
}

/// Rooms and directs.
fn furnish(ada: &Person, others: &[Person; 5]) {
    let [kofi, mei, noor, sam, zoe] = others;
    for (room, about) in [("music", "what is on"), ("release", "0.1 and what it wants"), ("watercooler", "")] {
        ada.titan(&["create-room", room, "--description", about]).succeeds();
        for person in [kofi, mei, noor, sam, zoe] {
            person.titan(&["join", room]).succeeds();
        }
    }
    ada.titan(&["dm", "mei", "thank you for the review!"]).succeeds();
    ada.titan(&["dm", "kofi", "lunch?"]).succeeds();
}

/// What is said in #general.
fn converse(others: &[Person; 5], screen: &mut Terminal) {
    let [kofi, mei, noor, _, zoe] = others;
    let plan = noor.says("#general", "Morning! The **echo bot** runs since midnight: 41 000 messages, not one lost.");
    let asked = kofi.says("#general", "How long is it? I want one for the garden sensors.");
    for person in [kofi, mei, zoe] {
        person.titan(&["react", "#general", &plan.to_string(), ":tada:"]).succeeds();
    }
    mei.titan(&["react", "#general", &plan.to_string(), ":rocket:"]).succeeds();
    noor.titan(&["send", "#general", "--reply", &asked.to_string(), CODE]).succeeds();
    screen.sees("The whole bot");
    std::fs::write(zoe.home().join("field-recordings.tar"), noise(8_000_000)).unwrap();
    zoe.titan(&["--quiet", "put", "field-recordings.tar", "#general", "--text", "Frogs, rain, the night train 🐸"])
        .succeeds();
    let thanks = mei.says("#general", "@ada the frogs are *magnificent*, put them into the sound theme?");
    kofi.titan(&["react", "#general", &thanks.to_string(), ":frog:"]).succeeds();
    noor.titan(&["react", "#general", &thanks.to_string(), ":+1:"]).succeeds();
    screen.sees("magnificent");
}
