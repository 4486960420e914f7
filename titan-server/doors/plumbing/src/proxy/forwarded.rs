//! What proxies write of whom they speak for: `X-Forwarded-For`, `Forwarded` (RFC 7239), `X-Real-IP`; and of the host that was asked
//! for: `X-Forwarded-Host`, `Forwarded`.
//!
//! The first of these that is there counts, in this order: what the proxy doesn't write itself, it hands on from the client.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue};

/// The hops in front of a proxy, the nearest first; none for one that can't be told.
pub fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = |name: &str| headers.get_all(name).iter().collect::<Vec<&HeaderValue>>();
    let mut hops: Vec<_> = lines("x-forwarded-for").into_iter().flat_map(|line| of(line, listed)).collect();
    if hops.is_empty() {
        hops = lines("forwarded").into_iter().flat_map(|line| of(line, elements)).collect();
    }
    if hops.is_empty() {
        hops = lines("x-real-ip").last().map(|line| of(line, |text| vec![node(text)])).unwrap_or_default();
    }
    hops.reverse();
    hops
}

/// The hosts that were asked for in front of a proxy.
pub fn hosts(headers: &HeaderMap) -> Vec<String> {
    let lines = |name: &str| headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).collect::<Vec<_>>();
    let listed =
        lines("x-forwarded-host").into_iter().flat_map(|line| line.split(',')).map(|host| host.trim().to_owned());
    let listed: Vec<_> = listed.filter(|host| !host.is_empty()).collect();
    if !listed.is_empty() {
        return listed;
    }
    let elements = lines("forwarded").into_iter().flat_map(|line| outside_quotes(line, ','));
    elements.filter_map(|element| said(element, "host")).collect()
}

fn of(line: &HeaderValue, read: fn(&str) -> Vec<Option<IpAddr>>) -> Vec<Option<IpAddr>> {
    line.to_str().map_or_else(|_| vec![None], read)
}

/// The hops between commas.
fn listed(line: &str) -> Vec<Option<IpAddr>> {
    line.split(',').map(str::trim).filter(|hop| !hop.is_empty()).map(|hop| node(hop.trim_matches('"'))).collect()
}

/// The hops of a line as RFC 7239 has it.
fn elements(line: &str) -> Vec<Option<IpAddr>> {
    outside_quotes(line, ',').into_iter().filter(|element| !element.trim().is_empty()).map(element).collect()
}

/// Whom one element speaks for.
fn element(text: &str) -> Option<IpAddr> {
    node(&said(text, "for")?)
}

/// What an element says of this, if it says so once.
fn said(element: &str, of: &str) -> Option<String> {
    let pairs = outside_quotes(element, ';').into_iter().filter_map(|pair| pair.split_once('='));
    let mut told = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case(of)).map(|(_, value)| value.trim());
    match (told.next(), told.next()) {
        (Some(value), None) => unquoted(value),
        _ => None,
    }
}

/// A quoted text that doesn't end is none.
fn unquoted(value: &str) -> Option<String> {
    let Some(rest) = value.strip_prefix('"') else { return Some(value.to_owned()) };
    let inner = rest.strip_suffix('"')?;
    let mut plain = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next()? } else { letter });
    }
    Some(plain)
}

/// Takes a text apart at a mark, but for where it is quoted.
fn outside_quotes(text: &str, mark: char) -> Vec<&str> {
    let (mut parts, mut from) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if letter == mark && !quoted => {
                parts.push(&text[from..at]);
                from = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

/// An address, with or without a port; none for `unknown`, for what hides behind a name, and for what can't be read.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = match text.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((address, port))) if port.is_empty() || is_port(port.strip_prefix(':')?) => address,
        Some(_) => return None,
        None => match text.split_once(':') {
            Some((address, port)) if !port.contains(':') && is_port(port) => address,
            Some((_, port)) if !port.contains(':') => return None,
            _ => text,
        },
    };
    let without_zone = address.split_once('%').map_or(address, |(address, _)| address);
    without_zone.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// A number, or what stands for one that is hidden.
fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok() || text.strip_prefix('_').is_some_and(|hidden| !hidden.is_empty())
}
