//! How stores write what an entry says, column by column.

use titan_core::Seq;
use titan_core::protocol::Body;

use super::{StoreError, StoreResult};

/// A message's kind as stores write it.
pub fn kind_of(body: &Body) -> &'static str {
    body.kind()
}

/// The text that stands in an entry's row.
pub fn text_of(body: &Body) -> Option<&str> {
    match body {
        Body::Message(message) => Some(message.text.written()),
        Body::Edit { text, .. } => Some(text.written()),
        _ => None,
    }
}

/// The entry that an entry is about.
pub fn target_of(body: &Body) -> Option<Seq> {
    match body {
        Body::Edit { target, .. } | Body::Deletion { target, .. } | Body::Reaction { target, .. } => Some(*target),
        _ => None,
    }
}

/// The kinds that never change are kept as they travel.
pub fn detail_of(body: &Body) -> StoreResult<Option<String>> {
    match body {
        Body::Message(_) | Body::Edit { .. } | Body::Deletion { .. } => Ok(None),
        _ => serde_json::to_string(body).map(Some).map_err(|error| StoreError::Broken(error.to_string())),
    }
}
