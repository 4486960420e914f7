//! The threads that read, each with a connection that can't write, all serving one queue. They go on while the writer is
//! stuck or the disk is full. Each look is one read transaction, so that it sees the state of one moment.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::super::{StoreError, StoreResult};

/// Something to be looked up; it answers its caller itself.
pub(super) type Look = Box<dyn FnOnce(&mut Connection) + Send>;

/// A queue that several threads serve: whoever is free waits in line for the next look.
pub(super) type SharedQueue = Arc<Mutex<mpsc::Receiver<Look>>>;

/// Works until every sender of the queue is gone and what waited is done; or until the connection can't be used any more.
pub(super) fn run(mut connection: Connection, queue: SharedQueue) -> StoreResult<()> {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(look) = next else { return Ok(()) };
        look(&mut connection);
        if !connection.is_autocommit() {
            return Err(StoreError::Ended("what reads can't end its transaction".into()));
        }
    }
}

/// Runs a look on what the database holds at one moment. One that panics takes nobody along but its caller.
pub(super) fn at_one_moment<T>(
    connection: &mut Connection,
    look: impl FnOnce(&mut Connection) -> StoreResult<T>,
) -> StoreResult<T> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let found = catch_unwind(AssertUnwindSafe(|| look(connection)));
    // An error may have ended it already. What was found is whole, however it ends.
    let open = !connection.is_autocommit();
    if open && connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([])).is_err() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    found.unwrap_or_else(|_| Err(StoreError::Broken("a look panicked".into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of a thread that reads after this, which it is asked for first.
    fn after(first: impl FnOnce(&mut Connection) + Send + 'static) -> (StoreResult<()>, Option<i64>) {
        let (looks, queue) = mpsc::channel(2);
        let (caller, answer) = tokio::sync::oneshot::channel();
        let second = |connection: &mut Connection| {
            at_one_moment(connection, |connection| Ok(connection.query_row("SELECT 7", [], |row| row.get(0))?))
        };
        looks.try_send(Box::new(first) as Look).ok().unwrap();
        looks
            .try_send(Box::new(move |connection: &mut Connection| drop(caller.send(second(connection)))))
            .ok()
            .unwrap();
        drop(looks);
        let ended = run(Connection::open_in_memory().unwrap(), Arc::new(Mutex::new(queue)));
        (ended, answer.blocking_recv().ok().map(Result::unwrap))
    }

    #[test]
    fn a_look_that_panics_is_answered_and_others_are_served() {
        let panics = |connection: &mut Connection| {
            let answer = at_one_moment(connection, |_| -> StoreResult<()> { panic!("planted") });
            assert!(matches!(answer, Err(StoreError::Broken(_))), "{answer:?}");
        };
        assert_eq!(after(panics), (Ok(()), Some(7)));
    }

    #[test]
    fn a_connection_that_stays_in_a_transaction_serves_nobody_and_is_told() {
        let (ended, answer) = after(|connection| connection.execute_batch("BEGIN").unwrap());
        assert!(matches!(ended, Err(StoreError::Ended(_))), "{ended:?}");
        assert_eq!(answer, None);
    }
}
