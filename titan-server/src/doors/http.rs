//! The HTTP port: several doors under one roof.

use axum::Router;

use super::House;

pub fn router(house: House) -> Router {
    super::native::router(house)
}
