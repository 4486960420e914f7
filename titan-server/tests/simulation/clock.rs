//! A world's clock: it goes on, jumps and is set back as the seed says, and remembers all that it has shown.

use std::sync::{Arc, Mutex};

use titan_core::Time;
use titan_server::store::Clock;

use crate::simulation::chance::Chance;

/// Where every world begins: some day.
const FIRST: Time = Time(1_800_000_000_000);

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

#[derive(Debug)]
pub struct VirtualClock(Mutex<Vec<Time>>);

/// How often the clock had been moved by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(usize);

impl VirtualClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(vec![FIRST])))
    }

    pub fn moment(&self) -> Moment {
        Moment(self.0.lock().unwrap().len() - 1)
    }

    pub fn set(&self, time: Time) {
        self.0.lock().unwrap().push(time);
    }

    /// The earliest that it has shown since then.
    pub fn lowest_since(&self, Moment(then): Moment) -> Time {
        self.0.lock().unwrap()[then..].iter().min().copied().unwrap()
    }

    /// The latest that it has shown since then.
    pub fn highest_since(&self, Moment(then): Moment) -> Time {
        self.0.lock().unwrap()[then..].iter().max().copied().unwrap()
    }

    /// Mostly a little later; now and then a jump, forwards or back.
    pub fn moves(&self, chance: &Chance) {
        let by = match chance.below(1_000) {
            0 => HOUR,
            1 => DAY * chance.below(300) as i64,
            2..6 => MINUTE * chance.below(30) as i64,
            6..8 => -MINUTE * chance.below(20) as i64,
            8 => -DAY,
            9..15 => -SECOND,
            15..200 => chance.below(3_000) as i64,
            _ => return,
        };
        self.set(Time(self.now().0 + by));
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Time {
        *self.0.lock().unwrap().last().unwrap()
    }
}

/// A clock that is wrong: ahead of another by so many milliseconds.
#[derive(Debug)]
pub struct Ahead(pub Arc<VirtualClock>, pub i64);

impl Clock for Ahead {
    fn now(&self) -> Time {
        Time(self.0.now().0 + self.1)
    }
}

/// A clock that stands still.
#[derive(Debug)]
pub struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Time {
        FIRST
    }
}
