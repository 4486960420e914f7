//! What operators rely on, tried on the real binary: the contract of "Running it".
#![cfg(unix)]

use crate::support;
use crate::support::process;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::Native;
use crate::support::process::{Running, fails, ok, run, run_with_line};
use serde_json::{Value, json};
use titan_server::config::Tls;
use titan_server::tls::Certificates;

const GENERAL: i64 = 1;

/// A folder for a house and what belongs to it.
struct Land(tempfile::TempDir);

impl Land {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

async fn enter(server: &Running, name: &str) -> Native {
    let mut native = Native::connect(server.address("http")).await;
    native.ok(json!({"do": "register", "username": name, "password": "secret-password"})).await;
    native.login(name, "secret-password").await;
    native
}

async fn hears_its_end(native: &mut Native) {
    while native.frame().await.is_some() {}
}

async fn history(native: &mut Native) -> Vec<Value> {
    let mut entries = Vec::new();
    loop {
        let after = entries.last().map_or(json!(0), |last: &Value| last["seq"].clone());
        let page = native.ok(json!({"do": "history", "conversation": GENERAL, "after": after, "limit": 200})).await;
        let page = page["entries"].as_array().unwrap().clone();
        if page.is_empty() {
            return entries;
        }
        entries.extend(page);
    }
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_server_says_where_it_listens_and_then_that_it_is_ready() {
    let land = Land::new();
    let server = Running::serve(&land.path("house"));
    assert_eq!(server.said.len(), 3);
    assert!(server.said[0].starts_with("listening http 127.0.0.1:"));
    assert!(server.said[1].starts_with("listening titan-net 127.0.0.1:"));
    assert_eq!(server.said[2], "ready");
    assert_ne!(server.address("http").port(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_it_soon_and_tells_everybody_to_come_back() {
    let land = Land::new();
    let mut server = Running::serve(&land.path("house"));
    let (mut ada, mut bob) = (enter(&server, "ada").await, enter(&server, "bob").await);
    ada.says(GENERAL, "last words").await;
    let (status, took) = tokio::task::spawn_blocking(move || server.terminate()).await.unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(5), "it took {took:?}");
    hears_its_end(&mut ada).await;
    hears_its_end(&mut bob).await;
    assert!(!land.path("house/control.sock").exists());
    let server = Running::serve(&land.path("house"));
    let mut ada = Native::connect(server.address("http")).await;
    ada.login("ada", "secret-password").await;
    assert_eq!(history(&mut ada).await.last().unwrap()["text"], "last words");
}

#[test]
fn a_second_server_on_a_folder_is_refused() {
    let land = Land::new();
    let _server = Running::serve(&land.path("house"));
    let complaint = fails(&["serve", "--http", "127.0.0.1:0", "--titan-net", "off", "--data-dir", &land.text("house")]);
    assert!(complaint.contains("another server is using"), "{complaint}");
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    let land = Land::new();
    let house = land.text("house");
    let bad_file = land.text("bad.toml");
    std::fs::write(&bad_file, "htpp = \"off\"").unwrap();
    let wrong: [&[&str]; 8] = [
        &["serve", "--nonsense"],
        &[],
        &["serve", "--http", "nowhere", "--data-dir", &house],
        &["serve", "--tls-cert", "x.pem", "--data-dir", &house],
        &["config", "--data-dir", &house, "--config", &bad_file],
        &["admin", "list", "everything", "--data-dir", &house],
        &["backup"],
        &["completions", "cobol"],
    ];
    for arguments in wrong {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", process::error_of(&output));
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{arguments:?}");
    }
    assert!(!land.path("house").exists(), "a wrong command made a data folder");
    for command in ["admin", "backup", "check"] {
        let arguments: &[&str] = match command {
            "admin" => &["admin", "list", "accounts", "--data-dir", &house],
            "backup" => &["backup", &bad_file, "--data-dir", &house],
            _ => &["check", "--data-dir", &house],
        };
        assert!(fails(arguments).contains("--data-dir"));
    }
}

#[test]
fn version_help_settings_and_completions_are_shown() {
    assert!(ok(&["--version"]).starts_with("titan-server 0."));
    assert!(ok(&["--help"]).contains("backup"));
    assert!(ok(&["check", "--help"]).contains("--blobs-dir"));
    assert!(ok(&["completions", "bash"]).contains("complete -F"));
    let land = Land::new();
    let settings = ok(&["config", "--http", "127.0.0.1:1234", "--data-dir", &land.text("house")]);
    let file = land.path("as-shown.toml");
    std::fs::write(&file, &settings).unwrap();
    assert_eq!(ok(&["config", "--config", file.to_str().unwrap(), "--data-dir", &land.text("house")]), settings);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_beside_a_running_server_act_at_once() {
    let land = Land::new();
    let house = land.text("house");
    let server = Running::serve(&land.path("house"));
    let (mut ada, mut bob) = (enter(&server, "ada").await, enter(&server, "bob").await);
    let mut bob_too = Native::connect(server.address("http")).await;
    bob_too.login("bob", "secret-password").await;

    assert!(ok(&["admin", "grant", "ada", "--data-dir", &house]).contains("is an admin now"));
    ada.hears(|event| event["event"] == "account_changed" && event["account"]["role"] == "admin").await;
    let admins = json_of(&ok(&["admin", "list", "admins", "--json", "--data-dir", &house]));
    assert_eq!(admins[0]["username"], "ada");

    ok(&["admin", "ban", "bob", "--reason", "noise", "--data-dir", &house]);
    hears_its_end(&mut bob).await;
    hears_its_end(&mut bob_too).await;
    let mut bob = Native::connect(server.address("http")).await;
    let login = json!({"do": "login", "username": "bob", "password": "secret-password"});
    assert_eq!(bob.fault(login.clone()).await, "banned");
    assert!(ok(&["admin", "list", "bans", "--data-dir", &house]).contains("noise"));
    let number =
        json_of(&ok(&["admin", "list", "bans", "--json", "--data-dir", &house]))[0]["titan_number"].to_string();
    ok(&["admin", "unban", &number, "--data-dir", &house]);
    bob.ok(login.clone()).await;

    let output = run_with_line(&["admin", "reset-password", "bob", "--keep", "--data-dir", &house], "another-password");
    assert!(output.status.success(), "{}", process::error_of(&output));
    hears_its_end(&mut bob).await;
    let mut bob = Native::connect(server.address("http")).await;
    assert_eq!(bob.fault(login).await, "bad_credentials");
    bob.login("bob", "another-password").await;
    let made_up = json_of(&ok(&["admin", "reset-password", "bob", "--generate", "--json", "--data-dir", &house]));
    hears_its_end(&mut bob).await;
    let mut bob = Native::connect(server.address("http")).await;
    let mut made_up = json!({"do": "login", "username": "bob", "password": made_up["password"]});
    assert_eq!(bob.fault(made_up.clone()).await, "choose_password");
    made_up["new_password"] = json!("a-word-of-his-own");
    bob.ok(made_up).await;

    let audit = ok(&["admin", "list", "audit", "--data-dir", &house]);
    for act in ["ban", "unban", "edit_account", "operator"] {
        assert!(audit.contains(act), "{act} is not in {audit}");
    }
    assert!(fails(&["admin", "ban", "nobody", "--data-dir", &house]).contains("nobody"));
    assert!(fails(&["admin", "remove", "bob", "--data-dir", &house]).contains("--yes"));
    ok(&["admin", "remove", "bob", "--yes", "--data-dir", &house]);
    hears_its_end(&mut bob).await;
    assert!(fails(&["admin", "unban", "bob", "--data-dir", &house]).contains("no account"));
    assert_eq!(std::fs::metadata(land.path("house/control.sock")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_log_that_was_cut_off_or_changed_is_found_out() {
    let land = Land::new();
    let (house, log) = (land.text("house"), land.path("log"));
    let mut server = Running::serve_with(&land.path("house"), &["--security-log", log.to_str().unwrap()]);
    enter(&server, "ada").await;
    for _ in 0..3 {
        ok(&["admin", "ban", "ada", "--reason", "noise", "--data-dir", &house]);
        ok(&["admin", "unban", "ada", "--data-dir", &house]);
    }
    let said = ok(&["admin", "audit", "--verify", "--data-dir", &house]);
    assert!(said.starts_with("The audit log is whole: 6 rows, the last one 6:"), "{said}");
    let shown = ok(&["admin", "audit", "--before", "3", "--limit", "1", "--data-dir", &house]);
    assert!(shown.contains("unban") && shown.contains("ada") && shown.contains("console"), "{shown}");
    assert_eq!(shown.lines().count(), 2, "{shown}");
    server.terminate();
    let told = std::fs::read_to_string(&log).unwrap();
    let head = told.lines().rev().find(|line| line.contains("event=audit_head")).unwrap();
    let head = head.split(" of=").nth(1).unwrap().split(' ').next().unwrap();
    let verify = ["admin", "audit", "--verify", "--head", head, "--data-dir", &house];
    assert_eq!(ok(&verify), said);
    assert!(fails(&["admin", "audit", "--verify", "--head", "6:x", "--data-dir", &house]).contains("12:9f86"));
    let change =
        |sql: &str| rusqlite::Connection::open(land.path("house/titan.db")).unwrap().execute_batch(sql).unwrap();
    change("DELETE FROM audit WHERE id = 6");
    assert!(fails(&["admin", "audit", "--verify", "--data-dir", &house]).contains("Row 6"));
    let checked = run(&["check", "--data-dir", &house]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("the audit log: row 6 "));
    // Made anew as a whole it fits, but for what was noted elsewhere.
    change("UPDATE audit SET hash = NULL; UPDATE house SET audit_row = NULL, audit_hash = NULL");
    assert!(ok(&["admin", "audit", "--verify", "--data-dir", &house]).contains("5 rows"));
    assert!(fails(&verify).contains("cut off"));
    change("UPDATE audit SET detail = 'nothing' WHERE id = 3");
    assert!(fails(&["admin", "audit", "--verify", "--data-dir", &house]).contains("Row 3"));
    let checked = run(&["check", "--data-dir", &house]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("the audit log: row 3 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_no_authority_has_signed_is_named_as_clients_show_it() {
    let land = Land::new();
    let (house, log) = (land.path("house"), land.path("log"));
    let (cert, key) = (land.text("house/tls/cert.pem"), land.text("house/tls/key.pem"));
    for tls in [&["--tls", "self-signed"][..], &["--tls-cert", &cert, "--tls-key", &key]] {
        let mut server = Running::serve_with(&house, &[tls, &["--log-file", log.to_str().unwrap()]].concat());
        server.terminate();
        let known = Certificates::open(&Tls::SelfSigned, &house).unwrap().unwrap().fingerprint().unwrap();
        let told = std::fs::read_to_string(&log).unwrap();
        assert!(told.contains(&format!("TLS certificate SHA-256: {known:#}\n")), "{tls:?}: {told}");
        std::fs::remove_file(&log).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_without_a_server_are_done_in_the_house_itself() {
    let land = Land::new();
    let house = land.text("house");
    let mut server = Running::serve(&land.path("house"));
    enter(&server, "ada").await;
    enter(&server, "bob").await;
    // A dead server leaves its socket behind.
    server.kill();
    assert!(land.path("house/control.sock").exists());
    ok(&["admin", "ban", "bob", "--data-dir", &house]);
    assert!(
        run_with_line(&["admin", "reset-password", "ada", "--keep", "--data-dir", &house], "new-password")
            .status
            .success()
    );
    let before = std::fs::read_to_string(land.path("house/admin_key.txt")).unwrap();
    ok(&["admin", "key", "rotate", "--data-dir", &house]);
    let after = std::fs::read_to_string(land.path("house/admin_key.txt")).unwrap();
    assert_ne!(before, after);

    let server = Running::serve(&land.path("house"));
    let mut stranger = Native::connect(server.address("http")).await;
    let login = json!({"do": "login", "username": "bob", "password": "secret-password"});
    assert_eq!(stranger.fault(login).await, "banned");
    stranger.login("ada", "new-password").await;
    let register = |key: &str| json!({"do": "register", "username": "eve", "password": "secret-password", "admin_key": key.trim()});
    assert_eq!(stranger.fault(register(&before)).await, "forbidden");
    stranger.ok(register(&after)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_banned_address_is_out_at_once_and_stays_out() {
    let land = Land::new();
    let house = land.text("house");
    let server = Running::serve(&land.path("house"));
    let mut ada = enter(&server, "ada").await;
    let token = ada.token.clone();
    assert_eq!(run(&["admin", "ban", "--data-dir", &house]).status.code(), Some(2));
    ok(&["admin", "ban", "--address", "127.0.0.1", "--reason", "flood", "--data-dir", &house]);
    hears_its_end(&mut ada).await;
    let mut ada = Native::connect(server.address("http")).await;
    assert_eq!(ada.fault(json!({"do": "authenticate", "token": token})).await, "banned");
    let login = json!({"do": "login", "username": "ada", "password": "secret-password"});
    assert_eq!(ada.fault(login).await, "banned");
    assert!(ok(&["admin", "list", "bans", "--data-dir", &house]).contains("127.0.0.1"));
    ok(&["admin", "unban", "--address", "127.0.0.1", "--data-dir", &house]);
    assert!(fails(&["admin", "unban", "--address", "127.0.0.1", "--data-dir", &house]).contains("not banned"));
    ada.ok(json!({"do": "authenticate", "token": token})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_are_decided_and_their_bytes_kept_over_a_backup() {
    let land = Land::new();
    let (house, copy, again) = (land.text("house"), land.text("copy"), land.text("again"));
    let server = Running::serve(&land.path("house"));
    let mut ada = enter(&server, "ada").await;
    let (kept, lost) = (hand_in(&server, &ada.token, "kept").await, hand_in(&server, &ada.token, "lost").await);
    let pending = json_of(&ok(&["admin", "list", "pending", "--json", "--data-dir", &house]));
    let sha256 =
        |id: &Value| pending.as_array().unwrap().iter().find(|app| app["id"] == *id).unwrap()["sha256"].clone();
    let (hash, other) = (sha256(&kept), sha256(&lost));
    let (hash, other) = (hash.as_str().unwrap(), other.as_str().unwrap());
    fails(&["admin", "approve", &kept.to_string(), "--sha256", other, "--data-dir", &house]);
    ok(&["admin", "approve", &kept.to_string(), "--sha256", hash, "--data-dir", &house]);
    ok(&["admin", "reject", &lost.to_string(), "--reason", "no", "--data-dir", &house]);
    ada.hears(|event| event["event"] == "app_changed" && event["app"]["reason"] == "no").await;

    ok(&["backup", &copy, "--data-dir", &house]);
    ok(&["restore", &copy, "--data-dir", &again]);
    assert!(ok(&["check", "--blobs", "--data-dir", &again]).contains("2 blobs read through"));
    let restored = Running::serve(&land.path("again"));
    let url = format!("http://{}/api/download/{kept}", restored.address("http"));
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let bytes = support::deadline(async { reqwest::get(url).await.unwrap().text().await.unwrap() }).await;
    assert_eq!(bytes, "the bytes of kept");
    drop(restored);

    // The backup's blobs are linked to the house's; the restored ones stand alone.
    let blob = |id: &str| land.path("again").join("blobs").join(&id[..2]).join(id);
    flip(&blob(hash), 3);
    std::fs::remove_file(blob(other)).unwrap();
    let output = run(&["check", "--blobs", "--data-dir", &again]);
    let found = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(found.contains(&format!("a damaged file: {}", blob(hash).display())), "{found}");
    assert!(found.contains(&format!("a missing file: {}", blob(other).display())), "{found}");
    ok(&["check", "--blobs", "--data-dir", &house]);
    let warned = run(&["backup", &land.text("poor"), "--data-dir", &again]);
    assert!(warned.status.success() && process::error_of(&warned).contains(other));
}

/// Uploads an app; its id.
async fn hand_in(server: &Running, token: &str, name: &str) -> Value {
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let metadata = json!({"name": name, "description": "", "category": "game", "version": "1"}).to_string();
    let file = reqwest::multipart::Part::text(format!("the bytes of {name}")).file_name("app.zip");
    let form = reqwest::multipart::Form::new().text("metadata", metadata).part("file", file);
    let url = format!("http://{}/api/upload", server.address("http"));
    let request = reqwest::Client::new().post(url).bearer_auth(token).multipart(form);
    let answer = support::deadline(async { request.send().await.unwrap().text().await.unwrap() }).await;
    json_of(&answer)["app_id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_be_a_name_or_a_number_is_the_name() {
    let land = Land::new();
    let house = land.text("house");
    let server = Running::serve(&land.path("house"));
    enter(&server, "ada").await;
    let ada = json_of(&ok(&["admin", "list", "accounts", "--json", "--data-dir", &house]))[0].clone();
    let number = ada["titan_number"].to_string();
    // New names have a letter; those of before go on.
    enter(&server, "bob").await;
    let before = "UPDATE accounts SET username = ?1, key = ?1, folded = ?1 WHERE username = 'bob'";
    rusqlite::Connection::open(land.path("house").join("titan.db")).unwrap().execute(before, [&number]).unwrap();
    let bans = |whom: &str| {
        ok(&["admin", "ban", whom, "--data-dir", &house]);
        let banned = json_of(&ok(&["admin", "list", "bans", "--json", "--data-dir", &house]));
        ok(&["admin", "unban", whom, "--data-dir", &house]);
        let names = banned.as_array().unwrap().iter().map(|it| it["username"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(bans(&number), [number.as_str()]);
    assert_eq!(bans(&format!("@{number}")), [number.as_str()]);
    for explicit in [format!("#{number}"), format!("no:{number}")] {
        assert_eq!(bans(&explicit), ["ada"]);
    }
}

#[test]
fn everything_in_the_house_is_its_owners_alone() {
    let land = Land::new();
    let log = land.text("log/server.log");
    std::fs::create_dir(land.path("log")).unwrap();
    let _server = Running::serve_with(&land.path("house"), &["--log-file", &log]);
    for path in files_under(&land.path("house")).into_iter().chain([PathBuf::from(&log)]) {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
    }
    assert!(std::fs::read_to_string(&log).unwrap().contains("Admin key"));
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_under(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_while_people_talk_gives_the_same_house_again() {
    let land = Land::new();
    let (house, copy, again) = (land.text("house"), land.text("copy"), land.text("again"));
    let server = Running::serve(&land.path("house"));
    let mut ada = enter(&server, "ada").await;
    for number in 0..50 {
        ada.says(GENERAL, &format!("before {number}")).await;
    }
    let backed_up = Arc::new(AtomicBool::new(false));
    let talk = {
        let mut bob = enter(&server, "bob").await;
        let backed_up = backed_up.clone();
        tokio::spawn(async move {
            let mut number = 0;
            while !backed_up.load(Ordering::Relaxed) {
                bob.says(GENERAL, &format!("meanwhile {number}")).await;
                number += 1;
            }
        })
    };
    let arguments = ["backup".to_owned(), copy.clone(), "--data-dir".to_owned(), house.clone()];
    tokio::task::spawn_blocking(move || ok(&arguments.each_ref().map(String::as_str))).await.unwrap();
    backed_up.store(true, Ordering::Relaxed);
    talk.await.unwrap();

    assert!(ok(&["check", "--blobs", "--data-dir", &house]).starts_with("Nothing is damaged: 2 accounts"));
    assert!(fails(&["backup", &copy, "--data-dir", &house]).contains("not empty"));
    assert!(fails(&["restore", &copy, "--data-dir", &house]).contains("another server is using"));
    ok(&["restore", &copy, "--data-dir", &again]);
    assert!(fails(&["restore", &copy, "--data-dir", &again]).contains("not empty"));
    ok(&["check", "--blobs", "--data-dir", &again]);
    for secret in ["pepper", "admin_key.txt"] {
        let read = |folder: &str| std::fs::read(Path::new(folder).join(secret)).unwrap();
        assert_eq!(read(&house), read(&again));
    }

    let whole = history(&mut ada).await;
    let restored = Running::serve(&land.path("again"));
    let mut ada = Native::connect(restored.address("http")).await;
    ada.login("ada", "secret-password").await;
    let kept = history(&mut ada).await;
    assert!(kept.len() >= 50);
    assert_eq!(kept, whole[..kept.len()]);
    ada.says(GENERAL, "and on it goes").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_whole_backup_is_not_restored() {
    let land = Land::new();
    let (house, copy, again) = (land.text("house"), land.text("copy"), land.text("again"));
    let server = Running::serve(&land.path("house"));
    enter(&server, "ada").await.says(GENERAL, "hi").await;
    ok(&["backup", &copy, "--data-dir", &house]);

    flip(&land.path("copy/titan.db"), 5_000);
    assert!(fails(&["restore", &copy, "--data-dir", &again]).contains("is damaged"));
    assert_eq!(names(&land.path("again")), ["lock"], "a failed restore left something");
    flip(&land.path("copy/titan.db"), 5_000);

    // As a kill leaves it: the marker, and half of the files.
    std::fs::write(land.path("again/restoring"), "").unwrap();
    std::fs::write(land.path("again/pepper"), "half").unwrap();
    let refused = fails(&["serve", "--http", "127.0.0.1:0", "--titan-net", "off", "--data-dir", &again]);
    assert!(refused.contains("restore"), "{refused}");
    ok(&["restore", &copy, "--data-dir", &again]);
    ok(&["check", "--data-dir", &again]);

    std::fs::remove_file(land.path("copy/manifest.json")).unwrap();
    assert!(fails(&["restore", &copy, "--data-dir", &land.text("third")]).contains("no whole backup"));
    assert!(!land.path("third").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn flipped_bits_are_found_and_named() {
    let land = Land::new();
    let house = land.text("house");
    let mut server = Running::serve(&land.path("house"));
    let mut ada = enter(&server, "ada").await;
    for number in 0..200 {
        ada.says(GENERAL, &format!("message {number} with some words to fill a page")).await;
    }
    server.terminate();
    assert!(ok(&["check", "--data-dir", &house]).contains("200 entries"));
    let database = land.path("house/titan.db");
    let pages = std::fs::metadata(&database).unwrap().len() / 4096;
    let mut found = 0;
    for page in 1..pages {
        let place = page * 4096 + 3;
        flip(&database, place);
        let output = run(&["check", "--data-dir", &house]);
        found += u64::from(output.status.code() == Some(1) && !output.stdout.is_empty());
        flip(&database, place);
    }
    assert!(found * 10 >= (pages - 1) * 9, "only {found} of {} damaged pages were found", pages - 1);
    ok(&["check", "--data-dir", &house]);
}

fn flip(file: &Path, at: u64) {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::options().read(true).write(true).open(file).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_example_file_names_every_setting_with_its_default() {
    let example = include_str!("../../assets/titan.example.toml");
    let is_setting =
        |line: &str| line.split(" = ").next().is_some_and(|name| !name.contains(' ')) && line.contains(" = ");
    let lines = example.lines().filter_map(|line| line.strip_prefix("# ")).filter(|line| is_setting(line));
    let named: toml::Table = lines.collect::<Vec<_>>().join("\n").parse().unwrap();
    let land = Land::new();
    let file = land.path("all.toml");
    std::fs::write(&file, named.to_string()).unwrap();
    ok(&["config", "--config", file.to_str().unwrap()]);
    std::fs::write(&file, example).unwrap();
    let defaults = ok(&["config", "--config", file.to_str().unwrap(), "--data-dir", &land.text("house")]);
    let defaults: toml::Table = defaults.parse().unwrap();
    let own_to_a_place = ["data_dir", "database", "blobs"];
    for (name, value) in &defaults {
        assert!(named.contains_key(name), "{name} is not in the example");
        assert!(own_to_a_place.contains(&name.as_str()) || named[name] == *value, "{name} is {value} by default");
    }
    for name in ["tls_cert", "tls_key", "log_file", "security_log", "security_contact", "files_origin"] {
        assert!(named.contains_key(name), "{name} is not in the example");
    }
}

/// Where systemd's own judgement is at hand.
#[test]
fn the_service_unit_is_hardened() {
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/titan-server.service");
    let judged = std::process::Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=15", unit])
        .output();
    let Ok(judged) = judged else { return };
    let said = String::from_utf8_lossy(&judged.stdout);
    let exposure = said.lines().last().and_then(|line| line.split(": ").nth(1)).and_then(|rest| rest.split(' ').next());
    if let Some(exposure) = exposure.and_then(|exposure| exposure.parse::<f64>().ok()) {
        assert!(exposure <= 1.5, "{said}");
    }
}
