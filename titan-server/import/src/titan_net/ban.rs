//! A ban as the original keeps it.

use titan_core::Time;

/// Why somebody is kept out, and until when, if there is an end.
#[derive(Clone)]
pub struct Ban {
    pub reason: String,
    pub until: Option<Time>,
}
