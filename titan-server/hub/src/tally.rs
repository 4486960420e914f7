//! What happens over and over, told in the log: limits that were hit, what the policy refused, handshakes that failed. A flood of these must
//! not become a flood of lines: somebody's first one is told at once, and then one a minute, with how many there were in between.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use titan_core::SafeText;

use super::{Visitor, journal};

/// Somebodies that are counted apart, at most; beyond it those of everybody else are counted together.
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
    /// To whom or over what; empty where that is said.
    of: SafeText,
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
        Self { door: visitor.door, address: Some(visitor.address), account, of: SafeText::default() }
    }
}

/// It turned out who asks: a stranger at a door, or an account.
pub(super) fn asked_by(visitor: &Visitor, account: &str) {
    let _ = ASKING.try_with(|Asker(who)| *locked(who) = Who::new(visitor, account.into()));
}

/// What is told of once a minute.
#[derive(Clone, Copy)]
enum Told {
    /// A limit that was hit, by its name.
    Limit(&'static str),
    Event(&'static str),
}

/// What happens over and over, counted for each who does it.
pub struct Tally {
    told: Told,
    /// Lines: one a minute for each.
    lines: DefaultKeyedRateLimiter<Who>,
    /// How often it happened since the last line.
    silent: Mutex<HashMap<Who, u64>>,
}

impl Tally {
    pub fn of_limit(limit: &'static str) -> Self {
        Self::of(Told::Limit(limit))
    }

    pub fn of_event(event: &'static str) -> Self {
        Self::of(Told::Event(event))
    }

    fn of(told: Told) -> Self {
        Self { told, lines: RateLimiter::keyed(Quota::per_minute(NonZeroU32::MIN)), silent: Mutex::default() }
    }

    /// Whoever asks did it.
    pub fn note(&self) {
        self.count(ASKING.try_with(|Asker(who)| locked(who).clone()).unwrap_or_default());
    }

    /// Somebody did it, to or over something.
    pub fn note_of(&self, visitor: &Visitor, account: &str, of: &str) {
        self.count(Who { of: of.into(), ..Who::new(visitor, account.into()) });
    }

    fn count(&self, who: Who) {
        let who = self.counted(who);
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

    fn tell(&self, Who { door, address, account, of }: &Who, suppressed: u64) {
        match self.told {
            Told::Limit(limit) => journal::limited(limit, door, *address, account, suppressed),
            Told::Event(event) => journal::repeated(event, door, *address, account, of, suppressed),
        }
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
        let tally = Tally::of_limit("logins");
        let at = |address: [u8; 4]| Asker::new(&Visitor::new("slash", address.into()), None);
        at([192, 0, 2, 1]).asks(async { (0..500).for_each(|_| tally.note()) }).await;
        at([192, 0, 2, 2]).asks(async { tally.note() }).await;
        tally.note();
        let counts: Vec<u64> = tally.silent().values().copied().collect();
        assert_eq!(counts, [499], "a line for each, and the rest is told with the next");
        tally.tell_rest();
        assert_eq!(tally.silent().len(), 1, "its minute is not over");
    }

    #[test]
    fn a_flood_from_everywhere_is_bounded() {
        let tally = Tally::of_limit("logins");
        for number in 0..COUNTED_MOST as u32 {
            let address = Some(IpAddr::from(number.to_be_bytes()));
            tally.silent().insert(Who { address, ..Who::default() }, 1);
        }
        (0..3).for_each(|_| tally.note());
        assert_eq!(tally.silent().len(), COUNTED_MOST + 1);
        assert_eq!(tally.silent().get(&Who::default()), Some(&2));
    }
}
