//! The one place that touches the world: network, disk, clock, clipboard. It runs effects and brings events back; it
//! decides nothing. What takes long runs in tasks; the screen never waits for it.

mod asks;
mod history;
mod linear;
mod run;
mod session;
mod transfers;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::future::BoxFuture;
use titan_core::{
    Secret,
    cache::Cache,
    client::{Client, Draft, Error, KnownServers, TransferControl},
};
use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    effect::Effect,
    event::{Event, Trouble},
    state::{ServerInfo, TransferId},
};
use crate::{credentials::Folders, words};

pub use run::{Start, run};

/// Events on their way to the screen. Tasks wait beyond them, the server's stream behind those.
const EVENTS_MOST: usize = 1_024;
/// Small writes on their way to the disk; the screen waits beyond them.
const WRITES_MOST: usize = 256;

/// The key in the cache of what stands beside drafts.
const UNDER_WAY: &str = "under_way";

/// How to have a server in this process; only `main` knows how that is done.
pub struct Host {
    pub start: Box<dyn Fn() -> BoxFuture<'static, anyhow::Result<Hosted>> + Send + Sync>,
    /// Waits until one that was started can't go on: why.
    pub failed: Box<dyn Fn() -> BoxFuture<'static, String> + Send + Sync>,
    pub stop: Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>,
}

/// A server in this process.
#[derive(Clone, Debug)]
pub struct Hosted {
    pub url: String,
    /// What makes the person at this machine its admin.
    pub admin_key: Option<Secret>,
}

/// Runs effects. Clones share everything.
#[derive(Clone)]
pub struct Runner {
    shared: Arc<Shared>,
}

struct Shared {
    events: mpsc::Sender<Event>,
    folders: Folders,
    known: KnownServers,
    /// Nothing needs to be encrypted: it was said so at the start.
    plaintext: bool,
    host: Option<Host>,
    session: Mutex<Option<Session>>,
    controls: Mutex<HashMap<TransferId, TransferControl>>,
    search: Mutex<Option<JoinHandle<()>>>,
    writes: std::sync::mpsc::SyncSender<Write>,
}

/// Something small for the disk. One thread does them in order, so that no key ever waits for an fsync.
type Write = Box<dyn FnOnce() + Send>;

/// The server we are at.
#[derive(Clone)]
struct Session {
    client: Option<Client>,
    cache: Cache,
    cache_path: PathBuf,
    server: ServerInfo,
    username: String,
    /// Carries the server's events; ended when another session takes over.
    _pump: Arc<Pump>,
}

/// A task that ends with its owner.
#[derive(Default)]
struct Pump(Mutex<Option<JoinHandle<()>>>);

impl Drop for Pump {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.0).take() {
            task.abort();
        }
    }
}

impl Runner {
    pub fn new(
        folders: Folders,
        known: KnownServers,
        plaintext: bool,
        host: Option<Host>,
    ) -> (Self, mpsc::Receiver<Event>) {
        let (events, receiver) = mpsc::channel(EVENTS_MOST);
        let (writes, wanted) = std::sync::mpsc::sync_channel::<Write>(WRITES_MOST);
        std::thread::spawn(move || wanted.into_iter().for_each(|write| write()));
        let shared = Shared {
            events,
            folders,
            known,
            plaintext,
            host,
            session: Mutex::default(),
            controls: Mutex::default(),
            search: Mutex::default(),
            writes,
        };
        (Self { shared: Arc::new(shared) }, receiver)
    }

    /// Runs one effect. Those of the terminal are the loop's own and don't come here.
    pub fn run(&self, effect: Effect) {
        match effect {
            Effect::Ask(question) => self.ask(question),
            Effect::Host => self.host(),
            Effect::Enter(entrance) => self.enter(entrance),
            Effect::Reconnect => self.reconnect(),
            Effect::Believe(server) => self.believe(&server),
            Effect::Logout => self.logout(),
            Effect::Forget(why) => self.forget_account(why),
            Effect::Forgot(server, name) => self.ask_for_reset(server, name),
            Effect::Send(outgoing) => self.send(outgoing),
            Effect::Load(load) => self.load(load),
            Effect::SaveDraft(conversation, text) => self.keep(move |cache| cache.set_draft(conversation, &text)),
            Effect::SaveUnderWay(under_way) => {
                let json = serde_json::to_string(&Vec::from_iter(under_way)).unwrap_or_default();
                self.keep(move |cache| cache.set_value(UNDER_WAY, &json));
            }
            Effect::SaveOpen(conversation) => {
                self.keep(move |cache| cache.set_value("open", &conversation.to_string()))
            }
            Effect::SearchAll { generation, query, before: None } => self.search(generation, query),
            Effect::SearchAll { generation, query, before } => self.search_further(generation, query, before),
            Effect::StartTransfer(transfer) => self.start_transfer(*transfer),
            Effect::PauseTransfer(id) => self.pause_transfer(id),
            Effect::CancelTransfer(id) => self.cancel_transfer(id),
            Effect::SaveTransfers(transfers) => self.save_transfers(&transfers),
            Effect::OpenLink(link) => self.open(&link),
            Effect::OpenFolder(folder) => self.open(&folder.display().to_string()),
            Effect::SaveSettings(settings) => self.save_settings(&settings.to_text()),
            Effect::Quit | Effect::GiveUp(_) | Effect::Redraw | Effect::Copy(_) | Effect::Bell | Effect::Mouse(_) => {}
        }
    }

    /// Brings it to the screen where the server in this process can't go on.
    pub fn watch_host(&self) {
        let runner = self.clone();
        tokio::spawn(async move {
            let Some(host) = &runner.shared.host else { return };
            let why = (host.failed)().await;
            let line = words::host_ended(&why, &runner.shared.folders.log().display().to_string());
            runner.tell(Event::HostEnded(titan_core::shown(&line).into_owned())).await;
        });
    }

    /// Ends what should end in order: the embedded server, transfers.
    pub async fn close(&self) {
        lock(&self.shared.controls).values().for_each(TransferControl::pause);
        let (written, done) = tokio::sync::oneshot::channel();
        self.later(move || {
            let _ = written.send(());
        });
        let _ = done.await;
        lock(&self.shared.session).take();
        if let Some(host) = &self.shared.host {
            (host.stop)().await;
        }
    }

    fn session(&self) -> Option<Session> {
        lock(&self.shared.session).clone()
    }

    fn client(&self) -> Option<Client> {
        self.session().and_then(|session| session.client)
    }

    /// Brings an event to the screen, waiting while it is busy.
    async fn tell(&self, event: Event) {
        let _ = self.shared.events.send(event).await;
    }

    /// Brings an event from where nothing may wait.
    fn tell_soon(&self, event: Event) {
        let runner = self.clone();
        tokio::spawn(async move { runner.tell(event).await });
    }

    fn send(&self, outgoing: super::effect::Outgoing) {
        let client_id = outgoing.client_id;
        let mut draft = Draft::new(outgoing.conversation, outgoing.text);
        (draft.reply_to, draft.client_id) = (outgoing.reply_to, client_id);
        let Some(client) = self.client() else {
            return self.tell_soon(Event::Sent(client_id, Err(Trouble::new(words::NEEDS_CONNECTION))));
        };
        let (runner, runtime) = (self.clone(), tokio::runtime::Handle::current());
        self.later(move || {
            let outcome = match client.queue(draft) {
                Ok(client_id) => Event::Kept(client_id),
                Err(error) => Event::Sent(client_id, Err(trouble(error))),
            };
            runtime.block_on(runner.tell(outcome));
        });
    }

    /// Has something written, after everything that was to be written before.
    fn later(&self, write: impl FnOnce() + Send + 'static) {
        if self.shared.writes.send(Box::new(write)).is_err() {
            tracing::error!("the writing thread is gone");
        }
    }

    /// Writes something small to the cache's own file.
    fn keep(&self, write: impl FnOnce(&Cache) -> Result<(), Error> + Send + 'static) {
        let Some(session) = self.session() else { return };
        let (runner, runtime) = (self.clone(), tokio::runtime::Handle::current());
        self.later(move || {
            if let Err(error) = write(&session.cache) {
                runtime.block_on(runner.tell(Event::Said(Err(trouble(error)))));
            }
        });
    }

    fn open(&self, what: &str) {
        if let Err(error) = open::that_detached(what) {
            self.tell_soon(Event::Said(Err(Trouble::new(words::cannot_open(what, &error.to_string())))));
        }
    }

    fn save_settings(&self, text: &str) {
        if let Err(error) = self.shared.folders.save_settings(text) {
            let path = self.shared.folders.settings();
            let text = words::cannot_write(&path.display().to_string(), &error.to_string());
            self.tell_soon(Event::Said(Err(Trouble::new(text))));
        }
    }
}

/// A failure in words for the screen.
fn trouble(error: Error) -> Trouble {
    match error {
        Error::Fault(fault) => fault.into(),
        Error::Untrusted(server) => {
            let trouble = Trouble::new(words::sentence(&server.to_string()));
            Trouble { untrusted: Some(server), ..trouble }
        }
        error => Trouble::new(words::sentence(&error.to_string())),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
