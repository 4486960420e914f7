//! What the house itself and its operator need: what is kept, and what goes for good.

use titan_core::{BlobId, ConversationId, Seq};

use super::super::tx::{Ask, Tx, all, one, values};
use super::super::{Counts, StoreError, StoreResult};
use super::erasing;

/// What a house holds, in numbers.
pub async fn counts(ask: &mut dyn Ask) -> StoreResult<Counts> {
    let sql = "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM rooms WHERE key IS NOT NULL), \
        (SELECT count(*) FROM directs), (SELECT count(*) FROM entries), (SELECT count(*) FROM files), \
        (SELECT count(*) FROM apps)";
    let counts = one(ask, sql, &[], |row| {
        Ok(Counts {
            accounts: row.get(0)?,
            rooms: row.get(1)?,
            directs: row.get(2)?,
            entries: row.get(3)?,
            files: row.get(4)?,
            apps: row.get(5)?,
        })
    });
    counts.await?.ok_or_else(|| StoreError::Broken("nothing could be counted".into()))
}

/// The blobs that something in the house still names.
pub async fn blobs_in_use(ask: &mut dyn Ask) -> StoreResult<Vec<BlobId>> {
    all(ask, "SELECT blob FROM files UNION SELECT blob FROM apps", &[], |row| row.get(0)).await
}

/// Removes entries of deleted rooms, the oldest first, and a room itself once it has none; how many entries went.
pub async fn purge(tx: &mut dyn Tx, limit: u32) -> StoreResult<u32> {
    let mut left = limit;
    while left > 0 {
        let sql = "SELECT id FROM conversations WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 1";
        let Some(room) = one(tx, sql, &[], |row| row.get(0)).await? else { break };
        let removed = purge_entries(tx, room, left).await?;
        if removed < left {
            purge_room(tx, room).await?;
        }
        left -= removed;
    }
    Ok(limit - left)
}

async fn purge_entries(tx: &mut dyn Tx, room: ConversationId, limit: u32) -> StoreResult<u32> {
    let doomed = "SELECT count(*), max(seq) FROM \
        (SELECT seq FROM entries WHERE conversation = $1 ORDER BY seq LIMIT $2) AS doomed";
    let found =
        one(tx, doomed, values![room, limit], |row| Ok((row.get::<u64>(0)?, row.get::<Option<Seq>>(1)?))).await?;
    let Some((count, Some(last))) = found else { return Ok(0) };
    tx.forget_words(room, last).await?;
    let blobs = "SELECT DISTINCT blob FROM files WHERE conversation = $1 AND seq <= $2";
    let blobs = all(tx, blobs, values![room, last], |row| row.get(0)).await?;
    for sql in [
        "DELETE FROM entries WHERE conversation = $1 AND seq <= $2",
        "DELETE FROM files WHERE conversation = $1 AND seq <= $2",
        "DELETE FROM mentions WHERE conversation = $1 AND seq <= $2",
        "DELETE FROM reactions WHERE conversation = $1 AND target <= $2",
    ] {
        tx.change(sql, values![room, last]).await?;
    }
    erasing::tell(tx, blobs);
    Ok(count as u32)
}

async fn purge_room(tx: &mut dyn Tx, room: ConversationId) -> StoreResult<()> {
    for sql in [
        "DELETE FROM members WHERE conversation = $1",
        "DELETE FROM sanctions WHERE conversation = $1",
        "DELETE FROM rooms WHERE conversation = $1",
        "DELETE FROM conversations WHERE id = $1",
    ] {
        tx.change(sql, values![room]).await?;
    }
    erasing::tell(tx, Vec::new());
    Ok(())
}
