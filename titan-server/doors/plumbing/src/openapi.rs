//! `/openapi.json`: what the HTTP doors understand and answer, put together from what stands beside their handlers.

use std::sync::Arc;

use axum::http::header;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Extension, Router};
use bytes::Bytes;
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Server};

use super::cors;
use super::site::Site;

/// Serves one document made of the doors' own.
pub fn router(doors: impl IntoIterator<Item = OpenApi>) -> Router {
    let document = Arc::new(put_together(doors));
    let usual = Bytes::from(document.to_json().unwrap_or_default());
    let give = move |site: Option<Extension<Site>>| async move {
        let prefix = site.as_ref().map_or("", |Extension(site)| site.prefix());
        let body = if prefix.is_empty() { usual } else { under(&document, prefix) };
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    };
    Router::new().route("/openapi.json", get(give).layer(from_fn(cors::open_to_all)))
}

/// The document of a house that is reached under a path.
fn under(document: &OpenApi, prefix: &str) -> Bytes {
    let mut document = document.clone();
    document.servers = Some(vec![Server::new(prefix)]);
    Bytes::from(document.to_json().unwrap_or_default())
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
