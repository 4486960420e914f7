//! What an import did, in numbers and in lines for the operator.

use std::collections::BTreeMap;
use std::fmt;

/// What an import did.
#[derive(Debug, Default)]
pub struct Imported {
    pub accounts: u64,
    pub rooms: u64,
    pub directs: u64,
    pub members: u64,
    pub messages: u64,
    pub privates: u64,
    pub apps: u64,
    pub files: u64,
    /// Who came and went, and fetched a file.
    pub happenings: u64,
    /// Of the audit log.
    pub acts: u64,
    /// A line for each thing that has another name now.
    pub renamed: Vec<String>,
    /// A line for each thing that the operator should know or do.
    pub notes: Vec<String>,
    /// Why things could not be taken in, and how many for each reason.
    left_out: BTreeMap<String, u64>,
    /// Whether nothing of it was kept.
    pub dry_run: bool,
}

impl Imported {
    pub fn nothing_yet(dry_run: bool) -> Self {
        Self { dry_run, ..Self::default() }
    }

    pub fn leave_out(&mut self, why: impl Into<String>) {
        *self.left_out.entry(why.into()).or_default() += 1;
    }

    /// How many things could not be taken in.
    pub fn left(&self) -> u64 {
        self.left_out.values().sum()
    }

    /// How many things were.
    pub fn taken(&self) -> u64 {
        let talk = self.messages + self.privates + self.happenings + self.files;
        self.accounts + self.rooms + self.directs + self.members + talk + self.apps + self.acts
    }
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.renamed {
            writeln!(f, "renamed: {line}")?;
        }
        for (line, times) in &self.left_out {
            match times {
                1 => writeln!(f, "left out: {line}")?,
                times => writeln!(f, "left out: {line} ({times} times)")?,
            }
        }
        for line in &self.notes {
            writeln!(f, "note: {line}")?;
        }
        let did = if self.dry_run { "A dry run, nothing was kept. It would have imported" } else { "Imported" };
        let Self { accounts, rooms, members, messages, privates, apps, .. } = self;
        write!(
            f,
            "{did} {accounts} accounts, {rooms} rooms with {members} members and {messages} messages, \
             {privates} private messages, {apps} apps"
        )?;
        let more = [
            (self.directs, "direct conversations"),
            (self.files, "files"),
            (self.happenings, "comings, goings and downloads"),
            (self.acts, "acts of admins"),
        ];
        for (number, what) in more.iter().filter(|(number, _)| *number > 0) {
            write!(f, ", {number} {what}")?;
        }
        match self.left() {
            0 => writeln!(f, "."),
            left => writeln!(f, ". {left} were left out."),
        }
    }
}
