//! The channels server's page: it keeps a token, asks for what it shows in the order in which it shows it, and has a socket
//! for the channel that is open. What it is answered must be 200 and of the right shape; a null where a text belongs shows
//! as "null".

use reqwest::Method;
use serde_json::{Value, json};

use crate::channels_support::{Ear, User, form};
use crate::support::TestHouse;

pub struct Page {
    user: User,
    channel: Option<i64>,
    socket: Option<Ear>,
    /// What it shows of the channel, a line each.
    pub shown: Vec<String>,
}

impl Page {
    pub fn opens(house: &TestHouse) -> Self {
        Self { user: User::stranger(house), channel: None, socket: None, shown: Vec::new() }
    }

    pub async fn registers(&self, username: &str, password: &str) {
        let registered = self.user.ok(self.user.post("/auth/register", &credentials(username, password))).await;
        assert_eq!((&registered["username"], registered["id"].is_i64()), (&json!(username), true));
    }

    /// The token is kept, who it is is asked for, and the list of channels shown: names, and which are directs.
    pub async fn logs_in(&mut self, username: &str, password: &str) -> Vec<(i64, String, bool)> {
        let told = self.user.ok(self.user.post("/auth/login", &credentials(username, password))).await;
        assert_eq!(told["token_type"], "bearer");
        self.user.token = told["access_token"].as_str().unwrap().to_owned();
        self.comes_back().await
    }

    /// The same after the page was loaded again: the token is in its storage.
    pub async fn comes_back(&mut self) -> Vec<(i64, String, bool)> {
        let me = self.user.ok(self.user.get("/me")).await;
        (self.user.id, self.user.name) = (number(&me, "id"), text(&me, "username"));
        let channels = self.user.ok(self.user.get("/channels")).await;
        let row = |one: &Value| (number(one, "id"), text(one, "name"), one["is_dm"].as_bool().unwrap());
        channels.as_array().unwrap().iter().map(row).collect()
    }

    pub fn id(&self) -> i64 {
        self.user.id
    }

    pub async fn makes(&mut self, name: &str) -> i64 {
        number(&self.user.ok(self.user.post("/channels", &json!({"name": name}))).await, "id")
    }

    /// Joins it, shows what was said there last, and listens.
    pub async fn selects(&mut self, channel: i64) {
        self.user.ok(self.user.request(Method::POST, &format!("/channels/{channel}/join"))).await;
        let messages = self.user.ok(self.user.get(&format!("/channels/{channel}/messages?limit=50"))).await;
        self.shown = messages.as_array().unwrap().iter().map(line).collect();
        self.socket = Some(self.user.listens(channel).await);
        self.channel = Some(channel);
    }

    pub async fn says(&mut self, content: &str) {
        self.socket.as_mut().unwrap().says(content).await;
    }

    pub async fn shares(&mut self, name: &str, bytes: &[u8]) -> i64 {
        let path = format!("/channels/{}/files", self.channel.unwrap());
        number(&self.user.ok(self.user.request(Method::POST, &path).multipart(form(name, bytes))).await, "id")
    }

    pub async fn downloads(&self, file: i64) -> Vec<u8> {
        crate::guests::bytes::bytes_of(self.user.get(&format!("/files/{file}"))).await.unwrap()
    }

    /// Listens until it shows this line.
    pub async fn sees(&mut self, wanted: &str) {
        while !self.shown.iter().any(|line| line == wanted) {
            let event = self.socket.as_mut().unwrap().hears().await;
            assert_eq!(event["channel_id"].as_i64(), self.channel, "{event}");
            self.shown.push(line(&event));
        }
    }
}

fn credentials(username: &str, password: &str) -> Value {
    json!({"username": username, "password": password})
}

/// `ada: hello`, and `ada shared a.txt (5 bytes)`.
fn line(event: &Value) -> String {
    let author = text(&event["user"], "username");
    text(event, "created_at");
    match event["type"].as_str() {
        Some("file") => {
            format!("{author} shared {} ({} bytes)", text(event, "original_filename"), number(event, "size_bytes"))
        }
        _ => format!("{author}: {}", text(event, "content")),
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is no text: {value}")).to_owned()
}

fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_else(|| panic!("{name} is no number: {value}"))
}
