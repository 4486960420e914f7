//! Tokens without a letter, for whoever runs the house and shows it by a key. Where a request comes from says nothing: all that a proxy or
//! a tunnel on this machine passes on comes from here.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;
use titan_core::protocol::FaultCode;

use super::site::{DOOR, Site};
use titan_door::{Peer, bearer};

pub async fn issue(
    State(site): State<Site>,
    Extension(peer): Extension<Peer>,
    Path(user): Path<String>,
    headers: HeaderMap,
) -> Response {
    let given = bearer::key(&headers).unwrap_or_default();
    match site.house.hub.issue_reset(&peer.at(DOOR), given, site.key.as_ref(), &user).await {
        Ok(token) => (StatusCode::CREATED, Json(json!({"token": token.reveal()}))).into_response(),
        Err(fault) => {
            let status = match fault.code {
                FaultCode::Forbidden | FaultCode::Banned => StatusCode::FORBIDDEN,
                FaultCode::NotFound => StatusCode::NOT_FOUND,
                FaultCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            (status, Json(json!({"error": fault.message}))).into_response()
        }
    }
}
