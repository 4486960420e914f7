//! What the server says, to lines of JSON. Pure. Names and order of the fields are the document's. Texts go out as they may be
//! shown: these clients print what they read.

use bytes::Bytes;
use serde::{Serialize, Serializer};
use titan_core::protocol::{Body, Entry, Message};
use titan_core::{AccountId, SafeText, Time};

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    RegisterResponse {
        status: Status,
        #[serde(serialize_with = "as_shown")]
        message: String,
    },
    LoginResponse(LoginOutcome),
    HistoryResponse {
        messages: Vec<Said>,
        /// Whether not all that were asked for fit. The newest did.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        more: bool,
    },
    NewMessage(Said),
    Error {
        #[serde(serialize_with = "as_shown")]
        message: String,
    },
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Success,
    Error,
}

/// The two kinds have different fields.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum LoginOutcome {
    Entered {
        status: Status,
        user_id: AccountId,
        #[serde(serialize_with = "SafeText::serialize_shown")]
        username: SafeText,
    },
    Refused {
        status: Status,
        #[serde(serialize_with = "as_shown")]
        message: String,
    },
}

/// A message, as everybody sees it.
#[derive(Debug, Serialize)]
pub struct Said {
    #[serde(serialize_with = "SafeText::serialize_shown")]
    sender: SafeText,
    message: String,
    timestamp: Moment,
}

fn as_shown<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&titan_core::shown(text))
}

impl Reply {
    /// As a line.
    pub fn line(&self) -> Bytes {
        // Only maps with keys that are no strings can't be written, and there is none here.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line.into()
    }

    pub fn error(message: impl Into<String>) -> Self {
        Self::Error { message: message.into() }
    }
}

impl Said {
    /// What an entry says; none where it is no message, or one deleted since. A file is told by its name and size: its
    /// bytes are fetched at other doors.
    pub fn of(entry: &Entry) -> Option<Self> {
        let Body::Message(Message { text, file, deleted: false, .. }) = &entry.body else { return None };
        let message = match file {
            None => text.to_string(),
            Some(file) if text.is_empty() => format!("[file] {} ({} bytes)", file.name, file.size),
            Some(file) => format!("{text}\n[file] {} ({} bytes)", file.name, file.size),
        };
        Some(Self { sender: entry.author.username.clone(), message, timestamp: Moment(entry.at) })
    }
}

/// A time such as `2026-01-15T10:30:00`; it is UTC.
#[derive(Clone, Copy, Debug)]
struct Moment(Time);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let moment = jiff::Timestamp::from_millisecond(self.0.0).unwrap_or_default();
        serializer.collect_str(&moment.strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(reply: &Reply) -> String {
        String::from_utf8(reply.line().to_vec()).unwrap()
    }

    #[test]
    fn replies_are_the_documents_to_the_byte() {
        let said = || Said {
            sender: "john_doe".into(),
            message: "Hello everyone!".to_owned(),
            timestamp: Moment(Time(1_768_473_000_999)),
        };
        let registered =
            Reply::RegisterResponse { status: Status::Success, message: "User registered successfully".to_owned() };
        let entered =
            LoginOutcome::Entered { status: Status::Success, user_id: AccountId(1), username: "john_doe".into() };
        let refused = LoginOutcome::Refused { status: Status::Error, message: "no".to_owned() };
        let cases = [
            (registered, r#"{"type":"register_response","status":"success","message":"User registered successfully"}"#),
            (
                Reply::LoginResponse(entered),
                r#"{"type":"login_response","status":"success","user_id":1,"username":"john_doe"}"#,
            ),
            (Reply::LoginResponse(refused), r#"{"type":"login_response","status":"error","message":"no"}"#),
            (
                Reply::NewMessage(said()),
                r#"{"type":"new_message","sender":"john_doe","message":"Hello everyone!","timestamp":"2026-01-15T10:30:00"}"#,
            ),
            (
                Reply::HistoryResponse { messages: vec![said()], more: false },
                r#"{"type":"history_response","messages":[{"sender":"john_doe","message":"Hello everyone!","timestamp":"2026-01-15T10:30:00"}]}"#,
            ),
            (Reply::error("two\nlines"), r#"{"type":"error","message":"two\nlines"}"#),
        ];
        for (reply, wanted) in cases {
            assert_eq!(written(&reply), format!("{wanted}\n"));
        }
    }
}
