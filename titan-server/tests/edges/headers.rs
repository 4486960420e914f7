//! What every answer tells browsers: at every door that speaks HTTP, whatever was asked and however it went.

use std::path::Path;

use reqwest::header::{HeaderMap, STRICT_TRANSPORT_SECURITY};
use reqwest::{Client, Method};
use titan_server::config::{Address, Public, Tls};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::channels_support::{GENERAL, User};
use crate::support::{DEADLINE, TestHouse, deadline};

fn client() -> Client {
    let builder = Client::builder().timeout(DEADLINE).no_proxy().danger_accept_invalid_certs(true);
    builder.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// What an answer lacks of what it must say.
fn lacking(headers: &HeaderMap) -> Vec<String> {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let policy = said("content-security-policy");
    let wants = [
        ("default-src", policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'")),
        ("nosniff", said("x-content-type-options") == "nosniff"),
        ("framing", said("x-frame-options") == "DENY"),
        ("referrer", said("referrer-policy") == "no-referrer"),
        ("opener", said("cross-origin-opener-policy") == "same-origin"),
        ("embedding", !said("cross-origin-resource-policy").is_empty()),
        ("caching", said("cache-control") == "no-store" || said("cache-control").contains("no-cache")),
        ("once", headers.keys().all(|name| name == "vary" || headers.get_all(name).iter().count() == 1)),
        ("charset", !said("content-type").starts_with("text/") || said("content-type").contains("charset")),
    ];
    wants.into_iter().filter(|(_, there)| !there).map(|(name, _)| name.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_every_door_says_what_browsers_must_know() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.reset_site = Address::local(0);
    })
    .await;
    let ada = User::enter(&house, "ada").await;
    let file = ada.shares(GENERAL, "a.png", b"no picture").await["id"].as_i64().unwrap();
    let (http, reset) = (house.http(), format!("https://{}", house.address("reset-site")));
    let titan_net = format!("http://{}", house.address("titan-net"));
    let client = client();
    let ask = |method: Method, url: String| {
        let asked = client.request(method, url).bearer_auth(&ada.token);
        async move { deadline(asked.send()).await.unwrap() }
    };
    for path in [
        "/",
        "/favicon.ico",
        "/page/manifest.webmanifest",
        "/page/nothing.js",
        "/titan",
        "/healthz",
        "/metrics",
        "/openapi.json",
        "/nothing",
        "/.well-known/security.txt",
        "/api/repository",
        "/api/pending",
        "/api/export",
        "/api/nothing",
        "/api/files/99",
        &format!("/api/files/{file}"),
        &format!("/files/{file}"),
        "/me",
        "/me/",
        "/channels",
        "/channels/",
        "/channels/7/messages",
        "/ws/channels/1",
        "/auth/login",
        "/%ff",
        "/reset/x",
    ] {
        for method in [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS, Method::DELETE] {
            for door in [&http, &reset, &titan_net] {
                let answer = ask(method.clone(), format!("{door}{path}")).await;
                assert_eq!(lacking(answer.headers()), [""; 0], "{method} {door}{path}: {:?}", answer.headers());
            }
        }
    }
    let index = ask(Method::GET, format!("{http}/")).await.text().await.unwrap();
    let asset = index.split("\"page/").nth(1).unwrap().split('"').next().unwrap();
    let kept = ask(Method::GET, format!("{http}/page/{asset}")).await;
    assert_eq!(kept.headers()["cache-control"], "public, max-age=31536000, immutable");
    let picture = ask(Method::GET, format!("{http}/page/icon.svg")).await;
    assert_eq!(picture.headers()["content-type"], "image/svg+xml; charset=utf-8");
    let sandboxed = ask(Method::GET, format!("{http}/api/files/{file}")).await;
    assert!(sandboxed.headers()["content-security-policy"].to_str().unwrap().starts_with("sandbox; "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_who_is_turned_away_and_a_senseless_request_are_told_it_too() {
    let house = TestHouse::open_with(|config| config.silence = std::time::Duration::from_secs(1)).await;
    let senseless = "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n";
    let late = "POST /auth/login HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nConnection: close\r\n\r\n";
    // These come to no door: the protocol's library answers them, or the connection.
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(200));
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(100_000));
    let after_another = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nNONSENSE\r\n\r\n";
    for (request, status) in [
        (senseless, "400"),
        (late, "417"),
        ("NONSENSE\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n", "400"),
        ("GET / HTTP/9.9\r\nHost: x\r\n\r\n", "400"),
        (&many, "431"),
        (&long, "414"),
        (after_another, "400"),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\n", "408"),
    ] {
        let heard = super::hosts::answer(house.address("http"), request).await.to_lowercase();
        let answer = heard.rsplit("http/1.1 ").next().unwrap();
        assert!(answer.starts_with(status), "{status}: {heard}");
        for header in ["x-content-type-options: nosniff", "frame-ancestors 'none'", "cache-control: no-store"] {
            assert_eq!(answer.matches(header).count(), 1, "{heard}");
        }
    }
}

/// A chain of an authority of our own, for `localhost`, in this folder.
fn certified(folder: &Path) -> Tls {
    let mut authority = rcgen::CertificateParams::default();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    authority.distinguished_name.push(rcgen::DnType::CommonName, "An authority of the tests");
    let issuer = rcgen::Issuer::new(authority, rcgen::KeyPair::generate().unwrap());
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let (cert, private) = (folder.join("chain.pem"), folder.join("key.pem"));
    std::fs::write(&cert, leaf.pem()).unwrap();
    std::fs::write(&private, key.serialize_pem()).unwrap();
    Tls::Files { cert, key: private }
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_insist_on_tls_only_where_an_authority_has_signed_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let signed = certified(folder.path());
    for (tls, scheme, insists) in
        [(Tls::Off, "http", false), (Tls::SelfSigned, "https", false), (signed, "https", true)]
    {
        let house = TestHouse::open_with(|config| {
            (config.limits, config.tls, config.reset_site) = (false, tls.clone(), Address::local(0));
        })
        .await;
        for (door, scheme) in [("http", scheme), ("titan-net", scheme), ("reset-site", "https")] {
            for path in ["/", "/nothing", "/healthz"] {
                let url = format!("{scheme}://{}{path}", house.address(door));
                let answer = deadline(client().get(url).send()).await.unwrap();
                let said = answer.headers().get(STRICT_TRANSPORT_SECURITY).map(|value| value.to_str().unwrap());
                assert_eq!(said, insists.then_some("max-age=31536000"), "{tls:?} {door}{path}");
            }
        }
    }
}

async fn reader(house: &TestHouse, method: Method, path: &str, origin: &str) -> (u16, Option<String>, String) {
    let mut asked = client().request(method.clone(), format!("{}{path}", house.http())).header("Origin", origin);
    if method == Method::OPTIONS {
        asked = asked.header("Access-Control-Request-Method", "GET");
        asked = asked.header("Access-Control-Request-Headers", "authorization");
    }
    let answer = deadline(asked.send()).await.unwrap();
    let said = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let vary = answer.headers().get_all("vary").iter().any(|value| value.to_str().unwrap().contains("Origin"));
    assert!(vary, "{path}: a cache would mix up who asked");
    (
        answer.status().as_u16(),
        said("access-control-allow-origin"),
        said("access-control-allow-headers").unwrap_or_default(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_read_what_is_public_and_no_more() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        let origins = "https://friend.example".parse().unwrap();
        config.public = Public { url: None, origins }.into();
    })
    .await;
    let own = house.http();
    let public = [
        "/healthz",
        "/openapi.json",
        "/api/repository",
        "/api/stats",
        "/api/search?q=x",
        "/api/apps/1",
        "/api/download/1",
    ];
    let private = [
        "/api/export",
        "/api/pending",
        "/api/files/1",
        "/api/login",
        "/api/nothing",
        "/me",
        "/channels",
        "/auth/login",
        "/files/1",
    ];
    for path in public {
        let (status, said, _) = reader(&house, Method::GET, path, "https://evil.example").await;
        assert_eq!(said.as_deref(), Some("*"), "{path}: {status}");
        let (status, said, headers) = reader(&house, Method::OPTIONS, path, "https://evil.example").await;
        assert_eq!((status, said.as_deref()), (204, Some("*")), "{path}");
        assert!(!headers.to_lowercase().contains("authorization"), "{path}: strangers' pages send no token");
    }
    for path in private {
        for foreign in ["https://evil.example", "null", "http://127.0.0.1:1"] {
            assert_eq!(reader(&house, Method::GET, path, foreign).await.1, None, "{path}");
            let (status, said, _) = reader(&house, Method::OPTIONS, path, foreign).await;
            assert_eq!((status, said), (403, None), "{path}");
        }
    }
    for path in public.into_iter().chain(private) {
        for friend in [own.as_str(), "https://friend.example"] {
            assert_eq!(reader(&house, Method::GET, path, friend).await.1.as_deref(), Some(friend), "{path}");
            let (status, said, headers) = reader(&house, Method::OPTIONS, path, friend).await;
            assert_eq!((status, said.as_deref(), headers.as_str()), (204, Some(friend), "authorization"), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_key_learns_neither_version_nor_age_and_finds_whom_to_tell_of_a_hole() {
    const KEY: &str = "0123456789abcdef";
    let house = TestHouse::open_with(|config| {
        config.metrics_key = Some(KEY.into());
        config.security_contact = Some("mailto:security@example.org".to_owned());
    })
    .await;
    let ask = |path: &str| client().get(format!("{}{path}", house.http()));
    let told = deadline(ask("/healthz").send()).await.unwrap().text().await.unwrap();
    assert_eq!(told, r#"{"status":"ok","error":null}"#);
    let told = deadline(ask("/healthz").bearer_auth(KEY).send()).await.unwrap().text().await.unwrap();
    assert!(told.contains(env!("CARGO_PKG_VERSION")) && told.contains("uptime_seconds"), "{told}");
    let contact = deadline(ask("/.well-known/security.txt").send()).await.unwrap();
    assert_eq!(contact.headers()["content-type"], "text/plain; charset=utf-8");
    let contact = contact.text().await.unwrap();
    let expires = contact.lines().find_map(|line| line.strip_prefix("Expires: ")).unwrap();
    assert!(
        contact.starts_with("Contact: mailto:security@example.org\n") && expires.ends_with("T00:00:00Z"),
        "{contact}"
    );
    let nobody = TestHouse::open().await;
    let answer = deadline(client().get(format!("{}/.well-known/security.txt", nobody.http())).send()).await.unwrap();
    assert_eq!(answer.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_a_channel_by_header_and_by_protocol_as_by_the_address() {
    let house = TestHouse::open().await;
    let ada = User::enter(&house, "ada").await;
    let url = format!("ws://{}/ws/channels/1", house.address("http"));
    let opens = |header: &'static str, value: String| {
        let mut request = url.clone().into_client_request().unwrap();
        request.headers_mut().insert(header, value.parse().unwrap());
        async move {
            match deadline(tokio_tungstenite::connect_async(request)).await {
                Ok((_, response)) => {
                    let chosen = response.headers().get("sec-websocket-protocol");
                    (101, chosen.map(|chosen| chosen.to_str().unwrap().to_owned()))
                }
                Err(tokio_tungstenite::tungstenite::Error::Http(response)) => (response.status().as_u16(), None),
                Err(error) => panic!("{error}"),
            }
        }
    };
    let token = &ada.token;
    assert_eq!(opens("authorization", format!("Bearer {token}")).await, (101, None));
    let chosen = Some("titan.bearer".to_owned());
    assert_eq!(opens("sec-websocket-protocol", format!("titan.bearer, {token}")).await, (101, chosen));
    for (header, none) in [
        ("authorization", "Bearer x".to_owned()),
        ("authorization", format!("Basic {token}")),
        ("sec-websocket-protocol", format!("{token}, titan.bearer")),
        ("sec-websocket-protocol", "titan.bearer".to_owned()),
    ] {
        assert_eq!(opens(header, none.clone()).await.0, 403, "{header}: {none:.20}");
    }
    ada.listens(GENERAL).await;
}
