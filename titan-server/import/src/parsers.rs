//! What takes apart what older systems left, each as a function of bytes: for the fuzz targets (`fuzz/`) and the test that goes through
//! their corpus. Nothing else calls it.

use std::fs;

use jiff::tz::TimeZone;
use titan_core::parsers::{Parser, text};

use crate::fingerprint::Fingerprint;
use crate::foreign::{Foreign, Place, Row, Shape, Trouble};
use crate::times::Clock;
use crate::utuvox::event;
use crate::{passwords, redact};

pub const PARSERS: &[Parser] = &[
    ("older_moment", moment),
    ("older_password", password),
    ("older_log_line", log_line),
    ("older_place", place),
    ("older_database", database),
];

/// People, as most of the older systems keep them.
const PEOPLE: Shape =
    Shape { tables: &["users"], columns: &[&["id"], &["username", "login"], &["is_admin"]], order: &[0] };

fn moment(bytes: &[u8]) {
    let read = Clock::new(TimeZone::UTC).read(Some(&text(bytes)));
    assert!(read.is_none_or(|at| at.0.abs() < 400_000_000_000_000), "a moment is of these ten thousand years");
}

fn password(bytes: &[u8]) {
    let hash = text(bytes);
    let _ = (passwords::recognise(&hash), passwords::salted_pbkdf2(&hash), Fingerprint::from_text(&hash));
}

fn log_line(bytes: &[u8]) {
    let line = text(bytes);
    let redacted = redact::redacted(&line);
    assert_eq!(redact::redacted(&redacted), redacted, "what is gone stays gone");
    let _ = event::read("general", &line);
}

fn place(bytes: &[u8]) {
    let _ = Place::of(&text(bytes)).to_string();
}

/// A database as it lies there: its tables, their rows, and that reading damage is an error and nothing worse.
fn database(bytes: &[u8]) {
    let file = std::env::temp_dir().join(format!("titan-older-{}.db", std::process::id()));
    if fs::write(&file, bytes).is_ok()
        && let Ok(foreign) = Foreign::open(&Place::File(file.clone()))
    {
        let _ = foreign.besides(&[]);
        let read = |row: &Row| -> Result<(), Trouble> {
            let _ = (row.number(0), row.word(1), row.flag(2));
            Ok(())
        };
        let _ = foreign.find(&PEOPLE).map(|people| foreign.each(&people, read));
    }
    let _ = fs::remove_file(&file);
}
