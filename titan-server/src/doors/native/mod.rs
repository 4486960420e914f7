//! The native door: JSON text frames over a WebSocket at `/titan`, as `titan-core/PROTOCOL.md` says.
//!
//! One task owns a connection: it reads requests into a lane, writes outcomes and deliveries, several frames a write.

mod connection;
mod perform;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};
use titan_core::protocol::FRAME_MOST;

use super::{House, Peer};

/// The library's default of 128 KiB would be most of what an idle connection costs.
const READ_BUFFER: usize = 4 * 1024;
/// Bytes gathered before a write.
const WRITE_BUFFER: usize = 16 * 1024;
/// Bytes that may wait for the socket before the connection counts as broken.
const WRITE_MOST: usize = 2 * 1024 * 1024;

pub fn router(house: House) -> Router {
    Router::new().route("/titan", any(enter)).with_state(house)
}

async fn enter(
    State(house): State<House>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        return (StatusCode::UPGRADE_REQUIRED, "This is Titan's WebSocket door: connect with a WebSocket client.\n")
            .into_response();
    };
    if !same_origin(&headers) {
        return (StatusCode::FORBIDDEN, "Pages of other sites may not connect.\n").into_response();
    }
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_MOST)
        .max_message_size(FRAME_MOST)
        .max_frame_size(FRAME_MOST)
        .on_upgrade(move |socket| connection::converse(socket, house, peer.at("native")))
}

/// Browsers say which page connects; only our own may, or another site could act as whoever is logged in here.
fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    origin.is_some() && origin == host
}
