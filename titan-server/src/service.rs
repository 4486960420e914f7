//! What the server tells whoever runs it as a service: systemd, by the socket that `NOTIFY_SOCKET` names. Without one
//! nothing is told, and elsewhere than on Unix there is none.

use std::time::Duration;

/// How much longer a start may take, asked for again and again while it does: a big house is looked through first.
const LONGER: Duration = Duration::from_secs(60);
/// How often it is asked for.
pub const STILL_STARTING_EVERY: Duration = Duration::from_secs(10);

#[cfg(unix)]
mod told {
    use sd_notify::NotifyState;

    use super::LONGER;

    /// The doors are open.
    pub fn ready() {
        tell(&[NotifyState::Ready]);
    }

    pub fn still_starting() {
        tell(&[NotifyState::ExtendTimeoutUsec(LONGER.as_micros() as u32)]);
    }

    /// Log and certificate are being opened anew; [`ready`] says when that is done.
    pub fn reloading() {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(_) => tell(&[NotifyState::Reloading]),
        }
    }

    pub fn stopping() {
        tell(&[NotifyState::Stopping]);
    }

    /// Shows that the runtime still gets round to things, as often as it is asked to; never done.
    pub async fn stay_alive() {
        let Some(within) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
        loop {
            tokio::time::sleep(within / 2).await;
            tell(&[NotifyState::Watchdog]);
        }
    }

    fn tell(news: &[NotifyState<'_>]) {
        if let Err(error) = sd_notify::notify(news) {
            tracing::warn!(%error, "who runs the server can't be told how it is");
        }
    }
}

#[cfg(not(unix))]
mod told {
    pub fn ready() {}
    pub fn still_starting() {}
    pub fn reloading() {}
    pub fn stopping() {}
    pub async fn stay_alive() {
        std::future::pending().await
    }
}

pub use told::{ready, reloading, stay_alive, still_starting, stopping};
