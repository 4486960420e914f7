//! What isn't spoken here is refused, never left aside: something else than was asked would come of it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::edges::hosts::{answer, status};
use crate::support::TestHouse;

#[tokio::test(flavor = "multi_thread")]
async fn pieces_of_an_extension_that_is_not_spoken_become_nothing() {
    let house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    let (http, token) = (house.address("http"), ada.token.clone());
    let (one, name) = (BASE64_STANDARD.encode("1"), BASE64_STANDARD.encode("big.bin"));
    let begin = |headers: &str| {
        format!(
            "POST /api/uploads HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTus-Resumable: 1.0.0\r\nAuthorization: Bearer {}\r\n\
             Upload-Length: 4\r\nUpload-Metadata: conversation {one},filename {name}\r\nContent-Type: Application/Offset+Octet-Stream\r\n\
             Content-Length: 4\r\n{headers}\r\npart",
            token
        )
    };
    for headers in [
        "Upload-Concat: partial\r\n",
        "Upload-Concat: final;/api/uploads/a /api/uploads/b\r\n",
        "Upload-Defer-Length: 1\r\n",
        "Upload-Draft-Interop-Version: 6\r\n",
        "Trailer: Upload-Checksum\r\n",
    ] {
        let said = answer(http, &begin(headers)).await;
        assert!(said.starts_with("HTTP/1.1 400 ") && said.contains("{\"success\":false"), "{said}");
    }
    let refused = [
        ("Content-Encoding: gzip\r\n", 415),
        ("Content-Range: bytes 0-3/8\r\n", 400),
        ("Expect: 200-ok\r\n", 417),
        ("Host: y\r\n", 400),
    ];
    for (headers, status) in refused {
        let said = answer(http, &begin(headers)).await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")) && said.contains("{\"success\":false,"), "{said}");
        let channels = begin(headers).replace("/api/uploads", "/channels/1/files");
        let said = answer(http, &channels).await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")) && said.contains("{\"detail\":\""), "{said}");
        let elsewhere = begin(headers).replace("/api/uploads", "/healthz");
        assert!(answer(http, &elsewhere).await.contains("text/plain"));
    }
    let before = ada.ok(json!({"do": "history", "conversation": 1})).await;
    assert!(before["entries"].as_array().unwrap().iter().all(|entry| entry.get("file").is_none()), "{before}");
    assert_eq!(status(http, &begin("")).await, 201);
    ada.hears(|event| event["entry"]["file"]["size"] == 4).await;
}
