//! `_request_id`: by which later clients of this door know which of their requests a reply answers. Pure.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value};

/// The field, in requests and replies.
const FIELD: &str = "_request_id";
/// The longest, in bytes of JSON: a reply's list and this must fit into a frame.
pub const ID_MOST: usize = 1_024;

/// What a client calls a request, as JSON. Clones share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Takes it out of a request's fields; none where there is none, and the length in bytes where it is too long.
    pub fn take(fields: &mut Map<String, Value>) -> Result<Option<Self>, usize> {
        match fields.remove(FIELD) {
            None | Some(Value::Null) => Ok(None),
            Some(id) => match id.to_string() {
                id if id.len() <= ID_MOST => Ok(Some(Self(id.into()))),
                id => Err(id.len()),
            },
        }
    }

    /// A reply with the id as its last field.
    pub fn on(&self, frame: &Bytes) -> Bytes {
        let Some(fields) = frame.strip_suffix(b"}") else { return frame.clone() };
        [fields, b",\"", FIELD.as_bytes(), b"\":", self.0.as_bytes(), b"}"].concat().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn taken(request: Value) -> Result<Option<RequestId>, usize> {
        let Value::Object(mut fields) = request else { panic!("{request}") };
        RequestId::take(&mut fields)
    }

    #[test]
    fn an_id_of_any_kind_comes_back_as_it_was() {
        for id in [json!("rooms_list_7"), json!(7), json!("\"}\u{1}é"), json!({"n": [1, null]}), json!("")] {
            let taken = taken(json!({"type": "ping", "_request_id": id})).unwrap().unwrap();
            let marked = taken.on(&Bytes::from_static(br#"{"type":"pong"}"#));
            assert_eq!(serde_json::from_slice::<Value>(&marked).unwrap(), json!({"type": "pong", "_request_id": id}));
        }
    }

    #[test]
    fn no_id_is_none_and_one_without_end_is_refused() {
        assert_eq!(taken(json!({"type": "ping"})), Ok(None));
        assert_eq!(taken(json!({"type": "ping", "_request_id": null})), Ok(None));
        assert_eq!(taken(json!({"_request_id": "x".repeat(ID_MOST)})), Err(ID_MOST + 2));
    }
}
