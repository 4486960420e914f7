//! How long something took and how long somebody waits: by the runtime's steady clock, which is never set and tells no time of
//! the house.

use std::time::Duration;

pub use tokio::time::Instant as Moment;

pub fn now() -> Moment {
    Moment::now()
}

pub async fn wait(for_so_long: Duration) {
    tokio::time::sleep(for_so_long).await;
}
