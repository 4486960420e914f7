//! The JSON-lines server: two tables by its document, in SQLite here; in PostgreSQL where the tests have one.

use serde_json::json;

use crate::import_older::doors::JsonLinesClient;
use crate::import_older::land::{GENERAL, Land, conversation, enter, hex, log, on_both_stores};

const BCRYPT: &str = "$2b$04$jR1V4QIs0VnGwOdWK8.CBOfb2fEjHu5mTET4SGOZF69Nl6AqRVqWu";

pub fn tables() -> String {
    let sha256 = hex("bob-password");
    format!(
        "CREATE TABLE users (id SERIAL PRIMARY KEY, username VARCHAR(50) UNIQUE NOT NULL, password_hash VARCHAR(255) NOT NULL,
           created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
         CREATE TABLE messages (id SERIAL PRIMARY KEY, sender_id INTEGER REFERENCES users(id),
           sender_username VARCHAR(50) NOT NULL, message_text TEXT NOT NULL, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
         INSERT INTO users VALUES (1, 'ada', '{BCRYPT}', '2026-01-15 10:00:00'), (2, 'bob', '{sha256}', '2026-01-15 10:01:00'),
           (3, 'cyd', 'sha512:0f0f', '2026-01-15 10:02:00');
         INSERT INTO messages VALUES (1, 1, 'ada', 'hello', '2026-01-15 10:30:00'), (2, 2, 'bob', 'hi, żółw', '2026-01-15 10:30:01.5'),
           (3, NULL, 'gone', 'I was here', '2026-01-15 10:31:00'), (4, NULL, 'ada', 'two
lines', '2026-01-15 10:32:00');"
    )
}

pub async fn everything_is_there(land: &Land, said: &str) {
    assert!(said.contains("note: the password of cyd was kept in a form that can't be checked"), "{said}");
    assert!(said.contains("`titan-server admin reset-password cyd`"), "{said}");
    assert!(said.contains("Imported 3 accounts, 0 rooms with 0 members and 4 messages"), "{said}");
    let server = land.serve();
    let mut ada = enter(land, &server, "ada", "secret").await;
    enter(land, &server, "bob", "bob-password").await;
    let told = [
        "01-15 10:30:00 ada said hello",
        "01-15 10:30:01 bob said hi, żółw",
        "01-15 10:31:00 former-gone said I was here",
        "01-15 10:32:00 ada said two\nlines",
    ];
    assert_eq!(log(&mut ada, GENERAL).await, told);
    let mut client = JsonLinesClient::connect(server.address("json-lines")).await;
    let entered = client.ask(json!({"type": "login", "username": "bob", "password": "bob-password"})).await;
    assert_eq!(entered["status"], "success", "{entered}");
    let history = client.ask(json!({"type": "get_history", "limit": 3})).await;
    let second = json!({"sender": "bob", "message": "hi, żółw", "timestamp": "2026-01-15T10:30:01"});
    assert_eq!((history["messages"].as_array().unwrap().len(), &history["messages"][0]), (3, &second));
}

on_both_stores! {
    a_json_lines_server_comes_in_into_general: crate::import_older::land::Land::new("json-lines", &super::tables());
    what_is_older_than_the_house_has_a_room_of_its_own: crate::import_older::land::Land::new("json-lines", &super::tables());
}

async fn a_json_lines_server_comes_in_into_general(land: Land) {
    let said = land.import(&[]);
    everything_is_there(&land, &said).await;
    assert!(land.refuses(&[]).contains("nothing was imported"));
}

#[test]
fn a_clock_that_had_been_put_back_is_told_of() {
    let land = Land::new("json-lines", &tables());
    land.change("INSERT INTO messages VALUES (5, 1, 'ada', 'the clock is right again', '2026-01-15 10:00:00')");
    let said = land.import(&[]);
    let line = "note: the room that everybody is in: 1 entry has a later time than before";
    assert!(said.contains(line), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_otherwise_than_it_was_is_told() {
    let land = Land::new("json-lines", &tables());
    land.change(
        "INSERT INTO messages VALUES (5, 1, 'ada', replace(hex(zeroblob(30000)), '0', 'x'), '2026-01-15 11:00:00'),
           (6, 1, 'ada', 'a' || char(0) || 'b' || char(8232) || 'c', '2026-01-15 11:00:01');",
    );
    let said = land.import(&[]);
    let message = "of \"ada\" in the JSON-lines server's room";
    for line in [
        format!("note: message 5 {message} has more than 16000 characters: it came in as 4 messages"),
        format!("note: message 6 {message} held the character U+0000"),
        "Imported 3 accounts, 0 rooms with 0 members and 6 messages".to_owned(),
    ] {
        assert!(said.contains(&line), "{line:?} is missing in {said}");
    }
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada", "secret").await;
    let log = log(&mut ada, GENERAL).await;
    assert_eq!(log.len(), 9);
    assert_eq!(log[8], "01-15 11:00:01 ada said a\u{2400}b\u{2028}c");
}

async fn what_is_older_than_the_house_has_a_room_of_its_own(land: Land) {
    assert!(!land.import(&[]).contains("later time"));
    // Another system's older talk, and one line that is newer than all.
    land.change(
        "UPDATE users SET username = username || '2'; UPDATE messages SET timestamp = '2025-12-31 10:00:00';
         UPDATE messages SET timestamp = '2026-01-16 10:00:00' WHERE id = 4;",
    );
    let said = land.import(&[]);
    assert!(said.contains("renamed: the JSON-lines server's room is the room \"general (2)\" now"), "{said}");
    assert!(said.contains("Imported 3 accounts, 1 room with 3 members and 4 messages"), "{said}");
    assert!(!said.contains("later time"), "{said}");
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada2", "secret").await;
    assert_eq!(log(&mut ada, GENERAL).await.len(), 4);
    let theirs = conversation(&mut ada, "general (2)").await;
    let log = log(&mut ada, theirs).await;
    assert!(log[0].starts_with("12-31 10:00:00") && log[3].starts_with("01-16 10:00:00"), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_zone_of_its_machine_can_be_said() {
    let land = Land::new("json-lines", &tables());
    land.import(&["--time-zone", "Europe/Warsaw"]);
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada", "secret").await;
    assert_eq!(log(&mut ada, GENERAL).await[0], "01-15 09:30:00 ada said hello");
}

#[test]
fn the_database_of_another_system_is_refused() {
    let land = Land::new("json-lines", &super::channels::usual());
    let complaint = land.refuses(&[]);
    assert!(complaint.contains("it is no database of the JSON-lines server"), "{complaint}");
    assert!(complaint.contains("that is `titan-server import channels`"), "{complaint}");
}
