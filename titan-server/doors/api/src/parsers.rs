//! What takes apart bytes of others here, as a function of bytes: for the fuzz targets (`fuzz/`) and the test that goes through their
//! corpus. Nothing else calls it.

use titan_core::parsers::{Parser, text};
use titan_door::parsers::headers;

use super::tus_headers::{checksum, for_header, new_upload, not_spoken};
use super::wish::AppWish;

pub const PARSERS: &[Parser] = &[("tus_headers", tus_headers), ("app_wish", app_wish)];

fn tus_headers(bytes: &[u8]) {
    let headers = headers(bytes);
    let _ = not_spoken(&headers);
    let _ = checksum(&headers);
    if let Ok(upload) = new_upload(&headers) {
        let name = upload.file_name;
        assert!(!name.is_empty() && !name.contains(['/', '\\', '\0']), "a file's name stays in its folder");
    }
    assert!(for_header(&text(bytes)).is_ascii(), "a header is ASCII");
}

fn app_wish(bytes: &[u8]) {
    let _ = AppWish::of_json(bytes);
}
