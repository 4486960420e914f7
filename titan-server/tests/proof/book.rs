//! The book that writers keep: what they sent and what they were promised. Shared by all; a note is made before the frame
//! goes out, and a promise when it has come in.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;

use super::checker::{Acknowledged, Heard, Line, Observed, Words};
use super::given::deadline;

#[derive(Clone)]
pub struct Book {
    notes: Arc<Mutex<Observed>>,
    /// How many promises there are.
    promises: watch::Sender<u64>,
}

impl Book {
    pub fn new() -> Self {
        Self { notes: Arc::default(), promises: watch::Sender::new(0) }
    }

    pub fn sender(&self, name: &str, account: i64) {
        self.notes().senders.insert(name.to_owned(), account);
    }

    pub fn sends(&self, words: &Words, conversation: i64) {
        self.notes().sent.insert(words.clone(), conversation);
    }

    pub fn promised(&self, promise: Acknowledged) {
        self.notes().acknowledged.push(promise);
        self.promises.send_modify(|count| *count += 1);
    }

    pub fn heard(&self, reader: &str, whole: bool, logs: impl IntoIterator<Item = (i64, Vec<Line>)>) {
        let heard = |(conversation, lines)| Heard { reader: reader.to_owned(), conversation, lines, whole };
        self.notes().heard.extend(logs.into_iter().map(heard));
    }

    pub fn promises(&self) -> u64 {
        *self.promises.borrow()
    }

    /// Waits until that many more promises have come in.
    pub async fn more_promises(&self, more: u64) {
        let wanted = self.promises() + more;
        let mut promises = self.promises.subscribe();
        let _ = deadline("promises of writers", promises.wait_for(|count| *count >= wanted)).await;
    }

    /// Waits until every sender has been promised something: what never got a word in proves nothing about its door.
    pub async fn all_are_heeded(&self) {
        let mut promises = self.promises.subscribe();
        let heeded = |_: &u64| {
            let notes = self.notes();
            let heeded: HashSet<&str> =
                notes.acknowledged.iter().map(|promise| promise.words.sender.as_str()).collect();
            notes.senders.keys().all(|sender| heeded.contains(sender.as_str()))
        };
        let _ = deadline("a promise for every sender", promises.wait_for(heeded)).await;
    }

    /// All notes, with the truth to hold them against.
    pub fn close(&self, truth: impl IntoIterator<Item = (i64, Vec<Line>)>) -> Observed {
        let mut observed = self.notes().clone();
        observed.truth = truth.into_iter().collect();
        observed
    }

    fn notes(&self) -> MutexGuard<'_, Observed> {
        self.notes.lock().unwrap()
    }
}
