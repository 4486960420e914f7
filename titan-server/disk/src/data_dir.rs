//! The data folder: where everything lives, who may read it, and that only one server uses it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file that stands in a data folder while a backup is being restored into it.
pub const RESTORING: &str = "restoring";
/// The same for a rescue.
pub const RESCUING: &str = "rescuing";
/// The file that stands in a data folder without a house while an import brings the first files: they are no sign of one.
pub const IMPORTING: &str = "importing";

/// An open data folder, locked against a second server while it lives.
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the folder where there is none, and takes its lock. A half restored house is refused.
    pub fn open(path: &Path) -> io::Result<Self> {
        let dir = Self::lock(path)?;
        if dir.join(RESTORING).exists() {
            return Err(io::Error::other(
                "a restore into this folder was begun and not finished: run `titan-server restore` again",
            ));
        }
        Ok(dir)
    }

    /// The same, whatever state the house is in.
    pub fn lock(path: &Path) -> io::Result<Self> {
        create_private(path)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(path.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => io::Error::new(
                io::ErrorKind::ResourceBusy,
                format!("another server is using {}: stop it, or choose another --data-dir", path.display()),
            ),
            fs::TryLockError::Error(error) => error,
        })?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Whether a server or an upkeep holds the lock of a folder.
    pub fn is_locked(path: &Path) -> bool {
        File::open(path.join("lock"))
            .is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// Where a file that is named by a link lies, or will lie: what belongs to it lies beside that, not beside the link.
pub fn behind_links(file: &Path) -> PathBuf {
    // As many as systems follow; a ring of them leads nowhere, which is found when the file is opened.
    const LINKS_MOST: usize = 40;
    let mut place = file.to_owned();
    for _ in 0..LINKS_MOST {
        let Ok(target) = fs::read_link(&place) else { break };
        place = place.parent().unwrap_or(Path::new("")).join(target);
    }
    place
}

/// A folder that only its owner enters.
pub fn create_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// Writes a file that only its owner reads, through to the disk: all of it or nothing.
pub fn write_secret(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut beside = file.as_os_str().to_owned();
    beside.push(".part");
    let mut written = options.open(&beside)?;
    written.write_all(bytes)?;
    written.sync_all()?;
    fs::rename(&beside, file)?;
    match file.parent() {
        Some(folder) if cfg!(unix) && !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Reads a secret of 32 bytes, or makes a random one. One of another length is none: it was cut off, or is another file; `instead`
/// says what to do.
pub fn secret(file: &Path, instead: &str) -> io::Result<[u8; 32]> {
    let bytes = match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let fresh: [u8; 32] = rand::random();
            write_secret(file, &fresh)?;
            return Ok(fresh);
        }
        read => read?,
    };
    <[u8; 32]>::try_from(bytes).map_err(|bytes| {
        let length = bytes.len();
        let said = format!("{} has {length} bytes and must have 32, so it is no key: {instead}", file.display());
        io::Error::new(io::ErrorKind::InvalidData, said)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_whole_or_it_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let made = secret(&file, "").unwrap();
        assert_eq!(secret(&file, "").unwrap(), made);
        for cut in [0, 1, 31, 33] {
            fs::write(&file, vec![7; cut]).unwrap();
            let refused = secret(&file, "put it back").unwrap_err().to_string();
            assert!(refused.contains(&format!("{cut} bytes")) && refused.ends_with("put it back"), "{refused}");
        }
    }

    #[test]
    fn what_stood_there_stays_until_the_new_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        write_secret(&file, b"first").unwrap();
        // Nothing can be written beside it.
        fs::create_dir(folder.path().join("key.part")).unwrap();
        assert!(write_secret(&file, b"second").is_err());
        assert_eq!(fs::read(&file).unwrap(), b"first");
    }
}
