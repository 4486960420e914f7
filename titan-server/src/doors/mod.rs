//! The doors: each speaks one wire protocol and decides nothing.
//!
//! A door reads bytes, calls one method of a hub session, and writes the answer its own way. It refuses only what is
//! malformed or oversized. It never touches a store and never knows another door; what several need stands in
//! [`serve`] (accepting connections), [`wire`] (what carries a conversation: [`socket`], WebSockets, and [`lines`], lines of
//! text), [`talk`] (a conversation over one), [`lane`] (commands in order) and [`transfer`] (files over HTTP).

pub mod api;
pub mod channels;
pub mod cors;
pub mod http;
pub mod json_lines;
pub mod lane;
pub mod lines;
pub mod moment;
pub mod native;
pub mod openapi;
pub mod page;
pub mod patience;
pub mod patterns;
pub mod proxy;
pub mod reset_site;
pub mod serve;
pub mod slash;
pub mod socket;
pub mod status;
pub mod talk;
pub mod titan_net;
pub mod tls_frames;
pub mod transfer;
pub mod wire;

use std::net::IpAddr;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::blobs::Blobs;
use crate::hub::{Hub, Visitor};
use crate::metrics::Metrics;
use crate::uploads::Uploads;

/// What every door is given.
#[derive(Clone)]
pub struct House {
    pub hub: Arc<Hub>,
    pub blobs: Blobs,
    pub uploads: Uploads,
    /// Cancelled when the server closes: doors stop taking in, say goodbye and end.
    pub closing: CancellationToken,
    pub sizes: Sizes,
    pub metrics: Metrics,
    /// What signs the channels door's tokens.
    pub jwt_key: Arc<[u8]>,
    /// Whether other machines may read the metrics.
    pub open_metrics: bool,
}

/// How large things may be, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// An app or file.
    pub upload: u64,
    /// A file at the channels door.
    pub channel_file: u64,
    /// All unfinished uploads of one account together.
    pub unfinished: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { upload: 100 * 1024 * 1024, channel_file: 25 * 1024 * 1024, unfinished: 1024 * 1024 * 1024 }
    }
}

/// Who is at the other end of a connection; put into every HTTP request by [`serve`].
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

impl Peer {
    pub fn at(self, door: &'static str) -> Visitor {
        Visitor { door, address: self.0 }
    }
}
