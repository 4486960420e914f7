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
    /// The field of the command that is wrong, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

fn to_be_shown<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    crate::SafeText::deserialize(deserializer).map(|text| text.to_string())
}

impl Fault {
    /// Of this code, with these words for people.
    pub fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after_ms: None, field: None }
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

    /// The same, and this field is what is wrong.
    #[must_use]
    pub fn at(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }

    /// The same, and trying again helps after so long.
    #[must_use]
    pub fn retry_after(self, wait: std::time::Duration) -> Self {
        let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        Self { retry_after_ms: Some(ms), ..self }
    }

    /// Too fast: trying again helps after so long.
    pub fn rate_limited(wait: std::time::Duration) -> Self {
        Self::too_many("Too fast", wait)
    }

    /// The same, with what there was too much of in words.
    pub fn too_many(said: &str, wait: std::time::Duration) -> Self {
        Self {
            code: FaultCode::RateLimited,
            message: format!("{said}: try again in {}.", in_words(wait)),
            retry_after_ms: Some(wait.as_millis() as u64 + 1),
            field: None,
        }
    }
}

/// How long to wait, never less than it is: tenths of a second, seconds, minutes, hours.
fn in_words(wait: std::time::Duration) -> String {
    let tenths = wait.as_millis().div_ceil(100).max(1);
    let seconds = tenths.div_ceil(10);
    match seconds {
        0..10 => format!("{}.{} s", tenths / 10, tenths % 10),
        10..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3_600)),
    }
}

impl From<crate::text::Unfit> for Fault {
    fn from(unfit: crate::text::Unfit) -> Self {
        let said = unfit.to_string();
        let (first, rest) = said.split_at(said.chars().next().map_or(0, char::len_utf8));
        let fault = Self::bad_request(format!("{}{rest}.", first.to_uppercase()));
        Self { field: unfit.field().map(str::to_owned), ..fault }
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
    /// You may, once you have given your password again ([`super::ask::Confirm`]): it was not asked for in the last 10 minutes.
    ConfirmFirst,
    /// The account has a second factor: a right `code` must come too. Where a door can't ask for it, an app password opens instead.
    SecondFactorRequired,
    /// Somebody else made that password up: log in with a `new_password` of your own beside it.
    ChoosePassword,
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
fn nobody_is_told_to_wait_for_no_time_or_for_less_than_it_takes() {
    let said = |ms| Fault::rate_limited(std::time::Duration::from_millis(ms)).message;
    assert_eq!(said(0), "Too fast: try again in 0.1 s.");
    assert_eq!(said(1_401), "Too fast: try again in 1.5 s.");
    assert_eq!(said(9_950), "Too fast: try again in 10 s.");
    assert_eq!(said(59_100), "Too fast: try again in 60 s.");
    assert_eq!(said(121_000), "Too fast: try again in 3 min.");
    assert_eq!(said(7_200_001), "Too fast: try again in 3 h.");
}

#[cfg(test)]
#[test]
fn a_message_from_the_wire_holds_nothing_that_moves_a_terminal() {
    let fault: Fault = serde_json::from_str(r#"{"code":"forbidden","message":"no\u001b[2J\u202e way"}"#).unwrap();
    assert!(!fault.to_string().contains(['\u{1b}', '\u{202e}']), "{fault:?}");
}
