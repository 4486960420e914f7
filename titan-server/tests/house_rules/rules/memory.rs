//! What keeps the memory true: SQL stands in its places, an entry is announced only after its commit, a commit is on disk.

use syn::visit::{self, Visit};

use super::{Breach, Rule, breach, product, within};
use crate::exceptions;
use crate::source::{Named, Source, words_of};

/// SQL stands only where a database is: in the memories, in the client's cache, and where older systems' databases are read.
pub const SQL: Rule = Rule {
    check: sql_stands_in_its_places,
    exceptions: exceptions::SQL,
    breaches: &[
        ("titan-server/hub/src/rooms.rs", "const ALL: &str = \"SELECT * FROM rooms\";"),
        ("titan-server/hub/src/rooms.rs", "const ALL: &str = \"with mine as (select 1) select * from mine\";"),
        ("titan-server/hub/src/rooms.rs", "fn f() { run(\"WITH RECURSIVE up(n) AS (VALUES (1)) SELECT n FROM up\") }"),
        ("titan-server/store/src/lib.rs", "fn f() { run(r#\"\n  delete   from rooms\"#) }"),
        ("titan-server/src/server.rs", "fn f() { run(b\"PRAGMA journal_mode\") }"),
        ("titan-server/blobs/src/lib.rs", "fn f() { run(&format!(\"insert or ignore into {table} values (1)\")) }"),
        ("titan-tui/src/app/state.rs", "fn f() { run(\"BEGIN IMMEDIATE\") }"),
        (
            "titan-server/mail/src/lib.rs",
            "const A: &str = concat!(\"-- all of them\\n\", \"update users set is_admin = 1\");",
        ),
    ],
    fine: &[
        ("titan-server/sql/src/sqlite/rooms.rs", "const A: &str = \"SELECT 1\";"),
        ("titan-core/src/cache/search.rs", "const A: &str = \"SELECT a FROM b\";"),
        ("titan-tui/src/words.rs", "const A: &str = \"Select a room\"; const B: &str = \"Update your profile\";"),
    ],
};

const PLACES: [&str; 4] = [
    "titan-server/sql/src/",
    "titan-core/src/cache/",
    "titan-server/import/src/foreign/",
    "titan-server/store/src/moving.rs",
];

fn sql_stands_in_its_places(sources: &[Source]) -> Vec<Breach> {
    let instead = "make it a verb of the store (titan-server/sql/) or of the cache (titan-core/src/cache/)";
    product(sources)
        .filter(|source| !PLACES.iter().any(|place| source.is_in(place)))
        .flat_map(|source| {
            let statements = source.strings().filter(|(_, string)| is_sql(string));
            let told = statements.map(|(line, string)| {
                let begins: String = string.trim_start().chars().take(40).collect();
                breach(
                    source,
                    line + string.matches('\n').count(),
                    format!("SQL outside of a store: {begins:?}"),
                    instead,
                )
            });
            told.collect::<Vec<_>>()
        })
        .collect()
}

/// Whether a text is a statement of SQL, in capitals or not, whatever stands before it.
fn is_sql(text: &str) -> bool {
    const ALONE: [&str; 7] = ["PRAGMA", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "VACUUM", "ATTACH"];
    const PAIRS: [(&str, &[&str]); 6] = [
        ("insert", &["into", "or"]),
        ("replace", &["into"]),
        ("delete", &["from"]),
        ("create", &["table", "index", "unique", "view", "trigger", "virtual", "temp", "temporary"]),
        ("drop", &["table", "index", "view", "trigger"]),
        ("alter", &["table"]),
    ];
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let low: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let begins = |with: &str| low.first().is_some_and(|word| word == with);
    let has = |word: &str| low.iter().any(|other| other == word);
    words.first().is_some_and(|word| ALONE.contains(word))
        || low
            .windows(2)
            .any(|two| PAIRS.iter().any(|(first, then)| two[0] == *first && then.contains(&two[1].as_str())))
        || begins("select") && (has("from") || words[0] == "SELECT")
        || begins("with") && has("as") && has("select")
        || low.windows(3).any(|three| three[0] == "update" && three[2] == "set")
}

/// An entry is announced only after its commit, by the switchboard, which the store calls.
pub const ANNOUNCING: Rule = Rule {
    check: commit_comes_before_announcement,
    exceptions: &[],
    breaches: &[
        ("titan-server/hub/src/messages.rs", "fn f() { tell(Event::Entry { entry }) }"),
        ("titan-server/hub/src/messages.rs", "fn f() { tell(Event::entry(entry)) }"),
        (
            "titan-server/hub/src/messages.rs",
            "use titan_core::protocol as wire;\nfn f() { entries.map(wire::Event::entry) }",
        ),
        ("titan-server/hub/src/messages.rs", "fn f() { tell(titan_core::protocol::Event::Entry{entry:entry}) }"),
        (
            "titan-server/hub/src/messages.rs",
            "use titan_core::protocol::Event as Told;\nfn f() { Told::Entry { entry }; }",
        ),
        ("titan-server/hub/src/messages.rs", "fn f() { offer(Delivery::entry(entry)) }"),
        ("titan-server/hub/src/messages.rs", "fn f() { entries.map(Delivery::entry) }"),
        ("titan-server/doors/native/src/talk.rs", "use titan_hub::switchboard::Happening::Entry;"),
        ("titan-server/doors/native/src/talk.rs", "fn f() { offer(Happening::Entry(entry)) }"),
        ("titan-server/doors/native/src/talk.rs", "fn f() { join!(offer(Delivery::entry(entry))) }"),
    ],
    fine: &[
        (
            "titan-server/doors/native/src/talk.rs",
            "fn f() { match e { Event::Entry { entry } => 1, Happening::Entry(e) => 2 } }",
        ),
        (
            "titan-server/doors/native/src/talk.rs",
            "fn f() { if let Happening::Entry(e) = x {} matches!(x, Happening::Entry(_)) }",
        ),
        ("titan-server/hub/src/switchboard/mod.rs", "fn f() { Delivery::entry(entry) }"),
    ],
};

const MADE: [&str; 4] = ["Event::Entry", "Event::entry", "Delivery::entry", "Happening::Entry"];

fn commit_comes_before_announcement(sources: &[Source]) -> Vec<Breach> {
    let board = "titan-server/hub/src/switchboard/";
    within(sources, "titan-server/").filter(|source| !source.is_in(board)).flat_map(Announced::of).collect()
}

/// Finds entries that are made to be announced: values, not patterns.
struct Announced<'a> {
    source: &'a Source,
    found: Vec<Breach>,
}

impl<'a> Announced<'a> {
    fn of(source: &'a Source) -> Vec<Breach> {
        let mut all = Self { source, found: Vec::new() };
        all.visit_file(&source.file);
        // Imported from inside, it could be made by a bare name.
        for path in source.imported.iter().filter(|path| is_made(path)) {
            all.tell(path.line, &path.text());
        }
        all.found
    }

    fn tell(&mut self, line: usize, what: &str) {
        let instead = "append to the store: what it committed reaches the switchboard by itself";
        self.found.push(breach(self.source, line, format!("an entry is announced beside the store: {what}"), instead));
    }

    fn look(&mut self, path: &syn::Path) {
        let path = self.source.whole(path);
        if is_made(&path) {
            self.tell(path.line, &path.text());
        }
    }
}

fn is_made(path: &Named) -> bool {
    MADE.iter().any(|made| path.ends(made))
}

impl<'ast> Visit<'ast> for Announced<'_> {
    fn visit_expr_path(&mut self, expression: &'ast syn::ExprPath) {
        self.look(&expression.path);
        visit::visit_expr_path(self, expression);
    }

    fn visit_expr_struct(&mut self, expression: &'ast syn::ExprStruct) {
        self.look(&expression.path);
        visit::visit_expr_struct(self, expression);
    }

    /// A macro's inside is not parsed. `matches!` only looks; the arms of `select!` have patterns, which can't be calls.
    fn visit_macro(&mut self, used: &'ast syn::Macro) {
        let name = used.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let words = words_of(&used.tokens);
        let named = self.source.paths_among(&words).into_iter().filter(is_made);
        for path in named.filter(|path| name != "matches" && (name != "select" || path.ends("Delivery::entry"))) {
            self.tell(path.line, &path.text());
        }
    }
}

/// What is committed is on disk (fsync), with no switch to weaken it.
pub const DURABLE: Rule = Rule {
    check: commits_are_on_disk,
    exceptions: &[],
    breaches: &[
        ("titan-server/sql/src/sqlite/mod.rs", "const SETTINGS: &str = \"PRAGMA synchronous = NORMAL\";"),
        ("titan-server/sql/src/sqlite/mod.rs", "const SETTINGS: &str = \"PRAGMA synchronous=1\";"),
        ("titan-server/sql/src/sqlite/mod.rs", "const SETTINGS: &str = \"PRAGMA journal_mode=OFF\";"),
        ("titan-server/sql/src/postgres/session.rs", "const SETTINGS: &str = \"SET synchronous_commit = off\";"),
        ("titan-server/sql/src/postgres/session.rs", "fn f() { config.options(\"-c fsync=off\") }"),
        ("titan-server/src/config.rs", "pub struct S { pub fsync: bool }"),
        ("titan-server/src/config/address.rs", "pub struct S { pub no_sync: Option<bool> }"),
    ],
    fine: &[
        ("titan-server/sql/src/postgres/session.rs", "const SETTINGS: &str = \"SET synchronous_commit = on\";"),
        ("titan-server/sql/src/sqlite/mod.rs", "const SETTINGS: &str = \"PRAGMA synchronous = FULL\";"),
    ],
};

fn commits_are_on_disk(sources: &[Source]) -> Vec<Breach> {
    let mut found = Vec::new();
    for source in within(sources, "titan-server/") {
        let instead = "a commit is fsynced: synchronous=FULL, always";
        let weak = source.strings().filter(|(_, string)| is_weak(string));
        found.extend(weak.map(|(line, string)| breach(source, line, format!("a weaker commit: {string:?}"), instead)));
        if source.is_in("titan-server/src/config") {
            let switches = ["synchronous", "no_fsync", "no_sync", "fsync", "durability", "durable"];
            let named = source.words.iter().filter(|word| switches.contains(&word.text.as_str()));
            let told = |line| breach(source, line, "a switch for durability", "there is none; take it out");
            found.extend(named.map(|word| told(word.line)));
        }
    }
    found
}

fn is_weak(string: &str) -> bool {
    let string: String = string.to_lowercase().split_whitespace().collect();
    // PostgreSQL's word for it: asked for, or set to what is on disk.
    let string = string.replace("current_setting('synchronous_commit')", "").replace("synchronous_commit=on", "");
    string.contains("synchronous") && !string.contains("synchronous=full") && !string.contains("synchronous=2")
        || ["journal_mode=memory", "journal_mode=off", "fsync=off", "full_page_writes=off"]
            .iter()
            .any(|weak| string.contains(weak))
}
