//! A client anyone can script: connect, call a method for each command, read the events.
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
//!     if let ClientEvent::Server(Event::Entry { entry }) = event {
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
mod link;
mod options;
mod order;
mod outlet;
mod shared;
mod socket;

#[cfg(test)]
pub(crate) mod tests;
mod transfer;
mod trust;

pub use commands::{AccountChange, AppFilter, Draft, NewRoom, ProfileChange, RoomEdit, Who};
pub use error::Error;
pub use event::{ClientEvent, Connection};
pub use options::{Options, Trust};
pub use transfer::{Downloaded, ExportFile, NewApp, Progress, Source, TransferControl};

pub use crate::cache::Range;

use std::sync::Arc;

use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, oneshot, watch};

use self::{call::Call, link::Link, outlet::Outlet, shared::Shared};
use crate::{
    cache::Cache,
    protocol::{Account, Command, LoggedIn, Registered},
};

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

    /// Makes an account, on a connection of its own. With the server's admin key the account is an admin.
    pub async fn register(
        options: &Options,
        username: &str,
        password: &str,
        full_name: Option<&str>,
        admin_key: Option<&str>,
    ) -> Result<Account, Error> {
        let command = Command::Register {
            username: username.to_owned(),
            password: password.to_owned(),
            full_name: full_name.map(str::to_owned),
            admin_key: admin_key.map(str::to_owned),
        };
        link::ask_once(options, command).await.map(|Registered { account }| account)
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

    /// Asks the server and reads the answer. What is safe to ask twice is asked again when the connection broke.
    pub(crate) async fn call<T: DeserializeOwned>(&self, command: Command) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        let gone = || Error::Network(self.why_ended());
        self.calls.send(Call::new(command, answer, &self.shared.options)).await.map_err(|_| gone())?;
        let json = answered.await.map_err(|_| gone())??;
        serde_json::from_str(json.get())
            .map_err(|error| Error::Network(format!("the server's answer makes no sense to this version: {error}")))
    }

    fn why_ended(&self) -> String {
        match self.connection() {
            Connection::Ended { why } => why,
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
