//! Somebody at the channels door, as the original's page and scripts come in.

use futures_util::{SinkExt, StreamExt};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::support::{DEADLINE, Socket, TestHouse, deadline};

pub const PASSWORD: &str = "secret-password";
pub const GENERAL: i64 = 1;

pub struct User {
    http: Client,
    origin: String,
    pub name: String,
    pub id: i64,
    pub token: String,
}

impl User {
    /// Somebody who has said nothing of themselves.
    pub fn stranger(house: &TestHouse) -> Self {
        let http = Client::builder().timeout(DEADLINE).no_proxy().build().unwrap();
        Self { http, origin: house.http(), name: String::new(), id: 0, token: String::new() }
    }

    /// Somebody registered and logged in here.
    pub async fn enter(house: &TestHouse, name: &str) -> Self {
        let mut user = Self::stranger(house);
        let registered = user.ok(user.post("/auth/register", &credentials(name))).await;
        assert_eq!(registered, json!({"id": registered["id"], "username": name}));
        user.id = registered["id"].as_i64().unwrap();
        user.name = name.to_owned();
        user.login().await;
        user
    }

    pub async fn login(&mut self) {
        let told = self.ok(self.post("/auth/login", &credentials(&self.name))).await;
        assert_eq!(told, json!({"access_token": told["access_token"], "token_type": "bearer"}));
        self.token = told["access_token"].as_str().unwrap().to_owned();
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.origin));
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.request(Method::POST, path).json(body)
    }

    /// What a request is given that must succeed.
    pub async fn ok(&self, request: RequestBuilder) -> Value {
        let (status, told) = told(request).await;
        assert_eq!(status, 200, "{told}");
        told
    }

    pub async fn makes(&self, channel: &str) -> i64 {
        let made = self.ok(self.post("/channels", &json!({"name": channel}))).await;
        assert_eq!(made, json!({"id": made["id"], "name": channel, "is_dm": false}));
        made["id"].as_i64().unwrap()
    }

    pub async fn joins(&self, channel: i64) -> Value {
        self.ok(self.request(Method::POST, &format!("/channels/{channel}/join"))).await
    }

    pub async fn says(&self, channel: i64, content: &str) -> Value {
        self.ok(self.post(&format!("/channels/{channel}/messages"), &json!({"content": content}))).await
    }

    pub async fn shares(&self, channel: i64, name: &str, bytes: &[u8]) -> Value {
        self.ok(self.request(Method::POST, &format!("/channels/{channel}/files")).multipart(form(name, bytes))).await
    }

    /// What was said last, oldest first.
    pub async fn reads(&self, channel: i64) -> Vec<String> {
        let messages = self.ok(self.get(&format!("/channels/{channel}/messages"))).await;
        messages.as_array().unwrap().iter().map(|message| message["content"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn listens(&self, channel: i64) -> Ear {
        self.tries_to_listen(&format!("{channel}?token={}", self.token)).await.expect("the handshake was refused")
    }

    /// Opens a socket; else the status of the refusal.
    pub async fn tries_to_listen(&self, rest: &str) -> Result<Ear, u16> {
        let url = format!("{}/ws/channels/{rest}", self.origin.replace("http:", "ws:"));
        match deadline(tokio_tungstenite::connect_async(url)).await {
            Ok((socket, _)) => Ok(Ear { socket }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }
}

pub fn credentials(name: &str) -> Value {
    json!({"username": name, "password": PASSWORD})
}

pub fn form(name: &str, bytes: &[u8]) -> Form {
    Form::new().part("upload", Part::bytes(bytes.to_vec()).file_name(name.to_owned()))
}

/// Status and JSON.
pub async fn told(request: RequestBuilder) -> (u16, Value) {
    let response = send(request).await;
    let status = response.status().as_u16();
    let text = deadline(response.text()).await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} is answered by no JSON: {text:?}")))
}

pub async fn send(request: RequestBuilder) -> Response {
    deadline(request.send()).await.unwrap()
}

/// A socket of one channel.
pub struct Ear {
    pub socket: Socket,
}

impl Ear {
    pub async fn says(&mut self, text: &str) {
        deadline(self.socket.send(Message::text(text))).await.unwrap();
    }

    /// The next frame, to the byte.
    pub async fn frame(&mut self) -> String {
        loop {
            match deadline(self.socket.next()).await {
                Some(Ok(Message::Text(text))) => return text.to_string(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("no frame but {other:?}"),
            }
        }
    }

    pub async fn hears(&mut self) -> Value {
        serde_json::from_str(&self.frame().await).unwrap()
    }

    /// The very next event must be these words.
    pub async fn hears_text(&mut self, content: &str) -> Value {
        let event = self.hears().await;
        assert_eq!((&event["type"], &event["content"]), (&json!("message"), &json!(content)), "{event}");
        event
    }

    /// The code the server closes with, and what came before.
    pub async fn is_closed(&mut self) -> (u16, Vec<Value>) {
        let mut before = Vec::new();
        loop {
            match deadline(self.socket.next()).await {
                Some(Ok(Message::Text(text))) => before.push(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(close))) => return (close.map_or(1005, |close| close.code.into()), before),
                Some(Ok(_)) => {}
                other => panic!("no close but {other:?}"),
            }
        }
    }
}
