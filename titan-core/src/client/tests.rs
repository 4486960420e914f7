//! The client against a scripted peer.

use crate::{
    AccountId, ConversationId, EntryId, Seq, Time, TitanNumber,
    protocol::{Author, Body, Entry, Message},
};

/// A message by ada.
pub(crate) fn entry(conversation: i64, seq: i64, text: &str) -> Entry {
    Entry {
        conversation: ConversationId(conversation),
        seq: Seq(seq),
        id: EntryId(conversation * 1_000_000 + seq),
        author: Author { id: AccountId(1), username: "ada".into(), titan_number: TitanNumber(12345) },
        at: Time(1_000 + seq),
        client_id: None,
        body: Body::Message(Message { text: text.into(), ..Message::default() }),
    }
}
