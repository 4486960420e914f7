//! What one account may pile up that others have to live with, with the limits on: refused in words, and with when to try again.

use crate::support::{Native, TestHouse};
use serde_json::{Value, json};
use titan_server::blobs::Space;

async fn open_house() -> TestHouse {
    TestHouse::open_with(|config| config.limits = true).await
}

/// Does the same until it is refused as too much, at most so often: how often it was done, and what was said then.
async fn until_refused(who: &mut Native, most: usize, ask: impl Fn(usize) -> Value) -> (usize, Value) {
    for done in 0..most {
        let answer = who.ask(ask(done)).await;
        if !answer["error"].is_null() {
            return (done, answer["error"].clone());
        }
    }
    (most, Value::Null)
}

fn says_when(refusal: &Value, said: &str) {
    assert_eq!(refusal["code"], "rate_limited", "{refusal}");
    let message = refusal["message"].as_str().unwrap();
    assert!(message.starts_with(said) && message.contains("try again in"), "{message}");
    assert!(refusal["retry_after_ms"].as_u64().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_directs_and_requests_have_a_pace() {
    let house = open_house().await;
    let mut ada = house.enter("ada").await;
    let (made, refusal) =
        until_refused(&mut ada, 100, |n| json!({"do": "create_room", "name": format!("room {n}")})).await;
    assert_eq!(made, 20);
    says_when(&refusal, "You made many rooms");
    let room = ada.ok(json!({"do": "rooms"})).await["rooms"][1]["id"].as_i64().unwrap();
    let to_and_fro = |n| match n % 2 {
        0 => json!({"do": "leave_room", "conversation": room}),
        _ => json!({"do": "join_room", "conversation": room}),
    };
    let (gone, refusal) = until_refused(&mut ada, 200, to_and_fro).await;
    assert!((60..70).contains(&gone), "{gone}");
    says_when(&refusal, "You came and went");
    ada.says(1, "and everything else goes on").await;
    let mut bob = house.enter("bob").await;
    bob.ok(json!({"do": "create_room", "name": "bob's"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_muted_member_adds_nothing_to_the_log() {
    let house = open_house().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let room = ada.ok(json!({"do": "create_room", "name": "den"})).await["id"].as_i64().unwrap();
    bob.ok(json!({"do": "join_room", "conversation": room})).await;
    ada.ok(json!({"do": "set_member_role", "conversation": room, "account": bob.account, "role": "moderator"})).await;
    let seq = ada.says(room, "an important message").await["seq"].clone();
    ada.ok(json!({"do": "mute", "conversation": room, "account": bob.account, "seconds": 600})).await;
    let head = |log: Value| log["head"].as_i64().unwrap();
    let before = head(ada.ok(json!({"do": "history", "conversation": room})).await);
    let renamed = bob.ask(json!({"do": "update_room", "conversation": room, "description": "mine"})).await;
    assert!(renamed["error"]["message"].as_str().unwrap().contains("muted"), "{renamed}");
    let reacted = bob.ask(json!({"do": "react", "conversation": room, "seq": seq, "emoji": "+", "on": true})).await;
    assert_eq!(reacted["error"]["code"], "forbidden");
    for _ in 0..5 {
        bob.ok(json!({"do": "leave_room", "conversation": room})).await;
        bob.ok(json!({"do": "join_room", "conversation": room})).await;
    }
    assert_eq!(head(ada.ok(json!({"do": "history", "conversation": room})).await), before);
    ada.says(room, "heard by who came back").await;
    bob.hears_text("heard by who came back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_is_in_nobodys_list_until_something_is_said_to_them() {
    let house = open_house().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let direct = ada.ok(json!({"do": "open_direct", "account": bob.account})).await["id"].as_i64().unwrap();
    let listed = |answer: Value| answer["conversations"].as_array().unwrap().iter().any(|one| one["id"] == direct);
    assert!(listed(ada.ok(json!({"do": "conversations"})).await));
    assert!(!listed(bob.ok(json!({"do": "conversations"})).await));
    ada.says(direct, "hello").await;
    let first = bob.hears(|event| event["event"] == "conversation_added" || event["entry"]["text"] == "hello").await;
    assert_eq!((&first["event"], &first["conversation"]["id"]), (&json!("conversation_added"), &json!(direct)));
    bob.hears_text("hello").await;
    assert!(listed(bob.ok(json!({"do": "conversations"})).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_message_has_so_many_reactions_and_no_more() {
    let house = open_house().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let seq = ada.says(1, "react to me").await["seq"].clone();
    let react = |n| json!({"do": "react", "conversation": 1, "seq": seq, "emoji": format!("r{n}"), "on": true});
    let (set, refusal) = until_refused(&mut ada, 100, react).await;
    assert_eq!((set, &refusal["code"]), (20, &json!("too_large")), "{refusal}");
    bob.ok(react(3)).await;
    let again =
        |n: usize| json!({"do": "react", "conversation": 1, "seq": seq, "emoji": "r3", "on": n.is_multiple_of(2)});
    let (set, refusal) = until_refused(&mut bob, 500, again).await;
    assert!(set < 300, "{set}");
    says_when(&refusal, "You reacted very often");
    let gone = json!({"do": "react", "conversation": 1, "seq": 9999, "emoji": "+", "on": true});
    assert_eq!(house.enter("eve").await.fault(gone).await, "not_found");
}

const KILOBYTE: usize = 1024;

/// A house where an account may keep a megabyte, and all together two.
async fn cramped_house() -> TestHouse {
    TestHouse::open_with(|config| config.space = Space::of_megabytes(Some(1), Some(2), Some(0))).await
}

/// Begins an upload into "general", whole: the status, and what came of it.
async fn uploads(house: &TestHouse, who: &Native, kilobytes: usize) -> (u16, String) {
    use base64::Engine;
    let encoded = |text: &str| base64::prelude::BASE64_STANDARD.encode(text);
    let told = format!("conversation {},filename {}", encoded("1"), encoded("a.bin"));
    let request = reqwest::Client::new()
        .post(format!("{}/api/uploads", house.http()))
        .bearer_auth(&who.token)
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Length", kilobytes * KILOBYTE)
        .header("Upload-Metadata", told)
        .header("Content-Type", "application/offset+octet-stream")
        .body(vec![7; kilobytes * KILOBYTE]);
    let answer = request.send().await.unwrap();
    let result = answer.headers().get("titan-result").map(|result| result.to_str().unwrap().to_owned());
    (answer.status().as_u16(), result.unwrap_or(answer.text().await.unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_account_may_keep_has_a_bound_and_what_it_deletes_is_given_back() {
    let mut house = cramped_house().await;
    let ada = house.enter("ada").await;
    let (status, result) = uploads(&house, &ada, 700).await;
    assert_eq!(status, 201, "{result}");
    let seq = serde_json::from_str::<Value>(&result).unwrap()["seq"].clone();
    let (status, said) = uploads(&house, &ada, 400).await;
    assert!(status == 507 && said.contains("Your files may take 1 MB together"), "{status} {said}");
    let left = || std::fs::read_dir(house.folder().join("uploads")).unwrap().count();
    assert_eq!(left(), 1, "what became of the first, to be asked about for a day; and nothing of the second");
    assert_eq!(uploads(&house, &ada, 300).await.0, 201);
    house.restart().await;
    let mut ada = house.enter_again("ada").await;
    assert_eq!(uploads(&house, &ada, 200).await.0, 507, "also after a restart");
    ada.ok(json!({"do": "delete", "conversation": 1, "seq": seq})).await;
    assert_eq!(uploads(&house, &ada, 200).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_house_may_keep_has_a_bound_at_every_door() {
    let house = cramped_house().await;
    let (ada, bob, eve) = (house.enter("ada").await, house.enter("bob").await, house.enter("eve").await);
    assert_eq!(uploads(&house, &ada, 900).await.0, 201);
    assert_eq!(uploads(&house, &bob, 900).await.0, 201);
    let (status, said) = uploads(&house, &eve, 400).await;
    assert!(status == 507 && said.contains("The files of the house"), "{status} {said}");
    let form = || {
        let file = reqwest::multipart::Part::bytes(vec![7; 400 * KILOBYTE]).file_name("a.bin");
        reqwest::multipart::Form::new().part("upload", file)
    };
    let client = reqwest::Client::new();
    let enter = json!({"username": "eve", "password": "secret-password"});
    let entered = client.post(format!("{}/auth/login", house.http())).json(&enter).send().await.unwrap();
    let token = entered.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let request = client.post(format!("{}/channels/1/files", house.http())).bearer_auth(token).multipart(form());
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 507);
    assert!(answer.json::<Value>().await.unwrap()["detail"].as_str().unwrap().contains("The files of the house"));
    assert_eq!(uploads(&house, &eve, 100).await.0, 201, "what fits is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_come_in_pages_that_fit_one_answer() {
    let house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    for number in 0..260 {
        let room = json!({"do": "create_room", "name": format!("room {number}"), "description": "д".repeat(4_000)});
        ada.ok(room).await;
    }
    for (list, limit) in [("rooms", None), ("conversations", None), ("rooms", Some(100))] {
        let (mut seen, mut after, mut pages) = (std::collections::HashSet::new(), Value::Null, 0);
        loop {
            let page = ada.ok(json!({"do": list, "after": after, "limit": limit})).await;
            assert!(page.to_string().len() < 1024 * 1024, "{}", page.to_string().len());
            let items = page[list].as_array().unwrap();
            seen.extend(items.iter().map(|item| item["id"].as_i64().unwrap()));
            (after, pages) = (items.last().unwrap()["id"].clone(), pages + 1);
            if page["more"] != true {
                break;
            }
        }
        assert_eq!((seen.len(), pages), (261, 3), "{list}");
    }
}
