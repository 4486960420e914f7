//! What becomes of what is asked here, below everything else in the hall: it was done, or a fault says why not.

use std::time::Duration;

use titan_core::protocol::{Fault, FaultCode};

use crate::store::StoreError;

pub type Outcome<T> = Result<T, Fault>;

/// What a person is told when the store could not do its work.
pub(super) fn from_store(error: StoreError) -> Fault {
    match error {
        StoreError::Taken(what) => {
            Fault::new(FaultCode::NameTaken, format!("That {} is taken.", what.replace('_', " ")))
        }
        StoreError::Full(what) => Fault::new(FaultCode::TooLarge, format!("There are as many {what} as there may be.")),
        StoreError::NotFound => Fault::not_found("There is no such thing (any more)."),
        StoreError::Stale | StoreError::Conflict => {
            Fault::new(FaultCode::Conflict, "It has changed since you looked: look again.")
        }
        StoreError::Unavailable(why) => {
            tracing::error!(%why, "the store can't write");
            let said = "The server can't write just now. Nothing was kept: try again soon.";
            Fault::new(FaultCode::Unavailable, said).retry_after(Duration::from_secs(1))
        }
        StoreError::Unsettled(why) => {
            tracing::error!(%why, "the store can't say yet what was written");
            let said =
                "The server lost its database over that, and can't say yet whether it was kept: look again soon.";
            Fault::new(FaultCode::Unavailable, said).retry_after(Duration::from_secs(1))
        }
        StoreError::Ended(why) => {
            tracing::error!(%why, "the store has ended");
            Fault::new(FaultCode::Unavailable, "The server ends, and can't say whether that was kept: look again soon.")
        }
        StoreError::Broken(why) => {
            tracing::error!(%why, "the store failed");
            Fault::new(FaultCode::Internal, "The server failed at that; its log says why.")
        }
    }
}
