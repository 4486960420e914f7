//! The TLS-frames server: passwords hashed by its clients, histories of two people.

use rustls::version;
use serde_json::json;

use crate::import_older::land::{Land, conversation, enter, enter_again, log, on_both_stores};
use crate::tls_support::{Client, UPD, hashed};

pub fn land() -> Land {
    let (ada, bob) = (hashed("ada-password", &[7; 32]), hashed("bob-password", &[200; 32]));
    Land::new(
        "tls-frames",
        &format!(
            "CREATE TABLE user (id INTEGER PRIMARY KEY, username VARCHAR(64), email VARCHAR(320), password VARCHAR(128));
             CREATE TABLE history (id INTEGER PRIMARY KEY, first_username VARCHAR(64), second_username VARCHAR(64));
             CREATE TABLE history_content (id INTEGER PRIMARY KEY, history_id INTEGER, username VARCHAR(64), content TEXT,
               date DATETIME NOT NULL);
             INSERT INTO user VALUES (1, 'ada', 'ada@example.org', '{ada}'), (2, 'bob', '{bob}', '{bob}'), (3, 'cyd', '', 'x');
             INSERT INTO history VALUES (1, 'ada', 'bob'), (2, 'cyd', 'ada'), (3, 'ada', 'gone'), (4, 'bob', 'bob');
             INSERT INTO history_content VALUES (1, 1, 'ada', 'hello', '2025-11-20 09:46:19.000000'),
               (2, 2, 'cyd', 'hey', '2025-11-20 09:46:30'), (3, 1, 'bob', 'hi', '2025-11-20 09:47:00'),
               (4, 3, 'ada', 'anybody?', '2025-11-20 09:48:00'), (5, 4, 'bob', 'note to self', '2025-11-20 09:49:00'),
               (6, 5, 'gone', 'to nobody', '2025-11-20 09:50:00');
             INSERT INTO history VALUES (5, 'gone', 'gone too');"
        ),
    )
}

on_both_stores! {
    a_tls_frames_server_comes_in_as_directs: super::land();
}

async fn a_tls_frames_server_comes_in_as_directs(land: Land) {
    let said = land.import_in_part(&[]);
    assert!(
        said.contains("left out: the history 5 of \"gone\" and \"gone too\": neither is a user (any more)"),
        "{said}"
    );
    assert!(said.contains("left out: message 6 of \"gone\": its history 5 did not come in"), "{said}");
    assert!(said.contains("the password of cyd"), "{said}");
    assert!(said.contains("Imported 3 accounts, 0 rooms with 0 members and 0 messages, 5 private messages"), "{said}");
    let server = land.serve();
    // Their own clients hash the password themselves, with the salt that came along.
    let mut client = Client::connect(server.address("tls-frames"), &[&version::TLS13]).await;
    client.login("bob", "bob-password").await;
    assert_eq!(land.scheme("bob"), "titan");
    client.send(UPD, json!({"reciever": "ada"})).await;
    let shown = client.sees("bob: hi").await;
    assert_eq!(shown[0], "[2025-11-20T09:46:19] ada: hello");
    let mut ada = enter(&land, &server, "ada", "ada-password").await;
    let mut bob = enter_again(&server, "bob", "bob-password").await;
    let both = conversation(&mut ada, "bob").await;
    let told = ["11-20 09:46:19 ada said hello", "11-20 09:47:00 bob said hi"];
    assert_eq!(log(&mut ada, both).await, told);
    assert_eq!(log(&mut bob, both).await, told);
    let alone = conversation(&mut bob, "bob").await;
    assert_eq!(log(&mut bob, alone).await, ["11-20 09:49:00 bob said note to self"]);
    // Who has gone is nobody any more, and what was said to them is kept for who said it.
    let gone = land.asks("SELECT username FROM accounts WHERE deleted_at IS NOT NULL")[0][0].clone().unwrap();
    let with_gone = conversation(&mut ada, &gone).await;
    assert_eq!(log(&mut ada, with_gone).await, ["11-20 09:48:00 ada said anybody?"]);
    let mail = |name: &str| land.asks(&format!("SELECT email FROM accounts WHERE username = '{name}'"))[0][0].clone();
    assert_eq!(mail("ada").as_deref(), Some("ada@example.org"));
    // That server wrote a changed password's hash into the column of addresses, where others could see it.
    assert_eq!(mail("bob"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_with_both_names_or_ids_beside_them_are_understood() {
    let (ada, bob) = (hashed("ada-password", &[1; 32]), hashed("bob-password", &[2; 32]));
    let users = format!(
        "CREATE TABLE accounts (id INTEGER PRIMARY KEY, login TEXT, password TEXT, email TEXT);
         INSERT INTO accounts VALUES (5, 'ada', '{ada}', NULL), (6, 'bob', '{}', NULL), (8, '5', 'x', NULL);",
        bob.to_uppercase()
    );
    // A name may look like somebody else's id.
    for (columns, one, other, five) in [
        ("sender TEXT, reciever TEXT, msg TEXT, time TEXT", "'ada'", "'bob'", "user-8"),
        ("sender_id INT, receiver_id INT, message TEXT, timestamp REAL", "5", "6", "ada"),
    ] {
        let land = Land::new(
            "tls-frames",
            &format!(
                "{users} CREATE TABLE messages ({columns});
                 INSERT INTO messages VALUES ({one}, {other}, 'to you', 1763631979.0), ({other}, {one}, 'and back', '1763631980'),
                   ({one}, 77, 'to nobody', NULL), ({one}, '5', 'to five', '1763631981');"
            ),
        );
        let said = land.import(&["--rename"]);
        assert!(said.contains("4 private messages") && !said.contains("eft out"), "{said}");
        let server = land.serve();
        let mut ada = enter(&land, &server, "ada", "ada-password").await;
        enter(&land, &server, "bob", "bob-password").await;
        let both = conversation(&mut ada, "bob").await;
        assert_eq!(log(&mut ada, both).await, ["11-20 09:46:19 ada said to you", "11-20 09:46:20 bob said and back"]);
        let other = conversation(&mut ada, five).await;
        assert_eq!(log(&mut ada, other).await, ["11-20 09:46:21 ada said to five"]);
    }
}
