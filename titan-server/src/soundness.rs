//! Before the doors open: whether this is the house that was here, and whole.
//!
//! A server, an import and a rescue ask here before anything opens the database; [`look`] only looks, for `check`. What is
//! found keeps a server from starting: damage is named, with what to do, and never served as if sound, and there is never
//! an empty new house where one was.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::config::Config;
use crate::data_dir::{DataDir, IMPORTING, RESCUING, RESTORING, create_private};
use crate::hub::journal;
use crate::pepper::{PEPPER, Pepper};
use crate::store::mark::{self, Known, MARK, Mark, Marked};
use crate::store::soundness::Identity;
use crate::store::{Store, StoreResult, postgres, sqlite};

/// Why a house is not opened: what is wrong, and what to do. A line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Unsound(pub Vec<String>);

/// A house that may be opened. The database belongs to who holds this.
pub struct Entrance {
    _lock: Option<sqlite::FileLock>,
}

/// Takes the lock of the database and refuses what is unsound. The data folder is locked already.
pub async fn enter(config: &Config) -> anyhow::Result<Entrance> {
    let Some(url) = &config.database_url else { return enter_file(config) };
    let marked = marked(config);
    let found = postgres::identity_of(url.reveal()).await.with_context(|| format!("opening {}", url.address()))?;
    refuse(look(config, &marked, Ok(found))?)?;
    note_unreadable_mark(config);
    Ok(Entrance { _lock: None })
}

/// The same for a house in a file.
pub fn enter_file(config: &Config) -> anyhow::Result<Entrance> {
    make_folder(config)?;
    let lock = sqlite::FileLock::take(&config.database)?;
    // The log first: who opens the database has SQLite drop what is behind the damage.
    refuse(log(&config.database, true)?.into_iter().collect())?;
    refuse(look(config, &marked(config), sqlite::identity_of(&config.database))?)?;
    note_unreadable_mark(config);
    Ok(Entrance { _lock: Some(lock) })
}

/// The folder of the database, where there is none yet. Where a house was it is not made: its disk may not be mounted.
fn make_folder(config: &Config) -> anyhow::Result<()> {
    let folder = config.database.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let Some(folder) = folder else { return Ok(()) };
    refuse(look(config, &marked(config), Ok(None))?)?;
    create_private(folder).with_context(|| format!("making the folder {}", folder.display()))
}

fn refuse(found: Vec<String>) -> Result<(), Unsound> {
    if found.is_empty() { Ok(()) } else { Err(Unsound(found)) }
}

fn note_unreadable_mark(config: &Config) {
    if matches!(mark::read(&config.data_dir), Ok(Marked::Unreadable) | Err(_)) {
        tracing::warn!(
            "{MARK} can't be read: it is made anew, and whether the database is older than it was isn't known"
        );
    }
}

/// Once the store is open and followed: the house remembers its pepper, and the mark is kept from now on.
pub async fn settle(
    config: &Config,
    dir: &DataDir,
    pepper: &Pepper,
    store: &dyn Store,
    mark: &Mark,
) -> anyhow::Result<()> {
    let identity = store.identity().await?;
    if identity.pepper != pepper.known_by() {
        store.remember_pepper(pepper.known_by()).await?;
        if !identity.pepper.is_empty() {
            journal::pepper_rotated();
        }
    }
    let known = Known::new(identity.epoch, pepper.known_by(), home(config));
    mark.keep(dir.path(), &known, identity.turn).context("writing the mark")?;
    no_import(config)
}

/// Where the house is, without a password.
pub fn home(config: &Config) -> String {
    match &config.database_url {
        Some(url) => url.address(),
        None => config.database.display().to_string(),
    }
}

/// What the mark of a house says. To be read before the database is: beside a running server it is never ahead then.
pub fn marked(config: &Config) -> Marked {
    mark::read(&config.data_dir).unwrap_or(Marked::Unreadable)
}

/// All that is wrong with a house but for what its log, its rows and its blobs hold. `found` is what its database says.
pub fn look(config: &Config, marked: &Marked, found: StoreResult<Option<Identity>>) -> anyhow::Result<Vec<String>> {
    let mut lines = unfinished(config);
    match found {
        Err(error) => {
            let why = error.to_string().replace(": run `titan-server check`, then restore a backup", "");
            lines.push(format!("the database can't be read: {why}. {OR_RESCUE}"));
        }
        Ok(None) => lines.extend(gone(config, marked)),
        Ok(Some(identity)) => {
            lines.extend(not_as_marked(&identity, marked));
            lines.extend(without_pepper(&identity, Pepper::read(&config.data_dir)?));
        }
    }
    Ok(lines)
}

/// What is wrong with the log of a database in a file.
pub fn log(database: &Path, alone: bool) -> anyhow::Result<Option<String>> {
    let look = if alone { sqlite::wal::look } else { sqlite::wal::look_beside_writers };
    let found = look(database).with_context(|| format!("reading {}", sqlite::wal::beside(database).display()))?;
    Ok(found.map(|damage| format!("{damage}. {OR_RESCUE}")))
}

const OR_RESCUE: &str = "Restore a backup (`titan-server restore`), or keep what is sound (`titan-server rescue`)";

/// Work on the house that was begun and not finished.
fn unfinished(config: &Config) -> Vec<String> {
    let mut lines = Vec::new();
    let moving = sqlite::with_ending(&config.database, ".moving");
    if config.database_url.is_none() && moving.exists() {
        lines.push(format!(
            "a migration into {} was begun and not finished: run the same `titan-server migrate` again, or remove {} if nothing \
             is to become of it",
            config.database.display(),
            moving.display()
        ));
    }
    for (marker, verb) in [(RESTORING, "restore"), (RESCUING, "rescue")] {
        if config.data_dir.join(marker).exists() {
            lines.push(format!("a {verb} was begun and not finished: run `titan-server {verb}` again"));
        }
    }
    lines
}

/// There is no database, or an empty one, where a house was.
fn gone(config: &Config, marked: &Marked) -> Option<String> {
    let sign = sign_of_a_house(config, marked)?;
    let where_to = match (&config.database_url, marked) {
        (None, Marked::House { known, .. }) if known.home != home(config) => {
            format!("It was last in {}: start the server with that database", known.home)
        }
        (None, _) => "Put it back, or restore a backup (`titan-server restore`) into a new folder".to_owned(),
        (Some(_), _) => "Bring the house there first (`titan-server migrate --to URL`), or restore its dump".to_owned(),
    };
    Some(format!(
        "there is no house in {}, but one belongs to this folder, which holds {sign}. {where_to}; for a new house take a new \
         data folder",
        home(config)
    ))
}

fn sign_of_a_house(config: &Config, marked: &Marked) -> Option<String> {
    if *marked != Marked::Nothing {
        return Some(format!("its mark ({MARK})"));
    }
    if config.database_url.is_none() && is_sign(&config.database) {
        return Some(format!("its write-ahead log ({})", sqlite::wal::beside(&config.database).display()));
    }
    if config.data_dir.join(IMPORTING).exists() {
        return None;
    }
    if config.data_dir.join(PEPPER).exists() {
        return Some("its pepper".to_owned());
    }
    holds_blobs(&config.blobs).then(|| "its files".to_owned())
}

/// What files and pepper come from here on are an import's, which is kept at its end or not at all: none of them is a sign of a house.
/// Holds until the house is, or until [`no_import`].
pub fn import_begins(config: &Config) -> anyhow::Result<()> {
    if !holds_blobs(&config.blobs) && !config.data_dir.join(PEPPER).exists() {
        fs::File::create(config.data_dir.join(IMPORTING))?.sync_all()?;
    }
    Ok(())
}

/// No import is under way: files are a sign of a house again.
pub fn no_import(config: &Config) -> anyhow::Result<()> {
    match fs::remove_file(config.data_dir.join(IMPORTING)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether a log is one: a house that was killed in its very first start leaves one too, without a commit.
fn is_sign(database: &Path) -> bool {
    let holds_something = |file: &Path| fs::metadata(file).is_ok_and(|known| known.len() > 0);
    match holds_something(database) {
        true => sqlite::wal::holds_a_commit(database).unwrap_or(true),
        false => holds_something(&sqlite::wal::beside(database)),
    }
}

fn holds_blobs(blobs: &Path) -> bool {
    let folders = fs::read_dir(blobs).into_iter().flatten().flatten().filter(|folder| folder.file_name().len() == 2);
    folders.filter_map(|folder| fs::read_dir(folder.path()).ok()).any(|mut files| files.next().is_some())
}

/// The database is not the one that was here, or older than it was.
fn not_as_marked(identity: &Identity, marked: &Marked) -> Option<String> {
    let Marked::House { known, turn } = marked else { return None };
    if known.epoch != identity.epoch {
        return Some(format!(
            "the database is not the one that was here before ({}): put that one back, or take this one as the house from now on \
             (`titan-server rescue`)",
            known.home
        ));
    }
    (identity.turn < *turn).then(|| {
        format!(
            "the database is older than it was: it ends at commit {}, and commit {turn} was made here. If an older copy was put in \
             its place, put the newer one back. {OR_RESCUE}",
            identity.turn
        )
    })
}

/// Passwords that can't be checked.
fn without_pepper(identity: &Identity, pepper: Option<Pepper>) -> Option<String> {
    let fits = match &pepper {
        Some(pepper) => identity.pepper.is_empty() || pepper.is_known_by(&identity.pepper),
        None => false,
    };
    if fits || !identity.peppered {
        return None;
    }
    let what = if pepper.is_some() { "is not the one that its passwords were made with" } else { "is missing" };
    Some(format!(
        "the pepper of this house {what}, and without it nobody can log in: put the file `{PEPPER}` back that belongs to this \
         database (it is in every backup). If it is lost for good, `titan-server rescue --new-pepper` makes another, and every \
         account needs a new password (`titan-server admin reset-password NAME`)"
    ))
}
