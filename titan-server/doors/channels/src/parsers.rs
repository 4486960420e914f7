//! What takes apart bytes of others here, as a function of bytes: for the fuzz targets (`fuzz/`) and the test that goes through their
//! corpus. Nothing else calls it.

use titan_core::parsers::{Parser, text};

use super::check::{Check, Length, read_json};
use super::json::{Flaw, flaw};

pub const PARSERS: &[Parser] = &[("channels_body", body), ("channels_number", number)];

fn body(bytes: &[u8]) {
    let text = text(bytes);
    if let Some(Flaw::At(at, _)) = flaw(&text) {
        assert!(at <= text.chars().count(), "a flaw stands in the text");
    }
    let Ok(body) = read_json(bytes) else { return };
    let mut check = Check::default();
    let fields = check.fields(&body);
    let length = Length { least: 3, most: 50 };
    let _ = check.text(&fields, "password");
    let _ = check.trimmed(&fields, "username", length);
    let _ = check.visible(&fields, "content", length);
    let _ = check.refused();
}

fn number(bytes: &[u8]) {
    let _ = Check::default().number("path", "channel_id", &text(bytes));
}
