//! What time it is says the house's clock (`store/src/clock.rs`): the hub and the memories ask the one they were given, so that
//! a simulation moves it. The hub waits for no time either. A memory may: for its database, by a clock that is never set.

use super::{Breach, Rule, breach, forbid, within};
use crate::exceptions;
use crate::source::{Named, Source};

pub const CLOCK: Rule = Rule {
    check: time_is_the_clocks,
    exceptions: exceptions::CLOCK,
    breaches: &[
        (HUB, "fn f() { let now = Time::now(); }"),
        (HUB, "use titan_core::Time as Moment;\nfn f() -> Moment { Moment::now() }"),
        (HUB, "fn f(at: Option<Time>) -> Time { at.unwrap_or_else(titan_core::Time::now) }"),
        (HUB, "fn f() { std::time::SystemTime::now() }"),
        (HUB, "fn f() { std::time::UNIX_EPOCH.elapsed() }"),
        (HUB, "fn f() { tokio::time::Instant::now() }"),
        (HUB, "fn f() { jiff::Timestamp::now() }"),
        (HUB, "fn f() { jiff::Zoned::now() }"),
        (HUB, "fn f() { MachineClock.now() }"),
        (HUB, "fn f() { debug_assert!(until > Time::now()); }"),
        (HUB, "async fn f() { tokio::time::sleep(LONG).await }"),
        (HUB, "async fn f() { tokio::time::timeout(LONG, work).await }"),
        (SQL, "fn f() { MachineClock.now() }"),
        (SQL, "use std::time::SystemTime;\nfn f() { SystemTime::now() }"),
        (SQL, "const OLD: &str = \"DELETE FROM sessions WHERE expires_at <= unixepoch() * 1000\";"),
        (SQL, "const OLD: &str = \"SELECT 1 FROM sanctions WHERE until > extract(epoch FROM NOW()) * 1000\";"),
        (SQL, "const OLD: &str = \"UPDATE sessions SET last_seen = CURRENT_TIMESTAMP\";"),
        ("titan-server/store/src/draft.rs", "fn f() { Time::now() }"),
    ],
    fine: &[
        (HUB, "fn f(hub: &Hub) { let now = hub.now(); let later = Time(now.0 + 1); }"),
        (SQL, "const ALL: &str = \"SELECT last_seen FROM sessions WHERE expires_at > $1\";"),
        (SQL, "async fn f() { let begun = Instant::now(); tokio::time::sleep(PAUSE).await }"),
        (CLOCKS, "fn f() { Time::now() }"),
        ("titan-server/store/src/lib.rs", "pub use clock::MachineClock;"),
        ("titan-server/src/sweeping.rs", "fn f() { Time::now() }"),
    ],
};

const HUB: &str = "titan-server/hub/src/rooms.rs";
const SQL: &str = "titan-server/sql/src/verbs/sessions.rs";
const ROOMS: [&str; 3] = ["titan-server/hub/src/", "titan-server/sql/src/", "titan-server/store/src/"];
const CLOCKS: &str = "titan-server/store/src/clock.rs";
const INSTEAD: &str = "ask the clock that was given: hub.now(), the engine's now(), or the `now` that is handed in";

fn time_is_the_clocks(sources: &[Source]) -> Vec<Breach> {
    let asking = ROOMS.iter().flat_map(|room| within(sources, room)).filter(|source| source.path != CLOCKS);
    asking.flat_map(breaches_of).collect()
}

fn breaches_of(source: &Source) -> Vec<Breach> {
    let mut found = forbid(source, |path| is_a_clock(source, path), "time that no clock was asked for:", INSTEAD);
    let statements = source.strings().filter(|(_, string)| asks_the_database(string));
    found.extend(statements.map(|(line, string)| {
        breach(source, line, format!("a statement that asks the database what time it is: {string:?}"), INSTEAD)
    }));
    found
}

fn is_a_clock(source: &Source, path: &Named) -> bool {
    const SET: [&str; 5] = ["Time::now", "SystemTime::now", "Timestamp::now", "Zoned::now", "UNIX_EPOCH"];
    const STEADY: [&str; 6] =
        ["Instant::now", "DefaultClock", "time::sleep", "time::sleep_until", "time::timeout", "time::interval"];
    let names = |names: &[&str]| names.iter().any(|name| path.ends(name));
    let given = !source.is_in("titan-server/store/src/") && path.ends("MachineClock");
    given || names(&SET) || (source.is_in("titan-server/hub/src/") && names(&STEADY))
}

fn asks_the_database(text: &str) -> bool {
    let text: String = text.to_lowercase().split_whitespace().collect();
    const ASKED: [&str; 8] = [
        "now()",
        "'now'",
        "current_timestamp",
        "clock_timestamp",
        "unixepoch(",
        "julianday(",
        "strftime(",
        "localtime",
    ];
    ASKED.iter().any(|asked| text.contains(asked))
}
