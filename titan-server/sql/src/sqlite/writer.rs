//! The one thread that writes: it drains the queue of verbs, runs all that wait in one transaction with one fsync, and hands
//! what became of them to the committed stream. Callers are answered when that has been followed.
//!
//! Verbs run without savepoints, for speed. When one fails after it has changed something, or SQLite ends the
//! transaction by itself, everything is rolled back and the batch is run once more with a savepoint around each verb: so
//! a verb may be run twice and must not consume what it was given. Nothing here may outlive a transaction but the
//! [`Ledger`] and the turn, which are forgotten whenever another process has written.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot};

use super::super::ledger::Ledger;
use super::super::mark::Mark;
use super::super::tx::Tx;
use super::super::{Clock, Committed, CommittedSender, StoreError, StoreResult, Turn};
use super::batch::{Batch, at_once};
use titan_store::failure::sqlite::leaves_doubt;

/// Verbs in one transaction, at most.
const BATCH: usize = 1024;

/// Attempts to become the one who writes, each as long as the busy timeout; then the batch is answered `Unavailable`.
const BEGIN_ATTEMPTS: u32 = 2;

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
    F: AsyncFn(&mut dyn Tx) -> StoreResult<T> + Send + 'static,
    T: Send + 'static,
{
    let (caller, answer) = oneshot::channel();
    let result = Err(StoreError::Unavailable("not run".into()));
    (Box::new(Verb { act, result, caller }), answer)
}

impl<F, T> Work for Verb<F, T>
where
    F: AsyncFn(&mut dyn Tx) -> StoreResult<T> + Send,
    T: Send,
{
    fn run(&mut self, batch: &mut Batch<'_>) -> bool {
        let ran = catch_unwind(AssertUnwindSafe(|| at_once((self.act)(batch))));
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
    /// Of the last commit; none until it is looked up.
    turn: Option<Turn>,
    /// SQLite's `data_version` when last looked at: another one means that someone else has written.
    version: i64,
    committed: CommittedSender,
    mark: Mark,
    clock: Arc<dyn Clock>,
}

impl Writer {
    pub fn new(connection: Connection, committed: CommittedSender, mark: Mark, clock: Arc<dyn Clock>) -> Self {
        Self { connection, ledger: Ledger::default(), turn: None, version: 0, committed, mark, clock }
    }

    /// Works until every sender of the queue is gone and what waited is done; or until nobody can say what is on disk.
    pub fn run(mut self, mut queue: mpsc::Receiver<Box<dyn Work>>) -> StoreResult<()> {
        let mut waiting = Vec::with_capacity(BATCH);
        while queue.blocking_recv_many(&mut waiting, BATCH) > 0 {
            self.serve(&mut waiting)?;
        }
        // Only spares the next start some reading; the log alone holds everything.
        let _ = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        Ok(())
    }

    /// Runs what waits in one transaction.
    pub fn serve(&mut self, waiting: &mut Vec<Box<dyn Work>>) -> StoreResult<()> {
        let committed = match self.commit(waiting) {
            Ok(committed) => committed,
            Err(failure) => {
                tracing::warn!(verbs = waiting.len(), %failure, "a batch was not written");
                if matches!(failure, StoreError::Ended(_)) {
                    // Nobody is answered: whether it was kept is known at the next start only.
                    std::mem::forget(std::mem::take(waiting));
                    return Err(failure);
                }
                waiting.drain(..).for_each(|work| work.answer(Some(&failure)));
                return Ok(());
            }
        };
        let works = std::mem::replace(waiting, Vec::with_capacity(BATCH));
        let answer = move || works.into_iter().for_each(|work| work.answer(None));
        // Waits for a place in the stream: the store may not run ahead of who follows it without a bound.
        if self.committed.blocking_send(committed.answering([Box::new(answer) as _])).is_err() {
            tracing::debug!("nobody follows what is committed any more");
        }
        Ok(())
    }

    /// Whether what is committed now finds a place in the stream at once.
    pub fn has_place(&self) -> bool {
        self.committed.is_closed() || self.committed.capacity() > 0
    }

    /// For looking something up between two transactions.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
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
            self.forget();
        }
        outcome
    }

    fn transact(
        &mut self,
        works: &mut [Box<dyn Work>],
        run: fn(&mut Batch<'_>, &mut dyn Work) -> Result<(), Halt>,
    ) -> Result<Committed, Halt> {
        begin(&self.connection)?;
        self.forget_if_others_wrote()?;
        let before = self.connection.total_changes();
        let mut batch = Batch::new(&mut self.connection, &mut self.ledger, self.clock.now());
        for work in works {
            run(&mut batch, work.as_mut())?;
        }
        batch.flush()?;
        let (entries, changes) = (batch.entries, batch.changes);
        if self.connection.total_changes() == before {
            let turn = self.last_turn()?;
            self.connection.prepare_cached("ROLLBACK")?.execute([])?;
            return Ok(Committed::new(turn, Vec::new(), Vec::new()));
        }
        let turn = self.next_turn()?;
        commit(&self.connection)?;
        self.turn = Some(turn);
        self.mark.committed(turn.0);
        Ok(Committed::new(turn, entries, changes))
    }

    fn next_turn(&mut self) -> StoreResult<Turn> {
        let turn = Turn(self.last_turn()?.0 + 1);
        self.connection.prepare_cached("UPDATE house SET turn = ?1")?.execute([turn.0])?;
        Ok(turn)
    }

    fn last_turn(&mut self) -> StoreResult<Turn> {
        match self.turn {
            Some(turn) => Ok(turn),
            None => Ok(Turn(self.connection.query_row("SELECT turn FROM house", [], |row| row.get(0))?)),
        }
    }

    fn forget(&mut self) {
        self.ledger.clear();
        self.turn = None;
    }

    /// To be asked first in each transaction.
    fn forget_if_others_wrote(&mut self) -> StoreResult<()> {
        let version = self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        if version != self.version {
            self.forget();
            self.version = version;
        }
        self.ledger.keep_small();
        Ok(())
    }
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

fn commit(connection: &Connection) -> StoreResult<()> {
    let done = connection.prepare_cached("COMMIT")?.execute([]);
    done.map(drop).map_err(|error| match leaves_doubt(&error) {
        true => StoreError::Ended(format!("whether the last commit is on disk can't be said: {error}")),
        false => error.into(),
    })
}

/// Runs a verb on trust: if it fails it must have changed nothing.
fn run_swiftly(batch: &mut Batch<'_>, work: &mut dyn Work) -> Result<(), Halt> {
    let before = (batch.connection.total_changes(), batch.changes.len());
    let untouched = work.run(batch) || (batch.connection.total_changes(), batch.changes.len()) == before;
    if untouched && !batch.connection.is_autocommit() { Ok(()) } else { Err(Halt::HalfWay) }
}

/// Runs a verb so that it can be undone alone.
fn run_carefully(batch: &mut Batch<'_>, work: &mut dyn Work) -> Result<(), Halt> {
    let (entries, changes) = (batch.entries.len(), batch.changes.len());
    batch.connection.prepare_cached("SAVEPOINT verb")?.execute([])?;
    let done = work.run(batch);
    if batch.connection.is_autocommit() {
        return Err(Halt::HalfWay);
    }
    if done {
        batch.flush()?;
    } else {
        batch.connection.prepare_cached("ROLLBACK TO verb")?.execute([])?;
        batch.entries.truncate(entries);
        batch.changes.truncate(changes);
        batch.ledger.clear();
    }
    batch.connection.prepare_cached("RELEASE verb")?.execute([])?;
    Ok(())
}
