//! UtuVox's admin key: taken over where it is a secret and the house has none yet.

use std::io;
use std::path::{Path, PathBuf};

use crate::Imported;
use titan_disk::data_dir::write_secret;

const NAME: &str = "admin_key.txt";
/// What every UtuVox begins with, and what many never changed.
const KNOWN_TO_ALL: &str = "default_admin_key_123";

/// A key to be taken over.
pub struct KeyFile {
    key: String,
    to: PathBuf,
}

impl KeyFile {
    /// The key beside the database, if it is one to take over; what the operator should know about it is noted.
    pub fn beside(folder: Option<&Path>, data_dir: &Path, done: &mut Imported) -> Option<Self> {
        let key = std::fs::read_to_string(folder?.join(NAME)).ok()?.trim().to_owned();
        let to = data_dir.join(NAME);
        if key.is_empty() || key == KNOWN_TO_ALL {
            done.notes.push(
                "UtuVox's admin key is the one that everybody knows and was not taken over; anybody could have made \
                 themselves an admin there: look through `titan-server admin list admins`"
                    .to_owned(),
            );
            return None;
        }
        if to.exists() {
            done.notes.push("the house has an admin key already: UtuVox's was not taken over".to_owned());
            return None;
        }
        done.notes.push("UtuVox's admin key is the house's now".to_owned());
        Some(Self { key, to })
    }

    /// Makes it the house's.
    pub fn take_over(&self) -> io::Result<()> {
        write_secret(&self.to, format!("{}\n", self.key).as_bytes())
    }
}
