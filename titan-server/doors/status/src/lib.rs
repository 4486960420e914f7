//! How the house is: `/healthz` for whoever watches over it, `/metrics` for Prometheus.
//!
//! Numbers say who is here and how much goes on, so `/metrics` is for who has the key of it, or for all where the operator opens it.

use std::fmt::{Display, Write};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa::openapi::OpenApi as Document;
use utoipa::{OpenApi, ToSchema};

use titan_door::metrics::resident_bytes;
use titan_door::{House, bearer};

/// A store that takes longer to read one line is not well.
const HEALTHY_WITHIN: Duration = Duration::from_secs(2);

/// This part of the OpenAPI document.
pub fn document() -> Document {
    Papers::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(health, metrics), tags((name = "status", description = "For whoever watches over the house")))]
struct Papers;

pub fn router(house: House) -> Router {
    Router::new().route("/healthz", get(health)).route("/metrics", get(metrics)).with_state(house)
}

/// How the house is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok` or `failing`.
    #[schema(value_type = String)]
    status: &'static str,
    #[schema(value_type = String)]
    version: &'static str,
    uptime_seconds: u64,
    /// What is wrong, where something is.
    error: Option<String>,
}

/// Says whether the house is well.
#[utoipa::path(
    get, path = "/healthz", tag = "status",
    responses(
        (status = 200, description = "It is", body = Health),
        (status = 503, description = "The store doesn't answer", body = Health),
    )
)]
async fn health(State(house): State<House>) -> Response {
    let looked = tokio::time::timeout(HEALTHY_WITHIN, house.hub.probe()).await;
    let error = match looked {
        Ok(Ok(())) => {
            house.blobs.probe().await.err().map(|error| format!("The folder of files can't be written: {error}"))
        }
        Ok(Err(fault)) => Some(fault.message),
        Err(_) => Some("The store doesn't answer.".to_owned()),
    };
    let (code, status) = match &error {
        None => (StatusCode::OK, "ok"),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "failing"),
    };
    let uptime_seconds = house.metrics.uptime_seconds() as u64;
    let body = Health { status, version: env!("CARGO_PKG_VERSION"), uptime_seconds, error };
    (code, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Numbers for Prometheus: for who sends the key as `Authorization: Bearer KEY`, unless the operator opens them.
#[utoipa::path(
    get, path = "/metrics", tag = "status",
    responses(
        (status = 200, description = "In Prometheus' text format", body = String, content_type = "text/plain"),
        (status = 403, description = "They are for who has their key", body = String, content_type = "text/plain"),
    )
)]
async fn metrics(State(house): State<House>, headers: HeaderMap) -> Response {
    if !house.open_metrics && !has_key(&house, &headers) {
        const SAID: &str = "Metrics are for who has the key of --metrics-key; --open-metrics opens them to all.\n";
        return (StatusCode::FORBIDDEN, SAID).into_response();
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page(&house)).into_response()
}

fn has_key(house: &House, headers: &HeaderMap) -> bool {
    let (Some(key), Some(given)) = (&house.metrics_key, bearer::key(headers)) else { return false };
    key.reveal().as_bytes().ct_eq(given.as_bytes()).into()
}

fn page(house: &House) -> String {
    let (switchboard, numbers) = (house.hub.switchboard(), &house.metrics);
    let mut page = String::new();
    let mut line = |name: &str, kind: &str, help: &str, value: &dyn Display| {
        _ = write!(page, "# HELP titan_{name} {help}\n# TYPE titan_{name} {kind}\ntitan_{name} {value}\n");
    };
    line("connections", "gauge", "Connections that listen, at all doors.", &switchboard.connections());
    line("accounts_online", "gauge", "Accounts with a connection.", &switchboard.online().len());
    line("entries_committed_total", "counter", "Entries written and announced.", &switchboard.announced());
    line("uploaded_bytes_total", "counter", "Bytes of files taken in.", &numbers.uploaded_bytes());
    line("downloaded_bytes_total", "counter", "Bytes of files handed out.", &numbers.downloaded_bytes());
    line("damaged_blobs_total", "counter", "Files that were met damaged.", &house.blobs.damaged());
    line("uptime_seconds", "gauge", "Seconds since the server started.", &numbers.uptime_seconds());
    if let Some(bytes) = resident_bytes() {
        line("resident_memory_bytes", "gauge", "Memory the process holds.", &bytes);
    }
    page
}
