//! The same systems with their data in PostgreSQL, where the tests have one.

use serde_json::json;

use crate::import_older::channels;
use crate::import_older::json_lines::{everything_is_there, tables};
use crate::import_older::land::{GENERAL, Land, conversation, enter, fetch, log};
use crate::support::postgres::{Database, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_json_lines_server_comes_in_from_postgresql() {
    let Some(database) = Database::make() else { return };
    run(&database.url, &tables());
    let land = Land::new("json-lines", "");
    let said = land.import_from(&database.url, &[]);
    everything_is_there(&land, &said).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channels_server_comes_in_from_postgresql_whatever_its_types() {
    let Some(database) = Database::make() else { return };
    run(
        &database.url,
        &format!(
            "CREATE TABLE users (id UUID PRIMARY KEY, username TEXT, hashed_password BYTEA, created_at TIMESTAMPTZ);
             CREATE TABLE channels (id UUID PRIMARY KEY, name TEXT, is_dm BOOLEAN);
             CREATE TABLE memberships (channel_id UUID, user_id UUID);
             CREATE TABLE messages (id BIGSERIAL PRIMARY KEY, channel_id UUID, sender_id UUID, content TEXT,
               created_at TIMESTAMPTZ);
             CREATE TABLE files (id BIGSERIAL PRIMARY KEY, channel_id UUID, uploader_id UUID, original_filename TEXT,
               storage_path TEXT, created_at TIMESTAMPTZ);
             CREATE VIEW channel_members AS SELECT * FROM memberships;
             INSERT INTO users VALUES ('00000000-0000-0000-0000-0000000000aa', 'ada', '{0}', '2025-01-20 10:00:00+01'),
               ('00000000-0000-0000-0000-0000000000bb', 'bob', '{0}', NULL);
             INSERT INTO channels VALUES ('00000000-0000-0000-0000-000000000001', 'General', false),
               ('00000000-0000-0000-0000-000000000002', '', true);
             INSERT INTO memberships SELECT channels.id, users.id FROM channels, users;
             INSERT INTO messages (channel_id, sender_id, content, created_at) VALUES
               ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-0000000000aa', 'to all', '2025-01-22 12:00:00+01'),
               ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-0000000000bb', 'to you', '2025-01-22 12:00:00.25-03:30'),
               ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-0000000000bb', 'for ever', 'infinity');
             INSERT INTO files (channel_id, uploader_id, original_filename, storage_path, created_at) VALUES
               ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-0000000000aa', 'a.txt', '/srv/uploads/77', '2025-01-23');",
            channels::SECRET
        ),
    );
    let land = Land::new("channels", "");
    land.upload("77", b"seventy-seven");
    let url = database.url.replace("postgresql://", "postgresql+psycopg2://");
    let said = land.import_from(&url, &["--uploads", &land.text("old/uploads")]);
    assert!(said.contains("Imported 2 accounts, 1 room with 4 members and 1 message, 2 private messages"), "{said}");
    assert!(said.contains("1 direct conversation, 1 file."), "{said}");
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada", "secret").await;
    assert_eq!(log(&mut ada, GENERAL).await, ["01-22 11:00:00 ada said to all"]);
    let direct = conversation(&mut ada, "bob").await;
    let told =
        ["01-22 15:30:00 bob said to you", "01-22 15:30:00 bob said for ever", "01-23 00:00:00 ada shared a.txt"];
    assert_eq!(log(&mut ada, direct).await, told);
    assert_eq!(fetch(&mut ada, &server, direct, "a.txt").await, b"seventy-seven");
}

/// The histories, each line's number in it.
async fn numbers(native: &mut crate::support::Native, conversation: i64) -> Vec<u32> {
    let mut numbers = Vec::new();
    let mut after = 0;
    loop {
        let ask = json!({"do": "history", "conversation": conversation, "after": after, "limit": 200});
        let entries = native.ok(ask).await["entries"].as_array().unwrap().clone();
        let Some(last) = entries.last() else { return numbers };
        after = last["seq"].as_i64().unwrap();
        let said = entries.iter().filter_map(|entry| entry["text"].as_str());
        numbers.extend(said.map(|text| text.strip_prefix("line ").unwrap().parse::<u32>().unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_comes_in_from_postgresql_in_the_order_in_which_it_was_said() {
    const LINES: u32 = 1_234;
    let Some(database) = Database::make() else { return };
    run(
        &database.url,
        &format!(
            "{} DELETE FROM messages;
             INSERT INTO users SELECT n, 'person-' || n, '-', '2026-01-14 10:00:00' FROM generate_series(4, 1200) n;
             INSERT INTO users VALUES (1202, 'ADA', '-', '2026-01-14 10:00:00');
             INSERT INTO messages SELECT n, 1 + n % 2, 'x', 'line ' || n, timestamp '2026-01-15 10:00:00' + n * interval '7 s'
               FROM generate_series(1, {LINES}) n;",
            tables()
        ),
    );
    let land = Land::new("json-lines", "");
    let said = land.import_from(&database.url, &["--rename"]);
    assert!(said.contains(&format!("{LINES} messages")), "{said}");
    // Of two who look alike the older one keeps the name, and time never stood still.
    assert!(said.contains("account \"ADA\" is ADA_2 now") && !said.contains("later time"), "{said}");
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada", "secret").await;
    assert_eq!(numbers(&mut ada, GENERAL).await, (1..=LINES).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_room_of_a_channels_server_comes_in_from_postgresql_in_its_order() {
    const LINES: u32 = 1_100;
    let Some(database) = Database::make() else { return };
    run(
        &database.url,
        &format!(
            "CREATE TABLE users (id SERIAL PRIMARY KEY, username TEXT, hashed_password TEXT, created_at TIMESTAMP);
             CREATE TABLE channels (id SERIAL PRIMARY KEY, name TEXT);
             CREATE TABLE memberships (channel_id INT, user_id INT);
             CREATE TABLE messages (id SERIAL PRIMARY KEY, channel_id INT, user_id INT, content TEXT, created_at TIMESTAMP);
             INSERT INTO users VALUES (1, 'ada', '{}', '2026-01-15 10:00:00');
             INSERT INTO channels SELECT n, 'room ' || n FROM generate_series(1, 12) n;
             INSERT INTO memberships SELECT n, 1 FROM generate_series(1, 12) n;
             INSERT INTO messages SELECT n, 1 + n % 12, 1, 'line ' || n, timestamp '2026-01-15 10:00:00' + n * interval '7 s'
               FROM generate_series(1, {LINES}) n;",
            channels::SECRET
        ),
    );
    let land = Land::new("channels", "");
    land.import_from(&database.url, &[]);
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada", "secret").await;
    for room in 1..=12 {
        let place = conversation(&mut ada, &format!("room {room}")).await;
        let wanted: Vec<u32> = (1..=LINES).filter(|n| 1 + n % 12 == room).collect();
        assert_eq!(numbers(&mut ada, place).await, wanted, "room {room}");
    }
}

#[test]
fn a_database_that_can_not_be_reached_is_named_without_its_password() {
    let land = Land::new("json-lines", "");
    let house = land.text("house");
    let complain = |url| crate::support::process::fails(&["import", "json-lines", url, "--data-dir", &house]);
    let complaint = complain("postgresql://ada:very-secret@127.0.0.1:1/chat");
    assert!(complaint.contains("127.0.0.1") && complaint.contains("chat"), "{complaint}");
    assert!(!complaint.contains("very-secret"), "{complaint}");
    assert!(!complain("postgresql://ada:very-secret@127.0.0.1:x/chat?zzz=1").contains("very-secret"));
}
