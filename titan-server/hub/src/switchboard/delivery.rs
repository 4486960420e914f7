//! One event on its way to many, encoded at most once a dialect.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use titan_core::protocol::{Entry, Event};
use titan_core::{ConversationId, Seq};

/// The ways doors write events down; each door has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Native,
    TitanNet,
    Channels,
    JsonLines,
}

const DIALECTS: usize = 4;

/// An event with its encodings, shared by all who get it.
pub struct Delivery {
    event: Happening,
    encoded: [OnceLock<Option<Bytes>>; DIALECTS],
}

/// A committed entry, or something that passes.
pub enum Happening {
    Entry(Arc<Entry>),
    Passing(Box<Event>),
}

impl Delivery {
    pub fn entry(entry: Arc<Entry>) -> Self {
        Self { event: Happening::Entry(entry), encoded: Default::default() }
    }

    pub fn passing(event: Event) -> Self {
        Self { event: Happening::Passing(Box::new(event)), encoded: Default::default() }
    }

    /// The entry's place; 0 for what passes.
    pub(super) fn seq(&self) -> Seq {
        match &self.event {
            Happening::Entry(entry) => entry.seq,
            Happening::Passing(_) => Seq(0),
        }
    }

    /// The entry's conversation; none for what passes.
    pub(super) fn conversation(&self) -> Option<ConversationId> {
        match &self.event {
            Happening::Entry(entry) => Some(entry.conversation),
            Happening::Passing(_) => None,
        }
    }

    pub fn happening(&self) -> &Happening {
        &self.event
    }

    /// The bytes in a dialect, made by `encode` the first time anybody asks; none where the dialect has no word for it.
    pub fn encoded(&self, dialect: Dialect, encode: impl FnOnce(&Happening) -> Option<Bytes>) -> Option<Bytes> {
        self.encoded[dialect as usize].get_or_init(|| encode(&self.event)).clone()
    }
}
