//! People who are shut out while they come in.

use serde_json::json;

use crate::channels_support::{User, credentials, told};
use crate::races::cast::{Fate, Scene, answered};
use crate::support::Native;

/// Bob's login is stopped before its session is opened, and something happens: what he is told by each door.
async fn login_against(deed: impl AsyncFn(&mut Scene)) -> (Fate, u16) {
    let by_native = {
        let mut scene = Scene::with_admin().await;
        let mut held = scene.gates.hold("open_session");
        let mut late = scene.house.native().await;
        let login = json!({"do": "login", "username": "bob", "password": "secret-password"});
        let begun = late.send(login).await;
        held.reached().await;
        deed(&mut scene).await;
        let sessions = scene.count("SELECT count(*) FROM sessions");
        held.let_go();
        let fate = answered(&mut late, begun).await;
        assert_eq!(scene.count("SELECT count(*) FROM sessions"), sessions, "no session was opened");
        fate
    };
    let mut scene = Scene::with_admin().await;
    let mut held = scene.gates.hold("open_session");
    let stranger = User::stranger(&scene.house);
    let begun = tokio::spawn(told(stranger.post("/auth/login", &credentials("bob"))));
    held.reached().await;
    deed(&mut scene).await;
    held.let_go();
    (by_native, begun.await.unwrap().0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_password_opens_no_session_once_it_is_changed() {
    let fates = login_against(async |scene: &mut Scene| {
        let change = json!({"do": "change_password", "old": "secret-password", "new": "another-password"});
        scene.bob.ok(change).await;
    });
    assert_eq!(fates.await, (Fate::Refused("bad_credentials".into()), 400));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_banned_while_logging_in_is_not_let_in() {
    let fates = login_against(async |scene: &mut Scene| {
        let ban = json!({"do": "ban", "account": scene.bob.account});
        scene.ada.ok(ban).await;
    });
    assert_eq!(fates.await, (Fate::Refused("banned".into()), 403));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_deleted_while_logging_in_is_not_let_in() {
    let fates = login_against(async |scene: &mut Scene| {
        let remove = json!({"do": "remove_account", "account": scene.bob.account});
        scene.ada.ok(remove).await;
    });
    assert_eq!(fates.await, (Fate::Refused("bad_credentials".into()), 400));
}

/// Somebody enters by a token, is stopped once the session has been found, and then it is ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_while_somebody_enters_by_it_is_not_entered() {
    let mut scene = Scene::new().await;
    let again = scene.house.enter_again("bob").await;
    let token = again.token.clone();
    drop(again);
    let sessions = scene.bob.ok(json!({"do": "sessions"})).await;
    let mut held = scene.gates.hold("touch_session");
    let mut late = scene.house.native().await;
    let entering = late.send(json!({"do": "authenticate", "token": token})).await;
    held.reached().await;
    for session in sessions["sessions"].as_array().unwrap() {
        if session["current"] != true && session["door"] == "native" {
            scene.bob.ok(json!({"do": "revoke_session", "session": session["id"]})).await;
        }
    }
    held.let_go();
    let fate = answered(&mut late, entering).await;
    assert_eq!(fate, Fate::Refused("bad_token".into()));
    hears_nothing(&mut scene, &mut late).await;
}

/// Whoever was not let in is told nothing of what is said.
async fn hears_nothing(scene: &mut Scene, late: &mut Native) {
    let room = scene.room;
    scene.ada.says(room, "between ourselves").await;
    let answer = late.ask(json!({"do": "post", "conversation": room, "text": "x"})).await;
    assert_eq!(answer["error"]["code"], "not_logged_in", "{answer}");
    let heard = late.heard_by_now().await;
    assert!(heard.iter().all(|event| event["event"].is_null()), "{heard:?}");
}
