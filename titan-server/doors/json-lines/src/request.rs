//! What clients send: a line of JSON to a typed request. Pure.

use serde_json::{Map, Value};
use titan_core::Secret;

/// The history that is given to who doesn't say how much, and the most.
const LIMIT_USUAL: u32 = 50;
const LIMIT_MOST: u32 = 500;
/// Characters of an unknown type that are quoted back.
const QUOTED_MOST: usize = 50;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    Register { username: String, password: Secret },
    Login { username: String, password: Secret },
    SendMessage { sender: String, message: String },
    GetHistory { limit: u32 },
}

/// Why a line is no request, in words for who sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

type Parsed<T> = Result<T, Malformed>;

impl Request {
    pub fn read(line: &str) -> Parsed<Self> {
        let fields = match serde_json::from_str(line) {
            Ok(Value::Object(fields)) => Fields(fields),
            Ok(_) => return Err(wrong("A request is a JSON object with a \"type\"")),
            Err(error) => return Err(wrong(format!("Invalid JSON: {error}"))),
        };
        match fields.text("type")?.as_str() {
            "register" => {
                Ok(Self::Register { username: fields.text("username")?, password: fields.text("password")?.into() })
            }
            "login" => {
                Ok(Self::Login { username: fields.text("username")?, password: fields.text("password")?.into() })
            }
            "send_message" => {
                Ok(Self::SendMessage { sender: fields.text("sender")?, message: fields.text("message")? })
            }
            "get_history" => Ok(Self::GetHistory { limit: fields.limit()? }),
            unknown => Err(wrong(format!("Unknown message type: {}", quoted(unknown)))),
        }
    }

    /// Its `type`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Register { .. } => "register",
            Self::Login { .. } => "login",
            Self::SendMessage { .. } => "send_message",
            Self::GetHistory { .. } => "get_history",
        }
    }
}

struct Fields(Map<String, Value>);

impl Fields {
    fn text(&self, name: &str) -> Parsed<String> {
        match self.0.get(name) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Null) | None => Err(wrong(format!("Missing field: {name}"))),
            Some(_) => Err(wrong(format!("\"{name}\" must be text"))),
        }
    }

    fn limit(&self) -> Parsed<u32> {
        let limit = match self.0.get("limit") {
            Some(Value::Null) | None => return Ok(LIMIT_USUAL),
            Some(Value::Number(number)) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
            Some(_) => None,
        };
        match limit {
            Some(limit) if limit >= 1 => Ok(limit.min(i64::from(LIMIT_MOST)) as u32),
            _ => Err(wrong(format!("\"limit\" must be a whole number from 1 to {LIMIT_MOST}"))),
        }
    }
}

/// Some clients write whole numbers as 5.0, and large ones as 1e300.
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0).then_some(number as i64)
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

    fn read(request: Value) -> Parsed<Request> {
        Request::read(&request.to_string())
    }

    #[test]
    fn the_documents_examples_are_understood() {
        let (username, password) = ("john_doe".to_owned(), "securepass123".to_owned());
        let register = json!({"type": "register", "username": "john_doe", "password": "securepass123"});
        assert_eq!(
            read(register),
            Ok(Request::Register { username: username.clone(), password: password.clone().into() })
        );
        let login = json!({"type": "login", "username": "john_doe", "password": "securepass123"});
        assert_eq!(read(login), Ok(Request::Login { username: username.clone(), password: password.into() }));
        let message = json!({"type": "send_message", "sender": "john_doe", "message": "Hello everyone!"});
        let wanted = Request::SendMessage { sender: username, message: "Hello everyone!".to_owned() };
        assert_eq!(read(message), Ok(wanted));
        assert_eq!(read(json!({"type": "get_history", "limit": 50})), Ok(Request::GetHistory { limit: 50 }));
    }

    #[test]
    fn an_error_names_what_is_missing_or_wrong() {
        let cases = [
            (json!([]), "A request is a JSON object with a \"type\""),
            (json!({}), "Missing field: type"),
            (json!({"type": 7}), "\"type\" must be text"),
            (json!({"type": "fly\u{1b}[2J"}), "Unknown message type: fly␛[2J"),
            (json!({"type": "login", "username": "ada"}), "Missing field: password"),
            (json!({"type": "register", "password": "x"}), "Missing field: username"),
            (json!({"type": "login", "username": ["ada"], "password": "x"}), "\"username\" must be text"),
            (json!({"type": "send_message", "message": "x"}), "Missing field: sender"),
            (json!({"type": "send_message", "sender": "ada"}), "Missing field: message"),
            (json!({"type": "get_history", "limit": 0}), "\"limit\" must be a whole number from 1 to 500"),
            (json!({"type": "get_history", "limit": -1}), "\"limit\" must be a whole number from 1 to 500"),
            (json!({"type": "get_history", "limit": 1.5}), "\"limit\" must be a whole number from 1 to 500"),
            (json!({"type": "get_history", "limit": "50"}), "\"limit\" must be a whole number from 1 to 500"),
        ];
        for (request, why) in cases {
            assert_eq!(read(request.clone()).unwrap_err().to_string(), why, "{request}");
        }
        for broken in ["", "hello", "{", "{\"type\":\"login\"} x", "{\"n\":1e999}", "\"\\ud800\"", "\0"] {
            assert!(Request::read(broken).unwrap_err().to_string().starts_with("Invalid JSON"), "{broken:?}");
        }
        assert!(Request::read(&"[".repeat(60_000)).is_err());
        assert!(Request::read(&"{\"a\":".repeat(10_000)).is_err());
    }

    #[test]
    fn a_limit_stays_in_bounds() {
        for (limit, wanted) in
            [(json!(null), 50), (json!(1), 1), (json!(5.0), 5), (json!(501), 500), (json!(1e300), 500)]
        {
            let request = json!({"type": "get_history", "limit": limit});
            assert_eq!(read(request.clone()), Ok(Request::GetHistory { limit: wanted }), "{request}");
        }
        assert_eq!(read(json!({"type": "get_history"})), Ok(Request::GetHistory { limit: 50 }));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Value::from))
    }

    proptest! {
        #[test]
        fn any_line_is_answered(line in any::<String>()) {
            if let Err(malformed) = Request::read(&line) {
                prop_assert!(!malformed.to_string().is_empty());
            }
        }

        #[test]
        fn any_value_in_any_field_is_answered(
            name in prop::sample::select(&["register", "login", "send_message", "get_history"][..]),
            fields in prop::collection::vec(
                (prop::sample::select(&["username", "password", "sender", "message", "limit", "x"][..]), any_json()),
                0..6,
            ),
        ) {
            let mut request: Map<String, Value> =
                fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
            request.insert("type".to_owned(), name.into());
            match read(Value::Object(request)) {
                Ok(Request::GetHistory { limit }) => prop_assert!((1..=LIMIT_MOST).contains(&limit)),
                Ok(_) => {}
                Err(malformed) => prop_assert!(!malformed.to_string().is_empty()),
            }
        }
    }
}
