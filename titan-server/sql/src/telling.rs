//! What an operator hears while a house is brought to this program's tables, which takes long in a large one: that it has
//! begun, every so often that it goes on, and that it is done. Told by who migrates; a new house is made in silence.

use std::time::{Duration, Instant};

/// From one word that it goes on to the next.
pub const EVERY: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub struct Telling {
    begun: Instant,
    told: Instant,
}

impl Telling {
    /// None where there is nothing to bring over.
    pub fn of(from: usize, to: usize) -> Option<Self> {
        if from == 0 || from >= to {
            return None;
        }
        tracing::info!(
            "the database is brought from version {from} to {to}: that takes a while in a large house, and killed it begins again"
        );
        let now = Instant::now();
        Some(Self { begun: now, told: now })
    }

    /// To be called often: says something when it is time to.
    pub fn goes_on(&mut self) {
        if self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            tracing::info!("the database is still being brought over, for {} s now", self.begun.elapsed().as_secs());
        }
    }

    pub fn done(self) {
        tracing::info!("the database was brought over in {:.1} s", self.begun.elapsed().as_secs_f64());
    }
}
