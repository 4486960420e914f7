//! The clients that the older systems came with, as far as a server can tell them from others: in which order they ask, how
//! they read, how they know a reply, and what they die of. Each panics where the real one would fail or show nothing.

pub mod frames;
pub mod launcher;
pub mod page;
pub mod sample;
pub mod utuvox;
