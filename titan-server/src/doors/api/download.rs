//! Handing out the bytes of apps and files: whole or in part, never more than two pieces of a file in memory.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::TryStreamExt;
use titan_core::protocol::FaultCode;
use titan_core::{BlobId, FileId};

use super::answer::{Answer, Refused};
use super::disposition;
use super::entering::{At, LoggedIn, enter_if_told};
use super::range::{Part, wanted};
use super::small::{AppPath, WordPath};
use crate::doors::House;

/// Something to be handed out.
struct Offered<'a> {
    name: &'a str,
    size: u64,
    blob: BlobId,
}

/// `GET|HEAD /api/download/{id}`: an approved app to anybody; another one to its author and admins, for review.
pub async fn app(
    State(house): State<House>,
    At(visitor): At,
    AppPath(app): AppPath,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    let (record, public) = match house.hub.approved_app(app).await {
        Ok(record) => (record, true),
        Err(fault) if fault.code == FaultCode::NotApproved => {
            let session = enter_if_told(&house, &visitor, &headers).await?;
            let session = session.ok_or_else(|| Refused::from(fault))?;
            (session.open_app(app).await?, false)
        }
        Err(fault) => return Err(fault.into()),
    };
    let app = record.app;
    let offered = Offered { name: &app.file_name, size: app.size, blob: app.sha256 };
    let (response, begun) = hand_out(&house, &method, &headers, offered).await?;
    if begun && public {
        // A download that can't be counted is given all the same: reading goes on while the disk is full.
        if let Err(fault) = house.hub.count_download(app.id).await {
            tracing::warn!(%fault, "a download was not counted");
        }
    }
    Ok(response)
}

/// `GET|HEAD /api/files/{id}`: a file of a conversation, to its members.
pub async fn file(
    State(house): State<House>,
    LoggedIn(session): LoggedIn,
    WordPath(file): WordPath,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    let file: FileId = file.parse().map_err(|_| Refused::not_found("File not found"))?;
    let record = session.open_file(file).await?;
    let offered = Offered { name: &record.name, size: record.size, blob: record.blob };
    hand_out(&house, &method, &headers, offered).await.map(|(response, _)| response)
}

/// The answer, and whether bytes from the very beginning go out with it.
async fn hand_out(
    house: &House,
    method: &Method,
    headers: &HeaderMap,
    offered: Offered<'_>,
) -> Answer<(Response, bool)> {
    let etag = format!("\"{}\"", offered.blob);
    let mut part = wanted(headers, &etag, offered.size);
    if *method == Method::HEAD && matches!(part, Part::Some { .. } | Part::Beyond) {
        part = Part::Whole; // Ranges are for GET.
    }
    let (status, first, length) = match part {
        Part::Whole => (StatusCode::OK, 0, offered.size),
        Part::Some { first, length } => (StatusCode::PARTIAL_CONTENT, first, length),
        Part::Nothing => (StatusCode::NOT_MODIFIED, 0, 0),
        Part::Beyond => return Err(beyond(offered.size)),
        Part::Changed => return Err(Refused::new(StatusCode::PRECONDITION_FAILED, "The file is another one now.")),
    };
    let file = house.blobs.open_blob(offered.blob, offered.size).await?;
    let sends = *method == Method::GET && status != StatusCode::NOT_MODIFIED;
    let metrics = house.metrics.clone();
    let body = match sends {
        true => Body::from_stream(
            file.stream(first, length).inspect_ok(move |piece| metrics.downloaded(piece.len() as u64)),
        ),
        false => Body::empty(),
    };
    let mut response = (status, described(&offered, &etag), body).into_response();
    if status != StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {first}-{}/{}", first + length - 1, offered.size);
        response.headers_mut().insert(header::CONTENT_RANGE, plain(range));
    }
    Ok((response, sends && first == 0))
}

/// What every answer about a file says of it. Nothing a file holds may act in the browser that opens it.
fn described(offered: &Offered<'_>, etag: &str) -> HeaderMap {
    let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(offered.blob.0));
    HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type(offered.name))),
        (header::CONTENT_DISPOSITION, disposition::attachment(offered.name)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (header::ETAG, plain(etag.to_owned())),
        (HeaderName::from_static("repr-digest"), plain(digest)),
    ])
}

/// Pictures, sounds and films are named as such, for a page to show; anything else is only bytes.
fn content_type(name: &str) -> &'static str {
    const BYTES: &str = "application/octet-stream";
    match mime_guess::from_path(name).first_raw() {
        Some("image/svg+xml") | None => BYTES,
        Some(guess) if ["image/", "audio/", "video/"].iter().any(|kind| guess.starts_with(kind)) => guess,
        Some(_) => BYTES,
    }
}

fn beyond(size: u64) -> Refused {
    Refused::new(StatusCode::RANGE_NOT_SATISFIABLE, format!("The file has {size} bytes: that range is beyond its end."))
        .with(header::CONTENT_RANGE, plain(format!("bytes */{size}")))
}

fn plain(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
