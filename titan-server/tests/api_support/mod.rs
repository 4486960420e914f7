//! Somebody at the HTTP API.

use std::path::{Path, PathBuf};

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::support::{DEADLINE, TestHouse, deadline};

pub struct Guest {
    pub http: Client,
    pub origin: String,
    pub token: String,
}

impl Guest {
    /// Somebody who has said nothing of themselves.
    pub fn stranger(house: &TestHouse) -> Self {
        let http = Client::builder().timeout(DEADLINE).no_proxy().build().unwrap();
        Self { http, origin: house.http(), token: String::new() }
    }

    /// Somebody registered and logged in.
    pub async fn enter(house: &TestHouse, name: &str) -> Self {
        let token = house.enter(name).await.token.clone();
        Self { token, ..Self::stranger(house) }
    }

    pub async fn admin(house: &TestHouse, name: &str) -> Self {
        let guest = Self::enter(house, name).await;
        house.make_admin(name);
        guest
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.origin));
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// What a request that must succeed is answered.
    pub async fn asks(&self, method: Method, path: &str) -> Value {
        let answer = told(self.request(method, path)).await;
        assert_eq!((answer.0, &answer.1["success"]), (200, &json!(true)), "{path} was answered {}", answer.1);
        answer.1
    }

    /// Status and words of a refusal.
    pub async fn refused(&self, method: Method, path: &str) -> (u16, String) {
        refusal(self.request(method, path)).await
    }

    /// Hands in an app; its id.
    pub async fn hands_in(&self, name: &str, bytes: &[u8]) -> i64 {
        let (status, answer) = told(self.post("/api/upload").multipart(form(name, bytes))).await;
        assert_eq!(status, 200, "{answer}");
        answer["app_id"].as_i64().unwrap()
    }
}

pub fn particulars(name: &str) -> Value {
    json!({"name": name, "description": "Does things", "category": "game", "version": "1.0"})
}

pub fn form(name: &str, bytes: &[u8]) -> reqwest::multipart::Form {
    let file = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(format!("{name}.zip"));
    reqwest::multipart::Form::new().text("metadata", particulars(name).to_string()).part("file", file)
}

pub async fn send(request: RequestBuilder) -> Response {
    deadline(request.send()).await.unwrap()
}

/// Status and JSON.
pub async fn told(request: RequestBuilder) -> (u16, Value) {
    let response = send(request).await;
    let status = response.status().as_u16();
    let text = deadline(response.text()).await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} is answered by no JSON: {text:?}")))
}

/// Status and words of an answer that must be a refusal in the API's form.
pub async fn refusal(request: RequestBuilder) -> (u16, String) {
    let (status, answer) = told(request).await;
    assert_eq!(answer["success"], json!(false), "{status} {answer}");
    (status, answer["error"].as_str().expect("a refusal says why").to_owned())
}

pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut all = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

/// Waits until a condition holds.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    let met = async {
        while !condition() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, met).await.unwrap_or_else(|_| panic!("it never came to this: {what}"));
}
