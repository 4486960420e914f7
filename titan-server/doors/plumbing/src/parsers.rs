//! What doors share that takes apart bytes of others, each as a function of bytes: for the fuzz targets (`fuzz/`) and the test that goes
//! through their corpus. Nothing else calls it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use futures_util::FutureExt;
use titan_core::Time;
use titan_core::parsers::{Parser, text};

use crate::lines::{Line, LineBuffer};
use crate::media::Kind;
use crate::proxy::{Proxies, visitor};
use crate::site::{Origins, Site, lead_there};
use crate::token::TokenKey;
use crate::transfer::range::{Part, wanted};
use crate::transfer::{disposition, form};
use crate::{bearer, guard, proxied};

pub const PARSERS: &[Parser] = &[
    ("proxy_protocol", proxy_protocol),
    ("forwarded", forwarded),
    ("proxies", proxies),
    ("host_and_origin", host_and_origin),
    ("range", range),
    ("disposition", disposition),
    ("media_type", media_type),
    ("multipart", multipart),
    ("lines", lines),
    ("token", token),
];

/// Lines of `name: value` as the headers of a request.
#[must_use]
pub fn headers(bytes: &[u8]) -> HeaderMap {
    let pairs = bytes.split(|byte| *byte == b'\n').filter_map(|line| {
        let at = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = (line.get(..at)?, line.get(at + 1..)?.trim_ascii());
        Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?))
    });
    pairs.collect()
}

fn proxy_protocol(bytes: &[u8]) {
    let mut rest = bytes;
    // Nothing is waited for: all there is has come.
    let _ = proxied::header(&mut rest).now_or_never();
}

fn forwarded(bytes: &[u8]) {
    let headers = headers(bytes);
    let proxy = IpAddr::V4(Ipv4Addr::LOCALHOST);
    if let Ok(trusted) = "loopback".parse::<Proxies>() {
        let _ = visitor(proxy, &trusted, &headers);
        let stranger = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        assert_eq!(visitor(stranger, &trusted, &headers), stranger, "nobody else is believed");
    }
}

fn proxies(bytes: &[u8]) {
    let _ = text(bytes).parse::<Proxies>();
    let _ = text(bytes).parse::<Origins>();
}

fn host_and_origin(bytes: &[u8]) {
    let mut headers = headers(bytes);
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = headers.clone();
    let _ = guard::speaks_plainly(&request);
    let Ok(host) = guard::host_of(&request) else { return };
    let stranger = Site::of(host.as_deref(), &HeaderMap::new(), false, &Arc::default());
    let site = Site::of(host.as_deref(), &headers, true, &Arc::default());
    assert!(!stranger.lets_in(&headers) || site.lets_in(&headers), "a proxy adds hosts and takes none away");
    lead_there(&mut headers, &site);
}

fn range(bytes: &[u8]) {
    let (size, said) = bytes.split_at(bytes.len().min(8));
    let size = size.iter().fold(0_u64, |size, byte| size << 8 | u64::from(*byte));
    if let Part::Some { first, length } = wanted(&headers(said), "\"tag\"", size) {
        assert!(
            length > 0 && first.checked_add(length).is_some_and(|end| end <= size),
            "no range reaches out of the file"
        );
    }
}

fn disposition(bytes: &[u8]) {
    let value = HeaderValue::from_bytes(bytes).ok();
    let told = value.map(|value| HeaderMap::from_iter([(header::CONTENT_DISPOSITION, value)]));
    let name = told.as_ref().and_then(disposition::file_name).unwrap_or_else(|| text(bytes));
    let written = disposition::attachment(&name);
    assert!(written.to_str().is_ok_and(|written| !written.contains(['\r', '\n'])), "a name stays within its header");
}

fn media_type(bytes: &[u8]) {
    if let Some(kind) = Kind::of(&headers(bytes)) {
        let _ = (kind.is_json(), kind.parameter("charset"));
    }
    let _ = bearer::key(&headers(bytes));
}

fn multipart(bytes: &[u8]) {
    let request = Request::builder().header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    let Ok(request) = request.body(Body::from(bytes.to_vec())) else { return };
    let read = async {
        let mut parts = Multipart::from_request(request, &()).await.ok()?;
        while let Ok(Some(part)) = parts.next_field().await {
            let _ = (part.name().map(str::len), disposition::file_name(part.headers()));
            let _ = part.bytes().await.map_err(|error| form::broken(&error));
        }
        Some(())
    };
    assert!(read.now_or_never().is_some(), "a form that is all there is waited for by nobody");
}

/// The same lines, however their bytes come; the first byte says how.
fn lines(bytes: &[u8]) {
    let Some((how, bytes)) = bytes.split_first() else { return };
    for json in [false, true] {
        let whole = read_lines(json, std::iter::once(bytes));
        assert_eq!(
            read_lines(json, bytes.chunks(usize::from(*how).max(1))),
            whole,
            "how bytes are split changes nothing"
        );
    }
}

fn read_lines<'a>(json: bool, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Line> {
    let mut buffer = if json { LineBuffer::of_json() } else { LineBuffer::default() };
    let mut lines = Vec::new();
    for piece in pieces {
        buffer.space(piece.len()).extend_from_slice(piece);
        lines.extend(std::iter::from_fn(|| buffer.line()));
    }
    lines.extend(buffer.rest());
    lines
}

fn token(bytes: &[u8]) {
    let key = TokenKey::new(b"a key that nobody has", "a-house");
    assert!(key.read(&text(bytes), Time(0)).is_none(), "nobody makes a token without the key");
}
