//! Who stands at a door.

use std::net::IpAddr;

/// Somebody at a door, before and after they say who they are.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The door's name, such as `native`; sessions remember it.
    pub door: &'static str,
    pub address: IpAddr,
}
