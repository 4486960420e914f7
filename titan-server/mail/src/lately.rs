//! Who has been written to lately: anybody may say that somebody forgot their password, and nobody shall be buried in letters for it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Letters somebody gets, at most, in so long a time.
const LETTERS_EACH: u32 = 5;
const TIME: Duration = Duration::from_secs(15 * 60);
/// Names remembered; beyond it, those whose time is over are forgotten, and then all.
const NAMES_MOST: usize = 10_000;

/// When somebody's time began, and how many letters there were since.
#[derive(Default)]
pub struct Lately(Mutex<HashMap<String, (Instant, u32)>>);

impl Lately {
    /// Whether somebody may get one more letter, which is counted.
    pub fn may_have_another(&self, name: &str) -> bool {
        let now = Instant::now();
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= NAMES_MOST {
            names.retain(|_, (began, _)| now - *began < TIME);
        }
        if names.len() >= NAMES_MOST {
            names.clear();
        }
        let (began, count) = names.entry(name.to_owned()).or_insert((now, 0));
        if now - *began >= TIME {
            (*began, *count) = (now, 0);
        }
        *count += 1;
        *count <= LETTERS_EACH
    }
}
