//! Everybody's names, read once for all connections of this door: each of them tells its client all names every ten seconds, and again
//! when somebody registers.

use std::sync::Arc;

use titan_core::SafeText;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::hub::{Outcome, Session};

pub type All = Arc<[SafeText]>;

#[derive(Default)]
pub struct Names(Mutex<Option<(Instant, All)>>);

impl Names {
    /// The names as they were at some time after `since`. Who asks while they are read waits and shares them.
    pub async fn since(&self, since: Instant, session: &Session) -> Outcome<All> {
        let mut known = self.0.lock().await;
        if let Some((read_at, names)) = &*known
            && *read_at >= since
        {
            return Ok(names.clone());
        }
        let read_at = Instant::now();
        let names: All = session.names().await?.into();
        *known = Some((read_at, names.clone()));
        Ok(names)
    }
}
