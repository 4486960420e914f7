//! What an account is in its conversations, read while it changes: what is remembered is what is so.

use serde_json::json;

use crate::channels_support::{PASSWORD, User};
use crate::races::cast::{By, Fate, Scene};

/// A scene whose bob was never here but by an HTTP door, so that nothing is remembered of him.
async fn with_newcomer() -> Scene {
    let mut scene = Scene::new().await;
    let carl = User::enter(&scene.house, "carl").await;
    carl.joins(scene.room).await;
    scene.bob = scene.house.native().await;
    scene.bob.account = carl.id;
    scene.bob_by_http = carl;
    scene
}

/// He comes in; his places are read, and the reader is stopped before they are taken over. Then something happens.
async fn entering_against(scene: &mut Scene, deed: impl AsyncFn(&mut Scene)) {
    let mut held = scene.gates.hold_after("places");
    let login = json!({"do": "login", "username": "carl", "password": PASSWORD});
    let entering = scene.bob.send(login).await;
    held.reached().await;
    deed(scene).await;
    held.let_go();
    assert!(scene.bob.answer(entering).await["ok"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_kicked_while_the_house_looks_where_they_are_is_remembered_outside() {
    let mut scene = with_newcomer().await;
    let kick = scene.against("kick");
    entering_against(&mut scene, async |scene: &mut Scene| {
        scene.ada.ok(kick.clone()).await;
    })
    .await;
    let room = scene.room;
    let outside = [Fate::Refused("not_a_member".into()), Fate::Status(403)];
    assert_eq!(scene.bob_may_write(room).await, outside);
    scene.ada.says(room, "without you").await;
    let heard = scene.bob.heard_by_now().await;
    assert!(heard.iter().all(|event| event["entry"]["text"] != "without you"), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_muted_while_the_house_looks_where_they_are_is_remembered_muted() {
    let mut scene = with_newcomer().await;
    let mute = scene.against("mute");
    entering_against(&mut scene, async |scene: &mut Scene| {
        scene.ada.ok(mute.clone()).await;
    })
    .await;
    let room = scene.room;
    let muted = [Fate::Refused("forbidden".into()), Fate::Status(403)];
    assert_eq!(scene.bob_may_write(room).await, muted);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_into_a_conversation_while_the_house_looks_where_they_are_is_remembered_in_it() {
    let mut scene = with_newcomer().await;
    let open = json!({"do": "open_direct", "account": scene.bob.account});
    entering_against(&mut scene, async |scene: &mut Scene| {
        let direct = scene.ada.ok(open.clone()).await["id"].as_i64().unwrap();
        scene.ada.says(direct, "welcome").await;
    })
    .await;
    scene.bob.hears(|event| event["event"] == "conversation_added" || event["entry"]["text"] == "welcome").await;
    let direct = scene.ada.ok(open).await["id"].as_i64().unwrap();
    scene.bob.says(direct, "thanks").await;
    scene.ada.says(direct, "heard").await;
    scene.bob.hears_text("heard").await;
}

/// At an HTTP door nothing is remembered from one request to the next.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_began_before_a_kick_is_refused_after_it() {
    let mut scene = with_newcomer().await;
    let room = scene.room;
    let mut held = scene.gates.hold_after("places");
    let begun = scene.bob_posts(By::Channels, room, "too late").await;
    held.reached().await;
    let kick = scene.against("kick");
    scene.ada.ok(kick).await;
    held.let_go();
    assert_eq!(scene.fate(begun).await, Fate::Status(403));
    scene.nobody_heard("too late").await;
}
