//! Who is really there when a proxy connects: limits and bans go by addresses, and all of a proxy's visitors come from its
//! own. Only proxies that the operator names are believed, since anybody can write such a header.

use std::net::IpAddr;

use axum::http::HeaderMap;

/// The address of whoever a request comes from: the peer's, or, where that is a trusted proxy, what the nearest proxy that
/// is not trusted by name said in `X-Forwarded-For`.
pub fn visitor(peer: IpAddr, trusted: &[IpAddr], headers: &HeaderMap) -> IpAddr {
    let mut nearest = peer;
    let mut said = headers.get_all("x-forwarded-for").into_iter().rev().flat_map(|value| {
        let hops: Vec<_> = value.to_str().unwrap_or_default().rsplit(',').map(str::trim).collect();
        hops.into_iter()
    });
    while trusted.contains(&nearest) {
        let Some(Ok(before)) = said.next().map(str::parse::<IpAddr>) else { break };
        nearest = before.to_canonical();
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, trusted: &[&str], said: &[&str]) -> String {
        let trusted: Vec<IpAddr> = trusted.iter().map(|proxy| proxy.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in said {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        visitor(peer.parse().unwrap(), &trusted, &headers).to_string()
    }

    #[test]
    fn a_trusted_proxy_is_believed_and_nobody_else() {
        assert_eq!(from("127.0.0.1", &["127.0.0.1"], &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(from("127.0.0.1", &[], &["203.0.113.7"]), "127.0.0.1");
        assert_eq!(from("198.51.100.1", &["127.0.0.1"], &["203.0.113.7"]), "198.51.100.1");
        // What a client wrote itself stands further left and isn't reached.
        assert_eq!(from("127.0.0.1", &["127.0.0.1"], &["10.0.0.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(from("127.0.0.1", &["127.0.0.1"], &["10.0.0.1", "203.0.113.7"]), "203.0.113.7");
        assert_eq!(from("127.0.0.1", &["127.0.0.1", "10.0.0.9"], &["203.0.113.7, 10.0.0.9"]), "203.0.113.7");
        assert_eq!(from("127.0.0.1", &["127.0.0.1"], &["unknown"]), "127.0.0.1");
        assert_eq!(from("127.0.0.1", &["127.0.0.1"], &["::ffff:203.0.113.7"]), "203.0.113.7");
    }
}
