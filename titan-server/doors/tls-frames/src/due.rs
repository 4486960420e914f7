//! When something is to be told that its clients get whole: at once, soon, or again after a while.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

pub struct Due {
    pub at: Option<Instant>,
    told: Option<Instant>,
    /// Changes that come closer together are told together.
    gap: Duration,
}

impl Due {
    pub fn with(gap: Duration) -> Self {
        Self { at: None, told: None, gap }
    }

    pub fn now(&mut self) {
        self.at = Some(Instant::now());
    }

    /// As soon as the last time is not too close.
    pub fn soon(&mut self) {
        let earliest = self.told.map_or_else(Instant::now, |told| told + self.gap);
        self.at = Some(self.at.map_or(earliest, |at| at.min(earliest)));
    }

    /// It is told now; and again after a while, if nothing happens before.
    pub fn was_told(&mut self, again: Option<Duration>) {
        let now = Instant::now();
        self.told = Some(now);
        self.at = again.map(|again| now + again);
    }

    pub async fn come(&self) {
        match self.at {
            Some(at) => sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}
