//! Files over HTTP, beside the socket: downloads that resume (RFC 9110 ranges), uploads by tus 1.0. Memory stays flat
//! whatever their size. A download is saved under a safe name, checked, and never takes the place of another file.

mod control;
mod download;
mod export;
mod http;
mod memory;
mod part;
#[cfg(test)]
mod tests;
mod upload;

pub use control::{Progress, TransferControl};
pub use download::{Downloaded, Source};
pub use export::ExportFile;
pub use upload::NewApp;

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use tokio::sync::OnceCell;

use super::{Error, backoff::Backoff};

/// What transfers of one client share.
#[derive(Default)]
pub(super) struct Shop {
    http: OnceCell<reqwest::Client>,
    /// Unfinished uploads, where neither a cache nor a file remembers them.
    uploads: Mutex<BTreeMap<String, String>>,
}

/// Failures in a row, without a byte of progress, after which a transfer gives up (what it has is kept).
const FAILURES_MOST: u32 = 5;

/// When to try again, and when to give up.
struct Patience {
    failures: u32,
    backoff: Backoff,
}

impl Patience {
    fn new() -> Self {
        Self { failures: 0, backoff: Backoff::new(Duration::from_secs(10)) }
    }

    /// After a failure: waits, or gives the error back if it won't pass, or if there was no progress too often.
    async fn after(&mut self, failure: Failure, progress: bool, control: &TransferControl) -> Result<(), Error> {
        if progress {
            self.failures = 0;
            self.backoff.reset();
        }
        self.failures += 1;
        match failure {
            Failure::Passing { error, retry_after } if self.failures <= FAILURES_MOST => {
                drop(error);
                let wait = self.backoff.next(retry_after);
                control.unless_stopped(tokio::time::sleep(wait)).await
            }
            Failure::Passing { error, .. } | Failure::Final(error) => Err(error),
        }
    }
}

/// Why one attempt failed.
enum Failure {
    /// Trying again may help.
    Passing {
        error: Error,
        retry_after: Option<Duration>,
    },
    Final(Error),
}

impl Failure {
    fn passing(why: impl Into<String>) -> Self {
        Self::Passing { error: Error::network(why), retry_after: None }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}
