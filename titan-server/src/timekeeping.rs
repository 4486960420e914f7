//! The clock of a house that serves: this machine's, but not believed where it leaps.
//!
//! A machine may boot before it knows the time, and somebody may set it to another century by mistake: sessions, mutes and the
//! times of logs must outlive that. So the house counts on from when it was last sure. A clock that is far from there is
//! doubted until it has stood for long; meanwhile, and for a while after each start, nothing that has expired is swept away.
//! What time it was is kept in a file, so that a stop is no way around this; who removes it has the machine believed at once.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use titan_core::Time;

use crate::store::Clock;

/// Beyond this a clock has leapt.
const LEAP: i64 = 3 * HOUR;
/// A house may have been away for so long and believe what the clock says then: less than sessions stand.
const AWAY_MOST: i64 = 60 * 24 * HOUR;
/// What stands for so long is believed.
const STANDS: Duration = Duration::from_secs(24 * 3_600);
/// After a start, or a leap, what has expired is swept only after so long.
const SETTLES: Duration = Duration::from_secs(3_600);
const HOUR: i64 = 3_600_000;
/// Where the time is kept, in the data folder.
const FILE: &str = "clock";

#[derive(Debug)]
pub struct HouseClock {
    reckoning: Mutex<Reckoning>,
    file: PathBuf,
}

impl HouseClock {
    /// Goes on from when the house was last there.
    pub fn open(data_dir: &Path) -> Self {
        let file = data_dir.join(FILE);
        let last = std::fs::read_to_string(&file).ok().and_then(|kept| kept.trim().parse().ok()).map(Time);
        let reckoning = Mutex::new(Reckoning::new(last, Time::now(), elapsed()));
        Self { reckoning, file }
    }

    /// Whether what has expired may be removed for good.
    pub fn is_settled(&self) -> bool {
        self.now();
        self.reckoning().is_settled(elapsed())
    }

    /// Keeps what time it is for the next start.
    pub fn remember(&self) {
        let (now, fresh) = (self.now().0, self.file.with_extension("new"));
        if let Err(error) = std::fs::write(&fresh, now.to_string()).and_then(|()| std::fs::rename(fresh, &self.file)) {
            tracing::warn!(%error, "what time it is could not be kept");
        }
    }

    fn reckoning(&self) -> MutexGuard<'_, Reckoning> {
        self.reckoning.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for HouseClock {
    fn now(&self) -> Time {
        self.reckoning().now(Time::now(), elapsed())
    }
}

/// What goes on steadily while the machine is up, asleep or not.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn elapsed() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    #[cfg(target_vendor = "apple")]
    let steady = ClockId::Monotonic;
    #[cfg(not(target_vendor = "apple"))]
    let steady = ClockId::Boottime;
    clock_gettime(steady).try_into().unwrap_or_default()
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn elapsed() -> Duration {
    static BEGUN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    BEGUN.get_or_init(std::time::Instant::now).elapsed()
}

/// The time as the house counts it, by what the machine says and what has passed.
#[derive(Debug)]
struct Reckoning {
    sure: Time,
    /// What had passed by then.
    sure_at: Duration,
    doubt: Option<Doubt>,
    /// Nothing is swept before.
    settled_at: Duration,
}

/// How far off the machine is, and since when.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    off: i64,
    since: Duration,
}

impl Reckoning {
    fn new(last: Option<Time>, machine: Time, elapsed: Duration) -> Self {
        let away = last.map(|last| machine.0.saturating_sub(last.0));
        let believed = away.is_none_or(|away| (-LEAP..=AWAY_MOST).contains(&away));
        let sure = last.filter(|_| !believed).unwrap_or(machine);
        let settles = if away.is_some_and(|away| away.abs() <= LEAP) { Duration::ZERO } else { SETTLES };
        Self { sure, sure_at: elapsed, doubt: None, settled_at: elapsed + settles }
    }

    fn now(&mut self, machine: Time, elapsed: Duration) -> Time {
        let passed = i64::try_from(elapsed.saturating_sub(self.sure_at).as_millis()).unwrap_or(i64::MAX);
        let expected = Time(self.sure.0.saturating_add(passed));
        let off = machine.0.saturating_sub(expected.0);
        if off.abs() > LEAP && !self.stands(off, expected, elapsed) {
            return expected;
        }
        if self.doubt.take().is_some() {
            tracing::warn!(off_ms = off, "the clock is believed again");
            self.settled_at = elapsed + SETTLES;
        }
        (self.sure, self.sure_at) = (machine, elapsed);
        machine
    }

    /// Whether the machine has been this far off for long.
    fn stands(&mut self, off: i64, expected: Time, elapsed: Duration) -> bool {
        match self.doubt {
            Some(doubt) if off.abs_diff(doubt.off) <= LEAP.unsigned_abs() => elapsed - doubt.since >= STANDS,
            _ => {
                tracing::error!(
                    off_ms = off,
                    house_ms = expected.0,
                    "this machine's clock has leapt: the house counts on without it until it has stood for a day"
                );
                self.doubt = Some(Doubt { off, since: elapsed });
                false
            }
        }
    }

    fn is_settled(&self, elapsed: Duration) -> bool {
        self.doubt.is_none() && elapsed >= self.settled_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * HOUR;
    const YEAR: i64 = 365 * DAY;
    const BEGUN: Time = Time(1_790_000_000_000);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn in_service() -> Reckoning {
        let mut reckoning = Reckoning::new(None, BEGUN, seconds(0));
        assert_eq!(reckoning.now(Time(BEGUN.0 + 7_200_000), seconds(7_200)).0, BEGUN.0 + 7_200_000);
        assert!(reckoning.is_settled(seconds(7_200)));
        reckoning
    }

    #[test]
    fn a_clock_that_leaps_is_doubted_in_either_direction_and_believed_when_it_is_back() {
        for leap in [10 * YEAR, -10 * YEAR, 400 * YEAR, 200 * DAY, DAY, -DAY, i64::MAX / 2] {
            let mut reckoning = in_service();
            let right = BEGUN.0 + 7_201_000;
            assert_eq!(reckoning.now(Time(right.saturating_add(leap)), seconds(7_201)).0, right, "{leap}");
            assert!(!reckoning.is_settled(seconds(7_201)));
            assert_eq!(reckoning.now(Time(right + 1_000), seconds(7_202)).0, right + 1_000);
            assert!(!reckoning.is_settled(seconds(7_202)), "nothing is swept right behind a leap");
            assert!(reckoning.doubt.is_none() && reckoning.is_settled(seconds(7_202 + 3_600)));
        }
    }

    #[test]
    fn what_stands_for_a_day_is_believed_and_small_corrections_are_at_once() {
        let mut reckoning = in_service();
        let far = |after: u64| (Time(BEGUN.0 + YEAR + (after as i64) * 1_000), seconds(7_200 + after));
        for after in [1, 3_600, 80_000] {
            let (machine, elapsed) = far(after);
            assert!(reckoning.now(machine, elapsed).0 < BEGUN.0 + 2 * DAY);
        }
        let (machine, elapsed) = far(86_500);
        assert_eq!(reckoning.now(machine, elapsed), machine);
        let corrected = Time(machine.0 - HOUR);
        assert_eq!(reckoning.now(corrected, elapsed + seconds(1)), corrected);
    }

    #[test]
    fn a_start_goes_on_from_when_the_house_was_last_there() {
        let at = |away: i64| {
            let mut reckoning = Reckoning::new(Some(BEGUN), Time(BEGUN.0 + away), seconds(5));
            (reckoning.now(Time(BEGUN.0 + away), seconds(5)).0 - BEGUN.0, reckoning.is_settled(seconds(5)))
        };
        assert_eq!(at(1_000), (1_000, true));
        assert_eq!(at(30 * DAY), (30 * DAY, false), "away for a month: believed, and nothing swept at once");
        assert_eq!(at(200 * DAY), (0, false));
        assert_eq!(at(-20 * YEAR), (0, false), "booted before it knew the time");
    }

    #[test]
    fn the_time_is_kept_over_a_stop() {
        let folder = tempfile::tempdir().unwrap();
        let before = Time::now();
        HouseClock::open(folder.path()).remember();
        assert!(HouseClock::open(folder.path()).is_settled());
        std::fs::write(folder.path().join(FILE), (before.0 - 400 * DAY).to_string()).unwrap();
        let clock = HouseClock::open(folder.path());
        assert!(clock.now().0 < before.0 - 399 * DAY && !clock.is_settled());
        std::fs::write(folder.path().join(FILE), "no time").unwrap();
        assert!(HouseClock::open(folder.path()).now() >= before);
    }
}
