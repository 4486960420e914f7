//! What a client sends, from JSON to typed fields. Pure.
//!
//! As lenient as the original where its clients rely on it: a field that is null, empty or 0 counts as missing, numbers
//! may come as text, unknown fields are ignored, and of a field given twice the last one counts.

use serde_json::{Map, Value};
use titan_core::protocol::RoomKind;
use titan_core::{AccountId, ConversationId, Secret, TitanNumber};

use super::request_id::{ID_MOST, RequestId};

const LIMIT_USUAL: i64 = 100;
const LIMIT_MOST: i64 = 500;
/// How much of a client's own words an error repeats, in characters.
const QUOTED_MOST: usize = 40;

/// A frame that is an object; what it asks for is read later.
#[derive(Debug)]
pub struct Frame {
    fields: Map<String, Value>,
    id: Option<RequestId>,
}

/// Everything a client can ask for.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    Register { username: String, password: Secret, full_name: Option<String> },
    Login { username: String, password: Secret },
    PrivateMessage { to: Recipient, message: String },
    GetMessages { user: AccountId, limit: u32 },
    CreateRoom { name: String, description: String, kind: RoomKind, password: Option<Secret> },
    JoinRoom { room: ConversationId, password: Option<Secret> },
    LeaveRoom { room: ConversationId },
    RoomMessage { room: ConversationId, message: String },
    DeleteRoom { room: ConversationId },
    GetRooms,
    GetRoomMessages { room: ConversationId, limit: u32 },
    GetOnlineUsers,
    UpdateBlog { blog_url: String },
    VoiceSignal { room: ConversationId, target: Option<AccountId>, signal: Value },
    Ping,
}

/// Whom a private message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    Account(AccountId),
    TitanNumber(TitanNumber),
}

/// What is missing or wrong, in the words that the client is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

type Parsed<T> = Result<T, Malformed>;

impl Frame {
    pub fn read(text: &str) -> Parsed<Self> {
        let value = serde_json::from_str(text).map_err(|error| wrong(format!("Not JSON: {error}")))?;
        let Value::Object(mut fields) = value else {
            return Err(wrong("A request is a JSON object with a \"type\""));
        };
        let id = RequestId::take(&mut fields).map_err(|length| {
            wrong(format!("\"_request_id\" may have at most {ID_MOST} bytes, and this one has {length}"))
        })?;
        Ok(Self { fields, id })
    }

    /// What the client calls it.
    pub fn id(&self) -> Option<RequestId> {
        self.id.clone()
    }

    /// What it asks for.
    pub fn name(&self) -> Parsed<String> {
        match self.fields.get("type") {
            Some(Value::String(name)) => Ok(name.clone()),
            Some(_) => Err(wrong("\"type\" must be text")),
            None => Err(wrong("\"type\" required")),
        }
    }

    /// Reads the fields that the type asks for.
    pub fn request(self) -> Parsed<Request> {
        let name = self.name()?;
        let fields = Fields(self.fields);
        match name.as_str() {
            "register" => fields.register(),
            "login" => fields.login(),
            "private_message" => fields.private_message(),
            "get_messages" => fields.get_messages(),
            "create_room" => fields.create_room(),
            "join_room" => fields.join_room(),
            "leave_room" => Ok(Request::LeaveRoom { room: fields.room()? }),
            "room_message" => fields.room_message(),
            "delete_room" => Ok(Request::DeleteRoom { room: fields.room()? }),
            "get_rooms" => Ok(Request::GetRooms),
            "get_room_messages" => Ok(Request::GetRoomMessages { room: fields.room()?, limit: fields.limit()? }),
            "get_online_users" => Ok(Request::GetOnlineUsers),
            "update_blog" => fields.update_blog(),
            "voice_signal" => fields.voice_signal(),
            "ping" => Ok(Request::Ping),
            unknown => Err(wrong(format!("Unknown type: {}", quoted(unknown)))),
        }
    }
}

struct Fields(Map<String, Value>);

impl Fields {
    fn register(&self) -> Parsed<Request> {
        let (username, password) = self.credentials()?;
        Ok(Request::Register { username, password, full_name: self.text("full_name")? })
    }

    fn login(&self) -> Parsed<Request> {
        let (username, password) = self.credentials()?;
        Ok(Request::Login { username, password })
    }

    fn credentials(&self) -> Parsed<(String, Secret)> {
        match (self.text("username")?, self.text("password")?) {
            (Some(username), Some(password)) => Ok((username, password.into())),
            _ => Err(wrong("Username and password required")),
        }
    }

    /// A titan number counts before an id, as in the original.
    fn private_message(&self) -> Parsed<Request> {
        let number = self.number("recipient_titan_number")?.map(|number| Recipient::TitanNumber(TitanNumber(number)));
        let account = self.number("recipient_id")?.map(|id| Recipient::Account(AccountId(id)));
        let to = number.or(account).ok_or_else(|| wrong("Recipient required"))?;
        Ok(Request::PrivateMessage { to, message: self.message()? })
    }

    fn get_messages(&self) -> Parsed<Request> {
        let user = self.number("user_id")?.ok_or_else(|| wrong("User ID required"))?;
        Ok(Request::GetMessages { user: AccountId(user), limit: self.limit()? })
    }

    fn create_room(&self) -> Parsed<Request> {
        Ok(Request::CreateRoom {
            name: self.text("name")?.ok_or_else(|| wrong("Room name required"))?,
            description: self.text("description")?.unwrap_or_default(),
            kind: self.room_kind()?,
            password: self.text("password")?.map(Secret::from),
        })
    }

    fn room_kind(&self) -> Parsed<RoomKind> {
        match self.text("room_type")?.as_deref() {
            None | Some("text") => Ok(RoomKind::Text),
            Some("voice") => Ok(RoomKind::Voice),
            Some(_) => Err(wrong("\"room_type\" must be \"text\" or \"voice\"")),
        }
    }

    fn join_room(&self) -> Parsed<Request> {
        Ok(Request::JoinRoom { room: self.room()?, password: self.text("password")?.map(Secret::from) })
    }

    fn room_message(&self) -> Parsed<Request> {
        Ok(Request::RoomMessage { room: self.room()?, message: self.message()? })
    }

    /// An empty address is no missing one: it clears.
    fn update_blog(&self) -> Parsed<Request> {
        match self.0.get("blog_url") {
            Some(Value::String(blog_url)) => Ok(Request::UpdateBlog { blog_url: blog_url.clone() }),
            Some(Value::Null) | None => Err(wrong("Blog URL required")),
            Some(_) => Err(wrong("\"blog_url\" must be text")),
        }
    }

    fn voice_signal(&self) -> Parsed<Request> {
        let signal = self.0.get("signal").filter(|signal| !signal.is_null());
        Ok(Request::VoiceSignal {
            room: self.room()?,
            target: self.number("target_user_id")?.map(AccountId),
            signal: signal.cloned().ok_or_else(|| wrong("Signal required"))?,
        })
    }

    fn room(&self) -> Parsed<ConversationId> {
        self.number("room_id")?.map(ConversationId).ok_or_else(|| wrong("Room ID required"))
    }

    fn message(&self) -> Parsed<String> {
        self.text("message")?.ok_or_else(|| wrong("Message required"))
    }

    fn limit(&self) -> Parsed<u32> {
        let limit = self.number("limit")?.unwrap_or(LIMIT_USUAL);
        Ok(limit.clamp(1, LIMIT_MOST) as u32)
    }

    fn text(&self, name: &str) -> Parsed<Option<String>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(_) => Err(wrong(format!("\"{name}\" must be text"))),
        }
    }

    fn number(&self, name: &str) -> Parsed<Option<i64>> {
        let number = match self.0.get(name) {
            None | Some(Value::Null) => Some(0),
            Some(Value::Number(number)) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
            Some(Value::String(text)) if text.is_empty() => Some(0),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        match number {
            Some(0) => Ok(None),
            Some(number) => Ok(Some(number)),
            None => Err(wrong(format!("\"{name}\" must be a whole number"))),
        }
    }
}

/// Some clients write whole numbers as 5.0.
fn whole(number: f64) -> Option<i64> {
    const EXACT_MOST: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT_MOST).then_some(number as i64)
}

fn quoted(text: &str) -> titan_core::SafeText {
    titan_core::SafeText::line(&text.chars().take(QUOTED_MOST).collect::<String>())
}

fn wrong(why: impl Into<String>) -> Malformed {
    Malformed(why.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn parse(text: &str) -> Parsed<Request> {
        Frame::read(text)?.request()
    }

    fn why_not(request: Value) -> String {
        parse(&request.to_string()).unwrap_err().to_string()
    }

    #[test]
    fn the_documents_examples_are_understood() {
        let ada = |username: &str, password: &str| (username.to_owned(), Secret::from(password));
        let (username, password) = ada("john_doe", "secure_password");
        let cases = [
            (
                json!({"type": "register", "username": "john_doe", "password": "secure_password", "full_name": "John Doe"}),
                Request::Register {
                    username: username.clone(),
                    password: password.clone(),
                    full_name: Some("John Doe".to_owned()),
                },
            ),
            (
                json!({"type": "login", "username": "john_doe", "password": "secure_password"}),
                Request::Login { username, password },
            ),
            (
                json!({"type": "private_message", "recipient_id": 2, "message": "Hello!"}),
                Request::PrivateMessage { to: Recipient::Account(AccountId(2)), message: "Hello!".to_owned() },
            ),
            (
                json!({"type": "private_message", "recipient_titan_number": 12345, "message": "Hello!"}),
                Request::PrivateMessage {
                    to: Recipient::TitanNumber(TitanNumber(12_345)),
                    message: "Hello!".to_owned(),
                },
            ),
            (
                json!({"type": "get_messages", "user_id": 2, "limit": 100}),
                Request::GetMessages { user: AccountId(2), limit: 100 },
            ),
            (
                json!({"type": "create_room", "name": "General Chat", "description": "Main chat room", "room_type": "text", "password": null}),
                Request::CreateRoom {
                    name: "General Chat".to_owned(),
                    description: "Main chat room".to_owned(),
                    kind: RoomKind::Text,
                    password: None,
                },
            ),
            (
                json!({"type": "join_room", "room_id": 1, "password": "if_required"}),
                Request::JoinRoom { room: ConversationId(1), password: Some("if_required".into()) },
            ),
            (
                json!({"type": "voice_signal", "room_id": 1, "target_user_id": 2, "signal": {"type": "offer", "sdp": "..."}}),
                Request::VoiceSignal {
                    room: ConversationId(1),
                    target: Some(AccountId(2)),
                    signal: json!({"type": "offer", "sdp": "..."}),
                },
            ),
            (json!({"type": "get_rooms"}), Request::GetRooms),
            (json!({"type": "ping"}), Request::Ping),
        ];
        for (text, wanted) in cases {
            assert_eq!(parse(&text.to_string()), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn an_error_names_what_is_missing_or_wrong() {
        let cases = [
            (json!([]), "A request is a JSON object with a \"type\""),
            (json!({}), "\"type\" required"),
            (json!({"type": 7}), "\"type\" must be text"),
            (json!({"type": "fly\u{1b}[2J"}), "Unknown type: fly␛[2J"),
            (json!({"type": "login", "username": "ada"}), "Username and password required"),
            (json!({"type": "register", "username": "", "password": "x"}), "Username and password required"),
            (json!({"type": "login", "username": ["ada"], "password": "x"}), "\"username\" must be text"),
            (json!({"type": "get_messages"}), "User ID required"),
            (json!({"type": "get_room_messages", "room_id": null}), "Room ID required"),
            (json!({"type": "get_room_messages", "room_id": 1, "limit": "many"}), "\"limit\" must be a whole number"),
            (json!({"type": "create_room", "name": ""}), "Room name required"),
            (
                json!({"type": "create_room", "name": "x", "room_type": "tele"}),
                "\"room_type\" must be \"text\" or \"voice\"",
            ),
            (json!({"type": "join_room", "room_id": true}), "\"room_id\" must be a whole number"),
            (json!({"type": "room_message", "room_id": 1.5, "message": "x"}), "\"room_id\" must be a whole number"),
            (json!({"type": "room_message", "room_id": 1}), "Message required"),
            (json!({"type": "private_message", "message": "x"}), "Recipient required"),
            (json!({"type": "update_blog"}), "Blog URL required"),
            (json!({"type": "voice_signal", "room_id": 1}), "Signal required"),
        ];
        for (request, why) in cases {
            assert_eq!(why_not(request.clone()), why, "{request}");
        }
        for broken in ["", "nothing", "{", "{\"type\":\"ping\"} x", "{\"type\":\"ping\",\"n\":1e999}", "\"\\ud800\""] {
            assert!(parse(broken).unwrap_err().to_string().starts_with("Not JSON"), "{broken}");
        }
        assert!(parse(&"[".repeat(60_000)).is_err());
    }

    #[test]
    fn numbers_may_come_as_text_and_limits_stay_in_bounds() {
        for room in [json!(5), json!("5"), json!(5.0), json!(" 5 ")] {
            let request = json!({"type": "leave_room", "room_id": room});
            assert_eq!(parse(&request.to_string()), Ok(Request::LeaveRoom { room: ConversationId(5) }), "{request}");
        }
        for (limit, wanted) in [(json!(null), 100), (json!(-1), 1), (json!(7), 7), (json!(1_000_000), 500)] {
            let request = json!({"type": "get_messages", "user_id": 1, "limit": limit});
            let wanted = Request::GetMessages { user: AccountId(1), limit: wanted };
            assert_eq!(parse(&request.to_string()), Ok(wanted), "{request}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[a-z_]{1,8}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    const NAMES: [&str; 15] = [
        "register",
        "login",
        "private_message",
        "get_messages",
        "create_room",
        "join_room",
        "leave_room",
        "room_message",
        "delete_room",
        "get_rooms",
        "get_room_messages",
        "get_online_users",
        "update_blog",
        "voice_signal",
        "ping",
    ];
    const FIELDS: [&str; 16] = [
        "username",
        "password",
        "full_name",
        "recipient_id",
        "recipient_titan_number",
        "message",
        "user_id",
        "limit",
        "name",
        "description",
        "room_type",
        "room_id",
        "blog_url",
        "target_user_id",
        "signal",
        "extra",
    ];

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            if let Err(malformed) = parse(&text) {
                prop_assert!(!malformed.to_string().is_empty());
            }
        }

        #[test]
        fn any_value_in_any_field_is_answered(
            name in prop::sample::select(&NAMES[..]),
            fields in prop::collection::vec((prop::sample::select(&FIELDS[..]), any_json()), 0..8),
        ) {
            let mut request: Map<String, Value> =
                fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
            request.insert("type".to_owned(), name.into());
            match parse(&Value::Object(request).to_string()) {
                Ok(Request::GetMessages { limit, .. } | Request::GetRoomMessages { limit, .. }) => {
                    prop_assert!((1..=500).contains(&limit));
                }
                Ok(_) => {}
                Err(malformed) => prop_assert!(!malformed.to_string().is_empty()),
            }
        }
    }
}
