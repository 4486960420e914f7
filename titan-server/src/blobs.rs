//! Files named by their SHA-256.

/// The blobs of a data folder.
#[derive(Clone)]
pub struct Blobs {}
