//! Writing the logs, and the trait's verbs of them. Plain messages go by [`super::bulk`]; reading is in [`super::history`]
//! and [`super::search`].

use std::sync::Arc;

use async_trait::async_trait;
use titan_core::protocol::{Author, Body, Entry, FileInfo, Message};
use titan_core::{AccountId, ClientId, ConversationId, EntryId, FileId, Seq, Time};

use super::super::{
    Appended, Appending, DraftBody, DraftEntry, FileRecord, Log, NewFile, Range, StoreError, StoreResult,
};
use super::bulk::{self, Mentions};
use super::row::{any, held};
use super::work::Work;
use super::writer::Batch;
use super::{PostgresStore, history, search, words};

#[async_trait]
impl Log for PostgresStore {
    async fn take_in(&self, draft: DraftEntry) -> StoreResult<Appending> {
        let (work, answer) = match draft.body {
            DraftBody::Message { file: None, .. } => Work::message(draft),
            _ => Work::verb(async move |batch: &mut Batch<'_>| append(batch, &draft).await),
        };
        Ok(Box::pin(self.queue(work, answer).await?))
    }

    async fn written(&self, author: AccountId, client_id: ClientId) -> StoreResult<Option<Entry>> {
        history::written(&self.readers()?, author, client_id).await
    }

    async fn entries(&self, conversation: ConversationId, range: Range, limit: u32) -> StoreResult<Vec<Entry>> {
        history::entries(&self.readers()?, conversation, range, limit).await
    }

    async fn messages(&self, conversation: ConversationId, before: Option<Seq>, limit: u32) -> StoreResult<Vec<Entry>> {
        history::messages(&self.readers()?, conversation, before, limit).await
    }

    async fn entry(&self, conversation: ConversationId, seq: Seq) -> StoreResult<Option<Entry>> {
        history::entry(&self.readers()?, conversation, seq).await
    }

    async fn head(&self, conversation: ConversationId) -> StoreResult<Seq> {
        history::head(&self.readers()?, conversation).await
    }

    async fn search(
        &self,
        account: AccountId,
        words: String,
        within: Option<ConversationId>,
        limit: u32,
    ) -> StoreResult<Vec<Entry>> {
        search::search(&self.searchers()?, account, &words, within, limit).await
    }

    async fn entries_by(&self, author: AccountId, after: EntryId, limit: u32) -> StoreResult<Vec<Entry>> {
        history::entries_by(&self.readers()?, author, after, limit).await
    }

    async fn file_named(&self, unique_name: String) -> StoreResult<Option<FileRecord>> {
        history::file_named(&self.readers()?, &unique_name).await
    }

    async fn files(&self, conversation: ConversationId) -> StoreResult<Vec<FileRecord>> {
        history::files(&self.readers()?, conversation).await
    }

    async fn file(&self, file: FileId) -> StoreResult<Option<FileRecord>> {
        history::file(&self.readers()?, file).await
    }
}

async fn append(batch: &mut Batch<'_>, draft: &DraftEntry) -> StoreResult<Appended> {
    // Asked before anything else, since a retried deletion finds its target deleted.
    if let Some(client_id) = draft.client_id
        && let Some(entry) = history::written(batch, draft.author.id, client_id).await?
    {
        return Ok(Appended { entry: Arc::new(entry), fresh: false });
    }
    let entry = match &draft.body {
        DraftBody::Message { text, reply_to, file, mentions } => {
            message(batch, draft, text, *reply_to, file.as_ref(), mentions).await
        }
        DraftBody::Edit { target, text, mentions } => edit(batch, draft, *target, text, mentions).await,
        DraftBody::Deletion { target } => deletion(batch, draft, *target).await,
        DraftBody::Reaction { target, emoji, on } => reaction(batch, draft, *target, emoji, *on).await,
        DraftBody::FileFetched { file, name } => {
            write(batch, draft, Body::FileFetched { file: *file, name: name.as_str().into() }).await
        }
    }?;
    Ok(Appended { entry, fresh: true })
}

async fn message(
    batch: &mut Batch<'_>,
    draft: &DraftEntry,
    text: &str,
    reply_to: Option<Seq>,
    file: Option<&NewFile>,
    names: &[String],
) -> StoreResult<Arc<Entry>> {
    let (seq, _) = batch.place(draft.conversation).await?;
    if reply_to.is_some_and(|target| target >= seq || target < Seq(1)) {
        return Err(StoreError::NotFound);
    }
    let file = match file {
        Some(file) => Some(keep_file(batch, draft, seq, file).await?),
        None => None,
    };
    keep_mentions(batch, draft, seq, names).await?;
    write(batch, draft, Body::Message(Message { text: text.into(), reply_to, file, ..Message::default() })).await
}

async fn edit(
    batch: &mut Batch<'_>,
    draft: &DraftEntry,
    target: Seq,
    text: &str,
    names: &[String],
) -> StoreResult<Arc<Entry>> {
    let (seq, _) = batch.place(draft.conversation).await?;
    must_stand(batch, draft.conversation, target).await?;
    let body = Body::Edit { target, text: text.into() };
    let text = bulk::text_of(&body).map(held).unwrap_or_default();
    let sql =
        "UPDATE entries SET text = $3, edited = $4, words = $5::text::tsvector WHERE conversation = $1 AND seq = $2";
    batch.change(sql, &[&draft.conversation.0, &target.0, &text, &seq.0, &words::vector(&text)]).await?;
    forget_mentions(batch, draft.conversation, target).await?;
    keep_mentions(batch, draft, target, names).await?;
    write(batch, draft, body).await
}

/// Erases the text wherever it stands: in the message, in its edits, in the index of words; and what hangs on it.
async fn deletion(batch: &mut Batch<'_>, draft: &DraftEntry, target: Seq) -> StoreResult<Arc<Entry>> {
    batch.head(draft.conversation).await?;
    must_stand(batch, draft.conversation, target).await?;
    for sql in [
        "UPDATE entries SET text = NULL, words = NULL, file = NULL, deleted = 1 WHERE conversation = $1 AND seq = $2",
        "UPDATE entries SET text = NULL WHERE conversation = $1 AND target = $2 AND kind = 'edit'",
        "DELETE FROM files WHERE conversation = $1 AND seq = $2",
        "DELETE FROM reactions WHERE conversation = $1 AND target = $2",
    ] {
        batch.change(sql, &[&draft.conversation.0, &target.0]).await?;
    }
    forget_mentions(batch, draft.conversation, target).await?;
    write(batch, draft, Body::Deletion { target }).await
}

async fn reaction(
    batch: &mut Batch<'_>,
    draft: &DraftEntry,
    target: Seq,
    emoji: &str,
    on: bool,
) -> StoreResult<Arc<Entry>> {
    let (seq, _) = batch.place(draft.conversation).await?;
    must_stand(batch, draft.conversation, target).await?;
    let body = Body::Reaction { target, emoji: emoji.into(), on };
    let Body::Reaction { emoji, .. } = &body else { return Err(StoreError::NotFound) };
    let (place, author, emoji) = (draft.conversation.0, draft.author.id.0, held(emoji));
    if on {
        let sql = "INSERT INTO reactions (conversation, target, emoji, account, seq) VALUES ($1, $2, $3, $4, $5) \
            ON CONFLICT DO NOTHING";
        batch.change(sql, &[&place, &target.0, &emoji, &author, &seq.0]).await?;
    } else {
        let sql = "DELETE FROM reactions WHERE conversation = $1 AND target = $2 AND emoji = $3 AND account = $4";
        batch.change(sql, &[&place, &target.0, &emoji, &author]).await?;
    }
    write(batch, draft, body).await
}

/// `NotFound` unless it is a message that can be edited, deleted, reacted to.
async fn must_stand(batch: &Batch<'_>, conversation: ConversationId, seq: Seq) -> StoreResult<()> {
    let sql = "SELECT 1 FROM entries WHERE conversation = $1 AND seq = $2 AND kind = 'message' AND deleted = 0";
    if any(batch, sql, &[&conversation.0, &seq.0]).await? { Ok(()) } else { Err(StoreError::NotFound) }
}

async fn write(batch: &mut Batch<'_>, draft: &DraftEntry, body: Body) -> StoreResult<Arc<Entry>> {
    record(batch, draft.conversation, draft.author.clone(), draft.at, draft.client_id, body).await
}

/// Writes an entry's row at the next place of its conversation.
pub(super) async fn record(
    batch: &mut Batch<'_>,
    conversation: ConversationId,
    author: Author,
    at: Time,
    client_id: Option<ClientId>,
    body: Body,
) -> StoreResult<Arc<Entry>> {
    let (seq, id) = batch.place(conversation).await?;
    let entry = Arc::new(Entry { conversation, seq, id, author, at, client_id, body });
    bulk::insert(batch, std::slice::from_ref(&entry)).await?;
    batch.takes(&entry);
    batch.wrote(entry.clone());
    Ok(entry)
}

async fn keep_file(batch: &mut Batch<'_>, draft: &DraftEntry, seq: Seq, file: &NewFile) -> StoreResult<FileInfo> {
    let sql = "INSERT INTO files (conversation, seq, uploader, uploader_name, uploader_number, name, size, blob, at, \
        unique_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id";
    let Author { id, username, titan_number } = &draft.author;
    let (size, blob) = (file.size as i64, file.blob.0.as_slice());
    let id = batch
        .insert(
            sql,
            &[
                &draft.conversation.0,
                &seq.0,
                &id.0,
                &username.as_str(),
                &titan_number.0,
                &held(&file.name),
                &size,
                &blob,
                &draft.at.0,
                &file.unique_name.as_deref().map(held),
            ],
        )
        .await?;
    Ok(FileInfo { id: FileId(id), name: file.name.as_str().into(), size: file.size, sha256: file.blob })
}

async fn keep_mentions(batch: &mut Batch<'_>, draft: &DraftEntry, seq: Seq, names: &[String]) -> StoreResult<()> {
    let mut mentions = Mentions::default();
    mentions.note_names(draft, seq, names);
    mentions.keep(batch).await
}

async fn forget_mentions(batch: &mut Batch<'_>, conversation: ConversationId, seq: Seq) -> StoreResult<()> {
    let sql = "DELETE FROM mentions WHERE conversation = $1 AND seq = $2";
    batch.change(sql, &[&conversation.0, &seq.0]).await.map(drop)
}
