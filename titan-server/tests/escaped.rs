//! A message of the longest length arrives at every door that takes it, however its client escapes what it sends.

use crate::support::{TestHouse, deadline};
use crate::titan_net_support;
use serde_json::{Value, json};
use titan_server::config::Address;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const GENERAL: i64 = 1;
const MOST: usize = 16_000;

/// What JSON writers that keep to ASCII make of a request: twelve bytes of each of these letters.
fn escaped(request: &Value) -> String {
    let mut written = String::new();
    for c in request.to_string().chars() {
        match c.is_ascii() {
            true => written.push(c),
            false => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| written.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    written
}

fn longest() -> String {
    "𠀀".repeat(MOST)
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_native_door() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let post = json!({"id": 1_000, "do": "post", "conversation": GENERAL, "text": longest()});
    ada.send_raw(&escaped(&post)).await;
    assert!(ada.answer(1_000).await["ok"].is_object());
    bob.hears_text(&longest()).await;
    let edit = json!({"id": 1_001, "do": "edit", "conversation": GENERAL, "seq": 1, "text": longest() + "x"});
    ada.send_raw(&escaped(&edit)).await;
    assert!(
        ada.answer(1_001).await["error"]["message"].as_str().unwrap().contains("16000"),
        "one more is told in words"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn at_titan_nets() {
    let house = TestHouse::open().await;
    let mut ada = titan_net_support::enter(&house, "ada").await;
    let mut bob = house.enter("bob").await;
    let says = json!({"type": "room_message", "room_id": GENERAL, "message": longest()});
    ada.says_raw(&escaped(&says)).await;
    bob.hears_text(&longest()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_door_of_json_lines() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.json_lines = Address::local(0);
    })
    .await;
    let mut bob = house.enter("bob").await;
    let stream = deadline(TcpStream::connect(house.address("json-lines"))).await.unwrap();
    let (reading, mut writing) = stream.into_split();
    let mut replies = BufReader::new(reading).lines();
    let login = json!({"username": "ada", "password": "secret-password"});
    for (kind, more) in
        [("register", &login), ("login", &login), ("send_message", &json!({"sender": "ada", "message": longest()}))]
    {
        let mut request = more.clone();
        request["type"] = kind.into();
        writing.write_all((escaped(&request) + "\n").as_bytes()).await.unwrap();
        let reply = deadline(replies.next_line()).await.unwrap().unwrap();
        assert!(!reply.contains("\"error\""), "{reply}");
    }
    bob.hears_text(&longest()).await;
}
