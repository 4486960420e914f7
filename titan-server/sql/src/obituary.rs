//! That a writer has ended before its time, however it came to that: whoever owns the process must know.

use tokio::sync::watch;

/// Tells when it is dropped, unless it was said to be not needed.
pub struct Obituary(Option<watch::Sender<Option<String>>>);

impl Obituary {
    pub fn new(end: watch::Sender<Option<String>>) -> Self {
        Self(Some(end))
    }

    pub fn says(mut self, why: String) {
        if let Some(end) = self.0.take() {
            end.send_replace(Some(why));
        }
    }

    /// The writer was closed, as it should be.
    pub fn not_needed(mut self) {
        self.0 = None;
    }
}

impl Drop for Obituary {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end.send_replace(Some("what writes has died".into()));
        }
    }
}

/// Waits for one; for ever, where the writer is closed.
pub async fn read(end: &watch::Receiver<Option<String>>) -> String {
    let mut end = end.clone();
    let why = end.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
    match why {
        Some(why) => why,
        None => std::future::pending().await,
    }
}
