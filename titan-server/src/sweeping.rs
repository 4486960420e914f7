//! Keeping the file folders clean: uploads nobody goes on with, blobs nothing points to. At start, and every hour.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::blobs::off_thread;
use crate::doors::House;
use crate::store::Upkeep;

const EVERY: Duration = Duration::from_secs(3_600);
/// A blob this young may be about to be pointed to.
const SPARED: Duration = Duration::from_secs(3_600);

/// Sweeps until the house closes.
pub async fn sweep(house: House, store: Arc<dyn Upkeep>) {
    loop {
        if let Err(error) = sweep_once(&house, &*store, SPARED).await {
            tracing::warn!(%error, "the file folders could not be swept");
        }
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// One sweep; blobs younger than `spared` stay in any case.
pub async fn sweep_once(house: &House, store: &dyn Upkeep, spared: Duration) -> anyhow::Result<()> {
    let uploads = house.uploads.sweep(house.hub.now()).await;
    // First the uploads: what one hands in between the two looks is in one of them.
    let mut in_use: HashSet<_> = house.uploads.blobs_in_use().into_iter().collect();
    in_use.extend(store.blobs_in_use().await?);
    let blobs = house.blobs.clone();
    let swept = off_thread(move || blobs.sweep(&in_use, spared)).await??;
    if uploads > 0 || swept.blobs > 0 {
        tracing::info!(uploads, blobs = swept.blobs, bytes = swept.bytes, "swept the file folders");
    }
    Ok(())
}
