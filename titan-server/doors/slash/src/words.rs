//! How texts look: most begin with the time, refusals say `[ERROR]`, lists are joined by commas. The texts themselves stand
//! where they are said.

use std::fmt::Display;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use titan_core::{SafeText, Time};

use super::command::Known;
use titan_door::lines::LINE_MOST;
use titan_door::listing::fitting;
use titan_hub::Listed;

/// Bytes of a list: as many as a command may have.
pub const LIST_MOST: usize = LINE_MOST;

/// A text with the time before it.
pub fn stamped(text: impl Display) -> String {
    stamped_at(Time::now(), text)
}

pub fn stamped_at(time: Time, text: impl Display) -> String {
    format!("[{}] {text}", date(time))
}

/// A time of this machine's zone.
pub fn date(time: Time) -> String {
    local(time, "%Y-%m-%d %H:%M:%S")
}

pub fn local(time: Time, format: &str) -> String {
    let moment = Timestamp::from_millisecond(time.0).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.to_zoned(TimeZone::system()).strftime(format).to_string()
}

/// What somebody else wrote: its further lines are indented, so that none passes for a line of its own.
pub fn indented(text: &str) -> String {
    text.replace('\n', "\n    ")
}

pub fn usage(known: &Known) -> String {
    format!("Usage: {} {}", known.word, known.arguments).trim_end().to_owned()
}

pub fn joined<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    names.into_iter().map(|name| name.as_ref().to_owned()).collect::<Vec<_>>().join(", ")
}

/// Names as far as they fit, and how many more there are.
pub fn as_fits(names: impl Iterator<Item = SafeText>) -> String {
    let names: Vec<_> = names.collect();
    let number = names.len();
    let names = fitting(Listed { list: names, more: false }, LIST_MOST, name_length).list;
    joined(&names) + &and_more((number - names.len()) as u64)
}

/// Bytes of a name in a list.
pub fn name_length(name: &SafeText) -> usize {
    name.len() + ", ".len()
}

/// What stands behind a list of which so many had no room; nothing where all had.
pub fn and_more(left_out: u64) -> String {
    if left_out == 0 { String::new() } else { format!("\n… and {left_out} more") }
}

#[cfg(test)]
#[test]
fn no_line_of_another_passes_for_one_of_its_own() {
    assert_eq!(indented("hi\n[2026-01-01 00:00:00] root: me\n"), "hi\n    [2026-01-01 00:00:00] root: me\n    ");
}
