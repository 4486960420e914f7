//! The HTTP API at `/api`: the original Titan-Net server's, made safe, with resumable transfers beside it.
//!
//! Scripts and the original's clients come in here, and Titan's own client for the bytes of files. Errors are always
//! `{"success":false,"error":"..."}`, whatever went wrong. The token is a session's; the original's, which anybody could
//! make, is never accepted.

mod answer;
mod document;
mod download;
mod entering;
mod export;
mod multipart;
mod papers;
#[doc(hidden)]
pub mod parsers;
mod repository;
mod said;
mod small;
mod tus;
mod tus_headers;
mod wish;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post};
use tower_http::catch_panic::CatchPanicLayer;

pub use document::document;
pub use download::{LINKED, PUBLIC_FILES};

use self::answer::Refused;
use titan_door::guard::Odd;
use titan_door::transfer::body;
use titan_door::{House, cors};

pub fn router(house: House) -> Router {
    // What anybody may read without a token, whatever page asks.
    let public = Router::new()
        .route("/repository", get(repository::all))
        .route("/repository/{category}", get(repository::of_category))
        // What later servers of the original's kind have there. Taken for a category it would be an empty list, and no answer.
        .route("/repository/apps", any(nothing_there))
        .route("/repository/upload", any(nothing_there))
        .route("/search", get(repository::search))
        .route("/stats", get(repository::stats))
        .route("/apps/{id}", get(repository::one))
        .route("/download/{id}", get(download::app))
        .method_not_allowed_fallback(not_used_that_way)
        .layer(from_fn(cors::open_to_all));
    let api = Router::new()
        .route("/login", post(entering::login))
        .route("/logout", post(entering::logout))
        .route("/upload", post(multipart::upload))
        .route("/pending", get(repository::pending))
        .route("/approve/{id}", post(repository::approve))
        .route("/reject/{id}", post(repository::reject))
        .route("/delete/{id}", delete(repository::delete))
        .route("/files/{id}", get(download::file))
        .route("/files/{id}/link", post(download::link))
        .route("/linked/{token}", get(download::linked))
        .route("/export", get(export::export))
        .merge(tus::router())
        .fallback(nothing_there)
        .method_not_allowed_fallback(not_used_that_way)
        .layer(from_fn(cors::open_to_allowed))
        .merge(public)
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(|_| failed()))
        .layer(from_fn_with_state(house.clone(), body::drain_what_is_left))
        .with_state(house);
    Router::new().nest("/api", api)
}

/// Tells what came to no door at a path of this one.
pub fn refuse(Odd(status, said): Odd) -> Response {
    Refused::new(status, said).into_response()
}

async fn nothing_there() -> Refused {
    Refused::not_found("There is nothing at this address.")
}

async fn not_used_that_way() -> Refused {
    Refused::new(StatusCode::METHOD_NOT_ALLOWED, "This address is not used that way.")
}

/// A defect of ours, told as one; the log has its place.
fn failed() -> Response {
    Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "The server failed at that; its log says why.").into_response()
}
