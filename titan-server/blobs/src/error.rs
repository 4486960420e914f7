//! Why bytes are not taken, kept or given, and how that is told.

use std::io;

use titan_core::BlobId;
use titan_core::protocol::{Fault, FaultCode};

/// Why bytes could not be kept or given.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("File too large, max {}.", in_words(*.most))]
    TooLarge { most: u64 },
    #[error("the disk is full")]
    Full,
    /// What may be kept is kept: in words for who brings more.
    #[error("{0}")]
    NoRoom(String),
    /// The hall can't say.
    #[error(transparent)]
    Hub(Fault),
    #[error("the blob {0} is missing")]
    Missing(BlobId),
    #[error("the blob {id} has {found} bytes where {wanted} are wanted")]
    Damaged { id: BlobId, found: u64, wanted: u64 },
    #[error("the blob {0} no longer holds the bytes of its name")]
    Changed(BlobId),
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

impl From<Fault> for BlobError {
    fn from(fault: Fault) -> Self {
        Self::Hub(fault)
    }
}

impl From<BlobError> for Fault {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::TooLarge { .. } | BlobError::NoRoom(_) => Fault::new(FaultCode::TooLarge, error.to_string()),
            BlobError::Hub(fault) => fault,
            BlobError::Full => {
                tracing::error!("the disk is full: files can't be taken in");
                let said = "The server's disk is full: try again later.";
                Fault::new(FaultCode::Unavailable, said).retry_after(std::time::Duration::from_secs(30))
            }
            BlobError::Missing(_) | BlobError::Damaged { .. } | BlobError::Changed(_) | BlobError::Io(_) => {
                tracing::error!(%error, "a blob could not be kept or given");
                Fault::new(FaultCode::Internal, "The server failed at that file; its log says why.")
            }
        }
    }
}

/// A number of bytes for people: whole megabytes where it is.
pub fn in_words(bytes: u64) -> String {
    const MEGABYTE: u64 = 1024 * 1024;
    match bytes {
        0..MEGABYTE => format!("{bytes} bytes"),
        _ if bytes.is_multiple_of(MEGABYTE) => format!("{} MB", bytes / MEGABYTE),
        _ => format!("{:.1} MB", bytes as f64 / MEGABYTE as f64),
    }
}
