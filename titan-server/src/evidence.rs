//! The audit log, looked at beside everything else: whether it is still as it was written, and where it ends, which the log is told.
//!
//! The chain of its rows shows what was changed in it, but not that its end was cut off: that shows by what the log, which lies
//! elsewhere, was told before (`titan-server admin audit --verify --head`).

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::hub::journal;
use crate::store::Store;

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(24 * 3_600);

/// Looks at it at once and then daily, until the house closes.
pub async fn watch(store: Arc<dyn Store>, closing: CancellationToken) {
    loop {
        look(&*store).await;
        if closing.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_none() {
            return;
        }
    }
}

async fn look(store: &dyn Store) {
    match store.audit_chain().await {
        Err(error) => tracing::warn!(%error, "the audit log could not be looked at"),
        Ok(chain) => {
            if let Some(row) = chain.broken {
                tracing::error!(row, "the audit log is not as it was written: `titan-server check` says the same");
                journal::audit_broken(row);
            }
            if let Some(head) = chain.head {
                journal::audit_head(head);
            }
        }
    }
}

/// Tells the log where it ends now.
pub async fn tell_head(store: &dyn Store) {
    match store.audit_head().await {
        Ok(Some(head)) => journal::audit_head(head),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the audit log could not be looked at"),
    }
}
