//! A server of one file, which also takes one upload: as much HTTP as the tests need, and as unreliable.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::tungstenite::Message;

use crate::BlobId;

/// What a finished upload became.
pub const RESULT: &str = r#"{"conversation":1,"seq":5,"id":9,"at":0}"#;

pub struct Files {
    port: u16,
    script: Arc<Mutex<Script>>,
}

/// What is served, and what goes wrong.
pub struct Script {
    pub bytes: Vec<u8>,
    name: String,
    size: usize,
    sha256: BlobId,
    /// Bytes after which a transfer is cut, one at a time.
    pub cuts: VecDeque<usize>,
    pub stalls: u32,
    pub slowly: bool,
    pub ranges: bool,
    /// Refuses everything so.
    pub status: Option<&'static str>,
    pub received: Vec<u8>,
    upload: Option<u64>,
    uploads: u64,
    length: usize,
    log: Vec<String>,
}

impl Script {
    pub fn forget_upload(&mut self) {
        self.upload = None;
    }
}

impl Files {
    pub async fn new(name: &str, bytes: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let script = Script {
            name: name.to_owned(),
            size: bytes.len(),
            sha256: BlobId(Sha256::digest(&bytes).into()),
            bytes,
            cuts: VecDeque::new(),
            stalls: 0,
            slowly: false,
            ranges: true,
            status: None,
            received: Vec::new(),
            upload: None,
            uploads: 0,
            length: 0,
            log: Vec::new(),
        };
        let files = Self { port: listener.local_addr().unwrap().port(), script: Arc::new(Mutex::new(script)) };
        let script = files.script.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, script.clone()));
            }
        });
        files
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn script<T>(&self, change: impl FnOnce(&mut Script) -> T) -> T {
        change(&mut self.script.lock().unwrap())
    }

    /// The heads of the HTTP requests so far, in small letters.
    pub fn log(&self) -> Vec<String> {
        self.script(|script| script.log.clone())
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    let mut first = [0; 11];
    while stream.peek(&mut first).await.is_ok_and(|count| count > 0 && count < first.len()) {
        tokio::task::yield_now().await;
    }
    if first.starts_with(b"GET /titan ") {
        return talk(stream, script).await;
    }
    while let Some(head) = head(&mut stream).await {
        if answer(&mut stream, &head, &script).await.is_none() {
            return;
        }
    }
}

async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap().to_lowercase())
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).map(str::to_owned)
}

async fn answer(stream: &mut TcpStream, head: &str, script: &Mutex<Script>) -> Option<()> {
    let status = {
        let mut script = script.lock().unwrap();
        script.log.push(head.to_owned());
        script.status
    };
    if let Some(status) = status {
        let body = r#"{"success":false,"error":"No."}"#;
        let retry = "retry-after: 0\r\n";
        let text = format!("HTTP/1.1 {status}\r\n{retry}content-length: {}\r\n\r\n{body}", body.len());
        return stream.write_all(text.as_bytes()).await.ok();
    }
    match head.split(' ').next()? {
        "get" => give(stream, head, script).await,
        "patch" => take(stream, head, script).await,
        method => manage(stream, method, head, script).await,
    }
}

async fn give(stream: &mut TcpStream, head: &str, script: &Mutex<Script>) -> Option<()> {
    let (from, bytes, cut, stall, slowly) = {
        let mut script = script.lock().unwrap();
        let stall = std::mem::take(&mut script.stalls) > 0;
        let range = header(head, "range").filter(|_| script.ranges);
        let from = range.map(|range| range["bytes=".len()..].trim_end_matches('-').parse::<usize>().unwrap());
        let cut = script.cuts.pop_front();
        (from, script.bytes[from.unwrap_or(0)..].to_vec(), cut, stall, script.slowly)
    };
    let total = bytes.len() + from.unwrap_or(0);
    let status = match from {
        Some(from) => format!("206 Partial Content\r\ncontent-range: bytes {from}-{}/{total}", total.max(1) - 1),
        None => "200 OK".to_owned(),
    };
    stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", bytes.len()).as_bytes()).await.ok()?;
    let end = if stall { bytes.len() / 2 } else { cut.unwrap_or(bytes.len()).min(bytes.len()) };
    for piece in bytes[..end].chunks(100_000) {
        stream.write_all(piece).await.ok()?;
        if slowly {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    if stall {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    cut.is_none().then_some(())
}

async fn take(stream: &mut TcpStream, head: &str, script: &Mutex<Script>) -> Option<()> {
    let length: usize = header(head, "content-length")?.parse().ok()?;
    let offset: usize = header(head, "upload-offset")?.parse().ok()?;
    let cut = {
        let mut script = script.lock().unwrap();
        assert_eq!(offset, script.received.len(), "bytes for another place");
        script.cuts.pop_front()
    };
    let mut left = length.min(cut.unwrap_or(length));
    let mut buffer = vec![0; 64 * 1024];
    while left > 0 {
        let most = left.min(buffer.len());
        let count = stream.read(&mut buffer[..most]).await.ok().filter(|count| *count > 0)?;
        script.lock().unwrap().received.extend_from_slice(&buffer[..count]);
        left -= count;
    }
    if cut.is_some() {
        return None;
    }
    say(stream, "204 No Content", &stand(script)).await
}

/// How far the upload is, and what it became.
fn stand(script: &Mutex<Script>) -> String {
    let script = script.lock().unwrap();
    let result =
        if script.received.len() == script.length { format!("titan-result: {RESULT}\r\n") } else { String::new() };
    format!("upload-offset: {}\r\n{result}", script.received.len())
}

async fn manage(stream: &mut TcpStream, method: &str, head: &str, script: &Mutex<Script>) -> Option<()> {
    assert_eq!(header(head, "tus-resumable").as_deref(), Some("1.0.0"));
    let is_there = {
        let script = script.lock().unwrap();
        script.upload.is_some_and(|upload| head.contains(&format!("/api/uploads/{upload} ")))
    };
    match method {
        "post" => {
            let place = {
                let mut script = script.lock().unwrap();
                script.uploads += 1;
                script.upload = Some(script.uploads);
                script.length = header(head, "upload-length")?.parse().ok()?;
                script.received.clear();
                format!("location: /api/uploads/{}\r\n", script.uploads)
            };
            say(stream, "201 Created", &place).await
        }
        "head" if is_there => say(stream, "200 OK", &stand(script)).await,
        "delete" if is_there => say(stream, "204 No Content", "").await,
        _ => say(stream, "404 Not Found", "").await,
    }
}

async fn say(stream: &mut TcpStream, status: &str, headers: &str) -> Option<()> {
    let length = if status.starts_with("204") { "" } else { "content-length: 0\r\n" };
    let text = format!("HTTP/1.1 {status}\r\ntus-resumable: 1.0.0\r\n{headers}{length}\r\n");
    stream.write_all(text.as_bytes()).await.ok()
}

/// The socket's side: lets anybody in, and knows one file and one app.
async fn talk(stream: TcpStream, script: Arc<Mutex<Script>>) {
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    while let Some(Ok(frame)) = socket.next().await {
        let Message::Text(text) = frame else { continue };
        let request: Value = serde_json::from_str(&text).unwrap();
        let ok = reply(&request, &script.lock().unwrap());
        let _ = socket.send(Message::text(json!({"id": request["id"], "ok": ok}).to_string())).await;
    }
}

fn reply(request: &Value, script: &Script) -> Value {
    let ada = json!({"id": 7, "username": "ada", "titan_number": 10_007, "role": "user", "created_at": 5});
    match request["do"].as_str().unwrap() {
        "authenticate" => json!({"account": ada, "session": 1, "token": "t0k3n", "now": 0}),
        "conversations" => json!({"conversations": []}),
        "resume" => json!({"heads": []}),
        "file" => json!({"id": 8, "name": script.name, "size": script.size, "sha256": script.sha256}),
        "app" => json!({
            "id": 4, "name": "Tetris", "description": "", "category": "game", "version": "1", "author": ada,
            "file_name": script.name, "size": script.size, "sha256": script.sha256, "state": "approved",
            "downloads": 0, "uploaded_at": 0
        }),
        other => panic!("asked {other}"),
    }
}
