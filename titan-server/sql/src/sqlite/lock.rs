//! One server on one database file, whichever data folder or name it comes by.
//!
//! The lock is a file beside the database, where it really lies. A second name of the same file (a hard link) is refused
//! altogether: SQLite keeps a log beside each name, and they would know nothing of each other.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Held for as long as the database is used.
#[derive(Debug)]
pub struct FileLock(#[expect(dead_code, reason = "the lock is held while it lives")] File);

impl FileLock {
    /// Whether somebody holds it.
    pub fn is_held(database: &Path) -> bool {
        let beside = real_place(database).map(|place| with_ending(&place, ".lock"));
        beside
            .and_then(File::open)
            .is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
    }

    pub fn take(database: &Path) -> io::Result<Self> {
        let place = real_place(database)?;
        refuse_second_names(&place)?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options.open(with_ending(&place, ".lock"))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => io::Error::new(
                io::ErrorKind::ResourceBusy,
                format!("another server is using {}: stop it, or choose another --database", place.display()),
            ),
            fs::TryLockError::Error(error) => error,
        })?;
        Ok(Self(lock))
    }
}

/// A path with something added to its last name: what belongs to a database lies beside it by such names.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut longer = path.as_os_str().to_owned();
    longer.push(ending);
    PathBuf::from(longer)
}

/// Where a database lies, or will lie, behind all links.
fn real_place(database: &Path) -> io::Result<PathBuf> {
    if let Ok(place) = database.canonicalize() {
        return Ok(place);
    }
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = database.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    Ok(folder.canonicalize()?.join(name))
}

#[cfg(unix)]
fn refuse_second_names(place: &Path) -> io::Result<()> {
    match fs::metadata(place) {
        Ok(known) if known.is_file() && std::os::unix::fs::MetadataExt::nlink(&known) > 1 => {
            Err(io::Error::other(format!(
                "{} has another name too (a hard link), by which it could be used beside this one: remove that, or copy the file",
                place.display()
            )))
        }
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn refuse_second_names(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_locked_under_all_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("titan.db");
        let lock = FileLock::take(&file).unwrap();
        assert!(FileLock::take(&file).unwrap_err().to_string().contains("another server"));
        fs::write(&file, "").unwrap();
        assert!(FileLock::take(&folder.path().join("./titan.db")).is_err());
        drop(lock);
        FileLock::take(&file).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_to_the_same_lock_or_to_a_refusal() {
        let folder = tempfile::tempdir().unwrap();
        let (file, linked, twin) =
            (folder.path().join("titan.db"), folder.path().join("linked.db"), folder.path().join("twin.db"));
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &linked).unwrap();
        let lock = FileLock::take(&linked).unwrap();
        assert!(FileLock::take(&file).is_err());
        drop(lock);
        fs::hard_link(&file, &twin).unwrap();
        for name in [&file, &twin] {
            assert!(FileLock::take(name).unwrap_err().to_string().contains("hard link"));
        }
        fs::remove_file(&twin).unwrap();
        FileLock::take(&file).unwrap();
    }
}
