//! Taking in what an older system kept, while no server runs: all of it in one transaction, or nothing.

mod names;
mod times;
pub mod titan_net;

use std::fmt;

use crate::store::sqlite::Counts;

/// What an import did.
#[derive(Debug, Default)]
pub struct Imported {
    pub accounts: u64,
    pub rooms: u64,
    pub members: u64,
    pub messages: u64,
    pub privates: u64,
    pub apps: u64,
    /// A line for each thing that has another name now.
    pub renamed: Vec<String>,
    /// A line for each thing that could not be taken in.
    pub left_out: Vec<String>,
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.renamed {
            writeln!(f, "renamed: {line}")?;
        }
        for line in &self.left_out {
            writeln!(f, "left out: {line}")?;
        }
        let Self { accounts, rooms, members, messages, privates, apps, .. } = self;
        writeln!(
            f,
            "Imported {accounts} accounts, {rooms} rooms with {members} members and {messages} messages, \
             {privates} private messages, {apps} apps."
        )
    }
}

/// What the house holds more than before.
fn gained(before: Counts, after: Counts) -> Counts {
    Counts {
        accounts: after.accounts - before.accounts,
        rooms: after.rooms - before.rooms,
        directs: after.directs - before.directs,
        entries: after.entries - before.entries,
        files: after.files - before.files,
        apps: after.apps - before.apps,
    }
}
