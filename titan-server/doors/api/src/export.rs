//! `GET /api/export`: everything the house keeps of the account that asks, a line of JSON each.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use futures_util::stream;
use titan_core::protocol::Exported;

use super::answer::Answer;
use super::entering::LoggedIn;
use titan_door::transfer::disposition;
use titan_hub::{Export, Outcome};

/// Lines gathered before they are written, in bytes.
const GATHERED: usize = 32 * 1024;

/// Gives everything the house keeps of the account that asks, a line of JSON each.
#[utoipa::path(
    get, path = "/api/export", tag = "transfers", security(("session" = [])),
    responses(
        (status = 200, description = "The lines, as an attachment; the last one says that it is the last",
            content(("application/x-ndjson")), headers(("Content-Disposition" = String))),
        super::papers::Known,
    )
)]
pub async fn export(LoggedIn(session): LoggedIn) -> Answer {
    let name = format!("titan-{}.ndjson", session.author.username);
    let export = session.export()?;
    let lines = stream::unfold(Some(export), |export| async move {
        let mut export = export?;
        match gather(&mut export).await {
            Ok((lines, more)) => Some((Ok(lines), more.then_some(export))),
            Err(fault) => Some((Err(std::io::Error::other(fault)), None)),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson")),
        (header::CONTENT_DISPOSITION, disposition::attachment(&name)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// Some lines, and whether more follow. The last one says that it is the last.
async fn gather(export: &mut Export) -> Outcome<(Bytes, bool)> {
    let mut lines = Vec::new();
    while lines.len() < GATHERED {
        let next = export.next().await?;
        let more = next.is_some();
        // Only maps with keys that are no strings can't be written, and there are none.
        let _ = serde_json::to_writer(&mut lines, &next.unwrap_or(Exported::end()));
        lines.push(b'\n');
        if !more {
            return Ok((lines.into(), false));
        }
    }
    Ok((lines.into(), true))
}
