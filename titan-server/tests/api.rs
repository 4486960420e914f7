//! The HTTP API as `/api`'s clients see it: the original's answers, and what ours does better.

use crate::api_support::{Guest, files, form, header, particulars, refusal, send, told, until};
use crate::support::{TestHouse, deadline};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sha2::Digest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MEGABYTE: usize = 1024 * 1024;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn an_app_goes_from_upload_over_approval_to_everybody() {
    let house = TestHouse::open().await;
    let (ada, root) = (Guest::enter(&house, "ada").await, Guest::admin(&house, "root1").await);
    let stranger = Guest::stranger(&house);
    let bytes: Vec<u8> = (0..2 * MEGABYTE).map(|at| (at * 7) as u8).collect();
    let (status, answer) = told(ada.post("/api/upload").multipart(form("Snake", &bytes))).await;
    assert_eq!((status, &answer["message"]), (200, &json!("File uploaded successfully. Pending admin approval.")));
    let app = answer["app_id"].as_i64().unwrap();
    let place = format!("/api/download/{app}");

    assert_eq!(stranger.asks(Method::GET, "/api/repository").await["apps"], json!([]));
    assert_eq!(stranger.refused(Method::GET, &place).await, (403, "App not approved yet".to_owned()));
    assert_eq!(stranger.refused(Method::GET, "/api/download/999").await, (404, "App not found".to_owned()));
    let pending = root.asks(Method::GET, "/api/pending").await;
    assert_eq!(pending["apps"][0]["id"], json!(app));
    // Its author and the admins may look at it before.
    for reviewer in [&ada, &root] {
        assert_eq!(deadline(send(reviewer.get(&place)).await.bytes()).await.unwrap(), bytes);
    }
    let bob = Guest::enter(&house, "bob").await;
    assert_eq!(bob.refused(Method::GET, &place).await, (403, "App not approved yet".to_owned()));

    let approved = root.asks(Method::POST, &format!("/api/approve/{app}")).await;
    assert_eq!(approved["message"], "App approved successfully");
    assert_eq!(deadline(send(stranger.get(&place)).await.bytes()).await.unwrap(), bytes);
    let listed = stranger.asks(Method::GET, "/api/repository").await["apps"][0].clone();
    let expected = [
        "approved",
        "approved_at",
        "approved_by",
        "author_id",
        "author_username",
        "category",
        "description",
        "downloads",
        "file_size",
        "id",
        "metadata",
        "name",
        "uploaded_at",
        "version",
    ];
    assert_eq!(keys(&listed), expected);
    assert_eq!(listed["approved"], json!(1));
    assert_eq!(listed["author_username"], "ada");
    assert_eq!(listed["downloads"], json!(1));
    assert_eq!(listed["file_size"], json!(bytes.len()));
    let metadata: Value = serde_json::from_str(listed["metadata"].as_str().unwrap()).unwrap();
    assert_eq!(metadata, particulars("Snake"));
    let time = listed["uploaded_at"].as_str().unwrap();
    assert!(time.len() == 26 && &time[10..11] == "T" && &time[19..20] == ".", "{time}");

    let one = stranger.asks(Method::GET, &format!("/api/apps/{app}")).await["app"].clone();
    assert_eq!(one["sha256"], json!(hex(&sha2::Sha256::digest(&bytes))));
    assert_eq!((&one["state"], &one["file_name"]), (&json!("approved"), &json!("Snake.zip")));

    assert_eq!(bob.refused(Method::DELETE, &format!("/api/delete/{app}")).await, (403, "Permission denied".to_owned()));
    let deleted = ada.asks(Method::DELETE, &format!("/api/delete/{app}")).await;
    assert_eq!(deleted["message"], "App deleted successfully");
    assert_eq!(ada.refused(Method::DELETE, &format!("/api/delete/{app}")).await, (404, "App not found".to_owned()));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn scripts_log_in_and_out_without_a_websocket() {
    let house = TestHouse::open().await;
    house.enter("ada").await;
    let mut ada = Guest::stranger(&house);
    let login = |body: Value| ada.post("/api/login").json(&body);
    let wrong = refusal(login(json!({"username": "ada", "password": "wrong-password"}))).await;
    assert_eq!(wrong, (401, "Invalid username or password".to_owned()));
    assert_eq!(refusal(login(json!({"username": "nobody", "password": "wrong-password"}))).await, wrong);
    let missing = refusal(login(json!({"username": "ada"}))).await;
    assert_eq!(missing, (400, "Username and password required".to_owned()));
    let (status, entered) = told(login(json!({"username": "ada", "password": "secret-password"}))).await;
    assert_eq!(status, 200);
    assert_eq!(keys(&entered["user"]), ["blog_url", "full_name", "id", "is_admin", "titan_number", "username"]);
    ada.token = entered["session_id"].as_str().unwrap().to_owned();
    ada.hands_in("Snake", b"bytes").await;
    ada.asks(Method::POST, "/api/logout").await;
    assert_eq!(ada.refused(Method::POST, "/api/logout").await.0, 401);
}

#[tokio::test]
async fn forged_and_dead_tokens_open_nothing() {
    let house = TestHouse::open().await;
    house.enter("ada").await;
    house.make_admin("ada");
    let stranger = Guest::stranger(&house);
    let places = [
        (Method::POST, "/api/upload"),
        (Method::GET, "/api/pending"),
        (Method::POST, "/api/approve/1"),
        (Method::POST, "/api/reject/1"),
        (Method::DELETE, "/api/delete/1"),
        (Method::GET, "/api/files/1"),
        (Method::POST, "/api/logout"),
        (Method::POST, "/api/uploads"),
    ];
    // 1:ada in base64, with and without padding; nothing; nonsense.
    let tokens = ["Bearer MTphZGE=", "Bearer MTphZGE", "", "Bearer", "Basic YWRhOng=", "Bearer x", "Bearer null"];
    for (method, path) in places {
        for token in tokens {
            let mut request = stranger.request(method.clone(), path).header("Tus-Resumable", "1.0.0");
            if !token.is_empty() {
                request = request.header("Authorization", token);
            }
            let (status, said) = refusal(request).await;
            assert_eq!(status, 401, "{path} with {token:?}: {said}");
            assert!(said.starts_with("Authentication required") && said.contains("session_id"), "{said}");
        }
    }
}

#[tokio::test]
async fn only_admins_decide_about_apps() {
    let house = TestHouse::open().await;
    let (ada, root) = (Guest::enter(&house, "ada").await, Guest::admin(&house, "root1").await);
    let app = ada.hands_in("Snake", b"bytes").await;
    let refused = (403, "Admin access required".to_owned());
    assert_eq!(ada.refused(Method::GET, "/api/pending").await, refused);
    assert_eq!(ada.refused(Method::POST, &format!("/api/approve/{app}")).await, refused);
    assert_eq!(refusal(ada.post(&format!("/api/reject/{app}")).json(&json!({"reason": "x"}))).await, refused);
    assert_eq!(root.refused(Method::POST, "/api/approve/999").await, (404, "App not found".to_owned()));
    let looked_at_another = root.post(&format!("/api/approve/{app}")).json(&json!({"sha256": "0".repeat(64)}));
    assert_eq!(refusal(looked_at_another).await.0, 409);
    assert_eq!(root.refused(Method::POST, &format!("/api/reject/{app}")).await.0, 400);
    let (status, _) = told(root.post(&format!("/api/reject/{app}")).json(&json!({"reason": "Too long a snake"}))).await;
    assert_eq!(status, 200);
    let seen = ada.asks(Method::GET, &format!("/api/apps/{app}")).await["app"].clone();
    assert_eq!((&seen["state"], &seen["reason"]), (&json!("rejected"), &json!("Too long a snake")));
    assert_eq!(Guest::stranger(&house).refused(Method::GET, &format!("/api/apps/{app}")).await.0, 403);
}

/// A form as bytes, as a client might write it.
fn written(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (head, bytes) in parts {
        body.extend_from_slice(format!("--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--XX--\r\n");
    body
}

fn raw_form(guest: &Guest, body: Vec<u8>) -> reqwest::RequestBuilder {
    guest.post("/api/upload").header("Content-Type", "multipart/form-data; boundary=XX").body(body)
}

#[tokio::test]
async fn a_form_is_read_in_any_order_and_as_the_seeds_sample_sends_it() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let metadata = particulars("Snake").to_string();
    let metadata = metadata.as_bytes();
    let forms: [&[(&str, &[u8])]; 4] = [
        &[("name=\"metadata\"; filename=\"\"", metadata), ("name=\"file\"; filename=\"a.zip\"", b"PK")],
        &[("name=\"file\"; filename=\"a.zip\"", b"PK"), ("name=\"metadata\"", metadata)],
        &[("name=\"x\"", b"passed over"), ("name=\"metadata\"", metadata), ("name=file; filename=a.zip", b"P\r\n--X")],
        &[("name=\"metadata\"", metadata), ("name=\"file\"; filename*=UTF-8''%C5%BC.zip", b"PK")],
    ];
    for form in forms {
        let (status, answer) = told(raw_form(&ada, written(form))).await;
        assert_eq!(status, 200, "{form:?}: {answer}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_form_is_named() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let file = || Part::bytes(b"PK".to_vec()).file_name("a.zip");
    let with = |metadata: Value| Form::new().text("metadata", metadata.to_string()).part("file", file());
    let without = |field: &str| {
        let mut metadata = particulars("Snake");
        metadata.as_object_mut().unwrap().remove(field);
        metadata
    };
    for field in ["name", "description", "category", "version"] {
        let refused = refusal(ada.post("/api/upload").multipart(with(without(field)))).await;
        assert_eq!(refused, (400, format!("Missing required field: {field}")));
    }
    for (field, words) in [("name", " \u{200b}".to_owned()), ("name", "x".repeat(101)), ("version", String::new())] {
        let mut unfit = particulars("Snake");
        unfit[field] = json!(words);
        assert_eq!(refusal(ada.post("/api/upload").multipart(with(unfit))).await.0, 400);
    }
    let mut strange = particulars("Snake");
    strange["category"] = json!("virus");
    let said =
        "Invalid category. Must be one of: application, component, sound_theme, game, tce_package, language_pack";
    assert_eq!(refusal(ada.post("/api/upload").multipart(with(strange))).await, (400, said.to_owned()));
    let no_file = (400, "File data required".to_owned());
    let empty = Form::new().text("metadata", "{}").part("file", Part::bytes(Vec::new()).file_name("a.zip"));
    assert_eq!(refusal(ada.post("/api/upload").multipart(empty)).await.0, 400);
    let empty = Part::bytes(Vec::new()).file_name("a.zip");
    let empty = Form::new().text("metadata", particulars("Snake").to_string()).part("file", empty);
    assert_eq!(refusal(ada.post("/api/upload").multipart(empty)).await, no_file);
    let only_words = Form::new().text("metadata", particulars("Snake").to_string());
    assert_eq!(refusal(ada.post("/api/upload").multipart(only_words)).await, no_file);
    for bad in ["not json", "[]", "\"text\"", "{\"name\":", "", &"[".repeat(50_000)] {
        let form = Form::new().text("metadata", bad.to_owned()).part("file", file());
        let (status, said) = refusal(ada.post("/api/upload").multipart(form)).await;
        assert!(status == 400 && said.starts_with("Invalid metadata"), "{said}");
    }
    let bodies: [&[u8]; 4] =
        [b"", b"--XX", b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf", b"--YY--"];
    for body in bodies {
        assert_eq!(refusal(raw_form(&ada, body.to_vec())).await.0, 400);
    }
    assert_eq!(refusal(ada.post("/api/upload").body("plain")).await.0, 400);
    assert_eq!(files(&house.folder().join("blobs/tmp")), Vec::<std::path::PathBuf>::new());
    assert_eq!(ada.asks(Method::GET, "/api/stats").await["stats"]["pending_apps"], json!(0));
}

#[tokio::test]
async fn too_large_is_answered_while_the_client_still_sends_and_nothing_is_kept() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.upload_bytes = MEGABYTE as u64;
    })
    .await;
    let ada = Guest::enter(&house, "ada").await;
    let refused = (413, "File too large, max 1 MB.".to_owned());
    assert_eq!(refusal(ada.post("/api/upload").multipart(form("Snake", &vec![1; MEGABYTE + 1]))).await, refused);
    assert_eq!(refusal(ada.post("/api/upload").multipart(form("Snake", &vec![1; 30 * MEGABYTE]))).await, refused);
    // A client that reads nothing until it has sent everything, announced or in chunks of unknown number.
    for announced in [true, false] {
        let mut socket = TcpStream::connect(house.address("http")).await.unwrap();
        let sent = 40 * MEGABYTE;
        let length =
            if announced { format!("Content-Length: {sent}") } else { "Transfer-Encoding: chunked".to_owned() };
        let head = format!(
            "POST /api/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n{length}\r\nContent-Type: \
             multipart/form-data; boundary=XX\r\n\r\n",
            ada.token
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        let piece = vec![b'x'; MEGABYTE];
        let first = b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
        let write = async |socket: &mut TcpStream, piece: &[u8]| {
            if !announced {
                socket.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await.unwrap();
            }
            socket.write_all(piece).await.unwrap();
            if !announced {
                socket.write_all(b"\r\n").await.unwrap();
            }
        };
        deadline(async {
            write(&mut socket, first).await;
            for _ in 0..39 {
                write(&mut socket, &piece).await;
            }
        })
        .await;
        let mut answer = vec![0; 4096];
        let read = deadline(socket.read(&mut answer)).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..read]);
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("{\"success\":false,"), "{answer}");
    }
    // Exactly as much as may be.
    ada.hands_in("Snake", &vec![1; MEGABYTE]).await;
    let kept = files(&house.folder().join("blobs"));
    assert_eq!(kept.len(), 1, "{kept:?}");
}

#[tokio::test]
async fn a_form_that_never_begins_is_not_collected() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    assert_eq!(refusal(raw_form(&ada, vec![b'x'; 8 * MEGABYTE])).await.0, 413);
    let mut endless = b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"".to_vec();
    endless.resize(8 * MEGABYTE, b'x');
    assert_eq!(refusal(raw_form(&ada, endless)).await.0, 413);
}

#[tokio::test]
async fn a_cut_connection_leaves_nothing_behind() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let mut socket = TcpStream::connect(house.address("http")).await.unwrap();
    let head = format!(
        "POST /api/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: 99999999\r\nContent-Type: \
         multipart/form-data; boundary=XX\r\n\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n",
        ada.token
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&vec![b'x'; 3 * MEGABYTE]).await.unwrap();
    let incoming = house.folder().join("blobs/tmp");
    until("the upload has begun", || !files(&incoming).is_empty()).await;
    drop(socket);
    until("the upload is gone", || files(&incoming).is_empty()).await;
    assert_eq!(files(&house.folder().join("blobs")).len(), 0);
}

#[tokio::test]
async fn equal_files_are_kept_once() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    ada.hands_in("One", b"the same").await;
    ada.hands_in("Two", b"the same").await;
    let kept = files(&house.folder().join("blobs"));
    let id = hex(&sha2::Sha256::digest(b"the same"));
    assert_eq!(kept, [house.folder().join("blobs").join(&id[..2]).join(&id)]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&kept[0]).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn hostile_file_names_come_out_harmless() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let long = format!("{}.zip", "x".repeat(300));
    let names: [(&[u8], &str); 9] = [
        (b"../../../etc/passwd", "passwd"),
        (b"..\\..\\a.zip", "a.zip"),
        (b"/etc/shadow", "shadow"),
        (b"..", "file"),
        (b"CON.txt", "_CON.txt"),
        (b"a\x1b[31m.zip", "a␛[31m.zip"),
        ("gpj.\u{202e}exe".as_bytes(), "gpj.‹U+202E›exe"),
        (b"\xff\xfe.zip", "\u{fffd}\u{fffd}.zip"),
        (b".htaccess", "htaccess"),
    ];
    let metadata = particulars("Snake").to_string();
    for (name, wanted) in names.into_iter().chain([(long.as_bytes(), &*format!("{}.zip", "x".repeat(196)))]) {
        let mut body = b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"".to_vec();
        body.extend_from_slice(name);
        body.extend_from_slice(b"\"\r\n\r\nPK\r\n");
        body.extend_from_slice(&written(&[("name=\"metadata\"", metadata.as_bytes())]));
        let (status, answer) = told(raw_form(&ada, body)).await;
        if name.contains(&0x1b) {
            // No header may hold such a byte.
            assert_eq!(status, 400);
            continue;
        }
        assert_eq!(status, 200, "{answer}");
        let app = ada.asks(Method::GET, &format!("/api/apps/{}", answer["app_id"])).await["app"].clone();
        assert_eq!(app["file_name"], json!(wanted));
        let response = send(ada.get(&format!("/api/download/{}", answer["app_id"]))).await;
        let disposition = header(&response, "content-disposition");
        assert!(disposition.is_ascii() && disposition.starts_with("attachment; filename=\""), "{disposition}");
    }
}

#[tokio::test]
async fn downloads_come_whole_in_part_and_only_if_changed() {
    let house = TestHouse::open().await;
    let (ada, root) = (Guest::enter(&house, "ada").await, Guest::admin(&house, "root1").await);
    let bytes: Vec<u8> = (0..3 * MEGABYTE + 17).map(|at| (at / 3) as u8).collect();
    let app = ada.hands_in("Snake", &bytes).await;
    root.asks(Method::POST, &format!("/api/approve/{app}")).await;
    let place = format!("/api/download/{app}");
    let stranger = Guest::stranger(&house);
    let size = bytes.len();

    let whole = send(stranger.get(&place)).await;
    assert_eq!(whole.status(), 200);
    let etag = header(&whole, "etag").to_owned();
    assert_eq!(etag, format!("\"{}\"", hex(&sha2::Sha256::digest(&bytes))));
    assert_eq!(header(&whole, "content-length"), size.to_string());
    assert_eq!(header(&whole, "accept-ranges"), "bytes");
    assert_eq!(header(&whole, "x-content-type-options"), "nosniff");
    assert_eq!(header(&whole, "content-security-policy"), "sandbox; default-src 'none'; frame-ancestors 'none'");
    assert_eq!(header(&whole, "content-disposition"), "attachment; filename=\"Snake.zip\"; filename*=UTF-8''Snake.zip");
    let digest = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, sha2::Sha256::digest(&bytes));
    assert_eq!(header(&whole, "repr-digest"), format!("sha-256=:{digest}:"));
    assert_eq!(deadline(whole.bytes()).await.unwrap(), bytes);

    let parts = [
        ("bytes=0-0", 0, 1),
        ("bytes=100-1048675", 100, MEGABYTE),
        ("bytes=1000-", 1000, size - 1000),
        ("bytes=-17", size - 17, 17),
        ("bytes=-99999999999", 0, size),
        ("bytes=5-99999999999999999999", 5, size - 5),
    ];
    for (range, first, length) in parts {
        let response = send(stranger.get(&place).header("Range", range)).await;
        assert_eq!(response.status(), 206, "{range}");
        assert_eq!(header(&response, "content-range"), format!("bytes {first}-{}/{size}", first + length - 1));
        assert_eq!(header(&response, "content-length"), length.to_string());
        assert_eq!(deadline(response.bytes()).await.unwrap(), &bytes[first..first + length], "{range}");
    }
    for range in ["bytes=0-1,5-6", "bytes=9-1", "nonsense", "lines=1-2"] {
        let response = send(stranger.get(&place).header("Range", range)).await;
        assert_eq!((response.status().as_u16(), header(&response, "content-range")), (200, ""), "{range}");
        assert_eq!(deadline(response.bytes()).await.unwrap().len(), size);
    }
    for range in [format!("bytes={size}-"), "bytes=-0".to_owned()] {
        let response = send(stranger.get(&place).header("Range", range)).await;
        assert_eq!(response.status(), 416);
        assert_eq!(header(&response, "content-range"), format!("bytes */{size}"));
    }
    let part = |condition: &str| stranger.get(&place).header("Range", "bytes=1-2").header("If-Range", condition);
    assert_eq!(send(part(&etag)).await.status(), 206);
    assert_eq!(send(part("\"another\"")).await.status(), 200);
    let unchanged = send(stranger.get(&place).header("If-None-Match", &etag)).await;
    assert_eq!((unchanged.status().as_u16(), header(&unchanged, "etag")), (304, etag.as_str()));

    let head = send(stranger.request(Method::HEAD, &place).header("Range", "bytes=1-2")).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, &*size.to_string()));
    assert!(deadline(head.bytes()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_download_is_counted_once_from_its_first_byte() {
    let house = TestHouse::open().await;
    let (ada, root) = (Guest::enter(&house, "ada").await, Guest::admin(&house, "root1").await);
    let app = ada.hands_in("Snake", b"0123456789").await;
    let place = format!("/api/download/{app}");
    send(ada.get(&place)).await;
    root.asks(Method::POST, &format!("/api/approve/{app}")).await;
    let count = async || ada.asks(Method::GET, &format!("/api/apps/{app}")).await["app"]["downloads"].clone();
    send(ada.request(Method::HEAD, &place)).await;
    send(ada.get(&place).header("Range", "bytes=5-")).await;
    send(ada.get(&place).header("Range", "bytes=50-")).await;
    send(ada.get(&place).header("If-None-Match", "*")).await;
    assert_eq!(count().await, json!(0));
    send(ada.get(&place)).await;
    send(ada.get(&place).header("Range", "bytes=0-4")).await;
    assert_eq!(count().await, json!(2));
    assert_eq!(ada.asks(Method::GET, "/api/stats").await["stats"]["total_downloads"], json!(2));
}

#[tokio::test]
async fn the_repository_is_listed_searched_and_counted() {
    let house = TestHouse::open().await;
    let (ada, root) = (Guest::enter(&house, "ada").await, Guest::admin(&house, "root1").await);
    for name in ["Snake", "Chess", "Waiting"] {
        let app = ada.hands_in(name, name.as_bytes()).await;
        if name != "Waiting" {
            root.asks(Method::POST, &format!("/api/approve/{app}")).await;
        }
    }
    let stranger = Guest::stranger(&house);
    let names = |answer: &Value| -> Vec<String> {
        answer["apps"].as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&stranger.asks(Method::GET, "/api/repository").await), ["Chess", "Snake"]);
    let games = stranger.asks(Method::GET, "/api/repository/game").await;
    assert_eq!((games["category"].as_str(), names(&games).len()), (Some("game"), 2));
    let none = stranger.asks(Method::GET, "/api/repository/virus").await;
    assert_eq!((none["category"].as_str(), names(&none).len()), (Some("virus"), 0));
    let found = stranger.asks(Method::GET, "/api/search?q=SNA&category=game").await;
    assert_eq!((found["query"].as_str(), names(&found)), (Some("SNA"), vec!["Snake".to_owned()]));
    assert!(names(&stranger.asks(Method::GET, "/api/search?q=snake&category=component").await).is_empty());
    assert!(names(&stranger.asks(Method::GET, "/api/search?q=%25").await).is_empty());
    for nothing in ["/api/search", "/api/search?q=", "/api/search?category=game"] {
        assert_eq!(stranger.refused(Method::GET, nothing).await, (400, "Search query required".to_owned()));
    }
    let stats = stranger.asks(Method::GET, "/api/stats").await["stats"].clone();
    assert_eq!(stats, json!({"total_apps": 2, "pending_apps": 1, "total_downloads": 0, "categories": {"game": 2}}));
}

#[tokio::test]
async fn every_error_is_json() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let places = [
        (Method::GET, "/api/nothing", 404),
        (Method::GET, "/api", 404),
        (Method::PUT, "/api/stats", 405),
        (Method::GET, "/api/upload", 405),
        (Method::GET, "/api/download/abc", 404),
        (Method::GET, "/api/download/%ff", 404),
        (Method::GET, "/api/download/-1", 404),
        (Method::GET, "/api/download/99999999999999999999", 404),
        (Method::GET, "/api/download/..%2f..%2fetc%2fpasswd", 404),
        (Method::GET, "/api/files/abc", 404),
        (Method::GET, "/api/files/1", 404),
        (Method::DELETE, "/api/delete/1.5", 404),
        (Method::GET, "/api/apps/0", 404),
        (Method::POST, "/api/approve/x", 404),
        (Method::GET, "/api/uploads", 405),
        (Method::HEAD, "/api/stats/x", 404),
    ];
    for (method, path, wanted) in places {
        if method == Method::HEAD {
            assert_eq!(send(ada.request(method, path)).await.status().as_u16(), wanted);
            continue;
        }
        let (status, said) = ada.refused(method, path).await;
        assert_eq!(status, wanted, "{path}: {said}");
        assert!(!said.is_empty());
    }
    let login = |body: String| ada.post("/api/login").body(body);
    assert_eq!(refusal(login("no json".to_owned())).await.0, 400);
    assert_eq!(refusal(login("[".repeat(60_000))).await.0, 400);
    assert_eq!(refusal(login(format!("{{\"username\":\"{}\"}}", "x".repeat(MEGABYTE)))).await.0, 413);
    assert_eq!(refusal(login("{\"username\":1,\"password\":1e999}".to_owned())).await.0, 400);
}

#[tokio::test]
async fn pages_that_are_let_in_may_use_the_api() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.public =
            titan_server::config::Public { url: None, origins: "https://example.org".parse().unwrap() }.into();
    })
    .await;
    let stranger = Guest::stranger(&house);
    let asked = stranger
        .request(Method::OPTIONS, "/api/uploads/0123")
        .header("Origin", "https://example.org")
        .header("Access-Control-Request-Method", "PATCH")
        .header("Access-Control-Request-Headers", "authorization,tus-resumable,upload-offset");
    let allowed = send(asked).await;
    assert_eq!(allowed.status(), 204);
    assert_eq!(header(&allowed, "access-control-allow-origin"), "https://example.org");
    assert!(header(&allowed, "access-control-allow-methods").contains("PATCH"));
    assert_eq!(header(&allowed, "access-control-allow-headers"), "authorization,tus-resumable,upload-offset");
    for path in ["/api/stats", "/api/nothing", "/api/pending"] {
        let answer = send(stranger.get(path).header("Origin", "https://example.org")).await;
        assert_eq!(header(&answer, "access-control-allow-origin"), "https://example.org");
        assert!(header(&answer, "access-control-expose-headers").contains("Upload-Offset"));
    }
}

#[tokio::test]
async fn the_house_says_how_it_is() {
    const KEY: &str = "0123456789abcdef";
    let with_key = |config: &mut titan_server::config::Config| {
        (config.limits, config.metrics_key) = (false, Some(KEY.into()));
    };
    let mut house = TestHouse::open_with(with_key).await;
    let ada = Guest::enter(&house, "ada").await;
    let native = house.enter("bob").await;
    let (status, health) = told(ada.get("/healthz")).await;
    assert_eq!((status, health["status"].as_str()), (200, Some("ok")));
    ada.hands_in("Snake", &[7; 1000]).await;
    let metrics = |key: &str| ada.http.get(format!("{}/metrics", ada.origin)).bearer_auth(key);
    let told_metrics = deadline(send(metrics(KEY)).await.text()).await.unwrap();
    assert!(told_metrics.contains("\ntitan_uploaded_bytes_total 1000\n"), "{told_metrics}");
    assert!(told_metrics.contains("\ntitan_accounts_online 1\n"), "{told_metrics}");
    for refused in [ada.get("/metrics"), metrics("0123456789abcdeg")] {
        assert_eq!(send(refused).await.status(), 403, "this machine is no key");
    }
    drop(native);
    assert_eq!(send(ada.get("/nothing/here")).await.status(), 404);
    house.restart().await;
    assert_eq!(told(ada.get("/healthz")).await.0, 200);
}

#[tokio::test]
async fn a_banned_account_can_do_nothing_here() {
    let house = TestHouse::open().await;
    let ada = Guest::enter(&house, "ada").await;
    let mut root = house.enter("root1").await;
    house.make_admin("root1");
    let account = ada
        .http
        .post(format!("{}/api/login", ada.origin))
        .json(&json!({"username": "ada", "password": "secret-password"}));
    let account = told(account).await.1["user"]["id"].clone();
    root.ok(json!({"do": "ban", "account": account, "reason": "spam"})).await;
    assert_eq!(ada.refused(Method::POST, "/api/upload").await.0, 401);
    let login = ada.post("/api/login").json(&json!({"username": "ada", "password": "secret-password"}));
    assert_eq!(refusal(login).await.0, 403);
}

#[tokio::test]
async fn the_same_is_spoken_over_tls() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.tls = titan_server::config::Tls::SelfSigned;
    })
    .await;
    let http = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).no_proxy().build().unwrap();
    let stats = format!("https://{}/api/stats", house.address("http"));
    let response = send(http.get(&stats)).await;
    assert_eq!(response.status(), 200);
    // Nobody falls back to plain text.
    assert!(deadline(http.get(stats.replace("https", "http")).send()).await.is_err());
}
