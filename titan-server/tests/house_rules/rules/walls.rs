//! The walls between the crates. What a crate may name, its manifest says, and the compiler keeps it; these rules keep the
//! manifests, and that nothing is handed through a door in the wall.

use std::fs;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::{Breach, Rule, breach, forbid, product, within};
use crate::exceptions;
use crate::source::{Named, Source, members, words_of, workspace};

/// What a crate may depend on: of the house's own crates, and of what else the rules speak of.
pub struct Wall {
    /// Its folder from the workspace's root.
    pub folder: &'static str,
    pub own: &'static [&'static str],
    pub may: &'static [&'static str],
}

/// What a door may name of the house: the hall, the bytes, what doors are made with. No store, no other door.
const A_DOOR: [&str; 4] = ["titan-core", "titan-hub", "titan-blobs", "titan-door"];
const DOORS: &str = "titan-server/doors/";

const WEB: [&str; 10] = [
    "axum",
    "hyper",
    "hyper-util",
    "tower",
    "tower-http",
    "tokio-tungstenite",
    "tokio-rustls",
    "rustls",
    "reqwest",
    "utoipa",
];
const DATABASES: [&str; 6] =
    ["rusqlite", "tokio-postgres", "tokio-postgres-rustls", "deadpool-postgres", "sqlx", "diesel"];
const LETTERS: &str = "lettre";
/// Who may ask another crate of the house for more than its plain self: titan-sql for what a database's errors mean, the clients
/// for the SDK and its cache.
const ASKING: [&str; 2] = ["titan-sql", "titan-tui"];

pub const WALLS: &[Wall] = &[
    Wall {
        folder: "titan-core",
        own: &[],
        may: &["rusqlite", "reqwest", "rustls", "tokio-rustls", "tokio-tungstenite"],
    },
    Wall { folder: "titan-server/disk", own: &["titan-core"], may: &[] },
    // Its databases are optional: their errors, for titan-sql alone.
    Wall {
        folder: "titan-server/store",
        own: &["titan-core"],
        may: &["rusqlite?", "tokio-postgres?", "deadpool-postgres?"],
    },
    Wall {
        folder: "titan-server/sql",
        own: &["titan-core", "titan-store"],
        may: &["rusqlite", "tokio-postgres", "tokio-postgres-rustls", "deadpool-postgres", "rustls"],
    },
    Wall { folder: "titan-server/hub", own: &["titan-core", "titan-store", "titan-disk"], may: &[] },
    Wall { folder: "titan-server/blobs", own: &["titan-core", "titan-hub", "titan-disk"], may: &[] },
    Wall { folder: "titan-server/mail", own: &["titan-core", "titan-hub", "titan-disk"], may: &["lettre"] },
    Wall {
        folder: "titan-server/import",
        own: &["titan-core", "titan-store", "titan-sql", "titan-blobs", "titan-disk"],
        may: &["rusqlite", "tokio-postgres"],
    },
    Wall { folder: "titan-server/doors/plumbing", own: &["titan-core", "titan-hub", "titan-blobs"], may: &WEB },
    Wall { folder: "titan-tui", own: &["titan-core", "titan-server"], may: &["rustls", "reqwest"] },
];

/// What a manifest depends on: the section, the crate's name, whether it is optional, what features it asks for, whether it
/// is the workspace's.
pub struct Dependency {
    section: String,
    name: String,
    optional: bool,
    features: Vec<String>,
    of_workspace: bool,
}

/// All dependencies of a manifest, whatever name it gives them and for whatever platform.
fn dependencies(manifest: &toml::Table, shared: &toml::Table) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut tables: Vec<&toml::Table> = vec![manifest];
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    tables.extend(targets.into_iter().flat_map(|all| all.values().filter_map(toml::Value::as_table)));
    for table in tables {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let listed = table.get(section).and_then(toml::Value::as_table);
            found.extend(listed.into_iter().flatten().map(|(key, value)| {
                let flag = |name: &str| value.get(name).and_then(toml::Value::as_bool) == Some(true);
                let renamed =
                    |value: &toml::Value| value.get("package").and_then(toml::Value::as_str).map(str::to_owned);
                let features = value.get("features").and_then(toml::Value::as_array).into_iter().flatten();
                Dependency {
                    section: section.to_owned(),
                    name: renamed(value).or_else(|| renamed(shared.get(key)?)).unwrap_or_else(|| key.clone()),
                    optional: flag("optional"),
                    features: features.filter_map(toml::Value::as_str).map(str::to_owned).collect(),
                    of_workspace: flag("workspace"),
                }
            }));
        }
    }
    found
}

/// What is wrong with a manifest, given what its crate may name.
pub fn oversteps(folder: &str, manifest: &str, shared: &toml::Table) -> Vec<String> {
    let manifest: toml::Table = manifest.parse().unwrap();
    let door = folder.starts_with(DOORS) && folder != "titan-server/doors/plumbing";
    let wall = WALLS.iter().find(|wall| wall.folder == folder);
    let (own, may): (&[&str], &[&str]) = match wall {
        Some(wall) => (wall.own, wall.may),
        None if door => (&A_DOOR, &WEB),
        // The server puts the house together.
        None if folder == "titan-server" => return Vec::new(),
        None => return vec!["it stands in no wall: give it a line in house_rules/rules/walls.rs".to_owned()],
    };
    let name = manifest["package"]["name"].as_str().unwrap_or_default();
    let mut wrong = Vec::new();
    for dependency in dependencies(&manifest, shared) {
        let Dependency { section, name: other, optional, features, of_workspace } = &dependency;
        let other = other.as_str();
        if !of_workspace {
            wrong.push(format!("{other} is not the workspace's"));
        }
        if other.starts_with("titan") && !features.is_empty() && !ASKING.contains(&name) {
            wrong.push(format!("it asks {other} for {features:?}"));
        }
        // Tests of what doors are made with have a house behind it; nothing of that is built into a door.
        if section == "dev-dependencies" && folder == "titan-server/doors/plumbing" {
            continue;
        }
        let optionally = *optional && may.contains(&format!("{other}?").as_str());
        let of_the_house = other.starts_with("titan") && other != name;
        let foreign = WEB.contains(&other) || DATABASES.contains(&other) || other == LETTERS;
        if of_the_house && !own.contains(&other) || foreign && !may.contains(&other) && !optionally {
            wrong.push(format!("it may not name {other}"));
        }
    }
    wrong
}

pub fn shared() -> toml::Table {
    let root: toml::Table = fs::read_to_string(workspace().join("Cargo.toml")).unwrap().parse().unwrap();
    root["workspace"]["dependencies"].as_table().unwrap().clone()
}

/// Every crate of the house depends on what it may name, and on nothing else.
pub fn manifests_keep_the_walls() -> Vec<Breach> {
    let shared = shared();
    let told = members().into_iter().flat_map(|member| {
        let path = format!("{member}/Cargo.toml");
        let manifest = fs::read_to_string(workspace().join(&path)).unwrap();
        let instead = "ask a hub session; what two doors need goes into titan-server/doors/plumbing";
        let told = move |what| Breach { path: path.clone(), line: 1, what, instead };
        oversteps(&member, &manifest, &shared).into_iter().map(told)
    });
    told.collect()
}

/// The folders of doors that are no crate of the workspace, which no wall would hold.
pub fn rooms_without_walls() -> Vec<String> {
    let members = members();
    let folders =
        fs::read_dir(workspace().join(DOORS)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    folders.map(|folder| format!("{DOORS}{folder}")).filter(|folder| !members.contains(folder)).collect()
}

/// The hall hands records to doors, never the store itself: what it passes on of `titan-store` is a short list, by name.
pub const HANDING_OUT: Rule = Rule {
    check: the_hall_hands_out_no_store,
    exceptions: &[],
    breaches: &[
        (HALL, "pub use titan_store::Log;"),
        (HALL, "pub use titan_store as store;"),
        (HALL, "pub use titan_store::*;"),
        (HALL, "use titan_store as store;\npub use crate::store::{AppRecord, Store};"),
        (HALL, "pub extern crate titan_store;"),
        (HALL, "impl Hub { pub fn store(&self) -> &Arc<dyn Store> { &self.store } }"),
        (HALL, "impl Hub { pub fn log(&self) -> Option<Arc<dyn titan_store::Log>> { None } }"),
        (HALL, "impl Hub { pub fn log(&self) -> impl Log + '_ { &*self.log } }"),
        (HALL, "pub struct Hub { pub store: Arc<dyn Store> }"),
        (HALL, "pub type Memory = dyn Store;"),
        (
            "titan-server/hub/src/switchboard/mod.rs",
            "use titan_store::Log as Read;\nimpl Switchboard { pub fn log(&self) -> &dyn Read { &*self.log } }",
        ),
        ("titan-server/blobs/src/lib.rs", "pub use titan_store;"),
        ("titan-server/doors/plumbing/src/lib.rs", "pub use titan_sql::sqlite;"),
    ],
    fine: &[
        (HALL, "use titan_store as store;\npub use crate::store::{AccountKey, AppRecord};"),
        (
            HALL,
            "pub(crate) use titan_store::Log;\nimpl Hub { pub(crate) fn log(&self) -> &Arc<dyn Log> { &self.log } }",
        ),
        (HALL, "impl Hub { pub fn new(store: Arc<dyn Store>) -> Arc<Self> { make(store) } }"),
    ],
};

const HALL: &str = "titan-server/hub/src/lib.rs";
/// Whose crates a door can name.
const IN_REACH: [&str; 3] = ["titan-server/hub/src/", "titan-server/blobs/src/", "titan-server/doors/"];
const TRAITS: [&str; 8] = ["Store", "Log", "Accounts", "Relations", "Rooms", "Repository", "Upkeep", "Movable"];

fn the_hall_hands_out_no_store(sources: &[Source]) -> Vec<Breach> {
    let reachable = |source: &&Source| IN_REACH.iter().any(|folder| source.is_in(folder));
    product(sources).filter(reachable).flat_map(HandedOut::of).collect()
}

/// Finds what a crate shows of the store to those that name it.
struct HandedOut<'a>(&'a Source, Vec<Breach>);

impl<'a> HandedOut<'a> {
    fn of(source: &'a Source) -> Vec<Breach> {
        let mut out = Self(source, Vec::new());
        out.visit_file(&source.file);
        out.1
    }

    fn tell(&mut self, line: usize, what: &str) {
        let instead = "give out a record, or make it a method of the hall; a record's name goes into exceptions.rs";
        self.1.push(breach(self.0, line, format!("the store is handed out: {what}"), instead));
    }

    /// Looks for a store in a type that others see.
    fn look(&mut self, visibility: &syn::Visibility, kind: impl quote::ToTokens) {
        let words = words_of(kind);
        let any = words.iter().any(|word| word.text == "dyn" || word.text == "impl");
        let store = |path: &Named| TRAITS.iter().any(|name| path.ends(name)) && any;
        let found = self.0.paths_among(&words).into_iter().find(store);
        if let (syn::Visibility::Public(_), Some(path)) = (visibility, found) {
            self.tell(path.line, &path.text());
        }
    }
}

fn is_the_stores(path: &Named) -> bool {
    ["titan_store", "titan_sql", "store", "crate::store"].iter().any(|room| path.is_in(room))
}

impl<'ast> Visit<'ast> for HandedOut<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !matches!(item.vis, syn::Visibility::Public(_)) {
            return;
        }
        let (first, last) = (item.span().start().line, item.span().end().line);
        let named: Vec<Named> =
            self.0.imported.iter().filter(|path| (first..=last).contains(&path.line)).cloned().collect();
        for path in named.iter().filter(|path| is_the_stores(path)) {
            let record = path.parts.last().is_some_and(|name| exceptions::RECORDS.contains(&name.as_str()));
            if !record {
                self.tell(path.line, &path.text());
            }
        }
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        self.tell(item.ident.span().start().line, &format!("extern crate {}", item.ident));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.look(&function.vis, &function.sig.output);
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.look(&function.vis, &function.sig.output);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        self.look(&field.vis, &field.ty);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.look(&item.vis, &item.ty);
        visit::visit_item_type(self, item);
    }
}

/// The hall speaks titan-core's words and no wire: it makes and reads no JSON and no frames. A voice signal is a value that it
/// passes on as it came.
pub const NO_WIRE: Rule = Rule {
    check: the_hall_speaks_no_wire,
    exceptions: exceptions::WIRE,
    breaches: &[
        (ROOMS, "fn f() { serde_json::to_string(&1); }"),
        (ROOMS, "use serde_json::{to_vec as encode};"),
        (ROOMS, "fn f() { let told = serde_json::json!({\"a\": 1}); }"),
        (ROOMS, "use serde_json as json;\nfn f() { json::from_str(x) }"),
        (ROOMS, "fn take(command: titan_core::protocol::Command) {}"),
        (ROOMS, "use titan_core::protocol::{Fault, Command as Asked};"),
        ("titan-server/hub/src/switchboard/listener.rs", "fn f() { serde_json::to_value(&1); }"),
    ],
    fine: &[(ROOMS, "// serde_json is no concern of ours\nuse titan_core::protocol::Event;")],
};

const ROOMS: &str = "titan-server/hub/src/rooms.rs";

fn the_hall_speaks_no_wire(sources: &[Source]) -> Vec<Breach> {
    let instead = "say it in the words of titan-core and let a door translate";
    let frames = ["protocol::Command", "protocol::Request", "protocol::Response", "protocol::Incoming"];
    let wire = |path: &Named| {
        let encodes = path.is_in("serde_json") && path.parts.len() > 1 && !path.ends("serde_json::Value");
        encodes || frames.iter().any(|frame| path.ends(frame))
    };
    within(sources, "titan-server/hub/src/")
        .flat_map(|source| forbid(source, wire, "the hall names a wire format:", instead))
        .collect()
}

/// Only what puts the house together names what is concrete: a memory, a door.
pub const CONCRETE: Rule = Rule {
    check: concrete_things_are_named_in_few_places,
    exceptions: exceptions::CONCRETE,
    breaches: &[
        ("titan-server/src/telemetry.rs", "use crate::store::sqlite::SqliteOptions;"),
        ("titan-server/src/telemetry.rs", "use titan_sql::sqlite as memory;"),
        ("titan-server/src/console/mod.rs", "fn f(store: crate::store::postgres::PostgresStore) {}"),
        ("titan-server/src/console/mod.rs", "fn f() { titan_door_native::router(house) }"),
        ("titan-server/src/sweeping.rs", "use crate::doors::{House, slash};"),
    ],
    fine: &[
        ("titan-server/src/server.rs", "use crate::store::sqlite::SqliteStore;"),
        ("titan-server/src/sweeping.rs", "use crate::doors::House;"),
    ],
};

fn concrete_things_are_named_in_few_places(sources: &[Source]) -> Vec<Breach> {
    // `soundness.rs` looks at a database before anybody opens it as a store.
    const TOGETHER: [&str; 7] =
        ["server.rs", "main.rs", "lib.rs", "doors.rs", "doors/http.rs", "soundness.rs", "upkeep/"];
    const SHARED: [&str; 7] = ["House", "Peer", "Sizes", "serve", "openapi", "http", "self"];
    let instead = "take the trait or the hub; only server.rs and main.rs put the house together";
    let concrete = |path: &Named| {
        path.is_in("titan_sql")
            || path.holds("store::sqlite")
            || path.holds("store::postgres")
            || path.parts.first().is_some_and(|first| first.starts_with("titan_door_"))
            || path.is_in("crate::doors") && path.parts.get(2).is_some_and(|door| !SHARED.contains(&door.as_str()))
    };
    within(sources, "titan-server/src/")
        .filter(|source| !TOGETHER.iter().any(|room| source.is_in(&format!("titan-server/src/{room}"))))
        .flat_map(|source| forbid(source, concrete, "a concrete thing by its name:", instead))
        .collect()
}
