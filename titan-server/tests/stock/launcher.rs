//! The launcher and its window.

use reqwest::Method;
use serde_json::json;
use titan_core::GENERAL;

use crate::guests::stock::launcher::{Launcher, PASSWORD, Version};
use crate::support::TestHouse;

async fn two(version: Version, house: &TestHouse) -> (Launcher, Launcher) {
    version.checks_server(house).await;
    let number = version.registers(house, "ada", "").await.unwrap();
    assert!((10_000..100_000).contains(&number));
    version.registers(house, "bob", "Bob B.").await.unwrap();
    assert_eq!(version.registers(house, "ada", "").await, Err("Username already exists".to_owned()));
    (version.logs_in(house, "ada").await.unwrap(), version.logs_in(house, "bob").await.unwrap())
}

async fn the_window_works_in_general(version: Version) {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = two(version, &house).await;
    let mut terminal = house.enter("cleo").await;

    let (rooms, users) = ada.opens_its_window().await;
    assert_eq!(rooms, [(GENERAL.0, "general".to_owned(), "text".to_owned(), 3)]);
    let named: Vec<_> = users.iter().map(|(_, username, _, full_name)| (&**username, &**full_name)).collect();
    assert_eq!(named, [("ada", ""), ("bob", "Bob B."), ("cleo", "")]);

    terminal.says(GENERAL.0, "before they came").await;
    ada.opens_room(GENERAL.0, "").await.unwrap();
    bob.opens_room(GENERAL.0, "").await.unwrap();
    assert!(ada.display.last().unwrap().ends_with("cleo: before they came"), "{:?}", ada.display);
    ada.says_in_room("hello from the launcher").await;
    bob.sees("ada: hello from the launcher").await;
    terminal.hears_text("hello from the launcher").await;
    terminal.says(GENERAL.0, "hello from a terminal").await;
    ada.sees("cleo: hello from a terminal").await;

    // It leaves as it closes the view; nobody can leave general, and it opens again all the same.
    ada.leaves_room().await;
    ada.opens_room(GENERAL.0, "").await.unwrap();
    assert!(ada.display.last().unwrap().ends_with("cleo: hello from a terminal"), "{:?}", ada.display);
}

async fn the_window_works_elsewhere(version: Version) {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = two(version, &house).await;
    let lab = ada.makes_room("Lab", "key").await;
    assert_eq!(bob.notices("new_room").await["creator"], "ada");
    ada.opens_room(lab, "").await.unwrap();
    assert_eq!(bob.opens_room(lab, "lock").await, Err("Invalid password".to_owned()));
    bob.opens_room(lab, "key").await.unwrap();
    assert_eq!(ada.notices("user_joined_room").await["username"], "bob");
    bob.says_in_room("in here").await;
    ada.sees("bob: in here").await;
    bob.leaves_room().await;
    assert_eq!(ada.notices("user_left_room").await["username"], "bob");

    let bobs_id = bob.user_id;
    bob.opens_person(ada.user_id).await;
    ada.opens_person(bobs_id).await;
    ada.says_to_person("psst").await;
    bob.sees("ada: psst").await;
    ada.opens_person(bobs_id).await;
    assert!(ada.display.last().unwrap().ends_with("ada: psst"), "{:?}", ada.display);
    drop(bob);
    let gone = loop {
        let status = ada.notices("user_status").await;
        if status["status"] == "offline" {
            break status;
        }
    };
    assert_eq!(gone["username"], "bob");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_launchers_window_works_in_general() {
    the_window_works_in_general(Version::First).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_later_launchers_window_works_in_general() {
    the_window_works_in_general(Version::Later).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_launchers_window_works_in_rooms_and_in_private() {
    the_window_works_elsewhere(Version::First).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_later_launchers_window_works_in_rooms_and_in_private() {
    the_window_works_elsewhere(Version::Later).await;
}

#[tokio::test]
async fn what_only_later_servers_have_is_answered_at_once_and_with_no_success() {
    let house = TestHouse::open().await;
    let (mut ada, _bob) = two(Version::Later, &house).await;
    for name in [
        "get_blocked_users",
        "mark_messages_read",
        "voice_start",
        "list_feedback",
        "list_games",
        "cerberus_status",
        "list_remote_screens",
        "list_server_sounds",
    ] {
        let answer = ada.asks(json!({"type": name, "user_id": 1}), &format!("{name}_response")).await;
        assert_eq!((&answer["type"], &answer["error"]), (&json!("error"), &json!(format!("Unknown type: {name}"))));
    }
    for (method, path) in [
        (Method::GET, "/api/repository/apps"),
        (Method::GET, "/api/repository/apps?status=approved&limit=100"),
        (Method::GET, "/api/repository/apps/pending"),
        (Method::GET, "/api/repository/apps/1"),
        (Method::POST, "/api/repository/apps/1/approve"),
        (Method::DELETE, "/api/repository/apps/1"),
        (Method::POST, "/api/repository/upload"),
        (Method::GET, "/api/users/all"),
        (Method::GET, "/api/users/role"),
        (Method::GET, "/api/users/sounds/ada/login"),
        (Method::GET, "/api/forum/topics?limit=50"),
        (Method::GET, "/api/forum/topics/1/replies"),
        (Method::GET, "/api/whats_new"),
        (Method::GET, "/api/groups"),
        (Method::GET, "/api/account/email"),
        (Method::POST, "/api/auth/forgot_password"),
        (Method::GET, "/api/mail/inbox"),
        (Method::GET, "/api/extensions"),
        (Method::GET, "/api/moderation/moderators"),
        (Method::GET, "/api/moderation/ban/check/1"),
        (Method::POST, "/api/rooms/1/kick"),
        (Method::GET, "/api/sounds/bell"),
    ] {
        let (status, said) = ada.asks_by_http(method, path).await;
        assert_eq!((status, &said["success"]), (404, &json!(false)), "{path}: {said}");
        assert!(said["error"].as_str().is_some_and(|error| !error.is_empty()), "{path}: {said}");
    }
    // What the first server had goes by the token that it was given.
    assert_eq!(ada.asks_by_http(Method::GET, "/api/repository/game").await.1["apps"], json!([]));
    let (status, said) = ada.asks_by_http(Method::GET, "/api/pending").await;
    assert_eq!((status, &said["error"]), (403, &json!("Admin access required")));
}

#[tokio::test]
async fn a_token_that_a_launcher_makes_itself_is_refused_with_the_reason() {
    let house = TestHouse::open().await;
    let (ada, _bob) = two(Version::First, &house).await;
    let forged = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{}:ada", ada.user_id));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http.get(format!("{}/api/pending", house.http())).bearer_auth(forged);
    let response = crate::support::deadline(request.send()).await.unwrap();
    assert_eq!(response.status(), 401);
    let said = crate::support::deadline(response.text()).await.unwrap();
    assert!(said.contains("anybody could make one") && !said.contains(PASSWORD), "{said}");
}
