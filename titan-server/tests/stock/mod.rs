//! The older systems' own clients, through what their people do with them: each works here as it did there.

mod frames;
mod launcher;
mod others;
