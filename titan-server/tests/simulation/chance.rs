//! Chance that can be had again: the same seed gives the same numbers, on every machine and with every library.

use std::sync::{Arc, Mutex};

/// Clones draw from the same well.
#[derive(Clone)]
pub struct Chance(Arc<Mutex<u64>>);

impl Chance {
    pub fn of(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)))
    }

    /// SplitMix64.
    pub fn draw(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `most`.
    pub fn below(&self, most: usize) -> usize {
        (self.draw() % most.max(1) as u64) as usize
    }

    /// Whether it happens that happens once in `often`.
    pub fn once_in(&self, often: usize) -> bool {
        self.below(often) == 0
    }

    pub fn among<T: Clone>(&self, all: &[T]) -> Option<T> {
        (!all.is_empty()).then(|| all[self.below(all.len())].clone())
    }
}
