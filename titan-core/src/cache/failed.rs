//! What can go wrong inside the cache. Outside of it nobody knows that it is SQLite's.

use crate::client::Error;

/// SQLite failed, or something else did.
pub(super) enum Failed {
    Sqlite(rusqlite::Error),
    Other(Error),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Sqlite(error) => Self::Cache(error.into()),
            Failed::Other(error) => error,
        }
    }
}
