//! How much is kept here: what the bounds of uploads are held against.

use titan_core::protocol::Usage;

use super::{Hub, Outcome, Session, from_store};
use crate::store::Kept;

/// How old the count of the whole house may be, in milliseconds, where nobody is refused for it.
const COUNTED_EVERY: i64 = 10_000;

impl Session {
    /// Bytes of the files and apps of this account.
    pub async fn kept_bytes(&self) -> Outcome<u64> {
        Ok(self.hub.store.kept_by(self.account()).await.map_err(from_store)?.bytes)
    }

    /// The same for its person, with how many bytes there may be.
    pub async fn usage(&self, quota: Option<u64>) -> Outcome<Usage> {
        self.hub.limits.asking(self.account())?;
        let Kept { bytes, number } = self.hub.store.kept_by(self.account()).await.map_err(from_store)?;
        Ok(Usage::new(number, bytes, quota))
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
