//! A client anyone can script: connect, ask, read the events.
//!
//! One background task owns the socket. It reconnects by itself, resumes where it was, and hands out every entry exactly
//! once and in order of seq, over reconnects too. Files go over HTTP beside it and resume both ways. Nothing here draws,
//! prints, or keeps secrets on disk.
//!
//! ```no_run
//! # async fn hello() -> Result<(), titan_core::client::Error> {
//! use titan_core::client::{Client, ClientEvent, Options};
//! use titan_core::protocol::Event;
//!
//! let options = Options::new("http://localhost:8000")?.password("ada", "secret");
//! let (titan, mut events) = Client::connect(options).await?;
//! for conversation in titan.conversations().await? {
//!     titan.post(conversation.id, "Hello!").await?;
//! }
//! while let Some(event) = events.next().await {
//!     if let ClientEvent::Server(Event::Entry { entry, .. }) = event {
//!         println!("{}: {:?}", entry.author.username, entry.body);
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod backoff;
mod call;
mod commands;
mod error;
mod event;
mod known;
mod link;
mod options;
mod order;
mod outlet;
mod pages;
mod private;
mod search;
mod shared;
mod socket;

#[cfg(test)]
pub(crate) mod tests;
mod transfer;
mod trust;
mod untrusted;

pub use commands::{Draft, Who};
pub use error::{Cause, Error};
pub use event::{ClientEvent, Connection};
pub use known::KnownServers;
pub use options::{Options, Trust};
pub use private::{private_file, replace_private_file};
pub use search::Searching;
pub use transfer::{Downloaded, ExportFile, NewApp, Progress, Source, TransferControl};
pub use untrusted::{Flaw, Known, Untrusted};

pub use crate::cache::Range;

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use self::{call::Call, link::Link, outlet::Outlet, shared::Shared};
use crate::{cache::Cache, protocol::LoggedIn};

/// Calls on their way to the background task. A caller beyond them waits.
const CALLS_MOST: usize = 256;

/// A handle on one connection. Clones share it; dropping the last one ends it.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    calls: mpsc::Sender<Call>,
    connection: watch::Receiver<Connection>,
}

/// What happens, in order. Read it steadily: what can't be kept while it isn't read is fetched again later, but typing
/// signals are dropped.
pub struct Events {
    receiver: mpsc::Receiver<ClientEvent>,
}

impl Client {
    /// Connects and logs in; returns once that is done, or has failed. From then on a lost connection comes back by itself.
    ///
    /// [`Error::Fault`] where the server lets nobody in (`bad_credentials`, `bad_token`, `banned`), [`Error::Untrusted`] where it
    /// is not believed that it is the server, or nothing would be encrypted, [`Error::Network`] where it can't be reached within 15 s or
    /// is no Titan server, [`Error::Tls`] where it speaks no TLS, [`Error::Cache`] where the cache can't be read.
    pub async fn connect(options: Options) -> Result<(Client, Events), Error> {
        let (client, events, mut link) = Self::build(options);
        let socket = link.open().await.map_err(link::Broken::into_error)?;
        tokio::spawn(link.run(Some(socket)));
        Ok((client, events))
    }

    /// Returns at once and connects in the background, for as long as it takes. Must be called within a tokio runtime.
    pub fn start(options: Options) -> (Client, Events) {
        let (client, events, link) = Self::build(options);
        tokio::spawn(link.run(None));
        (client, events)
    }

    fn build(options: Options) -> (Client, Events, Link) {
        let (calls, asked) = mpsc::channel(CALLS_MOST);
        let (outlet, receiver) = Outlet::new();
        let (state, connection) = watch::channel(Connection::Connecting);
        let shared = Arc::new(Shared::new(options));
        let link = Link::new(shared.clone(), asked, outlet, state);
        (Client { shared, calls, connection }, Events { receiver }, link)
    }

    /// Who is logged in, and by which token; none before the first login.
    pub fn me(&self) -> Option<LoggedIn> {
        self.shared.session()
    }

    /// How it stands with the connection now.
    pub fn connection(&self) -> Connection {
        self.connection.borrow().clone()
    }

    /// The cache this client keeps, if it does.
    pub fn cache(&self) -> Option<&Cache> {
        self.shared.options.cache.as_ref()
    }

    /// Tries to connect at once, if that is being waited for.
    pub fn reconnect_now(&self) {
        self.shared.nudge.notify_one();
    }

    fn why_ended(&self) -> String {
        match self.connection() {
            Connection::Ended { why, .. } => why,
            _ => "the connection was given up".to_owned(),
        }
    }
}

impl Events {
    /// The next event; none once the connection has ended for good.
    pub async fn next(&mut self) -> Option<ClientEvent> {
        self.receiver.recv().await
    }

    /// The next event if there is one already.
    pub fn try_next(&mut self) -> Option<ClientEvent> {
        self.receiver.try_recv().ok()
    }
}
