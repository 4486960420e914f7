//! The rules of the house (ARCHITECTURE.md), kept by checks over the source of all three crates.
//!
//! A test here that fails names file, line and what to do instead. What a rule has to let pass stands
//! in `exceptions.rs` with its reason, and goes when it is no longer needed. Each rule is also shown a planted breach: a check
//! that can't fail would keep nothing.

mod exceptions;
mod rules;
mod source;

use rules::*;
use source::Source;

/// Fails with every breach, one under the other.
#[track_caller]
fn kept(breaches: Vec<Breach>) {
    let told: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    assert!(told.is_empty(), "{} breaches of a rule of the house:\n{}", told.len(), told.join("\n"));
}

/// Fails unless the rule finds exactly one breach in the planted file, at its last line.
#[track_caller]
fn caught(rule: impl Fn(&[Source]) -> Vec<Breach>, path: &str, text: &str) {
    let text = format!("//! A planted file.\n{text}\n");
    let breaches = rule(&[Source::of(path, &text)]);
    let told: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    assert_eq!(breaches.len(), 1, "{path}: {text}\nfound: {told:?}");
    assert_eq!((breaches[0].path.as_str(), breaches[0].line), (path, text.lines().count()), "{told:?}");
}

/// Fails if the rule finds fault with what is right.
#[track_caller]
fn passes(rule: impl Fn(&[Source]) -> Vec<Breach>, path: &str, text: &str) {
    kept(rule(&[Source::of(path, &format!("//! A planted file.\n{text}\n"))]));
}

#[test]
fn rule_1_the_hall_knows_nothing_outside() {
    kept(the_hall_knows_nothing_outside(&Source::all()));
    let hall = "titan-server/src/hub/rooms.rs";
    caught(the_hall_knows_nothing_outside, hall, "use axum::Router;");
    caught(the_hall_knows_nothing_outside, hall, "use rusqlite::Connection;");
    caught(the_hall_knows_nothing_outside, hall, "use crate::doors;");
    caught(the_hall_knows_nothing_outside, hall, "fn wire() { serde_json::to_string(&1); }");
    caught(the_hall_knows_nothing_outside, hall, "fn take(command: protocol::Command) {}");
    passes(the_hall_knows_nothing_outside, hall, "// axum is no concern of ours\nuse crate::store::Store;");
}

#[test]
fn rule_2_sql_stands_in_its_places() {
    kept(but_for(exceptions::SQL, sql_stands_in_its_places(&Source::all())));
    caught(sql_stands_in_its_places, "titan-server/src/hub/rooms.rs", "const ALL: &str = \"SELECT * FROM rooms\";");
    caught(sql_stands_in_its_places, "titan-server/src/store/mod.rs", "fn f() { run(\"DELETE FROM rooms\") }");
    caught(sql_stands_in_its_places, "titan-tui/src/app/state.rs", "use rusqlite::Connection;");
    passes(sql_stands_in_its_places, "titan-server/src/store/sqlite/rooms.rs", "const A: &str = \"SELECT 1\";");
    passes(sql_stands_in_its_places, "titan-core/src/cache/search.rs", "const A: &str = \"SELECT 1\";");
    passes(sql_stands_in_its_places, "titan-tui/src/words.rs", "const A: &str = \"Select a room\";");
}

#[test]
fn rule_3_doors_know_the_hall_and_nothing_else() {
    kept(doors_know_the_hall_and_nothing_else(&Source::all()));
    let door = "titan-server/src/doors/native/perform.rs";
    caught(doors_know_the_hall_and_nothing_else, door, "use crate::store::Log;");
    caught(doors_know_the_hall_and_nothing_else, door, "use crate::bus::Bus;");
    passes(doors_know_the_hall_and_nothing_else, door, "use crate::hub::Session;\nuse super::super::lane::Lane;");
    let two = |text: &str| {
        let other = Source::of("titan-server/src/doors/titan_net/mod.rs", "//! The other.\npub fn router() {}\n");
        doors_know_the_hall_and_nothing_else(&[Source::of(door, text), other])
    };
    assert_eq!(two("use crate::doors::titan_net::encode;").len(), 1);
    assert_eq!(two("use crate::doors::native::mod_a;").len(), 0);
}

#[test]
fn rule_4_permission_is_the_policys() {
    kept(but_for(exceptions::PERMISSION, permission_is_the_policys(&Source::all())));
    let door = "titan-server/src/doors/api/apps.rs";
    caught(permission_is_the_policys, door, "fn f() -> Fault { Fault::forbidden(\"no\") }");
    caught(permission_is_the_policys, door, "fn f(a: &Account) { if a.role == Role::Admin { approve() } }");
    caught(permission_is_the_policys, "titan-server/src/hub/rooms.rs", "fn f() { role >= MemberRole::Moderator }");
    passes(permission_is_the_policys, door, "fn f() { User { is_admin: a.role == Role::Admin } }");
    passes(permission_is_the_policys, door, "fn status() { match code { FaultCode::Forbidden => 403 } }");
}

#[test]
fn rule_5_commit_comes_before_announcement() {
    kept(commit_comes_before_announcement(&Source::all()));
    let hall = "titan-server/src/hub/messages.rs";
    caught(commit_comes_before_announcement, hall, "fn f() { tell(Event::Entry { entry }) }");
    caught(commit_comes_before_announcement, hall, "fn f() { offer(Delivery::entry(entry)) }");
    let store = "titan-server/src/store/sqlite/mod.rs";
    caught(commit_comes_before_announcement, store, "const SETTINGS: &str = \"PRAGMA synchronous = NORMAL\";");
    caught(commit_comes_before_announcement, store, "const SETTINGS: &str = \"PRAGMA journal_mode=OFF\";");
    let other = "titan-server/src/store/postgres/session.rs";
    caught(commit_comes_before_announcement, other, "const SETTINGS: &str = \"SET synchronous_commit = off\";");
    passes(commit_comes_before_announcement, other, "const SETTINGS: &str = \"SET synchronous_commit = on\";");
    caught(commit_comes_before_announcement, "titan-server/src/config.rs", "pub struct S { pub fsync: bool }");
    passes(commit_comes_before_announcement, store, "const SETTINGS: &str = \"PRAGMA synchronous = FULL\";");
}

#[test]
fn rule_6_queues_have_bounds() {
    kept(queues_have_bounds(&Source::all()));
    let anywhere = "titan-core/src/client/mod.rs";
    caught(queues_have_bounds, anywhere, "fn f() { let (a, b) = mpsc::unbounded_channel(); }");
    caught(queues_have_bounds, anywhere, "fn f() { let (a, b) = mpsc::channel(512); }");
    caught(queues_have_bounds, anywhere, "struct A { waiting: VecDeque<Work> }");
    passes(queues_have_bounds, anywhere, "fn f() { let (a, b) = mpsc::channel(CALLS_MOST); }");
    passes(queues_have_bounds, anywhere, "const WAITING_MOST: usize = 9;\nstruct A { waiting: VecDeque<Work> }");
}

#[test]
fn rule_7_others_text_is_safe() {
    kept(but_for(exceptions::BARE_STRINGS, others_text_is_safe(&Source::all())));
    caught(others_text_is_safe, "titan-core/src/protocol/event.rs", "pub struct Entry { seq: Seq }\npub text: String,");
    passes(others_text_is_safe, "titan-core/src/protocol/event.rs", "    pub text: SafeText,");
}

#[test]
fn rule_8_the_screen_touches_nothing() {
    kept(but_for(exceptions::WORLD, the_screen_touches_nothing(&Source::all())));
    let pane = "titan-tui/src/panes/timeline.rs";
    caught(the_screen_touches_nothing, pane, "fn draw() { let now = Instant::now(); }");
    caught(the_screen_touches_nothing, pane, "fn draw() { std::fs::read(\"x\"); }");
    caught(the_screen_touches_nothing, pane, "fn draw(state: &mut State) {}");
    caught(the_screen_touches_nothing, "titan-tui/src/app/update/chat.rs", "fn f() { Time::now() }");
    passes(the_screen_touches_nothing, "titan-tui/src/app/runner.rs", "fn f() { Time::now() }");
    passes(the_screen_touches_nothing, pane, "fn draw(state: &State) {}");
}

#[test]
fn concrete_things_are_named_where_the_house_is_put_together() {
    kept(concrete_things_are_named_in_few_places(&Source::all()));
    let rule = concrete_things_are_named_in_few_places;
    caught(rule, "titan-server/src/hub/mod.rs", "use crate::store::sqlite::Options;");
    caught(rule, "titan-server/src/telemetry.rs", "fn f(store: SqliteStore) {}");
    passes(rule, "titan-server/src/server.rs", "use crate::store::sqlite::SqliteStore;");
}

#[test]
fn modules_open_with_what_they_are_for() {
    kept(modules_say_what_they_are_for(&Source::all()));
    let silent = Source::of("titan-core/src/x.rs", "use std::fs;\n");
    assert_eq!(modules_say_what_they_are_for(&[silent]).len(), 1);
}

#[test]
fn files_and_functions_are_short() {
    let sources = Source::all();
    kept(but_for(exceptions::LONG_FILES, files_are_short(&sources)));
    kept(but_for(exceptions::LONG_FUNCTIONS, functions_are_short(&sources)));
    let long = Source::of("titan-core/src/x.rs", &"//! x\n".repeat(FILE_MOST + 1));
    assert_eq!(files_are_short(&[long]).len(), 1);
    let long = format!("fn a() {{}}\nfn b() {{\n{}}}\n", "    c();\n".repeat(FUNCTION_MOST));
    let breaches = functions_are_short(&[Source::of("titan-core/src/x.rs", &long)]);
    assert_eq!((breaches.len(), breaches[0].line), (1, 2));
}

#[test]
fn nothing_outside_of_tests_gives_up() {
    kept(but_for(exceptions::GIVING_UP, nothing_gives_up(&Source::all())));
    let anywhere = "titan-core/src/text.rs";
    for giving_up in ["x.unwrap();", "x.expect(\"y\");", "todo!();", "dbg!(x);", "panic!();"] {
        caught(nothing_gives_up, anywhere, &format!("fn f() {{ {giving_up} }}"));
    }
    passes(
        nothing_gives_up,
        anywhere,
        "fn f() { x.unwrap_or(1); }\n#[cfg(test)]\nmod tests { fn g() { x.unwrap(); } }",
    );
}

#[test]
fn only_programs_print() {
    kept(rules::only_programs_print(&Source::all()));
    caught(rules::only_programs_print, "titan-server/src/hub/mod.rs", "fn f() { println!(\"{token}\"); }");
    passes(rules::only_programs_print, "titan-server/src/main.rs", "fn f() { println!(\"ready\"); }");
}

#[test]
fn every_crate_forbids_unsafe_code() {
    kept(every_crate_takes_the_lints());
    let root = std::fs::read_to_string(source::workspace().join("Cargo.toml")).unwrap();
    assert!(root.contains("unsafe_code = \"forbid\""));
}

#[test]
fn an_exception_that_nothing_needs_is_a_breach() {
    let exceptions = [except("a.rs", "unwrap", "it was needed once")];
    assert_eq!(but_for(&exceptions, Vec::new()).len(), 1);
    let found = || nothing_gives_up(&[Source::of("a.rs", "fn f() { x.unwrap() }")]);
    assert_eq!(but_for(&exceptions, found()).len(), 0);
}
