//! What somebody says an app is: from a form's JSON or from an upload's metadata.

use serde_json::{Map, Value};
use titan_core::protocol::Category;
use utoipa::ToSchema;

use super::answer::{Answer, Refused};
use titan_hub::Particulars;

/// An app's metadata, as JSON. More fields may stand beside these, and are kept.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read one by one")]
pub struct Wished {
    #[schema(schema_with = super::papers::title)]
    name: String,
    #[schema(schema_with = super::papers::app_description)]
    description: String,
    category: CategoryName,
    #[schema(schema_with = super::papers::version)]
    version: String,
}

/// What kind of thing an app is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the names are read as texts")]
pub enum CategoryName {
    Application,
    Component,
    SoundTheme,
    Game,
    TcePackage,
    LanguagePack,
}

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
        let metadata = Value::Object(given).to_string();
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            Just(Value::from("game")),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in any::<Vec<u8>>(), text in any::<String>()) {
            let _ = AppWish::of_json(&bytes);
            let _ = AppWish::of_json(text.as_bytes());
        }

        #[test]
        fn all_fields_are_kept_as_they_were_given(
            fields in prop::collection::btree_map("name|description|category|version|[a-z]{1,4}", any_value(), 0..8),
            name in "[a-zA-Z\u{1b}\u{202e}]{1,20}",
        ) {
            let mut given: Map<String, Value> = fields.into_iter().collect();
            let _ = AppWish::of(given.clone()).is_ok();
            for (field, text) in [("name", name.as_str()), ("description", "x"), ("category", "game"), ("version", "1")] {
                given.insert(field.to_owned(), text.into());
            }
            if let Ok(wish) = AppWish::of(given.clone()) {
                prop_assert_eq!(wish.metadata, Value::Object(given).to_string());
            }
        }
    }
}
