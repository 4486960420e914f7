//! A moment as the older systems write it, and as RFC 3339 does.

use jiff::Timestamp;
use titan_core::Time;

/// ISO 8601 with microseconds, UTC, no zone.
pub fn iso(time: Time) -> String {
    let moment = Timestamp::from_millisecond(time.0).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string()
}

/// RFC 3339 to the second, UTC.
pub fn rfc3339(time: Time) -> String {
    let moment = Timestamp::from_millisecond(time.0).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_iso_8601_with_microseconds_and_without_a_zone() {
        assert_eq!(iso(Time(0)), "1970-01-01T00:00:00.000000");
        assert_eq!(iso(Time(1_737_367_200_123)), "2025-01-20T10:00:00.123000");
        assert_eq!(rfc3339(Time(1_737_367_200_123)), "2025-01-20T10:00:00Z");
    }
}
