//! How slowly bytes may come. No fixed time for all of them: large files of people with slow lines must arrive. What counts
//! is the time in which they were waited for.

use std::time::Duration;

/// In so much waiting, so many bytes must come.
const STRETCH: Duration = Duration::from_secs(30);
const STRETCH_LEAST: u64 = 1_024;
/// All in all, after some time in which nobody counts, so many each second.
const GRACE: Duration = Duration::from_secs(60);
const EACH_SECOND: u64 = 1_024;

/// The pace of one body, or one file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// Of this stretch.
    waited: Duration,
    came: u64,
    /// All in all.
    waited_in_all: Duration,
    came_in_all: u64,
}

/// It has come to a standstill, or nearly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it came too slowly")]
pub struct TooSlow;

impl Pace {
    /// How much longer may be waited for the next bytes, until [`Self::note`] says what to make of it.
    pub fn left(&self) -> Duration {
        let earned = GRACE + Duration::from_secs(self.came_in_all / EACH_SECOND);
        (STRETCH.saturating_sub(self.waited)).min(earned.saturating_sub(self.waited_in_all))
    }

    /// So many bytes came, maybe none, after so much waiting.
    pub fn note(&mut self, waited: Duration, bytes: u64) -> Result<(), TooSlow> {
        self.waited += waited;
        self.came += bytes;
        self.waited_in_all += waited;
        self.came_in_all += bytes;
        if self.waited_in_all >= GRACE + Duration::from_secs(self.came_in_all / EACH_SECOND) {
            return Err(TooSlow);
        }
        if self.waited < STRETCH {
            return Ok(());
        }
        let enough = self.came >= STRETCH_LEAST;
        (self.waited, self.came) = (Duration::ZERO, 0);
        if enough { Ok(()) } else { Err(TooSlow) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long a sender is listened to that sends so many bytes every so often.
    fn listened_to(bytes: u64, every: Duration) -> Duration {
        let (mut pace, mut listened) = (Pace::default(), Duration::ZERO);
        while listened < Duration::from_secs(100_000) {
            let (waited, came) = if pace.left() < every { (pace.left(), 0) } else { (every, bytes) };
            listened += waited;
            if pace.note(waited, came).is_err() {
                break;
            }
        }
        listened
    }

    #[test]
    fn a_slow_line_is_waited_for_and_a_dripping_one_is_not() {
        let for_ever = Duration::from_secs(100_000);
        assert!(listened_to(2_048, Duration::from_secs(1)) >= for_ever, "two kilobytes a second");
        assert!(listened_to(100_000, Duration::from_secs(25)) >= for_ever, "much, with long pauses");
        assert_eq!(listened_to(0, Duration::from_secs(1)), STRETCH);
        assert!(listened_to(1, Duration::from_secs(9)) <= STRETCH);
        assert!(listened_to(100, Duration::from_secs(1)) <= 2 * GRACE);
    }
}
