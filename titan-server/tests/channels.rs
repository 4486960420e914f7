//! The channels door: a story as the original's users have it, and who may do what in it.

use crate::channels_support::{GENERAL, PASSWORD, User, credentials, form, send, told};
use crate::support::{TestHouse, deadline};
use futures_util::SinkExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

fn is_moment(text: &Value) -> bool {
    let text = text.as_str().unwrap_or_default();
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00.000000"
}

#[tokio::test]
async fn two_people_meet_talk_and_share_a_file() {
    let house = TestHouse::open().await;
    let (ada, bob) = (User::enter(&house, "ada").await, User::enter(&house, "bob").await);
    assert_eq!(ada.ok(ada.get("/me")).await, json!({"id": ada.id, "username": "ada"}));
    let general = json!({"id": GENERAL, "name": "general", "is_dm": false});
    assert_eq!(ada.ok(ada.get("/channels")).await, json!([general]));

    let lobby = ada.makes("Lobby").await;
    let messages = format!("/channels/{lobby}/messages");
    let stranger = (403, json!({"detail": "Not a member of this channel"}));
    assert_eq!(told(bob.get(&messages)).await, stranger);
    assert_eq!(told(bob.post(&messages, &json!({"content": "x"}))).await, stranger);
    let channel = json!({"id": lobby, "name": "Lobby", "is_dm": false});
    assert_eq!(bob.joins(lobby).await, channel);
    assert_eq!(bob.joins(lobby).await, channel, "joining again is fine");
    assert_eq!(bob.ok(bob.get("/channels")).await, json!([general, channel]));

    let (mut hers, mut his) = (ada.listens(lobby).await, bob.listens(lobby).await);
    hers.says("hello, Bob").await;
    let event = hers.frame().await;
    assert_eq!(event, his.frame().await, "all hear the same bytes");
    let event: Value = serde_json::from_str(&event).unwrap();
    let user = json!({"id": ada.id, "username": "ada"});
    let wanted = json!({"type": "message", "id": event["id"], "channel_id": lobby, "user": user,
        "content": "hello, Bob", "created_at": event["created_at"]});
    assert_eq!(event, wanted);
    assert!(is_moment(&event["created_at"]) && event["id"].is_i64());

    let posted = bob.says(lobby, "  hello, Ada  ").await;
    for ear in [&mut hers, &mut his] {
        let mut heard = ear.hears_text("hello, Ada").await;
        assert_eq!(heard.as_object_mut().unwrap().remove("type"), Some(json!("message")));
        assert_eq!(heard, posted, "the event is the answer");
    }

    let bytes = b"\x00\xff bytes".repeat(1_000);
    let shared = ada.shares(lobby, "pic ture.png", &bytes).await;
    let wanted = json!({"id": shared["id"], "channel_id": lobby, "user": user, "original_filename": "pic ture.png",
        "size_bytes": bytes.len(), "created_at": shared["created_at"]});
    assert_eq!(shared, wanted);
    for ear in [&mut hers, &mut his] {
        let mut heard = ear.hears().await;
        assert_eq!(heard.as_object_mut().unwrap().remove("type"), Some(json!("file")));
        assert_eq!(heard, shared);
    }
    let response = send(bob.get(&format!("/files/{}", shared["id"]))).await;
    assert_eq!(response.status(), 200);
    let disposition = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(disposition, "attachment; filename=\"pic ture.png\"; filename*=UTF-8''pic%20ture.png");
    assert_eq!(deadline(response.bytes()).await.unwrap(), bytes);

    assert_eq!(ada.reads(lobby).await, ["hello, Bob", "hello, Ada"], "oldest first, and files are no messages");
    let last = ada.ok(ada.get(&format!("{messages}?limit=1"))).await;
    assert_eq!(last, json!([posted]));
}

#[tokio::test]
async fn what_is_said_at_another_door_is_heard_here_in_order_and_once() {
    let house = TestHouse::open().await;
    let mut native = house.enter("nat").await;
    let ada = User::enter(&house, "ada").await;
    let mut ear = ada.listens(GENERAL).await;
    let mut said = Vec::new();
    for number in 0..40 {
        let text = format!("number {number}");
        match number % 3 {
            0 => drop(native.says(GENERAL, &text).await),
            1 => drop(ada.says(GENERAL, &text).await),
            _ => ear.says(&text).await,
        }
        if number % 3 == 2 {
            native.hears_text(&text).await;
        }
        said.push(text);
    }
    let mut ids = Vec::new();
    for text in &said {
        ids.push(ear.hears_text(text).await["id"].as_i64().unwrap());
    }
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
    assert_eq!(ada.reads(GENERAL).await, said);
    let told = native.ok(json!({"do": "history", "conversation": GENERAL})).await;
    let theirs: Vec<i64> =
        told["entries"].as_array().unwrap().iter().map(|entry| entry["id"].as_i64().unwrap()).collect();
    assert_eq!(theirs, ids, "ids are the same at every door");

    // What the original has no word for is not told; what comes after is.
    let posted = native.says(GENERAL, "to be changed").await;
    let seq = &posted["seq"];
    native.ok(json!({"do": "edit", "conversation": GENERAL, "seq": seq, "text": "changed"})).await;
    native.ok(json!({"do": "react", "conversation": GENERAL, "seq": seq, "emoji": "👍", "on": true})).await;
    native.ok(json!({"do": "delete", "conversation": GENERAL, "seq": seq})).await;
    native.says(GENERAL, "the last word").await;
    ear.hears_text("to be changed").await;
    ear.hears_text("the last word").await;
    assert_eq!(ada.reads(GENERAL).await.last().unwrap(), "the last word");
}

#[tokio::test]
async fn a_file_of_another_door_is_an_event_beside_its_words() {
    let house = TestHouse::open().await;
    let native = house.enter("nat").await;
    let ada = User::enter(&house, "ada").await;
    let mut ear = ada.listens(GENERAL).await;
    let metadata = [("conversation", "1"), ("filename", "notes.txt"), ("text", "look")];
    let base64 = |text: &str| base64::Engine::encode(&base64::prelude::BASE64_STANDARD, text);
    let metadata: Vec<String> = metadata.iter().map(|(name, text)| format!("{name} {}", base64(text))).collect();
    let upload = reqwest::Client::new()
        .post(format!("{}/api/uploads", house.http()))
        .bearer_auth(&native.token)
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Length", "5")
        .header("Upload-Metadata", metadata.join(","))
        .header("Content-Type", "application/offset+octet-stream")
        .body("bytes");
    assert_eq!(send(upload).await.status(), 201);
    ear.hears_text("look").await;
    let file = ear.hears().await;
    assert_eq!(
        (&file["type"], &file["original_filename"], &file["size_bytes"]),
        (&json!("file"), &json!("notes.txt"), &json!(5))
    );
    let response = send(ada.get(&format!("/files/{}", file["id"]))).await;
    assert_eq!(deadline(response.text()).await.unwrap(), "bytes");
}

#[tokio::test]
async fn what_is_sent_over_a_socket_is_the_message_as_it_stands() {
    let house = TestHouse::open().await;
    let ada = User::enter(&house, "ada").await;
    let mut ear = ada.listens(GENERAL).await;
    for text in ["{\"content\":\"no\"}", " spaces around ", "two\nlines", "żółw 🐢", "\"", "null"] {
        ear.says(text).await;
        ear.hears_text(text).await;
    }
    for blank in ["", " ", "\n\t ", "\u{200b}", "\u{0}\u{1b}"] {
        ear.says(blank).await;
    }
    ear.says(&"é".repeat(2_345)).await;
    ear.hears_text(&"é".repeat(2_000)).await;
    ear.says("a\u{1b}[31m\u{202e}b").await;
    ear.hears_text("a\u{1b}[31m\u{202e}b").await;
    deadline(ear.socket.send(Message::binary(&b"bytes"[..]))).await.unwrap();
    assert_eq!(ear.hears().await, json!({"type": "error", "detail": "Messages are text frames."}));
    ear.says("still here").await;
    ear.hears_text("still here").await;
}

#[tokio::test]
async fn a_handshake_is_refused_with_403_whatever_is_wrong() {
    let house = TestHouse::open().await;
    let (ada, bob) = (User::enter(&house, "ada").await, User::enter(&house, "bob").await);
    let hers = ada.makes("hers").await;
    let token = &bob.token;
    for rest in [
        "1".to_owned(),
        "1?token=".to_owned(),
        "1?token=nonsense".to_owned(),
        format!("{hers}?token={token}"),
        format!("999?token={token}"),
        format!("-1?token={token}"),
        format!("99999999999999999999999?token={token}"),
        format!("x?token={token}"),
    ] {
        assert_eq!(bob.tries_to_listen(&rest).await.err(), Some(403), "{rest}");
    }
    assert!(bob.tries_to_listen(&format!("1?a=b&token={token}")).await.is_ok());
    assert_eq!(told(bob.get(&format!("/ws/channels/1?token={token}"))).await, (404, json!({"detail": "Not Found"})));
}

#[tokio::test]
async fn a_frame_too_long_closes_the_socket_with_1009() {
    let house = TestHouse::open().await;
    let ada = User::enter(&house, "ada").await;
    let mut ear = ada.listens(GENERAL).await;
    ear.says(&"x".repeat(65_536)).await;
    ear.hears_text(&"x".repeat(2_000)).await;
    ear.says(&"x".repeat(65_537)).await;
    assert_eq!(ear.is_closed().await, (1009, vec![]));
    ada.listens(GENERAL).await;
}

#[tokio::test]
async fn who_may_not_stay_is_cut_off_at_once() {
    let house = TestHouse::open().await;
    let mut root = house.enter("root1").await;
    house.make_admin("root1");
    let (ada, bob) = (User::enter(&house, "ada").await, User::enter(&house, "bob").await);
    let lobby = ada.makes("lobby").await;
    bob.joins(lobby).await;
    let mut elsewhere = house.enter_again("bob").await;

    // Leaving at another door closes the socket of that channel, and of no other.
    let (mut in_lobby, mut in_general) = (bob.listens(lobby).await, bob.listens(GENERAL).await);
    ada.says(lobby, "before").await;
    elsewhere.ok(json!({"do": "leave_room", "conversation": lobby})).await;
    let (code, before) = in_lobby.is_closed().await;
    assert_eq!((code, before.len()), (1008, 1), "what was said before is heard");
    in_general.says("still here").await;
    in_general.hears_text("still here").await;

    // Who is muted is told why nothing comes of it, and still hears; who is kicked is out.
    bob.joins(lobby).await;
    let mut in_lobby = bob.listens(lobby).await;
    root.ok(json!({"do": "mute", "conversation": lobby, "account": bob.id, "seconds": 600, "reason": "Too loud."}))
        .await;
    in_lobby.says("may I?").await;
    assert_eq!(in_lobby.hears().await["type"], "error");
    let (status, _) = told(bob.post(&format!("/channels/{lobby}/messages"), &json!({"content": "may I?"}))).await;
    assert_eq!(status, 403);
    ada.says(lobby, "no").await;
    in_lobby.hears_text("no").await;
    root.ok(json!({"do": "kick", "conversation": lobby, "account": bob.id, "reason": "Cool down."})).await;
    assert_eq!(in_lobby.is_closed().await.0, 1008);

    // So is everybody at the end of the channel.
    bob.joins(lobby).await;
    let mut in_lobby = bob.listens(lobby).await;
    root.ok(json!({"do": "delete_room", "conversation": lobby})).await;
    assert_eq!(in_lobby.is_closed().await.0, 1008);
    assert_eq!(
        told(bob.get(&format!("/channels/{lobby}/messages"))).await,
        (404, json!({"detail": "Channel not found"}))
    );

    // A ban ends everything, and the token with it.
    root.ok(json!({"do": "ban", "account": bob.id, "reason": "Spam."})).await;
    in_general.is_closed().await;
    assert_eq!(told(bob.get("/me")).await, (401, json!({"detail": "Could not validate token."})));
    assert_eq!(bob.tries_to_listen(&format!("1?token={}", bob.token)).await.err(), Some(403));
    let (status, _) = told(bob.post("/auth/login", &credentials("bob"))).await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn a_token_lives_as_long_as_its_session() {
    let mut house = TestHouse::open().await;
    let ada = User::enter(&house, "ada").await;
    let mut other = User::stranger(&house);
    other.name = "ada".to_owned();
    other.login().await;
    house.restart().await;
    ada.ok(ada.get("/me")).await;

    let mut native = house.enter_again("ada").await;
    let mut ear = ada.listens(GENERAL).await;
    let sessions = native.ok(json!({"do": "sessions"})).await["sessions"].clone();
    let of_channels: Vec<&Value> =
        sessions.as_array().unwrap().iter().filter(|one| one["door"] == "channels").collect();
    assert_eq!(of_channels.len(), 2, "{sessions}");
    native.ok(json!({"do": "change_password", "old": PASSWORD, "new": "another-password"})).await;
    assert_eq!(ear.is_closed().await.0, 1008);
    for user in [&ada, &other] {
        assert_eq!(told(user.get("/me")).await, (401, json!({"detail": "Could not validate token."})));
    }
}

#[tokio::test]
async fn either_token_opens_every_door_that_takes_one() {
    let house = TestHouse::open().await;
    let ada = User::enter(&house, "ada").await;
    let session = house.enter_again("ada").await.token.clone();
    let file = ada.shares(GENERAL, "a.txt", b"bytes").await;
    for token in [ada.token.clone(), session] {
        let mut other = User::stranger(&house);
        other.token = token.clone();
        assert_eq!(other.ok(other.get("/me")).await["username"], "ada");
        for path in ["/channels", "/channels/1/messages", "/api/export", "/api/pending"] {
            let (status, said) = bytes_told(other.get(path)).await;
            assert!(status == 200 || (path == "/api/pending" && status == 403), "{path}: {status} {said}");
        }
        for path in [format!("/files/{}", file["id"]), format!("/api/files/{}", file["id"])] {
            assert_eq!(bytes_told(other.get(&path)).await, (200, "bytes".to_owned()), "{path}");
        }
        other.says(GENERAL, "hi").await;
        let upload = other.request(Method::POST, "/api/uploads");
        let upload = upload.header("Tus-Resumable", "1.0.0").header("Upload-Length", 5);
        let upload = upload.header("Upload-Metadata", "conversation MQ==,filename YS50eHQ=");
        assert_eq!(bytes_told(upload).await.0, 201);
        assert!(ada.tries_to_listen(&format!("1?token={token}")).await.is_ok());
        let entered = house.native().await.ok(json!({"do": "authenticate", "token": token})).await;
        assert_eq!(entered["account"]["username"], "ada");
    }
    // The session of a JWT ends by its own token, at whatever door.
    ada.ok(ada.post("/api/logout", &json!({}))).await;
    assert_eq!(told(ada.get("/me")).await.0, 401);
}

async fn bytes_told(request: reqwest::RequestBuilder) -> (u16, String) {
    let response = send(request).await;
    (response.status().as_u16(), deadline(response.text()).await.unwrap())
}

#[tokio::test]
async fn a_direct_is_a_channel_of_the_two_by_the_others_name() {
    let house = TestHouse::open().await;
    let (ada, bob, eve) =
        (User::enter(&house, "ada").await, User::enter(&house, "bob").await, User::enter(&house, "eve").await);
    let mut native = house.enter_again("ada").await;
    let direct = native.ok(json!({"do": "open_direct", "account": bob.id})).await["id"].as_i64().unwrap();
    let listed = |name: &str| json!({"id": direct, "name": name, "is_dm": true});
    assert_eq!(ada.ok(ada.get("/channels")).await[1], listed("bob"));
    assert_eq!(bob.ok(bob.get("/channels")).await.as_array().unwrap().len(), 1, "nothing was said there");
    native.ok(json!({"do": "post", "conversation": direct, "text": "hello"})).await;
    assert_eq!(bob.ok(bob.get("/channels")).await[1], listed("ada"));
    assert_eq!(eve.ok(eve.get("/channels")).await.as_array().unwrap().len(), 1);
    assert_eq!(bob.joins(direct).await, listed("ada"));

    let (mut hers, mut his) = (ada.listens(direct).await, bob.listens(direct).await);
    hers.says("psst").await;
    for ear in [&mut hers, &mut his] {
        let heard = ear.hears().await;
        assert_eq!((&heard["type"], &heard["content"]), (&json!("message"), &json!("psst")));
        assert_eq!((&heard["channel_id"], &heard["user"]["username"]), (&json!(direct), &json!("ada")));
    }
    bob.says(direct, "what?").await;
    assert_eq!(hers.hears().await["content"], "what?");
    let file = bob.shares(direct, "a.txt", b"bytes").await;
    assert_eq!(hers.hears().await["original_filename"], "a.txt");
    let file = format!("/files/{}", file["id"]);
    assert_eq!(bytes_told(ada.get(&file)).await, (200, "bytes".to_owned()));
    assert_eq!(ada.reads(direct).await, ["hello", "psst", "what?"]);

    let nothing = (404, json!({"detail": "Channel not found"}));
    assert_eq!(told(eve.get(&format!("/channels/{direct}/messages"))).await, nothing);
    assert_eq!(told(eve.post(&format!("/channels/{direct}/messages"), &json!({"content": "hi"}))).await, nothing);
    assert_eq!(told(eve.post(&format!("/channels/{direct}/join"), &json!({}))).await, nothing);
    assert_eq!(told(eve.get(&file)).await.0, 403);
    assert_eq!(eve.tries_to_listen(&format!("{direct}?token={}", eve.token)).await.err(), Some(403));
    // Blocked, one writes there no more, and is told so.
    native.ok(json!({"do": "block", "account": bob.id})).await;
    assert_eq!(told(bob.post(&format!("/channels/{direct}/messages"), &json!({"content": "hi"}))).await.0, 403);
}

#[tokio::test]
async fn tokens_that_were_not_made_here_are_refused() {
    let house = TestHouse::open().await;
    let ada = User::enter(&house, "ada").await;
    let [header, claims, signature] = ada.token.split('.').collect::<Vec<_>>()[..] else { panic!("no JWT") };
    let encode = |text: &str| base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, text);
    let none = encode(r#"{"alg":"none","typ":"JWT"}"#);
    let forged = [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{header}.{}.{signature}", encode(r#"{"sub":"1","sid":1,"iat":1,"exp":9999999999}"#)),
        format!("{header}.{claims}"),
        format!("{header}.{claims}.{signature}x"),
        "MTphZGE=".to_owned(),
    ];
    for token in forged {
        let mut other = User::stranger(&house);
        other.token = token.clone();
        assert_eq!(told(other.get("/me")).await, (401, json!({"detail": "Could not validate token."})), "{token}");
        assert_eq!(ada.tries_to_listen(&format!("1?token={token}")).await.err(), Some(403));
    }
}

#[tokio::test]
async fn a_channel_with_a_password_is_not_joined_here() {
    let house = TestHouse::open().await;
    let mut native = house.enter("nat").await;
    let made = native.ok(json!({"do": "create_room", "name": "shut", "password": "key"})).await;
    let shut = made["conversation"]["id"].as_i64().unwrap_or_else(|| made["id"].as_i64().unwrap());
    let ada = User::enter(&house, "ada").await;
    let (status, told_) = told(ada.request(Method::POST, &format!("/channels/{shut}/join"))).await;
    assert_eq!(status, 403, "{told_}");
    // Who joined it elsewhere is in it here.
    house.enter_again("ada").await.ok(json!({"do": "join_room", "conversation": shut, "password": "key"})).await;
    ada.joins(shut).await;
    ada.says(shut, "in").await;
    let mut ear = ada.listens(shut).await;
    native.says(shut, "hello").await;
    ear.hears_text("hello").await;
}

#[tokio::test]
async fn files_are_bounded_named_safely_and_for_members_only() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.channels_upload_bytes = 1024 * 1024;
    })
    .await;
    let (ada, bob) = (User::enter(&house, "ada").await, User::enter(&house, "bob").await);
    let hers = ada.makes("hers").await;
    let files = format!("/channels/{hers}/files");
    ada.shares(hers, "fits", &vec![7; 1024 * 1024]).await;
    let too_large = told(ada.request(Method::POST, &files).multipart(form("big", &vec![7; 1024 * 1024 + 1]))).await;
    assert_eq!(too_large, (400, json!({"detail": "File too large, max 1MB."})));
    let stranger = told(bob.request(Method::POST, &files).multipart(form("x", b"x"))).await;
    assert_eq!(stranger, (403, json!({"detail": "Not a member of this channel"})));

    let names = [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\evil.exe", "evil.exe"),
        ("a\u{202e}gpj.exe", "a‹U+202E›gpj.exe"),
        ("..", "file"),
        ("żółw.txt", "żółw.txt"),
    ];
    for (given, kept) in names {
        let shared = ada.shares(hers, given, b"x").await;
        assert_eq!(shared["original_filename"], kept);
        let response = send(ada.get(&format!("/files/{}", shared["id"]))).await;
        assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\""));
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    }
    let by_file = reqwest::multipart::Form::new()
        .part("file", reqwest::multipart::Part::bytes(b"0123456789".to_vec()).file_name("n"));
    let shared = ada.ok(ada.request(Method::POST, &files).multipart(by_file)).await;
    let place = format!("/files/{}", shared["id"]);
    let part = send(ada.get(&place).header("Range", "bytes=2-4")).await;
    assert_eq!((part.status().as_u16(), deadline(part.text()).await.unwrap()), (206, "234".to_owned()));
    assert_eq!(told(ada.get(&place).header("Range", "bytes=10-")).await.0, 416);
    assert_eq!(told(bob.get(&place)).await, (403, json!({"detail": "Not a member of this channel"})));
    for missing in ["999", "0", "-1", "99999999999999999999"] {
        let refused = told(ada.get(&format!("/files/{missing}"))).await;
        assert_eq!(refused, (404, json!({"detail": "File not found"})), "{missing}");
    }
    std::fs::remove_dir_all(house.folder().join("blobs")).unwrap();
    assert_eq!(told(ada.get(&place)).await, (410, json!({"detail": "File no longer available"})));
}
