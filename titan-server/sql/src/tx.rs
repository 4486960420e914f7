//! The small transaction type that verbs are written over, once for every database: rows, values, and what a database
//! must be able to do for a verb.
//!
//! Statements name their values `$1`, `$2`, …, and say nothing that only one database knows. SQLite answers at once and
//! PostgreSQL after a way there and back: to a verb both are futures.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use titan_core::protocol::{Author, Body, Entry};
use titan_core::text::message_words;
use titan_core::{
    AccountId, AppId, AppPasswordId, BlobId, ClientId, ConversationId, EntryId, FileId, Seq, SessionId, Time,
    TitanNumber,
};

use super::names::{Named, impossible};
use super::{Change, Fact, StoreError, StoreResult};

/// A value of a statement.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    Null,
    Number(i64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

/// The values of a statement, in order.
pub type Values<'a> = &'a [Value<'a>];

/// Makes the values of a statement of whatever they are.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::tx::Value::from($value)),*] };
}
pub(crate) use values;

/// Who can be asked: a look, or a transaction.
#[async_trait]
pub trait Ask: Send {
    async fn rows(&mut self, sql: &str, values: Values<'_>) -> StoreResult<Vec<Row>>;
}

/// A transaction of the writer: what is told here comes true, and is heard of, with its commit.
#[async_trait]
pub trait Tx: Ask {
    /// Changes rows; how many.
    async fn change(&mut self, sql: &str, values: Values<'_>) -> StoreResult<u64>;

    /// Changes rows and gives what the statement returns of them.
    async fn change_returning(&mut self, sql: &str, values: Values<'_>) -> StoreResult<Vec<Row>>;

    /// Where the log of a conversation ends by now; `NotFound` when it doesn't exist or is deleted.
    async fn log_end(&mut self, conversation: ConversationId) -> StoreResult<LogEnd>;

    /// Writes an entry at the next place of its conversation. Its time is `at`, or the one of the entry before it where
    /// the clock has gone back: time within a log never does.
    async fn record(&mut self, new: NewEntry) -> StoreResult<Arc<Entry>>;

    /// Adds messages to the index of words.
    async fn index(&mut self, messages: &[Indexed<'_>]) -> StoreResult<()>;

    /// Brings the index of words up to date with a message whose text has become another, or which is gone.
    async fn reindex(&mut self, message: Indexed<'_>, now: Option<&str>) -> StoreResult<()>;

    /// Takes the messages of a conversation up to this one out of the index of words, before their rows go.
    async fn forget_words(&mut self, conversation: ConversationId, last: Seq) -> StoreResult<()>;

    /// Throws away some of what is left of an index of before; how much, 0 once nothing is.
    async fn shed_words(&mut self, _limit: u32) -> StoreResult<u32> {
        Ok(0)
    }

    /// A change that this transaction makes: told in the order of commits, once it is one.
    fn tell(&mut self, change: Change);

    /// A conversation has ended: nothing more is written to it.
    fn ended(&mut self, conversation: ConversationId);

    /// Refuses with `Stale` what no longer holds of what the policy decided on.
    async fn hold(&mut self, grounds: &[Fact]) -> StoreResult<()>;
}

/// The last entry of a log: its seq (0: there is none), and its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogEnd {
    pub seq: Seq,
    pub at: Option<Time>,
}

/// An entry to be, before it has a place.
#[derive(Clone, Debug)]
pub struct NewEntry {
    pub conversation: ConversationId,
    pub author: Author,
    pub at: Time,
    pub client_id: Option<ClientId>,
    pub body: Body,
}

/// A message as the index of words knows it.
#[derive(Clone, Copy, Debug)]
pub struct Indexed<'a> {
    pub conversation: ConversationId,
    pub id: EntryId,
    pub text: &'a str,
    /// The name of its file.
    pub file: Option<&'a str>,
}

impl Indexed<'_> {
    /// What it is found by.
    pub fn words(&self) -> Vec<String> {
        message_words(self.text, self.file)
    }
}

/// All rows.
pub async fn all<T, A: Ask + ?Sized>(
    ask: &mut A,
    sql: &str,
    values: Values<'_>,
    value: impl Fn(&mut Row) -> StoreResult<T>,
) -> StoreResult<Vec<T>> {
    ask.rows(sql, values).await?.iter_mut().map(value).collect()
}

/// The first row, if there is one.
pub async fn one<T, A: Ask + ?Sized>(
    ask: &mut A,
    sql: &str,
    values: Values<'_>,
    value: impl FnOnce(&mut Row) -> StoreResult<T>,
) -> StoreResult<Option<T>> {
    ask.rows(sql, values).await?.first_mut().map(value).transpose()
}

/// Whether there is a row.
pub async fn any<A: Ask + ?Sized>(ask: &mut A, sql: &str, values: Values<'_>) -> StoreResult<bool> {
    Ok(!ask.rows(sql, values).await?.is_empty())
}

/// Adds a row and gives the id that the statement returns.
pub async fn insert(tx: &mut dyn Tx, sql: &str, values: Values<'_>) -> StoreResult<i64> {
    let mut rows = tx.change_returning(sql, values).await?;
    rows.first_mut().ok_or_else(|| StoreError::Broken("an insert gave no id".into()))?.get(0)
}

/// What a column of a row holds.
#[derive(Clone, Debug)]
pub enum Cell {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row. Columns are taken out as they are read: no text is copied for it.
#[derive(Debug)]
pub struct Row(pub Vec<Cell>);

impl Row {
    pub fn get<T: FromCell>(&mut self, column: usize) -> StoreResult<T> {
        let cell = self.0.get_mut(column).map_or(Cell::Null, |cell| std::mem::replace(cell, Cell::Null));
        T::from_cell(cell).map_err(|cell| impossible("a value", cell))
    }

    /// A word of few.
    pub fn named<T: Named>(&mut self, column: usize) -> StoreResult<T> {
        T::read(&self.get::<String>(column)?)
    }

    pub fn is_null(&self, column: usize) -> bool {
        matches!(self.0.get(column), None | Some(Cell::Null))
    }

    /// The author in three columns: id, name, number. None where there is no id.
    pub fn author(&mut self, first: usize) -> StoreResult<Option<Author>> {
        let Some(id) = self.get::<Option<AccountId>>(first)? else { return Ok(None) };
        let username = self.get::<Option<String>>(first + 1)?.unwrap_or_default().into();
        let titan_number = self.get::<Option<TitanNumber>>(first + 2)?.unwrap_or(TitanNumber(0));
        Ok(Some(Author::new(id, username, titan_number)))
    }
}

/// What a cell can be read as.
pub trait FromCell: Sized {
    fn from_cell(cell: Cell) -> Result<Self, Cell>;
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Cell) -> Result<Self, Cell> {
        match cell {
            Cell::Null => Ok(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

impl FromCell for i64 {
    fn from_cell(cell: Cell) -> Result<Self, Cell> {
        if let Cell::Number(number) = cell { Ok(number) } else { Err(cell) }
    }
}

impl FromCell for u64 {
    fn from_cell(cell: Cell) -> Result<Self, Cell> {
        i64::from_cell(cell).map(|number| number.max(0) as u64)
    }
}

impl FromCell for bool {
    fn from_cell(cell: Cell) -> Result<Self, Cell> {
        i64::from_cell(cell).map(|number| number != 0)
    }
}

impl FromCell for String {
    fn from_cell(cell: Cell) -> Result<Self, Cell> {
        if let Cell::Text(text) = cell { Ok(text) } else { Err(cell) }
    }
}

impl<const N: usize> FromCell for [u8; N] {
    fn from_cell(cell: Cell) -> Result<Self, Cell> {
        match cell {
            Cell::Bytes(bytes) => bytes.as_slice().try_into().map_err(|_| Cell::Bytes(bytes)),
            cell => Err(cell),
        }
    }
}

impl FromCell for BlobId {
    fn from_cell(cell: Cell) -> Result<Self, Cell> {
        <[u8; 32]>::from_cell(cell).map(BlobId)
    }
}

impl FromCell for ClientId {
    fn from_cell(cell: Cell) -> Result<Self, Cell> {
        <[u8; 16]>::from_cell(cell).map(|bytes| ClientId(uuid::Uuid::from_bytes(bytes)))
    }
}

macro_rules! numbers {
    ($($type:ident),+) => {$(
        impl From<$type> for Value<'_> {
            fn from(id: $type) -> Self {
                Self::Number(id.0)
            }
        }

        impl FromCell for $type {
            fn from_cell(cell: Cell) -> Result<Self, Cell> {
                i64::from_cell(cell).map(Self)
            }
        }
    )+};
}
numbers!(AccountId, AppId, AppPasswordId, ConversationId, EntryId, FileId, Seq, SessionId, Time, TitanNumber);

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text.as_str().into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes.as_slice().into())
    }
}

impl<'a> From<&'a ClientId> for Value<'a> {
    fn from(id: &'a ClientId) -> Self {
        Self::from(id.0.as_bytes())
    }
}

impl<'a, T> From<Option<T>> for Value<'a>
where
    Value<'a>: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().into()
    }
}
