//! Files named by their SHA-256.

use std::path::Path;

/// The blobs of a data folder.
#[derive(Clone)]
pub struct Blobs {}

impl Blobs {
    pub fn open(_folder: &Path) -> std::io::Result<Self> {
        Ok(Self {})
    }
}
