//! Files on their way into and out of backups: copied, hashed and on disk before anything says so.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::Context;
use sha2::{Digest, Sha256};
use titan_core::BlobId;

use crate::data_dir::create_private;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    pub size: u64,
    pub sha256: BlobId,
}

/// Reads a file through and says what it holds.
pub fn measure(path: &Path) -> io::Result<Content> {
    pour(path, &mut io::sink())
}

/// Copies a file into a new one of its owner's alone, its folder made where there is none; on disk when this returns.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<Content> {
    if let Some(folder) = to.parent() {
        create_private(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(to).with_context(|| format!("writing {}", to.display()))?;
    let content = pour(from, &mut file).with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    file.sync_all().with_context(|| format!("writing {}", to.display()))?;
    Ok(content)
}

fn pour(from: &Path, to: &mut impl Write) -> io::Result<Content> {
    let mut file = File::open(from)?;
    let (mut piece, mut size, mut hash) = (vec![0; 128 * 1024], 0, Sha256::new());
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(Content { size, sha256: BlobId(hash.finalize().into()) }),
            read => {
                hash.update(&piece[..read]);
                to.write_all(&piece[..read])?;
                size += read as u64;
            }
        }
    }
}

/// Makes what was created in or renamed into a folder, and in the folders below it, survive a loss of power.
pub fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// The names in a folder, sorted; none where it isn't there.
pub fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
