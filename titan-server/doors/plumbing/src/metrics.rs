//! What the house counts about itself, for `/metrics`. Whoever does a thing counts it; nothing is decided by these.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Counters that only grow. Clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Counters>);

struct Counters {
    started: Instant,
    uploaded: AtomicU64,
    downloaded: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        let (uploaded, downloaded) = Default::default();
        Self(Arc::new(Counters { started: Instant::now(), uploaded, downloaded }))
    }
}

impl Metrics {
    /// Bytes of a file came in.
    pub fn uploaded(&self, bytes: u64) {
        self.0.uploaded.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes of a file were handed to a connection.
    pub fn downloaded(&self, bytes: u64) {
        self.0.downloaded.fetch_add(bytes, Ordering::Relaxed);
    }

    pub fn uploaded_bytes(&self) -> u64 {
        self.0.uploaded.load(Ordering::Relaxed)
    }

    pub fn downloaded_bytes(&self) -> u64 {
        self.0.downloaded.load(Ordering::Relaxed)
    }

    pub fn uptime_seconds(&self) -> f64 {
        self.0.started.elapsed().as_secs_f64()
    }
}

/// Memory the process holds, in bytes, where the system tells (Linux).
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().strip_suffix("kB")?.trim();
    kib.parse::<u64>().ok().map(|kib| kib * 1024)
}
