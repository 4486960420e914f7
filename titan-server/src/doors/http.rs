//! The HTTP port: several doors under one roof.

use axum::Router;
use axum::http::StatusCode;

use super::House;

pub fn router(house: House) -> Router {
    Router::new()
        .merge(super::native::router(house.clone()))
        .merge(super::api::router(house.clone()))
        .merge(super::page::router())
        .merge(super::status::router(house))
        .fallback(|| async { (StatusCode::NOT_FOUND, "There is nothing at this address.\n") })
}
