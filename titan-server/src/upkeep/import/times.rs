//! Moments as older systems wrote them: ISO 8601 mostly, often without saying of which zone.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use titan_core::Time;

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
        // Seconds since 1970.
        let seconds: f64 = text.parse().ok()?;
        (seconds.is_finite() && seconds > 0.0).then_some(Time((seconds * 1_000.0) as i64))
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
        assert_eq!(read("yesterday"), None);
        let warsaw = Clock::new(TimeZone::get("Europe/Warsaw").unwrap());
        assert_eq!(warsaw.read(Some("2025-01-20T11:00:00")), Some(Time(1_737_367_200_000)));
    }
}
