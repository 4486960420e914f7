//! Writing the logs.

use std::collections::HashMap;
use std::sync::Arc;

use titan_core::protocol::{Author, Body, Entry, FileInfo, Message};
use titan_core::text::look_alike;
use titan_core::{AccountId, BlobId, ConversationId, EntryId, FileId, SafeText, Seq};

use super::super::tx::{Indexed, NewEntry, Row, Tx, Value, all, insert, one, values};
use super::super::{Appended, DraftBody, DraftEntry, Meant, NewFile, StoreError, StoreResult, detail_of};
use super::reactions::{self, Under};
use super::{directs, erasing, history, sums};

/// Names that are looked for by one statement.
const NAMES_AT_ONCE: usize = 400;

pub async fn append(tx: &mut dyn Tx, draft: &DraftEntry) -> StoreResult<Appended> {
    // Asked before anything else, since a retried deletion finds its target deleted.
    if let Some(client_id) = draft.client_id
        && let Some(entry) = history::written(tx, draft.author.id, client_id).await?
    {
        return Ok(Appended { entry: Arc::new(entry), fresh: false });
    }
    tx.hold(&draft.grounds).await?;
    let entry = match &draft.body {
        DraftBody::Message { text, reply_to, file, mentions } => {
            message(tx, draft, text, *reply_to, file.as_ref(), mentions).await
        }
        DraftBody::Edit { target, text, mentions } => edit(tx, draft, *target, text, mentions).await,
        DraftBody::Deletion { target } => deletion(tx, draft, *target).await,
        DraftBody::Reaction { target, emoji, on } => reaction(tx, draft, *target, emoji, *on).await,
        DraftBody::FileFetched { file, name } => {
            let body = Body::file_fetched(*file, name.as_str().into());
            match noted(tx, draft, &body).await? {
                Some(entry) => return Ok(Appended { entry: Arc::new(entry), fresh: false }),
                None => write(tx, draft, body).await,
            }
        }
    }?;
    Ok(Appended { entry, fresh: true })
}

/// The entry that says already that this account fetched this file.
async fn noted(tx: &mut dyn Tx, draft: &DraftEntry, body: &Body) -> StoreResult<Option<Entry>> {
    let sql = "SELECT seq FROM entries WHERE conversation = $1 AND author = $2 AND detail = $3 \
        AND kind = 'file_fetched' LIMIT 1";
    let (conversation, detail) = (draft.conversation, detail_of(body)?);
    match one(tx, sql, values![conversation, draft.author.id, &detail], |row| row.get(0)).await? {
        Some(seq) => history::entry(tx, conversation, seq).await,
        None => Ok(None),
    }
}

async fn message(
    tx: &mut dyn Tx,
    draft: &DraftEntry,
    text: &str,
    reply_to: Option<Seq>,
    file: Option<&NewFile>,
    names: &[Meant],
) -> StoreResult<Arc<Entry>> {
    let seq = tx.log_end(draft.conversation).await?.seq.next();
    if reply_to.is_some_and(|target| target >= seq || target < Seq(1)) {
        return Err(StoreError::NotFound);
    }
    let file = match file {
        Some(file) => Some(keep_file(tx, draft, seq, file).await?),
        None => None,
    };
    keep_mentions(tx, draft, seq, names).await?;
    if seq == Seq(1) {
        directs::introduce(tx, draft.conversation).await?;
    }
    let mut message = Message::new(text.into());
    (message.reply_to, message.file) = (reply_to, file);
    write(tx, draft, Body::Message(message)).await
}

async fn edit(
    tx: &mut dyn Tx,
    draft: &DraftEntry,
    target: Seq,
    text: &str,
    names: &[Meant],
) -> StoreResult<Arc<Entry>> {
    let conversation = draft.conversation;
    let seq = tx.log_end(conversation).await?.seq.next();
    let old = Target::of(tx, conversation, target).await?;
    sums::must_hold(tx, conversation, target).await?;
    let body = Body::edit(target, text.into());
    let Body::Edit { text, .. } = &body else { return Err(StoreError::NotFound) };
    tx.change(
        "UPDATE entries SET text = $3, edited = $4 WHERE conversation = $1 AND seq = $2",
        values![conversation, target, text.written(), seq],
    )
    .await?;
    sums::seal(tx, conversation, target).await?;
    tx.reindex(old.indexed(conversation), Some(text.written())).await?;
    forget_mentions(tx, conversation, target).await?;
    keep_mentions(tx, draft, target, names).await?;
    write(tx, draft, body).await
}

/// Erases the text wherever it stands: in the message, in its edits, in the index of words; and what hangs on it. Damaged ones
/// lose their text like all others, since it is somebody's wish that it goes; but they get no sum of what they say now, so
/// that whatever else is wrong with them is not taken for right.
async fn deletion(tx: &mut dyn Tx, draft: &DraftEntry, target: Seq) -> StoreResult<Arc<Entry>> {
    let conversation = draft.conversation;
    tx.log_end(conversation).await?;
    let old = Target::of(tx, conversation, target).await?;
    let sound = sums::holding(tx, conversation, target).await?;
    for sql in [
        "UPDATE entries SET text = NULL, file = NULL, deleted = 1 WHERE conversation = $1 AND seq = $2",
        "UPDATE entries SET text = NULL WHERE conversation = $1 AND target = $2 AND kind = 'edit'",
        "DELETE FROM files WHERE conversation = $1 AND seq = $2",
        "DELETE FROM reactions WHERE conversation = $1 AND target = $2",
    ] {
        tx.change(sql, values![conversation, target]).await?;
    }
    for seq in sound {
        sums::seal(tx, conversation, seq).await?;
    }
    forget_fetched(tx, conversation, old.file_id).await?;
    tx.reindex(old.indexed(conversation), None).await?;
    forget_mentions(tx, conversation, target).await?;
    erasing::tell(tx, old.blob.into_iter().collect());
    write(tx, draft, Body::deletion(target)).await
}

async fn reaction(tx: &mut dyn Tx, draft: &DraftEntry, target: Seq, emoji: &str, on: bool) -> StoreResult<Arc<Entry>> {
    let conversation = draft.conversation;
    let seq = tx.log_end(conversation).await?.seq.next();
    Target::of(tx, conversation, target).await?;
    let under = Under { conversation, target, account: draft.author.id };
    let emoji = reactions::set(tx, under, emoji, on, seq).await?;
    write(tx, draft, Body::reaction(target, emoji.as_str().into(), on)).await
}

/// That somebody fetched a file stays in the log, without what it was called.
async fn forget_fetched(tx: &mut dyn Tx, conversation: ConversationId, file: Option<FileId>) -> StoreResult<()> {
    let Some(file) = file else { return Ok(()) };
    let nameless = detail_of(&Body::file_fetched(file, SafeText::default()))?.unwrap_or_default();
    // Told in full it begins like the nameless one, up to the name.
    let begins = format!("{}%", nameless.trim_end_matches("\"}"));
    let sql = "SELECT seq FROM entries WHERE conversation = $1 AND kind = 'file_fetched' AND detail LIKE $2";
    for seq in all(tx, sql, values![conversation, begins], |row| row.get::<Seq>(0)).await? {
        let sound = sums::must_hold(tx, conversation, seq).await.is_ok();
        let sql = "UPDATE entries SET detail = $3 WHERE conversation = $1 AND seq = $2";
        tx.change(sql, values![conversation, seq, &nameless]).await?;
        if sound {
            sums::seal(tx, conversation, seq).await?;
        }
    }
    Ok(())
}

/// A message that can be edited, deleted, reacted to.
struct Target {
    id: EntryId,
    text: String,
    file: Option<String>,
    file_id: Option<FileId>,
    blob: Option<BlobId>,
}

impl Target {
    async fn of(tx: &mut dyn Tx, conversation: ConversationId, seq: Seq) -> StoreResult<Self> {
        let sql = "SELECT e.id, coalesce(e.text, ''), f.name, f.id, f.blob FROM entries e \
            LEFT JOIN files f ON f.id = e.file \
            WHERE e.conversation = $1 AND e.seq = $2 AND e.kind = 'message' AND e.deleted = 0";
        let target = |row: &mut Row| {
            let (file, file_id, blob) = (row.get(2)?, row.get(3)?, row.get(4)?);
            Ok(Self { id: row.get(0)?, text: row.get(1)?, file, file_id, blob })
        };
        one(tx, sql, values![conversation, seq], target).await?.ok_or(StoreError::NotFound)
    }

    fn indexed(&self, conversation: ConversationId) -> Indexed<'_> {
        Indexed { conversation, id: self.id, text: &self.text, file: self.file.as_deref() }
    }
}

async fn write(tx: &mut dyn Tx, draft: &DraftEntry, body: Body) -> StoreResult<Arc<Entry>> {
    let DraftEntry { conversation, at, client_id, .. } = *draft;
    tx.record(NewEntry { conversation, author: draft.author.clone(), at, client_id, body }).await
}

async fn keep_file(tx: &mut dyn Tx, draft: &DraftEntry, seq: Seq, file: &NewFile) -> StoreResult<FileInfo> {
    let sql = "INSERT INTO files (conversation, seq, uploader, uploader_name, uploader_number, name, size, blob, at, \
        unique_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id";
    let Author { id, username, titan_number, .. } = &draft.author;
    let (size, blob, at, unique_name) = (file.size as i64, &file.blob.0, draft.at, &file.unique_name);
    let (uploader, place) = (username.as_str(), draft.conversation);
    let values = values![place, seq, *id, uploader, *titan_number, &file.name, size, blob, at, unique_name];
    let id = FileId(insert(tx, sql, values).await?);
    Ok(FileInfo::new(id, file.name.as_str().into(), file.size, file.blob))
}

/// Notes for each member who is mentioned, but not for the author nor who has blocked them, that this message does.
async fn keep_mentions(tx: &mut dyn Tx, draft: &DraftEntry, seq: Seq, names: &[Meant]) -> StoreResult<()> {
    for account in meant(tx, names).await? {
        let sql = "INSERT INTO mentions (account, conversation, seq) \
            SELECT m.account, m.conversation, CAST($2 AS BIGINT) FROM members m \
            WHERE m.conversation = $1 AND m.account = $3 AND m.account <> $4 \
            AND NOT EXISTS (SELECT 1 FROM relations r \
              WHERE r.account = $3 AND r.other = $4 AND r.kind = 'blocked') ON CONFLICT DO NOTHING";
        tx.change(sql, values![draft.conversation, seq, account, draft.author.id]).await?;
    }
    Ok(())
}

/// Whom each place means: who has the first of its names that is somebody's, written exactly so or the same.
async fn meant(tx: &mut dyn Tx, places: &[Meant]) -> StoreResult<Vec<AccountId>> {
    let named: Vec<(&String, String)> = places.iter().flatten().map(|name| (name, look_alike(name))).collect();
    let (mut written, mut alike) = (HashMap::new(), HashMap::new());
    for names in named.chunks(NAMES_AT_ONCE) {
        let (names, keys): (Vec<Value<'_>>, Vec<Value<'_>>) =
            names.iter().map(|(name, key)| (Value::from(*name), Value::from(key))).unzip();
        let marks = |from: usize| (from..from + names.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
        let (as_written, as_keys) = (marks(1), marks(1 + names.len()));
        let sql =
            format!("SELECT id, username, key FROM accounts WHERE username IN ({as_written}) OR key IN ({as_keys})");
        for mut row in tx.rows(&sql, &[names, keys].concat()).await? {
            let id: AccountId = row.get(0)?;
            written.insert(row.get::<String>(1)?, id);
            alike.insert(row.get::<String>(2)?, id);
        }
    }
    let somebody = |name: &String| written.get(name).or_else(|| alike.get(&look_alike(name))).copied();
    Ok(places.iter().filter_map(|names| names.iter().find_map(somebody)).collect())
}

async fn forget_mentions(tx: &mut dyn Tx, conversation: ConversationId, seq: Seq) -> StoreResult<()> {
    let sql = "DELETE FROM mentions WHERE conversation = $1 AND seq = $2";
    tx.change(sql, values![conversation, seq]).await.map(drop)
}
