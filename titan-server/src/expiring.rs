//! Ends the sessions whose time is up while the house is open, so that who listens by one hears of it at once.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::hub::{Hub, Outcome};
use crate::timekeeping::HouseClock;

/// How often it is looked for those that are as old as they may be, by an index; and, each so many times, for those that nobody uses.
const EVERY: Duration = Duration::from_secs(1);
const IDLE_EACH: u64 = 60;

/// Until the house closes. Nothing ends by a clock that is not to be believed yet.
pub async fn end_sessions(hub: Arc<Hub>, clock: Arc<HouseClock>, closing: CancellationToken) {
    let mut failing = false;
    for round in 0_u64.. {
        if clock.is_settled() {
            let ended = look(&hub, round.is_multiple_of(IDLE_EACH)).await;
            if let (Err(fault), false) = (&ended, failing) {
                tracing::warn!(%fault, "expired sessions could not be removed");
            }
            failing = ended.is_err();
        }
        tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn look(hub: &Hub, idle_too: bool) -> Outcome<()> {
    hub.end_old_sessions().await?;
    if idle_too {
        hub.end_idle_sessions().await?;
    }
    Ok(())
}
