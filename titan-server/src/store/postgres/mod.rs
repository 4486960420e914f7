//! The memory in a PostgreSQL database, for houses whose operators run one anyway or want a standby.
//!
//! The hub calls it through the traits of [`super`]. Writing verbs go to one task on one connection that commits all that
//! wait together ([`writer`]); reading ones to a pool of connections that can't write ([`readers`]), searches to some of
//! their own. The writer's connection holds a lock, so that one server at a time uses a database. A lost connection is
//! made again by itself; until then verbs are `Unavailable`. Nothing is kept in memory that another process could change,
//! such as roles: operators run `UPDATE users …` beside the server.

mod accounts;
pub(super) mod address;
mod bulk;
mod ending;
mod failure;
mod history;
mod inspect;
mod ledger;
mod log;
mod memberships;
mod moving;
mod readers;
mod relations;
mod repository;
mod rooms;
mod row;
mod sanctions;
mod schema;
mod search;
mod session;
mod soundness;
mod tls;
mod upkeep;
mod words;
mod work;
mod writer;

use std::sync::{Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use tokio::sync::mpsc;

use super::mark::Mark;
use super::{CommittedSender, StoreError, StoreResult};
use address::Address;
pub use inspect::Inspection;
pub use moving::Moving;
use readers::Readers;
pub use soundness::{accept, identity_of};
use work::{Answer, Work};
use writer::{Batch, Writer};

/// How the database is used.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Connections that read, at most.
    pub readers: usize,
    /// Verbs that may wait for the writer; beyond it callers wait for a place.
    pub queue: usize,
    /// Is told each commit.
    pub mark: Mark,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { readers: 8, queue: 4096, mark: Mark::default() }
    }
}

/// Searches that run at once; others wait.
const SEARCHERS: usize = 2;
/// How long a look may take, in milliseconds: longer than any should.
const LOOK_MOST: u32 = 30_000;
/// How long a search may take.
const SEARCH_MOST: u32 = 1_000;

/// A store in one PostgreSQL database.
pub struct PostgresStore {
    address: Address,
    /// None once closed.
    queues: RwLock<Option<Queues>>,
    thread: Mutex<Option<JoinHandle<()>>>,
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
        let thread = start(address.clone(), committed, options.mark, written).await?;
        let queues = RwLock::new(Some(Queues { writer, readers, searchers }));
        Ok(Self { address, queues, thread: Mutex::new(Some(thread)) })
    }

    /// Runs a verb in the writer's next transaction; it is on disk when this returns. A verb may be run twice and is
    /// committed even if the caller goes away.
    async fn write<T: Send + 'static>(
        &self,
        act: impl AsyncFn(&mut Batch<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let (work, answer) = Work::verb(act);
        self.queue(work, answer).await?.await
    }

    /// Queues work, which has its place among the others then; what it gives waits for the commit.
    async fn queue<T: Send + 'static>(
        &self,
        work: Work,
        answer: Answer<T>,
    ) -> StoreResult<impl Future<Output = StoreResult<T>> + Send + 'static> {
        self.queues()?.writer.send(work).await.map_err(|_| closed())?;
        Ok(async move { answer.await.unwrap_or_else(|_| Err(closed())) })
    }

    fn readers(&self) -> StoreResult<Readers> {
        Ok(self.queues()?.readers)
    }

    fn searchers(&self) -> StoreResult<Readers> {
        Ok(self.queues()?.searchers)
    }

    fn address(&self) -> &Address {
        &self.address
    }

    fn queues(&self) -> StoreResult<Queues> {
        self.queues.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)
    }

    async fn shut(&self) {
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

/// Starts the writer on a thread of its own: so its work needs not be shared between threads, and nothing that the server
/// is busy with delays a commit.
async fn start(
    address: Address,
    committed: CommittedSender,
    mark: Mark,
    written: mpsc::Receiver<Work>,
) -> StoreResult<JoinHandle<()>> {
    let (ready, opened) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| no_thread(&error))?;
    let run = move || {
        runtime.block_on(async move {
            let opened = async {
                let client = session::open(&address, false).await?;
                Writer::new(address, client, committed, mark).await
            };
            match opened.await {
                Ok(writer) => {
                    let _ = ready.send(Ok(()));
                    writer.run(written).await;
                }
                Err(error) => drop(ready.send(Err(error))),
            }
        });
    };
    let thread = std::thread::Builder::new().name("titan-store-write".into()).spawn(run);
    let thread = thread.map_err(|error| no_thread(&error))?;
    opened.await.unwrap_or_else(|_| Err(closed()))?;
    Ok(thread)
}

fn no_thread(error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("no thread for the store: {error}"))
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".into())
}
