//! The native wire: JSON text frames over a WebSocket at `/titan`.
//!
//! A client sends a [`Request`] (`{"id":7,"do":"post",...}`); the server answers each with a [`Response`] of the same id,
//! in the order sent; and pushes [`Event`]s (`{"event":"entry",...}`) in between. Unknown events and unknown fields are
//! to be ignored, so that old clients and new servers get along. `PROTOCOL.md` shows every message with an example.

pub mod ask;
mod command;
mod entry;
mod event;
mod export;
mod fault;
mod frame;
mod kinds;
mod listing;
mod model;
#[cfg(test)]
mod papers;
mod reply;
mod repository;
mod room;
mod words;

pub use ask::{Ask, Command};
pub use entry::*;
pub use event::*;
pub use export::*;
pub use fault::*;
pub use frame::*;
pub use kinds::*;
pub use listing::Listing;
pub use model::*;
pub use reply::*;
pub use repository::*;
pub use room::*;
pub use words::{Words, word};

use serde::{Deserialize, Serialize};

/// The longest frame the server sends, in bytes: long histories come in pages that fit.
pub const REPLY_MOST: usize = 2 * 1024 * 1024;

/// What a client sends: a command under an id of the client's choosing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Request {
    /// Chosen by the client, given back in the answer.
    pub id: u64,
    /// What is asked.
    #[serde(flatten)]
    pub command: Command,
}

/// What the server answers to one request.
///
/// ```
/// use titan_core::protocol::{Reply, Response, ask::Ping};
/// let text = serde_json::to_string(&Response::of(7, Reply::to::<Ping>(()))).unwrap();
/// assert_eq!(text, r#"{"id":7,"ok":{}}"#);
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Response {
    /// That of the request; none where it was too broken to hold one.
    pub id: Option<u64>,
    /// How it went.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Success with its reply, or a fault.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is done.
    Ok(Reply),
    /// It is not.
    Error(Fault),
}

/// A reply as the server writes it: the bare object, without a tag. Clients know the shape from what they asked, so it is
/// made by [`Reply::to`] alone, which takes what that command is answered with and nothing else.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Reply(Box<serde_json::value::RawValue>);

impl Reply {
    /// The reply to a command of this kind. What can't be written as JSON is an `internal` fault.
    pub fn to<A: Ask>(reply: impl Into<A::Reply>) -> Result<Self, Fault> {
        let written = serde_json::value::to_raw_value(&reply.into());
        written
            .map(Self)
            .map_err(|error| Fault::new(FaultCode::Internal, format!("The answer can't be written: {error}.")))
    }
}

impl Response {
    /// The answer to the request of this id.
    pub fn of(id: u64, outcome: Result<Reply, Fault>) -> Self {
        Self { id: Some(id), outcome: outcome.map_or_else(Outcome::Error, Outcome::Ok) }
    }

    /// A fault; `id` is none where the request was too broken to hold one.
    pub fn fault(id: Option<u64>, fault: Fault) -> Self {
        Self { id, outcome: Outcome::Error(fault) }
    }
}

/// A frame from the server as a client reads it, before the reply's type is known.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Incoming {
    /// Something happened.
    Event(Box<Event>),
    /// What was asked is done.
    #[non_exhaustive]
    Ok {
        /// That of the request.
        id: u64,
        /// The reply, to be read as what was asked is answered with.
        ok: Box<serde_json::value::RawValue>,
    },
    /// It isn't.
    #[non_exhaustive]
    Error {
        /// That of the request; none where it was too broken to hold one.
        id: Option<u64>,
        /// Why.
        error: Fault,
    },
    /// Something a newer server says: to be ignored.
    Unknown,
}

impl Request {
    /// Reads a frame. What is wrong with a bad one comes with the request's id, where one could be found, so that the
    /// answer reaches whoever asked.
    ///
    /// ```
    /// use titan_core::protocol::{FaultCode, Request};
    /// let (id, fault) = Request::parse(r#"{"id":3,"do":"fly"}"#).unwrap_err();
    /// assert_eq!((id, fault.code), (Some(3), FaultCode::UnknownCommand));
    /// ```
    pub fn parse(text: &str) -> Result<Self, (Option<u64>, Fault)> {
        serde_json::from_str(text).map_err(|error| why_not(text, &error))
    }
}

/// Tells what is wrong with a frame that is not a request.
fn why_not(text: &str, error: &serde_json::Error) -> (Option<u64>, Fault) {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else {
        return (None, Fault::bad_request(format!("That is not JSON: {error}.")));
    };
    let Some(object) = value.as_object() else {
        return (None, Fault::bad_request(r#"A request is an object, such as {"id":1,"do":"ping"}."#));
    };
    let id = object.get("id").and_then(serde_json::Value::as_u64);
    let fault = match object.get("do").and_then(serde_json::Value::as_str) {
        _ if id.is_none() => Fault::bad_request("A request needs an \"id\", a whole number from 0 up."),
        None => Fault::bad_request("A request needs a \"do\", the name of a command."),
        Some(name) if !Command::ALL.iter().any(|(known, _)| *known == name) => {
            let name = crate::SafeText::line(&name.chars().take(40).collect::<String>());
            Fault::new(FaultCode::UnknownCommand, format!("This server knows no command \"{name}\"."))
        }
        Some(name) => Fault::bad_request(format!("\"{name}\": {error}.")),
    };
    (id, fault)
}

impl Incoming {
    /// Reads a frame from the server.
    ///
    /// ```
    /// use titan_core::protocol::{Event, Incoming};
    /// assert!(matches!(Incoming::parse(r#"{"id":1,"ok":{}}"#).unwrap(), Incoming::Ok { id: 1, .. }));
    /// let Incoming::Event(event) = Incoming::parse(r#"{"event":"caught_up"}"#).unwrap() else { panic!() };
    /// assert_eq!(*event, Event::caught_up());
    /// ```
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Frame {
            id: Option<u64>,
            ok: Option<Box<serde_json::value::RawValue>>,
            error: Option<Fault>,
            event: Option<serde::de::IgnoredAny>,
        }
        // Most frames are these, as a Titan server writes them: read at once, not first for what they are.
        #[derive(Deserialize)]
        struct EntryFrame {
            entry: Entry,
        }
        if text.starts_with(r#"{"event":"entry","entry":"#) {
            let EntryFrame { entry } = serde_json::from_str(text)?;
            return Ok(Self::Event(Box::new(Event::Entry { entry })));
        }
        let frame: Frame = serde_json::from_str(text)?;
        Ok(match frame {
            Frame { event: Some(_), .. } => Self::Event(serde_json::from_str(text)?),
            Frame { id: Some(id), ok: Some(ok), .. } => Self::Ok { id, ok },
            Frame { id, error: Some(error), .. } => Self::Error { id, error },
            _ => Self::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seq;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_broken_request_is_answered_to_whoever_asked() {
        let cases = [
            ("", None, FaultCode::BadRequest),
            ("[]", None, FaultCode::BadRequest),
            (r#"{"do":"ping"}"#, None, FaultCode::BadRequest),
            (r#"{"id":-1,"do":"ping"}"#, None, FaultCode::BadRequest),
            (r#"{"id":4}"#, Some(4), FaultCode::BadRequest),
            (r#"{"id":4,"do":"fly"}"#, Some(4), FaultCode::UnknownCommand),
            (r#"{"id":4,"do":"post","conversation":"x","text":""}"#, Some(4), FaultCode::BadRequest),
            (r#"{"id":1e999,"do":"ping"}"#, None, FaultCode::BadRequest),
        ];
        for (text, id, code) in cases {
            let (got_id, fault) = Request::parse(text).unwrap_err();
            assert_eq!((got_id, fault.code), (id, code), "{text}: {fault}");
        }
        assert!(Request::parse(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn a_kind_of_conversation_from_the_future_is_one_without_a_name() {
        let text = r#"{"id":7,"thread":{"of":3},"head":2,"read":0,"unread":2,"mentions":0,"room_role":"member"}"#;
        let conversation: Conversation = serde_json::from_str(text).unwrap();
        assert_eq!((&conversation.what, conversation.what.name(), conversation.head), (&What::Unknown, None, Seq(2)));
        let again = serde_json::to_string(&conversation).unwrap();
        assert_eq!(serde_json::from_str::<Conversation>(&again).unwrap(), conversation);
        assert!(conversation.may(Right::Write), "what isn't known is offered");
    }

    #[test]
    fn what_is_asked_for_is_a_word_that_this_version_knows() {
        let requests = [
            r#"{"id":4,"do":"set_member_role","conversation":1,"account":2,"role":"king"}"#,
            r#"{"id":4,"do":"edit_account","account":2,"role":"unknown"}"#,
            r#"{"id":4,"do":"create_room","name":"x","kind":"hologram"}"#,
            r#"{"id":4,"do":"apps","category":7}"#,
        ];
        for text in requests {
            let (id, fault) = Request::parse(text).unwrap_err();
            assert_eq!((id, fault.code), (Some(4), FaultCode::BadRequest), "{text}: {fault}");
        }
        assert!(Request::parse(r#"{"id":4,"do":"edit_account","account":2}"#).is_ok());
        assert!(Request::parse(r#"{"id":4,"do":"edit_account","account":2,"role":null}"#).is_ok());
    }

    #[test]
    fn every_marker_of_a_resume_survives_the_wire() {
        let text = r#"{"id":1,"do":"resume","after":[{"conversation":4,"seq":17}]}"#;
        let request = Request::parse(text).unwrap();
        assert_eq!(serde_json::to_string(&request).unwrap(), text);
    }

    #[test]
    fn a_kind_of_entry_from_the_future_keeps_its_place() {
        let text = r#"{"event":"entry","entry":{"conversation":1,"seq":2,"id":3,"author":{"id":1,"username":"ada",
            "titan_number":12345},"at":0,"kind":"hologram","depth":3}}"#;
        let Incoming::Event(event) = Incoming::parse(text).unwrap() else { panic!() };
        let Event::Entry { entry } = event.as_ref() else { panic!() };
        assert_eq!((entry.seq.0, &entry.body), (2, &Body::Unknown));
        let Incoming::Event(again) = Incoming::parse(&serde_json::to_string(&event).unwrap()).unwrap() else {
            panic!()
        };
        assert_eq!(again, event);
        let Incoming::Event(event) = Incoming::parse(r#"{"event":"eclipse","where":1}"#).unwrap() else { panic!() };
        assert_eq!(*event, Event::Unknown);
    }

    proptest! {
        /// A newer server may say words, kinds and fields that this version doesn't know: what it says beside them is read
        /// all the same, and being written and read again changes nothing.
        #[test]
        fn words_from_the_future_break_no_reply(word in "[a-z_]{1,12}", extra in any_value()) {
            let account = json!({"id": 1, "username": "ada", "titan_number": 12345, "role": word, "created_at": 0, "x": extra});
            let room = json!({"id": 5, "name": "Den", "kind": word, "locked": false, "members": 1, "created_at": 0,
                "joined": true, "may": [word, "write"]});
            let conversation = json!({"id": 5, "room": room, "head": 3, "read": 1, "unread": 2, "mentions": 0,
                "room_role": word, "may": ["leave", word]});
            let person = json!({"id": 1, "username": "ada", "titan_number": 12345, "role": word, "created_at": 0,
                "online": true, "relation": word, "since": 0, "room_role": word, "joined_at": 0});
            let app = json!({"id": 1, "name": "a", "description": "", "category": word, "version": "1", "size": 1,
                "author": {"id": 1, "username": "ada", "titan_number": 12345}, "file_name": "a", "sha256": "0".repeat(64),
                "state": word, "downloads": 0, "uploaded_at": 0});
            again::<Registered>(json!({"account": account}))?;
            again::<Conversations>(json!({"conversations": [conversation], "epoch": word}))?;
            again::<Relations>(json!({"relations": [person]}))?;
            again::<Members>(json!({"members": [person]}))?;
            again::<Apps>(json!({"apps": [app]}))?;
            again::<Sanctions>(json!({"sanctions": [{"account": account, "kind": word, "at": 0}]}))?;
            again::<Fault>(json!({"code": word, "message": "no"}))?;
            again::<Event>(json!({"event": "member_changed", "conversation": 5, "account": 1, "role": word}))?;
        }

        #[test]
        fn no_frame_breaks_the_parsers(text in any::<String>()) {
            let _ = Request::parse(&text);
            let _ = Incoming::parse(&text);
        }

        #[test]
        fn any_value_in_any_field_is_answered_to_whoever_asked(
            name in prop::sample::select(Command::ALL).prop_map(|(name, _)| name),
            fields in prop::collection::vec((prop::sample::select(&FIELDS[..]), any_value()), 0..8),
            id: u64,
        ) {
            let mut frame: serde_json::Map<_, _> =
                fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
            frame.insert("do".to_owned(), name.into());
            frame.insert("id".to_owned(), id.into());
            match Request::parse(&serde_json::Value::Object(frame).to_string()) {
                Ok(request) => {
                    let again = Request::parse(&serde_json::to_string(&request).unwrap()).unwrap();
                    prop_assert_eq!((again.id, again.command), (id, request.command));
                }
                Err((asked, fault)) => {
                    prop_assert_eq!(asked, Some(id));
                    prop_assert!(fault.code == FaultCode::BadRequest && fault.message.len() < 1_000);
                }
            }
        }
    }

    /// What is read is written and read again without change.
    fn again<T>(value: serde_json::Value) -> Result<(), TestCaseError>
    where
        T: serde::de::DeserializeOwned + Serialize + PartialEq + std::fmt::Debug,
    {
        let read: T =
            serde_json::from_value(value.clone()).map_err(|error| TestCaseError::fail(format!("{error}: {value}")))?;
        let written = serde_json::to_string(&read).unwrap();
        prop_assert_eq!(serde_json::from_str::<T>(&written).unwrap(), read);
        Ok(())
    }

    const FIELDS: [&str; 18] = [
        "username",
        "password",
        "token",
        "watch",
        "account",
        "name",
        "kind",
        "conversation",
        "text",
        "seq",
        "client_id",
        "emoji",
        "on",
        "limit",
        "after",
        "signal",
        "app",
        "sha256",
    ];

    fn any_value() -> impl Strategy<Value = serde_json::Value> {
        use serde_json::Value;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            Just(json!("01890000-0000-7000-8000-000000000001")),
            Just(json!([{"conversation": 1, "seq": 2}])),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Value::from))
    }
}
