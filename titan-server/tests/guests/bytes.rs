//! Files at the HTTP API, as scripts and Titan's own client bring and fetch them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::support::{DEADLINE, TestHouse, deadline};

/// Somebody at the HTTP API with the token of a native login, or without one.
pub struct Api {
    http: Client,
    origin: String,
    pub token: String,
}

impl Api {
    pub fn with(house: &TestHouse, token: &str) -> Self {
        let http = Client::builder().timeout(DEADLINE).no_proxy().build().unwrap();
        Self { http, origin: house.http(), token: token.to_owned() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.origin));
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    /// Puts a file into a conversation by one request of a resumable upload; what it became, or the refusal.
    pub async fn uploads(&self, conversation: i64, name: &str, bytes: &[u8]) -> Result<Value, String> {
        let fields = [("conversation", conversation.to_string()), ("filename", name.to_owned())];
        let fields = fields.map(|(field, value)| format!("{field} {}", BASE64_STANDARD.encode(value)));
        let request = self.request(Method::POST, "/api/uploads").header("Tus-Resumable", "1.0.0");
        let request = request.header("Upload-Metadata", fields.join(",")).header("Upload-Length", bytes.len());
        let request = request.header("Content-Type", "application/offset+octet-stream").body(bytes.to_vec());
        let response = deadline(request.send()).await.unwrap();
        match response.headers().get("titan-result") {
            Some(result) => Ok(serde_json::from_slice(result.as_bytes()).unwrap()),
            None => Err(format!("{} {}", response.status().as_u16(), deadline(response.text()).await.unwrap())),
        }
    }

    /// The bytes of a file of a conversation, or the refusal.
    pub async fn downloads(&self, file: i64) -> Result<Vec<u8>, String> {
        bytes_of(self.request(Method::GET, &format!("/api/files/{file}"))).await
    }
}

/// What an answer that is a success brings; else its status and words.
pub async fn bytes_of(request: RequestBuilder) -> Result<Vec<u8>, String> {
    let response = deadline(request.send()).await.unwrap();
    let status = response.status();
    let bytes = deadline(response.bytes()).await.unwrap().to_vec();
    match status.is_success() {
        true => Ok(bytes),
        false => Err(format!("{} {}", status.as_u16(), String::from_utf8_lossy(&bytes))),
    }
}
