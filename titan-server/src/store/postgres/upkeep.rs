//! What operators and the house itself need: purging, checking, closing.

use std::path::PathBuf;

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;
use titan_core::BlobId;

use super::super::{StoreError, StoreResult, Upkeep};
use super::history::blob_of;
use super::row::{Ask, Params, all, one};
use super::writer::Batch;
use super::{PostgresStore, schema, session, soundness};

#[async_trait]
impl Upkeep for PostgresStore {
    async fn purge(&self, limit: u32) -> StoreResult<u32> {
        self.write(async move |batch: &mut Batch<'_>| purge(batch, i64::from(limit)).await).await
    }

    async fn blobs_in_use(&self) -> StoreResult<Vec<BlobId>> {
        self.readers()?;
        blobs_in_use(&Aside(session::connect(self.address(), &[]).await?)).await
    }

    async fn backup(&self, _: PathBuf) -> StoreResult<()> {
        Err(StoreError::Broken(
            "a house in PostgreSQL is backed up with its own tools: pg_dump for the database, and a copy of the data folder".into(),
        ))
    }

    async fn check(&self) -> StoreResult<Vec<String>> {
        self.readers()?;
        check(&Aside(session::connect(self.address(), &[]).await?)).await
    }

    async fn close(&self) {
        self.shut().await;
    }
}

/// A connection of its own, for what takes long.
pub(super) struct Aside(pub ClientWrapper);

impl Ask for Aside {
    async fn rows(&self, sql: &str, params: Params<'_>) -> StoreResult<Vec<tokio_postgres::Row>> {
        Ok(self.0.query(sql, params).await?)
    }
}

pub(super) async fn blobs_in_use(ask: &impl Ask) -> StoreResult<Vec<BlobId>> {
    let sql = "SELECT blob FROM files UNION SELECT blob FROM apps";
    all(ask, sql, &[], |row| blob_of(row.try_get(0)?)).await
}

/// Removes entries of deleted rooms, the oldest first, and a room itself once it has none.
async fn purge(batch: &mut Batch<'_>, limit: i64) -> StoreResult<u32> {
    let mut left = limit;
    while left > 0 {
        let sql = "SELECT id FROM conversations WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 1";
        let Some(room) = one(batch, sql, &[], |row| Ok(row.try_get::<_, i64>(0)?)).await? else { break };
        let removed = purge_entries(batch, room, left).await?;
        if removed < left {
            purge_room(batch, room).await?;
        }
        left -= removed;
    }
    Ok((limit - left) as u32)
}

async fn purge_entries(batch: &mut Batch<'_>, room: i64, limit: i64) -> StoreResult<i64> {
    let doomed = "SELECT count(*), max(seq) FROM \
        (SELECT seq FROM entries WHERE conversation = $1 ORDER BY seq LIMIT $2) AS doomed";
    let found = one(batch, doomed, &[&room, &limit], |row| Ok((row.try_get(0)?, row.try_get(1)?))).await?;
    let Some((count, Some(last))): Option<(i64, Option<i64>)> = found else { return Ok(0) };
    for sql in [
        "DELETE FROM entries WHERE conversation = $1 AND seq <= $2",
        "DELETE FROM files WHERE conversation = $1 AND seq <= $2",
        "DELETE FROM mentions WHERE conversation = $1 AND seq <= $2",
        "DELETE FROM reactions WHERE conversation = $1 AND target <= $2",
    ] {
        batch.change(sql, &[&room, &last]).await?;
    }
    Ok(count)
}

async fn purge_room(batch: &mut Batch<'_>, room: i64) -> StoreResult<()> {
    for sql in [
        "DELETE FROM members WHERE conversation = $1",
        "DELETE FROM sanctions WHERE conversation = $1",
        "DELETE FROM rooms WHERE conversation = $1",
        "DELETE FROM conversations WHERE id = $1",
    ] {
        batch.change(sql, &[&room]).await?;
    }
    Ok(())
}

/// What must never be found, each with the query that finds it: a line a row.
const PROMISES: [(&str, &str); 8] = [
    (
        "a log with a gap or a double",
        "SELECT 'conversation ' || e.conversation || ': ' || count(*) || ' entries, first ' || min(e.seq) || ', last ' \
           || max(e.seq) FROM entries e LEFT JOIN conversations c ON c.id = e.conversation \
         WHERE c.deleted_at IS NULL GROUP BY e.conversation HAVING count(*) <> max(e.seq) OR min(e.seq) <> 1",
    ),
    (
        "a log that does not end at its head",
        "SELECT 'conversation ' || c.id || ': head ' || c.head || ', last entry ' || coalesce(max(e.seq), 0) \
         FROM conversations c LEFT JOIN entries e ON e.conversation = c.id WHERE c.deleted_at IS NULL \
         GROUP BY c.id HAVING c.head <> coalesce(max(e.seq), 0)",
    ),
    (
        "entries of no conversation",
        "SELECT DISTINCT 'conversation ' || conversation FROM entries \
         WHERE conversation NOT IN (SELECT id FROM conversations)",
    ),
    (
        "an entry id that will be given again",
        "SELECT max(id) || ', next ' || next_entry FROM entries, house GROUP BY next_entry HAVING max(id) >= next_entry",
    ),
    (
        "a wrong count of members",
        "SELECT 'conversation ' || c.id || ': ' || c.members || ', really ' || count(m.account) FROM conversations c \
         LEFT JOIN members m ON m.conversation = c.id GROUP BY c.id HAVING c.members <> count(m.account)",
    ),
    (
        "a message that search doesn't know",
        "SELECT 'entry ' || id FROM entries WHERE kind = 'message' AND deleted = 0 AND words IS NULL LIMIT 100",
    ),
    (
        "words of a message that is gone",
        "SELECT 'entry ' || id FROM entries WHERE words IS NOT NULL AND (kind <> 'message' OR deleted <> 0) LIMIT 100",
    ),
    (
        "a page that PostgreSQL found damaged",
        "SELECT checksum_failures || ' pages, last at ' || coalesce(checksum_last_failure::text, 'no known time') \
         FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0",
    ),
];

/// Sees one moment; reads every row of the logs on its way.
pub(super) async fn check(aside: &Aside) -> StoreResult<Vec<String>> {
    aside.0.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let mut lines = Vec::new();
    for (what, sql) in PROMISES {
        aside.0.batch_execute("SAVEPOINT promise").await?;
        match all(aside, sql, &[], |row| Ok(row.try_get::<_, String>(0)?)).await {
            Ok(found) => lines.extend(found.into_iter().map(|found| format!("{what}: {found}"))),
            Err(error) => {
                lines.push(format!("{what}: could not be looked for: {error}"));
                aside.0.batch_execute("ROLLBACK TO promise").await?;
            }
        }
    }
    if schema::version(&aside.0).await? >= 2 {
        lines.extend(soundness::damaged_rows(aside).await?);
    }
    aside.0.batch_execute("COMMIT").await?;
    Ok(lines)
}
