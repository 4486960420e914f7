//! Which blobs were found to hold the bytes of their names, or not to: so that a part of a large file needs not be preceded
//! by a look through all of it each time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use titan_core::BlobId;

/// Blobs that are remembered; beyond it the one that was looked at longest ago is forgotten.
const VERDICTS_MOST: usize = 1_024;
/// How long a blob that was found sound is believed to be.
const BELIEVED: Duration = Duration::from_secs(3_600);

/// What was found of blobs, by their names and the times of their files.
#[derive(Default)]
pub(super) struct Verdicts {
    known: Mutex<HashMap<BlobId, Verdict>>,
    damaged: AtomicU64,
}

#[derive(Clone, Copy)]
struct Verdict {
    sound: bool,
    modified: SystemTime,
    at: Instant,
}

impl Verdicts {
    /// Whether a blob is sound; none where it has to be looked through.
    pub fn of(&self, id: BlobId, modified: SystemTime) -> Option<bool> {
        let verdict = self.known().get(&id).copied()?;
        let stands = verdict.modified == modified && (!verdict.sound || verdict.at.elapsed() < BELIEVED);
        stands.then_some(verdict.sound)
    }

    pub fn note(&self, id: BlobId, modified: SystemTime, sound: bool) {
        if !sound {
            self.damaged.fetch_add(1, Ordering::Relaxed);
            tracing::error!(blob = %id, "a file is damaged on the disk and is not handed out: run `titan-server check --blobs`, then restore it from a backup");
        }
        let mut known = self.known();
        if known.len() >= VERDICTS_MOST && !known.contains_key(&id) {
            let oldest = known.iter().min_by_key(|(_, verdict)| verdict.at).map(|(id, _)| *id);
            oldest.map(|oldest| known.remove(&oldest));
        }
        known.insert(id, Verdict { sound, modified, at: Instant::now() });
    }

    /// How often damage was met.
    pub fn damaged(&self) -> u64 {
        self.damaged.load(Ordering::Relaxed)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<BlobId, Verdict>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
