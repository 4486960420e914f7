//! UtuVox: its five tables, the lines of its histories, its uploads and its admin key.

use rustls::version;
use serde_json::{Value, json};

use crate::import_older::doors::SlashClient;
use crate::import_older::land::{Land, conversation, enter, enter_again, fetch, hex, log, on_both_stores};
use crate::support::Native;
use crate::support::process::Running;
use crate::tls_support::Client;

pub fn land() -> Land {
    let (ada, bob, eve) = (hex("ada-password"), hex("bob-password"), hex("eve-password"));
    let land = Land::new(
        "utuvox",
        &format!(
            "CREATE TABLE users (username TEXT PRIMARY KEY, password_hash TEXT NOT NULL, is_admin INTEGER DEFAULT 0,
               is_banned INTEGER DEFAULT 0);
             CREATE TABLE rooms (room_name TEXT PRIMARY KEY);
             CREATE TABLE room_history (id INTEGER PRIMARY KEY AUTOINCREMENT, room_name TEXT NOT NULL,
               timestamp TEXT NOT NULL, event TEXT NOT NULL);
             CREATE TABLE files (unique_name TEXT PRIMARY KEY, original_name TEXT NOT NULL, room_name TEXT NOT NULL,
               upload_timestamp TEXT NOT NULL);
             CREATE TABLE admin_logs (id INTEGER PRIMARY KEY AUTOINCREMENT, admin_username TEXT NOT NULL,
               timestamp TEXT NOT NULL, action TEXT NOT NULL);
             INSERT INTO users VALUES ('ada', '{ada}', 1, 0), ('bob', '{bob}', 0, 0), ('eve', '{eve}', 0, 1);
             INSERT INTO rooms VALUES ('lab'), ('empty');
             INSERT INTO room_history (room_name, timestamp, event) VALUES
               ('lab', '2025-03-01 21:00:10', 'User ada joined room ''lab'''),
               ('lab', '2025-03-01 21:00:15', 'User ada uploaded file ''lab_20250301_210015_a.txt_0a1b2c3d'' (Original: a.txt)'),
               ('lab', '2025-03-01 21:00:25', 'User bob joined room ''lab'''),
               ('lab', '2025-03-01 21:00:26', 'bob: hello: all'),
               ('lab', '2025-03-01 21:00:27', 'eve: User bob left room ''lab'''),
               ('lab', '2025-03-01 21:00:28', 'User bob downloaded file ''lab_20250301_210015_a.txt_0a1b2c3d'' (Original: a.txt)'),
               ('lab', '2025-03-01 21:00:29', 'User zoe uploaded file ''gone'' (Original: gone.txt)'),
               ('lab', '2025-03-01 21:00:30', 'User bob left room ''lab'''),
               ('lab', '2025-03-01 21:00:31', 'zoe: I am deleted'),
               ('lab', '2025-03-01 21:00:32', 'something else'),
               ('old', '2025-03-01 21:00:33', 'bob: in a deleted room');
             INSERT INTO files VALUES ('lab_20250301_210015_a.txt_0a1b2c3d', 'a.txt', 'lab', '2025-03-01 21:00:15'),
               ('lab_20250301_220000_b.txt_ffffffff', 'b.txt', 'lab', '2025-03-01 22:00:00'),
               ('gone', 'gone.txt', 'lab', '2025-03-01 21:00:29'), ('x', 'x', 'old', '2025-03-01 21:00:00');
             INSERT INTO admin_logs (admin_username, timestamp, action) VALUES ('ada', '2025-03-02 08:00:00', 'Banned user eve'),
               ('zoe', '2025-03-02 09:00:00', 'Deleted room old'),
               ('ada', '2025-03-02 10:00:00', 'Edited user ''bob'' (new_password: hunter2'')x, is_admin: None)'),
               ('ada', '2025-03-02 11:00:00', 'Changed admin key to ''Real-Key-9''');"
        ),
    );
    land.upload("lab_20250301_210015_a.txt_0a1b2c3d", b"the bytes of a");
    land.upload("lab_20250301_220000_b.txt_ffffffff", b"the bytes of b");
    land
}

on_both_stores! {
    a_utuvox_comes_in_with_everything_in_it: super::land();
}

async fn a_utuvox_comes_in_with_everything_in_it(land: Land) {
    assert!(land.refuses(&[]).contains("file \"gone.txt\" of \"former-zoe\" in room \"lab\": it was not found"));
    let said = land.import_in_part(&["--time-zone", "UTC", "--leave-out-files"]);
    for line in [
        "left out: line 11 of the history of room \"old\", which is gone",
        "left out: file \"gone.txt\" of \"former-zoe\" in room \"lab\": it was not found, stored as \"gone\"",
        "left out: the line that tells of file \"gone\": it was not found",
        "left out: file \"x\" in room \"old\", which is gone",
        "Imported 3 accounts, 2 rooms with 3 members and 4 messages",
        "2 files, 5 comings, goings and downloads, 4 acts of admins. Left out: 4 things and 0 tables.",
    ] {
        assert!(said.contains(line), "{line:?} is missing in {said}");
    }
    let server = land.serve();
    its_own_clients_find_everything(&server).await;
    assert_eq!(land.scheme("ada"), "titan");
    let mut ada = enter_again(&server, "ada", "ada-password").await;
    let mut bob = enter(&land, &server, "bob", "bob-password").await;
    let lab = conversation(&mut bob, "lab").await;
    let told = [
        "03-01 21:00:10 ada joined",
        "03-01 21:00:15 ada shared a.txt",
        "03-01 21:00:25 bob joined",
        "03-01 21:00:26 bob said hello: all",
        "03-01 21:00:27 eve said User bob left room 'lab'",
        "03-01 21:00:28 bob file_fetched",
        "03-01 21:00:29 former-zoe said [gone.txt: this file did not come along]",
        "03-01 21:00:30 bob left",
        "03-01 21:00:31 former-zoe said I am deleted",
        "03-01 21:00:32 system said something else",
        "03-01 22:00:00 former-unknown shared b.txt",
    ];
    let lines = log(&mut bob, lab).await;
    assert_eq!(lines[..told.len()], told);
    // Since then ada fetched a file, and came to see, which costs the log nothing.
    assert!(lines.len() == told.len() + 1 && lines[told.len()].ends_with(" ada file_fetched"), "{lines:?}");
    assert_eq!(fetch(&mut bob, &server, lab, "a.txt").await, b"the bytes of a");
    assert_eq!(fetch(&mut ada, &server, lab, "b.txt").await, b"the bytes of b");

    // Their clients hash at home: that works here once the password has been here itself.
    let mut client = Client::connect(server.address("tls-frames"), &[&version::TLS13]).await;
    client.login("bob", "bob-password").await;
    assert_eq!(unique_names(&land), ["lab_20250301_210015_a.txt_0a1b2c3d", "lab_20250301_220000_b.txt_ffffffff"]);

    let admins: Value = serde_json::from_str(&listed(&land, "admins")).unwrap();
    assert_eq!(admins.as_array().unwrap().len(), 1);
    assert_eq!(admins[0]["username"], "ada");
    let audit = listed(&land, "audit");
    assert!(audit.contains("Banned user eve") && audit.contains("Deleted room old"), "{audit}");
    assert!(audit.contains("Edited user 'bob' (new_password: [removed], is_admin: None)"), "{audit}");
    assert!(!audit.contains("hunter2") && !audit.contains("Real-Key-9"), "{audit}");
    let mut eve = Native::connect(server.address("http")).await;
    let login = json!({"do": "login", "username": "eve", "password": "eve-password"});
    assert_eq!(eve.fault(login).await, "banned");
}

async fn its_own_clients_find_everything(server: &Running) {
    let mut ada = SlashClient::connect(server.address("slash")).await;
    ada.asks("/login ada ada-password", "Login successful.").await;
    let told = ada.asks("/join lab", "You joined room 'lab'.").await;
    let file = "'lab_20250301_210015_a.txt_0a1b2c3d' (Original: a.txt)";
    for line in [
        "Chat history for 'lab':",
        "bob: hello: all",
        &format!("User ada uploaded file {file}"),
        &format!("User bob downloaded file {file}"),
        "User bob left room 'lab'",
    ] {
        assert!(told.contains(line), "{line:?} is missing in {told}");
    }
    let listed = "Unique Name: lab_20250301_220000_b.txt_ffffffff, Original Name: b.txt";
    ada.asks("/list_files", listed).await;
    ada.asks("/download lab_20250301_210015_a.txt_0a1b2c3d", "/file lab_20250301_210015_a.txt_0a1b2c3d 14").await;
    ada.asks("/whoami", "the bytes of a").await;
}

/// What files are downloaded by at the slash door.
fn unique_names(land: &Land) -> Vec<String> {
    let names = land.asks("SELECT unique_name FROM files WHERE unique_name IS NOT NULL ORDER BY id");
    names.into_iter().flatten().flatten().collect()
}

#[test]
fn a_second_utuvox_keeps_what_the_first_one_has() {
    let land = land();
    land.import_in_part(&["--leave-out-files"]);
    let said = land.import_in_part(&["--rename", "--again", "--leave-out-files"]);
    assert!(said.contains("file \"lab_20250301_210015_a.txt_0a1b2c3d\" has another unique name now"), "{said}");
    assert!(said.contains("room \"lab\" is the room \"lab (2)\" now"), "{said}");
    assert_eq!(unique_names(&land).len(), 2);
    assert!(land.state().contains("6 accounts, 5 rooms") && land.state().contains("4 files"), "{}", land.state());
}

fn listed(land: &Land, what: &str) -> String {
    String::from_utf8(land.run(&["admin", "list", what, "--json"]).stdout).unwrap()
}

#[test]
fn the_admin_key_comes_along_unless_everybody_knows_it_or_there_is_one() {
    let key = |land: &Land| std::fs::read_to_string(land.path("house/admin_key.txt")).ok();
    let known = land();
    std::fs::write(known.path("old/admin_key.txt"), "default_admin_key_123").unwrap();
    assert!(
        known.import_in_part(&["--leave-out-files"]).contains("the one that everybody knows and was not taken over")
    );
    assert_eq!(key(&known), None);

    let secret = land();
    std::fs::write(secret.path("old/admin_key.txt"), "  a key of ours\n").unwrap();
    assert!(secret.import_in_part(&["--leave-out-files"]).contains("UtuVox's admin key is the house's now"));
    assert_eq!(key(&secret).as_deref(), Some("a key of ours\n"));

    let second = land();
    std::fs::create_dir_all(second.path("house")).unwrap();
    std::fs::write(second.path("house/admin_key.txt"), "the house's\n").unwrap();
    std::fs::write(second.path("old/admin_key.txt"), "a key of theirs").unwrap();
    assert!(second.import_in_part(&["--leave-out-files"]).contains("has an admin key already"));
    assert_eq!(key(&second).as_deref(), Some("the house's\n"));
}

#[test]
fn a_failed_import_takes_no_key_over() {
    let land = land();
    land.change("INSERT INTO users VALUES ('two words', 'x', 0, 0)");
    std::fs::write(land.path("old/admin_key.txt"), "a key of ours").unwrap();
    assert!(land.refuses(&[]).contains("\"two words\""));
    assert!(!land.path("house/admin_key.txt").exists());
    assert!(land.import_in_part(&["--rename", "--leave-out-files"]).contains("account \"two words\" is two_words now"));
}
