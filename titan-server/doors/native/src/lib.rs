//! The native door: JSON text frames over a WebSocket at `/titan`, as `titan-core/PROTOCOL.md` says.
//!
//! [`talk`] reads and writes frames, [`perform`] has the hub do what they ask.

mod page;
mod perform;
mod talk;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use axum::{Extension, Router};

use titan_door::talk::converse;
use titan_door::{House, Peer, client_of, socket};

pub fn router(house: House) -> Router {
    Router::new().route("/titan", any(enter)).with_state(house)
}

async fn enter(State(house): State<House>, Extension(peer): Extension<Peer>, request: Request) -> Response {
    let visitor = peer.at("native").with_client(client_of(request.headers()));
    socket::upgrade(request, move |socket| converse(socket, house, visitor, talk::Native))
}
