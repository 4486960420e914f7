//! The original Titan-Net WebSocket.

use axum::Router;

use super::House;

pub fn router(_house: House) -> Router {
    Router::new()
}
