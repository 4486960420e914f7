//! What looks after the house while it is open: called by what puts it together, and ended by its closing.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::doors::House;
use crate::expiring::end_sessions;
use crate::hub::Hub;
use crate::store::Store;
use crate::supervision::Tasks;
use crate::sweeping::sweep;
use crate::timekeeping::HouseClock;
use crate::{evidence, indexing};

/// How often the house tidies up.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Starts it.
pub fn tend(tasks: &mut Tasks, house: &House, store: &Arc<dyn Store>, clock: &Arc<HouseClock>) {
    let closing = || house.closing.clone();
    tasks.spawn("what tidies up", tidy(house.hub.clone(), store.clone(), clock.clone(), closing()));
    tasks.spawn("what ends sessions", end_sessions(house.hub.clone(), clock.clone(), closing()));
    tasks.spawn("what brings in words", indexing::bring_in(store.clone(), closing()));
    tasks.spawn("what looks at the audit log", evidence::watch(store.clone(), closing()));
    tasks.spawn("what sweeps the files", sweep(house.clone(), store.clone()));
}

/// Ends what a server that was killed has left of doors whose sessions end with their connections.
pub async fn sweep_doors(store: &dyn Store, doors: &[&'static str]) {
    for door in doors.iter().copied() {
        if let Err(error) = store.sweep_door(door).await {
            tracing::warn!(%error, door, "sessions that ended with the server could not be removed");
        }
    }
}

async fn tidy(hub: Arc<Hub>, store: Arc<dyn Store>, clock: Arc<HouseClock>, closing: CancellationToken) {
    loop {
        clock.remember();
        while matches!(store.sum_rows(500).await, Ok(summed) if summed > 0) && !closing.is_cancelled() {}
        if let Err(error) = store.checkpoint().await {
            tracing::warn!(%error, "the log could not be moved into the database");
        }
        hub.forget_idle();
        tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(TIDY_EVERY) => {}
        }
        // Only a house of before has any such room, or one whose operator changed rows by hand.
        if let Err(error) = store.find_owners().await {
            tracing::warn!(%error, "rooms that belong to nobody could not be given to their members");
        }
    }
}
