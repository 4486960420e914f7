//! What handlers take from a request.

use std::convert::Infallible;

use axum::body::to_bytes;
use axum::extract::{FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};

use super::answer::{Answer, Refused};
use super::check::{Body, read_json};
use titan_door::media::Kind;
use titan_door::{Peer, client_of};
use titan_hub::Visitor;

/// The largest JSON body, in bytes.
const BODY_MOST: usize = 256 * 1024;

/// Who is at the other end, by address.
pub struct At(pub Visitor);

impl<S: Send + Sync> FromRequestParts<S> for At {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let unknown = Peer(std::net::Ipv4Addr::UNSPECIFIED.into());
        Ok(Self(
            parts
                .extensions
                .get::<Peer>()
                .copied()
                .unwrap_or(unknown)
                .at("channels")
                .with_client(client_of(&parts.headers)),
        ))
    }
}

/// The id in the path, as it was written. What holds nothing, or a slash, is no such path.
pub struct Written(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Written {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        // What is no UTF-8 is no number either.
        let written = Path::<String>::from_request_parts(parts, state).await.map(|Path(written)| written);
        match written.unwrap_or_else(|_| char::REPLACEMENT_CHARACTER.into()) {
            written if written.is_empty() || written.contains('/') => Err(Refused::not_found("Not Found")),
            written => Ok(Self(written)),
        }
    }
}

/// What stands after the `?` under a name; the last of several counts.
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn word(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

/// Reads a body: JSON, unless it says that it is something else. Then it is a text, which will do for nothing.
pub async fn body(request: Request) -> Answer<Body> {
    let (parts, body) = request.into_parts();
    let too_large = |_| {
        let said = format!("A request like this has at most {BODY_MOST} bytes.");
        Refused::new(StatusCode::PAYLOAD_TOO_LARGE, said)
    };
    let bytes = to_bytes(body, BODY_MOST).await.map_err(too_large)?;
    match says_json(&parts.headers) {
        true => read_json(&bytes),
        false if bytes.is_empty() => Ok(Body::None),
        false => Ok(Body::Json(String::from_utf8_lossy(&bytes).into())),
    }
}

/// Scripts often send no type at all.
fn says_json(headers: &HeaderMap) -> bool {
    !headers.contains_key(header::CONTENT_TYPE) || Kind::of(headers).is_some_and(|kind| kind.is_json())
}
