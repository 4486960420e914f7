//! What was erased, for whoever tidies the disk up: told by the stream of commits, taken all at once. Nothing is decided here.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use titan_core::{AccountId, BlobId};
use tokio::sync::{Notify, oneshot};

/// What has been erased since it was last asked.
#[derive(Debug, Default)]
pub struct Erased {
    /// What something pointed to until then.
    pub blobs: HashSet<BlobId>,
    /// Accounts that ended.
    pub accounts: BTreeSet<AccountId>,
    /// Who waits until it is tidied up, and nothing of it is spared.
    pub awaited_by: Vec<oneshot::Sender<()>>,
}

/// Where erasures wait to be tidied up. As many as there are blobs and accounts here, each once.
#[derive(Default)]
pub struct Erasures {
    waiting: Mutex<Option<Erased>>,
    something: Notify,
}

impl Erasures {
    /// Something was erased, and less points to these blobs than did.
    pub fn note(&self, blobs: &[BlobId]) {
        self.change(|erased| erased.blobs.extend(blobs));
    }

    pub(super) fn note_account(&self, account: AccountId) {
        self.change(|erased| {
            erased.accounts.insert(account);
        });
    }

    /// Has everything tidied up now, and waits for it; whether that was done.
    pub(super) async fn tidied(&self) -> bool {
        let (tidied, wait) = oneshot::channel();
        self.change(|erased| erased.awaited_by.push(tidied));
        wait.await.is_ok()
    }

    fn change(&self, change: impl FnOnce(&mut Erased)) {
        change(self.waiting().get_or_insert_default());
        self.something.notify_one();
    }

    /// Waits until there is something.
    pub async fn come(&self) {
        while !self.is_something() {
            self.something.notified().await;
        }
    }

    pub fn is_something(&self) -> bool {
        self.waiting().is_some()
    }

    /// Waits until somebody waits.
    pub async fn awaited(&self) {
        while self.waiting().as_ref().is_none_or(|erased| erased.awaited_by.is_empty()) {
            self.something.notified().await;
        }
    }

    /// All that there is; none where there is nothing.
    pub fn take(&self) -> Option<Erased> {
        self.waiting().take()
    }

    fn waiting(&self) -> MutexGuard<'_, Option<Erased>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
