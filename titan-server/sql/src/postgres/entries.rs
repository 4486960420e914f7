//! Writing the rows of entries, any number by one statement: each column goes over as one array. Messages come here by the
//! hundred ([`super::bulk`]), every other entry alone.

use std::sync::Arc;

use deadpool_postgres::ClientWrapper;
use titan_core::protocol::{Body, Entry, Message};

use super::super::sum;
use super::super::tx::Indexed;
use super::super::{StoreResult, detail_of, kind_of, target_of, text_of};
use super::row::held;
use super::words;

/// Writes the rows of entries that have taken their places; how many.
pub(super) async fn insert(client: &ClientWrapper, entries: &[Arc<Entry>]) -> StoreResult<u64> {
    if entries.is_empty() {
        return Ok(0);
    }
    let texts: Vec<_> = entries.iter().map(|entry| text_of(&entry.body).map(held)).collect();
    let details = entries.iter().map(|entry| detail_of(&entry.body)).collect::<StoreResult<Vec<_>>>()?;
    let rows = entries.iter().zip(&texts).zip(&details);
    let sums: Vec<i64> =
        rows.map(|((entry, text), detail)| sum::of_new(entry, text.as_deref(), detail.as_deref())).collect();
    let sql = "WITH given AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::bigint[], \
        $8::bigint[], $9::bytea[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], \
        $16::bigint[]) \
        AS e (conversation, seq, id, kind, author, author_name, author_number, at, client_id, text, reply_to, file, \
        target, detail, words, sum)), \
        indexed AS (INSERT INTO message_words (id, conversation, words) \
        SELECT id, conversation, words::tsvector FROM given WHERE words IS NOT NULL) \
        INSERT INTO entries (conversation, seq, id, kind, author, author_name, author_number, at, client_id, text, \
        reply_to, file, target, detail, sum) SELECT conversation, seq, id, kind, author, author_name, author_number, at, \
        client_id, text, reply_to, file, target, detail, sum FROM given";
    let statement = client.prepare_cached(sql).await?;
    let inserted = client
        .execute(
            &statement,
            &[
                &column(entries, |entry| entry.conversation.0),
                &column(entries, |entry| entry.seq.0),
                &column(entries, |entry| entry.id.0),
                &column(entries, |entry| kind_of(&entry.body)),
                &column(entries, |entry| entry.author.id.0),
                &column(entries, |entry| entry.author.username.as_str()),
                &column(entries, |entry| entry.author.titan_number.0),
                &column(entries, |entry| entry.at.0),
                &column(entries, |entry| entry.client_id.as_ref().map(|id| id.0.as_bytes().as_slice())),
                &texts,
                &column(entries, |entry| message_of(&entry.body).and_then(|message| message.reply_to).map(|seq| seq.0)),
                &column(entries, |entry| Some(message_of(&entry.body)?.file.as_ref()?.id.0)),
                &column(entries, |entry| target_of(&entry.body).map(|seq| seq.0)),
                &details,
                &column(entries, |entry| indexed(entry).map(words::vector)),
                &sums,
            ],
        )
        .await?;
    Ok(inserted)
}

fn column<'a, T>(entries: &'a [Arc<Entry>], value: impl Fn(&'a Entry) -> T) -> Vec<T> {
    entries.iter().map(|entry| value(entry)).collect()
}

fn indexed(entry: &Entry) -> Option<Indexed<'_>> {
    let message = message_of(&entry.body)?;
    let file = message.file.as_ref().map(|file| file.name.written());
    Some(Indexed { conversation: entry.conversation, id: entry.id, text: message.text.written(), file })
}

fn message_of(body: &Body) -> Option<&Message> {
    match body {
        Body::Message(message) => Some(message),
        _ => None,
    }
}
