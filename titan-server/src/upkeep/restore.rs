//! Putting a backup back into an empty data folder, every byte checked against the manifest on its way.
//!
//! While it goes on a marker stands in the folder that no server starts over; the database comes last. A restore that was
//! killed is begun again by the next one.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::files::{copy, names_in, sync_folders};
use super::manifest::{BLOBS, DATABASE, Line, Manifest};
use super::{KEPT_FILES, KEPT_FOLDERS, progress};
use crate::config::Config;
use crate::data_dir::{DataDir, RESTORING, create_private};
use crate::pepper::{Pepper, number_of, of_before};
use crate::soundness;
use crate::store::mark::{self, Known};
use crate::store::sqlite;

/// What may stand in a folder that counts as empty: the settings prepared for it, and what systems put there.
const NOT_OURS: [&str; 3] = ["lock", "titan.toml", "lost+found"];

/// What was put back.
#[derive(Debug)]
pub struct Restored {
    pub files: usize,
    pub bytes: u64,
}

/// Restores a backup. On failure the data folder is as empty as it was.
pub fn restore(config: &Config, from: &Path) -> anyhow::Result<Restored> {
    super::wants_a_file(
        config,
        "restore without --database-url, then bring the house there with `titan-server migrate --to URL`",
    )?;
    let manifest = Manifest::read(from)?;
    let dir = DataDir::lock(&config.data_dir).with_context(|| format!("opening {}", config.data_dir.display()))?;
    let marker = dir.join(RESTORING);
    if marker.exists() {
        clear(config).context("clearing away what an earlier restore left")?;
    } else {
        refuse_inhabited(config)?;
    }
    File::create(&marker)?.sync_all()?;
    sync_folders(dir.path())?;
    let restored = fill(config, from, &manifest);
    if restored.is_err() {
        clear(config).context("clearing away a restore that failed")?;
    }
    fs::remove_file(&marker)?;
    sync_folders(dir.path())?;
    restored
}

fn refuse_inhabited(config: &Config) -> anyhow::Result<()> {
    let found = names_in(&config.data_dir)?.into_iter().find(|name| !NOT_OURS.contains(&name.as_str()));
    if let Some(name) = found {
        bail!("{} is not empty, it holds {name}: name a new folder with --data-dir", config.data_dir.display());
    }
    for path in [&config.database, &config.blobs] {
        if path.exists() && !(path.is_dir() && names_in(path)?.is_empty()) {
            bail!("{} exists: it would be overwritten", path.display());
        }
    }
    Ok(())
}

fn fill(config: &Config, from: &Path, manifest: &Manifest) -> anyhow::Result<Restored> {
    let bar = progress("restoring", manifest.files.len() as u64);
    create_private(&config.blobs).with_context(|| format!("making {}", config.blobs.display()))?;
    let (database, others): (Vec<_>, Vec<_>) = manifest.files.iter().partition(|line| line.path == DATABASE);
    for line in others {
        bring(line, from, config)?;
        bar.inc(1);
    }
    sync_folders(&config.blobs)?;
    for line in database {
        bring(line, from, config)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    renew(config)?;
    Ok(Restored { files: manifest.files.len(), bytes: manifest.files.iter().map(|line| line.size).sum() })
}

/// It is another house from now on for whoever remembers what came after the backup.
fn renew(config: &Config) -> anyhow::Result<()> {
    let identity = sqlite::renew(&config.database).context("giving the house a new epoch")?;
    let pepper = Pepper::read(&config.data_dir)?.map_or(identity.pepper, |pepper| pepper.known_by());
    let known = Known::new(identity.epoch, pepper, soundness::home(config));
    mark::write(&config.data_dir, &known, identity.turn).context("writing the mark")
}

fn bring(line: &Line, from: &Path, config: &Config) -> anyhow::Result<()> {
    let path = line.path()?;
    let Some(to) = home_of(&path, config)? else { return Ok(()) };
    let content = copy(&from.join(&path), &to)?;
    if content != line.content() {
        bail!("{} is damaged: it is not what the manifest says. Nothing was restored", from.join(&path).display());
    }
    Ok(())
}

/// Where a file of a backup belongs; nowhere when the operator has put another in its place.
fn home_of(path: &Path, config: &Config) -> anyhow::Result<Option<PathBuf>> {
    if path == Path::new(DATABASE) {
        return Ok(Some(config.database.clone()));
    }
    if let Ok(blob) = path.strip_prefix(BLOBS) {
        return Ok(Some(config.blobs.join(blob)));
    }
    let kept =
        KEPT_FILES.iter().any(|name| path == Path::new(name)) || KEPT_FOLDERS.iter().any(|name| path.starts_with(name));
    let older_pepper = path.to_str().is_some_and(|name| number_of(name).is_some());
    if !kept && !older_pepper {
        bail!("the manifest names {}, which is no part of a house", path.display());
    }
    let home = config.data_dir.join(path);
    Ok(Some(home).filter(|home| !(path == Path::new("titan.toml") && home.exists())))
}

/// Removes what a restore brings, and nothing else.
fn clear(config: &Config) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut path = config.database.as_os_str().to_owned();
        path.push(suffix);
        gone(fs::remove_file(PathBuf::from(path)))?;
    }
    for name in KEPT_FILES.iter().filter(|name| !NOT_OURS.contains(name)) {
        gone(fs::remove_file(config.data_dir.join(name)))?;
    }
    for (_, name) in of_before(&config.data_dir)? {
        gone(fs::remove_file(config.data_dir.join(name)))?;
    }
    for name in KEPT_FOLDERS {
        gone(fs::remove_dir_all(config.data_dir.join(name)))?;
    }
    mark::remove(&config.data_dir)?;
    gone(fs::remove_dir_all(&config.blobs))
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
