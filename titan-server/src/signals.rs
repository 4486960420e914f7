//! What tells the server from outside what to do. No signal that people send to daemons ends it without a word: those
//! that mean an end end it in order, the others have it open its log and its certificate anew.

/// What a signal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Stop,
    Reload,
}

/// The signals, listened to from here on.
#[cfg(unix)]
pub struct Signals {
    stop: [tokio::signal::unix::Signal; 3],
    reload: [tokio::signal::unix::Signal; 3],
}

#[cfg(unix)]
impl Signals {
    pub fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let stop = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::quit())?];
        // SIGHUP also comes with the end of a login: whoever wants the server to end then says so by SIGTERM.
        let (usr1, usr2) = (signal(SignalKind::user_defined1())?, signal(SignalKind::user_defined2())?);
        Ok(Self { stop, reload: [signal(SignalKind::hangup())?, usr1, usr2] })
    }

    pub async fn told(&mut self) -> Told {
        let [terminate, interrupt, quit] = &mut self.stop;
        let [hang_up, usr1, usr2] = &mut self.reload;
        tokio::select! {
            biased;
            _ = terminate.recv() => Told::Stop,
            _ = interrupt.recv() => Told::Stop,
            _ = quit.recv() => Told::Stop,
            _ = hang_up.recv() => Told::Reload,
            _ = usr1.recv() => Told::Reload,
            _ = usr2.recv() => Told::Reload,
        }
    }
}

/// Ctrl-C, where there are no signals.
#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    pub async fn told(&mut self) -> Told {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "Ctrl-C can't be heard");
            std::future::pending::<()>().await;
        }
        Told::Stop
    }
}

impl Signals {
    /// Waits until the server is to stop, whatever else is asked.
    pub async fn told_to_stop(&mut self) {
        while self.told().await != Told::Stop {}
    }
}
