//! The HTTP port: several doors under one roof.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;

use super::House;
use super::guard::{self, Odd};

pub fn router(house: House) -> Router {
    let documents = [super::channels::document(), super::api::document(house.sizes), super::status::document()];
    Router::new()
        .merge(super::native::router(house.clone()))
        .merge(super::api::router(house.clone()))
        .merge(super::page::router())
        .merge(super::channels::router(house.clone()))
        .merge(super::status::router(house))
        .merge(super::openapi::router(documents))
        .fallback(|| async { (StatusCode::NOT_FOUND, "There is nothing at this address.\n") })
}

/// Tells a request that no door saw in the form of the one whose path it is.
pub fn refuse(path: &str, odd: Odd) -> Response {
    match path.split('/').nth(1) {
        Some("api") => super::api::refuse(odd),
        Some("auth" | "channels" | "files" | "me" | "ws") => super::channels::refuse(odd),
        _ => guard::plainly(path, odd),
    }
}
