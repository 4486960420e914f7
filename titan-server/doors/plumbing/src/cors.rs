//! Pages of any origin may use the HTTP APIs: they know no cookies, so a page can do only what its token lets it.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const METHODS: &str = "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS";
const USUAL_HEADERS: &str = "Authorization, Content-Type, Range, If-Range, If-None-Match, Tus-Resumable, Upload-Length, \
                             Upload-Offset, Upload-Metadata, Upload-Checksum, X-HTTP-Method-Override, X-Requested-With";
const EXPOSED: &str = "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Link, Location, Repr-Digest, \
                       Retry-After, Titan-Result, Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, \
                       Tus-Version, Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset";

/// A middleware: answers what browsers ask beforehand, and lets pages read the answers.
pub async fn open_to_all(request: Request, next: Next) -> Response {
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight { allowed(request.headers()) } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    response
}

/// Whatever headers a page wants to send, it may.
fn allowed(asked: &HeaderMap) -> Response {
    let usual = || HeaderValue::from_static(USUAL_HEADERS);
    let headers = asked.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned().unwrap_or_else(usual);
    let allowed = [
        (ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS)),
        (ACCESS_CONTROL_ALLOW_HEADERS, headers),
        (ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
        (VARY, HeaderValue::from_static("Access-Control-Request-Headers")),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}
