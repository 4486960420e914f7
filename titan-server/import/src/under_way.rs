//! An import under way: the house it goes into, who came in so far, and the count of everything.

use anyhow::{Context, bail, ensure};
use indicatif::ProgressBar;
use titan_core::{SafeText, Time};

use super::done::Imported;
use super::known::People;
use super::names::shown;
use super::shelf::Shelf;
use super::times::Clock;
use super::{System, Wish};
use crate::wish::House;
use titan_blobs::Blobs;
use titan_disk::data_dir::DataDir;
use titan_sql::sqlite::{Counts, Importer};
use titan_store::AuditRecord;

pub struct Import {
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
    before: Counts,
    _lock: DataDir,
}

impl Import {
    /// Opens the house. `messages` is about how many there will be, for the bar.
    pub fn begin(house: &House, system: System, wish: &Wish, messages: u64) -> anyhow::Result<Self> {
        let _lock = DataDir::open(&house.data_dir).with_context(|| format!("opening {}", house.data_dir.display()))?;
        let blobs = Blobs::open(&house.blobs).with_context(|| format!("opening {}", house.blobs.display()))?;
        let opening = || format!("opening {}", house.database.display());
        let mut importer = Importer::begin(&house.database).with_context(opening)?;
        let before = importer.counts()?;
        let (beside, uploads) = (wish.from.folder(), wish.uploads.as_deref());
        Ok(Self {
            importer,
            clock: Clock::new(wish.zone.clone().unwrap_or_else(|| system.zone())),
            now: Time::now(),
            people: People::default(),
            shelf: Shelf::new(beside, uploads, &house.blobs, blobs, wish.dry_run),
            done: Imported::nothing_yet(wish.dry_run),
            put: Counts::default(),
            general_is_theirs: false,
            bar: (house.progress)("importing messages", messages),
            before,
            _lock,
        })
    }

    /// Keeps everything, if all of the `held` things of the older system are accounted for; nothing otherwise.
    pub fn finish(mut self, system: System, wish: &Wish, held: u64) -> anyhow::Result<Imported> {
        self.bar.finish_and_clear();
        self.note(system, wish)?;
        self.verify(held)?;
        self.note_times()?;
        if !wish.dry_run {
            self.importer.commit().context("writing the import to disk")?;
        }
        Ok(self.done)
    }

    fn note(&mut self, system: System, wish: &Wish) -> anyhow::Result<()> {
        let act = AuditRecord {
            at: self.now,
            by: None,
            act: "import".to_owned(),
            object: SafeText::line(&format!("{} {}", system.name(), wish.from)).into_written(),
            detail: format!("{} accounts", self.done.accounts),
        };
        Ok(self.importer.audit(&act)?)
    }

    /// Times are shown beside what was said: that some are not as they were must be known.
    fn note_times(&mut self) -> anyhow::Result<()> {
        for (room, lines) in self.importer.moved_on()? {
            let place =
                room.map_or_else(|| "a direct conversation".to_owned(), |room| format!("room {}", shown(&room)));
            let entries = if lines == 1 { "1 entry has" } else { &format!("{lines} entries have") };
            let line =
                format!("{place}: {entries} a later time than before, that of a newer one which was there already");
            self.done.notes.push(line);
        }
        Ok(())
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
