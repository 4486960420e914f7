//! The browser page at `/`: the files of `assets/page`, which the binary carries inside.
//!
//! It only hands out files. What the page does it does over the native door and the HTTP API, as any client; so this door
//! needs nothing of the house. It must never put anything of a request into what it answers.
//!
//! The index is asked about each time; everything it names has the hash of its content in its name and is kept for good. So a page
//! that was seen before costs one request. The sources lie beside that as they were written, for who wants to read or try them.

mod assembly;
mod bundle;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

use assembly::{Asset, Page, assemble};

/// Builds for development read the folder anew at each request, so that a reload shows what was changed.
#[derive(RustEmbed)]
#[folder = "../../../assets/page"]
struct Files;

/// The page runs its own scripts, wears its own style, talks to its own server, and that is all. `'self'` covers the
/// WebSocket too. No text may become markup, whoever wrote it: Trusted Types has the browser see to that as well.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Kept, but asked about each time: a new server brings a new page.
const ASKED_ABOUT: &str = "no-cache";
/// Its name says what it holds.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

pub fn router() -> Router {
    Router::new()
        .route("/", get(|headers: HeaderMap| async move { index(&headers) }))
        .route("/favicon.ico", get(|headers: HeaderMap| async move { file("icon.svg", &headers) }))
        .route(
            "/page/{*path}",
            get(|Path(path): Path<String>, headers: HeaderMap| async move { file(&path, &headers) }),
        )
}

type Assembled = Arc<Result<Page, String>>;

/// Put together once; anew each time where the folder may have changed.
fn page() -> Assembled {
    static KEPT: LazyLock<Assembled> = LazyLock::new(|| Arc::new(assemble(&source)));
    if cfg!(debug_assertions) { Arc::new(assemble(&source)) } else { KEPT.clone() }
}

fn source(path: &str) -> Option<String> {
    String::from_utf8(Files::get(path)?.data.into_owned()).ok()
}

fn index(asked: &HeaderMap) -> Response {
    match &*page() {
        Ok(page) => answer(&page.index, "text/html; charset=utf-8", ASKED_ABOUT, asked),
        Err(why) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("The page can't be put together: {why}.\n")).into_response()
        }
    }
}

fn file(path: &str, asked: &HeaderMap) -> Response {
    if let Ok(page) = &*page()
        && let Some(asset) = page.assets.get(path)
    {
        return answer(asset, content_type(path), FOR_GOOD, asked);
    }
    match Files::get(path) {
        Some(file) => answer(&Asset::new(file.data.into_owned()), content_type(path), ASKED_ABOUT, asked),
        None => (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, ASKED_ABOUT)], "The page has no such file.\n")
            .into_response(),
    }
}

fn answer(asset: &Asset, content_type: &'static str, caching: &'static str, asked: &HeaderMap) -> Response {
    let gzip = !asset.gzip.is_empty() && takes_gzip(asked);
    let etag = format!("\"{}{}\"", asset.hash, if gzip { "-gzip" } else { "" });
    let known = asked.get(header::IF_NONE_MATCH).is_some_and(|known| names(known, &etag));
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { whole(asset, gzip, content_type) };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.extend(HeaderValue::try_from(etag).map(|etag| (header::ETAG, etag)));
    response
}

fn whole(asset: &Asset, gzip: bool, content_type: &'static str) -> Response {
    let kind = [(header::CONTENT_TYPE, content_type)];
    if gzip {
        (kind, [(header::CONTENT_ENCODING, "gzip")], asset.gzip.clone()).into_response()
    } else {
        (kind, asset.plain.clone()).into_response()
    }
}

/// Whether `If-None-Match` says that the file is known (RFC 9110, 13.1.2).
fn names(known: &HeaderValue, etag: &str) -> bool {
    let known = known.to_str().unwrap_or_default();
    known.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// Whether `Accept-Encoding` takes gzip (RFC 9110, 12.5.3): by its name, or by `*` where the name isn't there; not with `q=0`.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let lines = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let codings: Vec<(String, bool)> = lines.flat_map(|line| line.split(',')).map(coding).collect();
    let told = |name: &str| codings.iter().find(|(coding, _)| coding == name).map(|(_, wanted)| *wanted);
    told("gzip").or_else(|| told("x-gzip")).or_else(|| told("*")).unwrap_or(false)
}

/// One coding, and whether its weight is more than nothing.
fn coding(part: &str) -> (String, bool) {
    let (name, weight) = part.split_once(';').unwrap_or((part, ""));
    let weight = weight.split_once('=').map_or(1.0, |(_, weight)| weight.trim().parse().unwrap_or(0.0));
    (name.trim().to_ascii_lowercase(), weight > 0.0)
}

/// What the page is made of. Anything else would be a mistake in the folder, and is only bytes.
fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml; charset=utf-8",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::body::to_bytes;
    use axum::http::HeaderName;

    use super::*;

    fn with(headers: &[(HeaderName, &str)]) -> HeaderMap {
        headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    fn put_together() -> Page {
        assemble(&source).unwrap()
    }

    async fn body(response: Response) -> Vec<u8> {
        to_bytes(response.into_body(), usize::MAX).await.unwrap().into()
    }

    #[test]
    fn every_file_is_named_as_what_it_is() {
        for path in Files::iter() {
            assert_ne!(content_type(&path), "application/octet-stream", "{path}");
        }
        assert_eq!(index(&HeaderMap::new()).headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    }

    #[test]
    fn a_file_that_is_known_is_not_sent_again() {
        let first = index(&HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        let etag = first.headers()[header::ETAG].to_str().unwrap();
        let ask = |known: &str| index(&with(&[(header::IF_NONE_MATCH, known)])).status();
        for known in [etag, "*", &format!("W/{etag}"), &format!("\"other\", {etag}")] {
            assert_eq!(ask(known), StatusCode::NOT_MODIFIED, "{known}");
        }
        assert_eq!(ask("\"other\""), StatusCode::OK);
    }

    #[tokio::test]
    async fn whatever_the_index_names_is_kept_for_good_and_few() {
        let index = String::from_utf8(body(index(&HeaderMap::new())).await).unwrap();
        let named: Vec<_> = index.split("\"page/").skip(1).map(|part| part.split_once('"').unwrap().0).collect();
        assert!((3..8).contains(&named.len()), "{named:?}");
        for path in named {
            let response = file(path, &HeaderMap::new());
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], FOR_GOOD, "{path}");
        }
    }

    #[test]
    fn every_module_is_in_one_of_the_two_scripts() {
        let page = put_together();
        let scripts: Vec<_> = page.assets.iter().filter(|(name, _)| name.ends_with(".js")).collect();
        let text: String = scripts.iter().map(|(_, asset)| String::from_utf8_lossy(&asset.plain)).collect();
        for path in Files::iter().filter(|path| path.ends_with(".js") && path != "theme.js") {
            assert_eq!(text.matches(&format!("$modules['{path}'] =")).count(), 1, "{path}");
        }
        assert!(scripts.iter().all(|(_, asset)| asset.gzip.len() < 100_000));
    }

    #[test]
    fn other_content_has_another_name_and_the_same_has_the_same() {
        let names = |page: &Page| page.assets.keys().cloned().collect::<Vec<_>>();
        let kept = names(&put_together());
        assert_eq!(kept, names(&put_together()));
        for changed in ["style/base.css", "core/fault.js", "view/chat.js", "icon.svg", "theme.js"] {
            let read = |path: &str| source(path).map(|text| if path == changed { text + "\n\n" } else { text });
            assert_ne!(kept, names(&assemble(&read).unwrap()), "{changed}");
        }
    }

    #[tokio::test]
    async fn who_takes_gzip_gets_the_same_in_fewer_bytes() {
        let plain = body(index(&HeaderMap::new())).await;
        let response = index(&with(&[(header::ACCEPT_ENCODING, "br, gzip;q=0.5")]));
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
        assert_eq!(response.headers()[header::VARY], "accept-encoding");
        let packed = body(response).await;
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
        assert!(packed.len() < plain.len() && unpacked == plain);
        for other in ["br", "gzip;q=0", "identity", "*;q=0", "gzip; q=0, *", ""] {
            assert!(!takes_gzip(&with(&[(header::ACCEPT_ENCODING, other)])), "{other}");
        }
        for gzip in ["gzip", "GZIP", "*", "deflate, gzip, br", "x-gzip"] {
            assert!(takes_gzip(&with(&[(header::ACCEPT_ENCODING, gzip)])), "{gzip}");
        }
    }

    #[test]
    fn nothing_outside_of_the_folder_is_reached() {
        for path in ["../../Cargo.toml", "/etc/passwd", "style/../../titan.example.toml", "nothing.js", "", "style"] {
            assert_eq!(file(path, &HeaderMap::new()).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn the_policy_leaves_no_hole() {
        let response = index(&HeaderMap::new());
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"));
        for hole in ["unsafe", "http:", "data:", " *"] {
            assert!(!policy.contains(hole), "{hole}");
        }
    }
}
