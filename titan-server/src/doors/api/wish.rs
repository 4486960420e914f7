//! What somebody says an app is: from a form's JSON or from an upload's metadata.

use serde_json::{Map, Value};
use titan_core::clean;
use titan_core::protocol::Category;

use super::answer::{Answer, Refused};
use crate::hub::Particulars;

/// An app's particulars, all there. Whether they will do is the hub's to say.
#[derive(Clone, Debug)]
pub struct AppWish {
    pub name: String,
    pub description: String,
    pub category: Category,
    pub version: String,
    /// Everything given, a JSON object.
    pub metadata: String,
}

impl AppWish {
    pub fn of_json(text: &[u8]) -> Answer<Self> {
        match serde_json::from_slice(text) {
            Ok(Value::Object(given)) => Self::of(given),
            _ => Err(Refused::bad_request("Invalid metadata: it must be a JSON object.")),
        }
    }

    pub fn of(given: Map<String, Value>) -> Answer<Self> {
        let name = field(&given, "name")?;
        let description = field(&given, "description")?;
        let category = field(&given, "category")?;
        let version = field(&given, "version")?;
        let category = category.parse::<Category>()?;
        // Said before the bytes are taken in, where the words come first.
        Particulars::of(&name, &description, &version)?;
        let metadata = cleaned(Value::Object(given)).to_string();
        Ok(Self { name, description, category, version, metadata })
    }
}

fn field(given: &Map<String, Value>, name: &str) -> Answer<String> {
    match given.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        None | Some(Value::Null) => Err(Refused::bad_request(format!("Missing required field: {name}"))),
        Some(_) => Err(Refused::bad_request(format!("Invalid field: {name} must be a text"))),
    }
}

/// Texts may come to a terminal some day, even those nobody asked for.
fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean(&text)),
        Value::Array(values) => Value::Array(values.into_iter().map(cleaned).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (clean(&name), cleaned(value))).collect())
        }
        plain => plain,
    }
}
