//! Files of conversations that stand, as they are listed and fetched. The log puts them there ([`super::log`]).

use titan_core::{ConversationId, FileId, Seq};

use super::super::names::impossible;
use super::super::tx::{Ask, Row, all, one, values};
use super::super::{FileRecord, Range, StoreResult};
use super::marks::{marks, padded};

const FILES: &str = "files f JOIN conversations c ON c.id = f.conversation AND c.deleted_at IS NULL";

fn select(condition: &str) -> String {
    format!(
        "SELECT f.id, f.conversation, f.seq, f.uploader, f.uploader_name, f.uploader_number, f.name, f.size, f.blob, f.at, \
         f.unique_name FROM {FILES} WHERE {condition}"
    )
}

pub async fn find(ask: &mut dyn Ask, file: FileId) -> StoreResult<Option<FileRecord>> {
    one(ask, &select("f.id = $1"), values![file], file_of).await
}

pub async fn named(ask: &mut dyn Ask, unique_name: &str) -> StoreResult<Option<FileRecord>> {
    one(ask, &select("f.unique_name = $1"), values![unique_name], file_of).await
}

pub async fn list(
    ask: &mut dyn Ask,
    conversation: ConversationId,
    range: Range,
    limit: u32,
) -> StoreResult<Vec<FileRecord>> {
    let (stretch, from) = match range {
        Range::After(seq) => ("f.seq > $2 ORDER BY f.seq", seq),
        Range::Before(seq) => ("f.seq < $2 ORDER BY f.seq DESC", seq),
        Range::Last => ("f.seq < $2 ORDER BY f.seq DESC", Seq(i64::MAX)),
    };
    let sql = select(&format!("f.conversation = $1 AND {stretch} LIMIT $3"));
    let mut files = all(ask, &sql, values![conversation, from, limit], file_of).await?;
    files.sort_by_key(|file| file.seq);
    Ok(files)
}

pub async fn number(ask: &mut dyn Ask, conversation: ConversationId) -> StoreResult<u64> {
    let sql = format!("SELECT count(*) FROM {FILES} WHERE f.conversation = $1");
    Ok(one(ask, &sql, values![conversation], |row| row.get(0)).await?.unwrap_or_default())
}

pub async fn among(ask: &mut dyn Ask, ids: &[FileId]) -> StoreResult<Vec<FileRecord>> {
    let sql = select(&format!("f.id IN ({})", marks()));
    let mut found = Vec::with_capacity(ids.len());
    for wanted in padded(ids) {
        found.extend(all(ask, &sql, &wanted, file_of).await?);
    }
    Ok(found)
}

fn file_of(row: &mut Row) -> StoreResult<FileRecord> {
    Ok(FileRecord {
        id: row.get(0)?,
        conversation: row.get(1)?,
        seq: row.get(2)?,
        uploader: row.author(3)?.ok_or_else(|| impossible("a file's uploader", ()))?,
        name: row.get(6)?,
        size: row.get(7)?,
        blob: row.get(8)?,
        at: row.get(9)?,
        unique_name: row.get(10)?,
    })
}
