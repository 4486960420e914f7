//! Copying a house while people talk in it: the database first, by SQLite's own way of copying beside writers, then the
//! blobs it points to, then what else the data folder keeps. The manifest comes last and makes it a backup.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use titan_core::BlobId;

use super::files::{Content, copy, measure, names_in, sync_folders};
use super::manifest::{BLOBS, DATABASE, Line, Manifest};
use super::{KEPT_FILES, KEPT_FOLDERS, progress, working};
use crate::blobs::blob_path;
use crate::config::Config;
use crate::data_dir::create_private;
use crate::pepper::{PEPPER, of_before};
use crate::soundness::{self, Unsound};
use crate::store::sqlite::Inspection;

/// Copies of the database made at most, when blobs go that the last one points to.
const COPIES_MOST: u32 = 3;

/// What a backup came to.
#[derive(Debug)]
pub struct Made {
    pub files: usize,
    pub bytes: u64,
    /// Blobs that something points to and that are not there: lost before this backup, and so not in it.
    pub missing: Vec<BlobId>,
    /// The pepper isn't there, without which nobody can log in.
    pub without_pepper: bool,
}

/// Makes a backup in a new or empty folder. On failure nothing is left there.
pub fn backup(config: &Config, to: &Path) -> anyhow::Result<Made> {
    super::wants_a_file(
        config,
        "back the database up with `pg_dump --format=custom --file=titan.dump URL`, and then copy the data folder and the blobs",
    )?;
    if !config.database.is_file() {
        bail!("there is no database at {}: name the data folder with --data-dir", config.database.display());
    }
    if let Some(damage) = soundness::log(&config.database, false)? {
        bail!(Unsound(vec![damage]));
    }
    let fresh = !to.exists();
    if !names_in(to).with_context(|| format!("looking into {}", to.display()))?.is_empty() {
        bail!("{} is not empty: name a new folder", to.display());
    }
    create_private(to).with_context(|| format!("making {}", to.display()))?;
    let made = fill(config, to);
    if made.is_err() {
        clear(to, fresh);
    }
    made
}

fn fill(config: &Config, to: &Path) -> anyhow::Result<Made> {
    let (mut lines, missing) = database_and_blobs(config, to)?;
    for path in kept(&config.data_dir)? {
        let content = copy(&config.data_dir.join(&path), &to.join(&path))?;
        lines.push(Line::new(&path, content));
    }
    sync_folders(to).context("writing the backup to disk")?;
    let (files, bytes) = (lines.len(), lines.iter().map(|line| line.size).sum());
    Manifest::of(lines).write(to).context("writing the manifest")?;
    let without_pepper = !to.join(PEPPER).is_file();
    Ok(Made { files, bytes, missing, without_pepper })
}

/// A file that goes while it is copied belonged to something deleted after the database was copied: a newer copy knows.
fn database_and_blobs(config: &Config, to: &Path) -> anyhow::Result<(Vec<Line>, Vec<BlobId>)> {
    let copied = to.join(DATABASE);
    let mut copies = 0;
    loop {
        copies += 1;
        let at_work = working("copying the database");
        Inspection::open(&config.database)
            .and_then(|database| database.backup(&copied))
            .with_context(|| format!("copying {}", config.database.display()))?;
        at_work.finish_and_clear();
        let in_use = in_use(&copied)?;
        let (mut lines, missing) = blobs(&in_use, &config.blobs, &to.join(BLOBS))?;
        if missing.is_empty() || copies == COPIES_MOST {
            lines.insert(0, Line::new(Path::new(DATABASE), measure(&copied)?));
            return Ok((lines, missing));
        }
    }
}

/// What the copy points to. Looking at it leaves files of SQLite's beside it, which go again.
fn in_use(copied: &Path) -> anyhow::Result<Vec<BlobId>> {
    let in_use = Inspection::open(copied).and_then(|mut copied| copied.blobs_in_use());
    for left_over in ["-wal", "-shm"] {
        let mut path = copied.as_os_str().to_owned();
        path.push(left_over);
        let _ = fs::remove_file(PathBuf::from(path));
    }
    in_use.context("reading the copy of the database")
}

fn blobs(in_use: &[BlobId], from: &Path, to: &Path) -> anyhow::Result<(Vec<Line>, Vec<BlobId>)> {
    let bar = progress("copying files", in_use.len() as u64);
    let (mut lines, mut missing) = (Vec::new(), Vec::new());
    for &id in in_use {
        match blob(id, &from.join(blob_path(id)), &to.join(blob_path(id)))? {
            Some(size) => {
                lines.push(Line::new(&Path::new(BLOBS).join(blob_path(id)), Content { size, sha256: id }));
            }
            None => missing.push(id),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok((lines, missing))
}

/// Links a blob where that works, since blobs never change; copies it otherwise. Its size; none where it is missing or
/// no longer what its name says.
fn blob(id: BlobId, from: &Path, to: &Path) -> anyhow::Result<Option<u64>> {
    if let Some(folder) = to.parent() {
        create_private(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    let size = match fs::metadata(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        known => known.with_context(|| format!("reading {}", from.display()))?.len(),
    };
    match fs::hard_link(from, to) {
        Ok(()) => return Ok(Some(size)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(Some(size)),
        Err(_) => {}
    }
    let content = copy(from, to)?;
    if content.sha256 == id {
        return Ok(Some(content.size));
    }
    fs::remove_file(to)?;
    Ok(None)
}

/// What else of the data folder belongs to the house, by path below it.
fn kept(data_dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = KEPT_FILES.iter().map(PathBuf::from).collect();
    paths.extend(of_before(data_dir)?.into_iter().map(|(_, name)| PathBuf::from(name)));
    for folder in KEPT_FOLDERS {
        paths.extend(names_in(&data_dir.join(folder))?.iter().map(|name| Path::new(folder).join(name)));
    }
    paths.retain(|path| data_dir.join(path).is_file());
    Ok(paths)
}

fn clear(to: &Path, fresh: bool) {
    let cleared = if fresh { fs::remove_dir_all(to) } else { empty(to) };
    if let Err(error) = cleared {
        tracing::warn!(%error, folder = %to.display(), "what was copied could not be removed");
    }
}

fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
    }
    Ok(())
}
