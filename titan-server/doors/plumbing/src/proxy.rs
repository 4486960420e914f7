//! Who is really there when a proxy connects: limits and bans go by addresses, and all of a proxy's visitors come from its
//! own. Only proxies that the operator names are believed, since anybody can write such a header.

pub(crate) mod forwarded;

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use axum::http::HeaderMap;
use titan_hub::network::{Network, NoNetwork};

/// This machine, by a word.
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1"];
/// Networks that are nobody's on the internet, by a word.
const PRIVATE: [&str; 6] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"];

/// The proxies that are believed about who is behind them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Arc<[Network]>);

impl Proxies {
    pub fn believes(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    pub fn networks(&self) -> &[Network] {
        &self.0
    }
}

/// Addresses, networks, and the words `loopback` and `private`, between commas or blanks.
impl FromStr for Proxies {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
        let mut networks = Vec::new();
        for word in words {
            match word.to_ascii_lowercase().as_str() {
                "loopback" => networks.extend(LOOPBACK.iter().filter_map(|network| network.parse::<Network>().ok())),
                "private" => networks.extend(PRIVATE.iter().filter_map(|network| network.parse::<Network>().ok())),
                word => networks.push(word.parse()?),
            }
        }
        Ok(Self(networks.into()))
    }
}

/// The address of whoever a request comes from: the peer's, or, where that is a trusted proxy, what the nearest hop that
/// is not trusted is said to be.
pub fn visitor(peer: IpAddr, trusted: &Proxies, headers: &HeaderMap) -> IpAddr {
    if !trusted.believes(peer) {
        return peer;
    }
    let mut nearest = peer;
    for before in forwarded::hops(headers) {
        match before {
            Some(before) if trusted.believes(nearest) => nearest = before,
            _ => break,
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn from(peer: &str, trusted: &str, said: &[&str]) -> String {
        let lines: Vec<_> = said.iter().map(|line| ("x-forwarded-for", *line)).collect();
        by(peer, trusted, &lines)
    }

    fn by(peer: &str, trusted: &str, said: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, line) in said {
            headers.append(*name, line.parse().unwrap());
        }
        visitor(peer.parse().unwrap(), &trusted.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_trusted_proxy_is_believed_and_nobody_else() {
        assert_eq!(from("127.0.0.1", "127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(from("127.0.0.1", "", &["203.0.113.7"]), "127.0.0.1");
        assert_eq!(from("198.51.100.1", "127.0.0.1", &["203.0.113.7"]), "198.51.100.1");
        // What a client wrote itself stands further left and isn't reached.
        assert_eq!(from("127.0.0.1", "127.0.0.1", &["10.0.0.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(from("127.0.0.1", "127.0.0.1", &["10.0.0.1", "203.0.113.7"]), "203.0.113.7");
        assert_eq!(from("127.0.0.1", "127.0.0.1,10.0.0.9", &["203.0.113.7, 10.0.0.9"]), "203.0.113.7");
        assert_eq!(from("127.0.0.1", "127.0.0.1", &["unknown"]), "127.0.0.1");
        assert_eq!(from("127.0.0.1", "127.0.0.1", &["::ffff:203.0.113.7"]), "203.0.113.7");
        // Whoever hides in front of a trusted hop stays hidden behind it, whatever stands further left.
        assert_eq!(from("127.0.0.1", "loopback 10.0.0.9", &["203.0.113.7, _hidden, 10.0.0.9"]), "10.0.0.9");
    }

    #[test]
    fn proxies_are_named_as_networks_and_by_words() {
        for trusted in [
            "127.0.0.0/8",
            "::ffff:127.0.0.1",
            " 10.0.0.1 , 127.0.0.1 ,",
            "loopback",
            "LOOPBACK,private",
            "::ffff:127.0.0.0/104",
        ] {
            assert_eq!(from("127.0.0.1", trusted, &["203.0.113.7"]), "203.0.113.7", "{trusted}");
        }
        assert_eq!(from("::1", "loopback", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(from("127.0.0.1", "loopback private", &["203.0.113.7, 172.18.0.2, 192.168.9.9"]), "203.0.113.7");
        assert!("127.0.0.1, somewhere".parse::<Proxies>().is_err());
    }

    #[test]
    fn an_address_is_read_in_every_form_that_proxies_write() {
        for form in [
            "203.0.113.7:4711",
            "\"203.0.113.7:4711\"",
            " , 203.0.113.7 , ",
            "[::ffff:203.0.113.7]:80",
            "evil, \"203.0.113.7\"",
        ] {
            assert_eq!(from("127.0.0.1", "loopback", &[form]), "203.0.113.7", "{form}");
        }
        for form in ["2001:DB8::7", "[2001:db8::7]", "[2001:db8::7]:443", "\"[2001:db8:0::7]:443\"", "2001:db8::7%eth0"]
        {
            assert_eq!(from("127.0.0.1", "loopback", &[form]), "2001:db8::7", "{form}");
        }
        for broken in ["203.0.113.7:x", "203.0.113.300", "[2001:db8::7", "203.0.113.7 198.51.100.1"] {
            assert_eq!(from("127.0.0.1", "loopback", &["198.51.100.1", broken]), "127.0.0.1", "{broken}");
        }
    }

    #[test]
    fn the_standards_header_and_the_single_one_are_read_where_the_usual_one_is_missing() {
        let forwarded = |lines: &[&str]| {
            let lines: Vec<_> = lines.iter().map(|line| ("forwarded", *line)).collect();
            by("127.0.0.1", "loopback", &lines)
        };
        assert_eq!(forwarded(&["for=203.0.113.7"]), "203.0.113.7");
        assert_eq!(forwarded(&["proto=https;For=\"[2001:db8::7]:4711\";by=10.0.0.1"]), "2001:db8::7");
        assert_eq!(forwarded(&["for=198.51.100.9, For=\"203.0.113.7:_port\" ; host=\"a,b;c\\\"d\""]), "203.0.113.7");
        assert_eq!(forwarded(&["for=198.51.100.9", "for=203.0.113.7"]), "203.0.113.7");
        assert_eq!(forwarded(&["for=203.0.113.7, for=127.0.0.5"]), "203.0.113.7");
        for hidden in
            ["for=unknown", "for=_secret", "proto=https", "for=\"203.0.113.7", "for=", "for=1.2.3.4;for=5.6.7.8"]
        {
            assert_eq!(forwarded(&["for=198.51.100.9", hidden]), "127.0.0.1", "{hidden}");
        }
        assert_eq!(by("127.0.0.1", "loopback", &[("x-real-ip", " 203.0.113.7 ")]), "203.0.113.7");
        assert_eq!(by("127.0.0.1", "", &[("x-real-ip", "203.0.113.7"), ("forwarded", "for=203.0.113.7")]), "127.0.0.1");
        // A proxy that writes the usual header hands on what a client wrote in the others.
        let both = [("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=192.0.2.1"), ("x-real-ip", "192.0.2.1")];
        assert_eq!(by("127.0.0.1", "loopback", &both), "203.0.113.7");
    }

    proptest! {
        #[test]
        fn whatever_is_said_somebody_is_there(lines in prop::collection::vec("[ -~]{0,60}", 0..4), nearly in "[for=\",;:0-9.\\[\\]_ ]{0,60}") {
            for name in ["x-forwarded-for", "forwarded", "x-real-ip"] {
                let said: Vec<_> = lines.iter().chain([&nearly]).map(|line| (name, line.as_str())).collect();
                let _ = by("127.0.0.1", "loopback", &said);
                prop_assert_eq!(by("192.0.2.1", "loopback", &said), "192.0.2.1");
            }
        }

        #[test]
        fn an_address_that_a_proxy_adds_is_found(address: std::net::IpAddr, port: u16, before in "[ -~]{0,40}") {
            let before = before.replace('"', "");
            let socket = std::net::SocketAddr::new(address, port);
            let shown = address.to_canonical();
            prop_assume!(!shown.is_loopback());
            for line in [format!("{before}, {address}"), format!("{before}, {socket}")] {
                prop_assert_eq!(from("127.0.0.1", "loopback", &[&line]), shown.to_string());
            }
            let line = format!("for=\"{socket}\"");
            prop_assert_eq!(by("127.0.0.1", "loopback", &[("forwarded", &line)]), shown.to_string());
        }
    }
}
