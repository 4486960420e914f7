//! How long to wait before the next attempt to connect: doubling, capped, and scattered, so that the clients of a server
//! that restarted don't all return in the same moment.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);

pub(super) struct Backoff {
    failures: u32,
    most: Duration,
}

impl Backoff {
    pub fn new(most: Duration) -> Self {
        Self { failures: 0, most }
    }

    /// The wait after one more failure: between half and the whole of a time that doubles. What the server asked for is
    /// kept to, and scattered above it.
    pub fn next(&mut self, asked: Option<Duration>) -> Duration {
        let ceiling = FIRST.saturating_mul(2u32.saturating_pow(self.failures)).min(self.most);
        self.failures = self.failures.saturating_add(1);
        match asked {
            Some(asked) => asked + asked.min(self.most).mul_f64(rand::random_range(0.0..=0.5)),
            None => ceiling.mul_f64(rand::random_range(0.5..=1.0)),
        }
    }

    /// A connection held: the next failure is the first.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn waits_double_up_to_the_cap_and_are_scattered_within_half(failures in 0u32..100_000, most in 1u64..60_000) {
            let most = Duration::from_millis(most);
            let mut backoff = Backoff { failures, most };
            let wait = backoff.next(None);
            let ceiling = FIRST.saturating_mul(2u32.saturating_pow(failures)).min(most);
            prop_assert!(wait <= ceiling && wait >= ceiling / 2 - Duration::from_nanos(1));
            backoff.reset();
            prop_assert!(backoff.next(None) <= FIRST);
        }

        #[test]
        fn a_wait_the_server_asked_for_is_never_cut_short(asked in 0u64..100_000) {
            let asked = Duration::from_millis(asked);
            prop_assert!(Backoff::new(Duration::from_secs(15)).next(Some(asked)) >= asked);
        }
    }
}
