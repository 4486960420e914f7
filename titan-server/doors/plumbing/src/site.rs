//! How the house is reached from outside: by which host, under which path, and from pages of which origins.
//!
//! Hosts and origins are parsed (RFC 6454), never compared as texts: capitals, default ports, names beyond ASCII and forms of IPv6 addresses
//! make no difference. Whoever knows more than the request says it in the settings ([`Public`]), or a trusted proxy says it.

use std::str::FromStr;
use std::sync::Arc;

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use url::{Origin, Url};

use super::guard::{self, Refuse};
use super::proxy::{Proxies, forwarded};

/// What a page of another site is told.
pub const FOREIGN: &str = "Pages of other sites may not connect; the operator lets them in by --allowed-origins.\n";
/// Letters of a path in front that a proxy may name.
const PREFIX_MOST: usize = 200;

/// What the operator says of how people reach the house.
#[derive(Clone, Debug, Default)]
pub struct Public {
    /// The address in their browsers.
    pub url: Option<Url>,
    /// Pages elsewhere that may connect too.
    pub origins: Origins,
}

/// Sites whose pages may connect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Arc<[Allowed]>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Allowed {
    /// As it was given.
    said: String,
    origin: Origin,
}

/// An address that names no site.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no origin: they look like https://chat.example.org")]
pub struct NoOrigin(String);

impl Origins {
    pub fn said(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|allowed| allowed.said.as_str())
    }

    /// Of what browsers know no origin of (`app://desk`), the text must be the same.
    fn have(&self, said: &str, origin: Option<&Origin>) -> bool {
        self.0.iter().any(|allowed| match origin {
            Some(origin) if origin.is_tuple() => allowed.origin == *origin,
            _ => !allowed.origin.is_tuple() && allowed.said.eq_ignore_ascii_case(said),
        })
    }
}

impl FromStr for Origins {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
        let allowed = words.map(|word| {
            let said = word.trim_end_matches('/');
            let url = Url::parse(said).ok().filter(|url| guard::is_bare(url) && url.has_host());
            let url = url.ok_or_else(|| NoOrigin(word.to_owned()))?;
            Ok(Allowed { said: said.to_owned(), origin: url.origin() })
        });
        allowed.collect::<Result<Vec<_>, _>>().map(|allowed| Self(allowed.into()))
    }
}

/// How one request came here. Put into each by [`serve`](super::serve).
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// By which hosts the house was asked for: the request's own, and what a trusted proxy says it was.
    hosts: Vec<String>,
    /// What stands in front of the paths that the house knows, without a slash at its end.
    prefix: String,
    public: Arc<Public>,
}

impl Site {
    /// `believed`: the peer is a trusted proxy.
    pub fn of(host: Option<&str>, headers: &HeaderMap, believed: bool, public: &Arc<Public>) -> Self {
        let told = |name: &str| headers.get(name).filter(|_| believed).and_then(|value| value.to_str().ok());
        let mut hosts: Vec<_> = host.map(str::to_owned).into_iter().collect();
        hosts.extend(if believed { forwarded::hosts(headers) } else { vec![] });
        let prefix = told("x-forwarded-prefix").and_then(prefix).or_else(|| prefix(public.url.as_ref()?.path()));
        Self { hosts, prefix: prefix.unwrap_or_default(), public: public.clone() }
    }

    /// An address of the house as whoever asked reaches it.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Whether it is this origin that was asked for.
    pub fn is(&self, origin: &Url) -> bool {
        let asked =
            |host: &String| guard::at(origin.scheme(), host).is_some_and(|asked| asked.origin() == origin.origin());
        self.hosts.iter().any(asked)
    }

    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether this page may connect: browsers say which one it is, and another site could act as whoever is logged in here. What is no
    /// browser says nothing.
    pub fn lets_in(&self, headers: &HeaderMap) -> bool {
        let mut said = headers.get_all(header::ORIGIN).iter();
        match (said.next(), said.next()) {
            (None, _) => true,
            (Some(origin), None) => origin.to_str().is_ok_and(|origin| self.is_own(origin.trim())),
            _ => false,
        }
    }

    fn is_own(&self, said: &str) -> bool {
        let Some(url) = Url::parse(said).ok().filter(guard::is_bare) else { return false };
        let origin = url.origin();
        let asked = |host: &String| guard::at(url.scheme(), host).is_some_and(|asked| asked.origin() == origin);
        let public = self.public.url.as_ref().is_some_and(|public| public.origin() == origin);
        let own = origin.is_tuple() && (public || self.hosts.iter().any(asked));
        own || self.public.origins.have(said, Some(&origin))
    }
}

/// Who a request came through: the peer itself, whoever is behind it.
#[derive(Clone, Copy, Debug)]
pub struct Through(pub IpAddr);

/// How requests come in at a port.
#[derive(Clone)]
pub struct Arrivals {
    pub trusted: Proxies,
    pub public: Arc<Public>,
    pub refuse: Refuse,
}

/// A middleware: a request that no door should see is refused, the others come with their [`Site`], and addresses of the house are told so
/// that they lead there.
pub async fn arrive(State(arrivals): State<Arrivals>, mut request: Request, next: Next) -> Response {
    let host = match guard::speaks_plainly(&request).and(guard::host_of(&request)) {
        Ok(host) => host,
        Err(odd) => return odd.told(request.uri().path(), arrivals.refuse),
    };
    let through = request.extensions().get::<Through>();
    let believed = through.is_some_and(|Through(peer)| arrivals.trusted.believes(*peer));
    let site = Site::of(host.as_deref(), request.headers(), believed, &arrivals.public);
    request.extensions_mut().insert(site.clone());
    let mut response = next.run(request).await;
    lead_there(response.headers_mut(), &site);
    response
}

/// A path in front, without the slash at its end; none where it is no plain path.
fn prefix(said: &str) -> Option<String> {
    let path = said.split(',').next().unwrap_or_default().trim().trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~%".contains(c);
    let good = path.starts_with('/') && !path.starts_with("//") && path.len() <= PREFIX_MOST && path.chars().all(plain);
    good.then(|| path.to_owned())
}

/// Has an answer lead where its reader finds it: addresses of the house are told with what stands in front of them.
pub fn lead_there(headers: &mut HeaderMap, site: &Site) {
    let Some(to) = headers.get(header::LOCATION).and_then(|to| to.to_str().ok()) else { return };
    if site.prefix.is_empty() || !to.starts_with('/') || to.starts_with("//") {
        return;
    }
    if let Ok(to) = HeaderValue::try_from(site.path(to)) {
        headers.insert(header::LOCATION, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lets_in(host: &str, origin: &str) -> bool {
        with(host, &[("origin", origin)], false, "", "")
    }

    fn with(host: &str, said: &[(&'static str, &str)], believed: bool, url: &str, origins: &str) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let public = Public { url: Url::parse(url).ok(), origins: origins.parse().unwrap() };
        Site::of(Some(host), &headers, believed, &Arc::new(public)).lets_in(&headers)
    }

    #[test]
    fn a_page_of_the_house_is_let_in_however_host_and_origin_are_written() {
        for (host, origin) in [
            ("chat.example.org", "https://chat.example.org"),
            ("chat.example.org:443", "https://chat.example.org"),
            ("chat.example.org:80", "http://chat.example.org"),
            ("chat.example.org", "https://chat.example.org:443"),
            ("Chat.Example.ORG", "HTTPS://chat.example.org"),
            ("chat.example.org:8443", "https://CHAT.example.org:8443"),
            ("xn--bcher-kva.example", "https://bücher.example"),
            ("bücher.example", "https://xn--bcher-kva.example"),
            ("[2001:db8:0:0::7]:8000", "http://[2001:DB8::7]:8000"),
            ("[::1]", "http://[0:0:0:0:0:0:0:1]:80"),
            ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ] {
            let known = origin.is_ascii();
            assert_eq!(lets_in(host, origin), known, "{host} {origin}");
        }
    }

    #[test]
    fn a_page_of_another_site_is_not() {
        for (host, origin) in [
            ("chat.example.org", "https://evil.example"),
            ("chat.example.org:8443", "https://chat.example.org"),
            ("chat.example.org", "https://chat.example.org.evil.example"),
            ("chat.example.org", "https://chat.example.org:8443"),
            ("chat.example.org:80", "https://chat.example.org"),
            ("chat.example.org", "https://evil.example@chat.example.org"),
            ("chat.example.org", "https://chat.example.org/page"),
            ("chat.example.org", "null"),
            ("chat.example.org", ""),
            ("chat.example.org", "chat.example.org"),
            ("chat.example.org", "file://"),
            ("", "https://chat.example.org"),
        ] {
            assert!(!lets_in(host, origin), "{host} {origin}");
        }
        let twice = [("origin", "https://chat.example.org"), ("origin", "https://chat.example.org")];
        assert!(!with("chat.example.org", &twice, false, "", ""));
        assert!(with("chat.example.org", &[], false, "", ""), "what is no browser says nothing");
    }

    #[test]
    fn what_the_operator_or_a_trusted_proxy_says_counts_too() {
        let page = [("origin", "https://chat.example.org"), ("x-forwarded-host", "Chat.example.org:443")];
        assert!(with("127.0.0.1:8000", &page, true, "", ""));
        assert!(!with("127.0.0.1:8000", &page, false, "", ""));
        let by_rfc_7239 =
            [page[0], ("forwarded", "for=192.0.2.7;proto=https;Host=\"chat.example.org:443\", for=127.0.0.1")];
        assert!(with("127.0.0.1:8000", &by_rfc_7239, true, "", ""));
        assert!(!with("127.0.0.1:8000", &by_rfc_7239, false, "", ""));
        let two_hosts = [page[0], ("forwarded", "host=chat.example.org;host=evil.example")];
        assert!(!with("127.0.0.1:8000", &two_hosts, true, "", ""));
        assert!(with("127.0.0.1:8000", &page[..1], false, "https://CHAT.example.org/titan/", ""));
        assert!(with("127.0.0.1:8000", &page[..1], false, "", "https://a.example, https://chat.example.org:443/"));
        assert!(with("127.0.0.1:8000", &[("origin", "app://Desk")], false, "", "app://desk"));
        assert!(!with("127.0.0.1:8000", &[("origin", "app://other")], false, "", "app://desk"));
        assert!("chat.example.org".parse::<Origins>().is_err() && "https://a.example/b".parse::<Origins>().is_err());
    }

    #[test]
    fn addresses_are_told_as_whoever_asks_reaches_them() {
        let leads = |said: Option<&str>, believed, url: &str, to: &str| {
            let mut headers = HeaderMap::new();
            said.into_iter().for_each(|said| drop(headers.insert("x-forwarded-prefix", said.parse().unwrap())));
            let public = Public { url: Url::parse(url).ok(), ..Public::default() };
            let site = Site::of(None, &headers, believed, &Arc::new(public));
            let mut answer = HeaderMap::from_iter([(header::LOCATION, to.parse().unwrap())]);
            lead_there(&mut answer, &site);
            answer[header::LOCATION].to_str().unwrap().to_owned()
        };
        assert_eq!(leads(Some("/titan/"), true, "", "/api/uploads/1"), "/titan/api/uploads/1");
        assert_eq!(leads(Some("/titan"), false, "", "/api/uploads/1"), "/api/uploads/1");
        assert_eq!(leads(None, false, "https://example.org/a/b/", "/me"), "/a/b/me");
        assert_eq!(leads(Some("/x"), true, "https://example.org/a", "/me"), "/x/me");
        for odd in ["//evil.example", "https://evil.example", "titan", "/a b", "/", ""] {
            assert_eq!(leads(Some(odd), true, "", "/me"), "/me", "{odd}");
        }
        assert_eq!(leads(Some("/titan"), true, "", "https://elsewhere.example/"), "https://elsewhere.example/");
    }

    proptest! {
        #[test]
        fn whatever_they_say_a_stranger_stays_one(host in any::<String>(), nearly in "[ -~]{0,30}") {
            for host in [host, nearly] {
                if let Ok(origin) = HeaderValue::from_bytes(format!("https://{host}").as_bytes()) {
                    let headers = HeaderMap::from_iter([(header::ORIGIN, origin)]);
                    let site = Site::of(Some("chat.example.org"), &headers, false, &Arc::default());
                    let named = host.to_ascii_lowercase();
                    prop_assert!(!site.lets_in(&headers) || named.contains("chat.example.org"), "{}", host);
                }
            }
        }
    }
}
