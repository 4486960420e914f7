//! A transaction of the writer, as verbs see it: everything is answered at once, so its futures never wait.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql, params_from_iter};
use titan_core::protocol::{Body, Entry, Place};
use titan_core::{ConversationId, EntryId, Seq, Time};

use super::super::ledger::Ledger;
use super::super::tx::{self, Ask, Cell, Indexed, LogEnd, NewEntry, Row, Tx, Value, Values, values};
use super::super::verbs::grounds;
use super::super::{Change, Fact, StoreError, StoreResult, Told, detail_of, kind_of, sum, target_of, text_of};
use super::words;

/// What a verb sees: the transaction, and where its entries and changes go.
pub struct Batch<'a> {
    pub(super) connection: &'a mut Connection,
    pub(super) ledger: &'a mut Ledger,
    /// Of this transaction: what has an end is held against it.
    now: Time,
    pub(super) entries: Vec<Arc<Entry>>,
    pub(super) changes: Vec<Told>,
}

/// What can be looked at, and no more.
pub(super) struct Looking<'a>(pub &'a mut Connection);

/// What a verb or look gives: it never waits.
pub(super) fn at_once<T>(work: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
    work.now_or_never()
        .unwrap_or_else(|| Err(StoreError::Broken("a verb waited where nothing can be waited for".into())))
}

impl<'a> Batch<'a> {
    pub fn new(connection: &'a mut Connection, ledger: &'a mut Ledger, now: Time) -> Self {
        Self { connection, ledger, now, entries: Vec::new(), changes: Vec::new() }
    }

    /// Writes where logs that grew end by now.
    pub fn flush(&mut self) -> StoreResult<()> {
        let Some(moved) = self.ledger.take_moved() else { return Ok(()) };
        let sql = "UPDATE conversations SET head = ?2, active_at = ?3 WHERE id = ?1";
        let mut update = self.connection.prepare_cached(sql)?;
        for ((conversation, head), at) in moved.conversations.iter().zip(&moved.heads).zip(&moved.times) {
            update.execute((conversation, head, at))?;
        }
        let sql = "UPDATE house SET next_entry = coalesce(?1, next_entry)";
        self.connection.prepare_cached(sql)?.execute([moved.next_entry])?;
        Ok(())
    }

    fn next_entry(&mut self) -> StoreResult<EntryId> {
        if let Some(id) = self.ledger.next_entry() {
            return Ok(id);
        }
        let id = EntryId(self.connection.query_row("SELECT next_entry FROM house", [], |row| row.get(0))?);
        self.ledger.note_next_entry(id);
        Ok(id)
    }

    fn end_of(&mut self, conversation: ConversationId) -> StoreResult<LogEnd> {
        if let Some(end) = self.ledger.end(conversation) {
            return Ok(end);
        }
        let sql = "SELECT head, active_at FROM conversations WHERE id = ?1 AND deleted_at IS NULL";
        let found = self.connection.prepare_cached(sql)?.query_row([conversation.0], |row| {
            Ok(LogEnd { seq: Seq(row.get(0)?), at: row.get::<_, Option<i64>>(1)?.map(Time) })
        });
        let end = found.optional()?.ok_or(StoreError::NotFound)?;
        self.ledger.note_end(conversation, end);
        Ok(end)
    }

    fn write(&mut self, new: NewEntry) -> StoreResult<Arc<Entry>> {
        let NewEntry { conversation, author, at, client_id, body } = new;
        let (end, id) = (self.end_of(conversation)?, self.next_entry()?);
        let (seq, at) = (end.seq.next(), end.at.map_or(at, |last| at.max(last)));
        let mut entry = Entry::new(Place::new(conversation, seq), id, author, at, body);
        entry.client_id = client_id;
        insert(self.connection, &entry)?;
        if let Body::Message(message) = &entry.body {
            let file = message.file.as_ref().map(|file| file.name.written());
            words::index(self.connection, Indexed { conversation, id, text: message.text.written(), file })?;
        }
        self.ledger.advance(&entry);
        let entry = Arc::new(entry);
        self.entries.push(entry.clone());
        Ok(entry)
    }
}

#[async_trait]
impl Ask for Looking<'_> {
    async fn rows(&mut self, sql: &str, values: Values<'_>) -> StoreResult<Vec<Row>> {
        rows(self.0, sql, values)
    }
}

#[async_trait]
impl Ask for Batch<'_> {
    async fn rows(&mut self, sql: &str, values: Values<'_>) -> StoreResult<Vec<Row>> {
        rows(self.connection, sql, values)
    }
}

#[async_trait]
impl Tx for Batch<'_> {
    async fn change(&mut self, sql: &str, values: Values<'_>) -> StoreResult<u64> {
        Ok(self.connection.prepare_cached(&numbered(sql))?.execute(params_from_iter(values))? as u64)
    }

    async fn change_returning(&mut self, sql: &str, values: Values<'_>) -> StoreResult<Vec<Row>> {
        rows(self.connection, sql, values)
    }

    async fn log_end(&mut self, conversation: ConversationId) -> StoreResult<LogEnd> {
        self.end_of(conversation)
    }

    async fn record(&mut self, new: NewEntry) -> StoreResult<Arc<Entry>> {
        self.write(new)
    }

    async fn index(&mut self, messages: &[Indexed<'_>]) -> StoreResult<()> {
        messages.iter().try_for_each(|message| words::index(self.connection, *message))
    }

    async fn reindex(&mut self, message: Indexed<'_>, now: Option<&str>) -> StoreResult<()> {
        match (words::unindex(self.connection, message)?, now) {
            (true, Some(text)) => words::index(self.connection, Indexed { text, ..message }),
            _ => Ok(()),
        }
    }

    async fn forget_words(&mut self, conversation: ConversationId, last: Seq) -> StoreResult<()> {
        let sql = "SELECT e.id, coalesce(e.text, ''), f.name FROM entries e LEFT JOIN files f ON f.id = e.file \
            WHERE e.conversation = $1 AND e.seq <= $2 AND e.kind = 'message' AND e.deleted = 0";
        let message = |row: &mut Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let messages: Vec<(EntryId, String, Option<String>)> =
            tx::all(self, sql, values![conversation, last], message).await?;
        for (id, text, file) in messages {
            words::unindex(self.connection, Indexed { conversation, id, text: &text, file: file.as_deref() })?;
        }
        Ok(())
    }

    async fn shed_words(&mut self, limit: u32) -> StoreResult<u32> {
        words::shed(self.connection, limit)
    }

    fn tell(&mut self, change: Change) {
        self.ledger.heed(&change);
        self.changes.push(Told { after: self.entries.len(), change });
    }

    fn ended(&mut self, conversation: ConversationId) {
        self.ledger.forget(conversation);
    }

    async fn hold(&mut self, grounds: &[Fact]) -> StoreResult<()> {
        grounds::hold(&mut Looking(self.connection), self.ledger, self.now, grounds).await
    }
}

/// Numbers a statement's values as SQLite does.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

fn rows(connection: &Connection, sql: &str, values: Values<'_>) -> StoreResult<Vec<Row>> {
    let mut statement = connection.prepare_cached(&numbered(sql))?;
    let mut found = statement.query(params_from_iter(values))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push(row_of(row)?);
    }
    Ok(rows)
}

pub(super) fn row_of(row: &rusqlite::Row<'_>) -> StoreResult<Row> {
    let width = row.as_ref().column_count();
    let cell = |column| {
        Ok(match row.get_ref(column)? {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(number) => Cell::Number(number),
            ValueRef::Real(number) => Cell::Number(number as i64),
            // What is no text any more is none for whoever wants one.
            ValueRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => Cell::Text(text.to_owned()),
                Err(_) => Cell::Bytes(text.to_vec()),
            },
            ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        })
    };
    (0..width).map(cell).collect::<StoreResult<_>>().map(Row)
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Number(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn insert(connection: &Connection, entry: &Entry) -> StoreResult<()> {
    let (reply_to, file) = match &entry.body {
        Body::Message(message) => (message.reply_to, message.file.as_ref().map(|file| file.id.0)),
        _ => (None, None),
    };
    let sql = "INSERT INTO entries (conversation, seq, id, kind, author, author_name, author_number, at, client_id, \
        text, reply_to, file, target, detail, sum) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    let detail = detail_of(&entry.body)?;
    let values = (
        entry.conversation.0,
        entry.seq.0,
        entry.id.0,
        kind_of(&entry.body),
        entry.author.id.0,
        entry.author.username.as_str(),
        entry.author.titan_number.0,
        entry.at.0,
        entry.client_id.as_ref().map(|id| id.0.as_bytes()),
        text_of(&entry.body),
        reply_to.map(|seq| seq.0),
        file,
        target_of(&entry.body).map(|seq| seq.0),
        &detail,
        sum::of_new(entry, text_of(&entry.body), detail.as_deref()),
    );
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}
