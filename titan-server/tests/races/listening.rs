//! Beginning to listen while something happens: it is heard, for one subscribes before one reads.

use serde_json::json;

use crate::channels_support::{Ear, User};
use crate::races::cast::Scene;
use crate::support::TestHouse;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_while_a_narrow_listener_is_tuned_is_heard() {
    let mut scene = Scene::new().await;
    let room = scene.room;
    let mut held = scene.gates.hold_after("head");
    let (user, room_heard) = (&scene.bob_by_http, room);
    let listening = user.listens(room_heard);
    let meanwhile = async {
        held.reached().await;
        scene.ada.says(room, "in between").await;
        held.let_go();
    };
    let (mut ear, ()): (Ear, ()) = tokio::join!(listening, meanwhile);
    ear.hears_text("in between").await;
}

/// To have been let in means to hear what is said there from then on.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_kicked_while_a_narrow_listener_is_tuned_is_refused() {
    let mut scene = Scene::new().await;
    let mut held = scene.gates.hold_after("head");
    let rest = format!("{}?token={}", scene.room, scene.bob_by_http.token);
    let (user, kick) = (&scene.bob_by_http, scene.against("kick"));
    let meanwhile = async {
        held.reached().await;
        scene.ada.ok(kick).await;
        held.let_go();
    };
    let (listening, ()) = tokio::join!(user.tries_to_listen(&rest), meanwhile);
    assert_eq!(listening.err(), Some(403));
}

/// Whoever asks who is there and wants to hear of changes hears all of them.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_while_somebody_asks_who_is_there_is_listed_or_heard() {
    let mut scene = Scene::new().await;
    User::enter(&scene.house, "eve").await;
    let mut held = scene.gates.hold_after("accounts_among");
    let asking = scene.ada.send(json!({"do": "who", "watch": true})).await;
    held.reached().await;
    let _eve = scene.house.enter_again("eve").await;
    held.let_go();
    let listed = scene.ada.answer(asking).await;
    if !listed.to_string().contains("\"eve\"") {
        scene.ada.hears(|event| event["event"] == "presence" && event.to_string().contains("\"eve\"")).await;
    }
}

/// Longer than one reply may be: it is cut where the next page begins, so that nothing is passed over.
#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_too_long_follow_one_another_without_a_gap() {
    let house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    let room = ada.ok(json!({"do": "create_room", "name": "long"})).await["id"].as_i64().unwrap();
    for _ in 0..60 {
        ada.says(room, &"x".repeat(15_000)).await;
    }
    let head = 61;
    let mut next = 1;
    while next <= head {
        let page = ada.ok(json!({"do": "history", "conversation": room, "after": next - 1, "limit": 500})).await;
        let seqs: Vec<i64> =
            page["entries"].as_array().unwrap().iter().map(|entry| entry["seq"].as_i64().unwrap()).collect();
        assert!(seqs.len() < head as usize, "it did not fit into one");
        assert_eq!(seqs, (next..next + seqs.len() as i64).collect::<Vec<_>>());
        next += seqs.len() as i64;
    }
    let mut before = head + 1;
    while before > 1 {
        let page = ada.ok(json!({"do": "history", "conversation": room, "before": before, "limit": 500})).await;
        let seqs: Vec<i64> =
            page["entries"].as_array().unwrap().iter().map(|entry| entry["seq"].as_i64().unwrap()).collect();
        assert_eq!(seqs, (before - seqs.len() as i64..before).collect::<Vec<_>>());
        before -= seqs.len() as i64;
    }
}
