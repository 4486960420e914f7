//! What the server answers, to JSON. Pure. Names and order of the fields are the original's.

use bytes::Bytes;
use serde::{Serialize, Serializer};
use titan_core::protocol::{Account, Body, Entry, Message, Person, Role, Room, RoomKind};
use titan_core::{AccountId, ConversationId, EntryId, SafeText, Seq, Time, TitanNumber};

use titan_door::listing::{fitting, json_length};
use titan_hub::Listed;

/// Bytes of a reply's list: its clients take frames up to 1 MiB, so what doesn't fit is left out, the last first, and
/// counted where the list has no other way to be asked for.
pub const LIST_MOST: usize = 1_000_000;

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    RegisterResponse {
        success: bool,
        user_id: AccountId,
        username: SafeText,
        titan_number: TitanNumber,
        created_at: Moment,
    },
    LoginResponse {
        success: bool,
        session_id: String,
        user: User,
        online_users: Vec<OnlineUser>,
        /// The same session once more: later clients send this over HTTP rather than a token they make themselves.
        http_token: String,
    },
    MessageSent {
        message_id: EntryId,
    },
    PrivateMessages {
        messages: Vec<PrivateMessage>,
        /// Whether not all that were asked for fit.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        more: bool,
    },
    RoomCreated {
        success: bool,
        room_id: ConversationId,
        name: SafeText,
        room_type: RoomKind,
    },
    RoomJoined {
        room_id: ConversationId,
        success: bool,
    },
    RoomDeleted {
        room_id: ConversationId,
        success: bool,
    },
    RoomsList {
        rooms: Vec<ListedRoom>,
        /// How many there are beside these, which didn't fit.
        #[serde(skip_serializing_if = "is_none")]
        left_out: usize,
    },
    RoomMessages {
        room_id: ConversationId,
        messages: Vec<RoomMessage>,
        /// Whether not all that were asked for fit.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        more: bool,
    },
    OnlineUsers {
        users: Vec<OnlineUser>,
        /// How many there are beside these, which didn't fit.
        #[serde(skip_serializing_if = "is_none")]
        left_out: usize,
    },
    BlogUpdated {
        success: bool,
    },
    Pong,
}

/// A refusal, under the type that the client waits for.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    #[serde(rename = "type")]
    pub name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_id: Option<ConversationId>,
    /// Where the type also tells of success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    pub error: String,
}

/// Oneself, after a login.
#[derive(Debug, Serialize)]
pub struct User {
    id: AccountId,
    username: SafeText,
    titan_number: TitanNumber,
    /// Never null, which its clients can't show.
    full_name: SafeText,
    is_admin: bool,
    blog_url: Option<SafeText>,
}

#[derive(Debug, Serialize)]
pub struct OnlineUser {
    id: AccountId,
    username: SafeText,
    titan_number: TitanNumber,
    full_name: SafeText,
    status: &'static str,
}

#[derive(Debug, Serialize)]
pub struct PrivateMessage {
    id: EntryId,
    sender_id: AccountId,
    recipient_id: AccountId,
    message: String,
    sent_at: Moment,
    read: u8,
    sender_username: SafeText,
    recipient_username: SafeText,
}

#[derive(Debug, Serialize)]
pub struct ListedRoom {
    id: ConversationId,
    name: SafeText,
    description: SafeText,
    creator_id: AccountId,
    created_at: Moment,
    room_type: RoomKind,
    is_private: u8,
    creator_username: SafeText,
    member_count: u64,
}

#[derive(Debug, Serialize)]
pub struct RoomMessage {
    id: EntryId,
    room_id: ConversationId,
    user_id: AccountId,
    message: String,
    sent_at: Moment,
    username: SafeText,
    titan_number: TitanNumber,
}

/// One of the two in a direct conversation, and up to where they have read it.
pub struct Side {
    pub id: AccountId,
    pub username: SafeText,
    pub read: Seq,
}

impl Reply {
    pub fn frame(&self) -> Bytes {
        frame(self)
    }
}

impl Refusal {
    /// A refusal without a type of its own.
    pub fn error(error: impl Into<String>) -> Self {
        Self { name: "error", room_id: None, success: None, error: error.into() }
    }

    /// A refusal under a type that also tells of success.
    pub fn of(name: &'static str, room_id: Option<ConversationId>, error: impl Into<String>) -> Self {
        Self { name, room_id, success: Some(false), error: error.into() }
    }

    pub fn frame(&self) -> Bytes {
        frame(self)
    }
}

impl From<Account> for User {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            username: account.username,
            titan_number: account.titan_number,
            full_name: account.full_name.unwrap_or_default(),
            is_admin: account.role == Role::Admin,
            blog_url: account.blog_url,
        }
    }
}

/// Who is online, in the original's form.
pub fn online(people: Vec<Person>) -> Vec<OnlineUser> {
    let users = people.into_iter().map(|Person { account, .. }| OnlineUser {
        id: account.id,
        username: account.username,
        titan_number: account.titan_number,
        full_name: account.full_name.unwrap_or_default(),
        status: "online",
    });
    fit(users.collect(), false).list
}

/// "general" belongs to the house, which the original doesn't know: it is titan's, whose id is nobody's.
pub fn room(room: Room) -> ListedRoom {
    let (creator_id, creator_username) = match room.owner {
        Some(owner) => (owner.id, owner.username),
        None => (AccountId(0), "titan".into()),
    };
    ListedRoom {
        id: room.id,
        name: room.name,
        description: room.description,
        creator_id,
        created_at: Moment(room.created_at),
        room_type: room.kind,
        is_private: room.locked.into(),
        creator_username,
        member_count: room.members,
    }
}

/// A room's messages, given oldest first, told newest first.
pub fn room_messages(entries: Listed<Entry>) -> Listed<RoomMessage> {
    let messages = entries.list.into_iter().rev().filter_map(|entry| {
        let message = said(&entry)?;
        Some(RoomMessage {
            id: entry.id,
            room_id: entry.conversation,
            user_id: entry.author.id,
            message,
            sent_at: Moment(entry.at),
            username: entry.author.username,
            titan_number: entry.author.titan_number,
        })
    });
    fit(messages.collect(), entries.more)
}

/// A direct's messages, given oldest first, told newest first. Each was for the other of the two.
pub fn private_messages(entries: Listed<Entry>, me: &Side, other: &Side) -> Listed<PrivateMessage> {
    let messages = entries.list.into_iter().rev().filter_map(|entry| {
        let message = said(&entry)?;
        let recipient = if entry.author.id == me.id { other } else { me };
        Some(PrivateMessage {
            id: entry.id,
            sender_id: entry.author.id,
            recipient_id: recipient.id,
            message,
            sent_at: Moment(entry.at),
            read: (entry.seq <= recipient.read).into(),
            sender_username: entry.author.username,
            recipient_username: recipient.username.clone(),
        })
    });
    fit(messages.collect(), entries.more)
}

/// What an entry says in words: a file is told by name and size. None where it is no message, or one deleted since.
pub fn said(entry: &Entry) -> Option<String> {
    let Body::Message(Message { text, file, deleted: false, .. }) = &entry.body else { return None };
    let Some(file) = file else { return Some(text.written().to_owned()) };
    let file = format!("[file] {} ({})", file.name.written(), size(file.size));
    Some(if text.is_empty() { file } else { format!("{}\n{file}", text.written()) })
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    let power = (bytes.ilog2() / 10).min(UNITS.len() as u32);
    format!("{:.1} {}", bytes as f64 / 1_024_f64.powi(power as i32), UNITS[power as usize - 1])
}

/// A time as the original writes it: ISO 8601 with microseconds, without a zone; it is UTC.
#[derive(Clone, Copy, Debug)]
pub struct Moment(pub Time);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let moment = jiff::Timestamp::from_millisecond(self.0.0).unwrap_or_default();
        serializer.collect_str(&moment.strftime("%Y-%m-%dT%H:%M:%S%.6f"))
    }
}

pub fn frame(word: &impl Serialize) -> Bytes {
    match serde_json::to_vec(word) {
        Ok(json) => json.into(),
        Err(error) => {
            tracing::error!(%error, "a frame can't be written as JSON");
            Bytes::from_static(br#"{"type":"error","error":"The server failed at that; its log says why."}"#)
        }
    }
}

/// As many, from the first on, as fit into a frame.
fn fit<T: Serialize>(list: Vec<T>, more: bool) -> Listed<T> {
    fitting(Listed { list, more }, LIST_MOST, json_length)
}

fn is_none(number: &usize) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use titan_core::protocol::{Author, FileInfo, Place};
    use titan_core::{BlobId, FileId};

    fn entry(seq: i64, author: i64, message: Message) -> Entry {
        let author = Author::new(AccountId(author), "ada".into(), TitanNumber(69_522));
        let place = Place::new(ConversationId(4), Seq(seq));
        Entry::new(place, EntryId(100 + seq), author, Time(1_737_367_200_000), Body::Message(message))
    }

    fn text(text: &str) -> Message {
        Message::new(text.into())
    }

    #[test]
    fn fields_stand_as_the_document_has_them() {
        let reply = Reply::RegisterResponse {
            success: true,
            user_id: AccountId(1),
            username: "john_doe".into(),
            titan_number: TitanNumber(69_522),
            created_at: Moment(Time(1_737_367_200_000)),
        };
        assert_eq!(
            reply.frame(),
            r#"{"type":"register_response","success":true,"user_id":1,"username":"john_doe","titan_number":69522,"created_at":"2025-01-20T10:00:00.000000"}"#
        );
        assert_eq!(Reply::Pong.frame(), r#"{"type":"pong"}"#);
        assert_eq!(Refusal::error("no").frame(), r#"{"type":"error","error":"no"}"#);
        assert_eq!(
            Refusal::of("room_joined", Some(ConversationId(3)), "Room not found").frame(),
            r#"{"type":"room_joined","room_id":3,"success":false,"error":"Room not found"}"#
        );
    }

    #[test]
    fn times_have_microseconds_and_no_zone() {
        let moment = serde_json::to_string(&Moment(Time(1_737_367_200_123))).unwrap();
        assert_eq!(moment, r#""2025-01-20T10:00:00.123000""#);
        serde_json::to_string(&Moment(Time(i64::MAX))).unwrap();
    }

    #[test]
    fn a_private_message_is_read_once_its_recipients_mark_has_passed_it() {
        let me = Side { id: AccountId(1), username: "ada".into(), read: Seq(9) };
        let other = Side { id: AccountId(2), username: "bob".into(), read: Seq(1) };
        let said = Listed { list: vec![entry(1, 1, text("one")), entry(2, 1, text("two"))], more: false };
        let told = private_messages(said, &me, &other).list;
        let told: Vec<_> =
            told.iter().map(|message| (&*message.message, message.recipient_id.0, message.read)).collect();
        assert_eq!(told, [("two", 2, 0), ("one", 2, 1)]);
    }

    #[test]
    fn a_file_is_told_by_name_and_size_and_a_deleted_message_not_at_all() {
        let file = |size| FileInfo::new(FileId(1), "a.zip".into(), size, BlobId([0; 32]));
        let told = |text: &str, size| said(&entry(1, 1, Message::new(text.into()).with_file(file(size)))).unwrap();
        assert_eq!(told("", 812), "[file] a.zip (812 B)");
        assert_eq!(told("see", 1_572_864), "see\n[file] a.zip (1.5 MB)");
        assert_eq!(told("", 1_024), "[file] a.zip (1.0 KB)");
        assert!(told("", u64::MAX).ends_with(" TB)"));
        assert_eq!(said(&entry(1, 1, Message::erased(None))), None);
    }

    #[test]
    fn a_list_never_outgrows_a_clients_frame_and_keeps_the_newest() {
        let long = "ü".repeat(16_000);
        let entries: Vec<_> = (1..=100).map(|seq| entry(seq, 1, text(&long))).collect();
        let Listed { list: messages, more } = room_messages(Listed { list: entries, more: false });
        assert_eq!((messages[0].id, more), (EntryId(200), true));
        let frame = Reply::RoomMessages { room_id: ConversationId(4), messages, more }.frame();
        assert!((900_000..1_048_576).contains(&frame.len()), "{}", frame.len());
    }
}
