//! The TLS-frames door, as nobody's clients use it.

use crate::support::deadline;
use crate::tls_support::*;
use serde_json::{Value, json};
use titan_core::GENERAL;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What the one `ERR` says that comes before the server closes.
async fn broken_by(client: &mut Client, bytes: &[u8]) -> String {
    client.heard_by_now().await;
    client.send_raw(bytes).await;
    let said: Vec<(u8, Value)> = client.is_closed().await.into_iter().filter(|(kind, _)| *kind != LIS).collect();
    let [(ERR, said)] = &said[..] else { panic!("{bytes:?} was answered {said:?}") };
    said["msg"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_no_frame_is_told_and_ends_the_connection() {
    let house = house().await;
    enter(&house, "ada").await;
    let valid = frame(MSG, &json!({"reciever": "ada", "msg": "hi"}));
    let cases: Vec<(Vec<u8>, &str)> = vec![
        ([&[0x03], &valid[1..]].concat(), "version"),
        ([&[0x83], &valid[1..]].concat(), "version"),
        (vec![0xff], "version"),
        (raw(0x40 | 14, b"{}"), "type 14"),
        (vec![0x7f], "type 63"),
        (raw(0x40 | MSG, b""), "JSON object"),
        (raw(0x40 | DEL, b""), "JSON object"),
        (raw(0x40 | MSG, b"{"), "MSG"),
        (raw(0x40 | MSG, b"[\"ada\",\"hi\"]"), "JSON object"),
        (raw(0x40 | MSG, b"{\"reciever\":\"ada\",\"msg\":\"\xff\"}"), "MSG"),
        (raw(0x40 | MSG, b"{\"reciever\":\"ada\",\"msg\":\"\\ud800\"}"), "MSG"),
        (raw(0x40 | MSG, b"{\"msg\":\"hi\"}"), "missing field `reciever`"),
        (raw(0x40 | MSG, b"{\"reciever\":1e999}"), "MSG"),
        (raw(0x40 | CHP, b"{}"), "missing field `password`"),
        (raw(0x40 | CHM, b"{\"email\":null}"), "expected a string"),
        (raw(0x40 | LOG, b"{\"login\":\"ada\"}"), "missing field `password`"),
        (raw(0x40 | REG, b"{\"login\":\"ada\",\"password\":\"x\"}"), "missing field `email`"),
        (raw(0x40 | FRP, b"{}"), "missing field `login`"),
        (raw(0x40 | UPD, format!("{{\"reciever\":{}", "[".repeat(60_000)).as_bytes()), "UPD"),
        (raw(0x40 | MSG, "[".repeat(65_535).as_bytes()), "JSON object"),
        (raw(0x40 | MSG, &[0; 65_535]), "JSON object"),
    ];
    for (bytes, told) in cases {
        for mut client in [client(&house).await, enter_again(&house, "ada").await] {
            let said = broken_by(&mut client, &bytes).await;
            assert!(said.contains(told), "{told}: {said}");
        }
    }
    let mut after = enter_again(&house, "ada").await;
    after.shows("ada").await;
    assert!(!after.heard_by_now().await.iter().any(|(kind, _)| *kind == HIS), "none of it was said");
}

#[tokio::test]
async fn what_was_asked_before_the_mistake_is_done_and_what_comes_after_is_not() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    let says = |text: &str| frame(MSG, &json!({"reciever": "ada", "msg": text}));
    ada.send_raw(&[says("before"), vec![0x00], says("after")].concat()).await;
    assert_eq!(ada.is_closed().await.last().unwrap().0, ERR);
    let mut again = enter_again(&house, "ada").await;
    again.shows("ada").await;
    assert_eq!(again.sees("before").await.len(), 1);
}

#[tokio::test]
async fn a_frame_may_come_byte_by_byte_and_half_a_frame_is_nothing() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    for byte in
        [frame(UPD, &json!({"reciever": "ada"})), frame(MSG, &json!({"reciever": "ada", "msg": "slowly"}))].concat()
    {
        ada.send_raw(&[byte]).await;
    }
    ada.sees("slowly").await;
    let half = frame(MSG, &json!({"reciever": "ada", "msg": "never said"}));
    for cut in [1, 2, 3, half.len() - 1] {
        let mut client = enter_again(&house, "ada").await;
        client.send_raw(&half[..cut]).await;
        client.stream.shutdown().await.unwrap();
        assert!(client.is_closed().await.iter().all(|(kind, _)| *kind != ERR));
    }
    ada.says("ada", "after all").await;
    assert_eq!(ada.sees("after all").await.len(), 2);
}

#[tokio::test]
async fn the_longest_frame_is_taken() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    ada.shows("ada").await;
    let payload = json!({"reciever": "ada", "msg": "all of it"}).to_string();
    let padded = payload.replace("\"msg\"", &format!("{}\"msg\"", " ".repeat(65_535 - payload.len())));
    ada.send_raw(&raw(0x40 | MSG, padded.as_bytes())).await;
    ada.sees("all of it").await;
    // What comes back fits one record of TLS.
    ada.says("ada", &"😀".repeat(15_900)).await;
    assert_eq!(ada.sees("😀…").await.len(), 1);
}

#[tokio::test]
async fn nobodys_words_look_like_anothers() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    let mut bob = house.enter("bob").await;
    ada.shows("#general").await;
    bob.says(GENERAL.0, "one\n[2026-11-20T09:46:19] ada: two\u{1b}[31m\u{202e}\u{0}\r\nthree").await;
    let seen = ada.sees("three").await;
    assert!(
        seen.len() == 1 && seen[0].ends_with("bob: one [2026-11-20T09:46:19] ada: two␛[31m‹U+202E›␀ three"),
        "{seen:?}"
    );
}

#[tokio::test]
async fn hostile_recievers_are_refused_and_cost_nothing() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    for name in [
        "",
        "#",
        "##",
        "nobody",
        "../../etc/passwd",
        "' OR 1=1 --",
        "\u{0}",
        "ada\u{0}",
        "#\u{1b}[2J",
        &"x".repeat(60_000),
    ] {
        for (kind, payload) in [(UPD, json!({"reciever": name})), (MSG, json!({"reciever": name, "msg": "hi"}))] {
            let said = ada.refused(kind, payload).await;
            assert!(!said.is_empty() && said.len() < 3_000 && !said.contains('\u{1b}'), "{said}");
        }
    }
    ada.shows("ada").await;
    ada.says("ada", "still here").await;
    ada.sees("still here").await;
}

#[tokio::test]
async fn what_is_no_tls_is_dropped_and_the_door_stays_open() {
    let house = house().await;
    for bytes in [&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], &frame(LOG, &json!({})), &[0; 5], &[0xff; 20_000]] {
        let mut stream = TcpStream::connect(house.address("tls-frames")).await.unwrap();
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut rest = Vec::new();
        let _ = deadline(stream.read_to_end(&mut rest)).await;
    }
    enter(&house, "ada").await;
}

#[tokio::test]
async fn a_reader_who_reads_nothing_keeps_nobody_waiting() {
    let house = house().await;
    let mut sleeper = enter(&house, "sleeper").await;
    sleeper.shows("#general").await;
    let mut bob = house.enter("bob").await;
    let mut ada = enter(&house, "ada").await;
    ada.shows("#general").await;
    for number in 0..300 {
        bob.says(GENERAL.0, &format!("{number} {}", "x".repeat(2_000))).await;
    }
    bob.says(GENERAL.0, "the end").await;
    ada.sees("bob: the end").await;
    sleeper.sees("bob: the end").await;
}
