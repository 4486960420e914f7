//! The Titan-Net door against peers who mean no good, byte by byte where the WebSocket library would help them.

use std::time::Duration;

use crate::support::{TestHouse, deadline};
use crate::titan_net_support::{Client, PASSWORD, client, enter, register};
use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

const GENERAL: i64 = 1;
const MESSAGE_MOST: usize = 65_536;

/// A connection on which every byte is ours to choose.
struct Raw(TcpStream);

impl Raw {
    async fn open(house: &TestHouse) -> Self {
        let mut stream = deadline(TcpStream::connect(house.address("titan-net"))).await.unwrap();
        let request = "GET /x HTTP/1.1\r\nHost: titan\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        deadline(stream.write_all(request.as_bytes())).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(deadline(stream.read_u8()).await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        assert!(head.starts_with("http/1.1 101"), "{head}");
        assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        Self(stream)
    }

    async fn sends(&mut self, bytes: &[u8]) {
        deadline(self.0.write_all(bytes)).await.unwrap();
    }

    /// A frame with a mask of zeros: its first byte says what it is.
    async fn frame(&mut self, first: u8, payload: &[u8]) {
        self.sends(&header(first, payload.len())).await;
        self.sends(payload).await;
    }

    /// The next frame: its opcode and payload. None once the server has ended writing.
    async fn hears(&mut self) -> Option<(u8, Vec<u8>)> {
        let first = deadline(self.0.read_u8()).await.ok()?;
        let length = match deadline(self.0.read_u8()).await.unwrap() {
            126 => deadline(self.0.read_u16()).await.unwrap() as usize,
            127 => deadline(self.0.read_u64()).await.unwrap() as usize,
            length => length as usize,
        };
        let mut payload = vec![0; length];
        deadline(self.0.read_exact(&mut payload)).await.unwrap();
        Some((first & 0x0f, payload))
    }

    async fn is_told(&mut self) -> Value {
        let (opcode, payload) = self.hears().await.expect("the server closed");
        assert_eq!(opcode, 1);
        serde_json::from_slice(&payload).unwrap()
    }

    /// The close frame's code, and that the stream then ends without a reset.
    async fn is_closed(&mut self) -> u16 {
        loop {
            let (opcode, payload) = self.hears().await.expect("the server closed without a word");
            if opcode == 8 {
                assert_eq!(deadline(self.0.read(&mut [0; 16])).await.unwrap(), 0);
                return u16::from_be_bytes([payload[0], payload[1]]);
            }
        }
    }
}

fn header(first: u8, length: usize) -> Vec<u8> {
    let mut header = vec![first];
    match length {
        0..126 => header.push(0x80 | length as u8),
        126..65_536 => {
            header.push(0x80 | 126);
            header.extend((length as u16).to_be_bytes());
        }
        _ => {
            header.push(0x80 | 127);
            header.extend((length as u64).to_be_bytes());
        }
    }
    header.extend([0; 4]);
    header
}

async fn still_answers(client: &mut Client) {
    client.ask(json!({"type": "ping"}), "pong").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_as_text_is_answered() {
    let house = TestHouse::open().await;
    let mut eve = enter(&house, "eve").await;
    let deep =
        format!("{{\"type\":\"voice_signal\",\"room_id\":1,\"signal\":{}1{}}}", "[".repeat(30_000), "]".repeat(30_000));
    for text in [
        "",
        "not json",
        "null",
        "[]",
        "\"login\"",
        "{\"type\":\"ping\"} trailing",
        "{\"type\":\"room_message\",\"room_id\":1e999,\"message\":\"x\"}",
        "{\"type\":\"room_message\",\"room_id\":1,\"message\":\"\\ud800\"}",
        "{\"type\":\"room_message\",\"room_id\":NaN,\"message\":\"x\"}",
        "{\"type\":\"get_room_messages\",\"room_id\":-9223372036854775808}",
        "{\"type\":\"get_messages\",\"user_id\":18446744073709551615}",
        "{\"type\":{\"type\":\"ping\"}}",
        "{\"type\":\"\\u0000\"}",
        "\u{feff}{\"type\":\"ping\"}",
        &deep,
        &"[".repeat(60_000),
    ] {
        eve.says_raw(text).await;
        let error = eve.hears("error").await;
        assert!(!error["error"].as_str().unwrap().is_empty(), "{text:.80}");
    }
    eve.says_raw("{\"type\":\"get_rooms\",\"type\":\"ping\"}").await;
    eve.hears("pong").await;
    deadline(eve.socket.send(Message::binary(vec![0xff; 100]))).await.unwrap();
    eve.hears("error").await;
    still_answers(&mut eve).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_arrives_as_it_was_written() {
    let house = TestHouse::open().await;
    let (mut ada, mut eve) = (enter(&house, "ada").await, enter(&house, "eve").await);
    let hostile = "a\0\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}gpj\u{200b}\u{e0041}\u{7f}\r\nb";
    let kept = hostile.replace('\0', "␀");
    eve.says(json!({"type": "room_message", "room_id": GENERAL, "message": hostile})).await;
    assert_eq!(ada.hears("room_message").await["message"], kept);
    eve.says(json!({"type": "private_message", "recipient_id": ada.id, "message": hostile})).await;
    assert_eq!(ada.hears("private_message").await["message"], kept);
    let refused = eve.ask(json!({"type": "create_room", "name": "a\u{1b}[2Jb"}), "room_created").await;
    assert_eq!(refused["success"], false);
    let refused = eve.ask(json!({"type": "register", "username": "x\0", "password": "x"}), "register_response").await;
    assert_eq!(refused["success"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_the_longest_length_is_taken_and_one_byte_more_is_told_so() {
    let house = TestHouse::open().await;
    let mut raw = Raw::open(&house).await;
    raw.frame(0x81, &vec![b' '; MESSAGE_MOST]).await;
    assert!(raw.is_told().await["error"].as_str().unwrap().starts_with("Not JSON"));
    raw.frame(0x81, &vec![b' '; MESSAGE_MOST + 1]).await;
    assert!(raw.is_told().await["error"].as_str().unwrap().contains("65536"));
    assert_eq!(raw.is_closed().await, 1009);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_close_frame_reaches_a_peer_who_is_still_sending() {
    let house = TestHouse::open().await;
    let mut raw = Raw::open(&house).await;
    raw.sends(&header(0x81, 3_000_000)).await;
    raw.sends(&vec![b'x'; 3_000_000]).await;
    assert_eq!(raw.is_closed().await, 1009);
    for length in [1_usize << 31, (1 << 63) - 1, usize::MAX] {
        let mut raw = Raw::open(&house).await;
        raw.sends(&header(0x81, length)).await;
        assert_eq!(raw.is_closed().await, 1009);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fragments_are_put_together_within_the_same_bound() {
    let house = TestHouse::open().await;
    let mut raw = Raw::open(&house).await;
    raw.frame(0x01, b"{\"type\":").await;
    for _ in 0..10_000 {
        raw.frame(0x00, b"").await;
    }
    raw.frame(0x89, b"alive?").await;
    raw.frame(0x80, b"\"ping\"}").await;
    assert_eq!(raw.hears().await.unwrap(), (10, b"alive?".to_vec()));
    assert_eq!(raw.is_told().await["error"], "Not authenticated");

    raw.frame(0x01, &vec![b' '; 40_000]).await;
    raw.frame(0x80, &vec![b' '; 40_000]).await;
    assert_eq!(raw.is_closed().await, 1009);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_keep_to_the_websocket_protocol_is_told_so() {
    let house = TestHouse::open().await;
    let unmasked: &[u8] = b"\x81\x02{}";
    let reserved_bits: &[u8] = b"\xf1\x82\0\0\0\0{}";
    let unknown_opcode: &[u8] = b"\x83\x82\0\0\0\0{}";
    let continuing_nothing: &[u8] = b"\x80\x82\0\0\0\0{}";
    let long_ping = [&header(0x89, 126)[..], &[0; 126]].concat();
    for bytes in [unmasked, reserved_bits, unknown_opcode, continuing_nothing, &long_ping] {
        let mut raw = Raw::open(&house).await;
        raw.sends(bytes).await;
        assert_eq!(raw.is_closed().await, 1002, "{bytes:?}");
    }
    let mut raw = Raw::open(&house).await;
    raw.frame(0x81, b"\xff\xfe").await;
    assert_eq!(raw.is_closed().await, 1007);
    let mut raw = Raw::open(&house).await;
    raw.frame(0x88, &1000_u16.to_be_bytes()).await;
    assert_eq!(raw.is_closed().await, 1000, "a close is answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_request_is_told_what_this_door_is() {
    let house = TestHouse::open().await;
    for path in ["", "/api/apps", "/titan"] {
        let url = format!("http://{}{path}", house.address("titan-net"));
        let answer = deadline(reqwest::get(url)).await.unwrap();
        assert_eq!(answer.status(), 426);
        assert_eq!(answer.headers()["upgrade"], "websocket");
        assert!(answer.text().await.unwrap().contains("WebSocket"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_nothing_costs_the_others_nothing_and_misses_nothing() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (enter(&house, "ada").await, enter(&house, "bob").await);
    let mut slow = enter(&house, "slow").await;
    let text = "x".repeat(15_000);
    const MESSAGES: usize = 600;
    for number in 0..MESSAGES {
        ada.says(json!({"type": "room_message", "room_id": GENERAL, "message": format!("{number} {text}")})).await;
        let wanted = format!("{number} ");
        assert!(bob.hears("room_message").await["message"].as_str().unwrap().starts_with(&wanted));
        ada.hears("room_message").await;
    }
    for number in 0..MESSAGES {
        let wanted = format!("{number} ");
        assert!(slow.hears("room_message").await["message"].as_str().unwrap().starts_with(&wanted));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_done_though_its_sender_has_gone() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (enter(&house, "ada").await, enter(&house, "bob").await);
    for number in 0..20 {
        let room = format!("Lab {number}");
        let created = ada.ask(json!({"type": "create_room", "name": room}), "room_created").await;
        let mut gone = bob.again(&house).await;
        gone.says(json!({"type": "join_room", "room_id": created["room_id"]})).await;
        gone.says(json!({"type": "leave_room", "room_id": created["room_id"]})).await;
        drop(gone);
    }
    // Whatever was begun, the hall and the store agree about who is where.
    bob.heard_by_now().await;
    let rooms = ada.ask(json!({"type": "get_rooms"}), "rooms_list").await;
    for room in &rooms["rooms"].as_array().unwrap()[1..] {
        let join = json!({"type": "join_room", "room_id": room["id"]});
        bob.ask(join, "room_joined").await;
        bob.says(json!({"type": "room_message", "room_id": room["id"], "message": "here"})).await;
        bob.hears("room_message").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_unread_histories_is_written_one_at_a_time() {
    let house = TestHouse::open().await;
    let mut ada = enter(&house, "ada").await;
    let text = "ü".repeat(16_000);
    for _ in 0..60 {
        ada.says(json!({"type": "room_message", "room_id": GENERAL, "message": text})).await;
        ada.hears("room_message").await;
    }
    for _ in 0..12 {
        ada.says(json!({"type": "get_room_messages", "room_id": GENERAL, "limit": 500})).await;
    }
    for _ in 0..12 {
        let fetched = ada.hears("room_messages").await;
        let length = fetched.to_string().len();
        assert!((900_000..1_048_576).contains(&length), "{length}: full, and within the original clients' 1 MiB");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_in_the_hundreds_are_answered() {
    let house = TestHouse::open().await;
    let mut strangers = Vec::new();
    for _ in 0..200 {
        strangers.push(client(&house).await);
    }
    for stranger in &mut strangers {
        assert_eq!(stranger.error(json!({"type": "ping"})).await, "Not authenticated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_shut_out_while_logging_in_does_not_slip_through() {
    let house = TestHouse::open().await;
    let login = |name: &str| json!({"type": "login", "username": name, "password": PASSWORD});
    for round in 0..8_u64 {
        let name = format!("eve{round}");
        register(&house, &name).await;
        let mut eve = client(&house).await;
        eve.says(login(&name)).await;
        tokio::time::sleep(Duration::from_millis(round * 15)).await;
        let operator = house.server.as_ref().unwrap().hub.operator();
        if round % 2 == 0 {
            operator.ban(&name, "noise").await.unwrap();
        } else {
            operator.reset_password(&name, "another-password".into(), false).await.unwrap();
        }
        let reply = eve.hears("login_response").await;
        if reply["success"] == true {
            eve.is_closed().await;
            let mut native = house.native().await;
            let token = reply["session_id"].clone();
            native.fault(json!({"do": "authenticate", "token": token})).await;
        }
    }
}
