//! How the house is: `/healthz` for whoever watches over it, `/metrics` for Prometheus.
//!
//! Numbers say who is here and how much goes on, so `/metrics` is for who has the key of it, or for all where the operator opens it. So is
//! which version this is: who looks for houses with a hole would ask for it first. `/.well-known/security.txt` says whom to tell of one.

use std::fmt::{Display, Write};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa::openapi::OpenApi as Document;
use utoipa::{OpenApi, ToSchema};

use titan_core::Time;
use titan_door::metrics::resident_bytes;
use titan_door::moment::rfc3339;
use titan_door::{House, bearer, cors};

/// How long who was named is told of holes, from the day of the question on: readers look again then.
const NAMED_FOR_MS: i64 = 180 * DAY_MS;
const DAY_MS: i64 = 24 * 3_600 * 1_000;
/// A store that takes longer to read one line is not well.
const HEALTHY_WITHIN: Duration = Duration::from_secs(2);

/// This part of the OpenAPI document.
pub fn document() -> Document {
    Papers::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(health, metrics, security), tags((name = "status", description = "For whoever watches over the house")))]
struct Papers;

pub fn router(house: House) -> Router {
    let public = Router::new()
        .route("/healthz", get(health))
        .route("/.well-known/security.txt", get(security))
        .layer(from_fn(cors::open_to_all));
    public.route("/metrics", get(metrics)).with_state(house)
}

/// How the house is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok` or `failing`.
    #[schema(value_type = String)]
    status: &'static str,
    /// For who has the key of /metrics.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    /// For who has the key of /metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    uptime_seconds: Option<u64>,
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
async fn health(State(house): State<House>, headers: HeaderMap) -> Response {
    let told = may_know(&house, &headers);
    let looked = tokio::time::timeout(HEALTHY_WITHIN, house.hub.probe()).await;
    let error = match looked {
        Ok(Ok(())) => {
            let why = |error| if told { format!(": {error}") } else { ".".to_owned() };
            house.blobs.probe().await.err().map(|error| format!("The folder of files can't be written{}", why(error)))
        }
        Ok(Err(fault)) => Some(fault.message),
        Err(_) => Some("The store doesn't answer.".to_owned()),
    };
    let (code, status) = match &error {
        None => (StatusCode::OK, "ok"),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "failing"),
    };
    let (version, uptime) = (env!("CARGO_PKG_VERSION"), house.metrics.uptime_seconds() as u64);
    let body = Health { status, version: told.then_some(version), uptime_seconds: told.then_some(uptime), error };
    (code, Json(body)).into_response()
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
    if !may_know(&house, &headers) {
        if bearer::key(&headers).is_some() {
            house.hub.refused_metrics_key();
        }
        const SAID: &str = "Metrics are for who has the key of --metrics-key; --open-metrics opens them to all.\n";
        return (StatusCode::FORBIDDEN, SAID).into_response();
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page(&house)).into_response()
}

/// Says whom to tell of a hole, and until when that is so (RFC 9116).
#[utoipa::path(
    get, path = "/.well-known/security.txt", tag = "status",
    responses(
        (status = 200, description = "Whom to tell", body = String, content_type = "text/plain"),
        (status = 404, description = "The operator names nobody", body = String, content_type = "text/plain"),
    )
)]
async fn security(State(house): State<House>) -> Response {
    let Some(contact) = &house.security_contact else {
        return (StatusCode::NOT_FOUND, "The operator names nobody to tell (--security-contact).\n").into_response();
    };
    let expires = rfc3339(Time((house.hub.now().0 + NAMED_FOR_MS).div_euclid(DAY_MS) * DAY_MS));
    format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\n").into_response()
}

fn may_know(house: &House, headers: &HeaderMap) -> bool {
    house.open_metrics || has_key(house, headers)
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
