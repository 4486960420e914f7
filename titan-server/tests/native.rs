//! The native door, through real sockets.

use crate::support::{Native, TestHouse};
use serde_json::{Value, json};

const GENERAL: i64 = 1;

async fn room(owner: &mut Native, name: &str) -> i64 {
    owner.ok(json!({"do": "create_room", "name": name})).await["id"].as_i64().unwrap()
}

fn texts(history: &Value) -> Vec<&str> {
    history["entries"].as_array().unwrap().iter().filter_map(|entry| entry["text"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_talk_in_general() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let posted = ada.says(GENERAL, "hi bob").await;
    let event = bob.hears_text("hi bob").await;
    assert_eq!(event["entry"]["seq"], posted["seq"]);
    assert_eq!(event["entry"]["author"]["username"], "ada");
    ada.hears_text("hi bob").await;
    bob.says(GENERAL, "hi ada").await;
    ada.hears_text("hi ada").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_acts_before_logging_in_and_every_mistake_is_answered() {
    let house = TestHouse::open().await;
    let mut stranger = house.native().await;
    assert_eq!(stranger.fault(json!({"do": "rooms"})).await, "not_logged_in");
    assert_eq!(stranger.fault(json!({"do": "login", "username": "no", "password": "x"})).await, "bad_credentials");
    assert_eq!(stranger.fault(json!({"do": "authenticate", "token": "x"})).await, "bad_token");
    assert_eq!(stranger.fault(json!({"do": "fly"})).await, "unknown_command");
    stranger.send_raw("not json").await;
    assert_eq!(stranger.frame().await.unwrap()["error"]["code"], "bad_request");
    stranger.send_raw(&"[".repeat(60_000)).await;
    assert_eq!(stranger.frame().await.unwrap()["error"]["code"], "bad_request");
    stranger.ok(json!({"do": "ping"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_too_long_is_refused_by_name() {
    let house = TestHouse::open().await;
    let mut stranger = house.native().await;
    stranger.send_raw(&"x".repeat(70_000)).await;
    assert_eq!(stranger.frame().await.unwrap()["error"]["code"], "too_large");
    assert!(stranger.frame().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_made_joined_left_and_deleted() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    bob.ok(json!({"do": "who", "watch": true})).await;
    let room = ada.ok(json!({"do": "create_room", "name": "Lab", "password": "key"})).await["id"].as_i64().unwrap();
    bob.hears(|event| event["event"] == "room_created" && event["room"]["name"] == "Lab").await;
    assert_eq!(ada.fault(json!({"do": "create_room", "name": "lab"})).await, "name_taken");
    assert_eq!(bob.fault(json!({"do": "post", "conversation": room, "text": "x"})).await, "not_a_member");
    assert_eq!(bob.fault(json!({"do": "history", "conversation": room})).await, "not_a_member");
    assert_eq!(bob.fault(json!({"do": "join_room", "conversation": room})).await, "wrong_room_password");
    bob.ok(json!({"do": "join_room", "conversation": room, "password": "key"})).await;
    ada.hears(|event| event["entry"]["kind"] == "joined" && event["entry"]["author"]["username"] == "bob").await;
    ada.says(room, "welcome").await;
    bob.hears_text("welcome").await;
    assert_eq!(bob.fault(json!({"do": "delete_room", "conversation": room})).await, "forbidden");
    bob.ok(json!({"do": "leave_room", "conversation": room})).await;
    ada.hears(|event| event["entry"]["kind"] == "left").await;
    ada.says(room, "alone").await;
    assert!(bob.heard_by_now().await.iter().all(|event| event["entry"]["text"] != "alone"));
    ada.ok(json!({"do": "delete_room", "conversation": room})).await;
    bob.hears(|event| event["event"] == "room_removed" && event["conversation"] == room).await;
    assert_eq!(ada.fault(json!({"do": "delete_room", "conversation": GENERAL})).await, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_reaches_every_terminal_of_the_other_and_waits_for_who_is_away() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let mut bob_too = house.enter_again("bob").await;
    let direct = ada.ok(json!({"do": "open_direct", "account": bob.account})).await["id"].as_i64().unwrap();
    ada.says(direct, "psst").await;
    bob.hears(|event| event["event"] == "conversation_added").await;
    bob.hears_text("psst").await;
    bob_too.hears_text("psst").await;
    drop((bob, bob_too));
    ada.says(direct, "still there?").await;
    let mut bob = house.enter_again("bob").await;
    let conversations = bob.ok(json!({"do": "conversations"})).await;
    let mine =
        conversations["conversations"].as_array().unwrap().iter().find(|mine| mine["id"] == direct).unwrap().clone();
    assert_eq!((&mine["unread"], &mine["direct"]["username"]), (&json!(2), &json!("ada")));
    bob.ok(json!({"do": "mark_read", "conversation": direct, "seq": mine["head"]})).await;
    let conversations = bob.ok(json!({"do": "conversations"})).await;
    let mine =
        conversations["conversations"].as_array().unwrap().iter().find(|mine| mine["id"] == direct).unwrap().clone();
    assert_eq!(mine["unread"], 0);
    let mut eve = house.enter("eve").await;
    assert_eq!(eve.fault(json!({"do": "history", "conversation": direct})).await, "not_a_member");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_terminals_of_one_person_may_open_a_direct_or_join_at_once_and_write() {
    let house = TestHouse::open().await;
    let (mut ada, mut ada_too) = (house.enter("ada").await, house.enter_again("ada").await);
    let mut owner = house.enter("owner").await;
    for number in 0..20 {
        let bob = house
            .native()
            .await
            .ok(json!({"do": "register", "username": format!("bob{number}"), "password": "secret-password"}))
            .await;
        let open = json!({"do": "open_direct", "account": bob["account"]["id"]});
        let room = room(&mut owner, &format!("room {number}")).await;
        let join = json!({"do": "join_room", "conversation": room});
        let both = async |ada: &mut Native| {
            let direct = ada.ok(open.clone()).await["id"].as_i64().unwrap();
            ada.says(direct, "psst").await;
            ada.ask(join.clone()).await;
            ada.says(room, "hello").await;
        };
        tokio::join!(both(&mut ada), both(&mut ada_too));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_again_is_answered_with_the_first_place() {
    let house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    let post = json!({"do": "post", "conversation": GENERAL, "text": "once", "client_id": "01890000-0000-7000-8000-000000000001"});
    let first = ada.ok(post.clone()).await;
    let again = ada.ok(post).await;
    assert_eq!(first, again);
    let history = ada.ok(json!({"do": "history", "conversation": GENERAL})).await;
    assert_eq!(texts(&history), ["once"]);

    let delete = json!({"do": "delete", "conversation": GENERAL, "seq": first["seq"], "client_id": "01890000-0000-7000-8000-000000000002"});
    assert_eq!(ada.ok(delete.clone()).await, ada.ok(delete).await, "though its target is deleted by then");
    let lounge = room(&mut ada, "lounge").await;
    let mut bob = house.enter("bob").await;
    bob.ok(json!({"do": "join_room", "conversation": lounge})).await;
    let post = json!({"do": "post", "conversation": lounge, "text": "bye", "client_id": "01890000-0000-7000-8000-000000000003"});
    let first = bob.ok(post.clone()).await;
    bob.ok(json!({"do": "leave_room", "conversation": lounge})).await;
    assert_eq!(bob.ok(post).await, first, "though its author is gone by then");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_edited_reacted_to_and_deleted_by_whom_it_becomes() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let seq = ada.says(GENERAL, "helo").await["seq"].clone();
    assert_eq!(bob.fault(json!({"do": "edit", "conversation": GENERAL, "seq": seq, "text": "x"})).await, "forbidden");
    assert_eq!(bob.fault(json!({"do": "delete", "conversation": GENERAL, "seq": seq})).await, "forbidden");
    ada.ok(json!({"do": "edit", "conversation": GENERAL, "seq": seq, "text": "hello"})).await;
    bob.ok(json!({"do": "react", "conversation": GENERAL, "seq": seq, "emoji": "👍", "on": true})).await;
    ada.hears(|event| event["entry"]["kind"] == "reaction").await;
    bob.hears(|event| event["entry"]["kind"] == "edit" && event["entry"]["text"] == "hello").await;
    let history = bob.ok(json!({"do": "history", "conversation": GENERAL})).await;
    let message = &history["entries"][0];
    assert_eq!((&message["text"], &message["reactions"][0]["emoji"]), (&json!("hello"), &json!("👍")));
    ada.ok(json!({"do": "delete", "conversation": GENERAL, "seq": seq})).await;
    let history = bob.ok(json!({"do": "history", "conversation": GENERAL})).await;
    assert!(!history.to_string().contains("hello") && history["entries"][0]["deleted"] == true);
    assert_eq!(ada.fault(json!({"do": "edit", "conversation": GENERAL, "seq": seq, "text": "x"})).await, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn resume_goes_on_without_a_gap_over_a_restart() {
    let mut house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    let mut bob = house.enter("bob").await;
    ada.says(GENERAL, "before").await;
    let seen = bob.hears_text("before").await["entry"]["seq"].clone();
    let token = bob.token.clone();
    drop(bob);
    for number in 0..700 {
        ada.send(json!({"do": "post", "conversation": GENERAL, "text": format!("missed {number}")})).await;
    }
    ada.hears_text("missed 699").await;
    house.restart().await;
    let mut bob = house.native().await;
    bob.ok(json!({"do": "authenticate", "token": token})).await;
    bob.ok(json!({"do": "resume", "after": [{"conversation": GENERAL, "seq": seen}]})).await;
    let mut ada = house.enter_again("ada").await;
    ada.says(GENERAL, "after").await;
    let mut expected = seen.as_i64().unwrap();
    loop {
        let event = bob.hears(|event| event["event"] == "entry").await;
        expected += 1;
        assert_eq!(event["entry"]["seq"], expected);
        if event["entry"]["text"] == "after" {
            break;
        }
    }
    bob.hears(|event| event["event"] == "caught_up").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stops_reading_costs_nobody_anything_and_loses_nothing() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let mut sleeper = house.enter("sleeper").await;
    let text = "x".repeat(4_000);
    for number in 0..3_000 {
        ada.send(json!({"do": "post", "conversation": GENERAL, "text": format!("{number} {text}")})).await;
        if number % 100 == 99 {
            let last = format!("{number} ");
            ada.hears(|event| event["entry"]["text"].as_str().is_some_and(|text| text.starts_with(&last))).await;
        }
    }
    bob.hears(|event| event["entry"]["text"].as_str().is_some_and(|text| text.starts_with("2999 "))).await;
    for seq in 1..=3_000 {
        let event = sleeper.hears(|event| event["event"] == "entry").await;
        assert_eq!(event["entry"]["seq"], seq);
    }
    sleeper.hears(|event| event["event"] == "caught_up").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_follows_the_last_connection_of_an_account() {
    let house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    ada.ok(json!({"do": "who", "watch": true})).await;
    let bob = house.enter("bob").await;
    let is_bob = |online: bool| {
        move |event: &Value| {
            event["event"] == "presence" && event["person"]["username"] == "bob" && event["person"]["online"] == online
        }
    };
    ada.hears(is_bob(true)).await;
    let bob_too = house.enter_again("bob").await;
    drop(bob);
    ada.says(GENERAL, "one of two left").await;
    assert!(!ada.heard_by_now().await.iter().any(is_bob(false)));
    drop(bob_too);
    ada.hears(is_bob(false)).await;
    let people = ada.ok(json!({"do": "who"})).await;
    assert_eq!(people["people"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_hears_of_a_name_and_a_role_that_changed() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    ada.ok(json!({"do": "who", "watch": true})).await;
    bob.ok(json!({"do": "update_profile", "full_name": "Bob the Builder"})).await;
    let event = ada.hears(|event| event["person"]["full_name"] == "Bob the Builder").await;
    assert_eq!((&event["event"], &event["person"]["online"]), (&json!("presence"), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_signal_reaches_whom_it_is_for() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, mut eve) = (house.enter("ada").await, house.enter("bob").await, house.enter("eve").await);
    let room = room(&mut ada, "voices").await;
    bob.ok(json!({"do": "join_room", "conversation": room})).await;
    let signal = json!({"do": "voice_signal", "conversation": room, "signal": {"type": "offer"}});
    assert_eq!(eve.fault(signal.clone()).await, "not_a_member");
    ada.ok(signal).await;
    let heard = bob.hears(|event| event["event"] == "voice_signal").await;
    assert_eq!((&heard["from"]["username"], &heard["signal"]["type"]), (&json!("ada"), &json!("offer")));
    assert!(ada.heard_by_now().await.iter().all(|event| event["event"] != "voice_signal"));
    assert!(eve.heard_by_now().await.iter().all(|event| event["event"] != "voice_signal"));
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_are_made_in_the_database_and_a_ban_closes_sockets() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    assert_eq!(ada.fault(json!({"do": "ban", "account": bob.account})).await, "forbidden");
    house.make_admin("ada");
    ada.ok(json!({"do": "ban", "account": bob.account, "reason": "noise"})).await;
    bob.hears(|event| event["event"] == "goodbye").await;
    assert!(bob.frame().await.is_none());
    let mut again = house.native().await;
    let login = json!({"do": "login", "username": "bob", "password": "secret-password"});
    assert_eq!(again.fault(login.clone()).await, "banned");
    assert_eq!(again.fault(json!({"do": "authenticate", "token": bob.token})).await, "bad_token");
    ada.ok(json!({"do": "unban", "account": bob.account})).await;
    again.ok(login).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_password_ends_every_other_session() {
    let house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    let mut elsewhere = house.enter_again("ada").await;
    let change = |old: &str| json!({"do": "change_password", "old": old, "new": "another-password"});
    assert_eq!(ada.fault(change("wrong")).await, "bad_credentials");
    ada.ok(change("secret-password")).await;
    elsewhere.hears(|event| event["event"] == "goodbye").await;
    let sessions = ada.ok(json!({"do": "sessions"})).await;
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1);
    house.native().await.login("ada", "another-password").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_is_found_again_only_by_those_who_may_read_it() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let room = room(&mut ada, "secret lab").await;
    ada.says(room, "the purple elephant sings").await;
    ada.says(GENERAL, "a purple hat").await;
    let found = ada.ok(json!({"do": "search", "query": "purple"})).await;
    assert_eq!(found["results"].as_array().unwrap().len(), 2);
    assert_eq!(found["results"][1]["conversation_name"], "secret lab");
    let found = bob.ok(json!({"do": "search", "query": "purple"})).await;
    assert_eq!((found["results"].as_array().unwrap().len(), &found["complete"]), (1, &json!(true)));
    let page = ada.ok(json!({"do": "search", "query": "purple", "limit": 1})).await;
    assert_eq!((&page["complete"], &page["before"]), (&json!(false), &page["results"][0]["entry"]["id"]));
    let next = ada.ok(json!({"do": "search", "query": "purple", "limit": 1, "before": page["before"]})).await;
    assert_eq!((&next["complete"], &next["before"]), (&json!(true), &json!(null)));
    assert_eq!(next["results"][0]["conversation_name"], "secret lab");
    for hostile in ["\"", "*", "a OR b", "NEAR(", "", "'; DROP TABLE entries; --"] {
        ada.ok(json!({"do": "search", "query": hostile})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_a_search_fits_its_bound_and_says_what_it_leaves_out() {
    let house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    let long = format!("needle {}", "東".repeat(15_000));
    for _ in 0..50 {
        ada.says(GENERAL, &long).await;
    }
    let (mut seen, mut before) = (0, json!(null));
    loop {
        let mut ask = json!({"do": "search", "query": "needle", "limit": 500});
        if before.is_number() {
            ask["before"] = before;
        }
        let page = ada.ok(ask).await;
        assert!(page.to_string().len() < 2 * 1024 * 1024);
        seen += page["results"].as_array().unwrap().len();
        before = page["before"].clone();
        assert_eq!(page["complete"], before.is_null());
        if before.is_null() {
            break;
        }
    }
    assert_eq!(seen, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_server_tells_clients_to_come_back() {
    let mut house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    house.server.take().unwrap().close().await;
    let goodbye = ada.hears(|event| event["event"] == "goodbye").await;
    assert!(goodbye["retry_after_ms"].as_u64().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_clearly_keeps_nothing_and_lets_people_in_to_read() {
    let house = TestHouse::open().await;
    // Only a file's disk can be made full here.
    let Some(store) = house.server.as_ref().unwrap().sqlite() else { return };
    let mut ada = house.enter("ada").await;
    ada.says(GENERAL, "before").await;
    store.limit_pages(Some(1)).await.unwrap();
    let text = "x".repeat(10_000);
    let mut refused = 0;
    for _ in 0..20 {
        let answer = ada.ask(json!({"do": "post", "conversation": GENERAL, "text": text})).await;
        refused += i32::from(answer["error"]["code"] == "unavailable");
    }
    assert!(refused > 0, "the disk was never full");
    let mut again = house.native().await;
    again.login("ada", "secret-password").await;
    let history = again.ok(json!({"do": "history", "conversation": GENERAL, "limit": 500})).await;
    let kept = texts(&history).iter().filter(|kept| **kept == text).count();
    assert_eq!(kept as i32, 20 - refused);
    store.limit_pages(None).await.unwrap();
    again.says(GENERAL, "after").await;
    ada.hears_text("after").await;
}
