//! What the doors are made with. Each of them is a crate of its own, speaks one wire protocol and decides nothing.
//!
//! A door reads bytes, calls one method of a hub session, and writes the answer its own way. It refuses only what is
//! malformed or oversized. It can name no store and no other door; what several need stands here, in
//! [`serve`] (accepting connections), [`sight`] (what a line of the log belongs to), [`wire`] (what carries a conversation: [`socket`], WebSockets, and [`lines`], lines of
//! text), [`talk`] (a conversation over one), [`lane`] (commands in order), [`listing`] (long lists in answers that have a bound), [`token`] (whose token it is) and [`transfer`] (files over HTTP).

pub mod bearer;
pub mod cors;
pub mod crowd;
pub mod guard;
pub mod headers;
pub mod lane;
pub mod lines;
pub mod listing;
pub mod media;
pub mod metrics;
pub mod moment;
pub mod openapi;
pub mod pace;
#[doc(hidden)]
pub mod parsers;
pub mod patience;
pub mod patterns;
pub mod proxied;
pub mod proxy;
pub mod serve;
pub mod sight;
pub mod site;
pub mod socket;
pub mod talk;
pub mod token;
pub mod transfer;
mod watch;
pub mod wire;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::metrics::Metrics;
use crate::token::TokenKey;
use titan_blobs::Blobs;
pub use titan_blobs::uploads::Sizes;
use titan_blobs::uploads::Uploads;
use titan_core::Secret;
use titan_hub::{Hub, Visitor};

/// What every door is given.
#[derive(Clone)]
pub struct House {
    pub hub: Arc<Hub>,
    pub blobs: Blobs,
    pub uploads: Uploads,
    /// Who connects must have said something in this time.
    pub silence: Duration,
    /// Cancelled when the server closes: doors stop taking in, say goodbye and end.
    pub closing: CancellationToken,
    pub sizes: Sizes,
    pub metrics: Metrics,
    /// Reads the tokens that come in, and signs the channels door's.
    pub tokens: TokenKey,
    /// Whether anybody may read the metrics.
    pub open_metrics: bool,
    /// Who has it may read them too.
    pub metrics_key: Option<Secret>,
    /// Where files alone are handed out, if they have an origin of their own.
    pub files_origin: Option<Url>,
    /// How who found a hole tells it (RFC 9116).
    pub security_contact: Option<String>,
}

/// Who is at the other end of a connection; put into every HTTP request by [`serve`].
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

impl Peer {
    pub fn at(self, door: &'static str) -> Visitor {
        Visitor::new(door, self.0)
    }
}

/// What a client of HTTP says of itself.
pub fn client_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(USER_AGENT).and_then(|said| said.to_str().ok())
}

/// Whether nobody but this machine can reach it.
pub fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
