//! What came in once doesn't come in again, under whatever name; and files that were missing come in later.

use serde_json::json;

use crate::import_older::land::{GENERAL, Land, conversation, enter, enter_again, fetch, on_both_stores};
use crate::import_older::{channels, later_titan_net, tls_frames, utuvox};

on_both_stores! {
    the_same_source_is_refused_whatever_it_is_called: crate::import_older::channels::land();
    files_that_were_missing_come_in_later: crate::import_older::channels::land();
    an_import_that_is_killed_leaves_nothing_and_can_be_made_again: super::long();
}

/// More than comes in at once.
fn long() -> Land {
    let land = channels::land();
    land.change(
        "WITH RECURSIVE n (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM n WHERE n < 30000)
         INSERT INTO messages SELECT n, 1, 1, 'line ' || n || ' ' || hex(randomblob(40)), '2025-01-23 10:00:00' FROM n;",
    );
    land
}

async fn an_import_that_is_killed_leaves_nothing_and_can_be_made_again(land: Land) {
    let before = land.state();
    let mut import = land.spawn_import();
    let begun = std::time::Instant::now();
    while !land.is_being_written() {
        assert!(begun.elapsed() < crate::support::DEADLINE, "the import wrote nothing");
        std::thread::yield_now();
    }
    import.kill().unwrap();
    import.wait().unwrap();
    assert_eq!(land.state(), before, "half an import was kept");
    let said = land.import(&[]);
    assert!(said.contains("29906 messages"), "{said}");
    assert!(land.state().starts_with("Nothing is damaged: 3 accounts"), "{}", land.state());
}

async fn the_same_source_is_refused_whatever_it_is_called(land: Land) {
    land.import(&[]);
    let copy = land.path("old/another name.db");
    std::fs::copy(land.path("old/chat.db"), &copy).unwrap();
    for more in [&[][..], &["--rename"], &["--rename", "--dry-run"]] {
        let complaint = land.refuses_from(copy.to_str().unwrap(), more);
        assert!(complaint.contains("this house has it already"), "{complaint}");
    }
    // The old server has gone on running.
    land.change("INSERT INTO messages VALUES (7, 1, 1, 'later', '2025-01-25 10:00:00'); INSERT INTO users VALUES (9, 'new', 'x', NULL);");
    assert!(land.refuses(&["--rename"]).contains("from channels "));
}

#[test]
fn the_others_are_known_again_too() {
    for land in [later_titan_net::land(), tls_frames::land()] {
        land.import_in_part(&[]);
        assert!(land.refuses(&["--rename"]).contains("this house has it already"));
    }
    let land = utuvox::land();
    land.import_in_part(&["--leave-out-files"]);
    assert!(land.refuses(&["--rename", "--leave-out-files"]).contains("this house has it already"));
}

async fn files_that_were_missing_come_in_later(land: Land) {
    std::fs::remove_file(land.path("old/uploads/a1b2c3.txt")).unwrap();
    assert!(land.refuses(&["--add-files"]).contains("this one hasn't"));
    let complaint = land.refuses(&[]);
    assert!(complaint.contains("file \"notes.txt\" of \"ada\" in channel 2 \"Lab\""), "{complaint}");
    let said = land.import_in_part(&["--leave-out-files"]);
    assert!(said.contains("1 file. Left out: 1 thing and 0 tables."), "{said}");
    assert!(land.import_in_part(&["--add-files"]).contains("it is still not found, stored as \"a1b2c3.txt\""));
    land.upload("a1b2c3.txt", b"notes");
    assert!(land.import(&["--add-files"]).contains("1 file."));
    assert!(!land.import(&["--add-files"]).contains("1 file"), "it came twice");
    let server = land.serve();
    let mut ada = enter(&land, &server, "ada", "secret").await;
    let mine = ada.ok(json!({"do": "conversations"})).await["conversations"].clone();
    let lab =
        mine.as_array().unwrap().iter().find(|mine| mine["room"]["name"] == "Lab").unwrap()["id"].as_i64().unwrap();
    let entries =
        ada.ok(json!({"do": "history", "conversation": lab, "after": 0, "limit": 100})).await["entries"].clone();
    let entries = entries.as_array().unwrap();
    let line = entries.iter().find(|entry| entry["text"] == "[notes.txt: this file did not come along]").unwrap();
    let file = entries.iter().find(|entry| entry["file"]["name"] == "notes.txt").unwrap();
    assert_eq!((&file["reply_to"], &file["author"]["username"]), (&line["seq"], &json!("ada")));
    assert_eq!(fetch(&mut ada, &server, lab, "notes.txt").await, b"notes");
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_that_were_missing_come_in_later() {
    let land = later_titan_net::land();
    std::fs::remove_file(land.path("old/uploads/approved/76efef.zip")).unwrap();
    assert!(land.refuses(&[]).contains("app 1 \"My Widget\": its file was not found"));
    land.import_in_part(&["--leave-out-files"]);
    land.upload("approved/76efef.zip", b"a widget");
    assert!(land.import(&["--add-files"]).contains("1 app."));
    let app = land.asks("SELECT p.name, p.state, a.username FROM apps p JOIN accounts a ON a.id = p.author");
    assert_eq!(app, [["My Widget", "approved", "bob"].map(|word| Some(word.to_owned()))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_refused_at_its_end_takes_its_files_back() {
    let land = channels::land();
    std::fs::remove_file(land.path("old/uploads/9f8e7d")).unwrap();
    land.refuses(&[]);
    assert_eq!(land.traces(), [""; 0]);
    // Beside a house that stands, too.
    let other = channels::land();
    other.import(&[]);
    other.change("UPDATE users SET username = username || '2'; UPDATE messages SET content = content || '!';");
    other.upload("a1b2c3.txt", b"other notes");
    std::fs::remove_file(other.path("old/uploads/9f8e7d")).unwrap();
    other.refuses(&[]);
    let server = other.serve();
    let mut ada = enter_again(&server, "ada", "secret").await;
    let lab = conversation(&mut ada, "Lab").await;
    assert_eq!(fetch(&mut ada, &server, lab, "notes.txt").await, b"notes");
    assert_ne!(lab, GENERAL);
}
