//! Reading the logs: messages as they now stand, everything else as it was written.

use titan_core::protocol::{Author, Body, Entry, FileInfo, Message, Place};
use titan_core::{AccountId, ClientId, ConversationId, EntryId, Seq};

use super::super::names::impossible;
use super::super::tx::{Ask, Row, all, one, values};
use super::super::{Range, StoreError, StoreResult};
use super::reactions::with_reactions;
use super::sums;

/// The columns that [`entry_of`] reads, of the entry `e` and its file `f`: those of [`sums::SUMMED`] first.
pub const ENTRY: &str = "e.conversation, e.seq, e.id, e.kind, e.author, e.author_name, e.author_number, e.at, e.client_id, \
    e.text, e.reply_to, e.file, e.edited, e.deleted, e.target, e.detail, e.sum, f.id, f.name, f.size, f.blob";

/// Reads the columns of [`ENTRY`]; reactions come by [`super::reactions`]. What isn't as it was written is never served as if
/// it were.
pub fn entry_of(row: &mut Row) -> StoreResult<Entry> {
    if !sums::holds(row) {
        return Ok(sums::damaged(row));
    }
    let place = Place::new(row.get(0)?, row.get(1)?);
    let author = Author::new(row.get(4)?, row.get::<String>(5)?.into(), row.get(6)?);
    let mut entry = Entry::new(place, row.get(2)?, author, row.get(7)?, body_of(row)?);
    entry.client_id = row.get(8)?;
    Ok(entry)
}

fn body_of(row: &mut Row) -> StoreResult<Body> {
    match row.get::<String>(3)?.as_str() {
        "message" => Ok(Body::Message(message_of(row)?)),
        "edit" => Ok(Body::edit(row.get(14)?, text_of(row)?)),
        "deletion" => Ok(Body::deletion(row.get(14)?)),
        _ => {
            let detail: String = row.get(15)?;
            serde_json::from_str(&detail).map_err(|_| impossible("an entry's detail", detail))
        }
    }
}

fn text_of(row: &mut Row) -> StoreResult<titan_core::SafeText> {
    Ok(row.get::<Option<String>>(9)?.unwrap_or_default().into())
}

fn message_of(row: &mut Row) -> StoreResult<Message> {
    let (deleted, reply_to) = (row.get(13)?, row.get(10)?);
    if deleted {
        return Ok(Message::erased(reply_to));
    }
    let mut message = Message::new(text_of(row)?);
    (message.reply_to, message.edited) = (reply_to, row.get(12)?);
    if let Some(id) = row.get(17)? {
        message.file = Some(FileInfo::new(id, row.get::<String>(18)?.into(), row.get(19)?, row.get(20)?));
    }
    Ok(message)
}

pub async fn entries(
    ask: &mut dyn Ask,
    conversation: ConversationId,
    range: Range,
    limit: u32,
) -> StoreResult<Vec<Entry>> {
    let select = |condition: &str| {
        format!(
            "SELECT {ENTRY} FROM entries e LEFT JOIN files f ON f.id = e.file \
             WHERE e.conversation = $1 AND {condition} LIMIT $3"
        )
    };
    let (sql, from) = match range {
        Range::After(seq) => (select("e.seq > $2 ORDER BY e.seq"), seq),
        Range::Before(seq) => (select("e.seq < $2 ORDER BY e.seq DESC"), seq),
        Range::Last => (select("e.seq < $2 ORDER BY e.seq DESC"), Seq(i64::MAX)),
    };
    let mut entries = all(ask, &sql, values![conversation, from, limit], entry_of).await?;
    if !matches!(range, Range::After(_)) {
        entries.reverse();
    }
    with_reactions(ask, conversation, &mut entries).await?;
    Ok(entries)
}

pub async fn messages(
    ask: &mut dyn Ask,
    conversation: ConversationId,
    before: Option<Seq>,
    limit: u32,
) -> StoreResult<Vec<Entry>> {
    let sql = format!(
        "SELECT {ENTRY} FROM entries e LEFT JOIN files f ON f.id = e.file \
         WHERE e.conversation = $1 AND e.seq < $2 AND e.kind = 'message' AND e.deleted = 0 \
         ORDER BY e.seq DESC LIMIT $3"
    );
    let before = before.unwrap_or(Seq(i64::MAX));
    let mut entries = all(ask, &sql, values![conversation, before, limit], entry_of).await?;
    entries.reverse();
    with_reactions(ask, conversation, &mut entries).await?;
    Ok(entries)
}

pub async fn entry(ask: &mut dyn Ask, conversation: ConversationId, seq: Seq) -> StoreResult<Option<Entry>> {
    let sql = format!(
        "SELECT {ENTRY} FROM entries e LEFT JOIN files f ON f.id = e.file WHERE e.conversation = $1 AND e.seq = $2"
    );
    let mut entry = one(ask, &sql, values![conversation, seq], entry_of).await?;
    with_reactions(ask, conversation, entry.as_mut_slice()).await?;
    Ok(entry)
}

pub async fn written(ask: &mut dyn Ask, author: AccountId, client_id: ClientId) -> StoreResult<Option<Entry>> {
    let sql = "SELECT conversation, seq FROM entries WHERE author = $1 AND client_id = $2";
    let place = one(ask, sql, values![author, &client_id], |row| Ok((row.get(0)?, row.get(1)?))).await?;
    match place {
        Some((conversation, seq)) => entry(ask, conversation, seq).await,
        None => Ok(None),
    }
}

pub async fn head(ask: &mut dyn Ask, conversation: ConversationId) -> StoreResult<Seq> {
    let sql = "SELECT head FROM conversations WHERE id = $1 AND deleted_at IS NULL";
    one(ask, sql, values![conversation], |row| row.get(0)).await?.ok_or(StoreError::NotFound)
}

/// Those of one author after an id: the ids are looked through, which is slow in a large house, and rarely asked for.
pub async fn entries_by(ask: &mut dyn Ask, author: AccountId, after: EntryId, limit: u32) -> StoreResult<Vec<Entry>> {
    let sql = format!(
        "SELECT {ENTRY} FROM entries e JOIN conversations c ON c.id = e.conversation AND c.deleted_at IS NULL \
         LEFT JOIN files f ON f.id = e.file WHERE e.id > $2 AND e.author = $1 ORDER BY e.id LIMIT $3"
    );
    let mut entries = all(ask, &sql, values![author, after, limit], entry_of).await?;
    each_with_reactions(ask, &mut entries).await?;
    Ok(entries)
}

/// The same for entries of any conversations.
pub async fn each_with_reactions(ask: &mut dyn Ask, entries: &mut [Entry]) -> StoreResult<()> {
    for entry in entries {
        with_reactions(ask, entry.conversation, std::slice::from_mut(entry)).await?;
    }
    Ok(())
}
