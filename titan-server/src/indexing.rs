//! Bringing the words of messages of before into the index, beside everything else: a house is served at once, however large.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::store::Store;

/// Entries of one step: some hundredths of a second.
const STEP: u32 = 500;
/// After a step that failed, such as on a full disk.
const AGAIN: Duration = Duration::from_secs(60);

/// Takes steps until there is nothing left to do, and waits for the house to close then.
pub async fn bring_in(store: Arc<dyn Store>, closing: CancellationToken) {
    loop {
        let begun = Instant::now();
        let pause = match store.index_words(STEP).await {
            Ok(0) => break,
            // As long again: half of the writer's time is everybody else's.
            Ok(_) => begun.elapsed(),
            Err(error) => {
                tracing::warn!(%error, "old messages could not be brought into the index of words");
                AGAIN
            }
        };
        tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
    closing.cancelled().await;
}
