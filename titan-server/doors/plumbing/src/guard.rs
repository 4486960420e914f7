//! What every HTTP port asks of a request before a door sees it: that it says which host it means, and wants nothing of the protocol that
//! isn't spoken here. To leave such a wish aside would be to do something else than was asked.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};

use url::Url;

/// A request that is not answered by any door, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odd(pub StatusCode, pub &'static str);

/// In which form whoever asked at this path is told so.
pub type Refuse = fn(&str, Odd) -> Response;

/// In plain words.
pub fn plainly(_: &str, Odd(status, said): Odd) -> Response {
    (status, format!("{said}\n")).into_response()
}

/// The host that a request is for; an error for one that no door may see. What is older than HTTP/1.1 needn't say.
pub fn host_of<B>(request: &Request<B>) -> Result<Option<String>, Odd> {
    let broken = || Odd(StatusCode::BAD_REQUEST, "The header Host must be there once, and name a host.");
    let mut said = request.headers().get_all(header::HOST).iter();
    let host = match (said.next(), said.next()) {
        (Some(host), None) => Some(std::str::from_utf8(host.as_bytes()).map_err(|_| broken())?.trim()),
        (None, _) => None,
        _ => return Err(broken()),
    };
    let target = request.uri().authority().map(|authority| authority.as_str());
    let needed = request.version() == Version::HTTP_11;
    let meant = if needed { host } else { target.or(host) };
    match meant {
        Some(meant) if [host, target].into_iter().flatten().all(names_a_host) => Ok(Some(meant.to_owned())),
        None if !needed => Ok(None),
        _ => Err(broken()),
    }
}

fn names_a_host(host: &str) -> bool {
    at("http", host).is_some()
}

/// The site that is meant by a host, where it is one.
pub fn at(scheme: &str, host: &str) -> Option<Url> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "/@?#\\%\"<>^`{|}".contains(c);
    if host.is_empty() || host.contains(odd) {
        return None;
    }
    let url = Url::parse(&format!("{scheme}://{host}/")).ok()?;
    (url.has_host() && is_bare(&url)).then_some(url)
}

/// No path, no name, nothing but a site.
pub fn is_bare(url: &Url) -> bool {
    matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none() && url.username().is_empty()
}

/// Refuses what is wanted of HTTP that isn't spoken here.
pub fn speaks_plainly<B>(request: &Request<B>) -> Result<(), Odd> {
    let headers = request.headers();
    if !all(headers, header::EXPECT, "100-continue") {
        return Err(Odd(StatusCode::EXPECTATION_FAILED, "Nothing but 100-continue can be expected here."));
    }
    if !all(headers, header::TRANSFER_ENCODING, "chunked") {
        return Err(Odd(StatusCode::NOT_IMPLEMENTED, "Of transfer codings only chunked is understood."));
    }
    if !all(headers, header::CONTENT_ENCODING, "identity") {
        return Err(Odd(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send the bytes as they are, without Content-Encoding."));
    }
    if headers.contains_key(header::CONTENT_RANGE) {
        return Err(Odd(StatusCode::BAD_REQUEST, "Parts by Content-Range are not taken: see /api/uploads."));
    }
    Ok(())
}

/// Whether a header says nothing but this word.
fn all(headers: &HeaderMap, name: header::HeaderName, word: &str) -> bool {
    let words = |value: &HeaderValue| {
        value.to_str().is_ok_and(|said| {
            said.split(',').all(|said| said.trim().is_empty() || said.trim().eq_ignore_ascii_case(word))
        })
    };
    headers.get_all(name).iter().all(words)
}

impl Odd {
    /// The answer, in that form.
    pub fn told(self, path: &str, refuse: Refuse) -> Response {
        let mut response = refuse(path, self);
        if self.0 == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(version: Version, uri: &str, said: &[(header::HeaderName, &[u8])]) -> Request<()> {
        let mut request = Request::builder().version(version).uri(uri).body(()).unwrap();
        for (name, value) in said {
            request.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
        }
        request
    }

    fn host(version: Version, uri: &str, hosts: &[&[u8]]) -> Option<Option<String>> {
        let said: Vec<_> = hosts.iter().map(|host| (header::HOST, *host)).collect();
        host_of(&request(version, uri, &said)).ok()
    }

    #[test]
    fn a_request_says_once_and_well_which_host_it_means() {
        let eleven = |hosts: &[&[u8]]| host(Version::HTTP_11, "/", hosts).flatten();
        for good in
            ["chat.example.org", "chat.example.org:8000", "[::1]:80", "127.0.0.1", "a_b.example", "Chat.Example.Org."]
        {
            assert_eq!(eleven(&[good.as_bytes()]).as_deref(), Some(good));
        }
        for broken in
            ["a b", "", "a/b", "a@b", "a:99999", "a:x", "[::1", "http://a", "a, b", "a\\b", "a#", ":80", "a%00b"]
        {
            assert_eq!(eleven(&[broken.as_bytes()]), None, "{broken}");
        }
        assert_eq!(eleven(&[]), None);
        assert_eq!(eleven(&[b"a.example", b"b.example"]), None);
        assert_eq!(eleven(&[b"a.example", b"a.example"]), None);
        assert_eq!(eleven(&[b"\xff\xfe"]), None);
        assert_eq!(host(Version::HTTP_10, "/", &[]), Some(None));
        assert_eq!(host(Version::HTTP_10, "/", &[b"a", b"b"]), None);
        assert_eq!(host(Version::HTTP_2, "https://a.example/", &[]), Some(Some("a.example".into())));
    }

    #[test]
    fn what_is_not_spoken_here_is_refused_and_what_is_passes() {
        let status = |name: header::HeaderName, value: &str| {
            let request = request(Version::HTTP_11, "/", &[(name, value.as_bytes())]);
            speaks_plainly(&request).err().map_or(200, |Odd(status, _)| status.as_u16())
        };
        assert_eq!(status(header::EXPECT, "100-Continue"), 200);
        assert_eq!(status(header::EXPECT, "200-ok"), 417);
        assert_eq!(status(header::EXPECT, "100-continue, more"), 417);
        assert_eq!(status(header::TRANSFER_ENCODING, "Chunked"), 200);
        assert_eq!(status(header::TRANSFER_ENCODING, "gzip, chunked"), 501);
        assert_eq!(status(header::CONTENT_ENCODING, "identity"), 200);
        assert_eq!(status(header::CONTENT_ENCODING, "gzip"), 415);
        assert_eq!(status(header::CONTENT_RANGE, "bytes 0-1/2"), 400);
    }
}
