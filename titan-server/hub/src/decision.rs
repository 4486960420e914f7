//! Deciding, and acting on it: between the two the world may change.
//!
//! A decision of the policy rests on facts. They go along with the deed as its grounds, and the store looks again at them
//! in the transaction that does it. Where one is no longer so the store refuses as stale, and the policy decides anew:
//! once, for whoever loses twice against a crowd is told so.

use titan_core::protocol::{Fault, FaultCode};

use super::{Outcome, Session, from_store};
use crate::store::StoreError;

/// Why an attempt did not do its work.
pub(super) enum Refusal {
    /// It was decided on what is no longer so.
    Stale,
    Fault(Fault),
}

pub(super) type Attempt<T> = Result<T, Refusal>;

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<titan_core::text::Unfit> for Refusal {
    fn from(unfit: titan_core::text::Unfit) -> Self {
        Self::Fault(unfit.into())
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale => Self::Stale,
            error => Self::Fault(from_store(error)),
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Stale => Fault::new(FaultCode::Conflict, "It changes too quickly just now: try again."),
            Refusal::Fault(fault) => fault,
        }
    }
}

impl Session {
    /// Decides and acts, and does both once more where the decision turned out to be stale.
    pub(super) async fn decided<T, F>(&self, attempt: impl Fn() -> F) -> Outcome<T>
    where
        F: Future<Output = Attempt<T>>,
    {
        match attempt().await {
            Err(Refusal::Stale) => {}
            settled => return settled.map_err(Fault::from),
        }
        // The one thing that the policy doesn't ask, since a session that has ended doesn't come this far otherwise.
        self.still_open().await?;
        attempt().await.map_err(Fault::from)
    }
}
