//! Files on an origin of their own: two host names, one port.

use std::net::SocketAddr;

use reqwest::header::LOCATION;
use reqwest::{Client, Response};
use serde_json::Value;
use tokio::net::TcpListener;

use titan_server::config::Address;

use crate::channels_support::{GENERAL, User};
use crate::support::{DEADLINE, TestHouse, deadline};

const CHAT: &str = "chat.example.org";
const FILES: &str = "files.example.org";

/// A browser that finds both names here.
fn browser(at: SocketAddr) -> Client {
    let builder = Client::builder().timeout(DEADLINE).no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.resolve(CHAT, at).resolve(FILES, at).build().unwrap()
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

async fn link(browser: &Client, chat: &str, user: &User, file: i64) -> (u16, Value) {
    let asked = browser.post(format!("{chat}/api/files/{file}/link")).bearer_auth(&user.token);
    let answer = deadline(asked.send()).await.unwrap();
    (answer.status().as_u16(), deadline(answer.json()).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn links_to_files_open_at_the_origin_of_files_and_nothing_else_does() {
    let port = free_port().await;
    let (chat, files) = (format!("http://{CHAT}:{port}"), format!("http://{FILES}:{port}"));
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.http = Address::At(format!("127.0.0.1:{port}"));
        config.files_origin = Some(files.parse().unwrap());
    })
    .await;
    let browser = browser(house.address("http"));
    let get = |url: String| {
        let asked = browser.get(url);
        async move { deadline(asked.send()).await.unwrap() }
    };
    let (ada, bob) = (User::enter(&house, "ada").await, User::enter(&house, "bob").await);
    let room = ada.makes("ours alone").await;
    let file = ada.shares(room, "a.html", b"<script>alert(1)</script>").await["id"].as_i64().unwrap();

    let (status, told) = link(&browser, &chat, &ada, file).await;
    let url = told["url"].as_str().unwrap().to_owned();
    assert_eq!((status, &told["success"], &told["expires_in"]), (200, &Value::Bool(true), &300.into()));
    assert!(url.starts_with(&format!("{files}/api/linked/")), "{url}");
    assert_eq!(link(&browser, &chat, &bob, file).await.0, 404, "who is no member gets no link");
    let opened = get(url.clone()).await;
    assert_eq!(opened.headers()["content-type"], "application/octet-stream");
    assert!(opened.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\"a.html\""));
    assert_eq!(opened.headers()["cache-control"], "no-store");
    assert_eq!(deadline(opened.text()).await.unwrap(), "<script>alert(1)</script>");
    let part = deadline(browser.get(&url).header("range", "bytes=0-7").send()).await.unwrap();
    assert_eq!((part.status().as_u16(), deadline(part.text()).await.unwrap().as_str()), (206, "<script>"));

    // The other host knows no links, and this one nothing else.
    assert_eq!(get(url.replace(FILES, CHAT)).await.status(), 404);
    let missing = |answer: Response, path: &str| assert_eq!(answer.status(), 404, "{path}");
    for path in [
        "/",
        "/titan",
        "/page/main.js",
        "/me",
        "/healthz",
        "/openapi.json",
        "/api/files/1",
        "/api/export",
        "/api/repository",
        "/ws/channels/1",
    ] {
        missing(get(format!("{files}{path}")).await, path);
        let at_chat = get(format!("{chat}{path}")).await.status();
        assert!(at_chat != 404 || path == "/ws/channels/1" || path == "/page/main.js", "{path}: {at_chat}");
    }
    for odd in ["x", &ada.token, &url.rsplit('/').next().unwrap().replace('.', "")] {
        missing(get(format!("{files}/api/linked/{odd}")).await, odd);
    }
    let opens = browser.get(format!("{chat}/api/download/7")).header("sec-fetch-mode", "navigate");
    let sent = deadline(opens.send()).await.unwrap();
    assert_eq!(
        (sent.status().as_u16(), &sent.headers()[LOCATION]),
        (303, &format!("{files}/api/download/7").parse().unwrap())
    );
    let there = browser.get(format!("{files}/api/download/7")).header("sec-fetch-mode", "navigate");
    assert_eq!(
        deadline(there.send()).await.unwrap().text().await.unwrap(),
        r#"{"success":false,"error":"App not found"}"#
    );

    // A link is as good as the session it was made by.
    let logout = browser.post(format!("{chat}/api/logout")).bearer_auth(&ada.token);
    assert_eq!(deadline(logout.send()).await.unwrap().status(), 200);
    missing(get(url).await, "after logging out");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_such_an_origin_links_open_where_all_else_is() {
    let house = TestHouse::open().await;
    let ada = User::enter(&house, "ada").await;
    let file = ada.shares(GENERAL, "a.txt", b"hello").await["id"].as_i64().unwrap();
    let told = ada.ok(ada.request(reqwest::Method::POST, &format!("/api/files/{file}/link"))).await;
    let opened = deadline(reqwest::get(format!("{}{}", house.http(), told["url"].as_str().unwrap()))).await.unwrap();
    assert_eq!(deadline(opened.text()).await.unwrap(), "hello");
}
