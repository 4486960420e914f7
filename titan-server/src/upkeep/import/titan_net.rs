//! The original Titan-Net server's accounts, rooms, messages and apps, taken into a house.
//!
//! Passwords stay what they were: their hashes come along and are replaced at the first login. Accounts keep their names
//! and titan numbers; where one can't, nothing is imported unless the operator allows other names. Everything gets new ids.

mod people;
mod shelf;
mod talk;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, bail, ensure};
use indicatif::ProgressBar;
use jiff::tz::TimeZone;
use titan_core::protocol::Author;
use titan_core::{SafeText, Time};

use super::times::Clock;
use super::{Imported, gained};
use crate::blobs::Blobs;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::store::AuditRecord;
use crate::store::sqlite::Importer;
use crate::store::sqlite::titan_net::Original;
use crate::upkeep::progress;

/// What the operator says about the database.
#[derive(Clone, Debug)]
pub struct Wish {
    pub database: PathBuf,
    /// Where its uploads are, if not beside it.
    pub uploads: Option<PathBuf>,
    /// The zone its server was in: it wrote times without one.
    pub zone: TimeZone,
    /// Whether accounts may get another name or number where theirs can't stay.
    pub rename: bool,
}

/// An import under way.
struct Import {
    original: Rc<Original>,
    importer: Importer,
    clock: Clock,
    now: Time,
    /// By their ids in the original.
    people: HashMap<i64, Author>,
    done: Imported,
    /// Entries beyond one a message: a long one became several.
    pieces: u64,
    bar: ProgressBar,
}

/// Imports everything into the house, which may have people in it already. No server may be running.
pub fn import(config: &Config, wish: &Wish) -> anyhow::Result<Imported> {
    if !wish.database.is_file() {
        bail!(
            "there is no file {}: name the original's database, such as database/titannet.db",
            wish.database.display()
        );
    }
    let name = || format!("reading {}", wish.database.display());
    let original = Original::open(&wish.database).with_context(name)?;
    let _lock = DataDir::open(&config.data_dir).with_context(|| format!("opening {}", config.data_dir.display()))?;
    let blobs = Blobs::open(&config.blobs).with_context(|| format!("opening {}", config.blobs.display()))?;
    let house = || format!("opening {}", config.database.display());
    let there = original.counts().with_context(name)?;
    let mut import = Import {
        original: Rc::new(original),
        importer: Importer::begin(&config.database).with_context(house)?,
        clock: Clock::new(wish.zone.clone()),
        now: Time::now(),
        people: HashMap::new(),
        done: Imported::default(),
        pieces: 0,
        bar: progress("importing messages", there.messages + there.privates),
    };
    let before = import.importer.counts()?;
    import.people(wish.rename)?;
    import.rooms()?;
    import.privates()?;
    import.apps(&shelf::Shelf::new(&wish.database, wish.uploads.as_deref(), &config.blobs), &blobs)?;
    import.bar.finish_and_clear();
    import.note(&wish.database)?;
    import.verify(before)?;
    import.importer.commit().context("writing the import to disk")?;
    Ok(import.done)
}

impl Import {
    /// Who wrote something: an account, or a name for one that is gone.
    fn author(&self, id: i64) -> Author {
        self.people.get(&id).cloned().unwrap_or_else(|| Author {
            id: titan_core::AccountId(0),
            username: SafeText::line(&format!("former-{id}")),
            titan_number: titan_core::TitanNumber(0),
        })
    }

    fn note(&mut self, database: &Path) -> anyhow::Result<()> {
        let act = AuditRecord {
            at: self.now,
            by: None,
            act: "import".to_owned(),
            object: SafeText::line(&format!("titan-net {}", database.display())).into_string(),
            detail: format!("{} accounts", self.done.accounts),
        };
        Ok(self.importer.audit(&act)?)
    }

    /// Counts the house, and the original once more: what came in is what was there, but for what was left out by name.
    fn verify(&mut self, before: crate::store::sqlite::Counts) -> anyhow::Result<()> {
        let (came, there, done) = (gained(before, self.importer.counts()?), self.original.counts()?, &self.done);
        let entries = done.members + done.messages + done.privates + self.pieces;
        let rows = [
            ("accounts", came.accounts, done.accounts),
            ("rooms", came.rooms, done.rooms),
            ("apps", came.apps, done.apps),
            ("entries", came.entries, entries),
        ];
        for (what, came, wanted) in rows {
            ensure!(came == wanted, "the house holds {came} more {what} where {wanted} came in: nothing was imported");
        }
        let taken = done.accounts + done.rooms + done.members + done.messages + done.privates + done.apps;
        let held = there.accounts + there.rooms + there.members + there.messages + there.privates + there.apps;
        let left = done.left_out.len() as u64;
        if taken + left != held {
            bail!("{held} things were there, {taken} came in and {left} were left out: nothing was imported");
        }
        Ok(())
    }
}
