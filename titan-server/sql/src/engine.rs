//! What a database must be able to do for a store, and the store over it.

use futures_util::future::BoxFuture;
use titan_core::{AccountId, Time};
use titan_store::{Appending, DraftEntry, Hits, Query, StoreResult};

use crate::tx::{Ask, Tx};
use crate::verbs::log;

/// What a database must be able to do, beside what a transaction is asked for.
pub trait Engine: Send + Sync + 'static {
    /// What time it is, by the clock that it was given.
    fn now(&self) -> Time;

    /// Takes a verb in to be run in the next transaction, in its place among the others; what it gives comes when its
    /// commit has been followed. It may be run twice, and is committed though the caller goes away.
    fn queue<T: Send + 'static>(
        &self,
        verb: impl AsyncFn(&mut dyn Tx) -> StoreResult<T> + Send + 'static,
    ) -> impl Future<Output = StoreResult<BoxFuture<'static, StoreResult<T>>>> + Send;

    /// Takes an entry in. Most are messages, and the fewer steps they take the better.
    fn take_in(&self, draft: DraftEntry) -> impl Future<Output = StoreResult<Appending>> + Send {
        self.queue(async move |tx: &mut dyn Tx| log::append(tx, &draft).await)
    }

    /// Looks something up.
    fn read<T: Send + 'static>(
        &self,
        look: impl for<'t> FnOnce(&'t mut dyn Ask) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    ) -> impl Future<Output = StoreResult<T>> + Send;

    /// Looks up what may take long.
    fn read_long<T: Send + 'static>(
        &self,
        look: impl for<'t> FnOnce(&'t mut dyn Ask) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    ) -> impl Future<Output = StoreResult<T>> + Send;

    fn search(&self, account: AccountId, query: Query) -> impl Future<Output = StoreResult<Hits>> + Send;

    fn backup(&self, to: std::path::PathBuf) -> impl Future<Output = StoreResult<()>> + Send;
    fn check(&self) -> impl Future<Output = StoreResult<Vec<String>>> + Send;
    /// Moves what the log holds to where it stays; nothing where the database has no log to look after.
    fn checkpoint(&self) -> impl Future<Output = StoreResult<()>> + Send {
        std::future::ready(Ok(()))
    }
    /// Has what was erased leave the files; whether all of it has.
    fn scour(&self, _at_once: bool) -> impl Future<Output = StoreResult<bool>> + Send {
        std::future::ready(Ok(true))
    }
    /// The same for what was erased ever: writes everything anew.
    fn rewrite(&self) -> impl Future<Output = StoreResult<()>> + Send {
        std::future::ready(Ok(()))
    }
    fn ended(&self) -> impl Future<Output = String> + Send;
    fn close(&self) -> impl Future<Output = ()> + Send;
}

/// A store over an engine.
pub struct SqlStore<E>(pub(crate) E);

impl<E: Engine> SqlStore<E> {
    /// Runs a verb; it is on disk, and has been followed, when this returns.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        verb: impl AsyncFn(&mut dyn Tx) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.0.queue(verb).await?.await
    }
}
