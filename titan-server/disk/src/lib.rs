//! Files of the house that only their owner reads and that survive a loss of power: the data folder, its secrets, copies.
//!
//! Everything that keeps files uses it. It knows nothing of what the files are for.

pub mod admin_key;
pub mod data_dir;
pub mod files;
