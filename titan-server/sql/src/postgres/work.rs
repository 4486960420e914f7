//! What waits for the writer: messages, which it takes many at a time, and verbs, which it runs one after the other. Each
//! keeps its result until the commit is made, and then answers its caller.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::super::tx::Tx;
use super::super::{Appended, DraftEntry, StoreError, StoreResult};
use super::batch::Batch;

pub(super) type Answer<T> = oneshot::Receiver<StoreResult<T>>;

pub(super) enum Work {
    /// A message without a file: nearly everything that is written.
    Message(Box<Message>),
    Verb(Box<dyn Verb>),
}

/// A message to be, and its place once it has one.
pub(super) struct Message {
    pub draft: DraftEntry,
    pub result: StoreResult<Appended>,
    caller: oneshot::Sender<StoreResult<Appended>>,
}

/// A verb that waits to be run, and its caller to be answered. It may be run more than once.
pub(super) trait Verb: Send {
    /// Runs the verb and keeps its result.
    fn run<'a>(&'a mut self, batch: &'a mut Batch<'_>) -> Pin<Box<dyn Future<Output = ()> + 'a>>;
    /// Why it did not do its work, if it was run and did not.
    fn failure(&self) -> Option<&StoreError>;
    /// Answers with the result, or with why the whole batch failed.
    fn answer(self: Box<Self>, failure: Option<&StoreError>);
}

impl Work {
    pub fn message(draft: DraftEntry) -> (Self, Answer<Appended>) {
        let (caller, answer) = oneshot::channel();
        (Self::Message(Box::new(Message { draft, result: Err(not_run()), caller })), answer)
    }

    pub fn verb<T, F>(act: F) -> (Self, Answer<T>)
    where
        F: AsyncFn(&mut dyn Tx) -> StoreResult<T> + Send + 'static,
        T: Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        (Self::Verb(Box::new(Act { act, result: Err(not_run()), caller })), answer)
    }

    pub fn failure(&self) -> Option<&StoreError> {
        match self {
            Self::Message(message) => message.result.as_ref().err(),
            Self::Verb(verb) => verb.failure(),
        }
    }

    pub fn answer(self, failure: Option<&StoreError>) {
        match self {
            // The caller may have gone away; what was committed stays so.
            Self::Message(message) => drop(message.caller.send(failure.cloned().map_or(message.result, Err))),
            Self::Verb(verb) => verb.answer(failure),
        }
    }
}

struct Act<F, T> {
    act: F,
    result: StoreResult<T>,
    caller: oneshot::Sender<StoreResult<T>>,
}

impl<F, T> Verb for Act<F, T>
where
    F: AsyncFn(&mut dyn Tx) -> StoreResult<T> + Send,
    T: Send,
{
    fn run<'a>(&'a mut self, batch: &'a mut Batch<'_>) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
        Box::pin(async move {
            let ran = AssertUnwindSafe((self.act)(batch)).catch_unwind().await;
            self.result = ran.unwrap_or_else(|_| Err(StoreError::Broken("a verb panicked".into())));
        })
    }

    fn failure(&self) -> Option<&StoreError> {
        self.result.as_ref().err()
    }

    fn answer(self: Box<Self>, failure: Option<&StoreError>) {
        let _ = self.caller.send(failure.cloned().map_or(self.result, Err));
    }
}

fn not_run() -> StoreError {
    StoreError::Unavailable("not run".into())
}
