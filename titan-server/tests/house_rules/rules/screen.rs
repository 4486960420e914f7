//! What reaches a terminal: others' text only as `SafeText`, and the world only by the effects' runners.

use syn::visit::{self, Visit};

use super::{Breach, Rule, breach, forbid, product, within};
use crate::exceptions;
use crate::source::{Named, Source, words_of};

/// What others wrote travels as `SafeText`: the wire's nouns have no bare `String`.
pub const SAFE_TEXT: Rule = Rule {
    check: others_text_is_safe,
    exceptions: exceptions::BARE_STRINGS,
    breaches: &[
        (EVENT, "pub struct Entry { seq: Seq, text: String }"),
        (EVENT, "pub enum Event { Entry { text: Option<String> } }"),
        (EVENT, "pub enum Event { Topic(std::string::String) }"),
        (EVENT, "pub struct Entry { tags: Vec<(Seq, Box<str>)> }"),
        (EVENT, "use std::string::String as Words;\npub struct Entry { text: Words }"),
        (EVENT, "type Words = String;"),
        (EVENT, "pub struct Entry { text: Cow<'static, str> }"),
    ],
    fine: &[(
        EVENT,
        "pub struct Entry { text: SafeText, name: Option<SafeText> }\nfn f(text: String) -> String { text }",
    )],
};

const EVENT: &str = "titan-core/src/protocol/event.rs";

fn others_text_is_safe(sources: &[Source]) -> Vec<Breach> {
    let wire = ["model.rs", "room.rs", "entry.rs", "export.rs", "repository.rs", "event.rs", "reply.rs", "fault.rs"]
        .map(|file| format!("titan-core/src/protocol/{file}"));
    product(sources).filter(|source| wire.contains(&source.path)).flat_map(Bare::of).collect()
}

/// Finds types that may hold any text.
struct Bare<'a>(&'a Source, Vec<Breach>);

impl<'a> Bare<'a> {
    fn of(source: &'a Source) -> Vec<Breach> {
        let mut bare = Self(source, Vec::new());
        bare.visit_file(&source.file);
        bare.1
    }

    fn look(&mut self, name: &str, kind: &syn::Type) {
        let instead =
            "make it SafeText, which shows nothing that acts; or except it with the reason it can't hold others' words";
        let words = words_of(kind);
        let free = |path: &Named| path.ends("String") || path.ends("str");
        if let Some(path) = self.0.paths_among(&words).into_iter().find(free) {
            let kind: String = words.iter().map(|word| word.text.as_str()).collect();
            self.1.push(breach(self.0, path.line, format!("a bare string: {name}: {kind}"), instead));
        }
    }
}

impl<'ast> Visit<'ast> for Bare<'_> {
    fn visit_field(&mut self, field: &'ast syn::Field) {
        let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        self.look(&name, &field.ty);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.look(&item.ident.to_string(), &item.ty);
    }
}

/// In titan-tui only the effect runner touches network, disk, clock and clipboard.
pub const WORLD: Rule = Rule {
    check: the_screen_touches_nothing,
    exceptions: exceptions::WORLD,
    breaches: &[
        (PANE, "fn draw() { let now = Instant::now(); }"),
        (PANE, "fn draw() { std::fs::read(\"x\"); }"),
        (PANE, "use std::{fs as disk};"),
        (UPDATE, "fn f() { Time::now() }"),
        (UPDATE, "use titan_core::Time as Clock;\nfn f() { Clock::now() }"),
        (UPDATE, "fn f() { at.unwrap_or_else(Time::now) }"),
        (UPDATE, "fn f() { tokio::spawn(work()) }"),
        (UPDATE, "fn f() { tokio::task::spawn(work()) }"),
        (UPDATE, "use tokio as work;\nfn f() { work::task::spawn_blocking(work) }"),
        (UPDATE, "use tokio::*;"),
        (UPDATE, "fn f() { let since = began.elapsed(); }"),
        (UPDATE, "fn f() { handle.spawn(work()) }"),
        (UPDATE, "use crate::credentials::Folders;"),
        (UPDATE, "extern crate std as world;"),
        (UPDATE, "fn f() { open::that(link) }"),
        (UPDATE, "fn f() { let cache = titan_core::cache::Cache::open(path); }"),
        (UPDATE, "fn f() { println!(\"{}\", std::env::var(\"HOME\")) }"),
    ],
    fine: &[
        ("titan-tui/src/app/runner.rs", "fn f() { Time::now() }"),
        ("titan-tui/src/main.rs", "use std::fs;"),
        (UPDATE, "use std::time::Duration;\nfn f(now: Time) -> Time { now.plus(Duration::ZERO) }"),
    ],
};

/// Drawing changes nothing.
pub const DRAWING: Rule = Rule {
    check: drawing_changes_nothing,
    exceptions: &[],
    breaches: &[
        (PANE, "fn draw(state: &mut State) {}"),
        (PANE, "fn draw(state: &'static mut crate::app::state::State) {}"),
        (PANE, "use crate::app::State as Known;\nfn draw(state: &mut Known) {}"),
        ("titan-tui/src/overlays/help.rs", "fn draw(state: &\n mut State) {}"),
    ],
    fine: &[(PANE, "fn draw(state: &State, canvas: &mut Canvas) {}"), (UPDATE, "fn update(state: &mut State) {}")],
};

const PANE: &str = "titan-tui/src/panes/timeline.rs";
const UPDATE: &str = "titan-tui/src/app/update/chat.rs";

fn the_screen_touches_nothing(sources: &[Source]) -> Vec<Breach> {
    let ask = "return an Effect and let the runner do it; its outcome comes back as an Event";
    within(sources, "titan-tui/src/")
        .filter(|source| !runs_effects(&source.path))
        .flat_map(|source| {
            let mut found = forbid(source, is_of_the_world, "the screen touches the world:", ask);
            for method in ["spawn", "spawn_blocking", "block_on", "elapsed"] {
                let told = |line| breach(source, line, format!("the screen touches the world: .{method}()"), ask);
                found.extend(source.calls(method).map(told));
            }
            let renamed = source.words.windows(2).filter(|two| two[0].text == "extern" && two[1].text == "crate");
            found.extend(renamed.map(|two| breach(source, two[0].line, "a crate under another name", ask)));
            found
        })
        .collect()
}

fn is_of_the_world(path: &Named) -> bool {
    const ROOMS: [&str; 23] = [
        "std::fs",
        "std::net",
        "std::process",
        "std::env",
        "std::thread",
        "std::os",
        "std::io::stdin",
        "std::io::stdout",
        "std::*",
        "tokio::fs",
        "tokio::net",
        "tokio::process",
        "tokio::spawn",
        "tokio::task",
        "tokio::runtime",
        "tokio::*",
        "reqwest",
        "rusqlite",
        "titan_server",
        "open",
        "crate::credentials",
        "crate::terminal",
        "crate::cli",
    ];
    const CLOCKS: [&str; 7] = [
        "Instant::now",
        "SystemTime::now",
        "Time::now",
        "Timestamp::now",
        "Zoned::now",
        "Client::connect",
        "Cache::open",
    ];
    ROOMS.iter().any(|room| path.is_in(room) && (path.parts.len() > 1 || *room != "open"))
        || CLOCKS.iter().any(|clock| path.ends(clock))
        || path.ends("SystemTime")
}

fn drawing_changes_nothing(sources: &[Source]) -> Vec<Breach> {
    struct Changed<'a>(&'a Source, Vec<Breach>);
    impl<'ast> Visit<'ast> for Changed<'_> {
        fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
            let to = self.0.paths_among(&words_of(&reference.elem));
            if let Some(state) = to.iter().find(|path| reference.mutability.is_some() && path.ends("State")) {
                let look = "draw from &State: what changes goes through update";
                self.1.push(breach(self.0, state.line, "drawing could change what it draws", look));
            }
            visit::visit_type_reference(self, reference);
        }
    }
    let drawn = |source: &&Source| source.path.contains("/panes/") || source.path.contains("/overlays/");
    let found = within(sources, "titan-tui/src/").filter(drawn).flat_map(|source| {
        let mut changed = Changed(source, Vec::new());
        changed.visit_file(&source.file);
        changed.1
    });
    found.collect()
}

/// Where titan-tui meets the world: `main`, the shell commands, the people of the demonstration and the runner of effects; what keeps credentials and what holds
/// the terminal are their tools, which nobody else may name.
fn runs_effects(path: &str) -> bool {
    let Some(inside) = path.strip_prefix("titan-tui/src/") else { return false };
    ["main.rs", "credentials.rs", "terminal.rs"].contains(&inside)
        || ["cli/", "cli.rs", "demo/", "runner", "app/runner", "terminal/"].iter().any(|room| inside.starts_with(room))
}
