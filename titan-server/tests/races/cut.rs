//! Peers at HTTP doors that hang up right after they asked: what was begun is finished, with its line in the audit log.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::api_support::Guest;
use crate::races::cast::{By, Fate, Scene};
use crate::support::{TestHouse, deadline};

/// Sends a request without a body and hangs up when `until` is over.
async fn cut(house: &TestHouse, path: &str, token: &str, until: impl Future<Output = ()>) {
    let mut stream = deadline(tokio::net::TcpStream::connect(house.address("http"))).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\n\r\n",
        house.address("http")
    );
    deadline(stream.write_all(request.as_bytes())).await.unwrap();
    until.await;
    // What the server says to that, if anything, ends when it has let go of the connection.
    deadline(stream.shutdown()).await.unwrap();
    let _ = deadline(stream.read_to_end(&mut Vec::new())).await;
}

/// Waits until the database says so.
async fn until(what: &str, holds: impl Fn() -> bool) {
    crate::api_support::until(what, holds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_whose_peer_hangs_up_has_its_line() {
    let scene = Scene::with_admin().await;
    let author = Guest::enter(&scene.house, "eve").await;
    // Cut before the decision is written, while it is, and when it has been.
    for (round, verb) in ["decide_app", "decide_app", "account"].into_iter().enumerate() {
        let app = author.hands_in(&format!("game{round}"), format!("bytes{round}").as_bytes()).await;
        let mut held = match round {
            1 => scene.gates.hold_after(verb),
            _ => scene.gates.hold(verb),
        };
        cut(&scene.house, &format!("/api/approve/{app}"), &scene.ada.token, held.reached()).await;
        held.let_go();
        let approved = format!("SELECT count(*) FROM apps WHERE id = {app} AND state = 'approved'");
        until("the app is approved", || scene.count(&approved) == 1).await;
        let lines = format!("SELECT count(*) FROM audit WHERE act = 'approve_app' AND object = 'app {app}'");
        assert_eq!(scene.count(&lines), 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn approvals_cut_at_any_moment_have_their_lines() {
    let scene = Scene::with_admin().await;
    let author = Guest::enter(&scene.house, "eve").await;
    for round in 0..40_u32 {
        let app = author.hands_in(&format!("game{round}"), format!("bytes{round}").as_bytes()).await;
        let moment = tokio::time::sleep(Duration::from_micros(u64::from(200 * (round % 20))));
        cut(&scene.house, &format!("/api/approve/{app}"), &scene.ada.token, moment).await;
    }
    scene.house.server.as_ref().unwrap().store().probe().await.unwrap();
    let silent = "SELECT count(*) FROM apps a WHERE state = 'approved' AND NOT EXISTS \
        (SELECT 1 FROM audit WHERE act = 'approve_app' AND object = 'app ' || a.id)";
    assert_eq!(scene.count(silent), 0);
    assert!(scene.count("SELECT count(*) FROM apps WHERE state = 'approved'") > 0, "none came through");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_whose_peer_hangs_up_leaves_account_and_standing_agreed() {
    let mut scene = Scene::new().await;
    for after in [false, true] {
        let made = scene.ada.ok(json!({"do": "create_room", "name": format!("cut {after}")})).await;
        let room = made["id"].as_i64().unwrap();
        let mut held = if after { scene.gates.hold_after("join") } else { scene.gates.hold("join") };
        let path = format!("/channels/{room}/join");
        cut(&scene.house, &path, &scene.bob_by_http.token, held.reached()).await;
        held.let_go();
        let member =
            format!("SELECT count(*) FROM members WHERE conversation = {room} AND account = {}", scene.bob.account);
        until("bob is in the room", || scene.count(&member) == 1).await;
        scene.bob.hears(|event| event["conversation"]["id"] == json!(room)).await;
        assert_eq!(scene.bob_may_write(room).await, [Fate::Done, Fate::Done], "stopped after its work: {after}");
    }
}

/// Joins cut at moments spread over their whole way.
#[tokio::test(flavor = "multi_thread")]
async fn joins_cut_at_any_moment_are_whole_or_not_at_all() {
    let mut scene = Scene::new().await;
    let mut rooms = Vec::new();
    for round in 0..40_u64 {
        let made = scene.ada.ok(json!({"do": "create_room", "name": format!("cut {round}")})).await;
        let room = made["id"].as_i64().unwrap();
        rooms.push(room);
        let moment = tokio::time::sleep(Duration::from_micros(200 * (round % 20)));
        cut(&scene.house, &format!("/channels/{room}/join"), &scene.bob_by_http.token, moment).await;
    }
    scene.house.server.as_ref().unwrap().store().probe().await.unwrap();
    for room in rooms {
        let begun = scene.bob_posts(By::Native, room, "x").await;
        let fate = scene.fate(begun).await;
        let sql =
            format!("SELECT count(*) FROM members WHERE conversation = {room} AND account = {}", scene.bob.account);
        assert_eq!(fate == Fate::Done, scene.count(&sql) == 1, "room {room}: {fate:?}");
    }
}
