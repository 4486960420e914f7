//! The memory in a PostgreSQL database, for houses whose operators run one anyway or want a standby.
//!
//! The hub calls it through the traits of [`super`]. Writing verbs go to one task on one connection that commits all that
//! wait together ([`writer`]); reading ones to a pool of connections that can't write ([`readers`]), searches to some of
//! their own. The writer's connection holds a lock, so that one server at a time uses a database. A lost connection is
//! made again by itself; until then verbs are `Unavailable`. Nothing is kept in memory that another process could change,
//! such as roles: operators run `UPDATE users …` beside the server.

pub mod address;
mod aside;
mod batch;
mod bulk;
mod entries;
mod failure;
mod grounds;
mod import;
mod inspect;
mod moving;
mod readers;
mod renewal;
mod row;
mod schema;
mod search;
mod session;
mod soundness;
mod tls;
mod upkeep;
mod words;
mod work;
mod writer;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use titan_core::{AccountId, Time};
use tokio::sync::{mpsc, watch};

use super::engine::{Engine, SqlStore};
use super::mark::Mark;
use super::obituary::{self, Obituary};
use super::tx::{Ask, Tx};
use super::verbs::{self, log};
use super::{
    Appending, Clock, CommittedSender, DraftBody, DraftEntry, Hits, MachineClock, Query, StoreError, StoreResult,
};
use address::Address;
use aside::Aside;
use failure::closed;
pub(super) use import::Transaction;
pub use inspect::Inspection;
pub use moving::Moving;
use readers::Readers;
pub use soundness::{accept, identity_of};
use work::{Answer, Work};
use writer::Writer;

/// How the database is used.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Connections that read, at most.
    pub readers: usize,
    /// Verbs that may wait for the writer; beyond it callers wait for a place.
    pub queue: usize,
    /// Is told each commit.
    pub mark: Mark,
    pub clock: Arc<dyn Clock>,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { readers: 8, queue: 4096, mark: Mark::default(), clock: Arc::new(MachineClock) }
    }
}

/// Searches that run at once; others wait.
const SEARCHERS: usize = 2;
/// How long a look may take, in milliseconds: longer than any should.
const LOOK_MOST: u32 = 30_000;
/// How long one of a search may.
const SEARCH_MOST: u32 = 700;
/// How often dead rows are freed at most: it reads much of the tables.
const VACUUM_EVERY: Duration = Duration::from_secs(600);

/// A store in one PostgreSQL database.
pub type PostgresStore = SqlStore<Postgres>;

pub struct Postgres {
    address: Address,
    /// None once closed.
    queues: RwLock<Option<Queues>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Why the writer has ended, though nobody closed it.
    ended: watch::Receiver<Option<String>>,
    clock: Arc<dyn Clock>,
    /// When dead rows were last freed.
    vacuumed: Mutex<Option<Instant>>,
}

/// Where callers put their work. The writer ends when all copies are gone.
#[derive(Clone)]
struct Queues {
    writer: mpsc::Sender<Work>,
    readers: Readers,
    searchers: Readers,
}

impl PostgresStore {
    /// Connects, makes or migrates the tables where needed, and starts the writer. Refused while another server uses the
    /// database, and where PostgreSQL doesn't keep what it confirms.
    pub async fn open(url: &str, committed: CommittedSender, options: PostgresOptions) -> StoreResult<Self> {
        let address = Address::parse(url)?;
        let readers = Readers::new(&address, options.readers, LOOK_MOST)?;
        let searchers = Readers::new(&address, SEARCHERS, SEARCH_MOST)?;
        let (writer, written) = mpsc::channel(options.queue);
        let (end, ended) = watch::channel(None);
        let clock = options.clock.clone();
        let thread = Mutex::new(Some(start(address.clone(), committed, options, written, end).await?));
        let queues = RwLock::new(Some(Queues { writer, readers, searchers }));
        Ok(SqlStore(Postgres { address, queues, thread, ended, clock, vacuumed: Mutex::default() }))
    }
}

impl Engine for Postgres {
    fn now(&self) -> Time {
        self.clock.now()
    }

    async fn queue<T: Send + 'static>(
        &self,
        verb: impl AsyncFn(&mut dyn Tx) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<BoxFuture<'static, StoreResult<T>>> {
        let (work, answer) = Work::verb(verb);
        self.queue_work(work, answer).await
    }

    async fn take_in(&self, draft: DraftEntry) -> StoreResult<Appending> {
        let (work, answer) = match draft.body {
            DraftBody::Message { file: None, .. } => Work::message(draft),
            _ => Work::verb(async move |tx: &mut dyn Tx| log::append(tx, &draft).await),
        };
        self.queue_work(work, answer).await
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl for<'t> FnOnce(&'t mut dyn Ask) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    ) -> StoreResult<T> {
        look(&mut self.queues()?.readers).await
    }

    async fn read_long<T: Send + 'static>(
        &self,
        look: impl for<'t> FnOnce(&'t mut dyn Ask) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    ) -> StoreResult<T> {
        self.read(look).await
    }

    async fn search(&self, account: AccountId, query: Query) -> StoreResult<Hits> {
        verbs::search::search(&mut self.queues()?.searchers, account, &query).await
    }

    async fn backup(&self, _: std::path::PathBuf) -> StoreResult<()> {
        Err(StoreError::Broken(
            "a house in PostgreSQL is backed up with its own tools: pg_dump for the database, and a copy of the data folder".into(),
        ))
    }

    async fn check(&self) -> StoreResult<Vec<String>> {
        upkeep::check(&mut self.aside().await?).await
    }

    async fn scour(&self, at_once: bool) -> StoreResult<bool> {
        let since = self.vacuumed.lock().unwrap_or_else(PoisonError::into_inner).map(|at| at.elapsed());
        if !at_once && since.is_some_and(|since| since < VACUUM_EVERY) {
            return Ok(false);
        }
        upkeep::vacuum(&self.aside().await?, "").await?;
        *self.vacuumed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Ok(true)
    }

    async fn rewrite(&self) -> StoreResult<()> {
        upkeep::vacuum(&self.aside().await?, "FULL").await
    }

    async fn ended(&self) -> String {
        obituary::read(&self.ended).await
    }

    async fn close(&self) {
        let queues = self.queues.write().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Queues { writer, readers, searchers }) = queues {
            // The last one, unless a caller is just about to put something into the queue.
            drop(writer);
            readers.close();
            searchers.close();
        }
        let join = move || thread.map(|thread| drop(thread.join()));
        let _ = tokio::task::spawn_blocking(join).await;
    }
}

impl Postgres {
    /// Queues work, which has its place among the others then; what it gives waits for the commit.
    async fn queue_work<T: Send + 'static>(
        &self,
        work: Work,
        answer: Answer<T>,
    ) -> StoreResult<BoxFuture<'static, StoreResult<T>>> {
        self.queues()?.writer.send(work).await.map_err(|_| closed())?;
        Ok(Box::pin(async move { answer.await.unwrap_or_else(|_| Err(closed())) }))
    }

    /// A connection of its own, for what takes long.
    async fn aside(&self) -> StoreResult<Aside> {
        self.queues()?;
        session::connect(&self.address, &[]).await.map(Aside)
    }

    fn queues(&self) -> StoreResult<Queues> {
        self.queues.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)
    }
}

/// Starts the writer on a thread of its own: so its work needs not be shared between threads, and nothing that the server
/// is busy with delays a commit.
async fn start(
    address: Address,
    committed: CommittedSender,
    options: PostgresOptions,
    written: mpsc::Receiver<Work>,
    end: watch::Sender<Option<String>>,
) -> StoreResult<JoinHandle<()>> {
    let (ready, opened) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| no_thread(&error))?;
    let run = move || {
        let obituary = Obituary::new(end, "what writes");
        runtime.block_on(async move {
            let opened = async {
                let client = session::open(&address, false).await?;
                renewal::renew(&client).await?;
                Writer::new(address, client, committed, options.mark, options.clock).await
            };
            match opened.await {
                Ok(writer) => {
                    let _ = ready.send(Ok(()));
                    writer.run(written).await;
                }
                Err(error) => drop(ready.send(Err(error))),
            }
        });
        obituary.not_needed();
    };
    let thread = std::thread::Builder::new().name("titan-store-write".into()).spawn(run);
    let thread = thread.map_err(|error| no_thread(&error))?;
    opened.await.unwrap_or_else(|_| Err(closed()))?;
    Ok(thread)
}

fn no_thread(error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("no thread for the store: {error}"))
}
