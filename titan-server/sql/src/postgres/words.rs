//! The index of messages' words, in the forms that PostgreSQL reads. Its own parser is passed by: it would take addresses and numbers as
//! a whole, and the stores would not agree on what is found.

use deadpool_postgres::ClientWrapper;
use titan_core::text::Sought;

use super::super::StoreResult;
use super::super::tx::Indexed;

/// The words of a message as a tsvector: which they are, not where they stand.
pub(super) fn vector(message: Indexed<'_>) -> String {
    message.words().iter().map(|word| format!("'{word}' ")).collect()
}

/// What is sought as a tsquery: messages that have all the words, whatever stands between them.
pub(super) fn query(sought: &Sought) -> String {
    let words: Vec<_> = sought.phrases().iter().flatten().map(|word| format!("'{word}'")).collect();
    format!("{}:*", words.join(" & "))
}

/// Adds messages to the index; how many.
pub(super) async fn insert(client: &ClientWrapper, messages: &[Indexed<'_>]) -> StoreResult<u64> {
    let sql = "INSERT INTO message_words (id, conversation, words) SELECT id, conversation, words::tsvector \
        FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS m (id, conversation, words)";
    let ids: Vec<i64> = messages.iter().map(|message| message.id.0).collect();
    let conversations: Vec<i64> = messages.iter().map(|message| message.conversation.0).collect();
    let words: Vec<String> = messages.iter().map(|message| vector(*message)).collect();
    let statement = client.prepare_cached(sql).await?;
    Ok(client.execute(&statement, &[&ids, &conversations, &words]).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use titan_core::{ConversationId, EntryId};

    #[test]
    fn words_and_queries_need_no_escapes() {
        let text = "The Żółw, don't! 東京";
        let message = Indexed { conversation: ConversationId(1), id: EntryId(1), text, file: Some("a\\b'c.pdf") };
        assert_eq!(vector(message), "'a' 'b' 'c' 'pdf' 'the' 'zolw' 'don' 't' '東' '京' ");
        assert_eq!(query(&Sought::of("Don't CAFÉ").unwrap()), "'don' & 't' & 'cafe':*");
    }
}
