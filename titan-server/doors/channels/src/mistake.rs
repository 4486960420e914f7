//! One thing wrong with a request, told as pydantic 2 tells it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One thing wrong with a request.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Mistake {
    /// A stable word, such as `missing` or `string_too_short`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// Where: `body`, `query` or `path`, then names or positions.
    pub loc: Vec<Place>,
    pub msg: String,
    /// What was given there.
    #[schema(value_type = Value)]
    pub input: Value,
    /// The bounds that were missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub ctx: Option<Value>,
}

/// A step on the way to a mistake.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Place {
    #[schema(value_type = String)]
    Name(&'static str),
    Character(usize),
}
