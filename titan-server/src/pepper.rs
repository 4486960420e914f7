//! The pepper: a secret in a file of its own that goes into every password hash, so that the database alone gives none away.
//!
//! Without it nobody can log in. So the house remembers what its pepper is known by, and one whose pepper is missing or
//! another's is not opened; it is made by the first start of a new house only.

use std::io;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::data_dir::secret;

/// The name of the file, in the data folder.
pub const PEPPER: &str = "pepper";

/// A pepper that is there.
pub struct Pepper(Vec<u8>);

impl Pepper {
    /// The one in a data folder; none where there is no file.
    pub fn read(data_dir: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(path(data_dir)) {
            Ok(bytes) => Ok(Some(Self(bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The same, made where there is none.
    pub fn read_or_make(data_dir: &Path) -> io::Result<Self> {
        secret(&path(data_dir)).map(Self)
    }

    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// What it is known by to who doesn't know it.
    pub fn known_by(&self) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(b"which pepper a house of Titan has");
        mac.finalize().into_bytes()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(PEPPER)
}
