//! A time as people write it: `30d`, `12h`, `90m`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// What the letters stand for, in minutes, the longest first.
const UNITS: [(char, u64); 3] = [('d', 24 * 60), ('h', 60), ('m', 1)];

/// Whole minutes, one at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(u64);

impl Span {
    pub fn of(time: Duration) -> Self {
        Self(time.as_secs() / 60)
    }

    pub fn time(self) -> Duration {
        Duration::from_secs(self.0.saturating_mul(60))
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let said = || "a time belongs here, such as 30d, 12h or 90m".to_owned();
        let text = text.trim().to_ascii_lowercase();
        let (_, unit) = UNITS.into_iter().find(|(letter, _)| text.ends_with(*letter)).ok_or_else(said)?;
        let number: u64 = text[..text.len() - 1].trim_end().parse().map_err(|_| said())?;
        number.checked_mul(unit).filter(|minutes| (1..=MOST).contains(minutes)).map(Self).ok_or_else(said)
    }
}

/// A hundred years.
const MOST: u64 = 100 * 366 * 24 * 60;

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (letter, unit) = UNITS.into_iter().find(|(_, unit)| self.0.is_multiple_of(*unit)).unwrap_or(('m', 1));
        write!(f, "{}{letter}", self.0 / unit)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_people_write_it_and_written_the_same() {
        for (text, minutes, written) in
            [("30d", 43_200, "30d"), ("24h", 1_440, "1d"), (" 90 M ", 90, "90m"), ("36h", 2_160, "36h")]
        {
            let span: Span = text.parse().unwrap();
            assert_eq!((span.0, span.to_string()), (minutes, written.to_owned()));
        }
        for wrong in ["", "d", "0d", "30", "-1d", "1.5h", "1w", "99999999999999999999d", "9999999d", "ж"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
