//! Deleted means gone: what was deleted stands in no file of the data folder, of a backup made later, of the database's own.

use std::path::{Path, PathBuf};

use crate::api_support::{Guest, files, send, until};
use crate::support::{Native, TestHouse, postgres};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use titan_server::config::Config;
use titan_server::upkeep;

const GENERAL: i64 = 1;

/// Words that nobody says by chance: each stands for a place where something is kept.
const WORDS: [&str; 11] = [
    "quaggamessage",
    "quaggaedit",
    "quaggaagain",
    "quaggafilename",
    "quaggafilebytes",
    "quaggacaption",
    "quaggaroomtalk",
    "quaggaappbytes",
    "quaggaperson",
    "quaggamail",
    "quaggafullname",
];

/// The bytes of all files below a folder, each as a letter.
fn letters(folder: &Path) -> Vec<(PathBuf, String)> {
    let read = |path: PathBuf| Some((path.clone(), letters_of(&std::fs::read(path).ok()?)));
    files(folder).into_iter().filter_map(read).collect()
}

fn letters_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The files below a folder that hold a word.
fn holding(folder: &Path, word: &str) -> Vec<PathBuf> {
    letters(folder).into_iter().filter(|(_, held)| held.contains(word)).map(|(path, _)| path).collect()
}

/// Every word that a folder still holds, and where.
fn left(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    let held = letters(folder);
    let of = |word: &'static str| {
        held.iter().filter(move |(_, held)| held.contains(word)).map(move |(path, _)| (word, path.clone()))
    };
    WORDS.into_iter().flat_map(of).collect()
}

async fn shares(person: &Native, house: &TestHouse, name: &str, bytes: &str, text: &str) -> Value {
    let guest = Guest { token: person.token.clone(), ..Guest::stranger(house) };
    let told = |text: &str| BASE64_STANDARD.encode(text);
    let metadata = format!("conversation {},filename {},text {}", told("1"), told(name), told(text));
    let request = guest
        .request(Method::POST, "/api/uploads")
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Metadata", metadata);
    let request =
        request.header("Upload-Length", bytes.len()).header("Content-Type", "application/offset+octet-stream");
    let response = send(request.body(bytes.to_owned())).await;
    serde_json::from_str(response.headers()["titan-result"].to_str().unwrap()).unwrap()
}

/// A house in which every word was said, kept or borne, and is deleted; and much else between.
async fn lived_in(house: &TestHouse) {
    let mut ada = house.enter("ada").await;
    let chatter = async |ada: &mut Native| {
        for line in 0..40 {
            ada.says(GENERAL, &format!("an ordinary line, the {line}th of its kind")).await;
        }
    };
    chatter(&mut ada).await;
    let said = ada.says(GENERAL, "the word is quaggamessage").await["seq"].clone();
    for text in ["no, it is quaggaedit", "no, quaggaagain"] {
        ada.ok(json!({"do": "edit", "conversation": GENERAL, "seq": said, "text": text})).await;
    }
    let shared = shares(&ada, house, "quaggafilename.txt", "quaggafilebytes", "with a quaggacaption").await;
    let room = ada.ok(json!({"do": "create_room", "name": "den"})).await["id"].as_i64().unwrap();
    ada.says(room, "nobody hears quaggaroomtalk").await;
    let guest = Guest { token: ada.token.clone(), ..Guest::stranger(house) };
    let app = guest.hands_in("Snake", b"quaggaappbytes").await;
    let mut person = house.enter("quaggaperson").await;
    person.ok(json!({"do": "update_profile", "email": "quaggamail@example.org", "full_name": "quaggafullname"})).await;
    person.says(GENERAL, "I was here").await;
    person.ok(json!({"do": "join_room", "conversation": room})).await;
    person.ok(json!({"do": "request_friend", "account": ada.account})).await;
    shares(&person, house, "mine.txt", "stays", "").await;
    chatter(&mut ada).await;

    for seq in [&said, &shared["seq"]] {
        ada.ok(json!({"do": "delete", "conversation": GENERAL, "seq": seq})).await;
    }
    ada.ok(json!({"do": "delete_room", "conversation": room})).await;
    ada.ok(json!({"do": "delete_app", "app": app})).await;
    person.ok(json!({"do": "delete_account", "password": "secret-password"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_stands_in_no_file_once_it_is_purged() {
    let house = TestHouse::open().await;
    lived_in(&house).await;
    house.server.as_ref().unwrap().hub.operator().purge(false).await.unwrap();
    assert_eq!(left(house.folder()), []);
    let kept = holding(house.folder(), "an ordinary line");
    assert!(postgres::chosen() || !kept.is_empty(), "and what was not deleted stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_goes_by_itself() {
    let house = TestHouse::open().await;
    lived_in(&house).await;
    // Files are spared for a minute, which a test doesn't wait.
    let young = ["quaggafilebytes", "quaggaappbytes"];
    until("it has left", || left(house.folder()).iter().all(|(word, _)| young.contains(word))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_leaves_nothing_of_it_and_no_later_backup_has_it() {
    let mut house = TestHouse::open().await;
    lived_in(&house).await;
    house.server.take().unwrap().close().await;
    assert_eq!(left(house.folder()), []);
    if postgres::chosen() {
        return;
    }
    let backup = tempfile::tempdir().unwrap();
    let to = backup.path().join("backup");
    let config = Config::local(house.folder());
    tokio::task::spawn_blocking(move || upkeep::backup(&config, &to)).await.unwrap().unwrap();
    assert_eq!(left(backup.path()), []);
    assert!(!holding(backup.path(), "an ordinary line").is_empty());
}

/// Rows are moved about while pages split, and what is deleted is deleted wherever it came to stand: as far as the database
/// overwrites it, and all of it once it is written anew.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_in_the_corners_of_a_database_that_was_written_anew() {
    if postgres::chosen() {
        return;
    }
    let house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    let mut rooms = Vec::new();
    for number in 0..5 {
        let made = ada.ok(json!({"do": "create_room", "name": format!("room {number}")})).await;
        rooms.push(made["id"].as_i64().unwrap());
    }
    let mut marked = Vec::new();
    for number in 0..1_500usize {
        let (room, length) = (rooms[number % 5], number * 7_919 % 400);
        let word = if number % 10 == 0 { "quaggamessage" } else { "ordinary" };
        let seq = ada.says(room, &format!("{word} {}", "x".repeat(length))).await["seq"].clone();
        if number % 3 == 0 {
            let text = format!("{word} {}", "y".repeat(400 - length));
            ada.ok(json!({"do": "edit", "conversation": room, "seq": seq, "text": text})).await;
        }
        if number % 10 == 0 {
            marked.push((room, seq));
        }
    }
    for (room, seq) in marked {
        ada.ok(json!({"do": "delete", "conversation": room, "seq": seq})).await;
    }
    let operator = house.server.as_ref().unwrap().hub.operator();
    operator.purge(true).await.unwrap();
    assert_eq!(left(house.folder()), []);
    assert!(
        ada.ok(json!({"do": "search", "query": "ordinary"})).await["results"]
            .as_array()
            .is_some_and(|found| !found.is_empty())
    );
}

/// PostgreSQL's own files, where this may read them.
#[tokio::test(flavor = "multi_thread")]
async fn tables_of_postgresql_that_were_written_anew_hold_nothing_of_it() {
    if !postgres::chosen() {
        return;
    }
    let house = TestHouse::open().await;
    lived_in(&house).await;
    let server = house.server.as_ref().unwrap();
    server.hub.operator().purge(false).await.unwrap();
    let rows = |sql: &str| postgres::run(&postgres::Database::of(house.folder()).unwrap(), sql);
    for word in WORDS {
        let sql = format!("SELECT count(*) FROM entries e WHERE e::text LIKE '%{word}%'");
        assert_eq!(rows(&sql)[0][0].as_deref(), Some("0"), "{word}");
    }
    server.hub.operator().purge(true).await.unwrap();
    let data = rows("CHECKPOINT; SHOW data_directory")[0][0].clone().unwrap();
    for table in ["entries", "accounts", "files", "message_words", "apps"] {
        let file = rows(&format!("SELECT pg_relation_filepath('{table}')"))[0][0].clone().unwrap();
        let Ok(bytes) = std::fs::read(Path::new(&data).join(file)) else { continue };
        for word in WORDS {
            assert!(!letters_of(&bytes).contains(word), "{table} holds {word}");
        }
    }
}
