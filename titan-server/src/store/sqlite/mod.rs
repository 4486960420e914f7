//! The memory in one SQLite file, `titan.db`, in WAL mode with `synchronous=FULL`.
//!
//! The hub calls it through the traits of [`super`]. Writing verbs go to one thread that commits all that wait together
//! ([`writer`]); reading ones to a few threads with read-only connections ([`reader`]), searches to some of their own, so
//! that a wide search never holds up anyone's history. Nothing is kept in memory that another process could change, such
//! as roles: operators run `UPDATE users …` beside the server.

mod accounts;
mod ending;
mod failure;
mod history;
mod import;
mod inspect;
mod ledger;
mod lock;
mod log;
mod memberships;
mod moving;
mod reader;
mod relations;
mod repository;
pub mod rescue;
mod rooms;
mod row;
mod sanctions;
mod schema;
mod search;
mod soundness;
pub mod titan_net;
mod upkeep;
pub mod wal;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

pub use super::Counts;
use super::fatal::Fatal;
use super::mark::Mark;
use super::{CommittedSender, StoreError, StoreResult};
pub use import::{ImportedRoom, Importer};
pub use inspect::Inspection;
pub use lock::{FileLock, with_ending};
pub use moving::Moving;
use reader::Look;
pub use soundness::{identity_of, renew};
use writer::{Batch, Work, Writer};

/// How the file is used.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Connections that read, each on a thread of its own.
    pub readers: usize,
    /// Verbs and looks that may wait; beyond it callers wait for a place.
    pub queue: usize,
    /// Is told each commit.
    pub mark: Mark,
    /// Is told when the store can't go on.
    pub fatal: Fatal,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        // More than there are cores would only hold memory.
        let readers = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8));
        Self { readers, queue: 4096, mark: Mark::default(), fatal: Fatal::default() }
    }
}

/// Searches that run at once; others wait.
const SEARCHERS: usize = 2;

/// A store in one SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    /// None once closed.
    queues: RwLock<Option<Queues>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
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
        let writer = Writer::new(schema::open_writer(path)?, committed, options.mark, options.fatal);
        let (write, written) = mpsc::channel(options.queue);
        let (readers, looks) = mpsc::channel(options.queue);
        let (searcher, searches) = mpsc::channel(options.queue);
        let (looks, searches) = (Arc::new(Mutex::new(looks)), Arc::new(Mutex::new(searches)));
        let mut threads = vec![spawn("titan-store-write", move || writer.run(written))?];
        for _ in 0..options.readers.max(1) {
            let (connection, looks) = (schema::open_reader(path)?, looks.clone());
            threads.push(spawn("titan-store-read", move || reader::run(connection, looks))?);
        }
        for _ in 0..SEARCHERS {
            let (mut connection, searches) = (schema::open_reader(path)?, searches.clone());
            search::keep_deadlines(&mut connection)?;
            threads.push(spawn("titan-store-find", move || reader::run(connection, searches))?);
        }
        let queues = Queues { writer: write, readers, searcher };
        Ok(Self { path: path.to_owned(), queues: RwLock::new(Some(queues)), threads: Mutex::new(threads) })
    }

    /// Bounds the database file, in pages of 4 KiB: what would make it larger is answered `Unavailable`. None: no bound.
    pub async fn limit_pages(&self, most: Option<u32>) -> StoreResult<()> {
        let most = most.unwrap_or(u32::MAX - 1);
        self.write(move |batch| {
            batch.connection.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(()))?;
            Ok(())
        })
        .await
    }

    /// Runs a verb in the writer's next transaction; it is on disk when this returns. A verb may be run twice and is
    /// committed even if the caller goes away.
    async fn write<T: Send + 'static>(
        &self,
        act: impl Fn(&mut Batch<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.queue(act).await?.await
    }

    /// Queues a verb, which has its place among the others then; what it gives waits for the commit.
    async fn queue<T: Send + 'static>(
        &self,
        act: impl Fn(&mut Batch<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<impl Future<Output = StoreResult<T>> + Send + 'static> {
        let (work, answer) = writer::verb(act);
        self.queues()?.writer.send(work).await.map_err(|_| closed())?;
        Ok(async move { answer.await.unwrap_or_else(|_| Err(closed())) })
    }

    /// Looks something up as the database stands at one moment.
    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        ask(self.queues()?.readers, look).await
    }

    /// Looks up what may take long.
    async fn find<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        ask(self.queues()?.searcher, look).await
    }

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

    async fn shut(&self) {
        drop(self.queues.write().unwrap_or_else(PoisonError::into_inner).take());
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let _ = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|thread| drop(thread.join()))).await;
    }

    fn queues(&self) -> StoreResult<Queues> {
        self.queues.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)
    }
}

async fn ask<T: Send + 'static>(
    queue: mpsc::Sender<Look>,
    look: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
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

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> StoreResult<JoinHandle<()>> {
    let spawned = std::thread::Builder::new().name(name.into()).spawn(run);
    spawned.map_err(|error| StoreError::Unavailable(format!("no thread for the store: {error}")))
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".into())
}
