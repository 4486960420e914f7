//! The PROXY protocol: a trusted proxy names who is behind it at every door, and nobody else does.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use rustls::version::TLS13;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use crate::edges::hosts::answer;
use crate::support::{TestHouse, deadline};
use crate::tls_support;

const DOORS: [&str; 5] = ["http", "titan-net", "json-lines", "slash", "tls-frames"];
const HERE: &[u8] = b"PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n";

async fn house(trusted: &str) -> TestHouse {
    let trusted = trusted.parse().unwrap();
    tls_support::house_with(|config| {
        config.json_lines = titan_server::config::Address::local(0);
        config.slash = titan_server::config::Address::local(0);
        config.trusted_proxies = trusted;
        config.proxy_protocol = true;
    })
    .await
}

/// Version 2, with something behind the addresses that is to be skipped.
fn second(address: [u8; 4]) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x11".to_vec();
    header.extend(address);
    header.extend([192, 0, 2, 1, 0x12, 0x67, 1, 0xbb]);
    header.extend([0x04, 0, 2, 1, 2]);
    header
}

/// A proxy before a door, which says this first, in two pieces.
async fn proxy(door: SocketAddr, header: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let header = header.clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(door).await.unwrap();
                server.set_nodelay(true).unwrap();
                let (first, second) = header.split_at(header.len() / 2);
                for piece in [first, second] {
                    server.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    address
}

/// What somebody who logs in there is told.
async fn told(door: &str, at: SocketAddr) -> String {
    let login = json!({"type": "login", "username": "ada", "password": "secret-password"});
    match door {
        "http" => {
            let body = login.to_string();
            let length = body.len();
            let head = "POST /api/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json";
            answer(at, &format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}")).await
        }
        "titan-net" => {
            let (mut socket, _) = deadline(tokio_tungstenite::connect_async(format!("ws://{at}/"))).await.unwrap();
            deadline(socket.send(Message::text(login.to_string()))).await.unwrap();
            deadline(socket.next()).await.unwrap().unwrap().to_string()
        }
        "json-lines" => says(at, &format!("{login}\n"), "\n").await,
        "slash" => says(at, "/login ada secret-password\n", "ogin successful").await,
        _ => {
            let mut client = tls_support::Client::connect(at, &[&TLS13]).await;
            client.send(tls_support::LOG, json!({"login": "ada", "password": "X"})).await;
            client.next().await.1.to_string()
        }
    }
}

/// All that is heard after something was said, until it holds this or tells of a ban.
async fn says(at: SocketAddr, text: &str, until: &str) -> String {
    let mut stream = deadline(TcpStream::connect(at)).await.unwrap();
    deadline(stream.write_all(text.as_bytes())).await.unwrap();
    let mut heard = Vec::new();
    loop {
        let read = deadline(stream.read_buf(&mut heard)).await.unwrap();
        let said = String::from_utf8_lossy(&heard);
        if read == 0 || said.contains(until) || said.contains("banned") {
            return said.into_owned();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_says_at_every_door_who_is_behind_it() {
    let house = house("loopback").await;
    let hub = house.server.as_ref().unwrap().hub.clone();
    let registering = titan_server::hub::Registration::new("ada", "secret-password");
    let here = titan_server::hub::Visitor::new("native", "192.0.2.9".parse().unwrap());
    hub.register(&here, registering).await.unwrap();
    hub.operator().ban_network("203.0.113.0/24".parse().unwrap(), "").await.unwrap();
    for door in DOORS {
        for (header, banned) in [
            (HERE.to_vec(), true),
            (second([203, 0, 113, 7]), true),
            (second([198, 51, 100, 7]), false),
            (b"PROXY TCP4 198.51.100.7 192.0.2.1 4711 443\r\n".to_vec(), false),
            (b"PROXY UNKNOWN\r\n".to_vec(), false),
        ] {
            let said = told(door, proxy(house.address(door), header.clone()).await).await;
            assert_eq!(said.contains("banned"), banned, "{door} {}: {said}", String::from_utf8_lossy(&header));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_says_nothing_is_told_and_nobody_else_is_believed() {
    let (strict, other) = (house("loopback").await, house("192.0.2.1").await);
    for door in DOORS {
        for silent in
            ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "PROXY TCP4 203.0.113.7\r\n\r\n\r\n", "{}\n{}\n{}\n{}\n{}\n{}\n"]
        {
            let said = answer(strict.address(door), silent).await;
            assert!(said.starts_with("This port expects the PROXY protocol"), "{door}: {said}");
        }
    }
    let header = String::from_utf8(HERE.to_vec()).unwrap();
    let said = answer(other.address("http"), &format!("{header}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")).await;
    assert!(said.starts_with("HTTP/1.1 400"), "{said}");
    let said = says(other.address("json-lines"), &header, "\n").await;
    assert!(said.contains("error"), "{said}");
    let said = says(other.address("slash"), &format!("{header}/nothing\n"), "/login").await;
    assert!(said.contains("/login"), "{said}");
}
