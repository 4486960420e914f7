//! Which server we go to, and how the connection to it stands.

use serde::{Deserialize, Serialize};
use titan_core::{Time, client::Options};

/// A server we go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    pub url: String,
    /// Whether it runs inside this process.
    #[serde(default)]
    pub hosted: bool,
}

impl ServerInfo {
    /// Whether what is sent to it can be read on its way.
    pub fn is_exposed(&self) -> bool {
        !self.hosted && Options::new(&self.url).is_ok_and(|options| options.is_exposed())
    }
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
    /// The server is not believed; nothing is sent to it, and nothing tried again by itself.
    Untrusted,
    /// Over for good: log in again.
    Ended {
        why: String,
    },
}
