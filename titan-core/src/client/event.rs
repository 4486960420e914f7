//! What a client tells whoever reads its events.

use std::time::Duration;

use super::untrusted::Untrusted;
use crate::{
    ClientId, ConversationId,
    protocol::{Account, Event, Fault, Posted},
};

/// Something that happened to this client.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ClientEvent {
    /// How it stands with the connection now.
    Connection(Connection),
    /// What the server pushed. Entries come exactly once and in order of seq, over reconnects too.
    Server(Event),
    /// What became of a message of the outbox.
    #[non_exhaustive]
    Outbox {
        /// Which.
        client_id: ClientId,
        /// Where it stands, or why it was refused for good.
        result: Result<Posted, Fault>,
    },
    /// The server was restored from a backup: what was handed out of the logs of these conversations may never have been
    /// said there. The cache has dropped it; load anew what is shown.
    Rewound(Vec<ConversationId>),
    /// Something the person should know: a cache that had to be set aside, say.
    Notice(String),
}

/// How it stands with the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Connection {
    /// On the way.
    Connecting,
    /// Logged in.
    #[non_exhaustive]
    Online {
        /// As whom.
        account: Account,
    },
    /// Lost; to be tried again.
    #[non_exhaustive]
    Waiting {
        /// From when it was lost.
        retry_in: Duration,
        /// In words for people.
        why: String,
    },
    /// There will be no further attempt: the token was revoked, the account banned, the password wrong, and it takes a new login; or
    /// the server is not believed.
    #[non_exhaustive]
    Ended {
        /// In words for people.
        why: String,
        /// What speaks against the server, where it is that. The token is as good as before, and was not sent.
        untrusted: Option<Box<Untrusted>>,
    },
}
