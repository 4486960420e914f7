//! Bringing the index of words up to what the logs hold, in steps: messages of before, the newest first. Messages that are said
//! meanwhile are in it from the start.

use titan_core::{ConversationId, EntryId};

use super::super::tx::{Indexed, Tx, all, one, values};
use super::super::{StoreError, StoreResult};

/// Does so many ids' worth of what is left to do; how much that was, 0 once nothing is.
pub async fn index(tx: &mut dyn Tx, limit: u32) -> StoreResult<u32> {
    let shed = tx.shed_words(limit).await?;
    if shed > 0 {
        return Ok(shed);
    }
    let from = one(tx, "SELECT words_from FROM house", &[], |row| row.get::<i64>(0)).await?;
    let from = from.ok_or_else(|| StoreError::Broken("the table house is empty".into()))?;
    if from <= 1 {
        return Ok(0);
    }
    let next = (from - i64::from(limit)).max(1);
    let messages = messages(tx, next, from).await?;
    let indexed: Vec<_> = messages.iter().map(Message::indexed).collect();
    tx.index(&indexed).await?;
    tx.change("UPDATE house SET words_from = $1", values![next]).await?;
    Ok((from - next) as u32)
}

struct Message {
    id: EntryId,
    conversation: ConversationId,
    text: String,
    file: Option<String>,
}

impl Message {
    fn indexed(&self) -> Indexed<'_> {
        Indexed { conversation: self.conversation, id: self.id, text: &self.text, file: self.file.as_deref() }
    }
}

/// The messages that stand, of a span of ids. What is no text any more has no words.
async fn messages(tx: &mut dyn Tx, from: i64, below: i64) -> StoreResult<Vec<Message>> {
    let sql = "SELECT e.id, e.conversation, e.text, f.name FROM entries e LEFT JOIN files f ON f.id = e.file \
        WHERE e.id >= $1 AND e.id < $2 AND e.kind = 'message' AND e.deleted = 0 ORDER BY e.id";
    all(tx, sql, values![from, below], |row| {
        let (text, file): (Option<String>, _) = (row.get(2).unwrap_or_default(), row.get(3).unwrap_or_default());
        Ok(Message { id: row.get(0)?, conversation: row.get(1)?, text: text.unwrap_or_default(), file })
    })
    .await
}
