//! Connections, from their first word to what is left of them: who says nothing, or too little, is shown out at every door in
//! its own words, many of them keep nobody else out, and sessions that nobody can come back to end with them.

use crate::support;
use crate::support::process;
use crate::tls_support;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use crate::support::{TestHouse, deadline};
use serde_json::json;
use titan_server::config::{Address, Config};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HANDSHAKE: &str = "GET /titan HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const PREFACE: &str = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

fn every_door(config: &mut Config) {
    config.limits = false;
    config.silence = Duration::from_millis(500);
    for door in [&mut config.json_lines, &mut config.slash, &mut config.tls_frames, &mut config.reset_site] {
        *door = Address::local(0);
    }
}

async fn house() -> TestHouse {
    TestHouse::open_with(every_door).await
}

async fn connect(address: SocketAddr) -> TcpStream {
    deadline(TcpStream::connect(address)).await.unwrap()
}

/// All that comes until the other side closes.
async fn rest(mut stream: impl AsyncRead + Unpin) -> String {
    let mut read = Vec::new();
    let _ = deadline(stream.read_to_end(&mut read)).await;
    String::from_utf8_lossy(&read).into_owned()
}

async fn after(address: SocketAddr, sent: &str) -> String {
    let mut stream = connect(address).await;
    stream.write_all(sent.as_bytes()).await.unwrap();
    rest(stream).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_is_shown_out_at_every_door_in_its_own_words() {
    let house = house().await;
    let late = "HTTP/1.1 408 Request Timeout";
    for (door, sent, said) in [
        ("http", "", late),
        ("titan-net", "", late),
        ("http", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Never", late),
        ("http", HANDSHAKE, "nothing was asked here in time"),
        ("titan-net", HANDSHAKE, "nothing was asked here in time"),
        ("json-lines", "", r#"{"type":"error","message":"Nobody logged in here in time"}"#),
        ("json-lines", "{\"type\":", r#"{"type":"error","message":"Nobody logged in here in time"}"#),
        ("slash", "", "Nobody logged in here in time."),
        ("http", PREFACE, ""),
        ("tls-frames", "", ""),
        ("reset-site", "", ""),
    ] {
        let heard = after(house.address(door), sent).await;
        assert!(heard.contains(said), "{door} said {heard:?} after {sent:?}");
    }
    let versions = [&rustls::version::TLS13];
    let at = |door| tls_support::Client::connect(house.address(door), &versions);
    assert!(rest(at("tls-frames").await.stream).await.contains("Nobody logged in here in time."));
    assert!(rest(at("reset-site").await.stream).await.starts_with(late));
}

/// One byte at a time is no request, however many come.
#[tokio::test(flavor = "multi_thread")]
async fn who_drips_a_head_or_a_line_is_shown_out_too() {
    let house = house().await;
    for (door, said) in [("http", "408"), ("json-lines", "in time")] {
        let (read, mut write) = connect(house.address(door)).await.into_split();
        let dripping = tokio::spawn(async move {
            while write.write_all(b"G").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        let heard = rest(read).await;
        assert!(heard.contains(said), "{door} said {heard:?}");
        dripping.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_answered_may_rest_for_longer_than_a_newcomer() {
    let house = house().await;
    let mut stream = connect(house.address("http")).await;
    for _ in 0..2 {
        stream.write_all(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        deadline(stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 404");
        while !String::from_utf8_lossy(&read_some(&mut stream).await).ends_with("address.\n") {}
        // A silent newcomer comes and goes meanwhile.
        assert!(after(house.address("http"), "").await.contains("408"));
    }
}

async fn read_some(stream: &mut TcpStream) -> Vec<u8> {
    let mut some = vec![0; 4_096];
    let read = deadline(stream.read(&mut some)).await.unwrap();
    assert!(read > 0, "it was closed");
    some.truncate(read);
    some
}

/// A house that may have few files open, with these settings beside.
fn small_house(folder: &std::path::Path, files: u32, more: &[&str]) -> process::Running {
    let mut command = std::process::Command::new("sh");
    command.arg("-c").arg(format!("ulimit -n {files}; exec \"$0\" \"$@\"")).arg(env!("CARGO_BIN_EXE_titan-server"));
    command.args(["serve", "--data-dir", folder.to_str().unwrap(), "--http", "127.0.0.1:0", "--titan-net", "off"]);
    command.args(["--json-lines", "127.0.0.1:0"]).args(more);
    process::Running::run(command.stdin(Stdio::null()).stdout(Stdio::piped()))
}

const ASK: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn many_who_say_nothing_keep_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let server = small_house(folder.path(), 256, &["--limits", "off", "--silence-s", "3600"]);
    let mut existing = support::Native::connect(server.address("http")).await;
    existing.ok(json!({"do": "register", "username": "ada", "password": "secret-password"})).await;
    existing.login("ada", "secret-password").await;
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(connect(server.address("http")).await);
    }
    assert!(after(server.address("http"), ASK).await.starts_with("HTTP/1.1 200"));
    existing.says(1, "I am still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_to_a_full_house_is_told_so_in_the_doors_words_and_who_is_in_stays() {
    let folder = tempfile::tempdir().unwrap();
    let server = small_house(folder.path(), 256, &["--limits", "off"]);
    let mut existing = support::Native::connect(server.address("http")).await;
    existing.ok(json!({"do": "register", "username": "ada", "password": "secret-password"})).await;
    existing.login("ada", "secret-password").await;
    let mut talking = Vec::new();
    let full = loop {
        let mut stream = connect(server.address("json-lines")).await;
        stream.write_all(b"hello\n").await.unwrap();
        let said = String::from_utf8(read_some(&mut stream).await).unwrap();
        if said.contains("as many connections as it can hold") {
            break said;
        }
        talking.push(stream);
        assert!(talking.len() < 256);
    };
    assert!(full.starts_with(r#"{"type":"error""#), "{full}");
    let answer = after(server.address("http"), ASK).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after"), "{answer}");
    existing.says(1, "I am still here").await;
    drop(talking);
    // Their places are free once their ends have been seen.
    while !after(server.address("http"), ASK).await.starts_with("HTTP/1.1 200") {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_has_no_more_connections_through_a_proxy_than_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let server = small_house(folder.path(), 256, &["--trusted-proxies", "127.0.0.1"]);
    let from = |visitor: &str| HANDSHAKE.replace("Host: x", &format!("Host: x\r\nX-Forwarded-For: {visitor}"));
    let mut sockets = Vec::new();
    let refused = loop {
        let mut stream = connect(server.address("http")).await;
        stream.write_all(from(&format!("2001:db8::{:x}", sockets.len() + 1)).as_bytes()).await.unwrap();
        let answer = String::from_utf8_lossy(&read_some(&mut stream).await).into_owned();
        if !answer.starts_with("HTTP/1.1 101") {
            break answer;
        }
        sockets.push(stream);
        assert!(sockets.len() < 200);
    };
    assert!(refused.starts_with("HTTP/1.1 429") && refused.contains("retry-after"), "{refused}");
    assert!(after(server.address("http"), ASK).await.starts_with("HTTP/1.1 200"), "the proxy's others are served");
    let mut another = connect(server.address("http")).await;
    another.write_all(from("2001:db8:0:1::1").as_bytes()).await.unwrap();
    assert!(read_some(&mut another).await.starts_with(b"HTTP/1.1 101"));
}

/// Logs in at the doors of lines, by the account's password.
async fn enters_by_lines(server: &process::Running) -> Vec<TcpStream> {
    let mut in_it = Vec::new();
    for (door, sent, said) in [
        ("json-lines", "{\"type\":\"login\",\"username\":\"ada\",\"password\":\"secret-password\"}\n", "success"),
        ("slash", "/login ada secret-password\n", "Login successful"),
    ] {
        let mut stream = connect(server.address(door)).await;
        stream.write_all(sent.as_bytes()).await.unwrap();
        while !String::from_utf8_lossy(&read_some(&mut stream).await).contains(said) {}
        in_it.push(stream);
    }
    in_it
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_nobody_can_come_back_to_are_gone_after_a_kill_and_others_stand() {
    let folder = tempfile::tempdir().unwrap();
    let start =
        || process::Running::serve_with(folder.path(), &["--json-lines", "127.0.0.1:0", "--slash", "127.0.0.1:0"]);
    let doors = || {
        let database = rusqlite::Connection::open(folder.path().join("titan.db")).unwrap();
        let mut rows = database.prepare("SELECT door FROM sessions ORDER BY door").unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().collect::<Result<Vec<String>, _>>().unwrap()
    };
    let mut server = start();
    let mut ada = support::Native::connect(server.address("http")).await;
    ada.ok(json!({"do": "register", "username": "ada", "password": "secret-password"})).await;
    ada.login("ada", "secret-password").await;
    let _in_it = enters_by_lines(&server).await;
    assert_eq!(doors(), ["json_lines", "native", "slash"]);
    server.kill();
    let server = start();
    assert_eq!(doors(), ["native"]);
    let mut again = support::Native::connect(server.address("http")).await;
    again.ok(json!({"do": "authenticate", "token": ada.token})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_tls_frames_ends_with_its_connection() {
    let house = house().await;
    let client = tls_support::enter(&house, "ada").await;
    let sessions = || house.number("SELECT count(*) FROM sessions");
    assert_eq!(sessions(), 1);
    drop(client);
    deadline(async {
        while sessions() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
