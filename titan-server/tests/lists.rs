//! Long lists in a large house, at every door that has them: each answer keeps its bound, says that it is not all, and what has
//! pages comes whole by them.

use crate::channels_support;
use crate::slash_support;
use crate::support;
use crate::titan_net_support;
use std::collections::HashSet;
use std::time::Duration;

use crate::support::{Native, TestHouse, deadline};
use serde_json::{Value, json};
use titan_server::config::Address;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const MANY: usize = 3_500;
const GENERAL: i64 = 1;
/// The native door's own, and that of Titan-Net's clients.
const MIB: usize = 1024 * 1024;

async fn house() -> TestHouse {
    TestHouse::open_with(|config| {
        config.limits = false;
        config.slash = Address::local(0);
        config.json_lines = Address::local(0);
    })
    .await
}

/// Rooms with long descriptions, all of them Ada's.
fn make_rooms(house: &TestHouse, owner: i64) {
    let rows = |row: &dyn Fn(usize) -> String| (0..MANY).map(row).collect::<Vec<_>>().join(",");
    let id = |number: usize| 1_000 + number;
    let described = "d".repeat(400);
    house.in_database(&format!(
        "INSERT INTO conversations (id, active_at, created_at) VALUES {};\n\
         INSERT INTO rooms (conversation, name, key, description, kind, owner) VALUES {};\n\
         INSERT INTO members (conversation, account, role, joined_at) VALUES {};",
        rows(&|number| format!("({}, {}, 1)", id(number), 10 + number % 7)),
        rows(&|number| format!(
            "({}, 'one of many rooms {number:05}', 'key{number:05}', '{described}', 'text', {owner})",
            id(number)
        )),
        rows(&|number| format!("({}, {owner}, 'owner', 1)", id(number))),
    ));
}

/// Accounts who are in general like everybody.
fn make_people(house: &TestHouse) {
    let rows = |row: &dyn Fn(usize) -> String| (0..MANY).map(row).collect::<Vec<_>>().join(",");
    let zeros = "00".repeat(32);
    let postgres = support::postgres::chosen();
    let salt = if postgres { format!("'\\x{zeros}'") } else { format!("x'{zeros}'") };
    house.in_database(&format!(
        "INSERT INTO accounts (id, username, key, folded, titan_number, full_name, scheme, salt, hash, created_at) VALUES {};\n\
         INSERT INTO members (conversation, account, role, joined_at) VALUES {};",
        rows(&|number| {
            let (id, name) = (1_000 + number, format!("somebody{number:05}"));
            format!("({id}, '{name}', '{name}', '{name}', {}, '{}', 'titan', {salt}, 'x', 1)", 200_000 + number, "n".repeat(80))
        }),
        rows(&|number| format!("(1, {}, 'member', 1)", 1_000 + number)),
    ));
}

/// All pages of a native list, each of which fits; their ids.
async fn listed(who: &mut Native, ask: Value, field: &str) -> Vec<i64> {
    let (mut ids, mut ask) = (Vec::new(), ask);
    loop {
        let reply = who.ok(ask.clone()).await;
        assert!(reply.to_string().len() <= MIB, "{}", reply.to_string().len());
        let page = reply[field].as_array().unwrap();
        ids.extend(page.iter().map(|item| item["id"].as_i64().unwrap()));
        if reply["more"] != true {
            return ids;
        }
        assert!(!page.is_empty(), "a page that promises more has something");
        ask["after"] = json!(ids.last());
    }
}

fn each_once(ids: &[i64], number: usize) {
    assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (number, number));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_native_list_comes_whole_in_pages_that_fit() {
    let house = house().await;
    let ada = house.enter("ada").await.account;
    make_rooms(&house, ada);
    make_people(&house);
    house.make_admin("ada");
    let mut ada = house.enter_again("ada").await;
    each_once(&listed(&mut ada, json!({"do": "rooms"}), "rooms").await, MANY + 1);
    each_once(&listed(&mut ada, json!({"do": "conversations"}), "conversations").await, MANY + 1);
    each_once(&listed(&mut ada, json!({"do": "accounts"}), "accounts").await, MANY + 1);
    each_once(&listed(&mut ada, json!({"do": "members", "conversation": GENERAL}), "members").await, MANY + 1);
    let short = ada.ok(json!({"do": "rooms", "limit": 3})).await;
    assert_eq!((short["rooms"].as_array().unwrap().len(), &short["more"]), (3, &json!(true)));
    let most = ada.ok(json!({"do": "conversations", "limit": 1_000_000})).await;
    assert_eq!((most["conversations"].as_array().unwrap().len(), &most["more"]), (1_000, &json!(true)));
    let bans = (0..1_200).map(|number| format!("('198.51.{}.{}', 'spam')", number / 256, number % 256));
    house.in_database(&format!("INSERT INTO address_bans VALUES {}", bans.collect::<Vec<_>>().join(",")));
    let first = ada.ok(json!({"do": "banned_addresses"})).await;
    let last = &first["addresses"].as_array().unwrap().last().unwrap()["address"];
    let rest = ada.ok(json!({"do": "banned_addresses", "after": last})).await;
    let number = |reply: &Value| reply["addresses"].as_array().unwrap().len();
    assert_eq!(
        (number(&first), &first["more"], number(&rest), &rest["more"]),
        (1_000, &json!(true), 200, &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn titan_nets_list_of_rooms_fits_its_clients_and_says_how_many_are_left_out() {
    let house = house().await;
    let ada = house.enter("ada").await.account;
    make_rooms(&house, ada);
    let mut bob = titan_net_support::enter(&house, "bob").await;
    let reply = bob.ask(json!({"type": "get_rooms"}), "rooms_list").await;
    let (shown, left_out) = (reply["rooms"].as_array().unwrap().len(), reply["left_out"].as_u64().unwrap_or_default());
    assert_eq!(shown + left_out as usize, MANY + 1);
    assert!(left_out > 0 && (900_000..MIB).contains(&reply.to_string().len()), "{left_out}");
    // A history of the longest messages, which would be twice what its clients take.
    let mut ada = house.enter_again("ada").await;
    for _ in 0..34 {
        ada.says(GENERAL, &"\u{4e2d}".repeat(16_000)).await;
    }
    let reply = bob.ask(json!({"type": "get_room_messages", "room_id": GENERAL, "limit": 100}), "room_messages").await;
    assert!(reply.to_string().len() < MIB && reply["more"] == true && reply["messages"].as_array().unwrap().len() > 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_channels_doors_lists_have_further_pages_by_link() {
    let house = house().await;
    let mut ada = channels_support::User::enter(&house, "ada").await;
    make_rooms(&house, ada.id);
    ada.login().await;
    let (mut ids, mut path) = (Vec::new(), "/channels".to_owned());
    loop {
        let response = ada.get(&path).send().await.unwrap();
        let next = next_of(&response, "/channels");
        let page: Vec<Value> = response.json().await.unwrap();
        let page: Vec<i64> = page.iter().map(|channel| channel["id"].as_i64().unwrap()).collect();
        assert!(page.is_sorted() && page.len() <= 1_000);
        ids.extend(page);
        match next {
            Some(next) => path = next,
            None => break,
        }
    }
    each_once(&ids, MANY + 1);
    let mut native = house.enter_again("ada").await;
    for number in 0..40 {
        native.says(GENERAL, &format!("{number} {}", "\u{4e2d}".repeat(15_900))).await;
    }
    let messages = format!("/channels/{GENERAL}/messages");
    let (mut said, mut path) = (Vec::new(), format!("{messages}?limit=200"));
    loop {
        let response = ada.get(&path).send().await.unwrap();
        let next = next_of(&response, &messages);
        let text = response.text().await.unwrap();
        assert!(text.len() <= MIB + 2, "{}", text.len());
        let page: Vec<Value> = serde_json::from_str(&text).unwrap();
        said.splice(
            0..0,
            page.iter().map(|message| message["content"].as_str().unwrap().split_once(' ').unwrap().0.to_owned()),
        );
        match next {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(said, (0..40).map(|number| number.to_string()).collect::<Vec<_>>(), "oldest first, none missing");
    let wrong = ada.get("/channels?after=x").send().await.unwrap();
    assert_eq!(wrong.status(), 422);
}

/// Where the next page of a list at this path is, as its `Link` says.
fn next_of(response: &reqwest::Response, path: &str) -> Option<String> {
    assert_eq!(response.status(), 200);
    let link = response.headers().get("link")?.to_str().unwrap();
    let query = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    Some(format!("{path}{query}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_apis_lists_of_apps_have_further_pages_by_link() {
    let house = house().await;
    let ada = house.enter("ada").await;
    house.make_admin("ada");
    let zeros = "00".repeat(32);
    let blob = if support::postgres::chosen() { format!("'\\x{zeros}'") } else { format!("x'{zeros}'") };
    let described = "d".repeat(900);
    let apps = (1..=MANY).map(|id| {
        let state = if id % 3 == 0 { "pending" } else { "approved" };
        format!(
            "({id}, 'App {id}', '{described}', 'app {id}', 'game', '1', {}, 'a.zip', 3, {blob}, '{{}}', '{state}', 1)",
            ada.account
        )
    });
    house.in_database(&format!(
        "INSERT INTO apps (id, name, description, folded, category, version, author, file_name, size, blob, metadata, state, \
         uploaded_at) VALUES {}",
        apps.collect::<Vec<_>>().join(",")
    ));
    let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).no_proxy().build().unwrap();
    let pending = MANY / 3;
    for (path, query, number) in [
        ("/api/repository", "", MANY - pending),
        ("/api/repository/game", "", MANY - pending),
        ("/api/search", "?q=app+&category=game", MANY - pending),
        ("/api/pending", "", pending),
    ] {
        let (mut ids, mut next) = (Vec::new(), Some(format!("{path}{query}")));
        let mut pages = 0;
        while let Some(at) = next {
            let response = http.get(format!("{}{at}", house.http())).bearer_auth(&ada.token).send().await.unwrap();
            next = next_of(&response, path);
            let text = response.text().await.unwrap();
            assert!(text.len() <= MIB + 200, "{path}: {}", text.len());
            let reply: Value = serde_json::from_str(&text).unwrap();
            ids.extend(reply["apps"].as_array().unwrap().iter().map(|app| app["id"].as_i64().unwrap()));
            pages += 1;
        }
        assert!(ids.is_sorted_by(|one, other| one > other) && pages > 1, "{path}: {pages} pages, newest first");
        assert_eq!(ids.len(), number, "{path}");
    }
    let wrong = http.get(format!("{}/api/repository?after=x", house.http())).send().await.unwrap();
    assert_eq!(wrong.status(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slash_doors_lists_fit_and_say_how_many_more_there_are() {
    let house = house().await;
    let mut ada = slash_support::enter_admin(&house, "ada").await;
    let owner = house.number("SELECT id FROM accounts WHERE username = 'ada'");
    make_rooms(&house, owner);
    make_people(&house);
    let names = shown(&mut ada, "/list_all_rooms", "Available rooms: ").await;
    whole(&names, names.split('\n').next().unwrap().split(", ").count(), MANY + 1);
    let users = shown(&mut ada, "/view_users", "Users:").await;
    whole(&users, users.matches("Username: ").count(), MANY + 1);
    // Files with long names, of which the newest are shown.
    ada.says("/join general").await;
    line_with(&mut ada, "You joined room 'general'.").await;
    let zeros = "00".repeat(32);
    let blob = if support::postgres::chosen() { format!("'\\x{zeros}'") } else { format!("x'{zeros}'") };
    let files = (1..=MANY).map(|number| {
        format!("({number}, 1, {}, {owner}, 'ada', 1, 'file-{number}.bin', 3, {blob}, 1)", 1_000_000 + number)
    });
    house.in_database(&format!(
        "INSERT INTO files (id, conversation, seq, uploader, uploader_name, uploader_number, name, size, blob, at) VALUES {}",
        files.collect::<Vec<_>>().join(",")
    ));
    let files = shown(&mut ada, "/list_files", "Files in room 'general':").await;
    whole(&files, files.matches("Unique Name: ").count(), MANY);
    assert!(files.contains(&format!("file-{MANY}.bin")) && !files.contains("file-1.bin"));
}

/// A list in line mode, up to the answer to what is asked next.
async fn shown(who: &mut slash_support::Client, command: &str, begins: &str) -> String {
    who.says(command).await;
    let mut text = line_with(who, begins).await;
    who.says("/whoami").await;
    loop {
        let line = who.line().await.unwrap();
        if line.contains("You are logged in as") {
            return text;
        }
        text += "\n";
        text += &line;
    }
}

/// The next line that holds this.
async fn line_with(who: &mut slash_support::Client, wanted: &str) -> String {
    loop {
        let line = who.line().await.unwrap();
        if line.contains(wanted) {
            return line;
        }
    }
}

fn whole(text: &str, shown: usize, number: usize) {
    assert!(text.len() <= 64 * 1024 + 200, "{}", text.len());
    let more: usize = text.rsplit_once("\n… and ").unwrap().1.strip_suffix(" more").unwrap().parse().unwrap();
    assert_eq!(shown + more, number);
}

#[tokio::test(flavor = "multi_thread")]
async fn histories_of_long_messages_fit_and_say_that_they_are_cut() {
    let house = house().await;
    let mut ada = house.enter("ada").await;
    // What takes six bytes each in JSON counts as six.
    for number in 0..40 {
        ada.says(GENERAL, &format!("{number} {}", "\u{1}".repeat(10_000))).await;
    }
    let page = ada.ok(json!({"do": "history", "conversation": GENERAL, "limit": 500})).await;
    assert!(page.to_string().len() < 2 * MIB, "{}", page.to_string().len());
    for _ in 0..40 {
        ada.says(GENERAL, &"\u{4e2d}".repeat(16_000)).await;
    }
    let history = json_history(&house).await;
    assert!(history.len() < 2 * MIB, "{}", history.len());
    let history: Value = serde_json::from_str(&history).unwrap();
    assert!(history["more"] == true && history["messages"].as_array().unwrap().len() > 9);
    let mut lines = slash_support::enter(&house, "cleo").await;
    lines.says("/join general").await;
    let history = line_with(&mut lines, "Chat history for 'general':").await;
    assert!(history.ends_with(':'));
    assert_eq!(lines.line().await.unwrap(), "… and what was before");
}

/// What the JSON-lines door answers who asks for the longest history.
async fn json_history(house: &TestHouse) -> String {
    let stream = deadline(TcpStream::connect(house.address("json-lines"))).await.unwrap();
    let mut lines = BufReader::new(stream);
    for request in [
        json!({"type": "register", "username": "dora", "password": "secret-password"}),
        json!({"type": "login", "username": "dora", "password": "secret-password"}),
        json!({"type": "get_history", "limit": 500}),
    ] {
        deadline(lines.write_all(format!("{request}\n").as_bytes())).await.unwrap();
        let mut line = String::new();
        deadline(lines.read_line(&mut line)).await.unwrap();
        if line.contains("history_response") {
            return line;
        }
    }
    panic!("there was no history");
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_reaction_is_among_those_named_under_thousands() {
    let house = house().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let seq = ada.says(GENERAL, "hands up").await["seq"].clone();
    ada.ok(json!({"do": "react", "conversation": GENERAL, "seq": seq, "emoji": "+", "on": true})).await;
    let others: Vec<_> = (1..=4_200).map(|other| format!("(1, {seq}, '+', -{other}, {seq})")).collect();
    house.in_database(&format!(
        "INSERT INTO reactions (conversation, target, emoji, account, seq) VALUES {}",
        others.join(",")
    ));
    let mine = json!(ada.account);
    for (who, named) in [(&mut ada, true), (&mut bob, false)] {
        let history = who.ok(json!({"do": "history", "conversation": GENERAL})).await;
        let found = who.ok(json!({"do": "search", "query": "hands"})).await;
        for message in [&history["entries"][0], &found["results"][0]["entry"]] {
            let reaction = &message["reactions"][0];
            assert_eq!(reaction["count"], 4_201, "{reaction}");
            let accounts = reaction["accounts"].as_array().unwrap();
            assert!(accounts.len() <= 101 && accounts.contains(&mine) == named, "{accounts:?}");
        }
    }
}
