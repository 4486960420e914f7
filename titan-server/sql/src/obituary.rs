//! That a writer or a reader has ended before its time, however it came to that: whoever owns the process must know.

use tokio::sync::watch;

/// Tells when it is dropped, unless it was said to be not needed.
pub struct Obituary {
    end: Option<watch::Sender<Option<String>>>,
    whose: &'static str,
}

impl Obituary {
    /// Of what `whose` says, such as "what writes".
    pub fn new(end: watch::Sender<Option<String>>, whose: &'static str) -> Self {
        Self { end: Some(end), whose }
    }

    pub fn says(mut self, why: String) {
        if let Some(end) = self.end.take() {
            end.send_replace(Some(why));
        }
    }

    /// It was closed, as it should be.
    pub fn not_needed(mut self) {
        self.end = None;
    }
}

impl Drop for Obituary {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end.send_replace(Some(format!("{} has died", self.whose)));
        }
    }
}

/// Waits for one; for ever, where all were closed.
pub async fn read(end: &watch::Receiver<Option<String>>) -> String {
    let mut end = end.clone();
    let why = end.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
    match why {
        Some(why) => why,
        None => std::future::pending().await,
    }
}
