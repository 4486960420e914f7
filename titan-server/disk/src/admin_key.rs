//! The admin key: whoever knows it may register as an admin. Random, kept in `admin_key.txt` (0600) in the data folder.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::RwLock;

use subtle::ConstantTimeEq;
use titan_core::Secret;

use crate::data_dir::write_secret;

pub struct AdminKey {
    file: PathBuf,
    key: RwLock<Secret>,
}

impl AdminKey {
    /// Reads the key, or makes one; true where it was made now.
    pub fn load(file: &Path) -> io::Result<(Self, bool)> {
        match std::fs::read_to_string(file) {
            Ok(text) if text.trim().is_empty() => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} is empty: put the key back, or remove the file for a new one", file.display()),
            )),
            Ok(text) => Ok((Self::holding(file, text.trim()), false)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = random();
                write_secret(file, format!("{key}\n").as_bytes())?;
                Ok((Self::holding(file, &key), true))
            }
            Err(error) => Err(error),
        }
    }

    fn holding(file: &Path, key: &str) -> Self {
        Self { file: file.to_owned(), key: RwLock::new(key.into()) }
    }

    pub fn is(&self, offered: &str) -> bool {
        let key = self.key.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        !key.is_empty() && bool::from(key.reveal().as_bytes().ct_eq(offered.as_bytes()))
    }

    /// Replaces the key, on disk first.
    pub fn replace(&self, key: &str) -> io::Result<()> {
        let mut held = self.key.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        write_secret(&self.file, format!("{key}\n").as_bytes())?;
        *held = key.into();
        Ok(())
    }

    pub fn file(&self) -> &Path {
        &self.file
    }
}

/// A key that nobody guesses.
pub fn random() -> String {
    base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, rand::random::<[u8; 18]>())
}
