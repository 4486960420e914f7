//! Deleted means gone: what was erased leaves the disk, within minutes, and when the server stops. Rooms that ended lose their
//! logs, accounts that ended their names, files that nothing points to their bytes, the database's log what was in it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use titan_core::BlobId;
use tokio::sync::Mutex;

use crate::blobs::off_thread;
use crate::doors::House;
use crate::hub::{Erased, Erasures};
use crate::store::Store;
use crate::sweeping;

/// What is erased within that time goes together.
const GATHERED: Duration = Duration::from_secs(5);
/// How long until what could not go is tried again.
const AGAIN: Duration = Duration::from_secs(30);
/// A blob this young may be about to be pointed to by somebody who brought the same bytes.
const SPARED: Duration = Duration::from_secs(60);
/// The same where somebody waits: longer than it takes from a file's place to the row that points to it.
const SPARED_LEAST: Duration = Duration::from_secs(5);
/// Entries in one step, and ids looked at in one: no transaction is long.
const STEP: u32 = 500;
const LOOKED_AT: u32 = 5_000;
/// How long a server that stops takes for it at most; the next one goes on.
const LAST_MOST: Duration = Duration::from_millis(500);

/// Who has what was erased leave the disk.
pub struct Eraser {
    house: House,
    store: Arc<dyn Store>,
    left: Mutex<Left>,
}

/// What has not gone yet.
#[derive(Default)]
struct Left {
    /// Blobs that were too young.
    young: HashSet<BlobId>,
    /// Whether the database's files may still hold something.
    unscoured: bool,
}

impl Left {
    fn is_nothing(&self) -> bool {
        self.young.is_empty() && !self.unscoured
    }

    /// Takes what there is to do.
    fn take_in(&mut self, erasures: &Erasures) -> Erased {
        let Some(erased) = erasures.take() else { return Erased::default() };
        self.young.extend(&erased.blobs);
        self.unscoured = true;
        erased
    }
}

impl Eraser {
    pub fn new(house: House, store: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { house, store, left: Mutex::default() })
    }

    /// Runs until the house closes. What a server before left undone comes first.
    pub async fn run(self: Arc<Self>) {
        let (erasures, closing) = (self.house.hub.erasures(), &self.house.closing);
        self.turn(SPARED).await;
        while !closing.is_cancelled() {
            let idle = self.left.lock().await.is_nothing();
            tokio::select! {
                () = closing.cancelled() => return,
                () = erasures.come() => {}
                () = tokio::time::sleep(AGAIN), if !idle => {}
            }
            tokio::select! {
                () = closing.cancelled() => return,
                () = erasures.awaited() => {}
                () = tokio::time::sleep(GATHERED) => {}
            }
            self.turn(SPARED).await;
        }
    }

    /// The last time, when nobody brings anything any more.
    pub async fn finish(&self) {
        let last = async {
            if !self.left.lock().await.is_nothing() || self.house.hub.erasures().is_something() {
                self.turn(Duration::ZERO).await;
            }
        };
        if tokio::time::timeout(LAST_MOST, last).await.is_err() {
            tracing::info!("what was erased leaves the disk when the server starts again");
        }
    }

    async fn turn(&self, spared: Duration) {
        let mut left = self.left.lock().await;
        let erased = left.take_in(self.house.hub.erasures());
        match self.tidy(&erased, &mut left, spared).await {
            Ok(()) if left.unscoured => {}
            Ok(()) => answer(erased),
            Err(error) => tracing::warn!(%error, "what was erased could not leave the disk"),
        }
    }

    async fn tidy(&self, erased: &Erased, left: &mut Left, spared: Duration) -> anyhow::Result<()> {
        let awaited = !erased.awaited_by.is_empty();
        for account in &erased.accounts {
            self.house.uploads.give_up_of(*account).await;
        }
        // A server that stops waits for the last turn, not for one in between.
        let goes_on = || spared.is_zero() || !self.house.closing.is_cancelled();
        while self.store.purge(STEP).await? > 0 && goes_on() {}
        while self.store.forget_names(LOOKED_AT).await? > 0 && goes_on() {}
        // What the steps above erased has been told by now.
        let more = left.take_in(self.house.hub.erasures());
        self.let_go(left, if awaited { SPARED_LEAST } else { spared }).await?;
        if awaited {
            self.wait_for_young(left).await?;
            sweeping::sweep_once(&self.house, &*self.store, SPARED).await?;
        }
        if left.unscoured {
            left.unscoured = !self.store.scour(awaited).await?;
        }
        answer(more);
        Ok(())
    }

    /// Who waits waits for those, too, that were brought just now.
    async fn wait_for_young(&self, left: &mut Left) -> anyhow::Result<()> {
        let mut looks = 0..=SPARED_LEAST.as_secs();
        while !left.young.is_empty() && !self.house.closing.is_cancelled() && looks.next().is_some() {
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.let_go(left, SPARED_LEAST).await?;
        }
        Ok(())
    }

    /// Removes the blobs that nothing points to any more.
    async fn let_go(&self, left: &mut Left, spared: Duration) -> anyhow::Result<()> {
        let unused = self.store.blobs_let_go(left.young.iter().copied().collect()).await?;
        let about_to_be: HashSet<_> = self.house.uploads.blobs_in_use().into_iter().collect();
        let (waiting, unused): (Vec<_>, Vec<_>) = unused.into_iter().partition(|blob| about_to_be.contains(blob));
        let blobs = self.house.blobs.clone();
        let young = off_thread(move || blobs.let_go(&unused, spared)).await??;
        left.young = waiting.into_iter().chain(young).collect();
        Ok(())
    }
}

/// Tells who waits that it is done; they may have gone away.
fn answer(erased: Erased) {
    for caller in erased.awaited_by {
        let _ = caller.send(());
    }
}
