//! Keeping order, and how people stand to each other: told at the native door, where every command of it has a name.

use crate::support::{Native, TestHouse};
use serde_json::{Value, json};

const GENERAL: i64 = 1;

/// Ada's room, with bob in it.
async fn den(house: &TestHouse) -> (Native, Native, i64) {
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let room = ada.ok(json!({"do": "create_room", "name": "den"})).await["id"].as_i64().unwrap();
    bob.ok(json!({"do": "join_room", "conversation": room})).await;
    (ada, bob, room)
}

fn act(act: &str, room: i64, who: &Native) -> Value {
    json!({"do": act, "conversation": room, "account": who.account})
}

async fn posting(who: &mut Native, conversation: i64) -> Option<String> {
    let answer = who.ask(json!({"do": "post", "conversation": conversation, "text": "x"})).await;
    answer["error"]["code"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kicked_member_is_told_why_and_may_come_back() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, room) = den(&house).await;
    let mut again = house.enter_again("bob").await;
    ada.ok(json!({"do": "kick", "conversation": room, "account": bob.account, "reason": "cool down"})).await;
    for bob in [&mut bob, &mut again] {
        let removed = bob.hears(|event| event["event"] == "conversation_removed").await;
        let reason = removed["reason"].as_str().unwrap();
        assert!(reason.contains("ada") && reason.contains("cool down"), "{reason}");
    }
    let left = ada.hears(|event| event["entry"]["kind"] == "left").await;
    assert_eq!(left["entry"]["by"]["username"], "ada");
    assert_eq!(posting(&mut bob, room).await.as_deref(), Some("not_a_member"));
    bob.ok(json!({"do": "join_room", "conversation": room})).await;
    assert_eq!(posting(&mut bob, room).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_muted_member_reads_and_everybody_sees_it() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, room) = den(&house).await;
    let mut mute = act("mute", room, &bob);
    mute["seconds"] = json!(600);
    ada.ok(mute).await;
    let told = bob.hears(|event| event["event"] == "member_changed").await;
    assert!(told["muted_until"].as_i64().unwrap() > 0);
    for refused in [
        json!({"do": "post", "conversation": room, "text": "x"}),
        json!({"do": "typing", "conversation": room}),
        json!({"do": "react", "conversation": room, "seq": 1, "emoji": "+", "on": true}),
    ] {
        let answer = bob.ask(refused).await;
        assert_eq!(answer["error"]["code"], "forbidden");
        assert!(answer["error"]["retry_after_ms"].as_u64().unwrap() > 0);
    }
    ada.says(room, "you hear me").await;
    bob.hears_text("you hear me").await;
    bob.ok(json!({"do": "leave_room", "conversation": room})).await;
    bob.ok(json!({"do": "join_room", "conversation": room})).await;
    assert_eq!(posting(&mut bob, room).await.as_deref(), Some("forbidden"), "leaving is no way out");
    let listed = ada.ok(json!({"do": "sanctions", "conversation": room})).await;
    assert_eq!(listed["sanctions"][0]["kind"], "mute");
    assert_eq!(bob.fault(json!({"do": "sanctions", "conversation": room})).await, "forbidden");
    ada.ok(act("unmute", room, &bob)).await;
    assert_eq!(posting(&mut bob, room).await, None);
    assert_eq!(ada.fault(act("unmute", room, &bob)).await, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_runs_out_by_itself() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, room) = den(&house).await;
    let mut mute = act("mute", room, &bob);
    mute["seconds"] = json!(1);
    ada.ok(mute).await;
    assert_eq!(posting(&mut bob, room).await.as_deref(), Some("forbidden"));
    while posting(&mut bob, room).await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_keeps_out_of_one_room_only() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, room) = den(&house).await;
    ada.ok(act("ban_member", room, &bob)).await;
    bob.hears(|event| event["event"] == "conversation_removed").await;
    assert_eq!(bob.fault(json!({"do": "join_room", "conversation": room})).await, "banned");
    assert_eq!(posting(&mut bob, GENERAL).await, None);
    ada.ok(act("unban_member", room, &bob)).await;
    bob.ok(json!({"do": "join_room", "conversation": room})).await;
    assert_eq!(ada.fault(act("ban_member", GENERAL, &bob)).await, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn moderators_stand_over_members_and_owners_over_moderators() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, room) = den(&house).await;
    let mut eve = house.enter("eve").await;
    eve.ok(json!({"do": "join_room", "conversation": room})).await;
    let role = |who: &Native, role: &str| json!({"do": "set_member_role", "conversation": room, "account": who.account, "role": role});
    assert_eq!(bob.fault(act("kick", room, &eve)).await, "forbidden");
    assert_eq!(bob.fault(role(&bob, "moderator")).await, "forbidden");
    ada.ok(role(&bob, "moderator")).await;
    let told = eve.hears(|event| event["event"] == "member_changed").await;
    assert_eq!((&told["account"], &told["role"]), (&json!(bob.account), &json!("moderator")));
    bob.ok(act("mute", room, &eve)).await;
    assert_eq!(bob.fault(act("kick", room, &ada)).await, "forbidden");
    assert_eq!(bob.fault(act("kick", room, &bob)).await, "forbidden", "a moderator over a moderator: not even oneself");
    ada.ok(role(&bob, "owner")).await;
    let stepped_down = ada.account;
    ada.hears(|event| event["event"] == "member_changed" && event["account"] == stepped_down).await;
    assert_eq!(ada.fault(role(&eve, "moderator")).await, "forbidden", "a moderator now");
    bob.ok(role(&ada, "member")).await;
    bob.ok(act("kick", room, &ada)).await;
    assert_eq!(bob.fault(role(&bob, "member")).await, "forbidden", "a room keeps an owner");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_leaves_hands_the_room_over() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, room) = den(&house).await;
    let mut eve = house.enter("eve").await;
    eve.ok(json!({"do": "join_room", "conversation": room})).await;
    let leave = |heir: i64| json!({"do": "leave_room", "conversation": room, "heir": heir});
    let stranger = house.enter("stranger").await;
    assert_eq!(bob.fault(leave(eve.account)).await, "forbidden", "it isn't his");
    assert_eq!(ada.fault(leave(stranger.account)).await, "not_found");
    assert_eq!(ada.fault(leave(ada.account)).await, "bad_request");
    let heir = eve.account;
    ada.ok(leave(heir)).await;
    bob.hears(|event| event["event"] == "member_changed" && event["account"] == heir && event["role"] == "owner").await;
    assert_eq!(eve.fault(act("kick", room, &ada)).await, "not_found", "ada is in it no more");
    eve.ok(json!({"do": "leave_room", "conversation": room})).await;
    assert_eq!(owner_of(&mut bob, room).await, "bob", "nobody else is there");
    bob.ok(json!({"do": "leave_room", "conversation": room})).await;
    assert_eq!(owner_of(&mut ada, room).await, "bob", "an empty room stays its owner's");
}

async fn owner_of(who: &mut Native, room: i64) -> String {
    let rooms = who.ok(json!({"do": "rooms"})).await["rooms"].clone();
    let room = rooms.as_array().unwrap().iter().find(|one| one["id"] == room).unwrap().clone();
    room["owner"]["username"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_acts_upon_an_owner_who_is_away() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let mut chief = house.enter("chief").await;
    house.make_admin("chief");
    let room = ada.ok(json!({"do": "create_room", "name": "den"})).await["id"].as_i64().unwrap();
    ada.ok(json!({"do": "leave_room", "conversation": room})).await;
    bob.ok(json!({"do": "join_room", "conversation": room})).await;
    assert_eq!(owner_of(&mut bob, room).await, "ada");
    let moderator = json!({"do": "set_member_role", "conversation": room, "account": bob.account, "role": "moderator"});
    chief.ok(moderator).await;
    for what in ["ban_member", "mute", "kick"] {
        for who in [&mut bob, &mut chief] {
            assert_eq!(who.fault(act(what, room, &ada)).await, "forbidden", "{what}");
        }
    }
    ada.ok(json!({"do": "join_room", "conversation": room})).await;
    ada.ok(act("kick", room, &bob)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_banned_owner_keeps_no_room_from_others() {
    let house = TestHouse::open().await;
    let (ada, mut bob, room) = den(&house).await;
    let mut chief = house.enter("chief").await;
    house.make_admin("chief");
    chief.ok(json!({"do": "ban", "account": ada.account, "reason": "spam"})).await;
    assert_eq!(owner_of(&mut bob, room).await, "bob");
    bob.ok(json!({"do": "update_room", "conversation": room, "description": "mine"})).await;
    chief.ok(json!({"do": "unban", "account": ada.account})).await;
    assert_eq!(owner_of(&mut bob, room).await, "bob");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_of_a_room_holds_once_it_is_acknowledged() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let asked = json!({"do": "create_room", "name": "den", "password": "password 0"});
    let room = ada.ok(asked).await["id"].as_i64().unwrap();
    let join =
        |number: usize| json!({"do": "join_room", "conversation": room, "password": format!("password {number}")});
    for number in 1..6 {
        let changed = json!({"do": "update_room", "conversation": room, "password": format!("password {number}")});
        // The old one comes in while the new one is set, and once more right after that was acknowledged.
        let racing = bob.send(join(number - 1)).await;
        ada.ok(changed).await;
        if bob.answer(racing).await.get("ok").is_some() {
            bob.ok(json!({"do": "leave_room", "conversation": room})).await;
        }
        assert_eq!(bob.fault(join(number - 1)).await, "wrong_room_password");
        bob.ok(join(number)).await;
        ada.ok(json!({"do": "update_room", "conversation": room, "password": format!("password {number}")})).await;
        assert_eq!(posting(&mut bob, room).await, None, "who is in stays");
        bob.ok(json!({"do": "leave_room", "conversation": room})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn friends_ask_answer_and_part() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let with = |act: &str, who: i64| json!({"do": act, "account": who});
    let (to_ada, to_bob) = (ada.account, bob.account);
    assert_eq!(ada.ok(with("request_friend", to_bob)).await["relation"], "requested");
    let asked = bob.hears(|event| event["event"] == "relation_changed").await;
    assert_eq!((&asked["relation"]["relation"], &asked["relation"]["username"]), (&json!("requests"), &json!("ada")));
    assert_eq!(ada.fault(with("request_friend", to_bob)).await, "bad_request");
    assert_eq!(ada.fault(with("request_friend", to_ada)).await, "bad_request");
    bob.ok(with("decline_friend", to_ada)).await;
    assert_eq!(bob.ok(json!({"do": "relations"})).await["relations"], json!([]));
    ada.ok(with("request_friend", to_bob)).await;
    assert_eq!(bob.ok(with("accept_friend", to_ada)).await["relation"], "friend");
    ada.hears(|event| event["relation"]["relation"] == "friend").await;
    let friends = ada.ok(json!({"do": "relations"})).await;
    assert_eq!(
        (&friends["relations"][0]["username"], &friends["relations"][0]["online"]),
        (&json!("bob"), &json!(true))
    );
    bob.ok(with("remove_friend", to_ada)).await;
    ada.hears(|event| event["event"] == "relation_ended" && event["account"] == to_bob).await;
    assert_eq!(ada.fault(with("remove_friend", to_bob)).await, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_blocked_can_not_write_in_private() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let with = |act: &str, who: i64| json!({"do": act, "account": who});
    let (to_ada, to_bob) = (ada.account, bob.account);
    let direct = ada.ok(with("open_direct", to_bob)).await["id"].as_i64().unwrap();
    assert_eq!(posting(&mut ada, direct).await, None);
    bob.ok(with("block", to_ada)).await;
    for who in [&mut ada, &mut bob] {
        assert_eq!(posting(who, direct).await.as_deref(), Some("forbidden"));
    }
    assert_eq!(ada.fault(with("request_friend", to_bob)).await, "forbidden");
    assert_eq!(ada.ok(json!({"do": "relations"})).await["relations"], json!([]), "who is blocked isn't told");
    ada.ok(json!({"do": "history", "conversation": direct})).await;
    bob.ok(with("unblock", to_ada)).await;
    assert_eq!(posting(&mut ada, direct).await, None);
    let mut eve = house.enter("eve").await;
    eve.ok(with("block", to_ada)).await;
    assert_eq!(ada.fault(with("open_direct", eve.account)).await, "forbidden");
    assert_eq!(eve.fault(with("open_direct", to_ada)).await, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_to_one_alone_does_not_arrive_from_who_is_blocked() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let mut eve = house.enter("eve").await;
    ada.ok(json!({"do": "block", "account": bob.account})).await;
    let signal = |to: &Native, text: &str| json!({"do": "voice_signal", "conversation": GENERAL, "to": to.account, "signal": {"text": text}});
    let to_ada = bob.ask(signal(&ada, "blocked")).await["ok"].clone();
    assert_eq!(to_ada, bob.ask(signal(&eve, "heard")).await["ok"], "the answer tells nothing");
    eve.hears(|event| event["signal"]["text"] == "heard").await;
    assert_eq!(ada.fault(signal(&bob, "out")).await, "forbidden", "who blocks is told why");
    eve.ok(signal(&ada, "from eve")).await;
    ada.hears(|event| event["signal"]["text"] == "from eve").await;
    bob.says(GENERAL, "hello @ada").await;
    ada.hears_text("hello @ada").await;
    let conversations = ada.ok(json!({"do": "conversations"})).await["conversations"].clone();
    assert_eq!((&conversations[0]["id"], &conversations[0]["mentions"]), (&json!(GENERAL), &json!(0)));
    let heard = ada.heard_by_now().await;
    assert!(heard.iter().all(|event| event["signal"]["text"] != "blocked"), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_blocked_hears_the_same_as_of_somebody_who_is_gone() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, mut eve) = (house.enter("ada").await, house.enter("bob").await, house.enter("eve").await);
    let direct = async |other: &Native, ada: &mut Native| {
        let opened = ada.ok(json!({"do": "open_direct", "account": other.account})).await["id"].as_i64().unwrap();
        ada.says(opened, "hello").await;
        opened
    };
    let (with_bob, with_eve) = (direct(&bob, &mut ada).await, direct(&eve, &mut ada).await);
    bob.ok(json!({"do": "block", "account": ada.account})).await;
    eve.ok(json!({"do": "delete_account", "password": "secret-password"})).await;
    for what in [
        json!({"do": "post", "text": "x"}),
        json!({"do": "typing"}),
        json!({"do": "react", "seq": 1, "emoji": "+", "on": true}),
    ] {
        let mut of = async |conversation: i64| {
            let mut asked = what.clone();
            asked["conversation"] = json!(conversation);
            ada.ask(asked).await["error"].clone()
        };
        let (blocked, gone) = (of(with_bob).await, of(with_eve).await);
        assert_eq!(blocked["code"], "forbidden");
        assert_eq!(blocked, gone, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_ends_by_its_password_and_its_name_is_free() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, room) = den(&house).await;
    bob.ok(json!({"do": "who", "watch": true})).await;
    let direct = bob.ok(json!({"do": "open_direct", "account": ada.account})).await["id"].as_i64().unwrap();
    ada.says(direct, "keep this").await;
    let mut other = house.enter_again("ada").await;
    assert_eq!(ada.fault(json!({"do": "delete_account", "password": "wrong"})).await, "bad_credentials");
    ada.send(json!({"do": "delete_account", "password": "secret-password"})).await;
    for ada in [&mut ada, &mut other] {
        ada.hears(|event| event["event"] == "goodbye").await;
        assert!(ada.frame().await.is_none());
    }
    bob.hears(|event| event["event"] == "account_removed" && event["username"] == "ada").await;
    bob.hears(|event| event["entry"]["kind"] == "left" && event["entry"]["conversation"] == room).await;
    let mut stranger = house.native().await;
    assert_eq!(
        stranger.fault(json!({"do": "login", "username": "ada", "password": "secret-password"})).await,
        "bad_credentials"
    );
    assert_eq!(stranger.fault(json!({"do": "authenticate", "token": other.token})).await, "bad_token");
    let kept = bob.ok(json!({"do": "history", "conversation": direct})).await;
    assert_eq!(kept["entries"][0]["text"], "keep this");
    assert_eq!(posting(&mut bob, direct).await.as_deref(), Some("forbidden"));
    let mine = bob.ok(json!({"do": "conversations"})).await;
    let of_room = mine["conversations"].as_array().unwrap().iter().find(|mine| mine["id"] == room).unwrap();
    assert_eq!(of_room["room_role"], "owner", "the room has an owner again");
    let namesake = house.enter("ada").await;
    assert_ne!(namesake.account, ada.account);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_sessions_bans_addresses_and_reads_the_audit_log() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    for refused in [
        json!({"do": "audit"}),
        json!({"do": "banned_addresses"}),
        json!({"do": "ban_address", "address": "192.0.2.7"}),
        json!({"do": "account_sessions", "account": bob.account}),
        json!({"do": "remove_account", "account": bob.account}),
    ] {
        assert_eq!(ada.fault(refused).await, "forbidden");
    }
    house.make_admin("ada");
    let sessions = ada.ok(json!({"do": "account_sessions", "account": bob.account})).await;
    assert_eq!(sessions["sessions"][0]["address"], "127.0.0.1");
    assert_eq!(ada.fault(json!({"do": "ban_address", "address": "127.0.0.1"})).await, "bad_request");
    assert_eq!(ada.fault(json!({"do": "ban_address", "address": "next door"})).await, "bad_request");
    ada.ok(json!({"do": "ban_address", "address": "::ffff:192.0.2.7", "reason": "spam"})).await;
    let banned = ada.ok(json!({"do": "banned_addresses"})).await;
    assert_eq!(banned["addresses"], json!([{"address": "192.0.2.7", "reason": "spam"}]));
    ada.ok(json!({"do": "unban_address", "address": "192.0.2.7"})).await;
    ada.ok(json!({"do": "remove_account", "account": bob.account})).await;
    bob.hears(|event| event["event"] == "goodbye").await;
    let acts = ada.ok(json!({"do": "audit", "limit": 10})).await;
    let names: Vec<_> = acts["acts"].as_array().unwrap().iter().map(|act| act["act"].as_str().unwrap()).collect();
    assert_eq!(names, ["delete_account", "unban_address", "ban_address"]);
    assert!(acts["acts"].as_array().unwrap().iter().all(|act| act["by"]["username"] == "ada"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_all_that_is_mine_and_ends_with_a_mark() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, room) = den(&house).await;
    ada.says(room, "mine").await;
    bob.says(room, "not mine").await;
    let direct = bob.ok(json!({"do": "open_direct", "account": ada.account})).await["id"].as_i64().unwrap();
    for count in 0..450 {
        bob.says(direct, &format!("for ada {count}")).await;
    }
    let export =
        |token: &str| reqwest::Client::new().get(format!("{}/api/export", house.http())).bearer_auth(token).send();
    assert_eq!(export("nonsense").await.unwrap().status(), 401);
    let answer = export(&ada.token).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let text = answer.text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.first().unwrap()["export"], "account");
    assert_eq!(lines.last().unwrap()["export"], "end");
    let said: Vec<_> = lines.iter().filter_map(|line| line["entry"]["text"].as_str()).collect();
    assert_eq!(said.len(), 451);
    assert!(said.contains(&"mine") && said.contains(&"for ada 449") && !said.contains(&"not mine"));
}
