//! What takes apart bytes of others here, as a function of bytes: for the fuzz targets (`fuzz/`) and the test that goes through their
//! corpus. Nothing else calls it.

use titan_core::parsers::{Parser, text};

use crate::address::travelling;

pub const PARSERS: &[Parser] = &[("mail_address", mail_address)];

fn mail_address(bytes: &[u8]) {
    if let Ok(address) = travelling(&text(bytes)) {
        assert!(address.domain().is_ascii(), "a domain travels as every server knows it");
        assert!(!address.to_string().contains(['\r', '\n', '\0']), "an address is one line");
    }
}
