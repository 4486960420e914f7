//! The threads that read, each with a connection that can't write, all serving one queue. They go on while the writer is
//! stuck or the disk is full. Each look is one read transaction, so that it sees the state of one moment.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::super::StoreResult;

/// Something to be looked up; it answers its caller itself.
pub(super) type Look = Box<dyn FnOnce(&mut Connection) + Send>;

/// A queue that several threads serve: whoever is free waits in line for the next look.
pub(super) type SharedQueue = Arc<Mutex<mpsc::Receiver<Look>>>;

/// Works until every sender of the queue is gone and what waited is done.
pub(super) fn run(mut connection: Connection, queue: SharedQueue) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match next {
            Some(look) => look(&mut connection),
            None => return,
        }
    }
}

/// Runs a look on what the database holds at one moment.
pub(super) fn at_one_moment<T>(
    connection: &mut Connection,
    look: impl FnOnce(&mut Connection) -> StoreResult<T>,
) -> StoreResult<T> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let found = look(connection);
    connection.prepare_cached("COMMIT")?.execute([])?;
    found
}
