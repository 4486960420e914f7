//! Resumable uploads at `/api/uploads`, by tus 1.0: over cut connections, restarts, lost answers.

use crate::api_support::{Guest, files, header, refusal, send, until};
use crate::support::{TestHouse, deadline};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::Digest;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const BYTES: &str = "application/offset+octet-stream";

/// `Upload-Metadata` of these fields.
fn metadata(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value)));
    pairs.collect::<Vec<_>>().join(",")
}

fn app_metadata() -> String {
    let fields =
        [("filename", "snake.zip"), ("name", "Snake"), ("description", "Eats"), ("category", "game"), ("version", "1")];
    metadata(&fields)
}

trait Tus {
    fn tus(&self, method: Method, path: &str) -> RequestBuilder;
    fn begin(&self, length: usize, metadata: &str) -> RequestBuilder;
    async fn begins(&self, length: usize, metadata: &str) -> String;
    fn patch(&self, place: &str, offset: usize, bytes: &[u8]) -> RequestBuilder;
    async fn offset(&self, place: &str) -> usize;
}

impl Tus for Guest {
    fn tus(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path).header("Tus-Resumable", "1.0.0")
    }

    fn begin(&self, length: usize, metadata: &str) -> RequestBuilder {
        self.tus(Method::POST, "/api/uploads").header("Upload-Length", length).header("Upload-Metadata", metadata)
    }

    /// The place of a new upload.
    async fn begins(&self, length: usize, metadata: &str) -> String {
        let created = send(self.begin(length, metadata)).await;
        assert_eq!(created.status(), 201);
        assert_eq!(header(&created, "tus-resumable"), "1.0.0");
        assert!(header(&created, "upload-expires").ends_with(" GMT"));
        header(&created, "location").to_owned()
    }

    fn patch(&self, place: &str, offset: usize, bytes: &[u8]) -> RequestBuilder {
        let request = self.tus(Method::PATCH, place).header("Upload-Offset", offset).header("Content-Type", BYTES);
        request.body(bytes.to_vec())
    }

    async fn offset(&self, place: &str) -> usize {
        let head = send(self.tus(Method::HEAD, place)).await;
        assert_eq!(head.status(), 200);
        assert_eq!(header(&head, "cache-control"), "no-store");
        header(&head, "upload-offset").parse().unwrap()
    }
}

fn result(response: &Response) -> Value {
    serde_json::from_str(header(response, "titan-result")).unwrap_or(Value::Null)
}

fn some_bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 / 7) as u8).collect()
}

#[tokio::test]
async fn an_app_is_uploaded_piece_by_piece() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let said = send(ada.request(Method::OPTIONS, "/api/uploads")).await;
    assert_eq!((said.status().as_u16(), header(&said, "tus-version")), (204, "1.0.0"));
    assert_eq!(header(&said, "tus-max-size"), (100 * 1024 * 1024).to_string());
    assert!(header(&said, "tus-extension").contains("creation-with-upload"));

    let bytes = some_bytes(2_500_000);
    let place = ada.begins(bytes.len(), &app_metadata()).await;
    assert_eq!(ada.offset(&place).await, 0);
    for start in (0..bytes.len()).step_by(1_000_000) {
        let piece = &bytes[start..bytes.len().min(start + 1_000_000)];
        let patched = send(ada.patch(&place, start, piece)).await;
        assert_eq!(patched.status(), 204);
        assert_eq!(header(&patched, "upload-offset"), (start + piece.len()).to_string());
        let app = result(&patched);
        if start + piece.len() < bytes.len() {
            assert_eq!(app, Value::Null);
            continue;
        }
        assert_eq!(
            (&app["name"], &app["state"], &app["file_name"]),
            (&json!("Snake"), &json!("pending"), &json!("snake.zip"))
        );
        let stored = send(ada.get(&format!("/api/download/{}", app["id"]))).await;
        assert_eq!(deadline(stored.bytes()).await.unwrap(), bytes);
        let known = ada.asks(Method::GET, &format!("/api/apps/{}", app["id"])).await["app"]["metadata"].clone();
        let fields = json!({"name": "Snake", "description": "Eats", "category": "game", "version": "1"});
        assert_eq!(serde_json::from_str::<Value>(known.as_str().unwrap()).unwrap(), fields);
    }
    let head = send(ada.tus(Method::HEAD, &place)).await;
    assert_eq!(header(&head, "upload-length"), bytes.len().to_string());
    // What it was said to be stands with the app from then on, and goes with it.
    assert_eq!(header(&head, "upload-metadata"), "");
}

#[tokio::test]
async fn a_file_reaches_the_conversation_and_only_its_members() {
    let house = TestHouse::open().await;
    let (ada, stranger) = (Guest::enter(&house, "ada").await, Guest::enter(&house, "eve").await);
    let mut bob = house.enter("bob").await;
    let mut ada_native = house.enter_again("ada").await;
    let room = ada_native.ok(json!({"do": "create_room", "name": "Den"})).await["id"].as_i64().unwrap();
    bob.ok(json!({"do": "join_room", "conversation": room})).await;
    let about = metadata(&[("filename", "żółw.png"), ("conversation", &room.to_string()), ("text", "look")]);
    let refused = send(stranger.begin(4, &about)).await;
    assert_eq!(refused.status(), 403);
    let place = ada.begins(4, &about).await;
    let posted = result(&send(ada.patch(&place, 0, b"\x89PNG")).await);
    assert_eq!(posted["conversation"], json!(room));
    let heard = bob.hears_text("look").await;
    assert_eq!(heard["entry"]["seq"], posted["seq"]);
    let file = &heard["entry"]["file"];
    assert_eq!((&file["name"], &file["size"]), (&json!("żółw.png"), &json!(4)));
    let place = format!("/api/files/{}", file["id"]);
    let bob = Guest { token: bob.token.clone(), ..Guest::stranger(&house) };
    let fetched = send(bob.get(&place)).await;
    assert_eq!(header(&fetched, "content-type"), "image/png");
    assert!(header(&fetched, "content-disposition").ends_with("filename*=UTF-8''%C5%BC%C3%B3%C5%82w.png"));
    assert_eq!(deadline(fetched.bytes()).await.unwrap(), &b"\x89PNG"[..]);
    assert_eq!(send(bob.get(&place).header("Range", "bytes=1-")).await.status(), 206);
    assert_eq!(stranger.refused(Method::GET, &place).await, (404, "File not found".to_owned()));
    assert_eq!(Guest::stranger(&house).refused(Method::GET, &place).await.0, 401);
}

#[tokio::test]
async fn a_cut_connection_and_a_restart_lose_nothing_that_arrived() {
    let mut house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let bytes = some_bytes(3_000_000);
    let place = ada.begins(bytes.len(), &app_metadata()).await;
    let mut socket = TcpStream::connect(house.address("http")).await.unwrap();
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n\
         Content-Type: {BYTES}\r\nContent-Length: {}\r\n\r\n",
        ada.token,
        bytes.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&bytes[..1_234_567]).await.unwrap();
    let data = house.folder().join("uploads").join(place.rsplit('/').next().unwrap());
    until("some bytes are on disk", || std::fs::metadata(&data).is_ok_and(|known| known.len() > 0)).await;
    drop(socket);
    let reached = async || ada.offset(&place).await;
    // The connection's end and this question cross; in the end all that was sent is there.
    let mut offset = reached().await;
    while offset < 1_234_567 {
        assert_eq!(std::fs::read(&data).unwrap(), &bytes[..offset]);
        let patched = send(ada.patch(&place, offset, &bytes[offset..1_234_567])).await;
        assert_eq!(patched.status(), 204);
        offset = reached().await;
    }
    house.restart().await;
    assert_eq!(ada.offset(&place).await, 1_234_567);
    let patched = send(ada.patch(&place, 1_234_567, &bytes[1_234_567..])).await;
    assert_eq!(result(&patched)["sha256"], json!(hex(&sha2::Sha256::digest(&bytes))));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_lost_answer_is_given_again_and_the_app_is_there_once() {
    let mut house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let root = Guest::admin(&house, "root1").await;
    let place = ada.begins(5, &app_metadata()).await;
    let first = result(&send(ada.patch(&place, 0, b"snake")).await);
    for _ in 0..2 {
        assert_eq!(result(&send(ada.tus(Method::HEAD, &place)).await), first);
        let again = send(ada.patch(&place, 5, b"")).await;
        assert_eq!((again.status().as_u16(), result(&again)), (204, first.clone()));
        assert_eq!(send(ada.patch(&place, 0, b"snake")).await.status(), 409);
        house.restart().await;
    }
    // As if the server had died after the app was written and before that was noted.
    let slip = house.folder().join("uploads").join(format!("{}.json", place.rsplit('/').next().unwrap()));
    let mut known: Value = serde_json::from_slice(&std::fs::read(&slip).unwrap()).unwrap();
    known["stage"] = json!({"handing": {"blob": first["sha256"], "since": known["created_at"]}});
    std::fs::write(&slip, known.to_string()).unwrap();
    house.restart().await;
    assert_eq!(result(&send(ada.tus(Method::HEAD, &place)).await)["id"], first["id"]);
    assert_eq!(root.asks(Method::GET, "/api/pending").await["apps"].as_array().unwrap().len(), 1);
    let left = files(&house.folder().join("uploads"));
    assert_eq!(left, [slip]);
}

#[tokio::test]
async fn a_message_with_a_file_is_posted_once_whatever_is_repeated() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let client_id = uuid::Uuid::now_v7().to_string();
    let about = metadata(&[("filename", "a.txt"), ("conversation", "1"), ("client_id", &client_id)]);
    let mut posted = Vec::new();
    for _ in 0..2 {
        let created = send(ada.begin(3, &about).header("Content-Type", BYTES).body("abc")).await;
        assert_eq!(created.status(), 201);
        posted.push(result(&created));
    }
    assert_eq!(posted[0], posted[1]);
    assert!(posted[0]["seq"].is_i64());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caption_can_be_taken_away_and_the_file_stays() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let about = metadata(&[("filename", "a.txt"), ("conversation", "1"), ("text", "look")]);
    let posted = result(&send(ada.begin(3, &about).header("Content-Type", BYTES).body("abc")).await);
    let mut ada = house.enter_again("ada").await;
    let edit = |seq: &Value, text: &str| json!({"do": "edit", "conversation": 1, "seq": seq, "text": text});
    ada.ok(edit(&posted["seq"], " ")).await;
    let history = ada.ok(json!({"do": "history", "conversation": 1})).await;
    let message = &history["entries"][0];
    assert_eq!((&message["text"], &message["file"]["name"]), (&json!(""), &json!("a.txt")));
    assert_ne!(message["deleted"], true);
    let plain = ada.says(1, "words alone").await["seq"].clone();
    assert_eq!(ada.fault(edit(&plain, "")).await, "bad_request");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let house = TestHouse::open().await;
    let (ada, eve) = (Guest::enter(&house, "ada").await, Guest::enter(&house, "eve").await);
    let place = ada.begins(10, &app_metadata()).await;
    assert_eq!(send(ada.patch(&place, 0, b"0123")).await.status(), 204);
    let conflict = send(ada.patch(&place, 3, b"x")).await;
    assert_eq!((conflict.status().as_u16(), header(&conflict, "upload-offset")), (409, "4"));
    assert_eq!(send(ada.patch(&place, 4, b"0123456")).await.status(), 413);
    assert_eq!(refusal(ada.request(Method::PATCH, &place)).await.0, 412);
    let old = send(ada.request(Method::PATCH, &place).header("Tus-Resumable", "0.2.2")).await;
    assert_eq!((old.status().as_u16(), header(&old, "tus-version")), (412, "1.0.0"));
    let untyped = ada.tus(Method::PATCH, &place).header("Upload-Offset", 4).body("x");
    assert_eq!(refusal(untyped).await.0, 415);
    for offset in ["", "x", "-1", "1e3"] {
        let request = ada.tus(Method::PATCH, &place).header("Upload-Offset", offset).header("Content-Type", BYTES);
        assert_eq!(refusal(request.body("x")).await.0, 400);
    }
    assert_eq!(send(eve.tus(Method::HEAD, &place)).await.status(), 404);
    assert_eq!(refusal(eve.patch(&place, 4, b"x")).await.0, 404);
    assert_eq!(refusal(eve.tus(Method::DELETE, &place)).await.0, 404);
    for strange in
        ["/api/uploads/x", "/api/uploads/..%2f..%2ftitan.db", "/api/uploads/0123456789abcdef0123456789abcdef"]
    {
        assert_eq!(refusal(ada.tus(Method::DELETE, strange)).await.0, 404, "{strange}");
    }
    assert_eq!(ada.offset(&place).await, 4);
    // A client that can only POST.
    let instead = ada.tus(Method::POST, &place).header("X-HTTP-Method-Override", "PATCH");
    let instead = instead.header("Upload-Offset", 4).header("Content-Type", BYTES).body("456789");
    assert_eq!(result(&send(instead).await)["name"], "Snake");
}

#[tokio::test]
async fn creation_says_what_is_wrong() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.upload_bytes = 1024 * 1024;
    })
    .await;
    let ada = Guest::enter(&house, "ada").await;
    let fields = [("name", "Snake"), ("description", ""), ("category", "game"), ("version", "1")];
    let without = |name: &str| metadata(&fields.into_iter().filter(|(key, _)| *key != name).collect::<Vec<_>>());
    for name in ["name", "category", "version"] {
        assert_eq!(refusal(ada.begin(1, &without(name))).await, (400, format!("Missing required field: {name}")));
    }
    let nameless = metadata(&[("name", " "), ("description", ""), ("category", "game"), ("version", "1")]);
    assert_eq!(refusal(ada.begin(1, &nameless)).await.0, 400);
    assert_eq!(refusal(ada.begin(0, &app_metadata())).await, (400, "File data required".to_owned()));
    let large = refusal(ada.begin(1024 * 1024 + 1, &app_metadata())).await;
    assert_eq!(large, (413, "File too large, max 1 MB.".to_owned()));
    assert_eq!(refusal(ada.tus(Method::POST, "/api/uploads")).await.0, 400);
    for wrong in ["name ???", "conversation eA==", "sha256 eA==,name eA=="] {
        assert_eq!(refusal(ada.begin(1, wrong)).await.0, 400, "{wrong}");
    }
    let elsewhere = metadata(&[("conversation", "999")]);
    assert_eq!(refusal(ada.begin(1, &elsewhere)).await.0, 403);
    assert!(files(&house.folder().join("uploads")).is_empty());
    for _ in 0..100 {
        ada.begins(1, &app_metadata()).await;
    }
    assert_eq!(refusal(ada.begin(1, &app_metadata())).await.0, 413);
}

#[tokio::test]
async fn checksums_are_checked() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let place = ada.begins(6, &app_metadata()).await;
    let with =
        |offset, bytes: &[u8], checksum: String| ada.patch(&place, offset, bytes).header("Upload-Checksum", checksum);
    let sha1 = |bytes: &[u8]| format!("sha1 {}", BASE64_STANDARD.encode(<sha1::Sha1 as sha1::Digest>::digest(bytes)));
    let sha256 = |bytes: &[u8]| format!("sha256 {}", BASE64_STANDARD.encode(sha2::Sha256::digest(bytes)));
    assert_eq!(send(with(0, b"abc", sha1(b"xyz"))).await.status(), 460);
    assert_eq!(ada.offset(&place).await, 0);
    assert_eq!(send(with(0, b"abc", sha1(b"abc"))).await.status(), 204);
    assert_eq!(send(with(3, b"def", sha256(b"xyz"))).await.status(), 460);
    assert_eq!(refusal(with(3, b"def", "md5 eA==".to_owned())).await.0, 400);
    assert_eq!(ada.offset(&place).await, 3);
    assert_eq!(result(&send(with(3, b"def", sha256(b"def"))).await)["name"], "Snake");
    // The whole file's hash, announced at the beginning.
    let wrong = format!("{},sha256 {}", app_metadata(), BASE64_STANDARD.encode("0".repeat(64)));
    let place = ada.begins(3, &wrong).await;
    assert_eq!(send(ada.patch(&place, 0, b"abc")).await.status(), 460);
    assert_eq!(send(ada.tus(Method::HEAD, &place)).await.status(), 404);
    let right = format!("{},sha256 {}", app_metadata(), BASE64_STANDARD.encode(hex(&sha2::Sha256::digest(b"abc"))));
    let place = ada.begins(3, &right).await;
    assert_eq!(result(&send(ada.patch(&place, 0, b"abc")).await)["name"], "Snake");
}

#[tokio::test]
async fn permission_is_asked_again_at_the_end() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let mut owner = house.enter("owner").await;
    let room = owner.ok(json!({"do": "create_room", "name": "Den"})).await["id"].as_i64().unwrap();
    let mut ada_native = house.enter_again("ada").await;
    ada_native.ok(json!({"do": "join_room", "conversation": room})).await;
    let place = ada.begins(4, &metadata(&[("conversation", &room.to_string())])).await;
    assert_eq!(send(ada.patch(&place, 0, b"ab")).await.status(), 204);
    ada_native.ok(json!({"do": "leave_room", "conversation": room})).await;
    assert_eq!(refusal(ada.patch(&place, 2, b"cd")).await.0, 403);
    assert_eq!(send(ada.tus(Method::HEAD, &place)).await.status(), 404);
    assert!(files(&house.folder().join("uploads")).is_empty());
}

#[tokio::test]
async fn an_upload_can_be_given_up() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let place = ada.begins(4, &app_metadata()).await;
    send(ada.patch(&place, 0, b"ab")).await;
    assert_eq!(send(ada.tus(Method::DELETE, &place)).await.status(), 204);
    assert_eq!(refusal(ada.patch(&place, 2, b"cd")).await.0, 404);
    assert!(files(&house.folder().join("uploads")).is_empty());
}
