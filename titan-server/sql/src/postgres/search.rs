//! Asking the index of words. It knows which words a message has, not where they stand, since PostgreSQL counts places only so far:
//! where words have to be neighbours, the messages that have them all are looked at themselves.

use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::super::StoreResult;
use super::super::verbs::search::{Index, Looked, Span, Wanted, words_of};
use super::failure::is_overdue;
use super::readers::Readers;
use super::row::{AskPostgres, row_of};
use super::words;

/// Messages that are looked at by one statement.
const AT_ONCE: usize = 200;
/// How long messages are looked at.
const LOOK_MOST: Duration = Duration::from_millis(300);

/// First the index alone, whatever the planner thinks of it: it would rather walk through all messages.
const HITS: &str = "WITH hits AS MATERIALIZED (SELECT id, conversation FROM message_words WHERE words @@ $1::text::tsquery) \
    SELECT h.id FROM hits h JOIN members m ON m.conversation = h.conversation AND m.account = $2 \
    JOIN conversations c ON c.id = h.conversation AND c.deleted_at IS NULL \
    WHERE h.id >= $3 AND h.id < $4 AND ($5::bigint IS NULL OR h.conversation = $5) ORDER BY h.id DESC LIMIT $6";

#[async_trait]
impl Index for Readers {
    async fn look_up(&mut self, wanted: &Wanted, span: Span, most: usize) -> StoreResult<Looked> {
        let alone = wanted.sought.is_of_single_words();
        let limit = if alone { Some(most as i64) } else { None };
        let ids = match hits(self, wanted, span, limit).await {
            Err(error) if is_overdue(&error) => return Ok(Looked::default()),
            ids => ids?,
        };
        if !alone {
            return neighbours(self, wanted, (span, most), &ids).await;
        }
        let down_to = if ids.len() < most { Some(span.from) } else { ids.last().copied() };
        Ok(Looked { ids, down_to })
    }
}

async fn hits(readers: &mut Readers, wanted: &Wanted, span: Span, limit: Option<i64>) -> StoreResult<Vec<i64>> {
    let (query, within) = (words::query(&wanted.sought), wanted.within.map(|place| place.0));
    let rows = readers.found(HITS, &[&query, &wanted.account.0, &span.from, &span.below, &within, &limit]).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// Those of the messages in which the words are neighbours.
async fn neighbours(
    readers: &mut Readers,
    wanted: &Wanted,
    (span, most): (Span, usize),
    ids: &[i64],
) -> StoreResult<Looked> {
    let sql = "SELECT e.id, e.text, f.name FROM entries e LEFT JOIN files f ON f.id = e.file WHERE e.id = ANY ($1) \
        AND e.deleted = 0 ORDER BY e.id DESC";
    let (end, mut looked) = (Instant::now() + LOOK_MOST, Looked { ids: Vec::new(), down_to: Some(span.below) });
    for ids in ids.chunks(AT_ONCE) {
        for row in readers.found(sql, &[&ids]).await? {
            let mut row = row_of(&row)?;
            if looked.ids.len() < most && wanted.sought.is_in(&words_of(&mut row)) {
                looked.ids.push(row.get(0)?);
            }
        }
        looked.down_to = ids.last().copied();
        if looked.ids.len() >= most || Instant::now() > end {
            return Ok(looked);
        }
    }
    Ok(Looked { down_to: Some(span.from), ..looked })
}
