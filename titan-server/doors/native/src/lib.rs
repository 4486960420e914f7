//! The native door: JSON text frames over a WebSocket at `/titan`, as `titan-core/PROTOCOL.md` says.
//!
//! [`talk`] reads and writes frames, [`perform`] has the hub do what they ask.

mod page;
mod perform;
mod talk;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};

use titan_door::talk::converse;
use titan_door::{House, Peer, socket};

pub fn router(house: House) -> Router {
    Router::new().route("/titan", any(enter)).with_state(house)
}

async fn enter(State(house): State<House>, Extension(peer): Extension<Peer>, request: Request) -> Response {
    if !same_origin(request.headers()) {
        return (StatusCode::FORBIDDEN, "Pages of other sites may not connect.\n").into_response();
    }
    socket::upgrade(request, move |socket| converse(socket, house, peer.at("native"), talk::Native))
}

/// Browsers say which page connects; only our own may, or another site could act as whoever is logged in here.
fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    origin.is_some() && origin == host
}
