//! The same memory without threads and files, for tests and simulations: a database in memory, whose verbs wait until
//! whoever drives the simulation says that a transaction happens, and then run on that caller's thread.
//!
//! Transactions are the real [`Writer`]'s, so what waits together is one commit; what is looked up is what was committed
//! last. Nothing here is durable, nothing waits for time, and what
//! time it is the clock says that was given: with the same calls it does the same things.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use rusqlite::Connection;
use titan_core::{AccountId, Time};

use super::super::engine::{Engine, SqlStore};
use super::super::mark::Mark;
use super::super::tx::{Ask, Tx};
use super::super::{Clock, CommittedSender, Hits, Query, StoreError, StoreResult};
use super::batch::{Looking, at_once};
use super::writer::{self, Work, Writer};
use super::{closed, reader, schema, search, upkeep};

/// A store in memory that commits when it is told to.
pub type InlineStore = SqlStore<Inline>;

pub struct Inline {
    writer: Mutex<Writer>,
    /// None once closed. Each caller waits for its own, so there are no more than callers.
    waiting: Mutex<Option<Vec<Box<dyn Work>>>>,
    clock: Arc<dyn Clock>,
}

impl InlineStore {
    pub fn open(committed: CommittedSender, clock: Arc<dyn Clock>) -> StoreResult<Self> {
        let writer = Writer::new(schema::open_in_memory()?, committed, Mark::default(), clock.clone());
        let (writer, waiting) = (Mutex::new(writer), Mutex::new(Some(Vec::new())));
        Ok(SqlStore(Inline { writer, waiting, clock }))
    }

    /// How many verbs wait for a transaction.
    pub fn waiting(&self) -> usize {
        self.0.waiting().as_ref().map_or(0, Vec::len)
    }

    /// Runs what waits, up to `most` verbs, in one transaction. There must be a place in the stream of commits: with none
    /// it would wait for ever, since nobody else runs meanwhile, so then nothing is done.
    pub fn commit(&self, most: usize) -> StoreResult<()> {
        let mut writer = self.0.writer();
        if !writer.has_place() {
            return Ok(());
        }
        let mut works: Vec<_> = match self.0.waiting().as_mut() {
            Some(waiting) => waiting.drain(..most.min(waiting.len())).collect(),
            None => return Err(closed()),
        };
        if works.is_empty() { Ok(()) } else { writer.serve(&mut works) }
    }
}

impl Inline {
    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> MutexGuard<'_, Option<Vec<Box<dyn Work>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look<T>(&self, look: impl FnOnce(&mut Connection) -> StoreResult<T>) -> StoreResult<T> {
        match self.waiting().is_some() {
            true => reader::at_one_moment(self.writer().connection(), look),
            false => Err(closed()),
        }
    }
}

impl Engine for Inline {
    fn now(&self) -> Time {
        self.clock.now()
    }

    async fn queue<T: Send + 'static>(
        &self,
        verb: impl AsyncFn(&mut dyn Tx) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<BoxFuture<'static, StoreResult<T>>> {
        let (work, answer) = writer::verb(verb);
        self.waiting().as_mut().ok_or_else(closed)?.push(work);
        Ok(Box::pin(async move { answer.await.unwrap_or_else(|_| Err(closed())) }))
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl for<'t> FnOnce(&'t mut dyn Ask) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    ) -> StoreResult<T> {
        self.look(|connection| at_once(look(&mut Looking(connection))))
    }

    async fn read_long<T: Send + 'static>(
        &self,
        look: impl for<'t> FnOnce(&'t mut dyn Ask) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    ) -> StoreResult<T> {
        self.read(look).await
    }

    async fn search(&self, account: AccountId, query: Query) -> StoreResult<Hits> {
        self.look(|connection| search::search(connection, account, &query))
    }

    async fn backup(&self, to: PathBuf) -> StoreResult<()> {
        self.look(|connection| upkeep::backup(connection, &to))
    }

    async fn check(&self) -> StoreResult<Vec<String>> {
        self.look(|connection| upkeep::check(connection))
    }

    /// It doesn't end but by being closed.
    async fn ended(&self) -> String {
        std::future::pending().await
    }

    /// What still waits is answered that the store is closed.
    async fn close(&self) {
        let left = self.waiting().take();
        left.into_iter().flatten().for_each(|work| work.answer(Some(&StoreError::Unavailable("it is closed".into()))));
    }
}
