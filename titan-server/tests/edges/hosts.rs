//! Hosts and origins: a request says which host it means, and pages of other sites don't get in at any socket.

use std::net::SocketAddr;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::channels_support::User;
use crate::support::{TestHouse, deadline};

/// The status that a request, written as it stands, is answered with.
pub async fn status(address: SocketAddr, request: &str) -> u16 {
    answer(address, request).await.split(' ').nth(1).unwrap().parse().unwrap()
}

pub async fn answer(address: SocketAddr, request: &str) -> String {
    let mut stream = deadline(TcpStream::connect(address)).await.unwrap();
    deadline(stream.write_all(request.as_bytes())).await.unwrap();
    let mut heard = Vec::new();
    deadline(stream.read_to_end(&mut heard)).await.unwrap();
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_says_once_and_well_which_host_it_means() {
    let house = TestHouse::open().await;
    for (door, fine) in [("http", 200), ("titan-net", 426)] {
        let ask = |version: &str, hosts: &str| {
            let request = format!("GET /healthz HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n");
            let address = house.address(door);
            async move { status(address, &request).await }
        };
        assert_eq!(ask("1.1", "Host: chat.example.org:8000\r\n").await, fine, "{door}");
        assert_eq!(ask("1.0", "").await, fine, "{door}: older than the rule");
        for hosts in ["", "Host: a.example\r\nHost: b.example\r\n", "Host: a b\r\n", "Host: \r\n", "Host: a:99999\r\n"]
        {
            assert_eq!(ask("1.1", hosts).await, 400, "{door}: {hosts:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_get_in_at_no_socket() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        let origins = "https://friend.example".parse().unwrap();
        config.public = titan_server::config::Public { url: None, origins }.into();
    })
    .await;
    let ada = User::enter(&house, "ada").await;
    let (http, titan_net) = (house.address("http"), house.address("titan-net"));
    let of_channels = format!("ws://{http}/ws/channels/1?token={}", ada.token);
    for (url, at) in
        [(format!("ws://{http}/titan"), http), (of_channels, http), (format!("ws://{titan_net}/"), titan_net)]
    {
        let own = format!("HTTP://{at}");
        for origin in [None, Some(own.as_str()), Some("https://Friend.example:443")] {
            assert_eq!(opens(&url, origin).await, 101, "{url} {origin:?}");
        }
        for foreign in ["https://evil.example", "null", &format!("https://{at}.evil.example"), "http://127.0.0.1:1"] {
            assert_eq!(opens(&url, Some(foreign)).await, 403, "{url} {foreign}");
        }
    }
}

async fn opens(url: &str, origin: Option<&str>) -> u16 {
    let mut request = url.into_client_request().unwrap();
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().unwrap());
    }
    match deadline(tokio_tungstenite::connect_async(request)).await {
        Ok((_, response)) => response.status().as_u16(),
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_for_a_new_password_comes_over_the_operators_socket() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.reset_site = titan_server::config::Address::local(0);
    })
    .await;
    house.enter("ada").await;
    let operator = house.server.as_ref().unwrap().hub.operator();
    let (token, link) = operator.reset_link("ada").await.unwrap();
    let port = house.address("reset-site").port();
    assert_eq!(link.unwrap(), format!("https://localhost:{port}/reset/{}", token.reveal()));
    let mut guest = house.native().await;
    guest.ok(json!({"do": "reset_password", "token": token.reveal(), "password": "another password"})).await;
    guest.login("ada", "another password").await;
    assert!(operator.reset_link("nobody").await.is_err());
}
