//! Watching and stopping a transfer from outside.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use tokio::sync::Notify;

use crate::client::Error;

/// How far a transfer has come, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What has been moved.
    pub done: u64,
    /// What there is to move; 0 where nobody knows.
    pub total: u64,
}

/// Watches one transfer and stops it. Clones control the same one.
///
/// ```
/// use titan_core::client::TransferControl;
/// let control = TransferControl::new(|progress| eprint!("\r{} of {}", progress.done, progress.total));
/// control.pause(); // the transfer returns `Error::Paused`, and what it has stays
/// control.resume(); // now the same call goes on
/// ```
#[derive(Clone)]
pub struct TransferControl(Arc<Inner>);

struct Inner {
    on_progress: Box<dyn Fn(Progress) + Send + Sync>,
    wish: AtomicU8,
    changed: Notify,
}

const RUN: u8 = 0;
const PAUSE: u8 = 1;
const CANCEL: u8 = 2;

impl TransferControl {
    /// `on_progress` is called as bytes move, from the transfer's task: it must not block.
    pub fn new(on_progress: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        let inner = Inner { on_progress: Box::new(on_progress), wish: AtomicU8::new(RUN), changed: Notify::new() };
        Self(Arc::new(inner))
    }

    /// The transfer stops with [`Error::Paused`]; what it has is kept, and the same call goes on from there.
    pub fn pause(&self) {
        // A cancelled transfer stays cancelled.
        let _ = self.0.wish.compare_exchange(RUN, PAUSE, Ordering::SeqCst, Ordering::SeqCst);
        self.0.changed.notify_waiters();
    }

    /// Takes back a pause, before the call is made again.
    pub fn resume(&self) {
        let _ = self.0.wish.compare_exchange(PAUSE, RUN, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// The transfer stops with [`Error::Cancelled`], and what it has is removed.
    pub fn cancel(&self) {
        self.0.wish.store(CANCEL, Ordering::SeqCst);
        self.0.changed.notify_waiters();
    }

    pub(super) fn report(&self, done: u64, total: u64) {
        (self.0.on_progress)(Progress { done, total });
    }

    /// Whether the transfer may go on.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.0.wish.load(Ordering::SeqCst) {
            RUN => Ok(()),
            PAUSE => Err(Error::Paused),
            _ => Err(Error::Cancelled),
        }
    }

    /// Does something unless the transfer is stopped before it is done.
    pub(super) async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        let changed = self.0.changed.notified();
        tokio::pin!(changed, work);
        // From here on a change is not missed; what changed before is seen by the check.
        changed.as_mut().enable();
        self.check()?;
        tokio::select! {
            done = work => Ok(done),
            () = changed => {
                self.check()?;
                // A pause taken back at once stops the transfer all the same.
                Err(Error::Paused)
            }
        }
    }
}

impl Default for TransferControl {
    /// Watches nothing.
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl fmt::Debug for TransferControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransferControl").field("check", &self.check()).finish_non_exhaustive()
    }
}
