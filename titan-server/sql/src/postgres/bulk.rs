//! Messages, which come by the hundred: looked up, placed and written together.

use std::collections::HashMap;
use std::sync::Arc;

use titan_core::protocol::{Body, Entry, Message};
use titan_core::text::look_alike;
use titan_core::{AccountId, ClientId, ConversationId, Seq};

use super::super::tx::{NewEntry, Tx};
use super::super::verbs::{directs, history};
use super::super::{Appended, DraftBody, DraftEntry, Fact, Meant, StoreError, StoreResult};
use super::batch::Batch;
use super::row::{AskPostgres, held};
use super::{grounds, work};

/// Gives every message its place and writes them. Where SQL fails all of them have failed.
pub(super) async fn say(batch: &mut Batch<'_>, mut messages: Vec<&mut work::Message>) {
    if let Err(failure) = try_to_say(batch, &mut messages).await {
        for message in messages {
            message.result = Err(failure.clone());
        }
    }
}

/// Which message a client id belongs to.
type Once = (AccountId, ClientId);

async fn try_to_say(batch: &mut Batch<'_>, messages: &mut [&mut work::Message]) -> StoreResult<()> {
    let mut known = known(batch, messages).await?;
    let conversations: Vec<ConversationId> = messages.iter().map(|message| message.draft.conversation).collect();
    batch.look_up(&conversations).await?;
    let resting: Vec<&Fact> = messages.iter().flat_map(|message| &message.draft.grounds).collect();
    grounds::look_up(batch, &resting).await?;
    let (mut entries, mut mentions) = (Vec::with_capacity(messages.len()), Mentions::default());
    for message in messages {
        let draft = &message.draft;
        let once = draft.client_id.map(|client_id| (draft.author.id, client_id));
        if let Some(entry) = once.and_then(|once| known.get(&once)) {
            message.result = Ok(Appended { entry: entry.clone(), fresh: false });
            continue;
        }
        message.result = place(batch, draft).await.map(|entry| Appended { entry, fresh: true });
        if let Ok(Appended { entry, .. }) = &message.result {
            mentions.note(draft, entry.seq);
            entries.push(entry.clone());
            known.extend(once.map(|once| (once, entry.clone())));
        }
    }
    batch.insert(&entries).await?;
    mentions.keep(batch).await?;
    batch.entries.extend(entries);
    Ok(())
}

/// What was written before under the client ids that the messages have.
async fn known(batch: &mut Batch<'_>, messages: &[&mut work::Message]) -> StoreResult<HashMap<Once, Arc<Entry>>> {
    let named = messages.iter().filter_map(|message| Some((message.draft.author.id.0, message.draft.client_id?)));
    let (authors, ids): (Vec<i64>, Vec<ClientId>) = named.unzip();
    let mut known = HashMap::new();
    if ids.is_empty() {
        return Ok(known);
    }
    let ids: Vec<&[u8]> = ids.iter().map(|id| id.0.as_bytes().as_slice()).collect();
    let sql = "SELECT e.author, e.client_id, e.conversation, e.seq FROM unnest($1::bigint[], $2::bytea[]) AS w (author, id) \
        JOIN entries e ON e.author = w.author AND e.client_id = w.id";
    for row in batch.found(sql, &[&authors, &ids]).await? {
        let id = uuid::Uuid::from_slice(row.try_get(1)?).map(ClientId);
        let id = id.map_err(|_| super::super::names::impossible("a client id", row.try_get::<_, &[u8]>(1)))?;
        let (once, conversation, seq) = ((AccountId(row.try_get(0)?), id), row.try_get(2)?, row.try_get(3)?);
        let (conversation, seq) = (ConversationId(conversation), Seq(seq));
        let entry = history::entry(batch, conversation, seq).await?.ok_or(StoreError::NotFound)?;
        known.insert(once, Arc::new(entry));
    }
    Ok(known)
}

/// The entry that a message becomes; `Stale` when its author's leave no longer holds, `NotFound` when the conversation is
/// gone or it replies to nothing.
async fn place(batch: &mut Batch<'_>, draft: &DraftEntry) -> StoreResult<Arc<Entry>> {
    let DraftEntry { conversation, author, at, client_id, body, grounds } = draft;
    batch.hold(grounds).await?;
    let seq = batch.known_end(*conversation)?.seq.next();
    let DraftBody::Message { text, reply_to, .. } = body else { return Err(StoreError::NotFound) };
    if reply_to.is_some_and(|target| target >= seq || target < Seq(1)) {
        return Err(StoreError::NotFound);
    }
    if seq == Seq(1) {
        directs::introduce(batch, *conversation).await?;
    }
    let mut message = Message::new(text.as_str().into());
    message.reply_to = *reply_to;
    let body = Body::Message(message);
    let (conversation, author, at, client_id) = (*conversation, author.clone(), *at, *client_id);
    batch.place(NewEntry { conversation, author, at, client_id, body }).await
}

/// Names in messages, to be noted for each member who is meant, but not for the author: at each place the first name that is
/// somebody's.
#[derive(Default)]
struct Mentions {
    conversations: Vec<i64>,
    seqs: Vec<i64>,
    authors: Vec<i64>,
    names: Vec<String>,
    keys: Vec<String>,
    /// Which place each name belongs to; the names of one stand in their order.
    places: Vec<i64>,
}

impl Mentions {
    fn note(&mut self, draft: &DraftEntry, seq: Seq) {
        if let DraftBody::Message { mentions, .. } = &draft.body {
            self.note_names(draft, seq, mentions);
        }
    }

    fn note_names(&mut self, draft: &DraftEntry, seq: Seq, names: &[Meant]) {
        for (place, name) in names.iter().enumerate().flat_map(|(at, names)| names.iter().map(move |name| (at, name))) {
            self.conversations.push(draft.conversation.0);
            self.seqs.push(seq.0);
            self.authors.push(draft.author.id.0);
            self.names.push(held(name).into_owned());
            self.keys.push(held(&look_alike(name)).into_owned());
            self.places.push(place as i64);
        }
    }

    async fn keep(self, batch: &mut Batch<'_>) -> StoreResult<()> {
        if self.keys.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO mentions (account, conversation, seq) SELECT f.id, f.conversation, f.seq \
            FROM (SELECT DISTINCT ON (n.conversation, n.seq, n.place) a.id, n.conversation, n.seq, n.author \
            FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[]) WITH ORDINALITY \
            AS n (conversation, seq, author, name, key, place, rank) JOIN accounts a ON a.key = n.key OR a.username = n.name \
            ORDER BY n.conversation, n.seq, n.place, n.rank, a.username = n.name DESC) f \
            JOIN members m ON m.account = f.id AND m.conversation = f.conversation WHERE f.id <> f.author \
            AND NOT EXISTS (SELECT 1 FROM relations r \
              WHERE r.account = f.id AND r.other = f.author AND r.kind = 'blocked') ON CONFLICT DO NOTHING";
        batch
            .alter(sql, &[&self.conversations, &self.seqs, &self.authors, &self.names, &self.keys, &self.places])
            .await
            .map(drop)
    }
}
