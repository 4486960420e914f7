//! What went wrong, in a code for programs and a message for people.

use serde::{Deserialize, Serialize};

/// A refusal or failure. The code is stable; the message says what is wrong and what to do, and may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct Fault {
    /// For programs.
    pub code: FaultCode,
    /// For people. Made fit to be shown when it comes from the wire: a server could be anybody's.
    #[serde(deserialize_with = "to_be_shown")]
    pub message: String,
    /// Milliseconds to wait before trying again, where waiting helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

fn to_be_shown<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    crate::SafeText::deserialize(deserializer).map(|text| text.to_string())
}

impl Fault {
    /// Of this code, with these words for people.
    pub fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after_ms: None }
    }

    /// What was asked makes no sense.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(FaultCode::BadRequest, message)
    }

    /// There is no such thing, or none that may be seen.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(FaultCode::NotFound, message)
    }

    /// It may not be done.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(FaultCode::Forbidden, message)
    }

    /// The same, and trying again helps after so long.
    #[must_use]
    pub fn retry_after(self, wait: std::time::Duration) -> Self {
        let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        Self { retry_after_ms: Some(ms), ..self }
    }

    /// Too fast: trying again helps after so long.
    pub fn rate_limited(wait: std::time::Duration) -> Self {
        let seconds = wait.as_secs_f64().max(0.001);
        Self {
            code: FaultCode::RateLimited,
            message: format!("Too fast: try again in {seconds:.1} s."),
            retry_after_ms: Some(wait.as_millis() as u64 + 1),
        }
    }
}

impl From<crate::text::Unfit> for Fault {
    fn from(unfit: crate::text::Unfit) -> Self {
        let said = unfit.to_string();
        let (first, rest) = said.split_at(said.chars().next().map_or(0, char::len_utf8));
        Self::bad_request(format!("{}{rest}.", first.to_uppercase()))
    }
}

/// The stable codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultCode {
    /// Not JSON, a field missing or of the wrong type, a value out of bounds.
    BadRequest,
    /// A `do` this server doesn't know.
    UnknownCommand,
    /// The command needs a login first.
    NotLoggedIn,
    /// Unknown account or wrong password: never told apart.
    BadCredentials,
    /// The token is unknown, expired or revoked: log in again.
    BadToken,
    /// The account or address is banned.
    Banned,
    /// The username or room name is taken.
    NameTaken,
    /// No such account, conversation, entry, file or app (or none you may see).
    NotFound,
    /// You are not a member of that conversation.
    NotAMember,
    /// You already are a member.
    AlreadyMember,
    /// The room asks for a password and this isn't it.
    WrongRoomPassword,
    /// You may not do that.
    Forbidden,
    /// The thing is no longer as you saw it (an app that changed since you looked).
    Conflict,
    /// The app has not been approved.
    NotApproved,
    /// Longer or larger than allowed.
    TooLarge,
    /// Too many requests: wait `retry_after_ms`.
    RateLimited,
    /// The server can't write just now (disk full, shutting down): nothing was kept, try again.
    Unavailable,
    /// A defect of the server; its log says more.
    Internal,
    /// A code of a newer server.
    #[serde(other)]
    Other,
}

#[cfg(test)]
#[test]
fn a_message_from_the_wire_holds_nothing_that_moves_a_terminal() {
    let fault: Fault = serde_json::from_str(r#"{"code":"forbidden","message":"no\u001b[2J\u202e way"}"#).unwrap();
    assert!(!fault.to_string().contains(['\u{1b}', '\u{202e}']), "{fault:?}");
}
