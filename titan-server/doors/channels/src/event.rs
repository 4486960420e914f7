//! What was said, in this door's words: as a message of a list, and as an event on a socket. Pure.

use bytes::Bytes;
use serde::Serialize;
use titan_core::protocol::{Author, Body, Entry, FileInfo, Message};
use titan_core::{AccountId, ConversationId, EntryId, FileId, SafeText};
use utoipa::ToSchema;

use super::entering::User;
use titan_door::moment::iso;
use titan_hub::switchboard::Happening;

/// What somebody said.
#[derive(Serialize, ToSchema)]
pub struct Said {
    /// The same at every door.
    #[schema(value_type = i64)]
    pub id: EntryId,
    #[schema(value_type = i64)]
    pub channel_id: ConversationId,
    pub user: User,
    #[schema(value_type = String)]
    pub content: SafeText,
    /// UTC, ISO 8601 with microseconds and no zone.
    #[schema(pattern = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$")]
    pub created_at: String,
}

/// A file that somebody put into a channel.
#[derive(Serialize, ToSchema)]
pub struct Shared {
    /// For `GET /files/{id}`.
    #[schema(value_type = i64)]
    pub id: FileId,
    #[schema(value_type = i64)]
    pub channel_id: ConversationId,
    pub user: User,
    #[schema(value_type = String)]
    pub original_filename: SafeText,
    pub size_bytes: u64,
    /// UTC, ISO 8601 with microseconds and no zone.
    #[schema(pattern = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$")]
    pub created_at: String,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Word {
    Message(Said),
    File(Shared),
    /// Ours: the original says nothing when it can't take what was sent.
    Error {
        detail: String,
    },
}

/// A message of words; none where an entry is none, or says nothing but a file.
pub fn said(entry: &Entry) -> Option<Said> {
    let text = &standing(entry)?.text;
    (!titan_core::text::is_blank(text)).then(|| Said {
        id: entry.id,
        channel_id: entry.conversation,
        user: user(&entry.author),
        content: text.clone(),
        created_at: iso(entry.at),
    })
}

/// The file of a message; none where there is none.
pub fn shared(entry: &Entry) -> Option<Shared> {
    let FileInfo { id, name, size, .. } = standing(entry)?.file.as_ref()?;
    Some(Shared {
        id: *id,
        channel_id: entry.conversation,
        user: user(&entry.author),
        original_filename: name.clone(),
        size_bytes: *size,
        created_at: iso(entry.at),
    })
}

/// The frames an entry is heard by, a line for each: words and a file that came together are two events here.
pub fn frames(happening: &Happening) -> Option<Bytes> {
    let entry = match happening {
        Happening::Entry(entry) => entry,
        Happening::Passing(_) => return None,
    };
    let (words, file) = (said(entry).map(Word::Message), shared(entry).map(Word::File));
    let lines: Vec<String> = [words, file].into_iter().flatten().map(|word| line(&word)).collect();
    (!lines.is_empty()).then(|| lines.join("\n").into())
}

/// What was sent and could not be taken.
pub fn error(detail: impl Into<String>) -> Bytes {
    line(&Word::Error { detail: detail.into() }).into()
}

fn standing(entry: &Entry) -> Option<&Message> {
    match &entry.body {
        Body::Message(message) if !message.deleted => Some(message),
        _ => None,
    }
}

fn user(author: &Author) -> User {
    let (id, username): (AccountId, SafeText) = (author.id, author.username.clone());
    User { id, username }
}

fn line(word: &Word) -> String {
    // Only maps with keys that are no strings can't be written, and there are none.
    serde_json::to_string(word).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use titan_core::protocol::Place;
    use titan_core::{BlobId, Seq, Time, TitanNumber};

    fn entry(body: Body) -> Entry {
        let author = Author::new(AccountId(1), "ada".into(), TitanNumber(69_522));
        let place = Place::new(ConversationId(4), Seq(9));
        Entry::new(place, EntryId(77), author, Time(1_737_367_200_123), body)
    }

    fn heard(body: Body) -> Option<String> {
        let frames = frames(&Happening::Entry(Arc::new(entry(body))))?;
        Some(String::from_utf8(frames.to_vec()).unwrap())
    }

    fn message(text: &str, with_file: bool) -> Message {
        let message = Message::new(text.into());
        match with_file {
            true => message.with_file(FileInfo::new(FileId(12), "a b.txt".into(), 5, BlobId([0; 32]))),
            false => message,
        }
    }

    const FILE: &str = r#"{"type":"file","id":12,"channel_id":4,"user":{"id":1,"username":"ada"},"original_filename":"a b.txt","size_bytes":5,"created_at":"2025-01-20T10:00:00.123000"}"#;

    #[test]
    fn words_and_files_are_told_to_the_byte() {
        let words = r#"{"type":"message","id":77,"channel_id":4,"user":{"id":1,"username":"ada"},"content":"{\"a\":\n1}","created_at":"2025-01-20T10:00:00.123000"}"#;
        assert_eq!(heard(Body::Message(message("{\"a\":\n1}", false))).unwrap(), words);
        assert_eq!(heard(Body::Message(message("", true))).unwrap(), FILE);
        let both = heard(Body::Message(message("look, with a file", true))).unwrap();
        let lines: Vec<&str> = both.lines().collect();
        assert_eq!((lines.len(), lines[1]), (2, FILE));
        assert!(lines[0].contains(r#""content":"look, with a file""#));
    }

    #[test]
    fn what_the_original_has_no_word_for_is_passed_over() {
        let target = Seq(3);
        let others = [
            Body::edit(target, "new".into()),
            Body::deletion(target),
            Body::joined(),
            Body::left(None),
            Body::Message(Message::erased(None)),
            Body::Unknown,
        ];
        for body in others {
            assert_eq!(heard(body), None);
        }
    }
}
