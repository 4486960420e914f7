//! The checksum of what an entry's row says, kept in the row: SQLite has none, and a flipped bit in the middle of a text
//! would be served as if somebody had said it.
//!
//! Whoever writes a row writes its sum; whoever reads one holds it against what the row says, and serves [`damaged`] in
//! place of what isn't as it was written. **The sum never changes its form**: xxh3 of 64 bits (seed 0) over the form's
//! number, one byte, and then each field in the order of [`Row`]: 0 for null, or 1 and the eight bytes of a number, or 2
//! and the length as eight bytes and the bytes of a text, or 3 and the same of bytes; numbers little-endian.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use titan_core::protocol::{Author, Body, Entry, Place};
use titan_core::{AccountId, ConversationId, EntryId, Seq, Time, TitanNumber};
use xxhash_rust::xxh3::Xxh3;

use super::{kind_of, target_of};

/// The one form there is.
const FORM: u8 = 1;

/// All that an entry's row says, as it stands in the columns of these names. Texts are bytes: what is damaged may be no
/// text any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row<'a> {
    pub conversation: i64,
    pub seq: i64,
    pub id: i64,
    pub kind: &'a [u8],
    pub author: i64,
    pub author_name: &'a [u8],
    pub author_number: i64,
    pub at: i64,
    pub client_id: Option<&'a [u8]>,
    pub text: Option<&'a [u8]>,
    pub reply_to: Option<i64>,
    pub file: Option<i64>,
    pub edited: Option<i64>,
    pub deleted: i64,
    pub target: Option<i64>,
    pub detail: Option<&'a [u8]>,
}

/// What stands in a column, whichever way it was read.
#[derive(Clone, Copy, Debug)]
pub enum Field<'a> {
    Null,
    Number(i64),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
}

impl<'a> Row<'a> {
    /// The row whose columns, in the order of the fields, hold this; none where one holds what it can't.
    pub fn of_columns(column: impl Fn(usize) -> Option<Field<'a>>) -> Option<Self> {
        let number = |place| match column(place)? {
            Field::Number(number) => Some(Some(number)),
            Field::Null => Some(None),
            Field::Text(_) | Field::Bytes(_) => None,
        };
        let text = |place| match column(place)? {
            Field::Text(text) => Some(Some(text)),
            Field::Null => Some(None),
            Field::Number(_) | Field::Bytes(_) => None,
        };
        let client_id = match column(8)? {
            Field::Bytes(bytes) => Some(bytes),
            Field::Null => None,
            Field::Number(_) | Field::Text(_) => return None,
        };
        Some(Self {
            conversation: number(0)??,
            seq: number(1)??,
            id: number(2)??,
            kind: text(3)??,
            author: number(4)??,
            author_name: text(5)??,
            author_number: number(6)??,
            at: number(7)??,
            client_id,
            text: text(9)?,
            reply_to: number(10)?,
            file: number(11)?,
            edited: number(12)?,
            deleted: number(13)??,
            target: number(14)?,
            detail: text(15)?,
        })
    }
}

/// The sum of a row.
pub fn of(row: &Row<'_>) -> i64 {
    let mut sum = Summing(Xxh3::new());
    sum.0.update(&[FORM]);
    for number in [row.conversation, row.seq, row.id] {
        sum.number(Some(number));
    }
    sum.bytes(TEXT, Some(row.kind));
    sum.number(Some(row.author));
    sum.bytes(TEXT, Some(row.author_name));
    sum.number(Some(row.author_number));
    sum.number(Some(row.at));
    sum.bytes(BYTES, row.client_id);
    sum.bytes(TEXT, row.text);
    for number in [row.reply_to, row.file, row.edited, Some(row.deleted), row.target] {
        sum.number(number);
    }
    sum.bytes(TEXT, row.detail);
    sum.0.digest() as i64
}

/// The sum of the row that a new entry becomes, with text and detail as the database holds them.
pub(super) fn of_new(entry: &Entry, text: Option<&str>, detail: Option<&str>) -> i64 {
    let (reply_to, file) = match &entry.body {
        Body::Message(message) => (message.reply_to, message.file.as_ref().map(|file| file.id.0)),
        _ => (None, None),
    };
    of(&Row {
        conversation: entry.conversation.0,
        seq: entry.seq.0,
        id: entry.id.0,
        kind: kind_of(&entry.body).as_bytes(),
        author: entry.author.id.0,
        author_name: entry.author.username.as_str().as_bytes(),
        author_number: entry.author.titan_number.0,
        at: entry.at.0,
        client_id: entry.client_id.as_ref().map(|id| id.0.as_bytes().as_slice()),
        text: text.map(str::as_bytes),
        reply_to: reply_to.map(|seq| seq.0),
        file,
        edited: None,
        deleted: 0,
        target: target_of(&entry.body).map(|seq| seq.0),
        detail: detail.map(str::as_bytes),
    })
}

/// Whether a row says what it said when it was written. One of before, without a sum, is believed.
pub fn holds(row: &Row<'_>, sum: Option<i64>) -> bool {
    sum.is_none_or(|sum| sum == of(row))
}

/// What is served in place of a row that is damaged: the log stays without a gap, and nobody is said to have said anything.
pub fn damaged(conversation: ConversationId, seq: Seq, id: EntryId, at: Time) -> Entry {
    let author = Author::new(AccountId(0), "?".into(), TitanNumber(0));
    if MET.lock().unwrap_or_else(PoisonError::into_inner).is_news(conversation, seq) {
        tracing::error!(
            conversation = conversation.0,
            seq = seq.0,
            "an entry is damaged in the database: run `titan-server check`, then restore a backup or `titan-server rescue`"
        );
    }
    Entry::new(Place::new(conversation, seq), id, author, at, Body::damaged())
}

static MET: Mutex<Met> = Mutex::new(Met(BTreeSet::new()));

/// Damaged entries that the log has told of: each once while the process lives, and no more than so many, so that nobody
/// fills it by reading. `check` names them all.
struct Met(BTreeSet<(ConversationId, Seq)>);

impl Met {
    const MOST: usize = 1_000;

    fn is_news(&mut self, conversation: ConversationId, seq: Seq) -> bool {
        self.0.len() < Self::MOST && self.0.insert((conversation, seq))
    }
}

const NULL: u8 = 0;
const NUMBER: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;

struct Summing(Xxh3);

impl Summing {
    fn number(&mut self, number: Option<i64>) {
        match number {
            None => self.0.update(&[NULL]),
            Some(number) => {
                self.0.update(&[NUMBER]);
                self.0.update(&number.to_le_bytes());
            }
        }
    }

    fn bytes(&mut self, kind: u8, bytes: Option<&[u8]>) {
        match bytes {
            None => self.0.update(&[NULL]),
            Some(bytes) => {
                self.0.update(&[kind]);
                self.0.update(&(bytes.len() as u64).to_le_bytes());
                self.0.update(bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row() -> Row<'static> {
        Row {
            conversation: 1,
            seq: 2,
            id: 3,
            kind: b"message",
            author: 4,
            author_name: b"ada",
            author_number: 10_001,
            at: 1_764_000_000_000,
            client_id: Some(&[7; 16]),
            text: Some("Żółw".as_bytes()),
            reply_to: Some(1),
            file: None,
            edited: None,
            deleted: 0,
            target: None,
            detail: None,
        }
    }

    #[test]
    fn the_sum_never_changes() {
        assert_eq!(of(&Row::default()), EMPTY);
        assert_eq!(of(&row()), SOME);
    }

    /// Stand in databases: a test that finds others has found a fault.
    const EMPTY: i64 = -265894075857737085;
    const SOME: i64 = 3971410090945552813;

    #[test]
    fn each_field_counts_and_none_is_taken_for_another() {
        let other = |change: fn(&mut Row<'static>)| {
            let mut row = row();
            change(&mut row);
            of(&row)
        };
        let sums = [
            of(&row()),
            other(|row| row.conversation += 1),
            other(|row| row.seq += 1),
            other(|row| row.id += 1),
            other(|row| row.kind = b"edit"),
            other(|row| row.author += 1),
            other(|row| row.author_name = b"adb"),
            other(|row| row.author_number += 1),
            other(|row| row.at += 1),
            other(|row| row.client_id = None),
            other(|row| row.text = None),
            other(|row| row.text = Some(b"")),
            other(|row| (row.text, row.detail) = (None, row.text)),
            other(|row| row.reply_to = None),
            other(|row| (row.reply_to, row.file) = (None, Some(1))),
            other(|row| row.edited = Some(3)),
            other(|row| row.deleted = 1),
            other(|row| row.target = Some(1)),
            other(|row| row.detail = Some(b"{}")),
        ];
        let different: std::collections::HashSet<_> = sums.iter().collect();
        assert_eq!(different.len(), sums.len());
    }

    proptest! {
        #[test]
        fn every_flipped_bit_of_a_text_is_found(text in prop::collection::vec(any::<u8>(), 1..300), at: prop::sample::Index, bit in 0..8u8) {
            let sum = of(&Row { text: Some(&text), ..row() });
            let mut flipped = text.clone();
            flipped[at.index(text.len())] ^= 1 << bit;
            let found = |text, sum| holds(&Row { text: Some(text), ..row() }, sum);
            prop_assert!(found(&text, Some(sum)) && found(&flipped, None));
            prop_assert!(!found(&flipped, Some(sum)));
        }
    }

    #[test]
    fn a_damaged_entry_is_told_of_once_and_not_without_end() {
        let mut met = Met(BTreeSet::new());
        let told = (0..5_000).filter(|n| met.is_news(ConversationId(1), Seq(n / 2 % 2_000))).count();
        assert_eq!(told, Met::MOST);
    }
}
