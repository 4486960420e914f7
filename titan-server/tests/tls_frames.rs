//! The TLS-frames door, as the original's clients use it.

use crate::tls_support::*;
use rustls::version;
use serde_json::{Value, json};
use titan_core::GENERAL;

fn is_line(line: &str, said: &str) -> bool {
    let (moment, rest) = line.split_at(22);
    let shape: String = moment.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "[0000-00-00T00:00:00] " && rest == said
}

#[tokio::test]
async fn two_people_meet_as_the_document_has_it() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    let mut bob = enter(&house, "bob").await;
    assert_eq!(bob.next().await, (LIS, json!({"users": ["ada"]})));
    assert_eq!(ada.hears(LIS).await, json!({"users": ["bob"]}));
    ada.shows("bob").await;
    ada.says("bob", "hello").await;
    let seen = ada.sees("hello").await;
    assert!(seen.len() == 1 && is_line(&seen[0], "ada: hello"), "{seen:?}");
    bob.shows("ada").await;
    assert_eq!(bob.sees("hello").await, seen);
    bob.says("ada", "hi, Zażółć 😀 \"you\"").await;
    for client in [&mut ada, &mut bob] {
        let seen = client.sees("\"you\"").await;
        assert!(seen.len() == 2 && is_line(&seen[1], "bob: hi, Zażółć 😀 \"you\""), "{seen:?}");
    }
    bob.send(DIS, json!({"msg": "bye"})).await;
    assert!(!bob.is_closed().await.iter().any(|(kind, _)| *kind == DIS));
}

#[tokio::test]
async fn the_login_gives_no_hash_away_and_does_not_tell_who_exists() {
    let mut house = house().await;
    enter(&house, "ada").await;
    let mut stranger = client(&house).await;
    let salt = stranger.salt("ada").await;
    let made_up = stranger.salt("nobody").await;
    assert_eq!(stranger.salt("nobody").await, made_up);
    assert_ne!(stranger.salt("nobody-else").await, made_up);
    let invalid = (ERR, json!({"msg": "Invalid login data"}));
    for name in ["ada", "nobody", "", "two words", &"x".repeat(5_000)] {
        let wrong = json!({"login": name, "password": hashed("wrong", &salt)});
        assert_eq!(stranger.ask(LOG, wrong).await, invalid, "{name}");
        for no_hash in ["", "x", "secret-password", &"0".repeat(127), &"0".repeat(129), &"g".repeat(128)] {
            assert_eq!(stranger.ask(LOG, json!({"login": name, "password": no_hash})).await, invalid, "{no_hash}");
        }
    }
    house.restart().await;
    let mut stranger = client(&house).await;
    assert_eq!((stranger.salt("ada").await, stranger.salt("nobody").await), (salt, made_up));
    // Only the second half is compared.
    let (kind, _) = stranger.tries_to_login("ada", PASSWORD).await;
    assert_eq!(kind, SES);
}

#[tokio::test]
async fn registering_answers_as_the_document_says_and_does_not_log_in() {
    let house = house().await;
    let mut stranger = client(&house).await;
    assert_eq!(stranger.register("ada", PASSWORD).await, (ACK, json!({"msg": "Created Account"})));
    assert_eq!(stranger.register("ada", PASSWORD).await, (ERR, json!({"msg": "Account already exists"})));
    assert_eq!(stranger.register("ADA", PASSWORD).await, (ERR, json!({"msg": "Account already exists"})));
    let invalid = (ERR, json!({"msg": "Invalid register data"}));
    let hash = fresh(PASSWORD);
    for (login, password, email) in [
        ("", hash.as_str(), "x@example.org"),
        ("two words", &hash, "x@example.org"),
        ("a\u{1b}[31m", &hash, "x@example.org"),
        ("eve", "secret-password", "x@example.org"),
        ("eve", &hash[1..], "x@example.org"),
        ("eve", &hash, "no address"),
        ("eve", &hash, "a@b\r\nBcc: everybody@example.org"),
    ] {
        let answer = stranger.ask(REG, json!({"login": login, "password": password, "email": email})).await;
        assert_eq!(answer, invalid, "{login} {email}");
    }
    for (kind, payload) in
        [(MSG, json!({"reciever": "ada", "msg": "hi"})), (UPD, json!({})), (DEL, json!({})), (LIS, json!({}))]
    {
        assert!(stranger.refused(kind, payload).await.contains("log in first"));
    }
    stranger.login("ada", PASSWORD).await;
    assert!(stranger.refused(LOG, json!({"login": "ada", "password": "X"})).await.contains("logged in"));
}

#[tokio::test]
async fn one_password_opens_every_door() {
    let house = house().await;
    enter(&house, "ada").await;
    let mut native = house.enter_again("ada").await;
    house.enter("bob").await;
    let mut bob = enter_again(&house, "bob").await;
    // Changed here, it ends the other sessions and holds elsewhere.
    let answer = bob.ask(CHP, json!({"password": fresh("another-one")})).await;
    assert_eq!(answer, (ACK, json!({"msg": "Change password succesfull"})));
    house.native().await.login("bob", "another-one").await;
    assert_eq!(client(&house).await.tries_to_login("bob", PASSWORD).await, (ERR, json!({"msg": "Invalid login data"})));
    let failed = (ERR, json!({"msg": "Change password failed"}));
    assert_eq!(bob.ask(CHP, json!({"password": "plain"})).await, failed);
    // Changed elsewhere, it ends the session here.
    let mut ada = enter_again(&house, "ada").await;
    native.ok(json!({"do": "change_password", "old": PASSWORD, "new": "a-third-one"})).await;
    assert!(ada.is_dismissed().await.contains("password"));
    client(&house).await.login("ada", "a-third-one").await;
}

#[tokio::test]
async fn everybodys_names_come_at_once_on_change_and_again() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    assert_eq!(ada.heard_by_now().await, []);
    let mut zoe = house.enter("zoe").await;
    assert_eq!(ada.hears(LIS).await, json!({"users": ["zoe"]}));
    enter(&house, "bob").await;
    assert_eq!(ada.hears(LIS).await, json!({"users": ["bob", "zoe"]}));
    zoe.ok(json!({"do": "delete_account", "password": PASSWORD})).await;
    assert_eq!(ada.hears(LIS).await, json!({"users": ["bob"]}));
    // Nothing changes, and it comes all the same.
    assert_eq!(ada.hears(LIS).await, json!({"users": ["bob"]}));
}

#[tokio::test]
async fn what_is_shown_follows_what_happens_at_any_door() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    let mut bob = house.enter("bob").await;
    ada.shows("bob").await;
    assert!(!ada.heard_by_now().await.iter().any(|(kind, _)| *kind == HIS), "nothing was said yet");
    let ada_id = bob.ok(json!({"do": "find_account", "username": "ada"})).await["id"].clone();
    let direct = bob.ok(json!({"do": "open_direct", "account": ada_id})).await["id"].as_i64().unwrap();
    let first = bob.says(direct, "frist").await["seq"].as_i64().unwrap();
    ada.sees("bob: frist").await;
    bob.ok(json!({"do": "edit", "conversation": direct, "seq": first, "text": "first"})).await;
    ada.sees("bob: first").await;
    let second = bob.says(direct, "oops").await["seq"].as_i64().unwrap();
    ada.sees("bob: oops").await;
    bob.ok(json!({"do": "delete", "conversation": direct, "seq": second})).await;
    assert_eq!(ada.sees("bob: first").await.len(), 1);
    ada.says("bob", "across the doors").await;
    bob.hears_text("across the doors").await;
    ada.sees("ada: across the doors").await;
    // Shown no more.
    ada.send(UPD, json!({"reciever": null})).await;
    ada.heard_by_now().await;
    bob.says(direct, "unseen").await;
    bob.hears_text("unseen").await;
    assert!(!ada.heard_by_now().await.iter().any(|(kind, _)| *kind == HIS));
    ada.shows("bob").await;
    assert_eq!(ada.sees("unseen").await.len(), 3);
}

#[tokio::test]
async fn the_last_two_hundred_are_shown_and_the_oldest_of_long_ones_dropped() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    for number in 0..210 {
        ada.says("ada", &format!("note {number}")).await;
    }
    ada.shows("ada").await;
    let seen = ada.sees("ada: note 209").await;
    assert!(seen.len() == 200 && seen[0].ends_with("ada: note 10"), "{} {}", seen.len(), seen[0]);
    for number in 0..6 {
        ada.says("ada", &format!("{}{number}", "é".repeat(2_000))).await;
    }
    let seen = ada.sees("é5").await;
    assert_eq!(seen.len(), 4, "four of 4,000 bytes fit into a TLS record");
    ada.says("ada", &"é".repeat(15_000)).await;
    let seen = ada.sees("é…").await;
    assert_eq!(seen.len(), 1, "one that fits nowhere loses its end");
    ada.says("ada", &"x".repeat(16_001)).await;
    assert!(ada.hears(ERR).await["msg"].as_str().unwrap().contains("16000"));
    ada.says("ada", "").await;
    assert!(ada.hears(ERR).await["msg"].as_str().unwrap().contains("empty"));
}

#[tokio::test]
async fn rooms_are_shared_with_every_other_door() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    let mut bob = house.enter("bob").await;
    ada.shows("#general").await;
    bob.says(GENERAL.0, "hello, all").await;
    ada.sees("bob: hello, all").await;
    ada.says("#general", "from the frames").await;
    bob.hears_text("from the frames").await;
    let room = bob.ok(json!({"do": "create_room", "name": "Lab"})).await["id"].as_i64().unwrap();
    bob.says(room, "secret").await;
    for (kind, payload) in [(UPD, json!({"reciever": "#Lab"})), (MSG, json!({"reciever": "#Lab", "msg": "hi"}))] {
        assert!(ada.refused(kind, payload).await.contains("member"));
    }
    assert_eq!(ada.refused(UPD, json!({"reciever": "#Nowhere"})).await, "Room not found");
    // What was shown before is shown on.
    bob.says(GENERAL.0, "still here?").await;
    ada.sees("bob: still here?").await;
    let mut native = house.enter_again("ada").await;
    native.ok(json!({"do": "join_room", "conversation": room})).await;
    ada.shows("#Lab").await;
    ada.sees("bob: secret").await;
    native.ok(json!({"do": "leave_room", "conversation": room})).await;
    ada.hears(ERR).await;
    bob.says(room, "without ada").await;
    bob.hears_text("without ada").await;
    assert!(!ada.heard_by_now().await.iter().any(|(kind, _)| *kind == HIS));
}

#[tokio::test]
async fn mail_and_account_are_changed_and_ended() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    let mut bob = house.enter("bob").await;
    assert_eq!(
        ada.ask(CHM, json!({"email": "new@example.org"})).await,
        (ACK, json!({"msg": "Change mail succesfull"}))
    );
    assert_eq!(ada.ask(CHM, json!({"email": "none"})).await, (ERR, json!({"msg": "Change mail failed"})));
    ada.says("bob", "farewell").await;
    bob.hears_text("farewell").await;
    let mut elsewhere = house.enter_again("ada").await;
    assert_eq!(ada.ask(DEL, json!({"msg": "bye"})).await, (ACK, json!({"msg": "Deletion succesfull"})));
    while elsewhere.frame().await.is_some() {}
    // The connection is a stranger's now.
    assert_eq!(ada.tries_to_login("ada", PASSWORD).await, (ERR, json!({"msg": "Invalid login data"})));
    assert!(ada.refused(UPD, json!({})).await.contains("log in first"));
    assert_eq!(ada.register("ada", PASSWORD).await, (ACK, json!({"msg": "Created Account"})));
}

#[tokio::test]
async fn who_is_banned_is_out_here_too() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    let mut root = house.enter("root").await;
    house.make_admin("root");
    let found = root.ok(json!({"do": "find_account", "username": "ada"})).await;
    root.ok(json!({"do": "ban", "account": found["id"], "reason": "spam"})).await;
    ada.is_dismissed().await;
    let (kind, said) = client(&house).await.tries_to_login("ada", PASSWORD).await;
    assert!(kind == ERR && said["msg"].as_str().unwrap().contains("banned"), "{said}");
}

#[tokio::test]
async fn older_clients_come_in_by_tls_1_2() {
    let house = house().await;
    enter(&house, "ada").await;
    Client::connect(house.address("tls-frames"), &[&version::TLS12]).await.login("ada", PASSWORD).await;
}

#[tokio::test]
async fn the_house_says_goodbye_when_it_closes() {
    let mut house = house().await;
    let (mut ada, mut stranger) = (enter(&house, "ada").await, client(&house).await);
    let closing = tokio::spawn(house.server.take().unwrap().close());
    assert!(ada.is_dismissed().await.contains("shutting down"));
    assert!(stranger.is_dismissed().await.contains("shutting down"));
    closing.await.unwrap();
}

#[tokio::test]
async fn what_is_asked_at_once_is_answered_in_order() {
    let house = house().await;
    let mut ada = client(&house).await;
    let register = frame(REG, &json!({"login": "ada", "password": fresh(PASSWORD), "email": "a@example.org"}));
    let salt = frame(LOG, &json!({"login": "ada", "password": "X"}));
    let many = [register.clone(), salt, register, frame(FRP, &json!({"login": "x"}))].concat();
    ada.send_raw(&many).await;
    let mut kinds: Vec<(u8, Value)> = Vec::new();
    for _ in 0..4 {
        kinds.push(ada.next().await);
    }
    assert_eq!(kinds.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [ACK, LOG, ERR, ACK]);
    ada.login("ada", PASSWORD).await;
    let messages: Vec<u8> =
        (0..50).flat_map(|number| frame(MSG, &json!({"reciever": "ada", "msg": number.to_string()}))).collect();
    ada.send_raw(&[messages, frame(UPD, &json!({"reciever": "ada"}))].concat()).await;
    let seen = ada.sees("ada: 49").await;
    assert!(seen.iter().enumerate().all(|(number, line)| line.ends_with(&format!("ada: {number}"))), "{seen:?}");
}
