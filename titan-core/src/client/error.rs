//! What can go wrong for a client, named by who or what is at fault.

use std::{error::Error as StdError, path::PathBuf};

use super::untrusted::Untrusted;
use crate::{BlobId, protocol::Fault};

/// What was at the bottom of it.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Why a call failed. The messages say what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server refused or failed; its message is for people, its code for programs.
    #[error("{0}")]
    Fault(Fault),
    /// The connection broke, or the other side is no Titan server. What was asked may or may not have been done.
    #[error("{0}")]
    Network(String, #[source] Option<Cause>),
    /// The server is not believed, or not yet; what speaks against it stands in there. Nothing was sent to it.
    #[error("{0}")]
    Untrusted(Box<Untrusted>),
    /// No TLS came about: the server speaks none, or none that this version knows.
    #[error("{0}")]
    Tls(String, #[source] Option<Cause>),
    /// There was no connection for a while, and nothing was sent.
    #[error("there is no connection to the server just now: try again once it is back")]
    Offline,
    /// The transfer was paused. The same call goes on where it stopped.
    #[error("paused: start the transfer again to go on where it stopped")]
    Paused,
    /// The transfer was cancelled, and what it had so far removed.
    #[error("cancelled")]
    Cancelled,
    /// What came is not what was promised. Nothing was kept.
    #[error("{} is not what the server promised (SHA-256 {got}, expected {expected}): nothing was kept; try again", path.display())]
    #[non_exhaustive]
    HashMismatch {
        /// Where it was to be.
        path: PathBuf,
        /// What was promised.
        expected: BlobId,
        /// What came.
        got: BlobId,
    },
    /// This machine's file system failed.
    #[error("{0}: {1}")]
    Io(String, #[source] std::io::Error),
    /// The local cache failed.
    #[error("the local cache failed: {0}")]
    Cache(#[source] Cause),
    /// The server's address makes no sense.
    #[error("{0}")]
    BadUrl(String),
}

impl Error {
    /// The server's fault, where it was one.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Fault(fault) => Some(fault),
            _ => None,
        }
    }

    /// A connection that failed, with nothing beneath it that says more.
    pub(crate) fn network(why: impl Into<String>) -> Self {
        Self::Network(why.into(), None)
    }

    /// A connection that failed because of this.
    pub(crate) fn broken(why: impl Into<String>, cause: impl Into<Cause>) -> Self {
        Self::Network(why.into(), Some(cause.into()))
    }

    /// What the server says can't be read.
    pub(crate) fn senseless(error: serde_json::Error) -> Self {
        Self::broken(format!("the server says something that makes no sense to this version: {error}"), error)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
