//! Titan's server: one house with many doors. `ARCHITECTURE.md` is its map.
//!
//! The rooms are crates of their own, so that the compiler keeps their walls; here they are put together, under the names
//! that tests and `titan --solo` know them by.

pub mod config;
pub mod console;
pub mod doors;
mod erasing;
mod evidence;
mod expiring;
mod file_limit;
mod indexing;
pub mod inherited;
mod keys;
#[doc(hidden)]
pub mod parsers;
pub mod pepper;
mod rekeeping;
mod server;
pub mod service;
pub mod signals;
pub mod soundness;
mod supervision;
mod sweeping;
pub mod telemetry;
mod tending;
mod timekeeping;
pub mod tls;
pub mod upkeep;

pub use server::{OpenDoor, Server};
pub use supervision::Failure;

pub use titan_blobs::{self as blobs, uploads};
pub use titan_disk::{admin_key, data_dir};
pub use titan_door::metrics;
pub use titan_hub::{self as hub, switchboard};
pub use titan_mail as mail;

/// The memory of the house, with those that there are.
pub mod store {
    pub use titan_sql::{mark, postgres, sqlite};
    pub use titan_store::*;
}
