//! The Titan-Net door: JSON text frames over a WebSocket on a port of its own, at any path, as the original server spoke
//! them, so that its clients run unchanged.
//!
//! Its clients know a reply by its type, the later ones by the [`request_id`] that they gave, and take the first frame after
//! `register` or `login` as the answer. So a connection hears nothing before it has logged in, and its replies go out
//! before the events that they cause. [`talk`] ties it together: [`request`] reads frames, [`perform`] has the hub do
//! them, [`reply`] and [`event`] write them.

mod event;
#[doc(hidden)]
pub mod parsers;
mod perform;
mod reply;
mod request;
mod request_id;
mod talk;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::{Extension, Router};

use titan_door::talk::converse;
use titan_door::{House, Peer, client_of, socket};

pub fn router(house: House) -> Router {
    Router::new().fallback(enter).with_state(house)
}

async fn enter(State(house): State<House>, Extension(peer): Extension<Peer>, request: Request) -> Response {
    let visitor = peer.at("titan_net").with_client(client_of(request.headers()));
    socket::upgrade(request, move |socket| converse(socket, house, visitor, talk::TitanNet))
}
