//! Damage is found and named, and never served as if sound: real files, real flips, real kills, a disk whose fsync fails.
#![cfg(unix)]

use crate::support;
use crate::support::process;
use std::path::Path;

use crate::damage_support::*;
use crate::support::Native;
use crate::support::process::Running;
use serde_json::json;

/// The exit code of a server whose disk failed.
const DISK: i32 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_in_the_log_is_named_wherever_it_is_and_a_rescue_brings_everything_back() {
    let house = House::killed_after(10).await;
    let log = house.path("titan.db-wal");
    let whole = std::fs::read(&log).unwrap();
    let live = live(&whole);
    for part in [0, 10, 30, 60, 90, 99] {
        flip(&log, live * part / 100);
        let said = house.refuses();
        assert!(said.contains("write-ahead log is damaged") && said.contains("titan-server rescue"), "{said}");
        assert!(house.check_finds("write-ahead log is damaged"), "at {part} %");
        std::fs::write(&log, &whole).unwrap();
    }
    flip(&log, live * 30 / 100);
    let said = house.ok("rescue", &[]);
    assert!(said.contains("nothing was lost"), "{said}");
    house.is_sound();
    assert_eq!(house.texts().await, messages(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_cut_or_gone_is_missed_by_the_mark() {
    let house = House::killed_after(10).await;
    let log = house.path("titan.db-wal");
    let whole = std::fs::read(&log).unwrap();
    let live = live(&whole);
    for length in [0, 31, live / 2, live - 1] {
        std::fs::write(&log, &whole[..length]).unwrap();
        let said = house.refuses();
        assert!(said.contains("older than it was") || said.contains("damaged"), "{length} bytes: {said}");
        assert_eq!(house.check().0, 1, "{length} bytes");
        house.forget_the_index();
    }
    std::fs::remove_file(&log).unwrap();
    assert!(house.refuses().contains("older than it was"));
    std::fs::write(&log, &whole).unwrap();
    house.forget_the_index();
    assert_eq!(house.texts().await, messages(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_never_an_empty_new_house_where_one_was() {
    let house = House::closed_after(3).await;
    let (database, away) = (house.path("titan.db"), house.path("away"));
    std::fs::rename(&database, &away).unwrap();
    for gone in ["missing", "empty"] {
        if gone == "empty" {
            std::fs::write(&database, "").unwrap();
        }
        for kept in ["titan.mark", "pepper", "blobs"] {
            let said = house.refuses();
            assert!(
                said.contains("there is no house") && said.contains("titan-server restore"),
                "{gone}, {kept}: {said}"
            );
            assert_eq!(house.check().0, 1, "{gone}");
            if kept != "blobs" {
                std::fs::rename(house.path(kept), house.path(&format!("{kept}.away"))).unwrap();
            }
        }
        for kept in ["titan.mark", "pepper"] {
            std::fs::rename(house.path(&format!("{kept}.away")), house.path(kept)).unwrap();
        }
    }
    std::fs::rename(&away, &database).unwrap();
    assert_eq!(house.texts().await, messages(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_in_its_place_is_refused_until_the_operator_means_it() {
    let house = House::closed_after(3).await;
    let older = std::fs::read(house.path("titan.db")).unwrap();
    let epoch = house.epoch();
    house.says_more(4, 5).await;
    std::fs::write(house.path("titan.db"), older).unwrap();
    assert!(house.refuses().contains("older than it was"));
    assert!(house.check_finds("older than it was"));
    house.ok("rescue", &[]);
    assert_ne!(house.epoch(), epoch, "clients must fetch anew");
    house.is_sound();
    assert_eq!(house.texts().await, messages(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_houses_database_is_refused() {
    let (house, other) = (House::closed_after(1).await, House::closed_after(9).await);
    std::fs::copy(other.path("titan.db"), house.path("titan.db")).unwrap();
    let said = house.refuses();
    assert!(said.contains("not the one that was here before"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_without_its_pepper_or_with_anothers_is_refused() {
    let house = House::closed_after(1).await;
    let pepper = std::fs::read(house.path("pepper")).unwrap();
    for wrong in [None, Some(&b""[..]), Some(&[7; 32][..])] {
        std::fs::remove_file(house.path("pepper")).unwrap();
        if let Some(wrong) = wrong {
            std::fs::write(house.path("pepper"), wrong).unwrap();
        }
        let said = house.refuses();
        assert!(said.contains("pepper") && said.contains("--new-pepper"), "{said}");
        assert!(house.check_finds("pepper"));
        std::fs::write(house.path("pepper"), &pepper).unwrap();
    }
    // The database alone, somewhere else.
    let alone = House::empty();
    std::fs::copy(house.path("titan.db"), alone.path("titan.db")).unwrap();
    assert!(alone.refuses().contains("pepper"));
    assert!(!alone.path("pepper").exists(), "none may be made in its place");

    std::fs::remove_file(house.path("pepper")).unwrap();
    let said = house.ok("rescue", &["--new-pepper"]);
    assert!(said.contains("new password"), "{said}");
    house.ok_with_line("admin", &["reset-password", "ada", "--keep"], "secret-password");
    assert_eq!(house.texts().await, messages(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_moved_house_is_named_and_no_new_one_is_made_beside_it() {
    let house = House::empty();
    std::fs::write(house.path("titan.db.moving"), "half").unwrap();
    let said = house.refuses();
    assert!(said.contains("titan-server migrate"), "{said}");
    assert!(!house.path("titan.db").exists());
    assert!(house.check_finds("not finished"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_one_database_is_refused_by_whatever_name_it_comes() {
    let (house, other) = (House::closed_after(1).await, House::empty());
    let running = Running::serve(house.folder());
    let (linked, twin) = (other.path("linked.db"), other.path("twin.db"));
    std::os::unix::fs::symlink(house.path("titan.db"), &linked).unwrap();
    std::fs::hard_link(house.path("titan.db"), &twin).unwrap();
    for (name, why) in [(house.path("titan.db"), "another"), (linked, "another"), (twin.clone(), "hard link")] {
        let (code, said) = other.serve(&["--database", name.to_str().unwrap()]);
        // The first two have another name just now, which is refused before the lock is.
        assert!(code == 1 && (said.contains(why) || said.contains("hard link")), "{}: {said}", name.display());
    }
    std::fs::remove_file(twin).unwrap();
    let (code, said) = other.serve(&["--database", house.path("titan.db").to_str().unwrap()]);
    assert!(code == 1 && said.contains("another server is using"), "{said}");
    // What looks from beside goes on.
    house.ok("check", &["--blobs"]);
    house.ok("backup", &[other.path("copy").to_str().unwrap()]);
    house.ok("admin", &["list", "accounts"]);
    drop(running);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_broken_off_whole_or_in_part_and_a_rescue_says_which_it_was() {
    let house = House::empty();
    let mut running = Running::serve(house.folder());
    let mut ada = enter(&running, "ada").await;
    let bytes = vec![7u8; 700_000];
    let file = upload(&running, &ada.token, "holiday.jpg", &bytes).await;
    ada.says(GENERAL, "and a word").await;
    let url = format!("http://{}/api/files/{file}", running.address("http"));
    assert_eq!(fetch(&url, &ada.token, None).await, Some(bytes.clone()));
    let blob = only_blob(&house.path("blobs"));
    flip(&blob, 650_000);
    for range in [None, Some("bytes=0-99"), Some("bytes=400000-")] {
        assert_eq!(fetch(&url, &ada.token, range).await, None, "{range:?}");
    }
    running.terminate();
    drop(running);
    assert!(house.check_finds("a damaged file"));
    let said = house.ok("rescue", &[]);
    assert!(said.contains("holiday.jpg"), "{said}");
    house.is_sound();
    let entries = house.entries().await;
    assert_eq!(entries[0]["kind"], "damaged", "its place in the log is kept");
    assert_eq!(entries[1]["text"], "and a word");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_rescued_but_for_what_was_damaged() {
    let house = House::closed_after(300).await;
    house.seals_all_rows();
    let database = house.path("titan.db");
    flip_in_text(&database, "message 150 ");
    assert!(house.check_finds("a damaged entry: conversation 1, entry 150"));
    let served = house.entries().await;
    assert_eq!((&served[149]["kind"], served.len()), (&json!("damaged"), 300), "never served as if sound");
    assert_eq!(served[150]["text"], json!(message(151)));
    let said = house.ok("rescue", &[]);
    assert!(said.contains("conversation 1: entry 150"), "{said}");
    house.is_sound();
    let entries = house.entries().await;
    assert_eq!(entries.len(), 300, "the log has no gap");
    for (at, entry) in entries.iter().enumerate() {
        match at + 1 {
            150 => assert_eq!(entry["kind"], "damaged"),
            n => assert_eq!(entry["text"], json!(message(n))),
        }
    }
    assert!(house.says_more(301, 1).await > 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_text_any_more_is_served_as_damaged_and_takes_nothing_else_with_it() {
    let house = House::closed_after(5).await;
    let database = house.path("titan.db");
    let mut bytes = std::fs::read(&database).unwrap();
    bytes[place_of(&database, "message 3 ") + 3] ^= 0x80;
    std::fs::write(&database, bytes).unwrap();
    let served = house.entries().await;
    let kinds: Vec<&str> = served.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["message", "message", "damaged", "message", "message"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_in_postgresql_is_held_against_its_mark_its_pepper_and_its_sums() {
    let Some(database) = support::postgres::Database::make() else { return };
    let (house, url) = (House::empty(), database.url.as_str());
    let there = ["--database-url", url];
    let mut running = Running::serve_with(house.folder(), &there);
    let mut ada = enter(&running, "ada").await;
    for n in 1..=3 {
        ada.says(GENERAL, &message(n)).await;
    }
    support::postgres::run(url, "UPDATE entries SET text = 'forged' WHERE seq = 2");
    let page = ada.ok(json!({"do": "history", "conversation": GENERAL})).await;
    let kinds: Vec<&str> = page["entries"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["message", "damaged", "message"]);
    running.terminate();
    let (code, said) = house.run("check", &there);
    assert!(code == 1 && said.contains("a damaged entry: conversation 1, entry 2"), "{said}");

    // As after a restore of an older dump.
    support::postgres::run(url, "UPDATE house SET turn = turn - 1");
    let (code, said) = house.serve(&there);
    assert!(code == UNSOUND && said.contains("older than it was"), "{said}");
    house.ok("rescue", &there);
    let mut running = Running::serve_with(house.folder(), &there);
    running.terminate();

    std::fs::remove_file(house.path("pepper")).unwrap();
    let (code, said) = house.serve(&there);
    assert!(code == UNSOUND && said.contains("pepper"), "{said}");
    // The folder's house is in PostgreSQL: no other one is made in a file.
    std::fs::write(house.path("pepper"), "another").unwrap();
    let said = house.refuses();
    assert!(said.contains("It was last in"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_destroyed_cost_what_was_in_them() {
    let house = House::closed_after(2_000).await;
    house.seals_all_rows();
    let database = house.path("titan.db");
    let at = place_of(&database, "message 1000 ") / 4096 * 4096;
    garble(&database, at, 4096);
    assert_eq!(house.check().0, 1);
    let said = house.ok("rescue", &[]);
    assert!(said.contains("lost: conversation 1: entries"), "{said}");
    house.is_sound();
    let entries = house.entries().await;
    assert_eq!(entries.len(), 2_000);
    let kept = entries.iter().filter(|entry| entry["kind"] == "message").count();
    assert!((1_900..2_000).contains(&kept), "{kept} messages were kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rescue_that_is_killed_goes_on_and_one_beside_a_server_is_refused() {
    let house = House::closed_after(2_000).await;
    let running = Running::serve(house.folder());
    let (code, said) = house.run("rescue", &[]);
    assert!(code == 1 && said.contains("another server is using"), "{said}");
    drop(running);
    for millis in [2, 10, 30, 60] {
        let mut rescue = process::titan_server(&["rescue", "--data-dir", house.text()]).spawn().unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
        let _ = rescue.kill();
        let _ = rescue.wait();
        if house.path("rescuing").exists() {
            assert!(house.refuses().contains("rescue was begun"));
        }
    }
    house.ok("rescue", &[]);
    house.is_sound();
    assert_eq!(house.texts().await, messages(2_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failed_fsync_the_server_ends_says_why_and_tells_nobody_what_it_does_not_know() {
    let (house, disk) = (House::empty(), Disk::build());
    let mut server = Started::serve(house.folder(), &disk);
    let mut ada = enter_at(server.http(), "ada").await;
    ada.says(GENERAL, "before").await;
    disk.fails();
    ada.send(json!({"do": "post", "conversation": GENERAL, "text": "nobody knows"})).await;
    let mut frames = Vec::new();
    while let Some(frame) = ada.frame().await {
        frames.push(frame);
    }
    assert!(
        frames.iter().all(|frame| frame.get("error").is_none() && frame["entry"]["text"] != "nobody knows"),
        "{frames:?}"
    );
    let (code, said) = server.ended();
    assert_eq!(code, DISK, "{said}");
    assert!(said.contains("what is true is on disk"), "{said}");
    disk.works();
    house.is_sound();
    assert_eq!(house.texts().await[0], "before");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_told_and_kept_though_the_database_can_not_grow() {
    let (house, disk) = (House::empty(), Disk::build());
    let server = Started::serve(house.folder(), &disk);
    let (mut ada, mut bob) = (enter_at(server.http(), "ada").await, enter_at(server.http(), "bob").await);
    disk.is_full(house.path("titan.db").to_str().unwrap());
    let log = house.path("titan.db-wal");
    let mut said = Vec::new();
    // Beyond where it would have been moved into the database.
    while std::fs::metadata(&log).unwrap().len() < 5_000_000 {
        said.push(format!("message {}", said.len()));
        ada.says(GENERAL, said.last().unwrap()).await;
        bob.hears_text(said.last().unwrap()).await;
    }
    drop(server);
    disk.has_room();
    assert_eq!(house.texts().await, said);
    house.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_on_a_full_disk_lets_people_read_and_refuses_the_rest_in_words() {
    let disk = Disk::build();
    for house in [House::killed_after(100).await, House::closed_after(100).await] {
        disk.is_full(&format!("{}/", house.text()));
        let server = Started::serve(house.folder(), &disk);
        let mut ada = Native::connect(server.http()).await;
        ada.login("ada", "secret-password").await;
        let page = ada.ok(json!({"do": "history", "conversation": GENERAL, "limit": 100})).await;
        assert_eq!(page["entries"].as_array().unwrap().len(), 100);
        // What fits where something was before is written.
        let (mut written, mut fault) = (0, json!(null));
        while fault.is_null() && written < 1_000 {
            let answer = ada.ask(json!({"do": "post", "conversation": GENERAL, "text": "x".repeat(10_000)})).await;
            fault = answer["error"]["code"].clone();
            written += usize::from(fault.is_null());
        }
        assert_eq!(fault, "unavailable");
        disk.has_room();
        ada.says(GENERAL, "room again").await;
        drop(server);
        assert_eq!(house.texts().await.len(), 100 + written + 1);
        house.is_sound();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rescue_that_is_killed_while_it_puts_everything_back_loses_nothing() {
    let disk = Disk::build();
    for name in ["titan.db", "titan.db-wal"] {
        let house = House::killed_after(10).await;
        let log = house.path("titan.db-wal");
        flip(&log, live(&std::fs::read(&log).unwrap()) * 30 / 100);
        // It can't write what it keeps, so everything goes back; and it doesn't come to an end with that.
        disk.is_full(house.path("rescue.tmp/").to_str().unwrap());
        disk.kills_at(&house.path(name));
        let killed = disk.command(&["rescue", "--data-dir", house.text()]).output().unwrap();
        assert_eq!(killed.status.code(), None, "{}", process::error_of(&killed));
        disk.has_room();
        let said = house.ok("rescue", &[]);
        assert!(said.contains("nothing was lost"), "{said}");
        assert_eq!(house.texts().await, messages(10));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_behind_a_link_is_looked_at_where_it_lies_and_rescued_there() {
    let house = House::killed_after(10).await;
    std::fs::create_dir(house.path("disk")).unwrap();
    for ending in ["", "-wal", "-shm"] {
        let name = format!("titan.db{ending}");
        std::fs::rename(house.path(&name), house.path("disk").join(&name)).unwrap();
    }
    std::os::unix::fs::symlink("disk/titan.db", house.path("titan.db")).unwrap();
    let log = house.path("disk/titan.db-wal");
    flip(&log, live(&std::fs::read(&log).unwrap()) * 30 / 100);
    assert!(house.refuses().contains("write-ahead log is damaged"));
    assert!(house.check_finds("write-ahead log is damaged"));
    let (code, said) = house.run("backup", &[house.path("copy").to_str().unwrap()]);
    assert!(code == UNSOUND && said.contains("write-ahead log is damaged"), "{said}");
    let (code, said) = house.run("migrate", &["--to", house.path("other.db").to_str().unwrap()]);
    assert!(code == UNSOUND && said.contains("write-ahead log is damaged"), "{said}");
    let said = house.ok("rescue", &[]);
    assert!(said.contains("nothing was lost"), "{said}");
    assert!(house.path("titan.db").is_symlink() && !house.path("disk/titan.db").is_symlink());
    assert_eq!(house.texts().await, messages(10));
    house.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_that_was_killed_in_its_very_first_start_starts_again() {
    let (house, seed) = (House::empty(), House::empty());
    let making = rusqlite::Connection::open(seed.path("titan.db")).unwrap();
    making.execute_batch("PRAGMA journal_mode = WAL; PRAGMA cache_size = 1; BEGIN; CREATE TABLE t (x)").unwrap();
    let rows = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 300) \
        INSERT INTO t SELECT randomblob(1000) FROM n";
    making.execute_batch(rows).unwrap();
    for name in ["titan.db", "titan.db-wal"] {
        std::fs::copy(seed.path(name), house.path(name)).unwrap();
    }
    assert!(std::fs::metadata(house.path("titan.db-wal")).unwrap().len() > 10_000, "pages, and no commit");
    let running = Running::serve(house.folder());
    enter(&running, "ada").await.says(GENERAL, "at last").await;
    drop(running);
    assert_eq!(house.texts().await, ["at last"]);
}

#[test]
fn a_folder_that_holds_no_house_is_told_so() {
    let house = House::empty();
    let (code, said) = house.check();
    assert!(code == 1 && said.contains("there is no database"), "{said}");
    let (code, said) = house.run("rescue", &[]);
    assert!(code == 1 && said.contains("there is no database"), "{said}");
    assert!(!Path::new(&house.path("titan.db")).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_a_new_database_is_made_and_that_of_a_house_that_was_there_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = titan_server::config::Config::local(&folder.path().join("house"));
    config.database = folder.path().join("not/there/yet/titannet.db");
    titan_server::Server::start(config.clone()).await.unwrap().close().await;
    assert!(config.database.is_file());

    let not = folder.path().join("not");
    std::fs::rename(&not, folder.path().join("away")).unwrap();
    let Err(refused) = titan_server::Server::start(config.clone()).await else { panic!("an empty house was opened") };
    let refused = format!("{refused:#}");
    assert!(refused.contains("there is no house in") && !not.exists(), "{refused}");
    std::fs::rename(folder.path().join("away"), &not).unwrap();
    titan_server::Server::start(config).await.unwrap().close().await;
}
