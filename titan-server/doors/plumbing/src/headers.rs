//! What every answer says to browsers, whoever gives it: a page, an API, an error, a redirect, a newcomer who is turned away.
//!
//! Nothing that the house hands out may act in a page, be framed, be kept by a cache or tell other sites where somebody was. An answer
//! that says something of its own about one of these (the page about its scripts, its assets about caching) keeps it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// For all that is no page: it loads nothing, and nobody frames it.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// A year, as RFC 6797 counts, for this host alone: others of its domain may be somebody else's.
const A_YEAR: &str = "max-age=31536000";

const USUAL: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, NOTHING),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (CORP, "same-origin"),
];

/// Who may embed an answer (Fetch, "Cross-Origin-Resource-Policy").
pub const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Adds what an answer doesn't say yet. `vouched`: it goes over TLS with a certificate that somebody else vouches for, so that browsers may
/// insist on one from now on.
pub fn complete(headers: &mut HeaderMap, vouched: bool) {
    for (name, value) in USUAL {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if vouched {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(A_YEAR));
    }
}

/// The same for an answer of HTTP/1 that is written without a router: by the protocol's library to what is no request at all, or by the
/// connection. `answer` begins with its head; none where it is one that says all of it already.
pub fn completed(answer: &[u8], vouched: bool) -> Option<Vec<u8>> {
    let end = answer.windows(END.len()).position(|bytes| bytes == END).filter(|_| answer.starts_with(HTTP1))?;
    let (head, rest) = answer.split_at(end);
    if head.to_ascii_lowercase().windows(SAID.len()).any(|bytes| bytes == SAID) {
        return None;
    }
    let mut headers = HeaderMap::new();
    complete(&mut headers, vouched);
    let lines =
        headers.iter().map(|(name, value)| [b"\r\n", name.as_str().as_bytes(), b": ", value.as_bytes()].concat());
    Some([head, &lines.collect::<Vec<_>>().concat(), rest].concat())
}

/// What an answer begins with, and its head ends with.
const HTTP1: &[u8] = b"HTTP/1.1 ";
const END: &[u8] = b"\r\n\r\n";
/// What every answer says that has been through [`complete`].
const SAID: &[u8] = b"\r\nx-content-type-options:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_a_router_is_completed_once() {
        let bare = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\nno";
        let said = String::from_utf8(completed(bare, true).unwrap()).unwrap();
        assert!(
            said.starts_with("HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\ncontent-security-policy: "),
            "{said}"
        );
        assert!(said.ends_with("strict-transport-security: max-age=31536000\r\n\r\nno"), "{said}");
        for whole in [said.as_bytes(), b"of a body\r\n\r\n", b"HTTP/1.1 400 Bad Req", b""] {
            assert_eq!(completed(whole, true), None);
        }
    }

    #[test]
    fn what_an_answer_says_of_itself_stays() {
        let mut headers = HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))]);
        complete(&mut headers, false);
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        complete(&mut headers, true);
        assert_eq!(headers[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
        assert_eq!(headers.get_all(header::CACHE_CONTROL).iter().count(), 1);
    }
}
