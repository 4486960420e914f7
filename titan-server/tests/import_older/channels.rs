//! The channels server: SQLAlchemy's tables, passlib's bcrypt, uploads on the disk.

use serde_json::json;

use crate::import_older::doors::ChannelsClient;
use crate::import_older::land::{GENERAL, Land, conversation, enter, fetch, hex, log, on_both_stores};
use crate::support::Native;

/// "secret" by passlib, "long" by Python's bcrypt from 80 letters, and passlib's PBKDF2 of "secret".
pub const SECRET: &str = "$2b$04$jR1V4QIs0VnGwOdWK8.CBOfb2fEjHu5mTET4SGOZF69Nl6AqRVqWu";
const LONG: &str = "$2b$04$tU9gYDmfJDsJv52s6rzOwe8rBfU7dduCHc0bCr.ZmI.bclFc.a1pe";
const PBKDF2: &str = "$pbkdf2-sha256$29000$5Hzvvbd2zjlH6P3fG6N0rg$ZAN6tFpnxUSuPHMjQe71W0t9LxTU5E4YLIHmRFwYA4U";

pub fn usual() -> String {
    format!(
        "CREATE TABLE users (id INTEGER NOT NULL, username VARCHAR(32) NOT NULL, password_hash VARCHAR(255) NOT NULL,
           created_at DATETIME, PRIMARY KEY (id));
         CREATE TABLE channels (id INTEGER NOT NULL, name VARCHAR(100) NOT NULL, is_dm BOOLEAN NOT NULL,
           created_at DATETIME, PRIMARY KEY (id));
         CREATE TABLE channel_members (id INTEGER NOT NULL, channel_id INTEGER, user_id INTEGER, joined_at DATETIME,
           PRIMARY KEY (id));
         CREATE TABLE messages (id INTEGER NOT NULL, channel_id INTEGER, user_id INTEGER, content TEXT,
           created_at DATETIME, PRIMARY KEY (id));
         CREATE TABLE files (id INTEGER NOT NULL, channel_id INTEGER, user_id INTEGER, original_filename VARCHAR(255),
           stored_filename VARCHAR(255), content_type VARCHAR(100), size_bytes INTEGER, created_at DATETIME,
           PRIMARY KEY (id));
         INSERT INTO users VALUES (1, 'ada', '{SECRET}', '2025-01-20 10:00:00.000001'),
           (2, 'bob', '{LONG}', '2025-01-21 10:00:00'), (4, 'cyd', '{PBKDF2}', '2025-01-21 11:00:00');
         INSERT INTO channels VALUES (1, 'general', 0, '2025-01-20 10:00:00'), (2, 'Lab', 0, '2025-01-22 11:00:00'),
           (3, 'ada-bob', 1, '2025-01-22 12:00:00'), (4, 'three of us', 1, '2025-01-22 13:00:00');
         INSERT INTO channel_members VALUES (1, 1, 1, '2025-01-20 10:00:00'), (2, 1, 2, '2025-01-21 10:00:00'),
           (3, 2, 2, '2025-01-22 11:00:00'), (4, 2, 1, '2025-01-22 11:30:00'), (5, 3, 1, NULL), (6, 3, 2, NULL),
           (7, 4, 1, NULL), (8, 4, 2, NULL), (9, 4, 4, NULL);
         INSERT INTO messages VALUES (1, 1, 1, 'first', '2025-01-22 10:10:00'), (2, 1, 2, 'second', '2025-01-22 10:40:00'),
           (3, 2, 2, 'in the lab', '2025-01-22 11:10:00.5'), (4, 2, 99, 'from the past', '2025-01-22 12:00:00'),
           (5, 3, 2, 'only for you', '2025-01-22 12:10:00'), (6, 4, 4, 'we three', '2025-01-22 13:10:00');
         INSERT INTO files VALUES
           (1, 2, 1, 'notes.txt', 'a1b2c3.txt', 'text/plain', 5, '2025-01-22 11:40:00'),
           (2, 3, 1, 'photo.png', 'uploads/9f8e7d', 'image/png', 5, '2025-01-22 12:20:00');"
    )
}

pub fn land() -> Land {
    let land = Land::new("channels", &usual());
    land.upload("a1b2c3.txt", b"notes");
    land.upload("9f8e7d", &[0, 159, 146, 150]);
    land
}

on_both_stores! {
    a_channels_server_comes_in_with_everything_in_it: super::land();
}

async fn a_channels_server_comes_in_with_everything_in_it(land: Land) {
    let said = land.import(&[]);
    assert!(
        said.contains("Imported 3 accounts, 3 rooms with 9 members and 5 messages, 1 private message, 0 apps"),
        "{said}"
    );
    assert!(said.contains("1 direct conversation, 2 files.") && !said.contains("eft out"), "{said}");
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada", "secret").await;
    let mut bob = enter(&land, &server, "bob", &"x".repeat(80)).await;
    let mut cyd = enter(&land, &server, "cyd", "secret").await;

    // Nothing had been said in the house: the channel that everybody was in is the room that everybody is in.
    assert_eq!(log(&mut ada, GENERAL).await, ["01-22 10:10:00 ada said first", "01-22 10:40:00 bob said second"]);
    let lab = conversation(&mut ada, "Lab").await;
    let told = [
        "01-22 11:00:00 bob joined",
        "01-22 11:10:00 bob said in the lab",
        "01-22 11:30:00 ada joined",
        "01-22 11:40:00 ada shared notes.txt",
        "01-22 12:00:00 former-99 said from the past",
    ];
    assert_eq!(log(&mut ada, lab).await, told);
    assert_eq!(fetch(&mut bob, &server, lab, "notes.txt").await, b"notes");
    let client = ChannelsClient::enter(&server, "bob", &"x".repeat(80)).await;
    let told = client.get(&format!("/channels/{lab}/messages")).await;
    assert_eq!((&told[0]["content"], &told[0]["user"]["username"]), (&json!("in the lab"), &json!("bob")));
    assert_eq!(told[0]["created_at"], "2025-01-22T11:10:00.500000");
    let direct = conversation(&mut bob, "ada").await;
    let told = ["01-22 12:10:00 bob said only for you", "01-22 12:20:00 ada shared photo.png"];
    assert_eq!(log(&mut ada, direct).await, told);
    assert_eq!(hex(fetch(&mut ada, &server, direct, "photo.png").await), hex([0, 159, 146, 150]));
    assert_eq!(cyd.fault(json!({"do": "history", "conversation": direct, "after": 0})).await, "not_a_member");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_three_said_in_private_stays_private() {
    let land = land();
    assert!(land.import(&[]).contains("note: channel 4 is private and no direct of two people"));
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada", "secret").await;
    let three = conversation(&mut ada, "three of us").await;
    assert_eq!(log(&mut ada, three).await.last().unwrap(), "01-22 13:10:00 cyd said we three");
    let mut eve = Native::connect(server.address("http")).await;
    eve.ok(json!({"do": "register", "username": "eve", "password": "secret-password"})).await;
    eve.login("eve", "secret-password").await;
    for password in ["", "-", "secret"] {
        let join = json!({"do": "join_room", "conversation": three, "password": password});
        assert_eq!(eve.fault(join).await, "wrong_room_password");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_and_columns_of_other_names_and_odd_rows_come_in_too() {
    let land = Land::new(
        "channels",
        &format!(
            "CREATE TABLE user (id CHAR(32) PRIMARY KEY, username TEXT, hashed_password TEXT, created_at TIMESTAMP);
             CREATE TABLE channel (id CHAR(32) PRIMARY KEY, name TEXT, created_by CHAR(32));
             CREATE TABLE memberships (user_id CHAR(32), channel_id CHAR(32));
             CREATE TABLE message (id CHAR(32) PRIMARY KEY, channel_id CHAR(32), sender_id CHAR(32), content TEXT,
               timestamp TEXT);
             CREATE TABLE file (id CHAR(32) PRIMARY KEY, channel_id CHAR(32), uploader_id CHAR(32), filename TEXT,
               path TEXT);
             INSERT INTO user VALUES ('f0', 'ada', '{SECRET}', '2025-01-20T10:00:00+01:00'), ('a1', NULL, 'x', NULL),
               ('b2', 'bob', 'plain text', 'yesterday');
             INSERT INTO channel VALUES ('c9', 'Lab', 'f0');
             INSERT INTO memberships VALUES ('f0', 'c9'), ('f0', 'c9'), ('zz', 'c9'), ('f0', 'gone');
             INSERT INTO message VALUES ('09', 'c9', 'f0', 'later', '2025-01-22 12:00:00'),
               ('ff', 'c9', 'f0', 'earlier', '2025-01-22 11:00:00'), ('aa', 'gone', 'f0', 'lost', NULL),
               ('bb', 'c9', 'f0', '  ', '2025-01-22 13:00:00'), ('cc', NULL, NULL, NULL, NULL);
             INSERT INTO file VALUES ('1', 'c9', 'f0', '../../evil.txt', '/srv/app/uploads/1_evil.txt'),
               ('2', 'c9', 'f0', 'passwd', '/etc/passwd'), ('3', 'gone', 'f0', 'x', 'x');"
        ),
    );
    land.upload("1_evil.txt", b"harmless");
    let complaint = land.refuses(&[]);
    assert!(complaint.contains("1 file is not where the uploads were looked for"), "{complaint}");
    assert!(complaint.contains("stored as \"/etc/passwd\"") && complaint.contains("--leave-out-files"), "{complaint}");
    let said = land.import_in_part(&["--leave-out-files"]);
    for line in [
        "left out: user a1: it has no id or no name",
        "left out: message aa of \"ada\": its channel gone is gone",
        "left out: message cc of \"former-unknown\": its channel none is gone",
        "left out: message bb of \"ada\" in channel c9 \"Lab\": it is empty",
        "left out: file \"passwd\" of \"ada\" in channel c9 \"Lab\": it was not found, stored as \"/etc/passwd\"",
        "left out: file 3 \"x\" of \"ada\", stored as \"x\": its channel gone is gone",
        "left out: the membership of zz in channel c9: no such user or channel, or twice",
        "note: the password of bob was kept in a form that can't be checked",
        "Imported 2 accounts, 1 room with 1 member and 2 messages",
        "1 file. Left out: 9 things and 0 tables.",
    ] {
        assert!(said.contains(line), "{line:?} is missing in {said}");
    }
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada", "secret").await;
    let lab = conversation(&mut ada, "Lab").await;
    let lines = log(&mut ada, lab).await;
    let place = |what: &str| lines.iter().position(|line| line.ends_with(what)).unwrap();
    assert!(place("said earlier") < place("said later"), "{lines:?}");
    assert_eq!(fetch(&mut ada, &server, lab, "evil.txt").await, b"harmless");
    let mut bob = Native::connect(server.address("http")).await;
    for password in ["plain text", "-", ""] {
        let login = json!({"do": "login", "username": "bob", "password": password});
        assert_eq!(bob.fault(login).await, "bad_credentials");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_taken_stop_everything_unless_others_are_allowed() {
    let land = land();
    land.import(&[]);
    let complaint = land.refuses(&["--again"]);
    assert!(complaint.contains("\"ada\": another account has this name"), "{complaint}");
    assert!(complaint.contains("(with --rename: ada_2)"), "{complaint}");
    assert!(complaint.contains("nothing was imported") && complaint.contains("--rename-map"), "{complaint}");
    let said = land.import(&["--again", "--rename"]);
    assert!(said.contains("account \"ada\" is ada_2 now"), "{said}");
    // Somebody has spoken in ours by now, so theirs stays a room of its own.
    assert!(said.contains("channel 1 \"general\" is the room \"general (2)\" now"), "{said}");
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada_2", "secret").await;
    let second = conversation(&mut ada, "general (2)").await;
    assert_eq!(log(&mut ada, second).await.last().unwrap(), "01-22 10:40:00 bob_2 said second");
}

#[test]
fn tables_that_stay_behind_are_named_but_for_what_holds_nothing() {
    let land = land();
    land.change(
        "CREATE TABLE polls (id INTEGER, question TEXT); INSERT INTO polls VALUES (1, 'a'), (2, 'b');
         CREATE TABLE votes (id INTEGER); CREATE TABLE alembic_version (version TEXT); INSERT INTO alembic_version VALUES ('x');
         CREATE VIRTUAL TABLE found USING fts5 (content); INSERT INTO found VALUES ('first');",
    );
    let said = land.import_in_part(&[]);
    assert!(said.contains("left out: the table \"polls\" with 2 rows: nothing here is like it"), "{said}");
    assert!(said.contains("Left out: 0 things and 1 table."), "{said}");
    assert!(said.contains("note: the table \"alembic_version\" with 1 row was not needed"), "{said}");
    assert!(!said.contains("votes") && !said.contains("found"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_channels_of_one_name_stay_two() {
    let land = land();
    land.change(
        "INSERT INTO channels VALUES (5, 'General', 0, '2025-01-23 11:00:00');
         INSERT INTO channel_members VALUES (10, 5, 1, '2025-01-23 11:00:00');
         INSERT INTO messages VALUES (7, 5, 1, 'elsewhere', '2025-01-23 11:10:00');",
    );
    assert!(land.import(&[]).contains("channel 5 \"General\" is the room \"General (2)\" now"));
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada", "secret").await;
    assert_eq!(log(&mut ada, GENERAL).await.len(), 2);
    let second = conversation(&mut ada, "General (2)").await;
    assert_eq!(log(&mut ada, second).await, ["01-23 11:00:00 ada joined", "01-23 11:10:00 ada said elsewhere"]);
}

#[test]
fn a_dry_run_keeps_nothing_and_a_broken_source_changes_nothing() {
    let land = land();
    let said = land.import(&["--dry-run"]);
    assert!(said.contains("nothing was kept. It would have imported 3 accounts"), "{said}");
    assert_eq!(land.traces(), [""; 0], "a dry run left something");

    assert!(land.refuses(&["--uploads", "/nowhere"]).contains("there is no folder /nowhere"));
    // Cut in the middle: the beginning can still be read.
    let bytes = std::fs::read(land.path("old/chat.db")).unwrap();
    std::fs::write(land.path("old/chat.db"), &bytes[..bytes.len() / 2]).unwrap();
    assert!(land.refuses(&[]).contains("chat.db"));
    std::fs::write(land.path("old/chat.db"), "no database at all").unwrap();
    assert!(land.refuses(&[]).contains("not a database"));
    std::fs::remove_file(land.path("old/chat.db")).unwrap();
    assert!(land.refuses(&[]).contains("there is no file"));
    land.change("CREATE TABLE users (id INTEGER, username TEXT, password_hash TEXT)");
    assert!(land.refuses(&[]).contains("it has no table channels with id and name"));
    land.change("CREATE TABLE conversations (head INTEGER)");
    assert!(land.refuses(&[]).contains("it is a Titan house already"));
}
