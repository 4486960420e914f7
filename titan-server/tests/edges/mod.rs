//! The edges of the house: what it makes of addresses, hosts, origins and headers before any door decides anything, of
//! tokens in the wrong hands and of key files that are none.

mod addresses;
mod confirming;
mod factors;
mod files;
mod guessing;
mod headers;
mod hosts;
mod keys;
mod prefix;
mod proxied;
mod refused;
mod sessions;
