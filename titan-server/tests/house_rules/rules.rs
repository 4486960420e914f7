//! The rules of the house as checks over the source. Each takes files and gives the breaches it finds; none knows where
//! the files come from, so that every rule can be shown a planted breach.

use std::fmt;

use crate::source::{Source, item_end, workspace};

/// A rule broken: where, how, and what to do instead.
pub struct Breach {
    pub path: String,
    pub line: usize,
    pub what: String,
    pub instead: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    {}", self.path, self.line, self.what, self.instead)
    }
}

/// A place that a rule lets pass, and why. One that is no longer needed is a breach itself.
pub struct Exception {
    pub path: &'static str,
    /// What the rule found there; empty where the rule is about the file as a whole.
    pub found: &'static str,
    pub why: &'static str,
}

pub const fn except(path: &'static str, found: &'static str, why: &'static str) -> Exception {
    Exception { path, found, why }
}

/// Takes out what is excepted, and adds exceptions that nothing needs.
pub fn but_for(exceptions: &[Exception], breaches: Vec<Breach>) -> Vec<Breach> {
    let meets = |exception: &Exception, breach: &Breach| {
        breach.path == exception.path && breach.what.contains(exception.found) && !exception.why.is_empty()
    };
    let stale = exceptions.iter().filter(|exception| !breaches.iter().any(|breach| meets(exception, breach)));
    let stale: Vec<Breach> = stale
        .map(|exception| Breach {
            path: exception.path.to_owned(),
            line: 1,
            what: format!("the exception for {:?} is not needed any more", exception.found),
            instead: "take it out of house_rules/exceptions.rs",
        })
        .collect();
    breaches
        .into_iter()
        .filter(|breach| !exceptions.iter().any(|exception| meets(exception, breach)))
        .chain(stale)
        .collect()
}

fn breach(source: &Source, line: usize, what: impl Into<String>, instead: &'static str) -> Breach {
    Breach { path: source.path.clone(), line, what: what.into(), instead }
}

/// Breaches for every line that holds one of the names.
fn forbid(source: &Source, names: &[&str], what: &str, instead: &'static str) -> Vec<Breach> {
    let found = names.iter().flat_map(|name| source.naming(name).map(move |line| (line, *name)));
    found.map(|(line, name)| breach(source, line, format!("{what} `{name}`"), instead)).collect()
}

fn within<'a>(sources: &'a [Source], folder: &'a str) -> impl Iterator<Item = &'a Source> {
    sources.iter().filter(move |source| source.is_in(folder) && !source.is_test())
}

fn product(sources: &[Source]) -> impl Iterator<Item = &Source> {
    sources.iter().filter(|source| !source.is_test())
}

/// Rule 1: `hub/` names no framework, no door, no database, no wire format.
pub fn the_hall_knows_nothing_outside(sources: &[Source]) -> Vec<Breach> {
    const FRAMEWORKS: [&str; 9] =
        ["axum", "hyper", "hyper_util", "tower", "tower_http", "tokio_tungstenite", "tungstenite", "rustls", "reqwest"];
    const DATABASES: [&str; 6] = ["rusqlite", "sqlite", "SqliteStore", "postgres", "PostgresStore", "sqlx"];
    const DOORS: [&str; 3] = ["doors", "Dialect", "House"];
    const WIRE: [&str; 10] = [
        "serde_json::to_string",
        "serde_json::to_vec",
        "serde_json::to_value",
        "serde_json::from_str",
        "serde_json::from_slice",
        "json!",
        "protocol::Command",
        "protocol::Request",
        "protocol::Response",
        "protocol::Incoming",
    ];
    let named = [
        (FRAMEWORKS.as_slice(), "the hall names a framework:"),
        (&DATABASES, "the hall names a database:"),
        (&DOORS, "the hall names a door:"),
        (&WIRE, "the hall names a wire format:"),
    ];
    let instead = "say it in the words of titan-core and let a door or the store translate";
    within(sources, "titan-server/src/hub/")
        .flat_map(|source| named.iter().flat_map(move |(names, what)| forbid(source, names, what, instead)))
        .collect()
}

/// Rule 2: SQL stands only under `store/*/` and `titan-core/src/cache/`.
pub fn sql_stands_in_its_places(sources: &[Source]) -> Vec<Breach> {
    const BEGINNINGS: [&str; 16] = [
        "SELECT ",
        "INSERT ",
        "UPDATE ",
        "DELETE FROM",
        "REPLACE INTO",
        "CREATE TABLE",
        "CREATE INDEX",
        "CREATE VIEW",
        "CREATE TRIGGER",
        "CREATE VIRTUAL",
        "DROP ",
        "ALTER TABLE",
        "PRAGMA ",
        "BEGIN",
        "COMMIT",
        "VACUUM",
    ];
    let instead = "make it a verb of the store (titan-server/src/store/) or of the cache (titan-core/src/cache/)";
    let outside = |source: &&Source| {
        let inner = source.path.strip_prefix("titan-server/src/store/").is_some_and(|rest| rest.contains('/'));
        !inner && !source.is_in("titan-core/src/cache/")
    };
    let sql = |string: &str| BEGINNINGS.iter().any(|beginning| string.trim_start().starts_with(beginning));
    product(sources)
        .filter(outside)
        .flat_map(|source| {
            let strings = source.strings.iter().filter(move |(_, string)| sql(string));
            let words = strings.map(|(line, string)| {
                let begins: String = string.trim_start().chars().take(40).collect();
                breach(source, *line, format!("SQL outside of a store: {begins:?}"), instead)
            });
            words.chain(forbid(
                source,
                &["rusqlite", "sqlx", "tokio_postgres", "deadpool_postgres"],
                "a database's library outside of a store:",
                instead,
            ))
        })
        .collect()
}

/// Rule 3: doors use the hub and titan-core; never a store, never the bus, never each other.
pub fn doors_know_the_hall_and_nothing_else(sources: &[Source]) -> Vec<Breach> {
    const INNER: [&str; 8] =
        ["store", "bus", "server", "mail", "admin_key", "data_dir", "SqliteStore", "titan_core::cache"];
    let opens = |source: &&Source| source.path.ends_with("/mod.rs") && source.code.contains("fn router(");
    let doors: Vec<&str> = within(sources, "titan-server/src/doors/").filter(opens).filter_map(door_of).collect();
    let inside = "ask a hub session; what the hall can't do yet becomes a method of the hall";
    let apart = "what two doors need stands beside them in titan-server/src/doors/";
    within(sources, "titan-server/src/doors/")
        .flat_map(|source| {
            let rooms = INNER.map(|room| (room, format!("crate::{room}")));
            let mut found: Vec<Breach> = rooms
                .iter()
                .flat_map(|(room, path)| {
                    let path: &str =
                        if room.contains("::") || room.starts_with(char::is_uppercase) { room } else { path };
                    forbid(source, &[path], "a door reaches behind the hall:", inside)
                })
                .collect();
            let Some(own) = door_of(source) else { return found };
            for other in doors.iter().filter(|other| **other != own) {
                let paths = [format!("doors::{other}"), format!("super::super::{other}"), format!("super::{other}::")];
                let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
                found.extend(forbid(source, &paths, "a door names another:", apart));
            }
            found
        })
        .collect()
}

/// The door a file belongs to: the folder's name under `doors/`. Folders that open no `router` are plumbing for all.
fn door_of(source: &Source) -> Option<&str> {
    source.path.strip_prefix("titan-server/src/doors/")?.split_once('/').map(|(door, _)| door)
}

/// Rule 4: every permission is decided in `hub/policy`.
pub fn permission_is_the_policys(sources: &[Source]) -> Vec<Breach> {
    const REFUSALS: [&str; 4] = [
        "Fault::forbidden(",
        "Fault::new(FaultCode::Forbidden",
        "Fault::new(FaultCode::NotAMember",
        "Fault::new(FaultCode::Banned",
    ];
    const STANDINGS: [&str; 4] = ["== Role::Admin", "!= Role::Admin", "== MemberRole::", ">= MemberRole::"];
    let instead = "make it an Act and decide it in titan-server/src/hub/policy.rs, for all doors alike";
    let anywhere =
        within(sources, "titan-server/src/").filter(|source| source.path != "titan-server/src/hub/policy.rs");
    anywhere
        .flat_map(|source| {
            let refused = forbid(source, &REFUSALS, "a permission is refused outside of the policy:", instead);
            // Telling the world who is an admin is no decision.
            let told =
                |found: &Breach| source.text.lines().nth(found.line - 1).is_some_and(|line| line.contains("is_admin"));
            let judged = forbid(source, &STANDINGS, "a standing is judged outside of the policy:", instead);
            refused.into_iter().chain(judged.into_iter().filter(move |found| !told(found)))
        })
        .collect()
}

/// Rule 5: an entry is announced only after its commit, and a commit is on disk, with no switch to weaken it.
pub fn commit_comes_before_announcement(sources: &[Source]) -> Vec<Breach> {
    let mut found = Vec::new();
    for source in within(sources, "titan-server/src/") {
        let board = source.is_in("titan-server/src/switchboard/");
        if !board {
            let instead = "append to the store: what it committed reaches the switchboard by itself";
            let names = ["Delivery::entry(", "Event::Entry {", "Happening::Entry("];
            let made = forbid(source, &names, "an entry is announced beside the store:", instead);
            let read = |line: usize| source.code.lines().nth(line - 1).is_some_and(|line| line.contains("=>"));
            found.extend(made.into_iter().filter(|breach| !read(breach.line)));
        }
        let weak = |string: &str| {
            let string: String = string.to_lowercase().split_whitespace().collect();
            // PostgreSQL's word for it: asked for, or set to what is on disk.
            let string =
                string.replace("current_setting('synchronous_commit')", "").replace("synchronous_commit=on", "");
            string.contains("synchronous") && !string.contains("synchronous=full") && !string.contains("synchronous=2")
                || string.contains("journal_mode=memory")
                || string.contains("journal_mode=off")
        };
        let instead = "a commit is fsynced: synchronous=FULL, always";
        let strings = source.strings.iter().filter(|(_, string)| weak(string));
        found.extend(
            strings.map(|(line, string)| breach(source, *line, format!("a weaker commit: {string:?}"), instead)),
        );
        let switches = ["synchronous", "no_fsync", "no_sync", "fsync", "durability"];
        if source.path == "titan-server/src/config.rs" {
            found.extend(forbid(source, &switches, "a switch for durability:", "there is none; take it out"));
        }
    }
    found
}

/// Rule 6: every queue has a bound, named where the queue is made.
pub fn queues_have_bounds(sources: &[Source]) -> Vec<Breach> {
    const UNBOUNDED: [&str; 5] = [
        "unbounded_channel",
        "UnboundedSender",
        "unbounded()",
        "futures_channel::mpsc::unbounded",
        "std::sync::mpsc::channel",
    ];
    let bounded = "give it a bound by a constant, and write beside it what happens there";
    product(sources)
        .flat_map(|source| {
            let endless = forbid(source, &UNBOUNDED, "a queue without a bound:", bounded);
            let unnamed = source.lines().filter(|(_, line)| bare_bound(line)).map(move |(line, code)| {
                breach(source, line, format!("a queue's bound has no name: {}", code.trim()), bounded)
            });
            let growing = source.lines().filter(|(_, line)| line.contains("VecDeque<") && line.contains(':'));
            let growing = growing.filter(|_| !names_a_bound(source)).map(move |(line, code)| {
                breach(source, line, format!("a queue whose bound this file doesn't name: {}", code.trim()), bounded)
            });
            endless.into_iter().chain(unnamed).chain(growing.collect::<Vec<_>>()).collect::<Vec<_>>()
        })
        .collect()
}

/// A channel whose bound is a bare number; one is as plain as a name.
fn bare_bound(line: &str) -> bool {
    ["mpsc::channel(", "sync_channel(", "broadcast::channel("].iter().any(|made| {
        let Some((_, bound)) = line.split_once(made) else { return false };
        bound.starts_with(|c: char| c.is_ascii_digit()) && !bound.starts_with("1)")
    })
}

fn names_a_bound(source: &Source) -> bool {
    ["_MOST", "capacity", "_most"].iter().any(|name| source.code.contains(name))
}

/// Rule 7: what others wrote travels as `SafeText`: the wire's nouns have no bare `String`.
pub fn others_text_is_safe(sources: &[Source]) -> Vec<Breach> {
    const WIRE: [&str; 4] = ["model.rs", "event.rs", "reply.rs", "fault.rs"];
    let instead =
        "make it SafeText, which cleans what it is made of; or except it with the reason it can't hold others' words";
    WIRE.iter()
        .filter_map(|file| sources.iter().find(|source| source.path == format!("titan-core/src/protocol/{file}")))
        .flat_map(|source| {
            let fields = source.lines().filter(|(_, line)| {
                let field = line.trim_start().trim_start_matches("pub ");
                let name = field.split(':').next().unwrap_or_default();
                field.contains(':') && name.chars().all(|c| c.is_alphanumeric() || c == '_') && field.contains("String")
            });
            fields
                .map(|(line, code)| breach(source, line, format!("a bare string: {}", code.trim()), instead))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Rule 8: in titan-tui only the effect runner touches network, disk, clock and clipboard; drawing changes nothing.
pub fn the_screen_touches_nothing(sources: &[Source]) -> Vec<Breach> {
    const WORLD: [&str; 17] = [
        "std::fs",
        "tokio::fs",
        "tokio::net",
        "tokio::spawn",
        "std::net",
        "std::process",
        "std::env",
        "std::thread",
        "Instant::now",
        "SystemTime",
        "Time::now",
        "Timestamp::now",
        "Zoned::now",
        "Client::connect",
        "reqwest",
        "Cache::open",
        "titan_server",
    ];
    let ask = "return an Effect and let the runner do it; its outcome comes back as an Event";
    let look = "draw from &State: what changes goes through update";
    within(sources, "titan-tui/src/")
        .filter(|source| !runs_effects(&source.path))
        .flat_map(|source| {
            let mut found = forbid(source, &WORLD, "the screen touches the world:", ask);
            if source.path.contains("/panes/") || source.path.contains("/overlays/") {
                found.extend(forbid(source, &["&mut State"], "drawing could change what it draws:", look));
            }
            found
        })
        .collect()
}

/// Where titan-tui meets the world: `main`, the shell commands and the runner of effects.
fn runs_effects(path: &str) -> bool {
    let Some(inside) = path.strip_prefix("titan-tui/src/") else { return false };
    inside == "main.rs" || ["cli/", "cli.rs", "runner", "app/runner"].iter().any(|room| inside.starts_with(room))
}

/// Only the binaries and the assembling places name what is concrete. `server.rs` is the assembling place of titan-server
/// (its `main` and the tests start a house by it), `doors/http.rs` that of the doors which share the HTTP port, and
/// `upkeep/` works on a database file beside any house.
pub fn concrete_things_are_named_in_few_places(sources: &[Source]) -> Vec<Breach> {
    let instead = "take the trait or the hub; only server.rs and main.rs put the house together";
    let assembling = |path: &str| {
        ["server.rs", "main.rs", "lib.rs", "doors/http.rs"]
            .iter()
            .any(|room| path == format!("titan-server/src/{room}"))
            || path.starts_with("titan-server/src/upkeep/")
    };
    within(sources, "titan-server/src/")
        .filter(|source| !assembling(&source.path) && !source.is_in("titan-server/src/store/"))
        .flat_map(|source| {
            let names = [
                "SqliteStore",
                "PostgresStore",
                "store::sqlite",
                "store::postgres",
                "doors::titan_net",
                "doors::native",
            ];
            forbid(source, &names, "a concrete thing by its name:", instead)
        })
        .filter(|breach| !breach.path.starts_with("titan-server/src/doors/"))
        .collect()
}

/// Every module opens with what it is for.
pub fn modules_say_what_they_are_for(sources: &[Source]) -> Vec<Breach> {
    let instead = "open with 1 to 6 lines of //!: what this room is for, who calls it, what it must never do";
    let silent = product(sources).filter(|source| !source.text.starts_with("//! "));
    silent.map(|source| breach(source, 1, "the module doesn't say what it is for", instead)).collect()
}

pub const FILE_MOST: usize = 500;
pub const FUNCTION_MOST: usize = 80;

/// No file over 500 lines.
pub fn files_are_short(sources: &[Source]) -> Vec<Breach> {
    let instead = "find the second family in it and give that a file; or except it with a reason";
    let long =
        product(sources).map(|source| (source, source.text.lines().count())).filter(|(_, lines)| *lines > FILE_MOST);
    long.map(|(source, lines)| breach(source, lines, format!("{lines} lines"), instead)).collect()
}

/// No function over 80 lines: one match arm, one call.
pub fn functions_are_short(sources: &[Source]) -> Vec<Breach> {
    let instead = "one match arm, one call: let the arms call functions";
    product(sources)
        .flat_map(|source| {
            long_functions(source)
                .into_iter()
                .map(move |(line, name, length)| breach(source, line, format!("fn {name} has {length} lines"), instead))
        })
        .collect()
}

fn long_functions(source: &Source) -> Vec<(usize, String, usize)> {
    let mut found = Vec::new();
    for (at, _) in source.code.match_indices("fn ") {
        let before = source.code[..at].chars().next_back();
        let name: String = source.code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.is_empty() || before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let end = item_end(source.code.as_bytes(), at);
        let length = source.code[at..end].matches('\n').count() + 1;
        if length > FUNCTION_MOST {
            found.push((source.code[..at].matches('\n').count() + 1, name, length));
        }
    }
    found
}

/// Nothing outside of tests gives up where input, I/O or time could reach it, and nothing is left half done.
pub fn nothing_gives_up(sources: &[Source]) -> Vec<Breach> {
    const GIVING_UP: [&str; 8] =
        [".unwrap()", ".expect(", ".unwrap_err()", "panic!(", "unreachable!(", "todo!(", "unimplemented!(", "dbg!("];
    let instead = "give the error to the caller, or make the illegal state one that doesn't compile";
    product(sources).flat_map(|source| forbid(source, &GIVING_UP, "this gives up:", instead)).collect()
}

/// Passwords, tokens and the operators' contract are not printed by the way: only binaries write to stdout.
pub fn only_programs_print(sources: &[Source]) -> Vec<Breach> {
    let program = |path: &str| path.ends_with("/main.rs") || path.contains("/cli") || path.contains("/runner/");
    let instead = "log it with tracing, or give it to the caller";
    product(sources)
        .filter(|source| !program(&source.path))
        .flat_map(|source| {
            forbid(source, &["println!(", "print!(", "eprintln!(", "eprint!("], "a library prints:", instead)
        })
        .collect()
}

/// `unsafe` is forbidden by the workspace, in every crate.
pub fn every_crate_takes_the_lints() -> Vec<Breach> {
    let manifests = ["titan-core", "titan-server", "titan-tui"].map(|name| format!("{name}/Cargo.toml"));
    let missing = manifests.into_iter().filter(|path| {
        let text = std::fs::read_to_string(workspace().join(path)).unwrap();
        !text.contains("[lints]\nworkspace = true")
    });
    missing
        .map(|path| Breach {
            path,
            line: 1,
            what: "the crate does not take the workspace's lints".to_owned(),
            instead: "add [lints] workspace = true",
        })
        .collect()
}
