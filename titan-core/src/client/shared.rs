//! What the handles of a client and its background task share.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use super::{options::Options, transfer::Shop};
use crate::protocol::LoggedIn;

/// What handles and the background task share.
pub(super) struct Shared {
    pub options: Options,
    session: Mutex<Option<LoggedIn>>,
    /// Somebody wants a connection now.
    pub nudge: Notify,
    /// Something was put into the outbox.
    pub queued: Notify,
    pub transfers: Shop,
}

impl Shared {
    pub fn new(options: Options) -> Self {
        Self {
            options,
            session: Mutex::new(None),
            nudge: Notify::new(),
            queued: Notify::new(),
            transfers: Shop::default(),
        }
    }

    pub fn session(&self) -> Option<LoggedIn> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_session(&self, session: LoggedIn) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
    }
}
