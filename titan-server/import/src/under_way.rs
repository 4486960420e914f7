//! An import under way: the house it goes into, who came in so far, and the count of everything.

use std::collections::HashMap;

use anyhow::{Context, bail, ensure};
use indicatif::ProgressBar;
use titan_core::{ConversationId, SafeText, Time};

use super::done::{Imported, counted};
use super::fingerprint::{Fingerprint, Lasting};
use super::known::People;
use super::naming::{self, Renamed};
use super::shelf::Shelf;
use super::times::Clock;
use crate::foreign::{Foreign, Found};
use crate::wish::{House, Memory, Safekeeping, System, Wish};
use titan_blobs::Blobs;
use titan_disk::data_dir::DataDir;
use titan_sql::import::Importer;
use titan_store::{AuditRecord, Counts};

/// The act of an import in the audit log.
pub const IMPORT: &str = "import";

pub struct Import {
    // First, so that it is undone before its files go.
    pub importer: Importer,
    pub clock: Clock,
    pub now: Time,
    pub people: People,
    pub shelf: Shelf,
    pub done: Imported,
    /// What was put into the house, counted where it was.
    pub put: Counts,
    /// A room of the older system has become the one that everybody is in.
    pub general_is_theirs: bool,
    pub bar: ProgressBar,
    pub safely: Safekeeping,
    pub fingerprint: Fingerprint,
    /// Who has another name or number now.
    pub renamed: Vec<Renamed>,
    /// What lines call conversations by.
    pub places: HashMap<ConversationId, String>,
    before: Counts,
    lock: DataDir,
}

/// What an import is of: its tables, and what it is known by.
pub struct Source<'a> {
    pub foreign: &'a Foreign,
    pub system: System,
    /// Every table of it that is taken in.
    pub tables: Vec<&'a Found>,
    pub people: Lasting<'a>,
    pub talk: Lasting<'a>,
    /// About how many messages there are, for the bar.
    pub messages: u64,
}

impl Source<'_> {
    /// How many rows of the tables are to be accounted for.
    fn held(&self) -> anyhow::Result<u64> {
        Ok(self.tables.iter().map(|table| self.foreign.count(table)).sum::<Result<u64, _>>()?)
    }

    fn fingerprint(&self) -> anyhow::Result<Fingerprint> {
        Ok(Fingerprint::of(self.foreign, self.system, self.people, self.talk)?)
    }
}

impl Import {
    /// Opens the house. What is in it already is refused, unless it is wanted again.
    pub fn begin(house: &House, wish: &Wish, source: &Source<'_>) -> anyhow::Result<Self> {
        let mut import = Self::open(house, wish, source)?;
        if let Some(earlier) = import.earlier(source.system, wish)?.filter(|_| !wish.again) {
            let (at, object) = (moment(earlier.at), earlier.object);
            bail!(
                "nothing was imported: this house has it already, since {at}, from {object}. Files that were left out then \
                 come in with --add-files; with --again all of it comes in once more"
            );
        }
        Ok(import)
    }

    /// Opens the house for what belongs to an earlier import of the same source.
    pub fn go_on(house: &House, wish: &Wish, source: &Source<'_>) -> anyhow::Result<Self> {
        let mut import = Self::open(house, wish, source)?;
        if import.earlier(source.system, wish)?.is_none() {
            bail!("nothing was imported: --add-files is for a house that has this source already, and this one hasn't");
        }
        Ok(import)
    }

    fn open(house: &House, wish: &Wish, source: &Source<'_>) -> anyhow::Result<Self> {
        let lock = DataDir::open(&house.data_dir).with_context(|| format!("opening {}", house.data_dir.display()))?;
        let blobs = Blobs::open(&house.blobs).with_context(|| format!("opening {}", house.blobs.display()))?;
        let opened = match &house.memory {
            Memory::File(path) => Importer::into_file(path),
            Memory::Postgres { url, .. } => Importer::into_postgres(url.reveal()),
        };
        let mut importer = opened.with_context(|| format!("opening {}", house.memory))?;
        let before = importer.counts()?;
        let (beside, uploads) = (wish.from.folder(), wish.uploads.as_deref());
        Ok(Self {
            importer,
            clock: Clock::new(wish.zone.clone().unwrap_or_else(|| source.system.zone())),
            now: Time::now(),
            people: People::default(),
            shelf: Shelf::new(beside, uploads, &house.blobs, blobs, wish.dry_run),
            done: Imported::nothing_yet(wish.dry_run),
            put: Counts::default(),
            safely: house.safely.clone(),
            general_is_theirs: false,
            bar: (house.progress)("importing messages", source.messages),
            fingerprint: source.fingerprint()?,
            renamed: Vec::new(),
            places: HashMap::new(),
            before,
            lock,
        })
    }

    /// The import that brought this source in before.
    fn earlier(&mut self, system: System, wish: &Wish) -> anyhow::Result<Option<AuditRecord>> {
        let same_place = object_of(system, wish);
        let acts = self.importer.acts(IMPORT)?;
        Ok(acts.into_iter().find(|act| match Fingerprint::from_text(&act.detail) {
            Some(known) => known.is(&self.fingerprint),
            // Of before there were fingerprints: told by where it lay.
            None => act.object == same_place,
        }))
    }

    /// Keeps everything, if all that the older system held is accounted for; nothing otherwise.
    pub fn finish(mut self, wish: &Wish, source: &Source<'_>) -> anyhow::Result<Imported> {
        self.bar.finish_and_clear();
        for gone in self.people.all_gone() {
            self.importer.ended(gone, self.now)?;
        }
        self.note(source.system, wish)?;
        for (table, rows) in source.foreign.besides(&source.tables)? {
            self.behind(table, rows);
        }
        self.verify(source.held()?)?;
        self.note_times();
        self.refuse_missing(wish)?;
        self.keep(wish, source.system)
    }

    /// Makes it true, with the list of names beside it.
    pub fn keep(mut self, wish: &Wish, system: System) -> anyhow::Result<Imported> {
        if wish.dry_run {
            return Ok(self.done);
        }
        let names = match self.renamed.is_empty() {
            true => None,
            false => Some(naming::write(self.lock.path(), system, self.now, &self.renamed)?),
        };
        self.shelf.settle();
        if let Err(error) = self.importer.commit() {
            names.into_iter().for_each(|names| drop(std::fs::remove_file(names)));
            return Err(error).context("writing the import to disk");
        }
        self.done.names = names;
        Ok(self.done)
    }

    /// A table that nothing here is like. What only says who was connected, or which version the tables have, is no loss.
    fn behind(&mut self, table: String, rows: u64) {
        const PASSING: [&str; 9] = [
            "sessions",
            "password_resets",
            "email_verifications",
            "oauth_states",
            "_heartbeat",
            "alembic_version",
            "schema_migrations",
            "django_migrations",
            "spatial_ref_sys",
        ];
        if PASSING.contains(&table.to_ascii_lowercase().as_str()) {
            let rows = counted(rows, "row", "rows");
            self.done.notes.push(format!("the table {table:?} with {rows} was not needed: it holds nothing lasting"));
        } else {
            self.done.stays_behind(table, rows);
        }
    }

    /// Files are not left out unless that is wished.
    fn refuse_missing(&mut self, wish: &Wish) -> anyhow::Result<()> {
        if self.done.missing.is_empty() || wish.leave_out_files {
            return Ok(());
        }
        let files = counted(self.done.missing.len() as u64, "file is", "files are");
        bail!(
            "nothing was imported: {files} not where the uploads were looked for.\n  {}\nName their folder with --uploads. With \
             --leave-out-files all else comes in; the same command with --add-files brings them in later",
            self.done.missing.join("\n  ")
        )
    }

    fn note(&mut self, system: System, wish: &Wish) -> anyhow::Result<()> {
        let detail = format!("{}, {}", counted(self.done.accounts, "account", "accounts"), self.fingerprint.to_text());
        let (at, act, object) = (self.now, IMPORT.to_owned(), object_of(system, wish));
        Ok(self.importer.audit(&AuditRecord { at, by: None, act, object, detail })?)
    }

    /// Times are shown beside what was said: that some are not as they were must be known.
    fn note_times(&mut self) {
        for (conversation, lines) in self.importer.moved_on() {
            let place = self.places.get(&conversation).map_or("the room that everybody is in", String::as_str);
            let entries = if lines == 1 { "1 entry has" } else { &format!("{lines} entries have") };
            let line =
                format!("{place}: {entries} a later time than before, that of a newer one which was there already");
            self.done.notes.push(line);
        }
    }

    /// Counts the house: it holds what was put there, and what came in is what there was, but for what was left out by
    /// name.
    fn verify(&mut self, held: u64) -> anyhow::Result<()> {
        let (after, before, put) = (self.importer.counts()?, self.before, self.put);
        let rows = [
            ("accounts", after.accounts - before.accounts, put.accounts),
            ("rooms", after.rooms - before.rooms, put.rooms),
            ("entries", after.entries - before.entries, put.entries),
            ("files", after.files - before.files, put.files),
            ("apps", after.apps - before.apps, put.apps),
        ];
        for (what, came, wanted) in rows {
            ensure!(came == wanted, "the house holds {came} more {what} where {wanted} came in: nothing was imported");
        }
        let (taken, left) = (self.done.taken(), self.done.left());
        if taken + left != held {
            bail!("{held} things were there, {taken} came in and {left} were left out: nothing was imported");
        }
        Ok(())
    }
}

fn object_of(system: System, wish: &Wish) -> String {
    SafeText::line(&format!("{} {}", system.name(), wish.from)).into_written()
}

fn moment(at: Time) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| at.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}
