//! Which of PostgreSQL's errors the store itself can do something about, and what it says once it is closed.

use std::error::Error as _;

use tokio_postgres::Error;

use super::super::StoreError;
pub(super) use titan_store::failure::postgres::said_by;

/// Whether the connection itself is gone, so that another one may do better.
pub(super) fn is_lost(error: &Error) -> bool {
    let io = error.source().is_some_and(|source| source.is::<std::io::Error>());
    let ended = error.code().is_some_and(|state| state.code().starts_with("08") || state.code().starts_with("57P"));
    error.is_closed() || io || ended
}

/// Whether a statement was stopped because it took too long.
pub(super) fn is_overdue(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(why) if why.contains("statement timeout"))
}

pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".into())
}
