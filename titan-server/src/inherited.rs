//! Sockets that were opened before the server was started, as systemd does by `.socket` units: a door listens on the one
//! meant for it instead of opening its own.

use std::net::{SocketAddr, TcpListener};

use anyhow::Context;

/// Sockets that were handed in and have no door yet.
#[derive(Debug, Default)]
pub struct Inherited(Vec<Socket>);

#[derive(Debug)]
struct Socket {
    name: String,
    address: SocketAddr,
    listener: TcpListener,
}

impl Inherited {
    /// Those that the surroundings name (`LISTEN_FDS`, and `LISTEN_FDNAMES` where there are names).
    #[cfg(unix)]
    pub fn from_surroundings() -> anyhow::Result<Self> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let mut handed = listenfd::ListenFd::from_env();
        let mut sockets = Vec::new();
        for at in 0..handed.len() {
            let name = names.next().unwrap_or_default().to_owned();
            let listener = handed.take_tcp_listener(at).context("a socket that was handed in is none to listen on")?;
            sockets.extend(listener.map(|listener| Socket::new(name, listener)).transpose()?);
        }
        Ok(Self(sockets))
    }

    #[cfg(not(unix))]
    pub fn from_surroundings() -> anyhow::Result<Self> {
        Ok(Self::default())
    }

    /// The one for a door: named after it, else open where it would listen, else at its port.
    pub fn take(&mut self, door: &str, wanted: SocketAddr) -> Option<TcpListener> {
        let at = self.0.iter().position(|socket| socket.name == door);
        let at = at.or_else(|| self.0.iter().position(|socket| socket.address == wanted));
        let at = at.or_else(|| self.0.iter().position(|socket| socket.address.port() == wanted.port()))?;
        Some(self.0.swap_remove(at).listener)
    }

    /// Those that no door took are closed, and named.
    pub fn name_the_rest(&mut self) {
        for Socket { name, address, .. } in self.0.drain(..) {
            tracing::warn!(%name, %address, "this socket was handed in, and no open door listens there: it is closed");
        }
    }
}

impl Socket {
    fn new(name: String, listener: TcpListener) -> anyhow::Result<Self> {
        listener.set_nonblocking(true).context("a socket that was handed in can't be used")?;
        let address = listener.local_addr().context("a socket that was handed in has no address")?;
        Ok(Self { name, address, listener })
    }
}
