//! The browser page at `/`: the files of `assets/page`, which the binary carries inside.
//!
//! It only hands out files. What the page does it does over the native door and the HTTP API, as any client; so this door
//! needs nothing of the house. It must never put anything of a request into what it answers.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rust_embed::{EmbeddedFile, RustEmbed};

/// Builds for development read the folder anew at each request, so that a reload shows what was changed.
#[derive(RustEmbed)]
#[folder = "../../../assets/page"]
struct Files;

/// The page runs its own scripts, wears its own style, talks to its own server, and that is all. `'self'` covers the
/// WebSocket too. No text may become markup, whoever wrote it: Trusted Types has the browser see to that as well.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const ALWAYS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // Kept, but asked about each time: a new server brings a new page.
    (header::CACHE_CONTROL, "no-cache"),
];

pub fn router() -> Router {
    Router::new()
        .route("/", get(|headers: HeaderMap| async move { answer("index.html", &headers) }))
        .route("/favicon.ico", get(|headers: HeaderMap| async move { answer("icon.svg", &headers) }))
        .route(
            "/page/{*path}",
            get(|Path(path): Path<String>, headers: HeaderMap| async move { answer(&path, &headers) }),
        )
}

fn answer(path: &str, asked: &HeaderMap) -> Response {
    let Some(file) = Files::get(path) else {
        return (StatusCode::NOT_FOUND, "The page has no such file.\n").into_response();
    };
    let etag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash()));
    let mut response = match asked.get(header::IF_NONE_MATCH) {
        Some(known) if names(known, &etag) => StatusCode::NOT_MODIFIED.into_response(),
        _ => whole(path, file),
    };
    let headers = response.headers_mut();
    headers.extend(ALWAYS.map(|(name, value)| (name, HeaderValue::from_static(value))));
    headers.extend(HeaderValue::try_from(etag).map(|etag| (header::ETAG, etag)));
    response
}

/// Whether `If-None-Match` says that the file is known (RFC 9110, 13.1.2).
fn names(known: &HeaderValue, etag: &str) -> bool {
    let known = known.to_str().unwrap_or_default();
    known.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

fn whole(path: &str, file: EmbeddedFile) -> Response {
    ([(header::CONTENT_TYPE, content_type(path))], file.data.into_owned()).into_response()
}

/// What the page is made of. Anything else would be a mistake in the folder, and is only bytes.
fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(path: &str, known: Option<&str>) -> Response {
        let known = known.map(|known| (header::IF_NONE_MATCH, known.parse().unwrap()));
        answer(path, &HeaderMap::from_iter(known))
    }

    #[test]
    fn every_file_is_named_as_what_it_is() {
        for path in Files::iter() {
            assert_ne!(content_type(&path), "application/octet-stream", "{path}");
        }
        assert_eq!(ask("index.html", None).headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    }

    #[test]
    fn a_file_that_is_known_is_not_sent_again() {
        let first = ask("index.html", None);
        assert_eq!(first.status(), StatusCode::OK);
        let etag = first.headers()[header::ETAG].to_str().unwrap();
        for known in [etag, "*", &format!("W/{etag}"), &format!("\"other\", {etag}")] {
            assert_eq!(ask("index.html", Some(known)).status(), StatusCode::NOT_MODIFIED, "{known}");
        }
        assert_eq!(ask("index.html", Some("\"other\"")).status(), StatusCode::OK);
    }

    #[test]
    fn nothing_outside_of_the_folder_is_reached() {
        for path in ["../../Cargo.toml", "/etc/passwd", "style/../../titan.example.toml", "nothing.js", "", "style"] {
            assert_eq!(ask(path, None).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn the_policy_leaves_no_hole() {
        let response = ask("index.html", None);
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"));
        for hole in ["unsafe", "http:", "data:", " *"] {
            assert!(!policy.contains(hole), "{hole}");
        }
    }
}
