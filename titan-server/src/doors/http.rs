//! The HTTP port: several doors under one roof.

use axum::Router;
use axum::http::StatusCode;

use super::House;

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
