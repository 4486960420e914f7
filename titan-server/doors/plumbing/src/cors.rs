//! Which pages of other sites may read answers: of what is public those of any site, of all else those that the operator lets in.
//!
//! Whoever has a token could have any page use it, and whoever has none learns nothing; but a page that may read answers can try
//! passwords from its visitors' addresses, and use what only they reach. So other sites are asked about once, in the settings.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::headers::CORP;
use super::site::{FOREIGN, Site};

const METHODS: &str = "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS";
const USUAL_HEADERS: &str = "Authorization, Content-Type, Range, If-Range, If-None-Match, Tus-Resumable, Upload-Length, \
                             Upload-Offset, Upload-Metadata, Upload-Checksum, X-HTTP-Method-Override, X-Requested-With";
const EXPOSED: &str = "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Link, Location, Repr-Digest, \
                       Retry-After, Titan-Result, Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, \
                       Tus-Version, Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset";
/// What strangers' pages may send to what is public: no token, so that they get no more than anybody.
const PUBLIC_METHODS: &str = "GET, HEAD, OPTIONS";
const PUBLIC_HEADERS: &str = "Content-Type, Range, If-Range, If-None-Match, X-Requested-With";

/// A middleware for what anybody may read without a token: pages of all sites may too.
pub async fn open_to_all(request: Request, next: Next) -> Response {
    let page = Page::of(&request);
    match page {
        Page::LetIn(_) => answer(page, request, next).await,
        _ => answer(Page::Anybodys, request, next).await,
    }
}

/// A middleware for all else: pages of the house, and of the sites that the operator lets in.
pub async fn open_to_allowed(request: Request, next: Next) -> Response {
    let page = Page::of(&request);
    answer(page, request, next).await
}

/// The page in whose name a browser asks.
enum Page {
    None,
    LetIn(HeaderValue),
    /// It may read what all may.
    Anybodys,
    Foreign,
}

impl Page {
    fn of(request: &Request) -> Self {
        let nowhere = Site::default();
        let site = request.extensions().get::<Site>().unwrap_or(&nowhere);
        match request.headers().get(ORIGIN) {
            None => Self::None,
            Some(origin) if site.lets_in(request.headers()) => Self::LetIn(origin.clone()),
            Some(_) => Self::Foreign,
        }
    }
}

/// Answers what browsers ask beforehand, and says which page may read the answer.
async fn answer(page: Page, request: Request, next: Next) -> Response {
    let asked_before =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (&page, asked_before) {
        (Page::Foreign, true) => (StatusCode::FORBIDDEN, FOREIGN).into_response(),
        (Page::Anybodys, true) => preflight(PUBLIC_METHODS, HeaderValue::from_static(PUBLIC_HEADERS)),
        (_, true) => preflight(METHODS, wanted(request.headers())),
        (_, false) => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    let reader = match page {
        Page::None | Page::Foreign => return response,
        Page::LetIn(origin) => origin,
        Page::Anybodys => {
            headers.insert(CORP, HeaderValue::from_static("cross-origin"));
            HeaderValue::from_static("*")
        }
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, reader);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    response
}

/// Whatever headers a page wants to send that is let in, it may.
fn wanted(asked: &HeaderMap) -> HeaderValue {
    asked.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned().unwrap_or_else(|| HeaderValue::from_static(USUAL_HEADERS))
}

fn preflight(methods: &'static str, headers: HeaderValue) -> Response {
    let allowed = [
        (ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods)),
        (ACCESS_CONTROL_ALLOW_HEADERS, headers),
        (ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
        (VARY, HeaderValue::from_static("Access-Control-Request-Headers")),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}
