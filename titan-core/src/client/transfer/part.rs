//! A download on its way to its place: the `.part` file beside it, and the move at the end. Blocking; run off the runtime.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::TransferControl;
use crate::{BlobId, client::Error, text};

const BLOCK: usize = 1024 * 1024;
/// Names tried before giving up: "name (2).ext" and so on.
const NAMES_MOST: u32 = 10_000;

/// Where a download goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    folder: PathBuf,
    name: String,
}

impl Target {
    /// A folder takes the file under its own name, made safe; any other path is the file's, as its person wants it.
    pub fn choose(to: &Path, offered_name: &str) -> Result<Self, Error> {
        let is_folder = to.is_dir() || to.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
        let target = match (is_folder, to.file_name()) {
            (false, Some(name)) => {
                let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                Self { folder: folder.to_owned(), name: name.to_string_lossy().into_owned() }
            }
            _ => Self { folder: to.to_owned(), name: text::file_name(offered_name) },
        };
        fs::create_dir_all(&target.folder)
            .map_err(|error| Error::Io(format!("can't make {}", target.folder.display()), error))?;
        Ok(target)
    }

    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Beside the target, and named by what it will hold, so that another version never continues it.
    fn part_path(&self, sha256: BlobId) -> PathBuf {
        let hash = sha256.to_string();
        self.folder.join(format!("{}.{}.part", self.name, &hash[..16]))
    }

    /// Moves a finished file here without taking another's place: beside `name.ext` it becomes `name (2).ext`.
    fn take(&self, part: &Path) -> io::Result<PathBuf> {
        for number in 1..=NAMES_MOST {
            let path = self.folder.join(numbered(&self.name, number));
            match settle(part, &path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                result => return result.map(|()| path),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }
}

/// Gives the part its final name if that is free. A hard link does so in one step; where there are none, the name is taken
/// by an empty file first, which is then ours to replace.
fn settle(part: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(part, path) {
        Ok(()) => fs::remove_file(part),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        Err(_) => {
            OpenOptions::new().write(true).create_new(true).open(path)?;
            fs::rename(part, path)
        }
    }
}

fn numbered(name: &str, number: u32) -> String {
    match (number, name.rsplit_once('.')) {
        (1, _) => name.to_owned(),
        (_, Some((stem, extension))) if !stem.is_empty() => format!("{stem} ({number}).{extension}"),
        _ => format!("{name} ({number})"),
    }
}

/// What has come so far: on disk, and in a running hash.
pub(super) struct Part {
    target: Target,
    path: PathBuf,
    file: File,
    hash: Sha256,
    pub length: u64,
    /// Whether some of it was there before this call.
    pub resumed: bool,
}

impl Part {
    /// Opens the part file, making it where there is none, and hashes what it holds.
    pub fn open(target: Target, sha256: BlobId, size: u64, control: &TransferControl) -> Result<Self, Error> {
        let path = target.part_path(sha256);
        let trouble = |error| Error::Io(format!("can't write {}", path.display()), error);
        if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Err(trouble(io::Error::new(ErrorKind::AlreadyExists, "something else is in the way")));
        }
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(trouble)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(trouble(io::Error::new(ErrorKind::ResourceBusy, "it is being downloaded already")));
            }
            // A file system without locks: go without.
            Err(TryLockError::Error(_)) => {}
        }
        let mut part = Self { target, path, file, hash: Sha256::new(), length: 0, resumed: false };
        part.read_back(control)?;
        if part.length > size {
            part.restart()?;
        }
        part.resumed = part.length > 0;
        Ok(part)
    }

    fn read_back(&mut self, control: &TransferControl) -> Result<(), Error> {
        let mut block = vec![0; BLOCK];
        loop {
            control.check()?;
            let count = self.file.read(&mut block).map_err(|error| self.trouble(error))?;
            if count == 0 {
                return Ok(());
            }
            self.hash.update(&block[..count]);
            self.length += count as u64;
        }
    }

    /// Adds what came.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(|error| self.trouble(error))?;
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Begins again from nothing.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.file.set_len(0).map_err(|error| self.trouble(error))?;
        self.file.seek(SeekFrom::Start(0)).map_err(|error| self.trouble(error))?;
        (self.hash, self.length, self.resumed) = (Sha256::new(), 0, false);
        Ok(())
    }

    /// Lets nobody but its owner read it, where the platform knows how.
    pub fn keep_private(&self) -> Result<(), Error> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            self.file.set_permissions(fs::Permissions::from_mode(0o600)).map_err(|error| self.trouble(error))?;
        }
        Ok(())
    }

    /// Makes sure that what has come survives until the next call.
    pub fn keep(&self) {
        let _ = self.file.sync_data();
    }

    pub fn discard(self) {
        drop(self.file);
        let _ = fs::remove_file(&self.path);
    }

    pub fn sha256(&self) -> BlobId {
        BlobId(self.hash.clone().finalize().into())
    }

    pub fn target_path(&self) -> PathBuf {
        self.target.path()
    }

    /// Puts the finished file on disk, in its place.
    pub fn finish(self) -> Result<PathBuf, Error> {
        self.file.sync_all().map_err(|error| self.trouble(error))?;
        let path = self.target.take(&self.path).map_err(|error| self.trouble(error))?;
        // On Unix a name is on disk once its folder is; elsewhere folders can't be opened, nor need to be.
        if let Ok(folder) = File::open(&self.target.folder) {
            let _ = folder.sync_all();
        }
        Ok(path)
    }

    fn trouble(&self, error: io::Error) -> Error {
        Error::Io(format!("can't write {}", self.path.display()), error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HASH: BlobId = BlobId([7; 32]);

    fn save(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
        let target = Target::choose(folder, name).unwrap();
        let mut part = Part::open(target, HASH, 100, &TransferControl::default()).unwrap();
        part.append(bytes).unwrap();
        part.finish().unwrap()
    }

    #[test]
    fn a_download_never_takes_the_place_of_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let paths = [b"one", b"two"].map(|bytes| save(folder.path(), "a.tar.gz", bytes));
        assert_eq!(paths, ["a.tar.gz", "a.tar (2).gz"].map(|name| folder.path().join(name)));
        assert_eq!(fs::read(&paths[0]).unwrap(), b"one");
        assert_eq!(save(folder.path(), "..", b"x"), folder.path().join("file"));
        assert_eq!(save(folder.path(), ".", b"x"), folder.path().join("file (2)"));
    }

    #[test]
    fn what_was_there_is_continued_and_counted_in_the_hash() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::choose(&folder.path().join("new/"), "a").unwrap();
        let open = || Part::open(target.clone(), HASH, 10, &TransferControl::default());
        let mut part = open().unwrap();
        part.append(b"hello ").unwrap();
        assert!(open().is_err(), "two downloads wrote the same file");
        drop(part);
        let mut part = open().unwrap();
        assert_eq!((part.length, part.resumed), (6, true));
        part.append(b"you").unwrap();
        assert_eq!(part.sha256().0[..], Sha256::digest(b"hello you")[..]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_planted_in_the_way_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        let target = Target::choose(&folder.path().join("downloads/"), "a").unwrap();
        std::os::unix::fs::symlink(&victim, target.part_path(HASH)).unwrap();
        assert!(Part::open(target, HASH, 10, &TransferControl::default()).is_err());
        assert_eq!(fs::read_to_string(victim).unwrap(), "precious");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_a_file_is_called_it_lands_in_its_folder(name in any::<String>()) {
            let folder = tempfile::tempdir().unwrap();
            let path = save(folder.path(), &name, b"x");
            prop_assert_eq!(path.parent(), Some(folder.path()));
            prop_assert!(path.is_file());
            prop_assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }
}
