//! Lengths of time as people write them, for mutes: `90s`, `10m`, `1h`, `2d`, `1w`, `forever`. Pure.

/// How long something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    Seconds(u64),
    /// Until somebody lifts it.
    Forever,
}

/// The longest that has an end; beyond it one may as well say `forever`.
const SECONDS_MOST: u64 = 10 * 365 * 86_400;

impl Span {
    /// Reads a length of time; none where it is none, or longer than ten years.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        if matches!(text.as_str(), "forever" | "lifted" | "ever" | "always") {
            return Some(Self::Forever);
        }
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (count, unit) = text.split_at(digits);
        let unit = match unit.trim() {
            "s" | "sec" | "second" | "seconds" => 1,
            "" | "m" | "min" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3_600,
            "d" | "day" | "days" => 86_400,
            "w" | "week" | "weeks" => 7 * 86_400,
            _ => return None,
        };
        let seconds = count.parse::<u64>().ok()?.checked_mul(unit)?;
        (1..=SECONDS_MOST).contains(&seconds).then_some(Self::Seconds(seconds))
    }

    /// As the wire has it: none is until it is lifted.
    pub fn seconds(self) -> Option<u64> {
        match self {
            Self::Seconds(seconds) => Some(seconds),
            Self::Forever => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_of_time_are_understood_as_people_write_them() {
        let cases = [
            ("90s", 90),
            ("10m", 600),
            ("10", 600),
            ("1h", 3_600),
            ("1 hour", 3_600),
            ("2D", 172_800),
            ("1 week", 604_800),
        ];
        for (text, seconds) in cases {
            assert_eq!(Span::parse(text), Some(Span::Seconds(seconds)), "{text}");
        }
        assert_eq!(Span::parse("forever"), Some(Span::Forever));
        for text in ["", "m", "0m", "-1h", "1.5h", "soon", "99999999999999999999d", "11 years", "9999w9"] {
            assert_eq!(Span::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it_and_what_it_gives_is_sane(text in any::<String>()) {
            if let Some(Span::Seconds(seconds)) = Span::parse(&text) {
                prop_assert!((1..=SECONDS_MOST).contains(&seconds));
            }
        }
    }
}
