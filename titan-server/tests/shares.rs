//! What one account may pile up that others have to live with, with the limits on: refused in words, and with when to try again.

mod support;

use serde_json::{Value, json};
use support::{Native, TestHouse};

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
