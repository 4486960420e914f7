//! Addresses and networks, as doors count and trust them. They are the memory's own, since it writes down which are kept out.

pub use crate::store::network::{Network, NoNetwork, counted_as};
