//! Words on their way while their author loses the right to say them, at a socket door and at an HTTP door.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::api_support::{Guest, send};
use crate::races::cast::{By, DOORS, Fate, Scene, refused};

/// Channels are rooms only: a direct is written to at the native door.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_blocked_while_writing_has_written_nothing() {
    let mut scene = Scene::new().await;
    let opened = scene.bob.ok(json!({"do": "open_direct", "account": scene.ada.account})).await;
    let direct = opened["id"].as_i64().unwrap();
    let block = json!({"do": "block", "account": scene.bob.account});
    assert_eq!(scene.words_against(By::Native, direct, block).await, Fate::Refused("forbidden".into()));
    let again = json!({"do": "post", "conversation": direct, "text": "again"});
    assert_eq!(scene.bob.fault(again).await, "forbidden");
    scene.ada.ok(json!({"do": "unblock", "account": scene.bob.account})).await;
    scene.bob.says(direct, "friends").await;
}

/// An HTTP door leads into directs by files alone.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_blocked_while_handing_over_a_file_has_handed_over_none() {
    let mut scene = Scene::new().await;
    let opened = scene.bob.ok(json!({"do": "open_direct", "account": scene.ada.account})).await;
    let direct = opened["id"].as_i64().unwrap();
    let by_api = Guest { token: scene.bob.token.clone(), ..Guest::stranger(&scene.house) };
    let mut held = scene.gates.hold("take_in");
    let handing = tokio::spawn(hand_over(by_api, direct));
    held.reached().await;
    scene.ada.ok(json!({"do": "block", "account": scene.bob.account})).await;
    held.let_go();
    assert_eq!(handing.await.unwrap(), 403);
    assert_eq!(scene.count("SELECT count(*) FROM files"), 0);
    let heard = scene.ada.heard_by_now().await;
    assert!(heard.iter().all(|event| event["entry"]["conversation"] != json!(direct)), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_blocked_while_opening_a_direct_has_none() {
    let mut scene = Scene::new().await;
    let mut held = scene.gates.hold("open_direct");
    let opening = scene.bob.send(json!({"do": "open_direct", "account": scene.ada.account})).await;
    held.reached().await;
    scene.ada.ok(json!({"do": "block", "account": scene.bob.account})).await;
    held.let_go();
    let answer = scene.bob.answer(opening).await;
    assert_eq!(answer["error"]["code"], "forbidden", "{answer}");
    assert_eq!(scene.count("SELECT count(*) FROM directs"), 0);
    let heard = scene.ada.heard_by_now().await;
    assert!(heard.iter().all(|event| event["conversation"]["direct"].is_null()), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_kicked_while_writing_has_written_nothing() {
    for by in DOORS {
        let mut scene = Scene::new().await;
        let (room, kick) = (scene.room, scene.against("kick"));
        assert_eq!(scene.words_against(by, room, kick).await, refused(by, "not_a_member", 403), "{by:?}");
        let outside = [Fate::Refused("not_a_member".into()), Fate::Status(403)];
        assert_eq!(scene.bob_may_write(room).await, outside);
        let back = scene.bob_joins(by, room).await;
        assert_eq!(scene.fate(back).await, Fate::Done);
        assert_eq!(scene.bob_may_write(room).await, [Fate::Done, Fate::Done]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_banned_from_a_room_while_writing_has_written_nothing() {
    for by in DOORS {
        let mut scene = Scene::new().await;
        let (room, ban) = (scene.room, scene.against("ban_member"));
        assert_eq!(scene.words_against(by, room, ban).await, refused(by, "not_a_member", 403), "{by:?}");
        let outside = [Fate::Refused("not_a_member".into()), Fate::Status(403)];
        assert_eq!(scene.bob_may_write(room).await, outside);
        let back = scene.bob_joins(by, room).await;
        assert_eq!(scene.fate(back).await, refused(by, "banned", 403));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_banned_from_a_room_while_joining_it_is_not_in_it() {
    for by in DOORS {
        let mut scene = Scene::new().await;
        let room = scene.room;
        scene.bob.ok(json!({"do": "leave_room", "conversation": room})).await;
        let before = scene.count(&format!("SELECT count(*) FROM entries WHERE conversation = {room}"));
        let mut held = scene.gates.hold("join");
        let joining = scene.bob_joins(by, room).await;
        held.reached().await;
        let ban = scene.against("ban_member");
        scene.ada.ok(ban).await;
        held.let_go();
        assert_eq!(scene.fate(joining).await, refused(by, "banned", 403), "{by:?}");
        assert_eq!(scene.count(&format!("SELECT count(*) FROM entries WHERE conversation = {room}")), before);
        assert_eq!(scene.count(&format!("SELECT count(*) FROM members WHERE conversation = {room}")), 1);
        let outside = [Fate::Refused("not_a_member".into()), Fate::Status(403)];
        assert_eq!(scene.bob_may_write(room).await, outside);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_muted_while_writing_has_written_nothing() {
    for by in DOORS {
        let mut scene = Scene::new().await;
        let (room, mute) = (scene.room, scene.against("mute"));
        assert_eq!(scene.words_against(by, room, mute).await, refused(by, "forbidden", 403), "{by:?}");
        let muted = [Fate::Refused("forbidden".into()), Fate::Status(403)];
        assert_eq!(scene.bob_may_write(room).await, muted);
        let unmute = scene.against("unmute");
        scene.ada.ok(unmute).await;
        assert_eq!(scene.bob_may_write(room).await, [Fate::Done, Fate::Done]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_muted_while_editing_or_reacting_has_changed_nothing() {
    let mut scene = Scene::new().await;
    let room = scene.room;
    let seq = scene.bob.says(room, "as it was").await["seq"].clone();
    for change in [
        json!({"do": "edit", "conversation": room, "seq": seq, "text": "too late"}),
        json!({"do": "react", "conversation": room, "seq": seq, "emoji": "+", "on": true}),
    ] {
        let mut held = scene.gates.hold("take_in");
        let changing = scene.bob.send(change).await;
        held.reached().await;
        let mute = scene.against("mute");
        scene.ada.ok(mute).await;
        held.let_go();
        assert_eq!(scene.bob.answer(changing).await["error"]["code"], "forbidden");
        scene.nobody_heard("too late").await;
        let unmute = scene.against("unmute");
        scene.ada.ok(unmute).await;
    }
    let entries = scene.ada.ok(json!({"do": "history", "conversation": room, "limit": 1})).await;
    assert_eq!(entries["entries"][0]["text"], "as it was", "the message is the last entry still");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_into_a_room_that_is_deleted_meanwhile_are_refused() {
    for by in DOORS {
        let mut scene = Scene::new().await;
        let room = scene.room;
        let deed = json!({"do": "delete_room", "conversation": room});
        assert_eq!(scene.words_against(by, room, deed).await, refused(by, "not_a_member", 403), "{by:?}");
        let gone = [Fate::Refused("not_a_member".into()), Fate::Status(404)];
        assert_eq!(scene.bob_may_write(room).await, gone);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comes_into_a_room_that_is_deleted_meanwhile() {
    for by in DOORS {
        let mut scene = Scene::new().await;
        let room = scene.ada.ok(json!({"do": "create_room", "name": "short"})).await["id"].as_i64().unwrap();
        let mut held = scene.gates.hold("join");
        let joining = scene.bob_joins(by, room).await;
        held.reached().await;
        scene.ada.ok(json!({"do": "delete_room", "conversation": room})).await;
        held.let_go();
        assert_eq!(scene.fate(joining).await, refused(by, "not_found", 404), "{by:?}");
        let gone = [Fate::Refused("not_a_member".into()), Fate::Status(404)];
        assert_eq!(scene.bob_may_write(room).await, gone);
    }
}

/// The session that bob writes by ends: its socket is closed, with or without a last word.
fn shut_out(by: By, fate: &Fate) {
    let as_it_should = match by {
        By::Native => [Fate::Ended, Fate::Refused("bad_token".into())].contains(fate),
        By::Channels => *fate == Fate::Status(401),
    };
    assert!(as_it_should, "{by:?}: {fate:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_an_account_that_is_banned_meanwhile_are_refused() {
    for by in DOORS {
        let mut scene = Scene::with_admin().await;
        let (room, ban) = (scene.room, json!({"do": "ban", "account": scene.bob.account}));
        shut_out(by, &scene.words_against(by, room, ban).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_an_account_that_is_deleted_meanwhile_are_refused() {
    for by in DOORS {
        let mut scene = Scene::with_admin().await;
        let (room, remove) = (scene.room, json!({"do": "remove_account", "account": scene.bob.account}));
        shut_out(by, &scene.words_against(by, room, remove).await);
        assert_eq!(scene.count(&format!("SELECT count(*) FROM members WHERE account = {}", scene.bob.account)), 0);
    }
}

/// Bob's words are stopped, bob does something about it from another terminal, and they go on.
async fn words_against_oneself(by: By, deed: impl AsyncFn(&mut Scene)) -> Scene {
    let mut scene = Scene::new().await;
    let room = scene.room;
    let mut held = scene.gates.hold("take_in");
    let begun = scene.bob_posts(by, room, "too late").await;
    held.reached().await;
    deed(&mut scene).await;
    held.let_go();
    let fate = scene.fate(begun).await;
    shut_out(by, &fate);
    scene.nobody_heard("too late").await;
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_session_that_ends_by_a_new_password_are_refused() {
    for by in DOORS {
        let scene = words_against_oneself(by, async |scene: &mut Scene| {
            let mut again = scene.house.enter_again("bob").await;
            let change = json!({"do": "change_password", "old": "secret-password", "new": "another-password"});
            again.ok(change).await;
        });
        let scene = scene.await;
        let mut again = scene.house.native().await;
        again.login("bob", "another-password").await;
        again.says(scene.room, "anew").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_session_that_is_ended_are_refused() {
    for by in DOORS {
        let scene = words_against_oneself(by, async |scene: &mut Scene| {
            let mut again = scene.house.enter_again("bob").await;
            let door = if by == By::Native { "native" } else { "channels" };
            let sessions = again.ok(json!({"do": "sessions"})).await;
            for session in sessions["sessions"].as_array().unwrap() {
                if session["door"] == door && session["current"] != true {
                    again.ok(json!({"do": "revoke_session", "session": session["id"]})).await;
                }
            }
        });
        let scene = scene.await;
        let mut again = scene.house.enter_again("bob").await;
        again.says(scene.room, "anew").await;
    }
}

/// Hands over a file in one request; the status of the answer.
async fn hand_over(by: Guest, conversation: i64) -> u16 {
    let fields = [("filename", "notes.txt".to_owned()), ("conversation", conversation.to_string())];
    let fields = fields.map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value)));
    let request = by.post("/api/uploads").header("Tus-Resumable", "1.0.0").header("Upload-Length", 5);
    let request = request.header("Upload-Metadata", fields.join(","));
    let request = request.header("Content-Type", "application/offset+octet-stream").body("notes");
    send(request).await.status().as_u16()
}
