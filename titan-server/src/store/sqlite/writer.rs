//! The one thread that writes: it drains the queue of verbs, runs all that wait in one transaction with one fsync, hands
//! the entries to the committed queue, and only then answers.
//!
//! Verbs run without savepoints, for speed. When one fails after it has changed something, or SQLite ends the
//! transaction by itself, everything is rolled back and the batch is run once more with a savepoint around each verb: so
//! a verb may be run twice and must not consume what it was given. Nothing here may outlive a transaction but the
//! [`Ledger`], which is dropped whenever another process has written.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rusqlite::{Connection, ErrorCode};
use titan_core::protocol::Entry;
use titan_core::{ConversationId, EntryId, Seq};
use tokio::sync::{mpsc, oneshot};

use super::super::fatal::Fatal;
use super::super::mark::Mark;
use super::super::{Committed, CommittedSender, StoreError, StoreResult};
use super::ledger::Ledger;

/// Verbs in one transaction, at most.
const BATCH: usize = 1024;

/// Attempts to become the one who writes, each as long as the busy timeout; then the batch is answered `Unavailable`.
const BEGIN_ATTEMPTS: u32 = 2;

/// What a verb sees: the transaction, and where its entries go.
pub(super) struct Batch<'a> {
    pub connection: &'a Connection,
    ledger: &'a mut Ledger,
    entries: Committed,
}

impl<'a> Batch<'a> {
    /// For an import, which owns its transaction and announces nothing.
    pub fn unannounced(connection: &'a Connection, ledger: &'a mut Ledger) -> Self {
        Self { connection, ledger, entries: Vec::new() }
    }

    /// The last seq of a conversation; `NotFound` when it doesn't exist or is deleted.
    pub fn head(&mut self, conversation: ConversationId) -> StoreResult<Seq> {
        self.ledger.head(self.connection, conversation)
    }

    /// Where the next entry of a conversation will stand.
    pub fn place(&mut self, conversation: ConversationId) -> StoreResult<(Seq, EntryId)> {
        let seq = self.head(conversation)?.next();
        Ok((seq, self.ledger.next_entry(self.connection)?))
    }

    /// Takes note of an entry whose row has been written at its place; it is announced after the commit.
    pub fn wrote(&mut self, entry: Entry) -> Arc<Entry> {
        self.ledger.advance(&entry);
        let entry = Arc::new(entry);
        self.entries.push(entry.clone());
        entry
    }

    /// A conversation has ended: nothing more is written to it.
    pub fn ended(&mut self, conversation: ConversationId) {
        self.ledger.forget(conversation);
    }
}

/// A verb that waits to be run, and its caller to be answered.
pub(super) trait Work: Send {
    /// Runs the verb and keeps its result; whether it did its work.
    fn run(&mut self, batch: &mut Batch<'_>) -> bool;
    /// Answers with the result, or with why the whole batch failed.
    fn answer(self: Box<Self>, failure: Option<&StoreError>);
}

struct Verb<F, T> {
    act: F,
    result: StoreResult<T>,
    caller: oneshot::Sender<StoreResult<T>>,
}

/// A verb, and where its answer will come.
pub(super) fn verb<F, T>(act: F) -> (Box<dyn Work>, oneshot::Receiver<StoreResult<T>>)
where
    F: Fn(&mut Batch<'_>) -> StoreResult<T> + Send + 'static,
    T: Send + 'static,
{
    let (caller, answer) = oneshot::channel();
    let result = Err(StoreError::Unavailable("not run".into()));
    (Box::new(Verb { act, result, caller }), answer)
}

impl<F, T> Work for Verb<F, T>
where
    F: Fn(&mut Batch<'_>) -> StoreResult<T> + Send,
    T: Send,
{
    fn run(&mut self, batch: &mut Batch<'_>) -> bool {
        let ran = catch_unwind(AssertUnwindSafe(|| (self.act)(batch)));
        self.result = ran.unwrap_or_else(|_| Err(StoreError::Broken("a verb panicked".into())));
        self.result.is_ok()
    }

    fn answer(self: Box<Self>, failure: Option<&StoreError>) {
        // The caller may have gone away; what was committed stays so.
        let _ = self.caller.send(match failure {
            Some(failure) => Err(failure.clone()),
            None => self.result,
        });
    }
}

/// Why a batch was not committed.
enum Halt {
    /// A verb failed half-way; with savepoints the others may still succeed.
    HalfWay,
    Failed(StoreError),
}

impl<E: Into<StoreError>> From<E> for Halt {
    fn from(error: E) -> Self {
        Halt::Failed(error.into())
    }
}

pub(super) struct Writer {
    connection: Connection,
    ledger: Ledger,
    committed: CommittedSender,
    mark: Mark,
    fatal: Fatal,
}

impl Writer {
    pub fn new(connection: Connection, committed: CommittedSender, mark: Mark, fatal: Fatal) -> Self {
        Self { connection, ledger: Ledger::default(), committed, mark, fatal }
    }

    /// Works until every sender of the queue is gone and what waited is done.
    pub fn run(mut self, mut queue: mpsc::Receiver<Box<dyn Work>>) {
        let mut waiting = Vec::with_capacity(BATCH);
        while queue.blocking_recv_many(&mut waiting, BATCH) > 0 {
            let failure = match self.commit(&mut waiting) {
                Ok(entries) => self.announce(entries),
                Err(StoreError::Fatal(why)) => return end(&self.fatal, why, waiting),
                Err(failure) => {
                    tracing::warn!(verbs = waiting.len(), %failure, "a batch was not written");
                    Some(failure)
                }
            };
            waiting.drain(..).for_each(|work| work.answer(failure.as_ref()));
        }
        // Only spares the next start some reading; the log alone holds everything.
        let _ = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// Waits for a place in the queue: the store may not run ahead of the switchboard without a bound.
    fn announce(&self, entries: Committed) -> Option<StoreError> {
        if !entries.is_empty() && self.committed.blocking_send(entries).is_err() {
            tracing::debug!("nobody listens for committed entries any more");
        }
        None
    }

    fn commit(&mut self, works: &mut [Box<dyn Work>]) -> StoreResult<Committed> {
        let attempt = match self.attempt(works, run_swiftly) {
            Err(Halt::HalfWay) => self.attempt(works, run_carefully),
            attempt => attempt,
        };
        attempt.map_err(|halt| match halt {
            Halt::Failed(error) => error,
            Halt::HalfWay => StoreError::Unavailable("the transaction was ended by the database".into()),
        })
    }

    fn attempt(
        &mut self,
        works: &mut [Box<dyn Work>],
        run: fn(&mut Batch<'_>, &mut dyn Work) -> Result<(), Halt>,
    ) -> Result<Committed, Halt> {
        let outcome = self.transact(works, run);
        if outcome.is_err() {
            if !self.connection.is_autocommit() {
                let _ = self.connection.execute_batch("ROLLBACK");
            }
            self.ledger.clear();
        }
        outcome
    }

    fn transact(
        &mut self,
        works: &mut [Box<dyn Work>],
        run: fn(&mut Batch<'_>, &mut dyn Work) -> Result<(), Halt>,
    ) -> Result<Committed, Halt> {
        begin(&self.connection)?;
        self.ledger.clear_if_others_wrote(&self.connection)?;
        let changes = self.connection.total_changes();
        let mut batch = Batch { connection: &self.connection, ledger: &mut self.ledger, entries: Vec::new() };
        for work in works {
            run(&mut batch, work.as_mut())?;
        }
        batch.ledger.flush(batch.connection)?;
        let turn = match batch.connection.total_changes() == changes {
            true => None,
            false => Some(next_turn(batch.connection)?),
        };
        batch.connection.prepare_cached("COMMIT")?.execute([])?;
        turn.inspect(|turn| self.mark.committed(*turn));
        Ok(batch.entries)
    }
}

/// Says that the store can't go on. Nobody is answered: whether the batch was kept is known at the next start only.
fn end(fatal: &Fatal, why: String, unanswered: Vec<Box<dyn Work>>) {
    std::mem::forget(unanswered);
    fatal.happens(why);
}

/// Numbers the transaction.
fn next_turn(connection: &Connection) -> StoreResult<i64> {
    let mut next = connection.prepare_cached("UPDATE house SET turn = turn + 1 RETURNING turn")?;
    Ok(next.query_row([], |row| row.get(0))?)
}

fn begin(connection: &Connection) -> StoreResult<()> {
    let mut attempt = 1;
    loop {
        match connection.prepare_cached("BEGIN IMMEDIATE")?.execute([]) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && attempt < BEGIN_ATTEMPTS => {
                attempt += 1;
            }
            begun => return begun.map(drop).map_err(StoreError::from),
        }
    }
}

/// Runs a verb on trust: if it fails it must have changed nothing.
fn run_swiftly(batch: &mut Batch<'_>, work: &mut dyn Work) -> Result<(), Halt> {
    let changes = batch.connection.total_changes();
    let untouched = work.run(batch) || batch.connection.total_changes() == changes;
    if untouched && !batch.connection.is_autocommit() { Ok(()) } else { Err(Halt::HalfWay) }
}

/// Runs a verb so that it can be undone alone.
fn run_carefully(batch: &mut Batch<'_>, work: &mut dyn Work) -> Result<(), Halt> {
    let entries = batch.entries.len();
    batch.connection.prepare_cached("SAVEPOINT verb")?.execute([])?;
    let done = work.run(batch);
    if batch.connection.is_autocommit() {
        return Err(Halt::HalfWay);
    }
    if done {
        batch.ledger.flush(batch.connection)?;
    } else {
        batch.connection.prepare_cached("ROLLBACK TO verb")?.execute([])?;
        batch.entries.truncate(entries);
        batch.ledger.clear();
    }
    batch.connection.prepare_cached("RELEASE verb")?.execute([])?;
    Ok(())
}
