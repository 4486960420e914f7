//! Who is in the house of the demonstration, and what they say.

use titan_core::protocol::Category;

/// The people, in the order of [`PEOPLE`].
#[derive(Clone, Copy, Debug)]
pub enum Who {
    Mei,
    Kofi,
    Noor,
    Sam,
    Zoe,
}

use Who::{Kofi, Mei, Noor, Sam, Zoe};

/// Names and full names; the first is an admin and owns the rooms.
pub const PEOPLE: &[(&str, &str)] = &[
    ("mei", "Mei Tanaka"),
    ("kofi", "Kofi Mensah"),
    ("noor", "Noor Haddad"),
    ("sam", "Sam Rivers"),
    ("zoe", "Zoé Laurent"),
];

/// Rooms after `general`, what they are for, and whether the guest is in there.
pub const ROOMS: &[(&str, &str, bool)] = &[
    ("release", "What ships, and when", true),
    ("music", "What we listen to", true),
    ("rust", "Borrowed and owned", true),
    ("watercooler", "Everything else", false),
];

const GENERAL: usize = 0;
const RELEASE: usize = 1;
const MUSIC: usize = 2;
const RUST: usize = 3;
const WATERCOOLER: usize = 4;

/// Something that somebody does, in a room by its place.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    Says(Who, usize, &'static str),
    /// To the newest message there.
    Answers(Who, usize, &'static str),
    Reacts(Who, usize, &'static str),
    /// A file of so many bytes, with a caption.
    Sends(Who, usize, &'static str, usize, &'static str),
    /// To the guest alone.
    Whispers(Who, &'static str),
}

use Deed::{Answers, Reacts, Says, Sends, Whispers};

const BOT: &str = "The whole bot:

```rust
while let Some(event) = events.next().await {
    if let ClientEvent::Server(Event::Entry { entry, .. }) = event {
        titan.post(entry.conversation, \"got it\").await?;
    }
}
```";

const STEPS: &str = "Before we tag:

1. `titan-server check` on the copy
2. the *whole* suite, PostgreSQL too
3. somebody who has never seen it follows the README

> nobody ships on a Friday afternoon";

/// What was said before the guest came.
pub const HISTORY: &[Deed] = &[
    Says(Noor, WATERCOOLER, "Who took the good chair?"),
    Says(Sam, RUST, "Lifetimes finally clicked for me: it's who cleans up after whom."),
    Answers(Kofi, RUST, "So, like this kitchen."),
    Reacts(Noor, RUST, "😂"),
    Reacts(Mei, RUST, "💯"),
    Says(Mei, RUST, "New here? `cargo run --example echo_bot` is a good first hour."),
    Says(Zoe, MUSIC, "New mix is up: two hours of rain, frogs and one very slow piano."),
    Sends(Zoe, MUSIC, "night-train.ogg", 6_400_000, "For the way home."),
    Reacts(Sam, MUSIC, "🎧"),
    Says(Sam, MUSIC, "On repeat since noon."),
    Says(Mei, RELEASE, STEPS),
    Reacts(Kofi, RELEASE, "👍"),
    Reacts(Noor, RELEASE, "👍"),
    Says(Noor, RELEASE, "Check is clean: 48 210 entries, nothing damaged."),
    Says(
        Mei,
        GENERAL,
        "Welcome, @you. This house is made up, and gone when you leave; what you do in it is real. Try `ctrl-k`.",
    ),
    Says(Noor, GENERAL, "Morning! The **echo bot** runs since midnight: 41 000 messages, not one lost."),
    Reacts(Kofi, GENERAL, "🎉"),
    Reacts(Mei, GENERAL, "🎉"),
    Reacts(Sam, GENERAL, "🚀"),
    Says(Kofi, GENERAL, "How long is it? I want one for the garden sensors."),
    Answers(Noor, GENERAL, BOT),
    Reacts(Kofi, GENERAL, "💚"),
    Sends(Zoe, GENERAL, "field-recordings.tar", 8_000_000, "Frogs, rain, the night train 🐸"),
    Says(Mei, GENERAL, "The frogs are *magnificent*. Into the sound theme with them?"),
    Reacts(Zoe, GENERAL, "🐸"),
    Says(Mei, RELEASE, "@you the notes want your eye when you have a minute."),
    Whispers(Sam, "Are you around tomorrow? I could use a second pair of eyes on the importer."),
];

/// What goes on while one looks, over and over.
pub const LIVE: &[Deed] = &[
    Says(Kofi, GENERAL, "Sensors are online. First reading: *damp*."),
    Reacts(Noor, GENERAL, "💧"),
    Says(Zoe, MUSIC, "Anybody else hear the train at 2:14 twice?"),
    Answers(Sam, MUSIC, "I thought that was my kettle."),
    Reacts(Zoe, MUSIC, "🫖"),
    Says(Noor, RELEASE, "Suite is green on both stores, 19 minutes."),
    Reacts(Mei, RELEASE, "🎉"),
    Says(Mei, GENERAL, "Lunch at one? There is soup: lentils, lemon, a rumour of bread."),
    Answers(Kofi, GENERAL, "I'm for the rumour."),
    Reacts(Sam, GENERAL, "🍞"),
    Says(
        Sam,
        RUST,
        "TIL `let else`. My nesting has gone home.\n\n```rust\nlet Some(room) = rooms.get(name) else { return };\n```",
    ),
    Reacts(Kofi, RUST, "🙌"),
    Says(Noor, GENERAL, "नमस्ते to the night shift, and 早上好 to everybody else ☕"),
    Answers(Zoe, GENERAL, "Bonjour !"),
    Sends(Kofi, GENERAL, "garden-week-47.csv", 182_000, "The week so far."),
    Says(Mei, RELEASE, "~~Thursday~~ **Wednesday**, then. Nobody ships on a Friday."),
    Reacts(Noor, RELEASE, "👍"),
];

/// What one hears back, in turn.
pub const ANSWERS: &[&str] = &[
    "Good question, @you. Let me look.",
    "I was about to say the same.",
    "Sounds right to me. `/help` knows more than I do.",
    "Ha! Try the repository (`alt-2`), there is a surprise in it.",
    "On it.",
    "Not before coffee ☕",
];

/// Who offers which app: name, kind, version, what it is, bytes. The last one waits for a decision.
pub const APPS: &[(Who, &str, Category, &str, &str, usize)] = &[
    (Zoe, "Night Train", Category::SoundTheme, "2.1", "Rain, frogs and a train that is never late.", 5_200_000),
    (Kofi, "Garden", Category::Application, "0.9.3", "Reads the sensors and tells you when to water.", 1_900_000),
    (Sam, "Snake in a Box", Category::Game, "1.4", "Eats pixels. Needs a terminal and patience.", 240_000),
    (Noor, "Titan auf Deutsch", Category::LanguagePack, "1.0", "Alle Worte, auch die langen.", 90_000),
    (Mei, "Frog Chorus", Category::SoundTheme, "0.1", "They sing when somebody mentions you.", 2_600_000),
];
