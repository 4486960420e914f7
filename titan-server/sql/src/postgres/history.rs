//! Reading the logs: messages as they now stand, everything else as it was written. Each look is one statement, and so
//! sees one moment.

use titan_core::protocol::{Author, Body, Entry, FileInfo, Message, Reaction};
use titan_core::{AccountId, BlobId, ClientId, ConversationId, EntryId, FileId, Seq, Time, TitanNumber};
use tokio_postgres::Row;

use super::super::names::impossible;
use super::super::{FileRecord, Range, StoreError, StoreResult};
use super::row::{Ask, all, held, one};

/// The columns that [`entry_of`] reads, of the entry `e` and its file `f`; the last two are the reactions, in the order in
/// which they were set.
pub(super) const ENTRY: &str = "e.conversation, e.seq, e.id, e.kind, e.author, e.author_name, e.author_number, e.at, \
    e.client_id, e.text, e.reply_to, e.edited, e.deleted, e.target, e.detail, f.id, f.name, f.size, f.blob, \
    CASE WHEN e.kind = 'message' THEN ARRAY(SELECT x.emoji FROM reactions x WHERE x.conversation = e.conversation \
      AND x.target = e.seq ORDER BY x.seq) END, \
    CASE WHEN e.kind = 'message' THEN ARRAY(SELECT x.account FROM reactions x WHERE x.conversation = e.conversation \
      AND x.target = e.seq ORDER BY x.seq) END";

/// Reads the columns of [`ENTRY`].
pub(super) fn entry_of(row: &Row) -> StoreResult<Entry> {
    Ok(Entry {
        conversation: ConversationId(row.try_get(0)?),
        seq: Seq(row.try_get(1)?),
        id: EntryId(row.try_get(2)?),
        author: Author {
            id: AccountId(row.try_get(4)?),
            username: row.try_get::<_, &str>(5)?.into(),
            titan_number: TitanNumber(row.try_get(6)?),
        },
        at: Time(row.try_get(7)?),
        client_id: row.try_get::<_, Option<&[u8]>>(8)?.map(client_id_of).transpose()?,
        body: body_of(row)?,
    })
}

pub(super) fn client_id_of(bytes: &[u8]) -> StoreResult<ClientId> {
    uuid::Uuid::from_slice(bytes).map(ClientId).map_err(|_| impossible("a client id", bytes))
}

pub(super) fn blob_of(bytes: &[u8]) -> StoreResult<BlobId> {
    bytes.try_into().map(BlobId).map_err(|_| impossible("a blob's name", bytes))
}

fn body_of(row: &Row) -> StoreResult<Body> {
    let text = || Ok::<_, StoreError>(row.try_get::<_, Option<&str>>(9)?.unwrap_or_default().into());
    let target = || Ok::<_, StoreError>(Seq(row.try_get(13)?));
    match row.try_get::<_, &str>(3)? {
        "message" => Ok(Body::Message(message_of(row)?)),
        "edit" => Ok(Body::Edit { target: target()?, text: text()? }),
        "deletion" => Ok(Body::Deletion { target: target()? }),
        _ => {
            let detail: &str = row.try_get(14)?;
            serde_json::from_str(detail).map_err(|_| impossible("an entry's detail", detail))
        }
    }
}

fn message_of(row: &Row) -> StoreResult<Message> {
    let deleted = row.try_get::<_, i64>(12)? != 0;
    let reply_to = row.try_get::<_, Option<i64>>(10)?.map(Seq);
    if deleted {
        return Ok(Message { reply_to, deleted, ..Message::default() });
    }
    let file = match row.try_get::<_, Option<i64>>(15)? {
        Some(id) => Some(FileInfo {
            id: FileId(id),
            name: row.try_get::<_, &str>(16)?.into(),
            size: row.try_get::<_, i64>(17)? as u64,
            sha256: blob_of(row.try_get(18)?)?,
        }),
        None => None,
    };
    Ok(Message {
        text: row.try_get::<_, Option<&str>>(9)?.unwrap_or_default().into(),
        reply_to,
        file,
        edited: row.try_get::<_, Option<i64>>(11)?.map(Seq),
        deleted,
        reactions: reactions_of(row)?,
    })
}

/// One for each emoji, in the order in which they were first set.
fn reactions_of(row: &Row) -> StoreResult<Vec<Reaction>> {
    let emojis = row.try_get::<_, Option<Vec<&str>>>(19)?.unwrap_or_default();
    let accounts = row.try_get::<_, Option<Vec<i64>>>(20)?.unwrap_or_default();
    let mut reactions: Vec<Reaction> = Vec::new();
    for (emoji, account) in emojis.into_iter().zip(accounts.into_iter().map(AccountId)) {
        match reactions.iter_mut().find(|reaction| *reaction.emoji == *emoji) {
            Some(reaction) => reaction.accounts.push(account),
            None => reactions.push(Reaction { emoji: emoji.into(), accounts: vec![account] }),
        }
    }
    Ok(reactions)
}

pub(super) async fn entries(
    ask: &impl Ask,
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
    let mut entries = all(ask, &sql, &[&conversation.0, &from.0, &i64::from(limit)], entry_of).await?;
    if !matches!(range, Range::After(_)) {
        entries.reverse();
    }
    Ok(entries)
}

pub(super) async fn messages(
    ask: &impl Ask,
    conversation: ConversationId,
    before: Option<Seq>,
    limit: u32,
) -> StoreResult<Vec<Entry>> {
    let sql = format!(
        "SELECT {ENTRY} FROM entries e LEFT JOIN files f ON f.id = e.file \
         WHERE e.conversation = $1 AND e.seq < $2 AND e.kind = 'message' AND e.deleted = 0 \
         ORDER BY e.seq DESC LIMIT $3"
    );
    let before = before.map_or(i64::MAX, |seq| seq.0);
    let mut entries = all(ask, &sql, &[&conversation.0, &before, &i64::from(limit)], entry_of).await?;
    entries.reverse();
    Ok(entries)
}

pub(super) async fn entry(ask: &impl Ask, conversation: ConversationId, seq: Seq) -> StoreResult<Option<Entry>> {
    let sql = format!(
        "SELECT {ENTRY} FROM entries e LEFT JOIN files f ON f.id = e.file WHERE e.conversation = $1 AND e.seq = $2"
    );
    one(ask, &sql, &[&conversation.0, &seq.0], entry_of).await
}

pub(super) async fn written(ask: &impl Ask, author: AccountId, client_id: ClientId) -> StoreResult<Option<Entry>> {
    let sql = format!(
        "SELECT {ENTRY} FROM entries e LEFT JOIN files f ON f.id = e.file WHERE e.author = $1 AND e.client_id = $2"
    );
    one(ask, &sql, &[&author.0, &client_id.0.as_bytes().as_slice()], entry_of).await
}

pub(super) async fn head(ask: &impl Ask, conversation: ConversationId) -> StoreResult<Seq> {
    let sql = "SELECT head FROM conversations WHERE id = $1 AND deleted_at IS NULL";
    one(ask, sql, &[&conversation.0], |row| Ok(Seq(row.try_get(0)?))).await?.ok_or(StoreError::NotFound)
}

/// Those of one author after an id.
pub(super) async fn entries_by(
    ask: &impl Ask,
    author: AccountId,
    after: EntryId,
    limit: u32,
) -> StoreResult<Vec<Entry>> {
    let sql = format!(
        "SELECT {ENTRY} FROM entries e JOIN conversations c ON c.id = e.conversation AND c.deleted_at IS NULL \
         LEFT JOIN files f ON f.id = e.file WHERE e.id > $2 AND e.author = $1 ORDER BY e.id LIMIT $3"
    );
    all(ask, &sql, &[&author.0, &after.0, &i64::from(limit)], entry_of).await
}

/// Files of conversations that stand.
fn select_files(condition: &str) -> String {
    format!(
        "SELECT f.id, f.conversation, f.seq, f.uploader, f.uploader_name, f.uploader_number, f.name, f.size, f.blob, f.at, \
         f.unique_name FROM files f JOIN conversations c ON c.id = f.conversation AND c.deleted_at IS NULL \
         WHERE {condition} ORDER BY f.id"
    )
}

pub(super) async fn file(ask: &impl Ask, file: FileId) -> StoreResult<Option<FileRecord>> {
    one(ask, &select_files("f.id = $1"), &[&file.0], file_of).await
}

pub(super) async fn file_named(ask: &impl Ask, unique_name: &str) -> StoreResult<Option<FileRecord>> {
    one(ask, &select_files("f.unique_name = $1"), &[&held(unique_name)], file_of).await
}

pub(super) async fn files(ask: &impl Ask, conversation: ConversationId) -> StoreResult<Vec<FileRecord>> {
    all(ask, &select_files("f.conversation = $1"), &[&conversation.0], file_of).await
}

fn file_of(row: &Row) -> StoreResult<FileRecord> {
    Ok(FileRecord {
        id: FileId(row.try_get(0)?),
        conversation: ConversationId(row.try_get(1)?),
        seq: Seq(row.try_get(2)?),
        uploader: Author {
            id: AccountId(row.try_get(3)?),
            username: row.try_get::<_, &str>(4)?.into(),
            titan_number: TitanNumber(row.try_get(5)?),
        },
        name: row.try_get(6)?,
        size: row.try_get::<_, i64>(7)? as u64,
        blob: blob_of(row.try_get(8)?)?,
        at: Time(row.try_get(9)?),
        unique_name: row.try_get(10)?,
    })
}
