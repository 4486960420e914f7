//! What both sides of Titan agree on: [`ids`], safe [`text`], what is [`secret`], the native [`protocol`]; and, with the feature `client`
//! (on by default), a [`client`] anyone can script and the local history [`cache`].
//!
//! The wire itself, message by message, is written down in `PROTOCOL.md` beside this crate.

#![warn(missing_docs)]

#[cfg(feature = "client")]
pub mod cache;
#[cfg(feature = "client")]
pub mod client;
pub mod ids;
#[doc(hidden)]
pub mod parsers;
pub mod protocol;
pub mod secret;
pub mod text;

pub use ids::*;
pub use secret::Secret;
pub use text::{SafeText, shown};
