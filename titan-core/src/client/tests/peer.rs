//! The other end of a socket, which says what a test tells it to.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::super::socket::Stream;
use super::entry;

/// Whatever a test waits for comes within this, or never.
pub async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), work).await.expect("it did not happen in time")
}

pub struct Peer {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Peer {
    pub async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap(), tls: None }
    }

    pub fn with_new_certificate(mut self) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        self.tls = Some(TlsAcceptor::from(Arc::new(config)));
        self
    }

    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.listener.local_addr().unwrap().port())
    }

    pub async fn accept(&self) -> Talk {
        let (stream, _) = soon(self.listener.accept()).await.unwrap();
        let stream: Box<dyn Stream> = match &self.tls {
            Some(tls) => Box::new(soon(tls.accept(stream)).await.unwrap()),
            None => Box::new(stream),
        };
        Talk { socket: soon(tokio_tungstenite::accept_async(stream)).await.unwrap() }
    }

    pub async fn fails_to_accept(&self) {
        let (stream, _) = soon(self.listener.accept()).await.unwrap();
        assert!(soon(self.tls.as_ref().unwrap().accept(stream)).await.is_err());
    }

    /// Answers one request as a web server would that knows nothing of Titan.
    pub async fn answers_http(&self, status: &str) {
        let (mut stream, _) = soon(self.listener.accept()).await.unwrap();
        let mut request = [0; 4096];
        let _ = soon(stream.read(&mut request)).await.unwrap();
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

pub struct Talk {
    socket: WebSocketStream<Box<dyn Stream>>,
}

impl Talk {
    /// The next request.
    pub async fn next(&mut self) -> Value {
        soon(self.try_next()).await.expect("the client went away")
    }

    async fn try_next(&mut self) -> Option<Value> {
        loop {
            if let Message::Text(text) = self.socket.next().await?.ok()? {
                return Some(serde_json::from_str(&text).unwrap());
            }
        }
    }

    /// The next request, which must be this one.
    pub async fn hears(&mut self, command: &str) -> Value {
        let request = self.next().await;
        assert_eq!(request["do"], command, "{request}");
        request
    }

    /// The same, or none if the client went away.
    pub async fn try_hears(&mut self, command: &str) -> Option<Value> {
        let request = soon(self.try_next()).await?;
        assert_eq!(request["do"], command, "{request}");
        Some(request)
    }

    pub async fn is_closed(&mut self) -> bool {
        soon(self.try_next()).await.is_none()
    }

    pub async fn pushes(&mut self, event: Value) {
        let _ = self.socket.send(Message::text(event.to_string())).await;
    }

    pub async fn answers(&mut self, request: &Value, ok: Value) {
        self.pushes(json!({"id": request["id"], "ok": ok})).await;
    }

    pub async fn refuses(&mut self, request: &Value, code: &str, message: &str) {
        self.pushes(json!({"id": request["id"], "error": {"code": code, "message": message}})).await;
    }

    pub async fn refuses_for_now(&mut self, request: &Value) {
        let error = json!({"code": "rate_limited", "message": "Too fast.", "retry_after_ms": 1});
        self.pushes(json!({"id": request["id"], "error": error})).await;
    }

    /// Lets the client in: login, who, conversations, resume. What it wants to resume.
    pub async fn welcomes(&mut self, conversations: &[Value]) -> Value {
        let login = self.next().await;
        self.welcomes_after(login, conversations).await
    }

    pub async fn welcomes_after(&mut self, login: Value, conversations: &[Value]) -> Value {
        self.lets_in(login, Value::Null, conversations).await
    }

    /// The same, in a house of this epoch.
    pub async fn welcomes_in(&mut self, epoch: &str, conversations: &[Value]) -> Value {
        let login = self.next().await;
        self.lets_in(login, epoch.into(), conversations).await
    }

    async fn lets_in(&mut self, login: Value, epoch: Value, conversations: &[Value]) -> Value {
        assert!(login["do"] == "login" || login["do"] == "authenticate", "{login}");
        let entered = json!({"account": account(7, "ada"), "session": 1, "token": "t0k3n", "now": 0, "epoch": epoch});
        self.answers(&login, entered).await;
        let who = self.hears("who").await;
        self.answers(&who, json!({"people": []})).await;
        let asked = self.hears("conversations").await;
        self.answers(&asked, json!({"conversations": conversations})).await;
        let resume = self.hears("resume").await;
        self.answers(&resume, json!({"heads": []})).await;
        self.pushes(json!({"event": "caught_up"})).await;
        resume["after"].clone()
    }
}

pub fn account(id: i64, username: &str) -> Value {
    json!({"id": id, "username": username, "titan_number": 10_000 + id, "role": "user", "created_at": 5})
}

pub fn room(id: i64, head: i64) -> Value {
    let room = json!({"id": id, "name": "general", "kind": "text", "locked": false, "members": 2, "created_at": 1, "joined": true});
    json!({"id": id, "room": room, "head": head, "read": 0, "unread": 0, "mentions": 0, "room_role": "member"})
}

pub fn direct(id: i64, head: i64) -> Value {
    let with = account(8, "bob");
    json!({"id": id, "direct": with, "head": head, "read": 0, "unread": 0, "mentions": 0, "room_role": "member"})
}

pub fn entry_event(conversation: i64, seq: i64) -> Value {
    json!({"event": "entry", "entry": entry(conversation, seq, "x")})
}
