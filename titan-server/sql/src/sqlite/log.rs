//! Writing the logs, and the trait's verbs of them. Reading is in [`super::history`] and [`super::search`].

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;
use titan_core::protocol::{Author, Body, Entry, FileInfo, Message};
use titan_core::text::look_alike;
use titan_core::{AccountId, ClientId, ConversationId, EntryId, FileId, Seq, Time};

use super::super::{
    Appended, Appending, DraftBody, DraftEntry, FileRecord, Log, NewFile, Range, StoreError, StoreResult, kind_of,
};
use super::row::{all, change, one};
use super::writer::Batch;
use super::{SqliteStore, history, search};

#[async_trait]
impl Log for SqliteStore {
    async fn take_in(&self, draft: DraftEntry) -> StoreResult<Appending> {
        Ok(Box::pin(self.queue(move |batch| append(batch, &draft)).await?))
    }

    async fn written(&self, author: AccountId, client_id: ClientId) -> StoreResult<Option<Entry>> {
        self.read(move |connection| history::written(connection, author, client_id)).await
    }

    async fn entries(&self, conversation: ConversationId, range: Range, limit: u32) -> StoreResult<Vec<Entry>> {
        self.read(move |connection| history::entries(connection, conversation, range, limit)).await
    }

    async fn messages(&self, conversation: ConversationId, before: Option<Seq>, limit: u32) -> StoreResult<Vec<Entry>> {
        self.read(move |connection| history::messages(connection, conversation, before, limit)).await
    }

    async fn entry(&self, conversation: ConversationId, seq: Seq) -> StoreResult<Option<Entry>> {
        self.read(move |connection| history::entry(connection, conversation, seq)).await
    }

    async fn head(&self, conversation: ConversationId) -> StoreResult<Seq> {
        self.read(move |connection| history::head(connection, conversation)).await
    }

    async fn search(
        &self,
        account: AccountId,
        words: String,
        within: Option<ConversationId>,
        limit: u32,
    ) -> StoreResult<Vec<Entry>> {
        self.find(move |connection| search::search(connection, account, &words, within, limit)).await
    }

    async fn entries_by(&self, author: AccountId, after: EntryId, limit: u32) -> StoreResult<Vec<Entry>> {
        self.find(move |connection| history::entries_by(connection, author, after, limit)).await
    }

    async fn file(&self, file: FileId) -> StoreResult<Option<FileRecord>> {
        self.read(move |connection| history::file(connection, file)).await
    }

    async fn file_named(&self, unique_name: String) -> StoreResult<Option<FileRecord>> {
        self.read(move |connection| history::file_named(connection, &unique_name)).await
    }

    async fn files(&self, conversation: ConversationId) -> StoreResult<Vec<FileRecord>> {
        self.read(move |connection| history::files(connection, conversation)).await
    }
}

pub(super) fn append(batch: &mut Batch<'_>, draft: &DraftEntry) -> StoreResult<Appended> {
    // Asked before anything else, since a retried deletion finds its target deleted.
    if let Some(client_id) = draft.client_id
        && let Some(entry) = history::written(batch.connection, draft.author.id, client_id)?
    {
        return Ok(Appended { entry: Arc::new(entry), fresh: false });
    }
    let entry = match &draft.body {
        DraftBody::Message { text, reply_to, file, mentions } => {
            message(batch, draft, text, *reply_to, file.as_ref(), mentions)
        }
        DraftBody::Edit { target, text, mentions } => edit(batch, draft, *target, text, mentions),
        DraftBody::Deletion { target } => deletion(batch, draft, *target),
        DraftBody::Reaction { target, emoji, on } => reaction(batch, draft, *target, emoji, *on),
        DraftBody::FileFetched { file, name } => {
            write(batch, draft, Body::FileFetched { file: *file, name: name.as_str().into() })
        }
    }?;
    Ok(Appended { entry, fresh: true })
}

fn message(
    batch: &mut Batch<'_>,
    draft: &DraftEntry,
    text: &str,
    reply_to: Option<Seq>,
    file: Option<&NewFile>,
    mentions: &[String],
) -> StoreResult<Arc<Entry>> {
    let (seq, id) = batch.place(draft.conversation)?;
    if reply_to.is_some_and(|target| target >= seq || target < Seq(1)) {
        return Err(StoreError::NotFound);
    }
    let file = file.map(|file| keep_file(batch.connection, draft, seq, file)).transpose()?;
    let message = Message { text: text.into(), reply_to, file, ..Message::default() };
    index(batch.connection, draft.conversation, id, &message.text)?;
    keep_mentions(batch.connection, draft, seq, mentions)?;
    write(batch, draft, Body::Message(message))
}

fn edit(
    batch: &mut Batch<'_>,
    draft: &DraftEntry,
    target: Seq,
    text: &str,
    mentions: &[String],
) -> StoreResult<Arc<Entry>> {
    let (seq, _) = batch.place(draft.conversation)?;
    let old = Standing::of(batch.connection, draft.conversation, target)?;
    let body = Body::Edit { target, text: text.into() };
    unindex(batch.connection, draft.conversation, old.id, &old.text)?;
    index(batch.connection, draft.conversation, old.id, text_of(&body).unwrap_or_default())?;
    change(
        batch.connection,
        "UPDATE entries SET text = ?3, edited = ?4 WHERE conversation = ?1 AND seq = ?2",
        (draft.conversation.0, target.0, text_of(&body), seq.0),
    )?;
    forget_mentions(batch.connection, draft.conversation, target)?;
    keep_mentions(batch.connection, draft, target, mentions)?;
    write(batch, draft, body)
}

/// Erases the text wherever it stands: in the message, in its edits, in the index of words; and what hangs on it.
fn deletion(batch: &mut Batch<'_>, draft: &DraftEntry, target: Seq) -> StoreResult<Arc<Entry>> {
    batch.head(draft.conversation)?;
    let (connection, place) = (batch.connection, (draft.conversation.0, target.0));
    let old = Standing::of(connection, draft.conversation, target)?;
    unindex(connection, draft.conversation, old.id, &old.text)?;
    for sql in [
        "UPDATE entries SET text = NULL, file = NULL, deleted = 1 WHERE conversation = ?1 AND seq = ?2",
        "UPDATE entries SET text = NULL WHERE conversation = ?1 AND target = ?2 AND kind = 'edit'",
        "DELETE FROM files WHERE conversation = ?1 AND seq = ?2",
        "DELETE FROM reactions WHERE conversation = ?1 AND target = ?2",
    ] {
        change(connection, sql, place)?;
    }
    forget_mentions(connection, draft.conversation, target)?;
    write(batch, draft, Body::Deletion { target })
}

fn reaction(batch: &mut Batch<'_>, draft: &DraftEntry, target: Seq, emoji: &str, on: bool) -> StoreResult<Arc<Entry>> {
    let (seq, _) = batch.place(draft.conversation)?;
    Standing::of(batch.connection, draft.conversation, target)?;
    let body = Body::Reaction { target, emoji: emoji.into(), on };
    let Body::Reaction { emoji, .. } = &body else { return Err(StoreError::NotFound) };
    let key = (draft.conversation.0, target.0, emoji.as_str(), draft.author.id.0);
    if on {
        let sql = "INSERT INTO reactions (conversation, target, emoji, account, seq) VALUES (?1, ?2, ?3, ?4, ?5) \
            ON CONFLICT DO NOTHING";
        change(batch.connection, sql, (key.0, key.1, key.2, key.3, seq.0))?;
    } else {
        let sql = "DELETE FROM reactions WHERE conversation = ?1 AND target = ?2 AND emoji = ?3 AND account = ?4";
        change(batch.connection, sql, key)?;
    }
    write(batch, draft, body)
}

/// A message that can be edited, deleted, reacted to.
struct Standing {
    id: EntryId,
    text: String,
}

impl Standing {
    fn of(connection: &Connection, conversation: ConversationId, seq: Seq) -> StoreResult<Self> {
        let sql = "SELECT id, coalesce(text, '') FROM entries \
            WHERE conversation = ?1 AND seq = ?2 AND kind = 'message' AND deleted = 0";
        one(connection, sql, (conversation.0, seq.0), |row| Ok(Self { id: EntryId(row.get(0)?), text: row.get(1)? }))?
            .ok_or(StoreError::NotFound)
    }
}

fn write(batch: &mut Batch<'_>, draft: &DraftEntry, body: Body) -> StoreResult<Arc<Entry>> {
    record(batch, draft.conversation, draft.author.clone(), draft.at, draft.client_id, body)
}

/// Writes an entry's row at the next place of its conversation. Every entry comes through here.
pub(super) fn record(
    batch: &mut Batch<'_>,
    conversation: ConversationId,
    author: Author,
    at: Time,
    client_id: Option<ClientId>,
    body: Body,
) -> StoreResult<Arc<Entry>> {
    let (seq, id) = batch.place(conversation)?;
    let entry = Entry { conversation, seq, id, author, at, client_id, body };
    insert(batch.connection, &entry)?;
    Ok(batch.wrote(entry))
}

fn insert(connection: &Connection, entry: &Entry) -> StoreResult<()> {
    let (reply_to, file) = match &entry.body {
        Body::Message(message) => (message.reply_to, message.file.as_ref().map(|file| file.id.0)),
        _ => (None, None),
    };
    let sql = "INSERT INTO entries (conversation, seq, id, kind, author, author_name, author_number, at, client_id, \
        text, reply_to, file, target, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
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
        detail_of(&entry.body)?,
    );
    change(connection, sql, values).map(drop)
}

fn text_of(body: &Body) -> Option<&str> {
    match body {
        Body::Message(message) => Some(&message.text),
        Body::Edit { text, .. } => Some(text),
        _ => None,
    }
}

fn target_of(body: &Body) -> Option<Seq> {
    match body {
        Body::Edit { target, .. } | Body::Deletion { target } | Body::Reaction { target, .. } => Some(*target),
        _ => None,
    }
}

/// The kinds that never change are kept as they travel.
fn detail_of(body: &Body) -> StoreResult<Option<String>> {
    match body {
        Body::Message(_) | Body::Edit { .. } | Body::Deletion { .. } => Ok(None),
        _ => serde_json::to_string(body).map(Some).map_err(|error| StoreError::Broken(error.to_string())),
    }
}

fn keep_file(connection: &Connection, draft: &DraftEntry, seq: Seq, file: &NewFile) -> StoreResult<FileInfo> {
    let sql = "INSERT INTO files (conversation, seq, uploader, uploader_name, uploader_number, name, size, blob, at, \
        unique_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let Author { id, username, titan_number } = &draft.author;
    let place = (draft.conversation.0, seq.0);
    let values = (
        place.0,
        place.1,
        id.0,
        username.as_str(),
        titan_number.0,
        &file.name,
        file.size as i64,
        file.blob.0,
        draft.at.0,
        &file.unique_name,
    );
    change(connection, sql, values)?;
    let id = FileId(connection.last_insert_rowid());
    Ok(FileInfo { id, name: file.name.as_str().into(), size: file.size, sha256: file.blob })
}

/// Notes for each member who is mentioned, but not for the author, that this message does.
fn keep_mentions(connection: &Connection, draft: &DraftEntry, seq: Seq, names: &[String]) -> StoreResult<()> {
    for name in names {
        let member = "SELECT m.account FROM accounts a JOIN members m ON m.account = a.id AND m.conversation = ?1 \
            WHERE a.key = ?2 AND a.id <> ?3";
        let account = all(connection, member, (draft.conversation.0, look_alike(name), draft.author.id.0), |row| {
            Ok(row.get::<_, i64>(0)?)
        })?;
        for account in account {
            let sql = "INSERT OR IGNORE INTO mentions (account, conversation, seq) VALUES (?1, ?2, ?3)";
            change(connection, sql, (account, draft.conversation.0, seq.0))?;
        }
    }
    Ok(())
}

fn forget_mentions(connection: &Connection, conversation: ConversationId, seq: Seq) -> StoreResult<()> {
    change(connection, "DELETE FROM mentions WHERE conversation = ?1 AND seq = ?2", (conversation.0, seq.0)).map(drop)
}

pub(super) fn index(connection: &Connection, conversation: ConversationId, id: EntryId, text: &str) -> StoreResult<()> {
    let sql = "INSERT INTO message_words (rowid, text, place) VALUES (?1, ?2, ?3)";
    change(connection, sql, (id.0, text, search::place(conversation))).map(drop)
}

/// Takes a message out of the index of words, which must be told what it holds of it.
pub(super) fn unindex(
    connection: &Connection,
    conversation: ConversationId,
    id: EntryId,
    text: &str,
) -> StoreResult<()> {
    let sql = "INSERT INTO message_words (message_words, rowid, text, place) VALUES ('delete', ?1, ?2, ?3)";
    change(connection, sql, (id.0, text, search::place(conversation))).map(drop)
}
