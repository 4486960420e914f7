//! Transfers against a scripted HTTP peer.
