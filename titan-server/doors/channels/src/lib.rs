//! The channels door: the original FastAPI server's paths on the HTTP port, and its WebSocket, one for each channel.
//!
//! Browser clients and scripts of the original come in here. Answers and mistakes are told as FastAPI tells them, down to
//! the place of each; channels are the house's rooms and one's directs, and a token is a session's. Edits, deletions and
//! whatever else the original has no word for don't show here.

mod answer;
mod asked;
mod check;
mod document;
mod door;
mod entering;
mod event;
mod files;
mod json;
mod live;
mod messages;
mod mistake;
mod papers;
#[doc(hidden)]
pub mod parsers;
mod rooms;

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use tower_http::catch_panic::CatchPanicLayer;

pub use document::document;

use self::answer::Refused;
use self::door::Door;
use titan_door::guard::Odd;
use titan_door::transfer::body::drain_what_is_left;
use titan_door::{House, cors};

pub fn router(house: House) -> Router {
    let auth = Router::new().route("/register", post(entering::register)).route("/login", post(entering::login));
    let channels = Router::new()
        .route("/", get(rooms::list).post(rooms::create))
        .route("/{channel_id}/join", post(rooms::join))
        .route("/{channel_id}/messages", get(messages::latest).post(messages::post))
        .route("/{channel_id}/files", post(files::upload));
    Router::new()
        .nest("/auth", told_as_here(auth))
        .nest("/channels", told_as_here(channels))
        .nest("/files", told_as_here(Router::new().route("/{file_id}", get(files::download))))
        .nest("/ws", told_as_here(Router::new().route("/channels/{channel_id}", get(live::enter))))
        .route("/auth/", any(nothing_there))
        .route("/files/", any(nothing_there))
        .route("/channels/", any(|| async { Redirect::temporary("/channels") }))
        .route("/me/", any(|| async { Redirect::temporary("/me") }))
        .merge(Router::new().route("/me", get(entering::me)).method_not_allowed_fallback(method_not_allowed))
        .route_layer(from_fn(no_head))
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(|_| failed()))
        .layer(from_fn_with_state(house.clone(), drain_what_is_left))
        .layer(from_fn(cors::open_to_allowed))
        .with_state(Door { house })
}

/// What isn't there, or isn't used that way, is told in this door's words.
fn told_as_here(router: Router<Door>) -> Router<Door> {
    router.fallback(nothing_there).method_not_allowed_fallback(method_not_allowed)
}

/// Tells what came to no door at a path of this one.
pub fn refuse(Odd(status, said): Odd) -> Response {
    Refused::new(status, said).into_response()
}

async fn nothing_there() -> Refused {
    Refused::not_found("Not Found")
}

/// The original answers GET and no HEAD.
async fn no_head(OriginalUri(uri): OriginalUri, request: Request, next: Next) -> Response {
    match *request.method() {
        Method::HEAD => method_not_allowed(OriginalUri(uri)).await.into_response(),
        _ => next.run(request).await,
    }
}

async fn method_not_allowed(OriginalUri(uri): OriginalUri) -> Refused {
    let parts: Vec<&str> = uri.path().split('/').skip(1).collect();
    let allowed = match parts[..] {
        ["auth", _] | ["channels", _, "join" | "files"] => "POST",
        ["channels"] | ["channels", _, "messages"] => "GET, POST",
        _ => "GET",
    };
    let refused = Refused::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    refused.with(header::ALLOW, HeaderValue::from_static(allowed))
}

/// A defect of ours, told as one; the log has its place.
fn failed() -> Response {
    Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "The server failed at that; its log says why.").into_response()
}
