//! What an import did, in numbers and in lines for the operator. What the lines call by a number or a name, they call as the
//! older system did.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// What an import did.
#[derive(Debug, Default)]
pub struct Imported {
    pub accounts: u64,
    pub rooms: u64,
    /// Rooms that no row told of.
    pub own_rooms: u64,
    pub directs: u64,
    pub members: u64,
    /// Members of whom no row told, but what they did.
    pub guests: u64,
    pub messages: u64,
    pub privates: u64,
    pub apps: u64,
    pub files: u64,
    /// Who came and went, and fetched a file.
    pub happenings: u64,
    /// Of the audit log.
    pub acts: u64,
    /// Bans, blocks, and who moderates.
    pub orders: u64,
    /// A line for each thing that has another name now.
    pub renamed: Vec<String>,
    /// A line for each thing that the operator should know or do.
    pub notes: Vec<String>,
    /// Files that were not found, a line each. They are among what was left out, too.
    pub missing: Vec<String>,
    /// Why things could not be taken in, and how many for each reason.
    left_out: BTreeMap<String, u64>,
    /// Tables that nothing here is like, with the number of their rows.
    behind: Vec<(String, u64)>,
    /// Where it says who is called what now.
    pub names: Option<PathBuf>,
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

    /// A table stays behind as a whole.
    pub fn stays_behind(&mut self, table: String, rows: u64) {
        self.behind.push((table, rows));
    }

    /// How many things could not be taken in, of the tables that were.
    pub fn left(&self) -> u64 {
        self.left_out.values().sum()
    }

    /// How many things were.
    pub fn taken(&self) -> u64 {
        let talk = self.messages + self.privates + self.happenings + self.files;
        self.accounts + self.rooms + self.directs + self.members + talk + self.apps + self.acts + self.orders
    }

    /// Whether all of it came in.
    pub fn is_complete(&self) -> bool {
        self.left_out.is_empty() && self.behind.is_empty()
    }

    fn what(&self) -> String {
        let parts = [
            (self.privates, "private message", "private messages", true),
            (self.apps, "app", "apps", true),
            (self.directs, "direct conversation", "direct conversations", false),
            (self.files, "file", "files", false),
            (self.happenings, "coming, going or download", "comings, goings and downloads", false),
            (self.orders, "ban, block or moderator", "bans, blocks and moderators", false),
            (self.acts, "act of an admin", "acts of admins", false),
        ];
        let mut what = format!(
            "{}, {} with {} and {}",
            counted(self.accounts, "account", "accounts"),
            counted(self.rooms + self.own_rooms, "room", "rooms"),
            counted(self.members + self.guests, "member", "members"),
            counted(self.messages, "message", "messages"),
        );
        for (number, one, many, always) in parts {
            if always || number > 0 {
                what += &format!(", {}", counted(number, one, many));
            }
        }
        what
    }
}

/// A number with its noun.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
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
        for (table, rows) in &self.behind {
            writeln!(
                f,
                "left out: the table {table:?} with {}: nothing here is like it",
                counted(*rows, "row", "rows")
            )?;
        }
        for line in &self.notes {
            writeln!(f, "note: {line}")?;
        }
        if let Some(names) = &self.names {
            writeln!(f, "note: who is called what now stands in {}", names.display())?;
        }
        let did = if self.dry_run { "A dry run, nothing was kept. It would have imported" } else { "Imported" };
        write!(f, "{did} {}.", self.what())?;
        if !self.is_complete() {
            let tables = counted(self.behind.len() as u64, "table", "tables");
            write!(f, " Left out: {} and {tables}.", counted(self.left(), "thing", "things"))?;
        }
        writeln!(f)
    }
}
