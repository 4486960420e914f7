//! Which server we go to, and how the connection to it stands.

use serde::{Deserialize, Serialize};
use titan_core::Time;

/// A server we go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    pub url: String,
    /// Whether it runs inside this process.
    #[serde(default)]
    pub hosted: bool,
}

/// The state of the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// No server chosen yet.
    #[default]
    None,
    Connecting,
    Online,
    /// Lost; tried again at `until`.
    Waiting {
        until: Time,
        why: String,
    },
    /// Over for good: log in again.
    Ended {
        why: String,
    },
}
