//! Clients as the original had them: no request ids, replies known by their type.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Socket, TestHouse, deadline};

pub const PASSWORD: &str = "secret-password";

/// One connection at the Titan-Net door.
pub struct Client {
    pub socket: Socket,
    /// What came while something else was waited for.
    heard: Vec<Value>,
    closed: Option<u16>,
    pub id: i64,
    pub number: i64,
    pub name: String,
    pub session: String,
    pub is_admin: bool,
}

/// A stranger.
pub async fn client(house: &TestHouse) -> Client {
    let url = format!("ws://{}/any/path?at=all", house.address("titan-net"));
    let (socket, _) = deadline(tokio_tungstenite::connect_async(url)).await.unwrap();
    Client {
        socket,
        heard: Vec::new(),
        closed: None,
        id: 0,
        number: 0,
        name: String::new(),
        session: String::new(),
        is_admin: false,
    }
}

/// Makes an account and gives the reply.
pub async fn register(house: &TestHouse, name: &str) -> Value {
    let request = json!({"type": "register", "username": name, "password": PASSWORD});
    let reply = client(house).await.ask(request, "register_response").await;
    assert_eq!(reply["success"], true, "{reply}");
    reply
}

/// Somebody registered and logged in, who has heard that they are online.
pub async fn enter(house: &TestHouse, name: &str) -> Client {
    register(house, name).await;
    login(house, name).await
}

async fn login(house: &TestHouse, name: &str) -> Client {
    let mut client = client(house).await;
    let reply = client.ask(json!({"type": "login", "username": name, "password": PASSWORD}), "login_response").await;
    assert_eq!(reply["success"], true, "{reply}");
    client.id = reply["user"]["id"].as_i64().unwrap();
    client.number = reply["user"]["titan_number"].as_i64().unwrap();
    client.session = reply["session_id"].as_str().unwrap().to_owned();
    client.is_admin = reply["user"]["is_admin"] == true;
    client.name = name.to_owned();
    client.hears_of(name, "online").await;
    client
}

impl Client {
    /// The same person once more.
    pub async fn again(&self, house: &TestHouse) -> Client {
        login(house, &self.name).await
    }

    /// Somebody else who has registered before.
    pub async fn other(&self, house: &TestHouse, name: &str) -> Client {
        login(house, name).await
    }

    pub async fn says(&mut self, request: Value) {
        self.says_raw(&request.to_string()).await;
    }

    pub async fn says_raw(&mut self, text: &str) {
        deadline(self.socket.send(Message::text(text))).await.unwrap();
    }

    /// The very next frame; a close is remembered.
    pub async fn frame(&mut self) -> Option<Value> {
        loop {
            match deadline(self.socket.next()).await {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(close))) => self.closed = close.map(|close| close.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// The next frame, of which none has been passed over.
    pub async fn next(&mut self) -> Value {
        assert!(self.heard.is_empty(), "passed over: {:?}", self.heard);
        self.frame().await.expect("the server closed")
    }

    /// The next frame that is one of these; others are kept.
    pub async fn next_of(&mut self, names: &[&str]) -> Value {
        self.waits_for(|frame| names.iter().any(|name| frame["type"] == *name)).await
    }

    /// Waits for a frame of a type; others are kept.
    pub async fn hears(&mut self, name: &str) -> Value {
        self.next_of(&[name]).await
    }

    pub async fn hears_of(&mut self, who: &str, status: &str) -> Value {
        self.waits_for(|frame| frame["type"] == "user_status" && frame["username"] == who && frame["status"] == status)
            .await
    }

    async fn waits_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.heard.iter().position(&wanted) {
            return self.heard.remove(at);
        }
        loop {
            let frame = self.frame().await.expect("the server closed before it came");
            if wanted(&frame) {
                return frame;
            }
            self.heard.push(frame);
        }
    }

    pub async fn ask(&mut self, request: Value, reply: &str) -> Value {
        self.says(request).await;
        self.hears(reply).await
    }

    /// What the `error` says that answers a request.
    pub async fn error(&mut self, request: Value) -> String {
        let error = self.ask(request, "error").await;
        has_just(&error, &["type", "error"]);
        error["error"].as_str().unwrap().to_owned()
    }

    /// Everything heard before an answer that is asked for now: a way to be sure that something did not come.
    pub async fn heard_by_now(&mut self) -> Vec<Value> {
        self.says(json!({"type": "ping"})).await;
        self.waits_for(|frame| frame["type"] == "pong" || frame["error"] == "Not authenticated").await;
        std::mem::take(&mut self.heard)
    }

    /// The code the server closes with, once everything before is read; none for a connection that just breaks.
    pub async fn is_closed(&mut self) -> Option<u16> {
        while let Some(frame) = self.frame().await {
            self.heard.push(frame);
        }
        self.closed
    }
}

/// The object has these fields and no others. (Their order is the encoders' own tests' to see.)
pub fn has_just(object: &Value, names: &[&str]) {
    let mut wanted = names.to_vec();
    wanted.sort_unstable();
    let mut got: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    got.sort_unstable();
    assert_eq!(got, wanted, "{object}");
}

/// Whether it is a time such as `2025-01-20T10:00:00.000000`.
pub fn is_moment(text: &Value) -> bool {
    let text = text.as_str().unwrap();
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00.000000"
}
