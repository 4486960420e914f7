//! A transaction of the writer, as verbs see it, and where its entries and changes go.

use std::sync::Arc;

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;
use titan_core::protocol::{Entry, Place};
use titan_core::{ConversationId, EntryId, Seq, Time};
use tokio_postgres::types::ToSql;

use super::super::ledger::Ledger;
use super::super::tx::{Ask, Indexed, LogEnd, NewEntry, Row, Tx, Values};
use super::super::verbs::grounds;
use super::super::{Change, Fact, StoreError, StoreResult, Told};
use super::row::{AskPostgres, Params, first, params, row_of};
use super::{entries, words};

/// What work sees.
pub(super) struct Batch<'a> {
    pub client: &'a ClientWrapper,
    pub ledger: &'a mut Ledger,
    /// Of this transaction: what has an end is held against it.
    now: Time,
    pub entries: Vec<Arc<Entry>>,
    pub told: Vec<Told>,
    /// Rows changed so far.
    pub changed: u64,
}

/// The connection alone, while the ledger is being filled.
pub(super) struct Asking<'a>(pub &'a ClientWrapper);

/// Where conversations have got to.
const HEADS: &str = "UPDATE conversations c SET head = moved.head, active_at = moved.at \
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS moved (id, head, at) WHERE c.id = moved.id";
/// Where the house has.
const HOUSE: &str = "UPDATE house SET next_entry = coalesce($1, next_entry), turn = $2";

#[async_trait]
impl AskPostgres for Asking<'_> {
    async fn found(&mut self, sql: &str, params: Params<'_>) -> StoreResult<Vec<tokio_postgres::Row>> {
        let statement = self.0.prepare_cached(sql).await?;
        Ok(self.0.query(&statement, params).await?)
    }
}

#[async_trait]
impl Ask for Asking<'_> {
    async fn rows(&mut self, sql: &str, values: Values<'_>) -> StoreResult<Vec<Row>> {
        self.found(sql, &params(values)).await?.iter().map(row_of).collect()
    }
}

#[async_trait]
impl AskPostgres for Batch<'_> {
    async fn found(&mut self, sql: &str, params: Params<'_>) -> StoreResult<Vec<tokio_postgres::Row>> {
        Asking(self.client).found(sql, params).await
    }
}

#[async_trait]
impl Ask for Batch<'_> {
    async fn rows(&mut self, sql: &str, values: Values<'_>) -> StoreResult<Vec<Row>> {
        Asking(self.client).rows(sql, values).await
    }
}

#[async_trait]
impl Tx for Batch<'_> {
    async fn change(&mut self, sql: &str, values: Values<'_>) -> StoreResult<u64> {
        self.alter(sql, &params(values)).await
    }

    async fn change_returning(&mut self, sql: &str, values: Values<'_>) -> StoreResult<Vec<Row>> {
        let rows = self.rows(sql, values).await?;
        self.changed += rows.len() as u64;
        Ok(rows)
    }

    async fn log_end(&mut self, conversation: ConversationId) -> StoreResult<LogEnd> {
        self.look_up(&[conversation]).await?;
        self.known_end(conversation)
    }

    async fn record(&mut self, new: NewEntry) -> StoreResult<Arc<Entry>> {
        self.log_end(new.conversation).await?;
        let entry = self.place(new).await?;
        self.insert(std::slice::from_ref(&entry)).await?;
        self.entries.push(entry.clone());
        Ok(entry)
    }

    async fn index(&mut self, messages: &[Indexed<'_>]) -> StoreResult<()> {
        self.changed += words::insert(self.client, messages).await?;
        Ok(())
    }

    async fn reindex(&mut self, message: Indexed<'_>, now: Option<&str>) -> StoreResult<()> {
        let Some(text) = now else {
            return self.alter("DELETE FROM message_words WHERE id = $1", &[&message.id.0]).await.map(drop);
        };
        let sql = "UPDATE message_words SET words = $2::text::tsvector WHERE id = $1";
        let vector = words::vector(Indexed { text, ..message });
        self.alter(sql, &[&message.id.0, &vector]).await.map(drop)
    }

    async fn forget_words(&mut self, conversation: ConversationId, last: Seq) -> StoreResult<()> {
        let sql = "DELETE FROM message_words w USING entries e \
            WHERE e.conversation = $1 AND e.seq <= $2 AND w.id = e.id";
        self.alter(sql, &[&conversation.0, &last.0]).await.map(drop)
    }

    fn tell(&mut self, change: Change) {
        self.ledger.heed(&change);
        self.told.push(Told { after: self.entries.len(), change });
    }

    fn ended(&mut self, conversation: ConversationId) {
        self.ledger.forget(conversation);
    }

    async fn hold(&mut self, grounds: &[Fact]) -> StoreResult<()> {
        grounds::hold(&mut Asking(self.client), self.ledger, self.now, grounds).await
    }
}

impl<'a> Batch<'a> {
    pub fn new(client: &'a ClientWrapper, ledger: &'a mut Ledger, now: Time) -> Self {
        Self { client, ledger, now, entries: Vec::new(), told: Vec::new(), changed: 0 }
    }

    /// Changes rows; how many.
    pub async fn alter(&mut self, sql: &str, params: Params<'_>) -> StoreResult<u64> {
        let statement = self.client.prepare_cached(sql).await?;
        let changed = self.client.execute(&statement, params).await?;
        self.changed += changed;
        Ok(changed)
    }

    /// Writes the rows of entries that have taken their places.
    pub async fn insert(&mut self, new: &[Arc<Entry>]) -> StoreResult<()> {
        self.changed += entries::insert(self.client, new).await?;
        Ok(())
    }

    /// Looks up where many logs end at once, for [`Self::known_end`].
    pub async fn look_up(&mut self, conversations: &[ConversationId]) -> StoreResult<()> {
        let mut unknown: Vec<i64> =
            conversations.iter().filter(|id| self.ledger.end(**id).is_none()).map(|id| id.0).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        unknown.sort_unstable();
        unknown.dedup();
        let sql = "SELECT id, head, active_at FROM conversations WHERE id = ANY ($1) AND deleted_at IS NULL";
        for row in self.found(sql, &[&unknown]).await? {
            let end = LogEnd { seq: Seq(row.try_get(1)?), at: row.try_get::<_, Option<i64>>(2)?.map(Time) };
            self.ledger.note_end(ConversationId(row.try_get(0)?), end);
        }
        Ok(())
    }

    /// Where a log that was looked up ends; `NotFound` when it doesn't exist or is deleted.
    pub fn known_end(&self, conversation: ConversationId) -> StoreResult<LogEnd> {
        self.ledger.end(conversation).ok_or(StoreError::NotFound)
    }

    /// Gives an entry the next place of its log, which was looked up; its row must be written then.
    pub async fn place(&mut self, new: NewEntry) -> StoreResult<Arc<Entry>> {
        let NewEntry { conversation, author, at, client_id, body } = new;
        let (end, id) = (self.known_end(conversation)?, self.next_entry().await?);
        let (seq, at) = (end.seq.next(), end.at.map_or(at, |last| at.max(last)));
        let mut entry = Entry::new(Place::new(conversation, seq), id, author, at, body);
        entry.client_id = client_id;
        self.ledger.advance(&entry);
        Ok(Arc::new(entry))
    }

    async fn next_entry(&mut self) -> StoreResult<EntryId> {
        if let Some(id) = self.ledger.next_entry() {
            return Ok(id);
        }
        let found = first(&self.found("SELECT next_entry FROM house", &[]).await?)?;
        let id = EntryId(found.ok_or_else(|| StoreError::Broken("the table house is empty".into()))?);
        self.ledger.note_next_entry(id);
        Ok(id)
    }

    /// Writes the ends that moved.
    pub async fn flush(&mut self) -> StoreResult<()> {
        let Some(moved) = self.ledger.take_moved() else { return Ok(()) };
        self.alter(HEADS, &[&moved.conversations, &moved.heads, &moved.times]).await?;
        self.alter("UPDATE house SET next_entry = coalesce($1, next_entry)", &[&moved.next_entry]).await?;
        Ok(())
    }

    /// Writes the ends that moved and the turn, and commits: all sent at once, one way there and back.
    pub async fn commit(&mut self, turn: i64) -> StoreResult<()> {
        let moved = self.ledger.take_moved().unwrap_or_default();
        let client = self.client;
        let (heads, house) = (client.prepare_cached(HEADS).await?, client.prepare_cached(HOUSE).await?);
        let (heads_of, turned) = (
            [&moved.conversations as &(dyn ToSql + Sync), &moved.heads, &moved.times],
            [&moved.next_entry as &(dyn ToSql + Sync), &turn as _],
        );
        // After an error PostgreSQL takes COMMIT for ROLLBACK: only if all went well is it one.
        let (heads, house, commit) = tokio::join!(
            biased;
            client.execute(&heads, &heads_of),
            client.execute(&house, &turned),
            client.batch_execute("COMMIT"),
        );
        heads.and(house)?;
        Ok(commit?)
    }
}
