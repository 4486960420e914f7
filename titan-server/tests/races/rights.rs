//! Rights over others that are taken away while they are used: nothing is done, and the audit log says nothing.

use reqwest::Method;
use serde_json::{Value, json};

use crate::api_support::{Guest, told};
use crate::races::cast::{Fate, Scene, answered};
use crate::support::Native;

/// Bob as moderator of the room, and eve whom he acts upon.
async fn with_moderator() -> (Scene, Native) {
    let mut scene = Scene::new().await;
    let mut eve = scene.house.enter("eve").await;
    eve.ok(json!({"do": "join_room", "conversation": scene.room})).await;
    scene.ada.ok(role(&scene, "moderator")).await;
    (scene, eve)
}

fn role(scene: &Scene, role: &str) -> Value {
    json!({"do": "set_member_role", "conversation": scene.room, "account": scene.bob.account, "role": role})
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_a_moderator_no_longer_moderates_nobody() {
    for (act, verb) in [("kick", "leave"), ("mute", "set_sanction"), ("ban_member", "set_sanction")] {
        let (mut scene, mut eve) = with_moderator().await;
        let mut held = scene.gates.hold(verb);
        let acting = json!({"do": act, "conversation": scene.room, "account": eve.account});
        let begun = scene.bob.send(acting).await;
        held.reached().await;
        let taken = role(&scene, "member");
        scene.ada.ok(taken).await;
        held.let_go();
        assert_eq!(answered(&mut scene.bob, begun).await, Fate::Refused("forbidden".into()), "{act}");
        assert_eq!(scene.count(&format!("SELECT count(*) FROM audit WHERE act = '{act}'")), 0);
        let heard = eve.heard_by_now().await;
        assert!(heard.iter().all(|event| event["account"] != json!(eve.account)), "{heard:?}");
        eve.says(scene.room, "still here").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_becomes_a_moderator_is_acted_upon_by_none() {
    let (mut scene, mut eve) = with_moderator().await;
    let mut held = scene.gates.hold("leave");
    let kick = json!({"do": "kick", "conversation": scene.room, "account": eve.account});
    let begun = scene.bob.send(kick).await;
    held.reached().await;
    let raised =
        json!({"do": "set_member_role", "conversation": scene.room, "account": eve.account, "role": "moderator"});
    scene.ada.ok(raised).await;
    held.let_go();
    assert_eq!(answered(&mut scene.bob, begun).await, Fate::Refused("forbidden".into()));
    eve.says(scene.room, "still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_becomes_an_admin_of_the_house_is_acted_upon_by_no_moderator() {
    for (act, verb) in [("kick", "leave"), ("mute", "set_sanction"), ("ban_member", "set_sanction")] {
        let (mut scene, mut eve) = with_moderator().await;
        scene.house.make_admin("ada");
        let mut held = scene.gates.hold(verb);
        let acting = json!({"do": act, "conversation": scene.room, "account": eve.account});
        let begun = scene.bob.send(acting).await;
        held.reached().await;
        scene.ada.ok(json!({"do": "edit_account", "account": eve.account, "role": "admin"})).await;
        held.let_go();
        assert_eq!(answered(&mut scene.bob, begun).await, Fate::Refused("forbidden".into()), "{act}");
        assert_eq!(scene.count(&format!("SELECT count(*) FROM audit WHERE act = '{act}'")), 0);
        eve.says(scene.room, "still here").await;
    }
}

/// Bob, who is an admin too, and an app that waits for one.
async fn with_app() -> (Scene, Guest, i64, String) {
    let scene = Scene::with_admin().await;
    scene.house.make_admin("bob");
    let author = Guest::enter(&scene.house, "eve").await;
    let app = author.hands_in("game", b"bytes").await;
    let by_api = Guest { token: scene.bob.token.clone(), ..Guest::stranger(&scene.house) };
    let sha256 = by_api.asks(Method::GET, &format!("/api/apps/{app}")).await["app"]["sha256"].to_string();
    (scene, by_api, app, sha256.trim_matches('"').to_owned())
}

/// What bob does as an admin is stopped, and he is none any more.
async fn admin_no_longer(scene: &mut Scene) {
    let edit = json!({"do": "edit_account", "account": scene.bob.account, "role": "user"});
    scene.ada.ok(edit).await;
}

async fn nothing_was_decided(scene: &mut Scene, app: i64) {
    assert_eq!(scene.count("SELECT count(*) FROM audit WHERE act = 'approve_app'"), 0);
    assert_eq!(scene.count(&format!("SELECT count(*) FROM apps WHERE id = {app} AND state = 'pending'")), 1);
    let heard = scene.ada.heard_by_now().await;
    assert!(heard.iter().all(|event| event["app"]["state"] != "approved"), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_an_admin_no_longer_approves_nothing_at_the_native_door() {
    let (mut scene, _, app, sha256) = with_app().await;
    let mut held = scene.gates.hold("decide_app");
    let approve = json!({"do": "approve_app", "app": app, "sha256": sha256});
    let begun = scene.bob.send(approve).await;
    held.reached().await;
    admin_no_longer(&mut scene).await;
    held.let_go();
    assert_eq!(answered(&mut scene.bob, begun).await, Fate::Refused("forbidden".into()));
    nothing_was_decided(&mut scene, app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_an_admin_no_longer_approves_nothing_at_the_api() {
    let (mut scene, by_api, app, _) = with_app().await;
    let mut held = scene.gates.hold("decide_app");
    let approving = tokio::spawn(told(by_api.post(&format!("/api/approve/{app}"))));
    held.reached().await;
    admin_no_longer(&mut scene).await;
    held.let_go();
    assert_eq!(approving.await.unwrap().0, 403);
    nothing_was_decided(&mut scene, app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_an_admin_no_longer_bans_nobody() {
    let mut scene = Scene::with_admin().await;
    scene.house.make_admin("bob");
    let mut eve = scene.house.enter("eve").await;
    let mut held = scene.gates.hold("change_account");
    let ban = json!({"do": "ban", "account": eve.account, "reason": "none"});
    let begun = scene.bob.send(ban).await;
    held.reached().await;
    scene.house.in_database(&format!("UPDATE accounts SET role = 'user' WHERE id = {}", scene.bob.account));
    held.let_go();
    assert_eq!(answered(&mut scene.bob, begun).await, Fate::Refused("forbidden".into()));
    assert_eq!(scene.count("SELECT count(*) FROM audit WHERE act = 'ban'"), 0);
    eve.says(crate::channels_support::GENERAL, "still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_whose_session_ends_meanwhile_deletes_no_account() {
    let mut scene = Scene::with_admin().await;
    scene.house.make_admin("bob");
    let eve = scene.house.enter("eve").await;
    let mut held = scene.gates.hold("delete_account");
    let remove = json!({"do": "remove_account", "account": eve.account});
    let begun = scene.bob.send(remove).await;
    held.reached().await;
    let ban = json!({"do": "ban", "account": scene.bob.account});
    scene.ada.ok(ban).await;
    held.let_go();
    let fate = answered(&mut scene.bob, begun).await;
    assert!([Fate::Ended, Fate::Refused("bad_token".into())].contains(&fate), "{fate:?}");
    assert_eq!(scene.count("SELECT count(*) FROM audit WHERE act = 'delete_account'"), 0);
    let still = format!("SELECT count(*) FROM accounts WHERE id = {} AND deleted_at IS NULL", eve.account);
    assert_eq!(scene.count(&still), 1);
}
