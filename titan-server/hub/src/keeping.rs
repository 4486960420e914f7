//! How much is kept here: what the bounds of uploads are held against.

use super::{Hub, Outcome, Session, from_store};

/// How old the count of the whole house may be, in milliseconds, where nobody is refused for it.
const COUNTED_EVERY: i64 = 10_000;

impl Session {
    /// Bytes of the files and apps of this account.
    pub async fn kept_bytes(&self) -> Outcome<u64> {
        self.hub.store.kept_by(self.account()).await.map_err(from_store)
    }
}

impl Hub {
    /// Bytes of all files and apps, as they were counted lately; or just now, for who would be refused otherwise.
    pub async fn kept_bytes(&self, just_now: bool) -> Outcome<u64> {
        let mut counted = self.counted.lock().await;
        let now = self.now();
        match *counted {
            Some((at, bytes)) if !just_now && (0..COUNTED_EVERY).contains(&(now.0 - at.0)) => Ok(bytes),
            _ => {
                let bytes = self.store.kept_bytes().await.map_err(from_store)?;
                *counted = Some((now, bytes));
                Ok(bytes)
            }
        }
    }
}
