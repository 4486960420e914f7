//! The end that a store brings about: something after which nobody may go on, such as an fsync that failed.
//!
//! After a failed fsync nobody knows what of the last commit is on disk: to answer "nothing was kept" may be as untrue as to
//! answer "it was". So nobody is answered, and the process ends; what is true is found on disk at the next start. Whoever
//! started the store waits for [`Fatal::happened`].

use std::sync::Arc;

use tokio::sync::watch;

/// Where a store says that it has come to its end, and why. Clones share it.
#[derive(Clone, Debug)]
pub struct Fatal(Arc<watch::Sender<Option<String>>>);

impl Default for Fatal {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

impl Fatal {
    /// It has come to its end; what is said first counts.
    pub fn happens(&self, why: String) {
        tracing::error!(%why, "the store has come to its end");
        self.0.send_if_modified(|known| {
            let first = known.is_none();
            known.get_or_insert(why);
            first
        });
    }

    /// Waits until it does; why.
    pub async fn happened(&self) -> String {
        let mut receiver = self.0.subscribe();
        match receiver.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    }
}
