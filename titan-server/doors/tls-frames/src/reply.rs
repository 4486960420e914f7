//! What the server sends, to frames. Pure.

use bytes::Bytes;
use serde::Serialize;
use titan_core::SafeText;
use titan_core::protocol::{Body, Entry, Message};

use super::frame::{Kind, SENT_MOST, encode};

/// Characters of a text that the server says; the longest that quote what somebody sent are cut.
const SAID_MOST: usize = 2_000;

#[derive(Serialize)]
struct Said<'a> {
    msg: &'a str,
}

pub fn ack(msg: &str) -> Option<Bytes> {
    say(Kind::Ack, msg)
}

pub fn err(msg: &str) -> Option<Bytes> {
    say(Kind::Err, msg)
}

/// The connection is ended from inside.
pub fn dis(msg: &str) -> Option<Bytes> {
    say(Kind::Dis, msg)
}

fn say(kind: Kind, msg: &str) -> Option<Bytes> {
    let msg: String = SafeText::new(msg).chars().take(SAID_MOST).collect();
    encode(kind, &Said { msg: &msg })
}

/// The salt to hash with, where the original sent the whole hash: the rest is zeros.
pub fn salt(login: &str, salt: &[u8; 32]) -> Option<Bytes> {
    #[derive(Serialize)]
    struct Log<'a> {
        login: &'a str,
        password: String,
    }
    let digits: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
    encode(Kind::Log, &Log { login, password: digits + &"0".repeat(64) })
}

/// The session's number, which means nothing but that one is logged in.
pub fn ses(session: u16) -> Option<Bytes> {
    #[derive(Serialize)]
    struct Ses {
        session: u16,
    }
    encode(Kind::Ses, &Ses { session })
}

/// What stands around the names, and around a history.
const NAMES: &str = r#"{"users":[]}"#;
const HISTORY: &str = r#"{"history":[]}"#;
/// What a line ends with that had to be cut.
const CUT: &str = "…";

/// The names of the others; none where there are none. What doesn't fit is left out, the last first.
pub fn lis<'a>(names: impl Iterator<Item = &'a str>) -> Option<Bytes> {
    #[derive(Serialize)]
    struct Lis<'a> {
        users: Vec<&'a str>,
    }
    let users = fitting(NAMES, names);
    if users.is_empty() { None } else { encode(Kind::Lis, &Lis { users }) }
}

/// Whether a frame holds all these names.
pub fn fit<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    let mut room = Room::around(NAMES);
    names.all(|name| room.takes(&name))
}

/// A conversation's last messages, given oldest first; none where there are none. What doesn't fit is left out, the oldest
/// first; of a last one that fills a frame alone, the end.
pub fn his(entries: &[Entry]) -> Option<Bytes> {
    #[derive(Serialize)]
    struct His {
        history: Vec<String>,
    }
    let mut lines = entries.iter().rev().filter_map(line);
    let newest = cut(lines.next()?, SENT_MOST - HISTORY.len());
    let mut history = fitting(HISTORY, std::iter::once(newest).chain(lines));
    history.reverse();
    encode(Kind::His, &His { history })
}

/// A message as its clients show it: in one line, since a second one could pass for somebody else's.
fn line(entry: &Entry) -> Option<String> {
    let Body::Message(Message { text, file, deleted: false, .. }) = &entry.body else { return None };
    let at = jiff::Timestamp::from_millisecond(entry.at.0).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S");
    let name = &entry.author.username;
    let file = file.as_ref().map(|file| format!("[file] {} ({} bytes)", file.name, file.size)).unwrap_or_default();
    let gap = if text.is_empty() || file.is_empty() { "" } else { " " };
    Some(format!("[{at}] {name}: {}{gap}{}", SafeText::line(text), SafeText::line(&file)))
}

/// As many, from the first on, as fit into a frame beside what stands around them.
fn fitting<T: Serialize>(around: &str, items: impl Iterator<Item = T>) -> Vec<T> {
    let mut room = Room::around(around);
    items.take_while(|item| room.takes(item)).collect()
}

/// What a frame still has room for, in bytes.
struct Room(usize);

impl Room {
    fn around(around: &str) -> Self {
        // The last item has no comma behind it.
        Self(SENT_MOST + 1 - around.len())
    }

    fn takes(&mut self, item: &impl Serialize) -> bool {
        let left = self.0.checked_sub(length(item) + 1);
        self.0 = left.unwrap_or_default();
        left.is_some()
    }
}

/// A text that has at most so many bytes as JSON: its end is cut off where it is longer.
fn cut(mut text: String, most: usize) -> String {
    if length(&text) <= most {
        return text;
    }
    let mut left = most.saturating_sub(length(&CUT));
    let kept = text.chars().map_while(|character| {
        // Without the quotes around it.
        left = left.checked_sub(length(&character) - 2)?;
        Some(character.len_utf8())
    });
    let end = kept.sum();
    text.truncate(end);
    text + CUT
}

/// Bytes of something as JSON.
fn length(item: &impl Serialize) -> usize {
    serde_json::to_string(item).map_or(SENT_MOST, |json| json.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use titan_core::protocol::{Author, FileInfo, Place};
    use titan_core::{AccountId, BlobId, ConversationId, EntryId, FileId, Seq, Time, TitanNumber};

    fn entry(message: Message) -> Entry {
        let author = Author::new(AccountId(1), "alice".into(), TitanNumber(12_345));
        let place = Place::new(ConversationId(4), Seq(1));
        Entry::new(place, EntryId(1), author, Time(1_795_167_979_123), Body::Message(message))
    }

    fn text(text: &str) -> Entry {
        entry(Message::new(text.into()))
    }

    fn read(frame: Option<Bytes>) -> (u8, Value) {
        let frame = frame.unwrap();
        assert_eq!(usize::from(u16::from_be_bytes([frame[1], frame[2]])), frame.len() - 3);
        (frame[0], serde_json::from_slice(&frame[3..]).unwrap())
    }

    #[test]
    fn history_is_told_as_the_document_has_it() {
        let told = read(his(&[text("text"), text("two\n[2026-11-20T09:46:20] bob: lines")]));
        let lines =
            ["[2026-11-20T09:46:19] alice: text", "[2026-11-20T09:46:19] alice: two [2026-11-20T09:46:20] bob: lines"];
        assert_eq!(told, (0x49, json!({"history": lines})));
        assert!(his(&[]).is_none() && his(&[entry(Message::erased(None))]).is_none());
    }

    #[test]
    fn a_file_is_told_by_its_name() {
        let file = FileInfo::new(FileId(1), "a.txt".into(), 12, BlobId([0; 32]));
        let (_, told) = read(his(&[entry(Message::default().with_file(file))]));
        assert_eq!(told["history"][0], "[2026-11-20T09:46:19] alice: [file] a.txt (12 bytes)");
    }

    #[test]
    fn the_small_frames_are_the_documents() {
        assert_eq!(read(ack("Created Account")), (0x40, json!({"msg": "Created Account"})));
        assert_eq!(read(err("Invalid login data")), (0x41, json!({"msg": "Invalid login data"})));
        assert_eq!(read(ses(7)), (0x45, json!({"session": 7})));
        assert_eq!(read(lis(["bob", "cleo"].into_iter())), (0x47, json!({"users": ["bob", "cleo"]})));
        assert!(lis([].into_iter()).is_none());
        let password = "0a".repeat(32) + &"0".repeat(64);
        assert_eq!(read(salt("ada", &[10; 32])), (0x44, json!({"login": "ada", "password": password})));
    }

    #[test]
    fn what_does_not_fit_is_dropped_from_the_right_end() {
        let names: Vec<String> = (0..6_000).map(|number| format!("somebody-{number}")).collect();
        let names = || names.iter().map(String::as_str);
        let (_, told) = read(lis(names()));
        let shown = told["users"].as_array().unwrap().len();
        assert_eq!((&told["users"][0], shown < 6_000), (&json!("somebody-0"), true));
        assert!(fit(names().take(shown)) && !fit(names().take(shown + 1)));
        let entries: Vec<Entry> = (0..200).map(|number| text(&format!("{number} {}", "\"".repeat(500)))).collect();
        let (_, told) = read(his(&entries));
        let lines = told["history"].as_array().unwrap();
        assert!(lines.len() < 200 && lines.last().unwrap().as_str().unwrap().contains("alice: 199 "));
    }

    #[test]
    fn a_last_message_that_fills_a_frame_alone_loses_its_end_and_no_half_of_a_character() {
        for filling in ["x", "é", "€", "😀", "\"", "\u{1b}"] {
            let entries = [text("before"), text(&filling.repeat(16_400))];
            let frame = his(&entries).unwrap();
            assert!((16_384 - 12..=16_384).contains(&frame.len()), "{filling:?}: {}", frame.len());
            let (_, told) = read(Some(frame));
            let lines = told["history"].as_array().unwrap();
            assert_eq!(lines.len(), 1, "{filling:?}");
            assert!(lines[0].as_str().unwrap().ends_with(CUT));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn every_list_fits_and_none_is_shorter_than_it_must(texts in prop::collection::vec(("[\"\\\\a-é😀]{0,12}", 0..600usize), 0..40)) {
            let entries: Vec<Entry> = texts.iter().map(|(said, times)| text(&said.repeat(*times))).collect();
            let Some(frame) = his(&entries) else { return Ok(()) };
            let (_, told) = read(Some(frame.clone()));
            let shown = told["history"].as_array().unwrap().len();
            prop_assert!(frame.len() - 3 <= SENT_MOST);
            if let Some(next) = entries.iter().rev().nth(shown).and_then(line) {
                prop_assert!(frame.len() - 3 + 1 + serde_json::to_string(&next).unwrap().len() > SENT_MOST);
            }
        }
    }
}
