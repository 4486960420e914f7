//! Titan's server: one house with many doors. `ARCHITECTURE.md` is its map.

pub mod admin_key;
pub mod blobs;
pub mod data_dir;
pub mod doors;
pub mod hub;
pub mod store;
pub mod switchboard;
