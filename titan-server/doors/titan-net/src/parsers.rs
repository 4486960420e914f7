//! What takes apart bytes of others here, as a function of bytes: for the fuzz targets (`fuzz/`) and the test that goes through their
//! corpus. Nothing else calls it.

use bytes::Bytes;
use serde_json::Value;
use titan_core::parsers::{Parser, text};

use super::request::Frame;

pub const PARSERS: &[Parser] = &[("titan_net_request", request)];

fn request(bytes: &[u8]) {
    let frame = match Frame::read(&text(bytes)) {
        Ok(frame) => frame,
        Err(why) => return assert!(!why.to_string().is_empty(), "what is wrong is told"),
    };
    if let Some(id) = frame.id() {
        let marked = id.on(&Bytes::from_static(b"{\"type\":\"pong\"}"));
        assert!(serde_json::from_slice::<Value>(&marked).is_ok(), "an answer with its id is JSON");
    }
    let _ = frame.name();
    if let Err(why) = frame.request() {
        assert!(!why.to_string().is_empty(), "what is wrong is told");
    }
}
