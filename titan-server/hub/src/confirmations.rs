//! Which sessions gave their account's password, and when. Held in memory, by their ids: it outlives a connection and the
//! token's next use, and is asked for anew after a restart.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use titan_core::{SessionId, Time};

use super::policy::CONFIRMED_FOR;

/// Sessions that are remembered; beyond it the one that confirmed first is forgotten, and asked again.
const REMEMBERED_MOST: usize = 100_000;

#[derive(Default)]
pub struct Confirmations(Mutex<HashMap<SessionId, Time>>);

impl Confirmations {
    /// The session has given its account's password.
    pub fn note(&self, session: SessionId, now: Time) {
        let mut all = self.all();
        if all.len() >= REMEMBERED_MOST && !all.contains_key(&session) {
            all.retain(|_, at| since(*at, now).is_some_and(|ago| ago < CONFIRMED_FOR));
            if all.len() >= REMEMBERED_MOST
                && let Some(first) = all.iter().min_by_key(|(_, at)| **at).map(|(session, _)| *session)
            {
                all.remove(&first);
            }
        }
        all.insert(session, now);
    }

    /// How long ago the session did; none where it is not known to have, or the clock has been set back since.
    pub fn ago(&self, session: SessionId, now: Time) -> Option<Duration> {
        self.all().get(&session).and_then(|at| since(*at, now))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<SessionId, Time>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn since(at: Time, now: Time) -> Option<Duration> {
    u64::try_from(now.0 - at.0).ok().map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmation_is_the_sessions_own_and_a_clock_set_back_ends_it() {
        let (all, ada, bob) = (Confirmations::default(), SessionId(1), SessionId(2));
        all.note(ada, Time(5_000));
        assert_eq!(all.ago(ada, Time(5_000)), Some(Duration::ZERO));
        assert_eq!(all.ago(ada, Time(65_000)), Some(Duration::from_secs(60)));
        assert_eq!(all.ago(ada, Time(4_999)), None);
        assert_eq!(all.ago(bob, Time(5_000)), None);
    }

    #[test]
    fn no_more_are_remembered_than_there_may_be() {
        let all = Confirmations::default();
        for id in 0..REMEMBERED_MOST as i64 + 5 {
            all.note(SessionId(id), Time(id));
        }
        assert_eq!(all.all().len(), REMEMBERED_MOST);
        let now = Time(REMEMBERED_MOST as i64 + 5);
        assert_eq!(all.ago(SessionId(4), now), None, "the first are forgotten");
        assert!(all.ago(SessionId(5), now).is_some());
    }
}
