//! What a client tells whoever reads its events.

use std::time::Duration;

use crate::{
    ClientId,
    protocol::{Account, Event, Fault, Posted},
};

/// Something that happened to this client.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ClientEvent {
    Connection(Connection),
    /// What the server pushed. Entries come exactly once and in order of seq, over reconnects too.
    Server(Event),
    /// What became of a message of the outbox.
    Outbox {
        client_id: ClientId,
        result: Result<Posted, Fault>,
    },
    /// Something the person should know: a cache that had to be set aside, say.
    Notice(String),
}

/// How it stands with the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    Connecting,
    Online {
        account: Account,
    },
    Waiting {
        retry_in: Duration,
        why: String,
    },
    /// There will be no further attempt: the token was revoked, the account banned, the password wrong. Log in again.
    Ended {
        why: String,
    },
}
