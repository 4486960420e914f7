//! The one task that writes: it drains the queue, runs all that waits in one transaction, hands the entries to the
//! committed queue, and only then answers.
//!
//! Work runs without savepoints, for speed. When one fails after it has changed something, or by an error of SQL's, which
//! ends the transaction, everything is rolled back and the batch is run once more with a savepoint around each: so a verb
//! may be run twice and must not consume what it was given. Nothing here may outlive a transaction but the [`Ledger`].
//!
//! **A commit whose answer was lost** with the connection: each transaction writes its number, its *turn*, into the house.
//! The next connection, which gets the lock only once the old one has ended, reads it and so knows whether the commit was
//! made. If so its entries are announced and its callers answered; if not the batch is run again. Where the database
//! doesn't come back in time callers are told `Unavailable`, and the doubt is settled when it does.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use titan_core::protocol::Entry;
use titan_core::{ConversationId, EntryId, Seq};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::super::mark::Mark;
use super::super::{Committed, CommittedSender, StoreError, StoreResult};
use super::address::Address;
use super::ledger::Ledger;
use super::row::{Ask, Params};
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

/// What work sees: the transaction, and where its entries go.
pub(super) struct Batch<'a> {
    client: &'a ClientWrapper,
    ledger: &'a mut Ledger,
    entries: Committed,
    /// Statements so far that changed something.
    changes: u64,
}

impl Ask for Batch<'_> {
    async fn rows(&self, sql: &str, params: Params<'_>) -> StoreResult<Vec<Row>> {
        let statement = self.client.prepare_cached(sql).await?;
        Ok(self.client.query(&statement, params).await?)
    }
}

impl Batch<'_> {
    /// Changes rows; how many.
    pub async fn change(&mut self, sql: &str, params: Params<'_>) -> StoreResult<u64> {
        let statement = self.client.prepare_cached(sql).await?;
        let changed = self.client.execute(&statement, params).await?;
        self.changes += changed;
        Ok(changed)
    }

    /// Changes rows and gives what the statement returns of them.
    pub async fn change_returning(&mut self, sql: &str, params: Params<'_>) -> StoreResult<Vec<Row>> {
        let rows = self.rows(sql, params).await?;
        self.changes += rows.len() as u64;
        Ok(rows)
    }

    /// Adds a row and gives its id.
    pub async fn insert(&mut self, sql: &str, params: Params<'_>) -> StoreResult<i64> {
        let rows = self.change_returning(sql, params).await?;
        let row = rows.first().ok_or_else(|| StoreError::Broken("an insert gave no id".into()))?;
        Ok(row.try_get(0)?)
    }

    /// The last seq of a conversation; `NotFound` when it doesn't exist or is deleted.
    pub async fn head(&mut self, conversation: ConversationId) -> StoreResult<Seq> {
        self.look_up(&[conversation]).await?;
        self.known_head(conversation)
    }

    /// Looks the heads of many up at once, for [`Self::known_head`].
    pub async fn look_up(&mut self, conversations: &[ConversationId]) -> StoreResult<()> {
        let asking = Asking(self.client);
        self.ledger.look_up(&asking, conversations).await
    }

    pub fn known_head(&self, conversation: ConversationId) -> StoreResult<Seq> {
        self.ledger.head(conversation)
    }

    /// Where the next entry of a conversation will stand.
    pub async fn place(&mut self, conversation: ConversationId) -> StoreResult<(Seq, EntryId)> {
        let seq = self.head(conversation).await?.next();
        let asking = Asking(self.client);
        Ok((seq, self.ledger.next_entry(&asking).await?))
    }

    /// An entry has taken the place that was given for it; its row must be written, and then it is announced.
    pub fn takes(&mut self, entry: &Entry) {
        self.ledger.advance(entry);
    }

    /// Takes note of an entry whose row has been written; it is announced after the commit.
    pub fn wrote(&mut self, entry: Arc<Entry>) {
        self.entries.push(entry);
    }

    /// A conversation has ended: nothing more is written to it.
    pub fn ended(&mut self, conversation: ConversationId) {
        self.ledger.forget(conversation);
    }

    /// Writes the heads that moved.
    pub async fn flush(&mut self) -> StoreResult<()> {
        let Some(moved) = self.ledger.take_moved() else { return Ok(()) };
        self.change(HEADS, &[&moved.conversations, &moved.heads, &moved.times]).await?;
        self.change("UPDATE house SET next_entry = coalesce($1, next_entry)", &[&moved.next_entry]).await?;
        Ok(())
    }

    /// Writes the heads that moved and the turn, and commits: all sent at once, one way there and back.
    async fn commit(&mut self, turn: i64) -> StoreResult<()> {
        let moved = self.ledger.take_moved().unwrap_or_default();
        let client = self.client;
        let (heads, house) = (client.prepare_cached(HEADS).await?, client.prepare_cached(HOUSE).await?);
        let (heads_of, turned) = (
            [&moved.conversations as &(dyn ToSql + Sync), &moved.heads, &moved.times],
            [&moved.next_entry as _, &turn as _],
        );
        // After an error PostgreSQL takes COMMIT for ROLLBACK: only if all went well is it one.
        let (heads, house, commit) = tokio::join!(
            biased;
            client.execute(&heads, &heads_of),
            client.execute(&house, &turned),
            client.batch_execute("COMMIT"),
        );
        heads.and(house)?;
        Ok(commit?)
    }
}

/// Where conversations have got to.
const HEADS: &str = "UPDATE conversations c SET head = moved.head, active_at = moved.at \
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS moved (id, head, at) WHERE c.id = moved.id";
/// Where the house has.
const HOUSE: &str = "UPDATE house SET next_entry = coalesce($1, next_entry), turn = $2";

/// The connection alone, while the ledger is being filled.
struct Asking<'a>(&'a ClientWrapper);

impl Ask for Asking<'_> {
    async fn rows(&self, sql: &str, params: Params<'_>) -> StoreResult<Vec<Row>> {
        let statement = self.0.prepare_cached(sql).await?;
        Ok(self.0.query(&statement, params).await?)
    }
}

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

pub(super) struct Writer {
    address: Address,
    /// None while the connection is lost.
    client: Option<ClientWrapper>,
    ledger: Ledger,
    /// Of the last transaction that was committed.
    turn: i64,
    committed: CommittedSender,
    mark: Mark,
    /// Entries of a commit that nobody knows of whether it was made, with its turn.
    doubt: Option<(i64, Committed)>,
    /// Nobody waits for the database before this: it was away a moment ago.
    hopeless_until: Instant,
}

impl Writer {
    pub async fn new(
        address: Address,
        client: ClientWrapper,
        committed: CommittedSender,
        mark: Mark,
    ) -> StoreResult<Self> {
        let turn = session::turn(&client).await?;
        let (ledger, hopeless_until) = (Ledger::default(), Instant::now());
        Ok(Self { address, client: Some(client), ledger, turn, committed, mark, doubt: None, hopeless_until })
    }

    /// Works until every sender of the queue is gone and what waited is done.
    pub async fn run(mut self, mut queue: mpsc::Receiver<Work>) {
        let mut waiting = Vec::with_capacity(BATCH_MOST);
        while self.next(&mut queue, &mut waiting).await {
            let failure = match self.commit(&mut waiting).await {
                Ok(entries) => {
                    self.announce(entries).await;
                    None
                }
                Err(failure) => {
                    tracing::warn!(works = waiting.len(), %failure, "a batch was not written");
                    Some(failure)
                }
            };
            waiting.drain(..).for_each(|work| work.answer(failure.as_ref()));
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

    /// Waits for a place in the queue: the store may not run ahead of the switchboard without a bound.
    async fn announce(&self, entries: Committed) {
        if !entries.is_empty() && self.committed.send(entries).await.is_err() {
            tracing::debug!("nobody listens for committed entries any more");
        }
    }

    /// Commits the batch, over another connection where the first is lost.
    async fn commit(&mut self, works: &mut [Work]) -> StoreResult<Committed> {
        let mut why = StoreError::Unavailable("the connection to PostgreSQL was lost again and again".into());
        for _ in 0..ATTEMPTS {
            self.connect().await?;
            self.settle().await;
            self.ledger.keep_small();
            let (turn, mut entries) = (self.turn + 1, Committed::new());
            let attempt = match self.attempt(works, turn, false, &mut entries).await {
                Err(Halt::HalfWay) => self.attempt(works, turn, true, &mut entries).await,
                attempt => attempt,
            };
            why = match attempt {
                Ok(()) => return Ok(entries),
                Err(Halt::HalfWay) => StoreError::Unavailable("the transaction was ended by the database".into()),
                Err(Halt::Failed(error)) => error,
            };
            if self.client.is_some() {
                return Err(why);
            }
            // Whether the commit was made is known once there is a connection again.
            self.doubt = Some((turn, entries));
            self.connect().await?;
            if let Some(entries) = self.settled() {
                return Ok(entries);
            }
        }
        Err(why)
    }

    /// One transaction. On failure it is rolled back; a connection that can't even do that is lost.
    async fn attempt(
        &mut self,
        works: &mut [Work],
        turn: i64,
        carefully: bool,
        entries: &mut Committed,
    ) -> Result<(), Halt> {
        let Some(client) = &self.client else { return Err(Halt::Failed(super::closed())) };
        let mut batch = Batch { client, ledger: &mut self.ledger, entries: Vec::new(), changes: 0 };
        let outcome = transact(&mut batch, works, turn, carefully).await;
        *entries = std::mem::take(&mut batch.entries);
        match outcome {
            Ok(true) => {
                self.turn = turn;
                self.mark.committed(turn);
            }
            Ok(false) => {}
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
        self.turn = session::turn(&client).await?;
        self.client = Some(client);
        tracing::info!("connected to PostgreSQL again");
        Ok(())
    }

    /// What a doubtful commit wrote, if it was made.
    fn settled(&mut self) -> Option<Committed> {
        self.doubt.take().filter(|(turn, _)| *turn == self.turn).map(|(_, entries)| entries)
    }

    /// A commit that was made though its callers could not be told so: whoever listens must hear of it.
    async fn settle(&mut self) {
        if let Some(entries) = self.settled() {
            self.announce(entries).await;
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
    if batch.changes == 0 {
        batch.client.batch_execute("ROLLBACK").await?;
        return Ok(false);
    }
    batch.commit(turn).await?;
    Ok(true)
}

/// Runs everything on trust: what fails must have changed nothing.
async fn run_swiftly(batch: &mut Batch<'_>, works: &mut [Work]) -> Result<(), Halt> {
    for works in works.chunk_by_mut(|one, next| matches!((one, next), (Work::Message(_), Work::Message(_)))) {
        let changes = batch.changes;
        run(batch, works).await;
        let untouched = batch.changes == changes;
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
        let (entries, changes) = (batch.entries.len(), batch.changes);
        batch.client.batch_execute("SAVEPOINT work").await?;
        run(batch, std::slice::from_mut(work)).await;
        if work.failure().is_none() {
            batch.flush().await?;
        } else {
            batch.client.batch_execute("ROLLBACK TO work").await?;
            batch.entries.truncate(entries);
            batch.changes = changes;
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
