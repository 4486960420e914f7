//! The memory in one SQLite file, `titan.db`, in WAL mode with `synchronous=FULL`.
//!
//! The hub calls it through the traits of [`super`]. Writing verbs go to one thread that commits all that wait together
//! ([`writer`]); reading ones to a few threads with read-only connections ([`reader`]), searches to some of their own, so
//! that a wide search never holds up anyone's history. Nothing is kept in memory that another process could change, such
//! as roles: operators run `UPDATE users …` beside the server.

mod batch;
mod import;
pub mod inline;
mod inspect;
mod lock;
mod moving;
mod reader;
mod renewal;
pub mod rescue;
mod row;
mod schema;
mod search;
mod soundness;
mod upkeep;
pub mod wal;
mod words;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use futures_util::future::BoxFuture;
use rusqlite::Connection;
use titan_core::{AccountId, Time};
use tokio::sync::{mpsc, oneshot, watch};

use super::engine::{Engine, SqlStore};
use super::mark::Mark;
use super::obituary::{self, Obituary};
use super::tx::{Ask, Tx};
use super::{Clock, CommittedSender, Hits, MachineClock, Query, StoreError, StoreResult};
use batch::{Looking, at_once};
pub(super) use import::Transaction;
pub use inspect::Inspection;
pub use lock::{FileLock, with_ending};
pub use moving::Moving;
use reader::Look;
pub use soundness::{identity_of, renew};
pub use titan_store::Counts;
use writer::{Work, Writer};

/// How the file is used.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Connections that read, each on a thread of its own.
    pub readers: usize,
    /// Verbs and looks that may wait; beyond it callers wait for a place.
    pub queue: usize,
    /// Is told each commit.
    pub mark: Mark,
    pub clock: Arc<dyn Clock>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        // More than there are cores would only hold memory.
        let readers = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8));
        Self { readers, queue: 4096, mark: Mark::default(), clock: Arc::new(MachineClock) }
    }
}

/// Searches that run at once; others wait.
const SEARCHERS: usize = 2;

/// A store in one SQLite file.
pub type SqliteStore = SqlStore<Sqlite>;

pub struct Sqlite {
    path: PathBuf,
    /// None once closed.
    queues: RwLock<Option<Queues>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Why the store has ended, though nobody closed it.
    ended: watch::Sender<Option<String>>,
    clock: Arc<dyn Clock>,
}

/// The ends that callers put their work into. The threads end when all copies are gone.
#[derive(Clone)]
struct Queues {
    writer: mpsc::Sender<Box<dyn Work>>,
    readers: mpsc::Sender<Look>,
    searcher: mpsc::Sender<Look>,
}

impl SqliteStore {
    /// Opens the database, makes or migrates it where needed, and starts its threads. Blocks for that long.
    ///
    /// Only the header is looked at, since reading ten million entries takes long: damage elsewhere shows as
    /// [`StoreError::Broken`] where it is met, and [`super::Upkeep::check`] looks for all of it.
    pub fn open(path: &Path, committed: CommittedSender, options: SqliteOptions) -> StoreResult<Self> {
        let mut connection = schema::open_writer(path)?;
        renewal::renew(&mut connection)?;
        let writer = Writer::new(connection, committed, options.mark, options.clock.clone());
        let (write, written) = mpsc::channel(options.queue);
        let (readers, looks) = mpsc::channel(options.queue);
        let (searcher, searches) = mpsc::channel(options.queue);
        let (looks, searches) = (Arc::new(Mutex::new(looks)), Arc::new(Mutex::new(searches)));
        let ended = watch::Sender::new(None);
        let end = ended.clone();
        let told = |whose| Obituary::new(end.clone(), whose);
        let mut threads = vec![spawn("titan-store-write", told("what writes"), move || writer.run(written))?];
        for _ in 0..options.readers.max(1) {
            let (connection, looks) = (schema::open_reader(path)?, looks.clone());
            threads.push(spawn("titan-store-read", told("what reads"), move || reader::run(connection, looks))?);
        }
        for _ in 0..SEARCHERS {
            let (mut connection, searches) = (schema::open_reader(path)?, searches.clone());
            search::keep_deadlines(&mut connection)?;
            threads.push(spawn("titan-store-find", told("what searches"), move || reader::run(connection, searches))?);
        }
        let queues = RwLock::new(Some(Queues { writer: write, readers, searcher }));
        Ok(SqlStore(Sqlite {
            path: path.to_owned(),
            queues,
            threads: Mutex::new(threads),
            ended,
            clock: options.clock,
        }))
    }

    /// Bounds the database file, in pages of 4 KiB: what would make it larger is answered `Unavailable`. None: no bound.
    pub async fn limit_pages(&self, most: Option<u32>) -> StoreResult<()> {
        let most = most.unwrap_or(u32::MAX - 1);
        self.write(async move |tx: &mut dyn Tx| {
            tx.rows(&format!("PRAGMA max_page_count = {most}"), &[]).await.map(drop)
        })
        .await
    }
}

impl Engine for Sqlite {
    fn now(&self) -> Time {
        self.clock.now()
    }

    async fn queue<T: Send + 'static>(
        &self,
        verb: impl AsyncFn(&mut dyn Tx) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<BoxFuture<'static, StoreResult<T>>> {
        let (work, answer) = writer::verb(verb);
        self.queues()?.writer.send(work).await.map_err(|_| closed())?;
        Ok(Box::pin(async move { answer.await.unwrap_or_else(|_| Err(closed())) }))
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl for<'t> FnOnce(&'t mut dyn Ask) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    ) -> StoreResult<T> {
        ask(self.queues()?.readers, move |connection| at_once(look(&mut Looking(connection)))).await
    }

    async fn read_long<T: Send + 'static>(
        &self,
        look: impl for<'t> FnOnce(&'t mut dyn Ask) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    ) -> StoreResult<T> {
        ask(self.queues()?.searcher, move |connection| at_once(look(&mut Looking(connection)))).await
    }

    async fn search(&self, account: AccountId, query: Query) -> StoreResult<Hits> {
        ask(self.queues()?.searcher, move |connection| search::search(connection, account, &query)).await
    }

    async fn backup(&self, to: PathBuf) -> StoreResult<()> {
        self.aside(move |connection| upkeep::backup(connection, &to)).await
    }

    async fn check(&self) -> StoreResult<Vec<String>> {
        self.aside(upkeep::check).await
    }

    async fn checkpoint(&self) -> StoreResult<()> {
        self.with_file(schema::checkpoint).await
    }

    async fn scour(&self, _: bool) -> StoreResult<bool> {
        self.with_file(schema::scour).await
    }

    async fn rewrite(&self) -> StoreResult<()> {
        self.with_file(schema::rewrite).await
    }

    async fn ended(&self) -> String {
        obituary::read(&self.ended.subscribe()).await
    }

    async fn close(&self) {
        drop(self.queues.write().unwrap_or_else(PoisonError::into_inner).take());
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let _ = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|thread| drop(thread.join()))).await;
    }
}

impl Sqlite {
    /// Runs something long on a connection of its own, beside everything else.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.queues()?;
        let path = self.path.clone();
        let ran = tokio::task::spawn_blocking(move || work(&schema::open_reader(&path)?)).await;
        ran.unwrap_or_else(|error| Err(StoreError::Broken(error.to_string())))
    }

    /// Does something with the file beside the writer, which ends where that leaves doubt of what is on disk.
    async fn with_file<T: Send + 'static>(&self, work: fn(&Path) -> StoreResult<T>) -> StoreResult<T> {
        self.queues()?;
        let path = self.path.clone();
        let ran = tokio::task::spawn_blocking(move || work(&path)).await;
        let done = ran.unwrap_or_else(|error| Err(StoreError::Broken(error.to_string())));
        if let Err(StoreError::Ended(why)) = &done {
            self.ended.send_replace(Some(why.clone()));
        }
        done
    }

    fn queues(&self) -> StoreResult<Queues> {
        self.queues.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)
    }
}

async fn ask<T: Send + 'static>(
    queue: mpsc::Sender<Look>,
    look: impl FnOnce(&mut Connection) -> StoreResult<T> + Send + 'static,
) -> StoreResult<T> {
    let (caller, answer) = oneshot::channel();
    let look: Look = Box::new(move |connection| {
        if !caller.is_closed() {
            let _ = caller.send(reader::at_one_moment(connection, look));
        }
    });
    queue.send(look).await.map_err(|_| closed())?;
    answer.await.unwrap_or_else(|_| Err(closed()))
}

/// A thread that works until its queue is closed, and tells where it ends before that.
fn spawn(
    name: &str,
    obituary: Obituary,
    run: impl FnOnce() -> StoreResult<()> + Send + 'static,
) -> StoreResult<JoinHandle<()>> {
    let spawned = std::thread::Builder::new().name(name.into()).spawn(move || match run() {
        Ok(()) => obituary.not_needed(),
        Err(failure) => obituary.says(failure.to_string()),
    });
    spawned.map_err(|error| StoreError::Unavailable(format!("no thread for the store: {error}")))
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".into())
}
