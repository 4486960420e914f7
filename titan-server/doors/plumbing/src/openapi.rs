//! `/openapi.json`: what the HTTP doors understand and answer, put together from what stands beside their handlers.

use axum::Router;
use axum::http::header;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};

use super::cors;

/// Serves one document made of the doors' own.
pub fn router(doors: impl IntoIterator<Item = OpenApi>) -> Router {
    let document = Bytes::from(put_together(doors).to_json().unwrap_or_default());
    let give = move || async move { ([(header::CONTENT_TYPE, "application/json")], document).into_response() };
    Router::new().route("/openapi.json", get(give).layer(from_fn(cors::open_to_all)))
}

fn put_together(doors: impl IntoIterator<Item = OpenApi>) -> OpenApi {
    let license = LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("Titan")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("One house with many doors: its HTTP APIs. The native protocol is a WebSocket at /titan."))
        .license(Some(license))
        .build();
    let mut whole = OpenApiBuilder::new().info(info).build();
    for door in doors {
        whole.merge(door);
    }
    whole
}
