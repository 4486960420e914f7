//! What handlers take from a request: ids in paths, words in queries, small JSON bodies. Each says what is wrong in JSON.

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde_json::Value;
use titan_core::AppId;

use super::answer::{Answer, Refused};

/// The largest JSON body.
const JSON_MOST: usize = 64 * 1024;

/// An app's id from the path; whatever is no number names no app.
pub struct AppPath(pub AppId);

impl<S: Send + Sync> FromRequestParts<S> for AppPath {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let id = Path::<String>::from_request_parts(parts, state).await.ok().and_then(|Path(id)| id.parse().ok());
        id.map(Self).ok_or_else(|| Refused::not_found("App not found"))
    }
}

/// A word from the path.
pub struct WordPath(pub String);

impl<S: Send + Sync> FromRequestParts<S> for WordPath {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let word = Path::<String>::from_request_parts(parts, state).await;
        word.map(|Path(word)| Self(word)).map_err(|_| Refused::not_found("Not found"))
    }
}

/// What stands after the `?`; the first of several with one name counts.
pub struct Words(Vec<(String, String)>);

impl Words {
    pub fn word(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim());
        values.find(|value| !value.is_empty())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Words {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

/// A JSON object; an empty body, or null, is an empty one. The content type is not looked at: scripts often send none.
pub struct SmallJson(pub Value);

impl<S: Send + Sync> FromRequest<S> for SmallJson {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Answer<Self> {
        let too_large = |_| {
            let said = format!("A request like this has at most {JSON_MOST} bytes.");
            Refused::new(StatusCode::PAYLOAD_TOO_LARGE, said)
        };
        let body = to_bytes(request.into_body(), JSON_MOST).await.map_err(too_large)?;
        if body.is_empty() {
            return Ok(Self(Value::Object(serde_json::Map::new())));
        }
        match serde_json::from_slice(&body) {
            Ok(value @ Value::Object(_)) => Ok(Self(value)),
            Ok(Value::Null) => Ok(Self(Value::Object(serde_json::Map::new()))),
            _ => Err(Refused::bad_request("The body must be a JSON object.")),
        }
    }
}
