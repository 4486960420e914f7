//! What its clients ask, from frames. Pure.
//!
//! A frame that can't be read ends the connection, as the wire document has it; a password that is no hash, or a type that
//! only servers send, is a request like any other and refused by name.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::frame::{Frame, Kind};
use titan_hub::PreHash;

/// What a client sends in place of a password to ask for the salt.
const ASKING: &str = "X";

#[derive(Clone, PartialEq, Eq)]
pub enum Request {
    Log {
        login: String,
        password: Password,
    },
    Reg {
        login: String,
        password: Password,
        email: String,
    },
    Frp {
        login: String,
    },
    Upd {
        reciever: Option<String>,
    },
    Msg {
        reciever: String,
        msg: String,
    },
    Chp {
        password: Password,
    },
    Chm {
        email: String,
    },
    Del,
    Dis,
    /// A frame of a type that only the server sends.
    Servers(Kind),
}

/// What stands where a password is wanted.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// None yet: the salt is asked for.
    Asked,
    Hashed(Hashed),
    /// Not 128 hexadecimal digits.
    None,
}

/// A password as the client hashed it.
#[derive(Clone, PartialEq, Eq)]
pub struct Hashed {
    pub salt: [u8; 32],
    pub hash: PreHash,
}

/// A payload that is no request. The connection ends with this.
#[derive(Debug, thiserror::Error)]
#[error("{kind}: {why}")]
pub struct Unreadable {
    kind: &'static str,
    why: String,
}

impl Request {
    pub fn read(frame: &Frame) -> Result<Self, Unreadable> {
        Ok(match frame.kind {
            Kind::Log => {
                let Entering { login, password } = payload(frame)?;
                Self::Log { login, password: Password::read(&password) }
            }
            Kind::Reg => {
                let Registering { login, password, email } = payload(frame)?;
                Self::Reg { login, password: Password::read(&password), email }
            }
            Kind::Frp => Self::Frp { login: payload::<Forgetting>(frame)?.login },
            Kind::Upd => Self::Upd { reciever: payload::<Selecting>(frame)?.reciever },
            Kind::Msg => {
                let Saying { reciever, msg } = payload(frame)?;
                Self::Msg { reciever, msg: msg.unwrap_or_default() }
            }
            Kind::Chp => Self::Chp { password: Password::read(&payload::<NewPassword>(frame)?.password) },
            Kind::Chm => Self::Chm { email: payload::<NewMail>(frame)?.email },
            Kind::Del => payload::<Nothing>(frame).map(|_| Self::Del)?,
            // Who leaves need not say it well.
            Kind::Dis => Self::Dis,
            kind @ (Kind::Ack | Kind::Err | Kind::Ses | Kind::Lis | Kind::His) => Self::Servers(kind),
        })
    }

    /// The original's name of it.
    pub fn name(&self) -> &'static str {
        let kind = match self {
            Self::Log { .. } => Kind::Log,
            Self::Reg { .. } => Kind::Reg,
            Self::Frp { .. } => Kind::Frp,
            Self::Upd { .. } => Kind::Upd,
            Self::Msg { .. } => Kind::Msg,
            Self::Chp { .. } => Kind::Chp,
            Self::Chm { .. } => Kind::Chm,
            Self::Del => Kind::Del,
            Self::Dis => Kind::Dis,
            Self::Servers(kind) => *kind,
        };
        kind.name()
    }
}

impl Password {
    fn read(text: &str) -> Self {
        if text == ASKING {
            return Self::Asked;
        }
        match (half(text, 0), half(text, 64)) {
            (Some(salt), Some(hash)) if text.len() == 128 => Self::Hashed(Hashed { salt, hash }),
            _ => Self::None,
        }
    }
}

/// 64 hexadecimal digits from there on.
fn half(text: &str, from: usize) -> Option<[u8; 32]> {
    let titan_core::BlobId(bytes) = text.get(from..from + 64)?.parse().ok()?;
    Some(bytes)
}

#[derive(Deserialize)]
struct Entering {
    login: String,
    password: String,
}

#[derive(Deserialize)]
struct Registering {
    login: String,
    password: String,
    email: String,
}

#[derive(Deserialize)]
struct Forgetting {
    login: String,
}

#[derive(Deserialize)]
struct Selecting {
    #[serde(default)]
    reciever: Option<String>,
}

#[derive(Deserialize)]
struct Saying {
    reciever: String,
    #[serde(default)]
    msg: Option<String>,
}

#[derive(Deserialize)]
struct NewPassword {
    password: String,
}

#[derive(Deserialize)]
struct NewMail {
    email: String,
}

#[derive(Deserialize)]
struct Nothing {}

/// The payload as an object; a list, which would do for the library, is none.
fn payload<T: DeserializeOwned>(frame: &Frame) -> Result<T, Unreadable> {
    let unreadable = |why: String| Unreadable { kind: frame.kind.name(), why };
    if frame.payload.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(unreadable("a payload is a JSON object, such as {\"msg\": \"hi\"}".to_owned()));
    }
    serde_json::from_slice(&frame.payload).map_err(|error| unreadable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(kind: Kind, payload: &str) -> Result<Request, String> {
        let frame = Frame { kind, payload: payload.as_bytes().to_vec().into() };
        Request::read(&frame).map_err(|error| error.to_string())
    }

    fn wrong(kind: Kind, payload: &str) -> String {
        read(kind, payload).err().unwrap_or_else(|| panic!("{payload} was taken"))
    }

    #[test]
    fn the_documents_requests_are_read() {
        let hashed = "00".repeat(31) + "01" + &"Ab".repeat(32);
        let asked = read(Kind::Log, r#"{"login": "ada", "password": "X"}"#);
        assert!(asked == Ok(Request::Log { login: "ada".into(), password: Password::Asked }));
        let Ok(Request::Log { password: Password::Hashed(Hashed { salt, hash }), .. }) =
            read(Kind::Log, &format!(r#"{{"password": "{hashed}", "login": "ada", "more": [1]}}"#))
        else {
            panic!("a hashed password is one")
        };
        assert_eq!((salt[31], hash), (1, [0xab; 32]));
        let no_password = Ok(Request::Chp { password: Password::None });
        assert!(read(Kind::Chp, r#"{"password": "secret"}"#) == no_password);
        assert!(read(Kind::Chp, &format!(r#"{{"password": "{}"}}"#, "é".repeat(64))) == no_password);
        for empty in ["{}", r#"{"reciever": null}"#] {
            assert!(read(Kind::Upd, empty) == Ok(Request::Upd { reciever: None }));
        }
        let silent = Request::Msg { reciever: "bob".into(), msg: String::new() };
        assert!(read(Kind::Msg, r#"{"reciever": "bob"}"#) == Ok(silent));
        assert!(read(Kind::Dis, "") == Ok(Request::Dis));
        assert!(read(Kind::Del, "{}") == Ok(Request::Del));
        assert!(read(Kind::Lis, "{}") == Ok(Request::Servers(Kind::Lis)));
    }

    #[test]
    fn what_is_wrong_with_a_payload_is_told() {
        assert!(wrong(Kind::Log, r#"{"login": "ada"}"#).contains("missing field `password`"));
        assert!(wrong(Kind::Reg, r#"{"login": "a", "password": "x"}"#).contains("missing field `email`"));
        assert!(wrong(Kind::Msg, r#"{"msg": "hi"}"#).contains("missing field `reciever`"));
        assert!(wrong(Kind::Msg, r#"{"reciever": 7}"#).contains("expected a string"));
        for payload in ["", "[]", "null", r#"["ada"]"#, "\u{feff}{}", " 7"] {
            assert!(wrong(Kind::Frp, payload).starts_with("FRP: a payload is a JSON object"), "{payload}");
        }
        wrong(Kind::Upd, r#"{"reciever": "a""#);
        wrong(Kind::Del, "");
        wrong(Kind::Frp, r#"{"login": "\ud800"}"#);
        wrong(Kind::Frp, &format!(r#"{{"login": {}}}"#, "[".repeat(60_000)));
    }

    proptest! {
        #[test]
        fn any_payload_is_read_or_told_what_is_wrong(kind in 0..14u8, bytes in prop::collection::vec(any::<u8>(), 0..200), json in "\\{(\"(login|password|msg|reciever|email)\": ?(\"[ -~]{0,9}\"|null|[0-9]),?){0,4}\\}") {
            for payload in [bytes, json.into_bytes()] {
                let mut inbox = bytes::BytesMut::from(&[0x40 | kind, 0, payload.len() as u8][..]);
                inbox.extend_from_slice(&payload);
                let frame = Frame::take(&mut inbox).unwrap().unwrap();
                if let Err(error) = Request::read(&frame) {
                    prop_assert!(error.to_string().starts_with(frame.kind.name()));
                }
            }
        }
    }
}
