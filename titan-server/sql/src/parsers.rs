//! What takes apart files and addresses here, each as a function of bytes: for the fuzz targets (`fuzz/`) and the test that goes through
//! their corpus. Nothing else calls it.

use titan_core::parsers::{Parser, text};

use crate::mark;
use crate::postgres::address::take_tls;
use crate::sqlite::wal::{examine, mend};

pub const PARSERS: &[Parser] =
    &[("write_ahead_log", write_ahead_log), ("mark", house_mark), ("postgres_address", postgres_address)];

/// SQLite's smallest page, so that little is much.
const PAGE: usize = 512;

fn write_ahead_log(bytes: &[u8]) {
    let _ = examine(&mut &bytes[..]);
    let Some(mended) = mend(bytes, PAGE, &|_| None) else { return };
    let found = examine(&mut &mended.bytes[..]);
    assert!(matches!(found, Ok(None)), "a log that was mended is sound: {found:?}");
}

fn house_mark(bytes: &[u8]) {
    let _ = mark::parse(bytes);
}

fn postgres_address(bytes: &[u8]) {
    let (url, _) = take_tls(&text(bytes));
    let _ = url.parse::<tokio_postgres::Config>();
}
