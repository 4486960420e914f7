//! Moments as older systems wrote them: ISO 8601 mostly, often without saying of which zone.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use titan_core::Time;

/// Numbers from here on are no seconds: these would be in the year 5138.
const THOUSANDTHS: f64 = 1e11;
/// The end of the year 9999.
const LAST: f64 = 253_402_300_800_000.0;

/// Reads moments; what names no zone is of the one given.
pub struct Clock {
    zone: TimeZone,
}

impl Clock {
    pub fn new(zone: TimeZone) -> Self {
        Self { zone }
    }

    /// The moment, if it can be read.
    pub fn read(&self, text: Option<&str>) -> Option<Time> {
        let text = text?.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(Time(at.as_millisecond()));
        }
        if let Ok(local) = text.parse::<DateTime>() {
            return local.to_zoned(self.zone.clone()).ok().map(|at| Time(at.timestamp().as_millisecond()));
        }
        // Since 1970: in seconds, or in thousandths of them, which are larger than any seconds that somebody lived through.
        let number: f64 = text.parse().ok()?;
        let milliseconds = if number < THOUSANDTHS { number * 1_000.0 } else { number };
        (number > 0.0 && milliseconds < LAST).then_some(Time(milliseconds as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_in_which_moments_were_written_are_read() {
        let clock = Clock::new(TimeZone::UTC);
        let read = |text: &str| clock.read(Some(text)).map(|at| at.0);
        assert_eq!(read("2025-01-20T10:00:00.123456"), Some(1_737_367_200_123));
        assert_eq!(read("2025-01-20 10:00:00"), Some(1_737_367_200_000));
        assert_eq!(read("2025-01-20T11:00:00+01:00"), Some(1_737_367_200_000));
        assert_eq!(read("1737367200"), Some(1_737_367_200_000));
        assert_eq!(read("1737367200.5"), Some(1_737_367_200_500));
        assert_eq!(read("1737367200123"), Some(1_737_367_200_123));
        assert_eq!(read("2025-01-20 10:00:00+00"), Some(1_737_367_200_000));
        for text in ["yesterday", "", "-5", "1e300", "inf", "NaN", "infinity", "10000-01-01 00:00:00"] {
            assert_eq!(read(text), None, "{text}");
        }
        let warsaw = Clock::new(TimeZone::get("Europe/Warsaw").unwrap());
        assert_eq!(warsaw.read(Some("2025-01-20T11:00:00")), Some(Time(1_737_367_200_000)));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_moment_of_these_ten_thousand_years_or_none(text in ".{0,40}", number in proptest::prelude::any::<f64>()) {
            let clock = Clock::new(TimeZone::UTC);
            for text in [text, number.to_string()] {
                if let Some(at) = clock.read(Some(&text)) {
                    proptest::prop_assert!(Timestamp::from_millisecond(at.0).is_ok(), "{text}");
                }
            }
        }
    }
}
