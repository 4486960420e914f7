//! The Titan-Net door, through real sockets, as clients of the original see it.

use crate::support::TestHouse;
use crate::titan_net_support::{Client, PASSWORD, client, enter, has_just, is_moment, register};
use serde_json::{Value, json};

const GENERAL: i64 = 1;

async fn room(owner: &mut Client, name: &str) -> i64 {
    owner.ask(json!({"type": "create_room", "name": name}), "room_created").await["room_id"].as_i64().unwrap()
}

async fn join(member: &mut Client, room: i64) {
    let joined = member.ask(json!({"type": "join_room", "room_id": room}), "room_joined").await;
    assert_eq!(joined, json!({"type": "room_joined", "room_id": room, "success": true}));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_sample_client_talks() {
    let house = TestHouse::open().await;
    let registered = register(&house, "john_doe").await;
    let mut bob = enter(&house, "bob").await;
    let mut john = client(&house).await;
    john.says(json!({"type": "login", "username": "john_doe", "password": PASSWORD})).await;
    let reply = john.next().await;
    assert_eq!((&reply["type"], &reply["success"]), (&json!("login_response"), &json!(true)));
    assert_eq!(reply["user"]["titan_number"], registered["titan_number"]);
    john.says(
        json!({"type": "private_message", "recipient_titan_number": bob.number, "message": "Hello from Python!"}),
    )
    .await;
    assert_eq!(bob.hears("private_message").await["message"], "Hello from Python!");
    bob.says(json!({"type": "private_message", "recipient_id": registered["user_id"], "message": "Hello!"})).await;
    assert_eq!(john.hears("private_message").await["sender_username"], "bob");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_registers_is_told_and_so_is_everybody_logged_in() {
    let house = TestHouse::open().await;
    let mut bob = enter(&house, "bob").await;
    let mut ada = client(&house).await;
    ada.says(json!({"type": "register", "username": "ada", "password": "x", "full_name": "Ada L."})).await;
    let reply = ada.next().await;
    has_just(&reply, &["type", "success", "user_id", "username", "titan_number", "created_at"]);
    assert_eq!((&reply["success"], &reply["username"]), (&json!(true), &json!("ada")));
    assert!((10_000..=99_999).contains(&reply["titan_number"].as_i64().unwrap()));
    assert!(is_moment(&reply["created_at"]), "{reply}");
    let heard = bob.hears("user_registered").await;
    let wanted = json!({"type": "user_registered", "username": "ada", "titan_number": reply["titan_number"]});
    assert_eq!(heard, wanted);

    assert_eq!(ada.error(json!({"type": "get_rooms"})).await, "Not authenticated", "registering doesn't log in");
    for (request, why) in [
        (json!({"type": "register", "username": "ada", "password": "x"}), "Username already exists"),
        (json!({"type": "register", "username": "ADA", "password": "x"}), "Username already exists"),
        (json!({"type": "register", "username": "ada"}), "Username and password required"),
        (json!({"type": "register", "username": "", "password": ""}), "Username and password required"),
        (json!({"type": "register", "username": null, "password": "x"}), "Username and password required"),
    ] {
        let refused = json!({"type": "register_response", "success": false, "error": why});
        assert_eq!(ada.ask(request, "register_response").await, refused);
    }
    let refused =
        ada.ask(json!({"type": "register", "username": "two words", "password": "x"}), "register_response").await;
    assert_eq!(refused["success"], false);
    assert!(refused["error"].as_str().unwrap().contains("letters"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_frame_after_a_login_is_its_reply_and_then_comes_the_news() {
    let house = TestHouse::open().await;
    let mut bob = enter(&house, "bob").await;
    register(&house, "ada").await;
    let mut ada = client(&house).await;
    ada.says(json!({"type": "login", "username": "ada", "password": PASSWORD})).await;
    let reply = ada.next().await;
    has_just(&reply, &["type", "success", "session_id", "user", "online_users", "http_token"]);
    assert_eq!(reply["http_token"], reply["session_id"]);
    has_just(&reply["user"], &["id", "username", "titan_number", "full_name", "is_admin", "blog_url"]);
    assert_eq!((&reply["user"]["full_name"], &reply["online_users"][0]["full_name"]), (&json!(""), &json!("")));
    assert_eq!((&reply["user"]["is_admin"], &reply["user"]["blog_url"]), (&json!(false), &Value::Null));
    let online = reply["online_users"].as_array().unwrap();
    has_just(&online[0], &["id", "username", "titan_number", "full_name", "status"]);
    let names: Vec<_> = online.iter().map(|user| (&user["username"], &user["status"])).collect();
    assert_eq!(names, [(&json!("ada"), &json!("online")), (&json!("bob"), &json!("online"))]);
    let status = json!({
        "type": "user_status", "user_id": reply["user"]["id"], "username": "ada",
        "titan_number": reply["user"]["titan_number"], "status": "online",
    });
    assert_eq!(ada.next().await, status, "oneself hears it too");
    assert_eq!(bob.hears_of("ada", "online").await, status);

    let mut stranger = client(&house).await;
    for (username, password) in [("ada", "wrong"), ("nobody", PASSWORD)] {
        let login = json!({"type": "login", "username": username, "password": password});
        let refused = json!({"type": "login_response", "success": false, "error": "Invalid username or password"});
        assert_eq!(stranger.ask(login, "login_response").await, refused);
    }
    let refused = stranger.ask(json!({"type": "login", "username": "ada"}), "login_response").await;
    assert_eq!(refused["error"], "Username and password required");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_and_what_is_sent_right_behind_it_are_done_in_order() {
    let house = TestHouse::open().await;
    register(&house, "ada").await;
    let mut ada = client(&house).await;
    ada.says(json!({"type": "ping"})).await;
    ada.says(json!({"type": "login", "username": "ada", "password": PASSWORD})).await;
    ada.says(json!({"type": "get_online_users"})).await;
    ada.says(json!({"type": "ping"})).await;
    let mut heard = Vec::new();
    while heard.last().is_none_or(|last| last != "pong") {
        heard.push(ada.next().await["type"].as_str().unwrap().to_owned());
    }
    heard.retain(|name| name != "user_status");
    assert_eq!(heard, ["error", "login_response", "online_users", "pong"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_registering_and_logging_in_is_for_strangers() {
    let house = TestHouse::open().await;
    let mut stranger = client(&house).await;
    for request in [
        json!({"type": "ping"}),
        json!({"type": "get_rooms"}),
        json!({"type": "room_message", "room_id": 1, "message": "x"}),
        json!({"type": "private_message"}),
        json!({"type": "no such thing"}),
    ] {
        let refused = json!({"type": "error", "error": "Not authenticated"});
        assert_eq!(stranger.ask(request, "error").await, refused);
    }
    let mut bob = enter(&house, "bob").await;
    bob.says(json!({"type": "room_message", "room_id": GENERAL, "message": "anybody?"})).await;
    bob.hears("room_message").await;
    assert!(stranger.heard_by_now().await.is_empty(), "who has not logged in hears nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_others_hear_when_ones_last_session_ends_and_not_before() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (enter(&house, "ada").await, enter(&house, "bob").await);
    let bob_too = bob.again(&house).await;
    ada.hears_of("bob", "online").await;
    ada.hears_of("bob", "online").await;
    drop(bob_too);
    bob.says(json!({"type": "room_message", "room_id": GENERAL, "message": "still here"})).await;
    ada.hears("room_message").await;
    assert!(ada.heard_by_now().await.iter().all(|event| event["status"] != "offline"));
    drop(bob);
    let gone = ada.hears_of("bob", "offline").await;
    has_just(&gone, &["type", "user_id", "username", "titan_number", "status"]);
    let online = ada.ask(json!({"type": "get_online_users"}), "online_users").await;
    has_just(&online, &["type", "users"]);
    assert_eq!(online["users"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_login_on_a_socket_replaces_the_first() {
    let house = TestHouse::open().await;
    let (mut ada, mut eve) = (enter(&house, "ada").await, enter(&house, "eve").await);
    let first = ada.session.clone();
    register(&house, "bob").await;
    let login = json!({"type": "login", "username": "bob", "password": "wrong"});
    assert_eq!(ada.ask(login, "login_response").await["success"], false);
    assert_eq!(ada.ask(json!({"type": "ping"}), "pong").await, json!({"type": "pong"}), "a failed one changes nothing");

    ada.heard_by_now().await;
    ada.says(json!({"type": "login", "username": "bob", "password": PASSWORD})).await;
    assert_eq!(ada.next().await["user"]["username"], "bob");
    eve.hears_of("ada", "offline").await;
    ada.says(json!({"type": "room_message", "room_id": GENERAL, "message": "it is bob"})).await;
    assert_eq!(eve.hears("room_message").await["username"], "bob");
    let mut native = house.native().await;
    assert_eq!(native.fault(json!({"do": "authenticate", "token": first})).await, "bad_token", "the first has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_message_reaches_every_session_of_its_recipient_and_nobody_else() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, mut eve) =
        (enter(&house, "ada").await, enter(&house, "bob").await, enter(&house, "eve").await);
    let mut ada_too = ada.again(&house).await;
    let mut bob_too = bob.again(&house).await;
    let sent =
        ada.ask(json!({"type": "private_message", "recipient_id": bob.id, "message": "psst"}), "message_sent").await;
    has_just(&sent, &["type", "message_id"]);
    let heard = bob.hears("private_message").await;
    let names = ["type", "message_id", "sender_id", "sender_username", "sender_titan_number", "message", "sent_at"];
    has_just(&heard, &names);
    assert_eq!((&heard["message_id"], &heard["sender_id"]), (&sent["message_id"], &json!(ada.id)));
    assert_eq!((&heard["sender_username"], &heard["sender_titan_number"]), (&json!("ada"), &json!(ada.number)));
    assert!(is_moment(&heard["sent_at"]));
    assert_eq!(bob_too.hears("private_message").await, heard);
    for other in [&mut ada, &mut ada_too, &mut eve] {
        assert!(other.heard_by_now().await.iter().all(|event| event["type"] != "private_message"));
    }

    let note = json!({"type": "private_message", "recipient_titan_number": ada.number, "message": "note to self"});
    ada.ask(note, "message_sent").await;
    assert_eq!(ada.hears("private_message").await["message"], "note to self");
    assert_eq!(ada_too.hears("private_message").await["message"], "note to self");
}

#[tokio::test(flavor = "multi_thread")]
async fn private_messages_keep_their_order_and_wait_for_who_is_away() {
    let house = TestHouse::open().await;
    let mut ada = enter(&house, "ada").await;
    let bob = register(&house, "bob").await;
    for text in ["one", "two\nlines", "ü 👩‍👩‍👧"] {
        ada.says(json!({"type": "private_message", "recipient_id": bob["user_id"], "message": text})).await;
    }
    for _ in 0..3 {
        ada.hears("message_sent").await;
    }
    let mine = ada.ask(json!({"type": "get_messages", "user_id": bob["user_id"]}), "private_messages").await;
    let told = |messages: &Value| -> Vec<(String, i64)> {
        let one =
            |message: &Value| (message["message"].as_str().unwrap().to_owned(), message["read"].as_i64().unwrap());
        messages["messages"].as_array().unwrap().iter().map(one).collect()
    };
    let unread = [("ü 👩‍👩‍👧".to_owned(), 0), ("two\nlines".to_owned(), 0), ("one".to_owned(), 0)];
    assert_eq!(told(&mine), unread, "newest first");
    let newest = &mine["messages"][0];
    let names =
        ["id", "sender_id", "recipient_id", "message", "sent_at", "read", "sender_username", "recipient_username"];
    has_just(newest, &names);
    assert_eq!((&newest["sender_username"], &newest["recipient_username"]), (&json!("ada"), &json!("bob")));

    let mut bob = ada.other(&house, "bob").await;
    let fetch = json!({"type": "get_messages", "user_id": ada.id.to_string(), "limit": 2});
    assert_eq!(told(&bob.ask(fetch, "private_messages").await), unread[..2]);
    let mine = ada.ask(json!({"type": "get_messages", "user_id": bob.id}), "private_messages").await;
    assert!(told(&mine).iter().all(|(_, read)| *read == 1), "to fetch is to read");

    assert_eq!(ada.error(json!({"type": "get_messages"})).await, "User ID required");
    let nothing = json!({"type": "private_messages", "messages": []});
    assert_eq!(ada.ask(json!({"type": "get_messages", "user_id": 999}), "private_messages").await, nothing);
    for (request, why) in [
        (json!({"type": "private_message", "recipient_id": 999, "message": "x"}), "They can't be reached in private."),
        (
            json!({"type": "private_message", "recipient_titan_number": 1, "message": "x"}),
            "They can't be reached in private.",
        ),
        (json!({"type": "private_message", "recipient_id": bob.id, "message": ""}), "Message required"),
        (json!({"type": "private_message", "recipient_id": bob.id, "message": " \n "}), "A message may not be empty."),
        (json!({"type": "private_message", "recipient_id": bob.id}), "Message required"),
        (json!({"type": "private_message", "message": "x"}), "Recipient required"),
    ] {
        assert_eq!(ada.error(request).await, why);
    }
    assert!(bob.heard_by_now().await.iter().all(|event| event["type"] != "private_message"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_made_and_everybody_hears_of_it() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (enter(&house, "ada").await, enter(&house, "bob").await);
    ada.heard_by_now().await;
    let create =
        json!({"type": "create_room", "name": "Lab", "description": "quiet", "room_type": "voice", "password": "key"});
    ada.says(create.clone()).await;
    let created = ada.next().await;
    has_just(&created, &["type", "success", "room_id", "name", "room_type"]);
    assert_eq!((&created["name"], &created["room_type"]), (&json!("Lab"), &json!("voice")));
    let news = json!({"type": "new_room", "room_id": created["room_id"], "name": "Lab", "creator": "ada", "room_type": "voice"});
    assert_eq!(ada.next().await, news, "after the reply, and nothing between");
    assert_eq!(bob.hears("new_room").await, news);

    let refused = |why| json!({"type": "room_created", "success": false, "error": why});
    assert_eq!(ada.ask(create, "room_created").await, refused("Room name already exists"));
    assert_eq!(ada.ask(json!({"type": "create_room"}), "room_created").await, refused("Room name required"));
    let list = bob.ask(json!({"type": "get_rooms"}), "rooms_list").await;
    let rooms = list["rooms"].as_array().unwrap();
    let names = [
        "id",
        "name",
        "description",
        "creator_id",
        "created_at",
        "room_type",
        "is_private",
        "creator_username",
        "member_count",
    ];
    has_just(&rooms[0], &names); // and no password_hash
    let general = &rooms[0];
    assert_eq!((&general["id"], &general["name"], &general["creator_id"]), (&json!(1), &json!("general"), &json!(0)));
    assert_eq!((&general["creator_username"], &general["member_count"]), (&json!("titan"), &json!(2)));
    let lab = &rooms[1];
    assert_eq!((&lab["description"], &lab["is_private"]), (&json!("quiet"), &json!(1)));
    assert_eq!((&lab["creator_username"], &lab["member_count"]), (&json!("ada"), &json!(1)));
    assert!(is_moment(&lab["created_at"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_hear_who_joins_says_and_leaves() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, mut eve) =
        (enter(&house, "ada").await, enter(&house, "bob").await, enter(&house, "eve").await);
    let lab = room(&mut ada, "Lab").await;
    bob.heard_by_now().await;
    bob.says(json!({"type": "join_room", "room_id": lab})).await;
    assert_eq!(bob.next().await, json!({"type": "room_joined", "room_id": lab, "success": true}));
    let joined = json!({"type": "user_joined_room", "room_id": lab, "user_id": bob.id, "username": "bob"});
    assert_eq!(bob.next().await, joined, "the joiner too, after the reply");
    assert_eq!(ada.hears("user_joined_room").await, joined);

    bob.says(json!({"type": "room_message", "room_id": lab, "message": "hi"})).await;
    let heard = ada.hears("room_message").await;
    let names = ["type", "room_id", "message_id", "user_id", "username", "titan_number", "message", "sent_at"];
    has_just(&heard, &names);
    assert_eq!(
        (&heard["username"], &heard["titan_number"], &heard["message"]),
        (&json!("bob"), &json!(bob.number), &json!("hi"))
    );
    assert!(is_moment(&heard["sent_at"]));
    assert_eq!(bob.hears("room_message").await, heard, "the sender too");

    bob.says(json!({"type": "leave_room", "room_id": lab})).await;
    let left = json!({"type": "user_left_room", "room_id": lab, "user_id": bob.id, "username": "bob"});
    assert_eq!(ada.hears("user_left_room").await, left);
    ada.says(json!({"type": "room_message", "room_id": lab, "message": "alone"})).await;
    ada.hears("room_message").await;
    for other in [&mut bob, &mut eve] {
        let heard = other.heard_by_now().await;
        assert!(
            heard.iter().all(|event| event["type"] != "user_left_room" && event["message"] != "alone"),
            "{heard:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_asks_for_the_password_and_says_why_not() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (enter(&house, "ada").await, enter(&house, "bob").await);
    let create = json!({"type": "create_room", "name": "Lab", "password": "key"});
    let lab = ada.ask(create, "room_created").await["room_id"].clone();
    for (request, why) in [
        (json!({"type": "join_room", "room_id": 999}), "Room not found"),
        (json!({"type": "join_room", "room_id": lab}), "Invalid password"),
        (json!({"type": "join_room", "room_id": lab, "password": "lock"}), "Invalid password"),
    ] {
        let refused = json!({"type": "room_joined", "room_id": request["room_id"], "success": false, "error": why});
        assert_eq!(bob.ask(request, "room_joined").await, refused);
    }
    assert_eq!(bob.error(json!({"type": "join_room"})).await, "Room ID required");
    let join = json!({"type": "join_room", "room_id": lab, "password": "key"});
    let joined = json!({"type": "room_joined", "room_id": lab, "success": true});
    assert_eq!(bob.ask(join, "room_joined").await, joined);
    // Who is in is let in once more, and nobody hears of it.
    ada.heard_by_now().await;
    assert_eq!(bob.ask(json!({"type": "join_room", "room_id": lab}), "room_joined").await, joined);
    let general = bob.ask(json!({"type": "join_room", "room_id": GENERAL}), "room_joined").await;
    assert_eq!(general, json!({"type": "room_joined", "room_id": GENERAL, "success": true}));
    assert_eq!(ada.heard_by_now().await, [Value::Null; 0]);
}

#[tokio::test]
async fn every_reply_and_refusal_names_the_request_it_answers() {
    let house = TestHouse::open().await;
    let mut ada = enter(&house, "ada").await;
    let mut stranger = client(&house).await;
    let refused = stranger.ask(json!({"type": "get_rooms", "_request_id": "rooms_1"}), "error").await;
    assert_eq!(refused, json!({"type": "error", "error": "Not authenticated", "_request_id": "rooms_1"}));
    let login = json!({"type": "login", "username": "ada", "password": "wrong", "_request_id": 7});
    assert_eq!(stranger.ask(login, "login_response").await["_request_id"], 7);
    for (request, reply) in [
        (json!({"type": "register", "username": "eve", "password": PASSWORD}), "register_response"),
        (json!({"type": "get_rooms"}), "rooms_list"),
        (json!({"type": "get_online_users"}), "online_users"),
        (json!({"type": "join_room", "room_id": GENERAL}), "room_joined"),
        (json!({"type": "join_room", "room_id": 999}), "room_joined"),
        (json!({"type": "get_room_messages", "room_id": GENERAL}), "room_messages"),
        (json!({"type": "get_room_messages"}), "error"),
        (json!({"type": "get_messages", "user_id": ada.id}), "private_messages"),
        (json!({"type": "create_room", "name": ""}), "room_created"),
        (json!({"type": "private_message", "recipient_id": 999, "message": "hi"}), "error"),
        (json!({"type": "update_blog", "blog_url": ""}), "blog_updated"),
        (json!({"type": "ping"}), "pong"),
        (json!({"type": "list_games"}), "error"),
        (json!({"no": "type"}), "error"),
    ] {
        for id in [json!(format!("{reply}_1")), json!({"odd": [1, null]})] {
            let mut asked = request.clone();
            asked["_request_id"] = id.clone();
            assert_eq!(ada.ask(asked, reply).await["_request_id"], id, "{request}");
        }
        assert_eq!(ada.ask(request.clone(), reply).await.get("_request_id"), None, "{request}");
    }
    let endless = json!({"type": "ping", "_request_id": "x".repeat(2_000)});
    assert!(ada.error(endless).await.contains("_request_id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_member_is_refused_and_nobody_hears_of_it() {
    let house = TestHouse::open().await;
    let (mut ada, mut eve) = (enter(&house, "ada").await, enter(&house, "eve").await);
    let lab = room(&mut ada, "Lab").await;
    ada.heard_by_now().await;
    for request in [
        json!({"type": "room_message", "room_id": lab, "message": "let me in"}),
        json!({"type": "leave_room", "room_id": lab}),
        json!({"type": "voice_signal", "room_id": lab, "signal": {"sdp": "x"}}),
        json!({"type": "voice_signal", "room_id": lab, "target_user_id": ada.id, "signal": {"sdp": "x"}}),
        json!({"type": "get_room_messages", "room_id": lab}),
    ] {
        assert!(eve.error(request.clone()).await.contains("not a member"), "{request}");
    }
    let heard = ada.heard_by_now().await;
    assert!(heard.is_empty(), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_deleted_by_its_creator_or_an_admin() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (enter(&house, "ada").await, enter(&house, "bob").await);
    let (lab, den) = (room(&mut ada, "Lab").await, room(&mut ada, "Den").await);
    join(&mut bob, lab).await;
    let refused = bob.ask(json!({"type": "delete_room", "room_id": lab}), "room_deleted").await;
    assert_eq!((&refused["room_id"], &refused["success"]), (&json!(lab), &json!(false)));
    assert!(!refused["error"].as_str().unwrap().is_empty());
    for gone in [999, GENERAL] {
        let refused = ada.ask(json!({"type": "delete_room", "room_id": gone}), "room_deleted").await;
        assert_eq!(refused["success"], false);
    }
    ada.heard_by_now().await;
    ada.says(json!({"type": "delete_room", "room_id": lab})).await;
    assert_eq!(
        ada.next_of(&["room_deleted", "room_removed"]).await,
        json!({"type": "room_deleted", "room_id": lab, "success": true})
    );
    let removed = json!({"type": "room_removed", "room_id": lab});
    assert_eq!(ada.hears("room_removed").await, removed);
    assert_eq!(bob.hears("room_removed").await, removed);
    assert!(bob.error(json!({"type": "room_message", "room_id": lab, "message": "x"})).await.len() > 3);

    house.make_admin("bob");
    let mut bob = ada.other(&house, "bob").await;
    assert!(bob.is_admin);
    assert_eq!(bob.ask(json!({"type": "delete_room", "room_id": den}), "room_deleted").await["success"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rooms_messages_are_fetched_newest_first() {
    let house = TestHouse::open().await;
    let mut ada = enter(&house, "ada").await;
    for text in ["one", "two", "three"] {
        ada.says(json!({"type": "room_message", "room_id": GENERAL, "message": text})).await;
        ada.hears("room_message").await;
    }
    let fetched = ada.ask(json!({"type": "get_room_messages", "room_id": GENERAL, "limit": 2}), "room_messages").await;
    has_just(&fetched, &["type", "room_id", "messages"]);
    let messages = fetched["messages"].as_array().unwrap();
    has_just(&messages[0], &["id", "room_id", "user_id", "message", "sent_at", "username", "titan_number"]);
    let texts: Vec<_> = messages.iter().map(|message| message["message"].as_str().unwrap()).collect();
    assert_eq!(texts, ["three", "two"]);
    assert_eq!(ada.error(json!({"type": "get_room_messages"})).await, "Room ID required");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_sends_without_waiting_is_heard_in_the_order_sent() {
    const SENDERS: usize = 10;
    const MESSAGES: usize = 250;
    let house = TestHouse::open().await;
    let mut listener = enter(&house, "listener").await;
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..SENDERS {
        let mut client = enter(&house, &format!("sender{sender}")).await;
        senders.spawn(async move {
            for number in 0..MESSAGES {
                let message = format!("{sender} {number}");
                client.says(json!({"type": "room_message", "room_id": GENERAL, "message": message})).await;
            }
            client
        });
    }
    let mut next = [0; SENDERS];
    while next.iter().sum::<usize>() < SENDERS * MESSAGES {
        let heard = listener.hears("room_message").await;
        let (sender, number) = heard["message"].as_str().unwrap().split_once(' ').unwrap();
        let next = &mut next[sender.parse::<usize>().unwrap()];
        assert_eq!(number, next.to_string(), "of sender {sender}");
        *next += 1;
    }
    senders.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn membership_outlives_a_disconnect() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob) = (enter(&house, "ada").await, enter(&house, "bob").await);
    let lab = room(&mut ada, "Lab").await;
    join(&mut bob, lab).await;
    drop(bob);
    ada.hears_of("bob", "offline").await;
    let mut bob = ada.other(&house, "bob").await;
    ada.says(json!({"type": "room_message", "room_id": lab, "message": "welcome back"})).await;
    assert_eq!(bob.hears("room_message").await["message"], "welcome back");
}

#[tokio::test(flavor = "multi_thread")]
async fn voice_signals_go_to_one_member_or_to_all_others() {
    let house = TestHouse::open().await;
    let (mut ada, mut bob, mut eve) =
        (enter(&house, "ada").await, enter(&house, "bob").await, enter(&house, "eve").await);
    let lab = room(&mut ada, "Lab").await;
    join(&mut bob, lab).await;
    join(&mut eve, lab).await;
    let signal = json!({"type": "offer", "sdp": "v=0\r\n"});
    ada.says(json!({"type": "voice_signal", "room_id": lab, "target_user_id": bob.id, "signal": signal})).await;
    let wanted = json!({"type": "voice_signal", "room_id": lab, "from_user_id": ada.id, "from_username": "ada", "signal": signal});
    assert_eq!(bob.hears("voice_signal").await, wanted);
    ada.says(json!({"type": "voice_signal", "room_id": lab, "signal": "ice"})).await;
    assert_eq!(bob.hears("voice_signal").await["signal"], "ice");
    assert_eq!(eve.hears("voice_signal").await["signal"], "ice", "the first was for bob alone");
    assert!(ada.heard_by_now().await.iter().all(|event| event["type"] != "voice_signal"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_blog_is_linked_and_a_ping_is_answered() {
    let house = TestHouse::open().await;
    let mut ada = enter(&house, "ada").await;
    let update = json!({"type": "update_blog", "blog_url": "https://myblog.com"});
    assert_eq!(ada.ask(update, "blog_updated").await, json!({"type": "blog_updated", "success": true}));
    let refused = ada.ask(json!({"type": "update_blog", "blog_url": "javascript:alert(1)"}), "blog_updated").await;
    assert_eq!(refused["success"], false);
    assert_eq!(ada.error(json!({"type": "update_blog"})).await, "Blog URL required");
    assert_eq!(ada.ask(json!({"type": "ping"}), "pong").await, json!({"type": "pong"}));
    let mut again = client(&house).await;
    let login = json!({"type": "login", "username": "ada", "password": PASSWORD});
    assert_eq!(again.ask(login, "login_response").await["user"]["blog_url"], "https://myblog.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_at_other_doors_are_in_the_same_house() {
    let house = TestHouse::open().await;
    let mut ada = enter(&house, "ada").await;
    let mut bob = house.enter("bob").await;
    ada.hears_of("bob", "online").await;
    let posted = bob.says(GENERAL, "from the terminal").await;
    let heard = ada.hears("room_message").await;
    assert_eq!((&heard["message_id"], &heard["message"]), (&posted["id"], &json!("from the terminal")));
    let edit = json!({"do": "edit", "conversation": GENERAL, "seq": posted["seq"], "text": "from my terminal"});
    bob.ok(edit).await;
    bob.ok(json!({"do": "react", "conversation": GENERAL, "seq": posted["seq"], "emoji": "👍", "on": true})).await;
    ada.says(json!({"type": "room_message", "room_id": GENERAL, "message": "hello terminal"})).await;
    bob.hears_text("hello terminal").await;
    assert_eq!(ada.hears("room_message").await["message"], "hello terminal", "edits and reactions have no word here");
    let fetched = ada.ask(json!({"type": "get_room_messages", "room_id": GENERAL}), "room_messages").await;
    assert_eq!(fetched["messages"][1]["message"], "from my terminal", "but history tells how it stands");

    let direct = bob.ok(json!({"do": "open_direct", "account": ada.id})).await["id"].as_i64().unwrap();
    bob.says(direct, "psst").await;
    assert_eq!(ada.hears("private_message").await["message"], "psst");
    ada.says(json!({"type": "private_message", "recipient_id": bob.account, "message": "yes?"})).await;
    bob.hears_text("yes?").await;
    let lab = bob.ok(json!({"do": "create_room", "name": "Lab"})).await["id"].clone();
    assert_eq!(ada.hears("new_room").await["room_id"], lab);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_session_is_ended_is_told_why() {
    let house = TestHouse::open().await;
    let mut eve = enter(&house, "eve").await;
    let mut boss = house.enter("boss").await;
    house.make_admin("boss");
    boss.ok(json!({"do": "ban", "account": eve.id, "reason": "noise"})).await;
    assert!(eve.hears("error").await["error"].as_str().unwrap().contains("banned"));
    assert_eq!(eve.is_closed().await, Some(1008));
    let mut eve = client(&house).await;
    let login = json!({"type": "login", "username": "eve", "password": PASSWORD});
    assert_eq!(eve.ask(login, "login_response").await["success"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_server_says_goodbye_to_members_and_strangers() {
    let mut house = TestHouse::open().await;
    let (mut ada, mut stranger) = (enter(&house, "ada").await, client(&house).await);
    let server = house.server.take().unwrap();
    let (_, ada_closed, stranger_closed) = tokio::join!(
        server.close(),
        async {
            assert!(ada.hears("error").await["error"].as_str().unwrap().contains("shutting down"));
            ada.is_closed().await
        },
        async {
            stranger.hears("error").await;
            stranger.is_closed().await
        },
    );
    assert_eq!((ada_closed, stranger_closed), (Some(1001), Some(1001)));
}
