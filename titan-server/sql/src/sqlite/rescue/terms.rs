//! What a rescue is asked for, and what comes of it.

use titan_core::BlobId;

use super::super::super::mark::Known;
use super::super::super::soundness::Identity;

/// What came of it.
#[derive(Debug, Default)]
pub struct Rescued {
    /// A line for each thing that was lost.
    pub lost: Vec<String>,
    /// Rows that were kept.
    pub rows: u64,
    /// Frames of the write-ahead log that SQLite alone would have dropped.
    pub frames: u64,
    pub identity: Identity,
}

/// What the new database is to know beside what the old one says.
pub struct Wanted<'a> {
    /// Of the mark, where there is one.
    pub turn: i64,
    pub known: Option<&'a Known>,
    /// Whether there is to be another pepper.
    pub new_pepper: bool,
    /// Blobs whose bytes are here and sound.
    pub blobs: &'a dyn Fn(BlobId) -> bool,
    /// Told after each so many rows.
    pub progress: &'a dyn Fn(u64),
}
