//! Key files that are none, passwords that older imports left weak, and another pepper.

use std::time::Duration;

use serde_json::json;
use sha2::{Digest, Sha256};
use titan_server::Server;
use titan_server::config::Config;

use crate::support::{TestHouse, deadline};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_cut_off_is_refused_with_what_to_do() {
    for (name, bytes, said) in
        [("jwt_key", &b""[..], "0 bytes"), ("jwt_key", &[7; 31], "31 bytes"), ("admin_key.txt", b"\n", "is empty")]
    {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), bytes).unwrap();
        let refused = format!("{:#}", Server::start(Config::local(folder.path())).await.err().expect(name));
        assert!(refused.contains(name) && refused.contains(said) && refused.contains("remove"), "{refused}");
    }
}

/// Waits until nothing is kept weakly any more.
async fn all_is_kept_safely(house: &TestHouse) {
    let weak = "SELECT (SELECT count(*) FROM accounts WHERE hash NOT LIKE '%$argon2id$%,pepper=%') \
        + (SELECT count(*) FROM rooms WHERE password_hash NOT LIKE '%$argon2id$%,pepper=%')";
    deadline(async {
        while house.number(weak) > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

fn unsalted(password: &str) -> String {
    Sha256::digest(password).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// PBKDF2 as a client of TLS frames makes it, of a salt of zeros.
fn pre_hash(password: &str) -> String {
    let hash = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), &[0; 32], 10_000);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_import_left_weak_is_kept_safely_from_the_next_start_on() {
    let mut house = TestHouse::open().await;
    for name in ["ada", "bob", "carl", "mallory"] {
        house.enter(name).await;
    }
    let mut ada = house.enter_again("ada").await;
    let room = ada.ok(json!({"do": "create_room", "name": "den", "password": "a room's word"})).await["id"].clone();
    let zeros = "00".repeat(32);
    let salt = match house.server.as_ref().unwrap().sqlite() {
        Some(_) => format!("x'{zeros}'"),
        None => format!("'\\x{zeros}'"),
    };
    let set = |name: &str, scheme: &str, hash: &str| {
        house.in_database(&format!(
            "UPDATE accounts SET scheme = '{scheme}', salt = {salt}, hash = '{hash}' WHERE username = '{name}'"
        ));
    };
    set("ada", "sha256", &unsalted("of ada"));
    set("bob", "pbkdf2", &pre_hash("of bob"));
    let passlib = "$pbkdf2-sha256$29000$5Hzvvbd2zjlH6P3fG6N0rg$ZAN6tFpnxUSuPHMjQe71W0t9LxTU5E4YLIHmRFwYA4U";
    set("carl", "pbkdf2", passlib);
    set("mallory", "sha256", &unsalted("of mallory"));
    house.in_database("UPDATE accounts SET banned = 'noise' WHERE username = 'mallory'");
    let of_room = format!("sha256:{zeros}:{}", unsalted("another word"));
    house.in_database(&format!("UPDATE rooms SET password_hash = '{of_room}' WHERE conversation = {room}"));
    house.restart().await;
    all_is_kept_safely(&house).await;
    for (name, password) in [("ada", "of ada"), ("bob", "of bob"), ("carl", "secret")] {
        let wrong = json!({"do": "login", "username": name, "password": "secret-password"});
        assert_eq!(house.native().await.fault(wrong).await, "bad_credentials");
        house.native().await.login(name, password).await;
        house.native().await.login(name, password).await;
    }
    assert_eq!(house.number("SELECT count(*) FROM accounts WHERE scheme <> 'titan'"), 1, "by ours at the login");
    let mut bob = house.native().await;
    bob.login("bob", "of bob").await;
    let join = |password: &str| json!({"do": "join_room", "conversation": room, "password": password});
    assert_eq!(bob.fault(join("a room's word")).await, "wrong_room_password");
    bob.ok(join("another word")).await;
    assert_eq!(house.number("SELECT count(*) FROM rooms WHERE password_hash LIKE 'titan:%'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_pepper_is_taken_up_by_whoever_logs_in() {
    let mut house = TestHouse::open().await;
    house.enter("ada").await;
    house.enter("bob").await;
    all_is_kept_safely(&house).await;
    let peppers = "SELECT count(DISTINCT substr(hash, 1, 54)) FROM accounts";
    assert_eq!(house.number(peppers), 1);
    let file = |name: &str| house.folder().join(name);
    // As `rotate-pepper` does it while no server runs: the one there is stays beside.
    std::fs::copy(file("pepper"), file("pepper.1")).unwrap();
    std::fs::write(file("pepper"), [9; 32]).unwrap();
    house.restart().await;
    house.native().await.login("ada", "secret-password").await;
    assert_eq!(house.number(peppers), 2, "hers rests on the new one, his on the old one");
    house.native().await.login("ada", "secret-password").await;
    house.restart().await;
    house.native().await.login("bob", "secret-password").await;
    assert_eq!(house.number(peppers), 1);
    std::fs::remove_file(house.folder().join("pepper.1")).unwrap();
    house.restart().await;
    house.native().await.login("bob", "secret-password").await;
}
