//! The channels door against mistakes: each is told as FastAPI tells it, and costs nothing.

use crate::channels_support::{GENERAL, User, credentials, send, told};
use crate::support::{TestHouse, deadline};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn refused(detail: &str) -> Value {
    json!({"detail": detail})
}

fn int_parsing(part: &str, name: &str, input: &str) -> Value {
    json!({"type": "int_parsing", "loc": [part, name], "msg": "Input should be a valid integer, unable to parse string as an integer", "input": input})
}

#[tokio::test]
async fn names_are_taken_once_in_the_whole_house() {
    let house = TestHouse::open().await;
    house.enter("nat").await;
    let ada = User::enter(&house, "ada").await;
    for name in ["nat", "ada", "Ada", "  ada "] {
        let again = told(ada.post("/auth/register", &credentials(name))).await;
        assert_eq!(again, (400, refused("Username already taken")), "{name}");
    }
    ada.makes("Lobby").await;
    for name in ["Lobby", "lobby", " general "] {
        assert_eq!(
            told(ada.post("/channels", &json!({"name": name}))).await,
            (400, refused("Channel name already taken"))
        );
    }
    for name in ["two words", "a/b/c", "titan"] {
        let (status, detail) = told(ada.post("/auth/register", &credentials(name))).await;
        assert!(
            status == 400 && detail["detail"].as_str().is_some_and(|detail| detail.ends_with(".")),
            "{name}: {detail}"
        );
    }
    for (name, password) in [("ada", "wrong-password"), ("nobody", "secret-password"), ("", "")] {
        let wrong = told(ada.post("/auth/login", &json!({"username": name, "password": password}))).await;
        assert_eq!(wrong, (400, refused("Incorrect username or password")));
    }
}

#[tokio::test]
async fn a_password_with_blanks_around_it_comes_in_with_and_without_them() {
    let house = TestHouse::open().await;
    let user = User::stranger(&house);
    user.ok(user.post("/auth/register", &json!({"username": " ada ", "password": "  secret-password "}))).await;
    for password in ["secret-password", "  secret-password ", " secret-password"] {
        user.ok(user.post("/auth/login", &json!({"username": "ada", "password": password}))).await;
    }
}

#[tokio::test]
async fn who_shows_no_token_is_told_so() {
    let house = TestHouse::open().await;
    let stranger = User::stranger(&house);
    let paths = [
        (Method::GET, "/me"),
        (Method::GET, "/channels"),
        (Method::POST, "/channels"),
        (Method::POST, "/channels/1/join"),
        (Method::POST, "/channels/x/join"),
        (Method::GET, "/channels/1/messages"),
        (Method::POST, "/channels/1/messages"),
        (Method::POST, "/channels/1/files"),
        (Method::GET, "/files/1"),
    ];
    for (method, path) in paths {
        let response = send(stranger.request(method.clone(), path)).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["www-authenticate"]),
            (401, &"Bearer".parse().unwrap())
        );
        let body: Value = deadline(response.json()).await.unwrap();
        assert_eq!(body, refused("Not authenticated"), "{method} {path}");
    }
    for (header, said) in [
        ("Basic YWRhOng=", "Not authenticated"),
        ("", "Not authenticated"),
        ("Bearer", "Could not validate token."),
        ("Bearer ", "Could not validate token."),
        ("bearer x", "Could not validate token."),
        ("Bearer a.b.c", "Could not validate token."),
        ("Bearer \u{e9}", "Could not validate token."),
    ] {
        assert_eq!(told(stranger.get("/me").header("Authorization", header)).await, (401, refused(said)), "{header}");
    }
}

#[tokio::test]
async fn mistakes_of_every_part_are_told_together() {
    let house = TestHouse::open().await;
    let ada = User::enter(&house, "ada").await;
    let cases = [
        (ada.request(Method::POST, "/channels/abc/join"), json!([int_parsing("path", "channel_id", "abc")])),
        (
            ada.get("/channels/x/messages?limit=y"),
            json!([int_parsing("path", "channel_id", "x"), int_parsing("query", "limit", "y")]),
        ),
        (ada.get("/channels/1/messages?limit="), json!([int_parsing("query", "limit", "")])),
        (ada.get("/files/1.5"), json!([int_parsing("path", "file_id", "1.5")])),
        (ada.get("/files/%ff"), json!([int_parsing("path", "file_id", "\u{fffd}")])),
        (
            ada.post("/channels/x/messages", &json!({"content": ""})),
            json!([int_parsing("path", "channel_id", "x"),
                {"type": "string_too_short", "loc": ["body", "content"], "msg": "String should have at least 1 character", "input": "", "ctx": {"min_length": 1}}]),
        ),
        (
            ada.post("/channels/1/messages", &json!({"content": "x".repeat(2_001)})),
            json!([{"type": "string_too_long", "loc": ["body", "content"], "msg": "String should have at most 2000 characters", "input": "x".repeat(2_001), "ctx": {"max_length": 2_000}}]),
        ),
        (
            ada.post("/channels", &json!({"name": 7})),
            json!([{"type": "string_type", "loc": ["body", "name"], "msg": "Input should be a valid string", "input": 7}]),
        ),
        (
            ada.request(Method::POST, "/channels"),
            json!([{"type": "missing", "loc": ["body"], "msg": "Field required", "input": null}]),
        ),
        (
            ada.request(Method::POST, "/channels").header("Content-Type", "application/json").body("{\"name\" 1}"),
            json!([{"type": "json_invalid", "loc": ["body", 8], "msg": "JSON decode error", "input": {}, "ctx": {"error": "Expecting ':' delimiter"}}]),
        ),
        (
            ada.request(Method::POST, "/channels").header("Content-Type", "text/plain").body("{}"),
            json!([{"type": "model_attributes_type", "loc": ["body"], "msg": "Input should be a valid dictionary or object to extract fields from", "input": "{}"}]),
        ),
        (
            ada.request(Method::POST, "/channels/1/files"),
            json!([{"type": "missing", "loc": ["body", "upload"], "msg": "Field required", "input": null}]),
        ),
        (
            ada.request(Method::POST, "/channels/1/files")
                .multipart(reqwest::multipart::Form::new().text("upload", "text")),
            json!([{"type": "value_error", "loc": ["body", "upload"], "msg": "Value error, Expected UploadFile, received: <class 'str'>", "input": "text", "ctx": {"error": {}}}]),
        ),
    ];
    for (request, mistakes) in cases {
        assert_eq!(told(request).await, (422, json!({"detail": mistakes})));
    }
    for limit in ["0", "-5", "1.0", "+1", "%201"] {
        ada.ok(ada.get(&format!("/channels/1/messages?limit={limit}"))).await;
    }
    ada.says(GENERAL, "still here").await;
}

#[tokio::test]
async fn bodies_that_hurt_others_do_no_harm_here() {
    let house = TestHouse::open().await;
    let ada = User::enter(&house, "ada").await;
    let json = |body: Vec<u8>| {
        told(ada.request(Method::POST, "/channels/1/messages").header("Content-Type", "application/json").body(body))
    };
    for body in [
        "[".repeat(100_000),
        "{\"content\":".repeat(10_000),
        "{\"content\":1e999}".to_owned(),
        "{\"content\":\"\\ud800\"}".to_owned(),
        "{\"content\":NaN}".to_owned(),
    ] {
        assert_eq!(json(body.into_bytes()).await, (400, refused("There was an error parsing the body")));
    }
    assert_eq!(json(b"{\"content\":\"\xff\"}".to_vec()).await.0, 400);
    assert_eq!(json(vec![b' '; 300 * 1024]).await.0, 413);
    assert_eq!(json(b"{\"content\":\"one\",\"content\":\"two\",\"\\u0000\":1}".to_vec()).await.0, 200);
    let form = |body: &'static [u8], kind: &'static str| {
        told(ada.request(Method::POST, "/channels/1/files").header("Content-Type", kind).body(body))
    };
    let boundary = "multipart/form-data; boundary=b";
    for (body, kind) in [
        (&b""[..], "multipart/form-data"),
        (b"", boundary),
        (b"x", boundary),
        (b"--b\r\nContent-Disposition: form-data; name=\"upload\"; filename=\"x\"\r\n\r\nhalf", boundary),
        (b"--b\r\n\r\n\r\n--b--", boundary),
        (b"--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b--\r\n", boundary),
    ] {
        let (status, body) = form(body, kind).await;
        assert!((status == 400 || status == 422) && body.get("detail").is_some(), "{status} {body}");
    }
    assert_eq!(ada.reads(GENERAL).await, ["two"]);
}

#[tokio::test]
async fn addresses_and_methods_that_are_not_there_are_told_as_the_original_tells_them() {
    let house = TestHouse::open().await;
    let ada = User::enter(&house, "ada").await;
    for path in
        ["/auth/nothing", "/auth/", "/channels/1/nothing", "/channels/1/2/messages", "/files/1/2", "/ws/x", "/files/"]
    {
        assert_eq!(told(ada.get(path)).await, (404, refused("Not Found")), "{path}");
    }
    for (method, path, allow) in [
        (Method::POST, "/me", "GET"),
        (Method::GET, "/auth/register", "POST"),
        (Method::DELETE, "/channels/1/join", "POST"),
        (Method::PUT, "/files/1", "GET"),
        (Method::OPTIONS, "/me", "GET"),
    ] {
        let response = send(ada.request(method.clone(), path)).await;
        assert_eq!(response.status(), 405, "{method} {path}");
        assert_eq!(response.headers()["allow"], allow, "{method} {path}");
        assert_eq!(deadline(response.json::<Value>()).await.unwrap(), refused("Method Not Allowed"));
    }
    for (path, allow) in [("/me", "GET"), ("/channels", "GET, POST"), ("/files/1", "GET"), ("/auth/login", "POST")] {
        let response = send(ada.request(Method::HEAD, path)).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["allow"]),
            (405, &allow.parse().unwrap()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn pages_that_are_let_in_may_ask() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.public =
            titan_server::config::Public { url: None, origins: "https://example.org".parse().unwrap() }.into();
    })
    .await;
    let ada = User::enter(&house, "ada").await;
    let answers = [
        send(ada.get("/me").header("Origin", "https://example.org")).await,
        send(ada.get("/nothing").header("Origin", "https://example.org")).await,
        send(
            ada.request(Method::OPTIONS, "/channels")
                .header("Origin", "https://example.org")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization, content-type"),
        )
        .await,
    ];
    assert_eq!(answers[0].headers()["access-control-allow-origin"], "https://example.org");
    assert!(answers[2].status().is_success());
    assert_eq!(answers[2].headers()["access-control-allow-origin"], "https://example.org");
    assert_eq!(answers[2].headers()["access-control-allow-headers"], "authorization, content-type");
}

/// A handshake and what follows it in one write: nothing that came early is lost.
#[tokio::test]
async fn what_is_sent_with_the_handshake_is_heard() {
    let house = TestHouse::open().await;
    let ada = User::enter(&house, "ada").await;
    let mut ear = ada.listens(GENERAL).await;
    let mut stream = deadline(TcpStream::connect(house.address("http"))).await.unwrap();
    let request = format!(
        "GET /ws/channels/1?token={} HTTP/1.1\r\nHost: titan\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        ada.token
    );
    let mut bytes = request.into_bytes();
    // Masked by zeros: "hi", then the word in fragments of one byte, then half a frame.
    bytes.extend(b"\x81\x82\0\0\0\0hi\x01\x81\0\0\0\0y\x00\x81\0\0\0\0e\x80\x81\0\0\0\0s\x81\x85\0\0");
    for byte in bytes.chunks(7) {
        deadline(stream.write_all(byte)).await.unwrap();
    }
    ear.hears_text("hi").await;
    ear.hears_text("yes").await;
    let mut heard = vec![0; 4_096];
    let read = deadline(stream.read(&mut heard)).await.unwrap();
    assert!(heard[..read].starts_with(b"HTTP/1.1 101"));
    drop(stream);
    ear.says("still here").await;
    ear.hears_text("still here").await;
}

/// The document names what is there, and nothing else.
#[tokio::test]
async fn every_address_of_the_document_is_there() {
    let house = TestHouse::open().await;
    let ada = User::enter(&house, "ada").await;
    let document = ada.ok(ada.get("/openapi.json")).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = document["paths"].as_object().unwrap();
    for (path, item) in paths {
        let concrete = path
            .replace("{category}", "game")
            .replace("{id}", "999999")
            .replace("{channel_id}", "1")
            .replace("{file_id}", "1");
        for method in item.as_object().unwrap().keys() {
            let method: Method = method.to_ascii_uppercase().parse().unwrap();
            let response = send(ada.request(method.clone(), &concrete).header("Tus-Resumable", "1.0.0")).await;
            let status = response.status().as_u16();
            assert!(
                item[method.as_str().to_ascii_lowercase()]["responses"].get(status.to_string()).is_some(),
                "{method} {path}: {status}"
            );
            let text = deadline(response.text()).await.unwrap();
            assert!(!text.contains("nothing at this address"), "{method} {path}");
        }
    }
    for path in [
        "/auth/register",
        "/me",
        "/channels/{channel_id}/files",
        "/api/upload",
        "/api/uploads/{id}",
        "/api/download/{id}",
        "/healthz",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
}
