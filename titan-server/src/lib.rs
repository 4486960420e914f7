//! Titan's server: one house with many doors.
pub mod store;
