//! The one task that writes: it drains the queue, runs all that waits in one transaction, and hands what became of it to
//! the committed stream. Callers are answered when that has been followed.
//!
//! Work runs without savepoints, for speed. When one fails after it has changed something, or by an error of SQL's, which
//! ends the transaction, everything is rolled back and the batch is run once more with a savepoint around each: so a verb
//! may be run twice and must not consume what it was given. Nothing here may outlive a transaction but the [`Ledger`].
//!
//! **A commit whose answer was lost** with the connection: each transaction writes its number, its *turn*, into the house.
//! The next connection, which gets the lock only once the old one has ended, reads it and so knows whether the commit was
//! made. If so it is told of and its callers answered; if not the batch is run again. Where the database
//! doesn't come back in time callers are told `Unsettled`, and the doubt is settled when it does.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use titan_core::protocol::Entry;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::super::ledger::Ledger;
use super::super::mark::Mark;
use super::super::{Clock, Committed, CommittedSender, StoreError, StoreResult, Told, Turn};
use super::address::Address;
use super::batch::Batch;
use super::failure::closed;
use super::work::Work;
use super::{bulk, session};

/// Works in one transaction, at most.
const BATCH_MOST: usize = 1024;
/// Times that a batch is begun because the connection was lost.
const ATTEMPTS: u32 = 3;
/// How long a batch waits for a lost database to come back, before its callers are told.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(250);
/// How often an idle writer looks whether its connection still stands.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Why a batch was not committed.
enum Halt {
    /// Some work failed half-way; with savepoints the others may still succeed.
    HalfWay,
    Failed(StoreError),
}

impl<E: Into<StoreError>> From<E> for Halt {
    fn from(error: E) -> Self {
        Halt::Failed(error.into())
    }
}

/// What a transaction wrote and changed.
#[derive(Default)]
struct Done {
    entries: Vec<Arc<Entry>>,
    told: Vec<Told>,
}

impl Done {
    fn committed(self, turn: i64) -> Committed {
        Committed::new(Turn(turn), self.entries, self.told)
    }
}

pub(super) struct Writer {
    address: Address,
    /// None while the connection is lost.
    client: Option<ClientWrapper>,
    ledger: Ledger,
    /// Of the last transaction that was committed.
    turn: i64,
    committed: CommittedSender,
    mark: Mark,
    clock: Arc<dyn Clock>,
    /// A commit that nobody knows of whether it was made, with its turn.
    doubt: Option<(i64, Done)>,
    /// Nobody waits for the database before this: it was away a moment ago.
    hopeless_until: Instant,
}

impl Writer {
    pub async fn new(
        address: Address,
        client: ClientWrapper,
        committed: CommittedSender,
        mark: Mark,
        clock: Arc<dyn Clock>,
    ) -> StoreResult<Self> {
        let turn = session::turn(&client).await?;
        let (ledger, hopeless_until) = (Ledger::default(), Instant::now());
        Ok(Self { address, client: Some(client), ledger, turn, committed, mark, clock, doubt: None, hopeless_until })
    }

    /// Works until every sender of the queue is gone and what waited is done.
    pub async fn run(mut self, mut queue: mpsc::Receiver<Work>) {
        let mut waiting = Vec::with_capacity(BATCH_MOST);
        while self.next(&mut queue, &mut waiting).await {
            match self.commit(&mut waiting).await {
                Ok(committed) => {
                    let works = std::mem::replace(&mut waiting, Vec::with_capacity(BATCH_MOST));
                    let answer = move || works.into_iter().for_each(|work| work.answer(None));
                    self.announce(committed.answering([Box::new(answer) as _])).await;
                }
                Err(failure) => {
                    tracing::warn!(works = waiting.len(), %failure, "a batch was not written");
                    waiting.drain(..).for_each(|work| work.answer(Some(&failure)));
                }
            }
        }
    }

    /// Takes what waits, and looks after the connection while nothing does; false once every sender is gone.
    async fn next(&mut self, queue: &mut mpsc::Receiver<Work>, waiting: &mut Vec<Work>) -> bool {
        loop {
            match tokio::time::timeout(LOOK_EVERY, queue.recv_many(waiting, BATCH_MOST)).await {
                Ok(count) => return count > 0,
                Err(_) if self.connect().await.is_ok() => self.settle().await,
                Err(_) => {}
            }
        }
    }

    /// Waits for a place in the stream: the store may not run ahead of who follows it without a bound.
    async fn announce(&self, committed: Committed) {
        if self.committed.send(committed).await.is_err() {
            tracing::debug!("nobody follows what is committed any more");
        }
    }

    /// Commits the batch, over another connection where the first is lost.
    async fn commit(&mut self, works: &mut [Work]) -> StoreResult<Committed> {
        let mut why = StoreError::Unavailable("the connection to PostgreSQL was lost again and again".into());
        for _ in 0..ATTEMPTS {
            self.connect().await?;
            self.settle().await;
            self.ledger.keep_small();
            let (turn, mut done) = (self.turn + 1, Done::default());
            let attempt = match self.attempt(works, turn, false, &mut done).await {
                Err(Halt::HalfWay) => self.attempt(works, turn, true, &mut done).await,
                attempt => attempt,
            };
            why = match attempt {
                Ok(()) => return Ok(done.committed(self.turn)),
                Err(Halt::HalfWay) => StoreError::Unavailable("the transaction was ended by the database".into()),
                Err(Halt::Failed(error)) => error,
            };
            if self.client.is_some() {
                return Err(why);
            }
            // Whether the commit was made is known once there is a connection again.
            self.doubt = Some((turn, done));
            self.connect().await.map_err(|error| StoreError::Unsettled(error.to_string()))?;
            if let Some(committed) = self.settled() {
                return Ok(committed);
            }
        }
        Err(why)
    }

    /// One transaction. On failure it is rolled back; a connection that can't even do that is lost.
    async fn attempt(&mut self, works: &mut [Work], turn: i64, carefully: bool, done: &mut Done) -> Result<(), Halt> {
        let Some(client) = &self.client else { return Err(Halt::Failed(closed())) };
        let mut batch = Batch::new(client, &mut self.ledger, self.clock.now());
        let outcome = transact(&mut batch, works, turn, carefully).await;
        *done = Done { entries: std::mem::take(&mut batch.entries), told: std::mem::take(&mut batch.told) };
        match outcome {
            Ok(true) => {
                self.turn = turn;
                self.mark.committed(turn);
            }
            Ok(false) => *done = Done::default(),
            Err(_) => {
                self.ledger.clear();
                if client.batch_execute("ROLLBACK").await.is_err() {
                    self.client = None;
                }
            }
        }
        outcome.map(drop)
    }

    /// Stands when this returns well: over the connection there is, or a new one.
    async fn connect(&mut self) -> StoreResult<()> {
        if self.client.as_ref().is_some_and(|client| !client.is_closed()) {
            return Ok(());
        }
        self.client = None;
        self.ledger.clear();
        let begun = Instant::now();
        loop {
            let failure = match self.reconnect().await {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            if Instant::now() < self.hopeless_until || begun.elapsed() > PATIENCE {
                self.hopeless_until = Instant::now() + PATIENCE;
                return Err(StoreError::Unavailable(failure.to_string()));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn reconnect(&mut self) -> StoreResult<()> {
        let client = session::open(&self.address, false).await?;
        let turn = session::turn(&client).await?;
        if turn < self.turn {
            // A standby that took over without the last commits, or a restored dump: nothing is built on it.
            let why = format!("it ends at commit {turn}, and commit {} was made: see `titan-server check`", self.turn);
            tracing::error!("the database that answers now is older than it was: {why}");
            return Err(StoreError::Unavailable(format!("the database is older than it was: {why}")));
        }
        self.turn = turn;
        self.client = Some(client);
        tracing::info!("connected to PostgreSQL again");
        Ok(())
    }

    /// A doubtful commit, if it was made.
    fn settled(&mut self) -> Option<Committed> {
        let (turn, done) = self.doubt.take().filter(|(turn, _)| *turn == self.turn)?;
        Some(done.committed(turn))
    }

    /// A commit that was made though its callers could not be told so: whoever listens must hear of it.
    async fn settle(&mut self) {
        if let Some(committed) = self.settled() {
            self.announce(committed).await;
        }
    }
}

/// Runs a batch; whether anything was changed. A transaction in which nothing was, is not committed but left.
async fn transact(batch: &mut Batch<'_>, works: &mut [Work], turn: i64, carefully: bool) -> Result<bool, Halt> {
    // What is sent after BEGIN waits for its turn there: nothing has to wait for the answer here.
    let client = batch.client;
    let running = async {
        match carefully {
            true => run_carefully(batch, works).await,
            false => run_swiftly(batch, works).await,
        }
    };
    let (begun, ran) = tokio::join!(biased; client.batch_execute("BEGIN"), running);
    begun?;
    ran?;
    if batch.changed == 0 {
        batch.client.batch_execute("ROLLBACK").await?;
        return Ok(false);
    }
    batch.commit(turn).await?;
    Ok(true)
}

/// Runs everything on trust: what fails must have changed nothing.
async fn run_swiftly(batch: &mut Batch<'_>, works: &mut [Work]) -> Result<(), Halt> {
    for works in works.chunk_by_mut(|one, next| matches!((one, next), (Work::Message(_), Work::Message(_)))) {
        let before = (batch.changed, batch.told.len());
        run(batch, works).await;
        let untouched = (batch.changed, batch.told.len()) == before;
        let fails = |work: &Work| work.failure().is_some_and(|failure| is_fatal(failure) || !untouched);
        let verb = matches!(works, [Work::Verb(_)]);
        // Messages that are refused, are so before any is written.
        if works.iter().any(|work| if verb { fails(work) } else { work.failure().is_some_and(is_fatal) }) {
            return Err(Halt::HalfWay);
        }
    }
    Ok(())
}

/// Runs each so that it can be undone alone.
async fn run_carefully(batch: &mut Batch<'_>, works: &mut [Work]) -> Result<(), Halt> {
    for work in works {
        let (entries, told, changed) = (batch.entries.len(), batch.told.len(), batch.changed);
        batch.client.batch_execute("SAVEPOINT work").await?;
        run(batch, std::slice::from_mut(work)).await;
        if work.failure().is_none() {
            batch.flush().await?;
        } else {
            batch.client.batch_execute("ROLLBACK TO work").await?;
            batch.entries.truncate(entries);
            batch.told.truncate(told);
            batch.changed = changed;
            batch.ledger.clear();
        }
        batch.client.batch_execute("RELEASE work").await?;
    }
    Ok(())
}

/// Runs a verb, or any number of messages.
async fn run(batch: &mut Batch<'_>, works: &mut [Work]) {
    if let [Work::Verb(verb)] = works {
        return verb.run(batch).await;
    }
    let messages = works.iter_mut().filter_map(|work| match work {
        Work::Message(message) => Some(&mut **message),
        Work::Verb(_) => None,
    });
    bulk::say(batch, messages.collect()).await;
}

/// An error of SQL's, after which the transaction takes nothing more.
fn is_fatal(failure: &StoreError) -> bool {
    matches!(failure, StoreError::Unavailable(_) | StoreError::Broken(_))
}
