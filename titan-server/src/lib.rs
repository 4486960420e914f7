//! Titan's server: one house with many doors. `ARCHITECTURE.md` is its map.

pub mod admin_key;
pub mod blobs;
pub mod config;
pub mod console;
pub mod data_dir;
pub mod doors;
pub mod hub;
pub mod mail;
pub mod metrics;
mod pepper;
mod server;
pub mod soundness;
pub mod store;
mod sweeping;
pub mod switchboard;
pub mod telemetry;
pub mod tls;
pub mod upkeep;
pub mod uploads;

pub use server::{OpenDoor, Server};
