//! What a backup consists of. The manifest is written last: a folder without it is no backup.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use titan_core::{BlobId, Time};

use super::files::Content;

pub const MANIFEST: &str = "manifest.json";
pub const DATABASE: &str = "titan.db";
pub const BLOBS: &str = "blobs";

/// The form of backups that this program writes and reads.
const FORMAT: u32 = 1;

#[derive(Debug, Deserialize, Serialize)]
pub struct Manifest {
    format: u32,
    /// Of the program that made the backup.
    pub version: String,
    pub made_at: Time,
    pub files: Vec<Line>,
}

/// One file of a backup, by its path below the backup's folder, with `/` between the parts.
#[derive(Debug, Deserialize, Serialize)]
pub struct Line {
    pub path: String,
    pub size: u64,
    pub sha256: BlobId,
}

impl Manifest {
    pub fn of(files: Vec<Line>) -> Self {
        Self { format: FORMAT, version: env!("CARGO_PKG_VERSION").to_owned(), made_at: Time::now(), files }
    }

    /// Makes the folder a backup, at once.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let (beside, place) = (folder.join("manifest.part"), folder.join(MANIFEST));
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        let mut file = File::create(&beside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&beside, &place)?;
        if cfg!(unix) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let place = folder.join(MANIFEST);
        let text = match fs::read(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                bail!("{} is no whole backup: it has no {MANIFEST}", folder.display())
            }
            text => text.with_context(|| format!("reading {}", place.display()))?,
        };
        let manifest: Self =
            serde_json::from_slice(&text).with_context(|| format!("{} is damaged", place.display()))?;
        if manifest.format != FORMAT {
            bail!(
                "{} is of format {}, this program knows {FORMAT}: use titan-server {}",
                folder.display(),
                manifest.format,
                manifest.version
            );
        }
        if !manifest.files.iter().any(|line| line.path == DATABASE) {
            bail!("{} is damaged: it names no {DATABASE}", place.display());
        }
        Ok(manifest)
    }
}

impl Line {
    pub fn new(path: &Path, content: Content) -> Self {
        let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        Self { path: parts.join("/"), size: content.size, sha256: content.sha256 }
    }

    /// The path, if it leads nowhere but below the folder.
    pub fn path(&self) -> anyhow::Result<PathBuf> {
        let path: PathBuf = self.path.split('/').collect();
        let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
        if !inside || self.path.split('/').any(str::is_empty) {
            bail!("the manifest names {:?}, which is outside the backup", self.path);
        }
        Ok(path)
    }

    pub fn content(&self) -> Content {
        Content { size: self.size, sha256: self.sha256 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_names_nothing_outside_its_folder() {
        let line = |path: &str| Line { path: path.to_owned(), size: 0, sha256: BlobId([0; 32]) };
        assert_eq!(line("blobs/ab/abcd").path().unwrap(), Path::new("blobs").join("ab").join("abcd"));
        for hostile in ["", "/etc/passwd", "../x", "blobs/../../x", "."] {
            assert!(line(hostile).path().is_err(), "{hostile:?}");
        }
    }
}
