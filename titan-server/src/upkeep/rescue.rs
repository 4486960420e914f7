//! Keeping what is sound of a damaged house: a new database of every row that can be read and says what it said, without the
//! files whose bytes are gone. What was there before is put aside and stays.
//!
//! While it goes on a marker stands in the folder that no server starts over. A rescue that was killed is begun again by the
//! next one; one that fails puts everything back.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use titan_core::{BlobId, Time};

use super::files::{measure, sync_folders};
use super::{progress, working};
use crate::blobs::blob_path;
use crate::config::Config;
use crate::data_dir::{DataDir, RESCUING, create_private};
use crate::pepper::Pepper;
use crate::soundness::home;
use crate::store::mark::{self, Known, Marked};
use crate::store::sqlite::rescue::{self, Rescued, Wanted};
use crate::store::sqlite::{self, wal, with_ending};
use crate::store::{postgres, soundness::Identity};

/// What came of a rescue.
#[derive(Debug)]
pub struct Kept {
    pub rescued: Rescued,
    /// Where the files of before are now; none where none had to go.
    pub aside: Option<PathBuf>,
}

/// Makes the house sound again. With `new_pepper` it also gets another pepper, and every account needs a new password.
pub fn rescue(config: &Config, new_pepper: bool) -> anyhow::Result<Kept> {
    let dir = DataDir::lock(&config.data_dir).with_context(|| format!("opening {}", config.data_dir.display()))?;
    let kept = match &config.database_url {
        Some(url) => in_postgres(config, url.reveal(), new_pepper)?,
        None => in_file(config, &dir, new_pepper)?,
    };
    let pepper = pepper(&dir, &kept.rescued.identity, new_pepper)?;
    let Identity { epoch, turn, .. } = kept.rescued.identity.clone();
    mark::write(dir.path(), &Known::new(epoch, pepper, home(config)), turn).context("writing the mark")?;
    match fs::remove_file(dir.join(RESCUING)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    sync_folders_only(dir.path())?;
    Ok(kept)
}

/// What the pepper of the house is known by from now on.
fn pepper(dir: &DataDir, identity: &Identity, new: bool) -> anyhow::Result<String> {
    if new {
        let aside = dir.join(&format!("pepper-{}", Time::now().0));
        match fs::rename(dir.join(crate::pepper::PEPPER), aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        return Ok(Pepper::read_or_make(dir.path())?.known_by());
    }
    Ok(identity.pepper.clone())
}

/// PostgreSQL mends its own files, or its operator does: what stands there now is taken for the house.
fn in_postgres(config: &Config, url: &str, new_pepper: bool) -> anyhow::Result<Kept> {
    let turn = match mark::read(&config.data_dir)? {
        Marked::House { turn, .. } => turn,
        Marked::Nothing | Marked::Unreadable => 0,
    };
    let identity = super::database::runtime()?.block_on(postgres::accept(url, turn, new_pepper))?;
    Ok(Kept { rescued: Rescued { identity, ..Rescued::default() }, aside: None })
}

fn in_file(config: &Config, dir: &DataDir, new_pepper: bool) -> anyhow::Result<Kept> {
    let _lock = sqlite::FileLock::take(&config.database)?;
    let aside = put_aside(config, dir)?;
    let rescued = fill(config, dir, &aside, new_pepper);
    let _ = fs::remove_dir_all(work_dir(dir));
    match rescued {
        Ok(rescued) => Ok(Kept { rescued, aside: Some(aside) }),
        Err(error) => {
            put_back(config, dir, &aside).context("putting everything back")?;
            Err(error)
        }
    }
}

/// The database and its log, in a folder of their own; the marker says where, for a rescue that goes on.
fn put_aside(config: &Config, dir: &DataDir) -> anyhow::Result<PathBuf> {
    let marker = dir.join(RESCUING);
    let name = match fs::read_to_string(&marker) {
        Ok(name) if !name.trim().is_empty() => name.trim().to_owned(),
        _ => format!("before-rescue-{}", Time::now().0),
    };
    let aside = dir.join(&name);
    if !aside.exists() && !config.database.is_file() {
        bail!(
            "there is no database at {}: name the data folder with --data-dir, or restore a backup",
            config.database.display()
        );
    }
    crate::data_dir::write_secret(&marker, name.as_bytes())?;
    create_private(&aside)?;
    for ending in ENDINGS {
        let (from, to) = (with_ending(&config.database, ending), aside.join(format!("{TITAN_DB}{ending}")));
        // What stands at its old place again is the new one of a rescue that was killed.
        if from.exists() && !aside.join(TITAN_DB).exists() {
            carry(&from, &to)?;
        }
    }
    sync_folders(&aside)?;
    sync_folders_only(dir.path())?;
    Ok(aside)
}

/// The database last: it is there once all is.
const ENDINGS: [&str; 3] = ["-wal", "-shm", ""];
const TITAN_DB: &str = "titan.db";

/// The database first: while it is aside, what stands at its old place is taken for what a killed rescue had made.
fn put_back(config: &Config, dir: &DataDir, aside: &Path) -> anyhow::Result<()> {
    for ending in ENDINGS.into_iter().rev() {
        let (from, to) = (aside.join(format!("{TITAN_DB}{ending}")), with_ending(&config.database, ending));
        if from.exists() {
            carry(&from, &to)?;
        }
    }
    let _ = fs::remove_dir(aside);
    fs::remove_file(dir.join(RESCUING))?;
    sync_folders_only(dir.path())
}

fn work_dir(dir: &DataDir) -> PathBuf {
    dir.join("rescue.tmp")
}

fn fill(config: &Config, dir: &DataDir, aside: &Path, new_pepper: bool) -> anyhow::Result<Rescued> {
    let (from, beside) = (aside.join(TITAN_DB), work_dir(dir));
    let _ = fs::remove_dir_all(&beside);
    create_private(&beside)?;
    let (blobs, damaged) = read_blobs(config, &rescue::blobs_of(&from, &beside)?);
    let (turn, known) = match mark::read(&config.data_dir)? {
        Marked::House { turn, known } => (turn, Some(known)),
        Marked::Nothing | Marked::Unreadable => (0, None),
    };
    let at_work = working("keeping what is sound");
    let wanted = Wanted {
        turn,
        known: known.as_ref(),
        new_pepper,
        blobs: &|blob| blobs.contains(&blob),
        progress: &|rows| at_work.set_message(format!("keeping what is sound: {rows} rows")),
    };
    let _ = fs::remove_dir_all(&beside);
    create_private(&beside)?;
    let new = beside.join("new.db");
    let rescued = rescue::rescue(&from, &beside, &new, &wanted)?;
    at_work.finish_and_clear();
    for ending in ENDINGS {
        gone(fs::remove_file(with_ending(&config.database, ending)))?;
    }
    gone(fs::remove_file(wal::beside(&new)))?;
    fs::rename(&new, &config.database)
        .or_else(|_| super::files::copy(&new, &config.database).map(drop).map_err(io::Error::other))?;
    config.database.parent().map_or(Ok(()), sync_folders_only)?;
    put_blobs_aside(config, aside, &damaged)?;
    Ok(rescued)
}

/// Those whose bytes are what their names say, and those that are here and aren't.
fn read_blobs(config: &Config, all: &HashSet<BlobId>) -> (HashSet<BlobId>, Vec<BlobId>) {
    let bar = progress("reading files", all.len() as u64);
    let (mut sound, mut damaged) = (HashSet::new(), Vec::new());
    for &id in all {
        match measure(&config.blobs.join(blob_path(id))) {
            Ok(content) if content.sha256 == id => drop(sound.insert(id)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            _ => damaged.push(id),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    (sound, damaged)
}

fn put_blobs_aside(config: &Config, aside: &Path, damaged: &[BlobId]) -> anyhow::Result<()> {
    for &id in damaged {
        let (from, to) = (config.blobs.join(blob_path(id)), aside.join("blobs").join(id.to_string()));
        create_private(&aside.join("blobs"))?;
        carry(&from, &to).with_context(|| format!("putting {} aside", from.display()))?;
    }
    Ok(())
}

/// Renames a file, or copies it to another disk; it is whole at its new place or not there at all.
fn carry(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to).or_else(|_| {
        let beside = with_ending(to, ".part");
        fs::copy(from, &beside)?;
        File::open(&beside)?.sync_all()?;
        fs::rename(&beside, to)?;
        fs::remove_file(from)
    })
}

/// What was made or renamed in a folder survives a loss of power.
fn sync_folders_only(folder: &Path) -> anyhow::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if cfg!(unix) { Ok(File::open(folder)?.sync_all()?) } else { Ok(()) }
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
