//! Tokens without a letter, for whoever runs the house: to this machine, or to who has the key.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;
use subtle::ConstantTimeEq;
use titan_core::protocol::FaultCode;

use super::site::{DOOR, Site};
use titan_door::Peer;
use titan_door::is_loopback;
use titan_hub::journal;

pub async fn issue(
    State(site): State<Site>,
    Extension(peer): Extension<Peer>,
    Path(user): Path<String>,
    headers: HeaderMap,
) -> Response {
    let visitor = peer.at(DOOR);
    if !may(&site, peer, &headers) {
        journal::refused("reset_refused", &visitor, "");
        let why = "Tokens are for the server's own machine, or for who sends the key: Authorization: Bearer KEY";
        return (StatusCode::FORBIDDEN, Json(json!({"error": why}))).into_response();
    }
    match site.house.hub.issue_reset(&visitor, &user).await {
        Ok(token) => (StatusCode::CREATED, Json(json!({"token": token.reveal()}))).into_response(),
        Err(fault) => {
            let status = match fault.code {
                FaultCode::NotFound => StatusCode::NOT_FOUND,
                FaultCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            (status, Json(json!({"error": fault.message}))).into_response()
        }
    }
}

fn may(site: &Site, peer: Peer, headers: &HeaderMap) -> bool {
    has_key(site.key.as_deref(), headers) || (is_loopback(peer.0) && comes_from_here(headers))
}

fn has_key(key: Option<&str>, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
    matches!((key, given), (Some(key), Some(given)) if key.as_bytes().ct_eq(given.as_bytes()).into())
}

/// A request of this machine itself: none that a proxy here passes on for others, and none that a page of another site has a browser
/// here send.
fn comes_from_here(headers: &HeaderMap) -> bool {
    const PASSED_ON: [&str; 6] = ["x-forwarded-for", "x-forwarded-host", "forwarded", "x-real-ip", "via", "origin"];
    !PASSED_ON.iter().any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn the_key_opens_and_nothing_like_it() {
        let key = Some("0123456789abcdef");
        assert!(has_key(key, &with("authorization", "Bearer 0123456789abcdef")));
        for wrong in ["Bearer 0123456789abcdeg", "Bearer", "Bearer ", "Basic 0123456789abcdef", "0123456789abcdef"] {
            assert!(!has_key(key, &with("authorization", wrong)), "{wrong}");
        }
        assert!(!has_key(key, &HeaderMap::new()));
        assert!(!has_key(None, &with("authorization", "Bearer ")));
    }

    #[test]
    fn what_is_passed_on_does_not_come_from_here() {
        assert!(comes_from_here(&with("accept", "*/*")));
        assert!(!comes_from_here(&with("x-forwarded-for", "127.0.0.1")));
        assert!(!comes_from_here(&with("origin", "https://evil.example")));
    }
}
