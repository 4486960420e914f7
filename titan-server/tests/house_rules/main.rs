//! The rules of the house (ARCHITECTURE.md), as far as the compiler can't keep them, kept by checks over the source of all crates.
//!
//! A test here that fails names file, line and what to do instead. What a rule has to let pass stands in `exceptions.rs` with
//! its reason, and goes when it is no longer needed. Each rule carries planted breaches, in several spellings, that it must
//! find: a check that can't fail would keep nothing.

mod exceptions;
mod rules;
mod source;

use rules::{Breach, Rule, but_for, except, growing, judging, manners, memory, queues, screen, time, walls};
use source::Source;

/// Fails with every breach, one under the other.
#[track_caller]
fn kept(breaches: Vec<Breach>) {
    let told: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    assert!(told.is_empty(), "{} breaches of a rule of the house:\n{}", told.len(), told.join("\n"));
}

fn planted(path: &str, text: &str) -> Source {
    Source::of(path, &format!("//! A planted file.\n{text}\n"))
}

/// Whether the rule finds the breach planted in the last line, and nothing in any other.
fn finds(rule: &Rule, path: &str, text: &str) -> Result<(), String> {
    let breaches = (rule.check)(&[planted(path, text)]);
    let told: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    let last = text.matches('\n').count() + 2;
    let there = !breaches.is_empty() && breaches.iter().all(|breach| breach.path == path && breach.line == last);
    there.then_some(()).ok_or_else(|| format!("{path}: {text}\n    found: {told:?}"))
}

/// Fails unless the rule finds every breach that is planted for it, and nothing in what is right.
#[track_caller]
fn can_fail(rule: &Rule) {
    let missed: Vec<String> = rule.breaches.iter().filter_map(|(path, text)| finds(rule, path, text).err()).collect();
    assert!(rule.breaches.len() > 1, "a rule without planted breaches keeps nothing");
    assert!(missed.is_empty(), "breaches that the rule does not find:\n{}", missed.join("\n"));
    for (path, text) in rule.fine {
        kept((rule.check)(&[planted(path, text)]));
    }
}

/// The list of the rules, and for each a test that it can fail.
macro_rules! rules {
    ($($name:ident: $rule:expr;)*) => {
        const RULES: &[Rule] = &[$($rule),*];
        $(#[test] fn $name() { can_fail(&$rule); })*
    };
}

rules! {
    the_hall_hands_out_records_and_no_store: walls::HANDING_OUT;
    the_hall_speaks_no_wire: walls::NO_WIRE;
    concrete_things_are_named_where_the_house_is_put_together: walls::CONCRETE;
    sql_stands_in_its_places: memory::SQL;
    permission_is_the_policys: judging::PERMISSION;
    commit_comes_before_announcement: memory::ANNOUNCING;
    a_commit_is_on_disk: memory::DURABLE;
    time_is_the_clocks: time::CLOCK;
    queues_have_bounds: queues::BOUNDS;
    others_text_is_safe: screen::SAFE_TEXT;
    what_clients_are_written_against_may_grow: growing::OPEN_TO_NEWCOMERS;
    the_screen_touches_nothing: screen::WORLD;
    drawing_changes_nothing: screen::DRAWING;
    nothing_outside_of_tests_gives_up: manners::GIVING_UP;
    only_programs_print: manners::PRINTING;
}

/// All of them over all of the source, which is read once.
#[test]
fn the_house_keeps_its_rules() {
    let sources = Source::all();
    for member in source::members() {
        assert!(sources.iter().any(|source| source.is_in(&format!("{member}/src/"))), "{member} is not read");
    }
    let mut breaches: Vec<Breach> =
        RULES.iter().flat_map(|rule| but_for(rule.exceptions, (rule.check)(&sources))).collect();
    breaches.extend(manners::modules_say_what_they_are_for(&sources));
    breaches.extend(but_for(exceptions::LONG_FILES, manners::files_are_short(&sources)));
    breaches.extend(but_for(exceptions::LONG_FUNCTIONS, manners::functions_are_short(&sources)));
    kept(breaches);
}

#[test]
fn every_crate_names_what_it_may_and_nothing_else() {
    kept(walls::manifests_keep_the_walls());
    assert_eq!(
        walls::rooms_without_walls(),
        Vec::<String>::new(),
        "folders of doors that are no crates of the workspace"
    );
}

#[test]
fn a_manifest_that_reaches_through_a_wall_is_found() {
    let wrong = |folder: &str, name: &str, dependencies: &str| {
        let manifest = format!("[package]\nname = \"{name}\"\n{dependencies}\n");
        walls::oversteps(folder, &manifest, &walls::shared()).len()
    };
    let door = |dependencies: &str| wrong("titan-server/doors/native", "titan-door-native", dependencies);
    for dependencies in [
        "[dependencies]\ntitan-store.workspace = true",
        "[dependencies]\ntitan-sql = { workspace = true }",
        "[dev-dependencies]\ntitan-sql.workspace = true",
        "[build-dependencies]\ntitan-store.workspace = true",
        "[target.'cfg(unix)'.dependencies]\ntitan-store.workspace = true",
        "[dependencies]\nmemory = { package = \"titan-store\", workspace = true }",
        "[dependencies]\nserde = { path = \"../../store\" }",
        "[dependencies]\ntitan-door-slash.workspace = true",
        "[dependencies]\ntitan-server.workspace = true",
        "[dependencies]\ntitan-import.workspace = true",
        "[dependencies]\nrusqlite.workspace = true",
        "[dependencies]\nlettre.workspace = true",
        "[dependencies]\ntitan-core = { workspace = true, features = [\"client\"] }",
    ] {
        assert!(door(dependencies) > 0, "{dependencies}");
    }
    assert_eq!(
        door("[dependencies]\ntitan-core.workspace = true\ntitan-hub.workspace = true\naxum.workspace = true"),
        0
    );
    let hall = |dependency: &str| wrong("titan-server/hub", "titan-hub", &format!("[dependencies]\n{dependency}"));
    for framework in
        ["axum", "hyper", "tokio-tungstenite", "rusqlite", "tokio-postgres", "titan-sql", "titan-door", "reqwest"]
    {
        assert!(hall(&format!("{framework}.workspace = true")) > 0, "{framework}");
    }
    assert!(hall("titan-store = { workspace = true, features = [\"sqlite\"] }") > 0);
    assert_eq!(hall("titan-store.workspace = true"), 0);
    let store = |dependency: &str| wrong("titan-server/store", "titan-store", &format!("[dependencies]\n{dependency}"));
    assert!(store("rusqlite.workspace = true") > 0);
    assert_eq!(store("rusqlite = { workspace = true, optional = true }"), 0);
    assert!(wrong("titan-server/somewhere", "titan-somewhere", "") > 0);
}

#[test]
fn modules_open_with_what_they_are_for() {
    let silent = Source::of("titan-core/src/x.rs", "use std::fs;\n");
    assert_eq!(manners::modules_say_what_they_are_for(&[silent]).len(), 1);
}

#[test]
fn files_and_functions_are_short() {
    let long = Source::of("titan-core/src/x.rs", &"//! x\n".repeat(manners::FILE_MOST + 1));
    assert_eq!(manners::files_are_short(&[long]).len(), 1);
    let body = "    c();\n".repeat(manners::FUNCTION_MOST);
    for long in [
        format!("fn a() {{}}\nfn b() {{\n{body}}}\n"),
        format!("struct A;\nimpl A {{ async fn b() {{\n{body}}} }}\n"),
        format!("fn a() {{}}\ntrait T {{ fn b() {{\n{body}}} }}\n"),
    ] {
        let breaches = manners::functions_are_short(&[Source::of("titan-core/src/x.rs", &long)]);
        assert_eq!((breaches.len(), breaches[0].line), (1, 2));
    }
}

#[test]
fn every_crate_forbids_unsafe_code() {
    kept(manners::every_crate_takes_the_lints());
    let root = std::fs::read_to_string(source::workspace().join("Cargo.toml")).unwrap();
    assert!(root.contains("unsafe_code = \"forbid\""));
}

#[test]
fn an_exception_that_nothing_needs_is_a_breach() {
    let exceptions = [except("a.rs", "unwrap", "it was needed once")];
    assert_eq!(but_for(&exceptions, Vec::new()).len(), 1);
    let found = || (manners::GIVING_UP.check)(&[Source::of("a.rs", "fn f() { x.unwrap() }")]);
    assert_eq!(but_for(&exceptions, found()).len(), 0);
}
