//! Remembers unfinished uploads, so that the same call goes on where the last one stopped: in the cache, in a state file,
//! or, with neither, as long as the client lives.

use std::{collections::BTreeMap, fs, io::ErrorKind, path::Path, sync::PoisonError};

use serde::{Deserialize, Serialize};

use crate::{
    BlobId, ClientId,
    client::{Client, Error, replace_private_file},
};

/// What is known of an unfinished upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unfinished {
    /// Given along when the upload is made, so that its completion counts once.
    pub client_id: ClientId,
    pub sha256: BlobId,
    /// Where the server keeps it, once it does.
    pub url: Option<String>,
}

impl Client {
    pub(super) fn recall_upload(&self, key: &str) -> Result<Option<Unfinished>, Error> {
        let json = match (self.cache(), &self.shared.options.state_file) {
            (Some(cache), _) => cache.value(&format!("upload:{key}"))?,
            (None, Some(path)) => read(path)?.remove(key),
            (None, None) => self.uploads().get(key).cloned(),
        };
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }

    pub(super) fn remember_upload(&self, key: &str, upload: &Unfinished) -> Result<(), Error> {
        let json = serde_json::to_string(upload).unwrap_or_default();
        match (self.cache(), &self.shared.options.state_file) {
            (Some(cache), _) => cache.set_value(&format!("upload:{key}"), &json),
            (None, Some(path)) => change(path, |uploads| drop(uploads.insert(key.to_owned(), json))),
            (None, None) => {
                self.uploads().insert(key.to_owned(), json);
                Ok(())
            }
        }
    }

    pub(super) fn forget_upload(&self, key: &str) -> Result<(), Error> {
        match (self.cache(), &self.shared.options.state_file) {
            (Some(cache), _) => cache.remove_value(&format!("upload:{key}")),
            (None, Some(path)) => change(path, |uploads| drop(uploads.remove(key))),
            (None, None) => {
                self.uploads().remove(key);
                Ok(())
            }
        }
    }

    fn uploads(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.shared.transfers.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    match fs::read(path) {
        // A file that makes no sense is begun anew: all it could say is where to go on.
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(Error::Io(format!("can't read {}", path.display()), error)),
    }
}

fn change(path: &Path, edit: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), Error> {
    let mut uploads = read(path)?;
    edit(&mut uploads);
    let json = serde_json::to_vec_pretty(&uploads).unwrap_or_default();
    replace_private_file(path, &json).map_err(|error| Error::Io(format!("can't write {}", path.display()), error))
}
