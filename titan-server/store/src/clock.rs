//! What time it is in the house: the hub and the memories ask a clock that they were given, and nothing else, so that a
//! simulation may say it. A house that serves has [`MachineClock`].

use titan_core::Time;

/// Says what time it is. It may have been set back since it was last asked.
pub trait Clock: std::fmt::Debug + Send + Sync + 'static {
    fn now(&self) -> Time;
}

/// This machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Time {
        Time::now()
    }
}
