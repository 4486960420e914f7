//! Reading the logs: messages as they now stand, everything else as it was written.

use rusqlite::{Connection, Row};
use titan_core::protocol::{Author, Body, Entry, FileInfo, Message, Reaction};
use titan_core::{AccountId, BlobId, ClientId, ConversationId, EntryId, FileId, Seq, Time, TitanNumber};

use super::super::{FileRecord, Range, StoreError, StoreResult};
use super::row::{all, impossible, one};

/// The columns that [`entry_of`] reads, of the entry `e` and its file `f`.
pub(super) const ENTRY: &str = "e.conversation, e.seq, e.id, e.kind, e.author, e.author_name, e.author_number, e.at, \
    e.client_id, e.text, e.reply_to, e.edited, e.deleted, e.target, e.detail, f.id, f.name, f.size, f.blob";

/// Reads the columns of [`ENTRY`]; reactions come by [`with_reactions`].
pub(super) fn entry_of(row: &Row<'_>) -> StoreResult<Entry> {
    Ok(Entry {
        conversation: ConversationId(row.get(0)?),
        seq: Seq(row.get(1)?),
        id: EntryId(row.get(2)?),
        author: Author {
            id: AccountId(row.get(4)?),
            username: row.get::<_, String>(5)?.into(),
            titan_number: TitanNumber(row.get(6)?),
        },
        at: Time(row.get(7)?),
        client_id: row.get::<_, Option<[u8; 16]>>(8)?.map(|bytes| ClientId(uuid::Uuid::from_bytes(bytes))),
        body: body_of(row)?,
    })
}

fn body_of(row: &Row<'_>) -> StoreResult<Body> {
    let text = || Ok::<_, StoreError>(row.get::<_, Option<String>>(9)?.unwrap_or_default().into());
    let target = || Ok::<_, StoreError>(Seq(row.get(13)?));
    match row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)? {
        "message" => Ok(Body::Message(message_of(row)?)),
        "edit" => Ok(Body::Edit { target: target()?, text: text()? }),
        "deletion" => Ok(Body::Deletion { target: target()? }),
        _ => {
            let detail: String = row.get(14)?;
            serde_json::from_str(&detail).map_err(|_| impossible("an entry's detail", detail))
        }
    }
}

fn message_of(row: &Row<'_>) -> StoreResult<Message> {
    let deleted: bool = row.get(12)?;
    let reply_to = row.get::<_, Option<i64>>(10)?.map(Seq);
    if deleted {
        return Ok(Message { reply_to, deleted, ..Message::default() });
    }
    let file = match row.get::<_, Option<i64>>(15)? {
        Some(id) => Some(FileInfo {
            id: FileId(id),
            name: row.get::<_, String>(16)?.into(),
            size: row.get::<_, i64>(17)? as u64,
            sha256: BlobId(row.get(18)?),
        }),
        None => None,
    };
    Ok(Message {
        text: row.get::<_, Option<String>>(9)?.unwrap_or_default().into(),
        reply_to,
        file,
        edited: row.get::<_, Option<i64>>(11)?.map(Seq),
        deleted,
        reactions: Vec::new(),
    })
}

pub(super) fn entries(
    connection: &Connection,
    conversation: ConversationId,
    range: Range,
    limit: u32,
) -> StoreResult<Vec<Entry>> {
    let select = |condition: &str| {
        format!(
            "SELECT {ENTRY} FROM entries e LEFT JOIN files f ON f.id = e.file \
             WHERE e.conversation = ?1 AND {condition} LIMIT ?3"
        )
    };
    let (sql, from) = match range {
        Range::After(seq) => (select("e.seq > ?2 ORDER BY e.seq"), seq),
        Range::Before(seq) => (select("e.seq < ?2 ORDER BY e.seq DESC"), seq),
        Range::Last => (select("e.seq < ?2 ORDER BY e.seq DESC"), Seq(i64::MAX)),
    };
    let mut entries = all(connection, &sql, (conversation.0, from.0, limit), entry_of)?;
    if !matches!(range, Range::After(_)) {
        entries.reverse();
    }
    with_reactions(connection, conversation, &mut entries)?;
    Ok(entries)
}

pub(super) fn messages(
    connection: &Connection,
    conversation: ConversationId,
    before: Option<Seq>,
    limit: u32,
) -> StoreResult<Vec<Entry>> {
    let sql = format!(
        "SELECT {ENTRY} FROM entries e LEFT JOIN files f ON f.id = e.file \
         WHERE e.conversation = ?1 AND e.seq < ?2 AND e.kind = 'message' AND e.deleted = 0 \
         ORDER BY e.seq DESC LIMIT ?3"
    );
    let before = before.map_or(i64::MAX, |seq| seq.0);
    let mut entries = all(connection, &sql, (conversation.0, before, limit), entry_of)?;
    entries.reverse();
    with_reactions(connection, conversation, &mut entries)?;
    Ok(entries)
}

pub(super) fn entry(connection: &Connection, conversation: ConversationId, seq: Seq) -> StoreResult<Option<Entry>> {
    let sql = format!(
        "SELECT {ENTRY} FROM entries e LEFT JOIN files f ON f.id = e.file WHERE e.conversation = ?1 AND e.seq = ?2"
    );
    let mut entry = one(connection, &sql, (conversation.0, seq.0), entry_of)?;
    with_reactions(connection, conversation, entry.as_mut_slice())?;
    Ok(entry)
}

pub(super) fn written(connection: &Connection, author: AccountId, client_id: ClientId) -> StoreResult<Option<Entry>> {
    let sql = "SELECT conversation, seq FROM entries WHERE author = ?1 AND client_id = ?2";
    let place = one(connection, sql, (author.0, client_id.0.as_bytes()), |row| {
        Ok((ConversationId(row.get(0)?), Seq(row.get(1)?)))
    })?;
    match place {
        Some((conversation, seq)) => entry(connection, conversation, seq),
        None => Ok(None),
    }
}

pub(super) fn head(connection: &Connection, conversation: ConversationId) -> StoreResult<Seq> {
    let sql = "SELECT head FROM conversations WHERE id = ?1 AND deleted_at IS NULL";
    one(connection, sql, [conversation.0], |row| Ok(Seq(row.get(0)?)))?.ok_or(StoreError::NotFound)
}

/// Puts the reactions to messages of one conversation under them, in the order in which they were first set.
pub(super) fn with_reactions(
    connection: &Connection,
    conversation: ConversationId,
    entries: &mut [Entry],
) -> StoreResult<()> {
    let (Some(first), Some(last)) = (entries.first().map(|e| e.seq), entries.last().map(|e| e.seq)) else {
        return Ok(());
    };
    let sql = "SELECT target, emoji, account FROM reactions WHERE conversation = ?1 AND target BETWEEN ?2 AND ?3 \
        ORDER BY target, seq";
    let reactions = all(connection, sql, (conversation.0, first.0, last.0), |row| {
        Ok((Seq(row.get(0)?), row.get::<_, String>(1)?, AccountId(row.get(2)?)))
    })?;
    for (target, emoji, account) in reactions {
        let Ok(at) = entries.binary_search_by_key(&target, |entry| entry.seq) else { continue };
        if let Body::Message(message) = &mut entries[at].body {
            match message.reactions.iter_mut().find(|reaction| *reaction.emoji == *emoji) {
                Some(reaction) => reaction.accounts.push(account),
                None => message.reactions.push(Reaction { emoji: emoji.into(), accounts: vec![account] }),
            }
        }
    }
    Ok(())
}

/// Those of one author after an id: the ids are looked through, which is slow in a large house, and rarely asked for.
pub(super) fn entries_by(
    connection: &Connection,
    author: AccountId,
    after: EntryId,
    limit: u32,
) -> StoreResult<Vec<Entry>> {
    let sql = format!(
        "SELECT {ENTRY} FROM entries e JOIN conversations c ON c.id = e.conversation AND c.deleted_at IS NULL \
         LEFT JOIN files f ON f.id = e.file WHERE e.id > ?2 AND e.author = ?1 ORDER BY e.id LIMIT ?3"
    );
    let mut entries = all(connection, &sql, (author.0, after.0, limit), entry_of)?;
    for entry in &mut entries {
        with_reactions(connection, entry.conversation, std::slice::from_mut(entry))?;
    }
    Ok(entries)
}

/// Files of conversations that stand.
fn select_files(condition: &str) -> String {
    format!(
        "SELECT f.id, f.conversation, f.seq, f.uploader, f.uploader_name, f.uploader_number, f.name, f.size, f.blob, f.at, \
         f.unique_name FROM files f JOIN conversations c ON c.id = f.conversation AND c.deleted_at IS NULL \
         WHERE {condition} ORDER BY f.id"
    )
}

pub(super) fn file(connection: &Connection, file: FileId) -> StoreResult<Option<FileRecord>> {
    one(connection, &select_files("f.id = ?1"), [file.0], file_of)
}

pub(super) fn file_named(connection: &Connection, unique_name: &str) -> StoreResult<Option<FileRecord>> {
    one(connection, &select_files("f.unique_name = ?1"), [unique_name], file_of)
}

pub(super) fn files(connection: &Connection, conversation: ConversationId) -> StoreResult<Vec<FileRecord>> {
    all(connection, &select_files("f.conversation = ?1"), [conversation.0], file_of)
}

fn file_of(row: &Row<'_>) -> StoreResult<FileRecord> {
    Ok(FileRecord {
        id: FileId(row.get(0)?),
        conversation: ConversationId(row.get(1)?),
        seq: Seq(row.get(2)?),
        uploader: Author {
            id: AccountId(row.get(3)?),
            username: row.get::<_, String>(4)?.into(),
            titan_number: TitanNumber(row.get(5)?),
        },
        name: row.get(6)?,
        size: row.get::<_, i64>(7)? as u64,
        blob: BlobId(row.get(8)?),
        at: Time(row.get(9)?),
        unique_name: row.get(10)?,
    })
}
