//! People whose names can't stay find in by them all the same, as long as those are nobody else's.

use std::path::PathBuf;

use rustls::version;
use serde_json::{Value, json};

use crate::import_older::channels::SECRET;
use crate::import_older::doors::{ChannelsClient, JsonLinesClient, SlashClient};
use crate::import_older::land::{Land, on_both_stores, titan_net_takes};
use crate::support::Native;
use crate::tls_support::Client;

fn land() -> Land {
    let odd = ["two words", "O'Brien", "emoji\u{1f980}", "\u{430}da", "Ada", "titan"];
    let odd: Vec<String> = odd
        .iter()
        .enumerate()
        .map(|(n, name)| format!("({}, '{}', '{SECRET}')", n + 10, name.replace('\'', "''")))
        .collect();
    Land::new(
        "channels",
        &format!(
            "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password_hash TEXT);
             CREATE TABLE channels (id INTEGER PRIMARY KEY, name TEXT);
             CREATE TABLE messages (id INTEGER PRIMARY KEY, channel_id INTEGER, user_id INTEGER, content TEXT);
             INSERT INTO users VALUES (1, 'ada', '{SECRET}'), {};",
            odd.join(", ")
        ),
    )
}

/// The list of names that the import left beside the house.
fn list(land: &Land) -> PathBuf {
    let files = std::fs::read_dir(land.path("house")).unwrap().map(|file| file.unwrap().path());
    let mut lists = files.filter(|file| file.extension().is_some_and(|ending| ending == "csv"));
    lists.next().expect("no list of names was written")
}

on_both_stores! {
    a_former_name_lets_in_at_every_door: super::land();
}

async fn a_former_name_lets_in_at_every_door(land: Land) {
    let complaint = land.refuses(&[]);
    assert!(complaint.contains("\"emoji\u{1f980}\"") && complaint.contains("(with --rename: emoji)"), "{complaint}");
    let said = land.import(&["--rename"]);
    for line in [
        "account \"two words\" is two_words now",
        "account \"O'Brien\" is O_Brien now",
        "account \"titan\" is titan_2 now",
    ] {
        assert!(said.contains(line), "{line:?} is missing in {said}");
    }
    let list = list(&land);
    assert!(said.contains(&format!("who is called what now stands in {}", list.display())), "{said}");
    let listed = std::fs::read_to_string(&list).unwrap();
    assert!(listed.contains("two words,two_words,,") && listed.contains("emoji\u{1f980},emoji,,"), "{listed}");

    let server = land.serve();
    let mut native = Native::connect(server.address("http")).await;
    for (former, name) in
        [("two words", "two_words"), ("O'Brien", "O_Brien"), ("emoji\u{1f980}", "emoji"), ("titan", "titan_2")]
    {
        let entered = native.ok(json!({"do": "login", "username": former, "password": "secret"})).await;
        assert_eq!(entered["account"]["username"], name, "{entered}");
        assert!(titan_net_takes(&server, former, "secret").await && titan_net_takes(&server, name, "secret").await);
        assert!(!titan_net_takes(&server, former, "wrong").await);
    }
    let client = ChannelsClient::enter(&server, "two words", "secret").await;
    assert_eq!(client.get("/me").await["username"], "two_words");
    let mut json_lines = JsonLinesClient::connect(server.address("json-lines")).await;
    let entered = json_lines.ask(json!({"type": "login", "username": "two words", "password": "secret"})).await;
    assert_eq!((&entered["status"], &entered["username"]), (&json!("success"), &json!("two_words")));
    let mut slash = SlashClient::connect(server.address("slash")).await;
    slash.asks("/login O'Brien secret", "Login successful.").await;
    slash.asks("/whoami", "Your name here is O_Brien: use it from now on.").await;
    let mut tls = Client::connect(server.address("tls-frames"), &[&version::TLS13]).await;
    tls.login("O'Brien", "secret").await;
    // These look like a name that somebody has: nobody is let in by them but that one.
    for taken in ["Ada", "\u{430}da"] {
        let login = json!({"do": "login", "username": taken, "password": "wrong"});
        assert_eq!(native.fault(login).await, "bad_credentials");
    }
    assert_eq!(land.asks("SELECT count(*) FROM former_names")[0][0].as_deref(), Some("6"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_name_of_two_is_nobodys() {
    let land = land();
    land.import(&["--rename"]);
    land.change("INSERT INTO messages VALUES (1, 1, 1, 'another server')");
    land.import_in_part(&["--rename", "--again"]);
    let server = land.serve();
    let mut native = Native::connect(server.address("http")).await;
    let login = json!({"do": "login", "username": "two words", "password": "secret"});
    assert_eq!(native.fault(login).await, "bad_credentials");
    native.login("two_words", "secret").await;
    native.login("two_words_2", "secret").await;
}

#[test]
fn an_operator_says_who_is_called_what() {
    let land = land();
    let map = land.path("names.csv");
    std::fs::write(&map, "former name,name\ntwo words,words\nO'Brien,pat\nnobody,x\n").unwrap();
    let given = ["--rename-map", map.to_str().unwrap()];
    assert!(land.refuses(&given).contains("has some that nobody had: nobody"));
    std::fs::write(&map, "two words,words\nO'Brien,ada\n").unwrap();
    let complaint = land.refuses(&given);
    assert!(
        complaint.contains("\"O'Brien\": another account has this name") && !complaint.contains("two words"),
        "{complaint}"
    );
    std::fs::write(
        &map,
        "two words,words\nO'Brien,pat\nemoji\u{1f980},crab\n\u{430}da,ada.c\nAda,ada.b\ntitan,titania\n",
    )
    .unwrap();
    let said = land.import(&given);
    assert!(said.contains("account \"two words\" is words now"), "{said}");
    let names: Vec<Value> =
        land.asks("SELECT username FROM accounts ORDER BY id").into_iter().map(|row| json!(row[0])).collect();
    assert_eq!(names, ["ada", "words", "pat", "crab", "ada.c", "ada.b", "titania"]);
}
