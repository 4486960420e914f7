//! The HTTP port: several doors under one roof.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use titan_door::site::Site;
use url::Url;

use super::House;
use super::guard::{self, Odd};

pub fn router(house: House) -> Router {
    let documents = [super::channels::document(), super::api::document(house.sizes), super::status::document()];
    let files_origin = house.files_origin.clone();
    let router = Router::new()
        .merge(super::native::router(house.clone()))
        .merge(super::api::router(house.clone()))
        .merge(super::page::router())
        .merge(super::channels::router(house.clone()))
        .merge(super::status::router(house))
        .merge(super::openapi::router(documents))
        .fallback(|| async { (StatusCode::NOT_FOUND, "There is nothing at this address.\n") });
    match files_origin {
        Some(origin) => router.layer(from_fn_with_state(origin, keep_apart)),
        None => router,
    }
}

/// A middleware: where files have an origin of their own, nothing else is handed out there, and links to them open nowhere else.
async fn keep_apart(
    State(files): State<Url>,
    Extension(site): Extension<Site>,
    asked: Request,
    next: Next,
) -> Response {
    let path = asked.uri().path();
    let is_link = path.starts_with(super::api::LINKED);
    let apart = match site.is(&files) {
        true => is_link || path.starts_with(super::api::PUBLIC_FILES),
        false => !is_link,
    };
    match apart {
        true => next.run(asked).await,
        false => (StatusCode::NOT_FOUND, "There is nothing at this address.\n").into_response(),
    }
}

/// Tells a request that no door saw in the form of the one whose path it is.
pub fn refuse(path: &str, odd: Odd) -> Response {
    match path.split('/').nth(1) {
        Some("api") => super::api::refuse(odd),
        Some("auth" | "channels" | "files" | "me" | "ws") => super::channels::refuse(odd),
        _ => guard::plainly(path, odd),
    }
}
