//! Handing out the bytes of a file: whole or in part, never more than two pieces of it in memory.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::TryStreamExt;
use titan_core::BlobId;

use super::disposition;
use super::range::{Part, wanted};
use crate::House;
use titan_blobs::BlobError;

/// Nothing a file holds may act in the browser that opens it, and no page shows it in a frame.
const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// Something to be handed out.
pub struct Offered<'a> {
    pub name: &'a str,
    pub size: u64,
    pub blob: BlobId,
}

/// Why nothing was handed out.
#[derive(Debug)]
pub enum Kept {
    /// The range begins beyond the end of a file of this size (416, with [`whole_size`]).
    Beyond(u64),
    /// The file is not the one the client wants it to be (412).
    Changed,
    Blob(BlobError),
}

/// The answer, and whether bytes from the very beginning go out with it.
pub async fn hand_out(
    house: &House,
    method: &Method,
    headers: &HeaderMap,
    offered: Offered<'_>,
) -> Result<(Response, bool), Kept> {
    let etag = format!("\"{}\"", offered.blob);
    let mut part = wanted(headers, &etag, offered.size);
    if *method == Method::HEAD && matches!(part, Part::Some { .. } | Part::Beyond) {
        part = Part::Whole; // Ranges are for GET.
    }
    let (status, first, length) = match part {
        Part::Whole => (StatusCode::OK, 0, offered.size),
        Part::Some { first, length } => (StatusCode::PARTIAL_CONTENT, first, length),
        Part::Nothing => (StatusCode::NOT_MODIFIED, 0, 0),
        Part::Beyond => return Err(Kept::Beyond(offered.size)),
        Part::Changed => return Err(Kept::Changed),
    };
    let file = house.blobs.open_blob(offered.blob, offered.size).await.map_err(Kept::Blob)?;
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

/// The `Content-Range` of an answer with status 416.
pub fn whole_size(size: u64) -> HeaderValue {
    plain(format!("bytes */{size}"))
}

/// What every answer about a file says of it.
fn described(offered: &Offered<'_>, etag: &str) -> HeaderMap {
    let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(offered.blob.0));
    HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type(offered.name))),
        (header::CONTENT_DISPOSITION, disposition::attachment(offered.name)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX)),
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

fn plain(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
