//! The older systems' own clients, through what their people do with them: each works here as it did there.

#[path = "../channels_support/mod.rs"]
mod channels_support;
#[path = "../guests/mod.rs"]
mod guests;
#[path = "../support/mod.rs"]
mod support;
#[path = "../titan_net_support/mod.rs"]
mod titan_net_support;
#[path = "../tls_support/mod.rs"]
mod tls_support;

mod frames;
mod launcher;
mod others;
