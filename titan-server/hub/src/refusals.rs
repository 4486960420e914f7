//! Limits that were hit, told in the log: who it was, where, and which. A flood of refusals must not become a flood of lines:
//! somebody's first one is told at once, and then one a minute, with how many there were in between.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use titan_core::SafeText;

use super::{Visitor, journal};

/// Somebody's refusals that are counted apart, at most; beyond it those of everybody else are counted together.
const COUNTED_MOST: usize = 10_000;

tokio::task_local! {
    /// Who asks for what this task does.
    static ASKING: Asker;
}

/// Who asks for something: from where, and as whom, once that is known.
#[derive(Debug)]
pub struct Asker(Mutex<Who>);

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Who {
    door: &'static str,
    address: Option<IpAddr>,
    account: SafeText,
}

impl Asker {
    pub fn new(visitor: &Visitor, account: Option<&SafeText>) -> Self {
        Self(Mutex::new(Who::new(visitor, account.cloned().unwrap_or_default())))
    }

    /// Does what is asked, so that the log can name who was refused over it.
    pub fn asks<F: Future>(self, doing: F) -> impl Future<Output = F::Output> {
        ASKING.scope(self, doing)
    }
}

impl Who {
    fn new(visitor: &Visitor, account: SafeText) -> Self {
        Self { door: visitor.door, address: Some(visitor.address), account }
    }
}

/// It turned out who asks: a stranger at a door, or an account.
pub(super) fn asked_by(visitor: &Visitor, account: &str) {
    let _ = ASKING.try_with(|Asker(who)| *locked(who) = Who::new(visitor, account.into()));
}

/// Those of one limit.
pub struct Refusals {
    limit: &'static str,
    /// Lines: one a minute for each who is refused.
    lines: DefaultKeyedRateLimiter<Who>,
    /// Refusals since the last line.
    silent: Mutex<HashMap<Who, u64>>,
}

impl Refusals {
    pub fn of(limit: &'static str) -> Self {
        let lines = RateLimiter::keyed(Quota::per_minute(NonZeroU32::MIN));
        Self { limit, lines, silent: Mutex::default() }
    }

    /// Whoever asks was refused.
    pub fn note(&self) {
        let who = self.counted(ASKING.try_with(|Asker(who)| locked(who).clone()).unwrap_or_default());
        if self.lines.check_key(&who).is_ok() {
            let silent = self.silent().remove(&who).unwrap_or_default();
            return self.tell(&who, silent);
        }
        *self.silent().entry(who).or_default() += 1;
    }

    /// Tells how many there were of those whose minute is over.
    pub fn tell_rest(&self) {
        let everybody: Vec<Who> = self.silent().keys().cloned().collect();
        for who in everybody.into_iter().filter(|who| self.lines.check_key(who).is_ok()) {
            let silent = self.silent().remove(&who).unwrap_or_default();
            self.tell(&who, silent);
        }
        self.lines.retain_recent();
    }

    /// For whom it is counted.
    fn counted(&self, who: Who) -> Who {
        let silent = self.silent();
        if silent.len() < COUNTED_MOST || silent.contains_key(&who) { who } else { Who::default() }
    }

    fn tell(&self, Who { door, address, account }: &Who, suppressed: u64) {
        journal::limited(self.limit, door, *address, account, suppressed);
    }

    fn silent(&self) -> MutexGuard<'_, HashMap<Who, u64>> {
        locked(&self.silent)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_flood_is_counted_for_each_and_told_once() {
        let refusals = Refusals::of("logins");
        let at = |address: [u8; 4]| Asker::new(&Visitor::new("slash", address.into()), None);
        at([192, 0, 2, 1]).asks(async { (0..500).for_each(|_| refusals.note()) }).await;
        at([192, 0, 2, 2]).asks(async { refusals.note() }).await;
        refusals.note();
        let counts: Vec<u64> = refusals.silent().values().copied().collect();
        assert_eq!(counts, [499], "a line for each, and the rest is told with the next");
        refusals.tell_rest();
        assert_eq!(refusals.silent().len(), 1, "its minute is not over");
    }

    #[test]
    fn a_flood_from_everywhere_is_bounded() {
        let refusals = Refusals::of("logins");
        for number in 0..COUNTED_MOST as u32 {
            let address = Some(IpAddr::from(number.to_be_bytes()));
            refusals.silent().insert(Who { address, ..Who::default() }, 1);
        }
        (0..3).for_each(|_| refusals.note());
        assert_eq!(refusals.silent().len(), COUNTED_MOST + 1);
        assert_eq!(refusals.silent().get(&Who::default()), Some(&2));
    }
}
