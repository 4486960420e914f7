//! The pepper: a secret in a file of its own that goes into every password hash, so that the database alone gives none away.
//!
//! Without it nobody can log in. So the house remembers what its pepper is known by, and one whose pepper is missing or
//! another's is not opened; it is made by the first start of a new house only. Peppers of before, in `pepper.1`, `pepper.2`, …, are
//! kept for whoever hasn't logged in since [`rotate`].

use std::io;
use std::path::{Path, PathBuf};

use titan_disk::files::names_in;
use titan_hub::Peppers;

use crate::data_dir::{DataDir, secret, write_secret};

/// The name of the file, in the data folder.
pub const PEPPER: &str = "pepper";

/// The pepper that is there, with those before it.
pub struct Pepper(Peppers);

impl Pepper {
    /// The one in a data folder; none where there is no file.
    pub fn read(data_dir: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(path(data_dir)) {
            Ok(bytes) => Self::with_those_before(&bytes, data_dir).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The same, made where there is none.
    pub fn read_or_make(data_dir: &Path) -> io::Result<Self> {
        Self::with_those_before(&secret(&path(data_dir), "put the right one back: it is in every backup")?, data_dir)
    }

    fn with_those_before(now: &[u8], data_dir: &Path) -> io::Result<Self> {
        let read = |(_, name): (u64, String)| std::fs::read(data_dir.join(name));
        let before = of_before(data_dir)?.into_iter().map(read).collect::<io::Result<Vec<_>>>()?;
        let pepper = |bytes: &Vec<u8>| titan_hub::Pepper::new(bytes);
        Ok(Self(Peppers::new(titan_hub::Pepper::new(now), before.iter().map(pepper).collect())))
    }

    pub fn all(&self) -> &Peppers {
        &self.0
    }

    /// What it is known by to who doesn't know it.
    pub fn known_by(&self) -> String {
        self.0.now().id().to_owned()
    }

    /// Whether it, or one before it, is known by that.
    pub fn is_known_by(&self, id: &str) -> bool {
        self.0.before().iter().chain([self.0.now()]).any(|pepper| pepper.id() == id)
    }
}

/// Puts a new pepper in the place of the one there is, which stays as the last of those before; gives its file. No server may be
/// running: the house takes the new one for its own at the next start.
pub fn rotate(dir: &DataDir) -> io::Result<PathBuf> {
    let now = std::fs::read(path(dir.path()))?;
    let last = of_before(dir.path())?.last().map_or(0, |(number, _)| *number);
    let kept = dir.join(&format!("{PEPPER}.{}", last + 1));
    // On disk before the other is: whatever happens in between, no hash is without its pepper.
    write_secret(&kept, &now)?;
    write_secret(&path(dir.path()), &rand::random::<[u8; 32]>())?;
    Ok(kept)
}

/// The number of a pepper of before, by the name of its file.
pub fn number_of(name: &str) -> Option<u64> {
    name.strip_prefix(PEPPER)?.strip_prefix('.')?.parse().ok()
}

/// The files of peppers of before, by their numbers, the oldest first.
pub fn of_before(data_dir: &Path) -> io::Result<Vec<(u64, String)>> {
    let names = names_in(data_dir)?.into_iter();
    let mut found: Vec<_> = names.filter_map(|name| Some((number_of(&name)?, name))).collect();
    found.sort_unstable();
    Ok(found)
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(PEPPER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pepper_that_is_rotated_stays_known() {
        let folder = tempfile::tempdir().unwrap();
        let dir = DataDir::open(folder.path()).unwrap();
        let first = Pepper::read_or_make(dir.path()).unwrap().known_by();
        assert!(rotate(&dir).unwrap().ends_with("pepper.1"));
        let second = Pepper::read(dir.path()).unwrap().unwrap().known_by();
        assert!(rotate(&dir).unwrap().ends_with("pepper.2"));
        let third = Pepper::read_or_make(dir.path()).unwrap();
        assert!(![&first, &second].contains(&&third.known_by()));
        assert!(third.is_known_by(&first) && third.is_known_by(&second) && !third.is_known_by("another"));
        let before: Vec<_> = third.all().before().iter().map(|pepper| pepper.id().to_owned()).collect();
        assert_eq!(before, [first, second], "the oldest first");
    }
}
