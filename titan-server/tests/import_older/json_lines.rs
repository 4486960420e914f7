//! The JSON-lines server: two tables by its document, in SQLite here; in PostgreSQL where the tests have one.

use serde_json::json;

use crate::doors::JsonLinesClient;
use crate::land::{GENERAL, Land, enter, hex, log};

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
        "01-15 10:31:00 gone said I was here",
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

#[tokio::test(flavor = "multi_thread")]
async fn a_json_lines_server_comes_in_into_general() {
    let land = Land::new("json-lines", &tables());
    let said = land.import(&[]);
    everything_is_there(&land, &said).await;
    assert!(land.refuses(&[]).contains("nothing was imported"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_into_a_room_with_newer_entries_is_said_to_have_another_time() {
    let land = Land::new("json-lines", &tables());
    assert!(!land.import(&[]).contains("later time"));
    // Another system's older talk, and one line that is newer than all.
    land.change(
        "UPDATE users SET username = username || '2'; UPDATE messages SET timestamp = '2025-12-31 10:00:00';
         UPDATE messages SET timestamp = '2026-01-16 10:00:00' WHERE id = 4;",
    );
    let said = land.import(&[]);
    assert!(said.contains("note: room \"general\": 3 entries have a later time than before"), "{said}");
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada", "secret").await;
    let log = log(&mut ada, GENERAL).await;
    assert!(log[4].starts_with("01-15 10:32:00") && log[7].starts_with("01-16 10:00:00"), "{log:?}");
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
    assert!(land.refuses(&[]).contains("it is no database of the JSON-lines server"));
}
