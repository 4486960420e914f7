//! Removing what nothing points to, and looking for damage.

use std::collections::HashSet;
use std::fs::{DirEntry, File};
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use titan_core::BlobId;

use super::{Blobs, Shelf, reading};

/// What a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub blobs: u64,
    pub bytes: u64,
}

impl Blobs {
    /// Removes blobs that nothing points to. Those younger than `spared` stay: what will point to them may not be
    /// written yet. Blocks.
    pub fn sweep(&self, in_use: &HashSet<BlobId>, spared: Duration) -> io::Result<Swept> {
        let mut swept = Swept::default();
        for (id, _) in self.0.all()? {
            if in_use.contains(&id) {
                continue;
            }
            if let Some(bytes) = self.0.remove(id, spared)? {
                swept.blobs += 1;
                swept.bytes += bytes;
            }
        }
        Ok(swept)
    }

    /// Removes these blobs, which nothing points to. Gives those that stay since they are younger than `spared`: what will
    /// point to them may not be written yet. Blocks.
    pub fn let_go(&self, blobs: &[BlobId], spared: Duration) -> io::Result<Vec<BlobId>> {
        let mut young = Vec::new();
        for id in blobs {
            match self.0.remove(*id, spared) {
                Ok(Some(_)) => {}
                Ok(None) => young.push(*id),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(young)
    }

    /// Reads every blob and every name in use, and says what is damaged or missing, a line each. Blocks, and for long.
    pub fn check(&self, in_use: &HashSet<BlobId>) -> io::Result<Vec<String>> {
        let mut missing = in_use.clone();
        let mut found = Vec::new();
        for (id, path) in self.0.all()? {
            missing.remove(&id);
            if reading::measure(&mut File::open(path)?)?.id != id {
                found.push(format!("blob {id}: its bytes are no longer those of its name"));
            }
        }
        found.extend(missing.iter().map(|id| format!("blob {id}: missing, though something points to it")));
        Ok(found)
    }
}

impl Shelf {
    /// Removes a blob of that age at least; how many bytes, none where it is younger.
    fn remove(&self, id: BlobId, spared: Duration) -> io::Result<Option<u64>> {
        let _placing = self.placing();
        let path = self.path(id);
        let known = std::fs::metadata(&path)?;
        let age = SystemTime::now().duration_since(known.modified()?).unwrap_or_default();
        if age < spared {
            return Ok(None);
        }
        std::fs::remove_file(&path)?;
        Ok(Some(known.len()))
    }

    /// Every blob that is here.
    fn all(&self) -> io::Result<Vec<(BlobId, PathBuf)>> {
        let mut all = Vec::new();
        for folder in std::fs::read_dir(&self.dir)? {
            let folder = folder?;
            if folder.file_name().len() != 2 {
                continue;
            }
            for entry in std::fs::read_dir(folder.path())? {
                let entry = entry?;
                all.extend(name_of(&entry).map(|id| (id, entry.path())));
            }
        }
        Ok(all)
    }
}

fn name_of(entry: &DirEntry) -> Option<BlobId> {
    entry.file_name().to_str()?.parse().ok()
}
