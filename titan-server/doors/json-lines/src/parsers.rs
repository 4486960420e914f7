//! What takes apart bytes of others here, as a function of bytes: for the fuzz targets (`fuzz/`) and the test that goes through their
//! corpus. Nothing else calls it.

use titan_core::parsers::{Parser, text};

use super::request::Request;

pub const PARSERS: &[Parser] = &[("json_lines_request", request)];

fn request(bytes: &[u8]) {
    if let Err(why) = Request::read(&text(bytes)) {
        assert!(!why.to_string().is_empty(), "what is wrong is told");
    }
}
