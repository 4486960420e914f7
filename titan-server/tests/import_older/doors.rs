//! The older systems' own clients, as far as it takes to meet one's history again.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::support::deadline;
use crate::support::process::Running;

/// Somebody logged in at the channels door.
pub struct ChannelsClient {
    http: reqwest::Client,
    origin: String,
    token: String,
}

impl ChannelsClient {
    pub async fn enter(server: &Running, name: &str, password: &str) -> Self {
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let origin = format!("http://{}", server.address("http"));
        let asked = http.post(format!("{origin}/auth/login")).json(&json!({"username": name, "password": password}));
        let told: Value = deadline(asked.send()).await.unwrap().json().await.unwrap();
        let token = told["access_token"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned();
        Self { http, origin, token }
    }

    pub async fn get(&self, path: &str) -> Value {
        let asked = self.http.get(format!("{}{path}", self.origin)).bearer_auth(&self.token);
        deadline(asked.send()).await.unwrap().json().await.unwrap()
    }
}

/// Somebody at the JSON lines door.
pub struct JsonLinesClient(BufReader<TcpStream>);

impl JsonLinesClient {
    pub async fn connect(address: SocketAddr) -> Self {
        Self(BufReader::new(deadline(TcpStream::connect(address)).await.unwrap()))
    }

    pub async fn ask(&mut self, request: Value) -> Value {
        deadline(self.0.write_all(format!("{request}\n").as_bytes())).await.unwrap();
        let mut line = String::new();
        deadline(self.0.read_line(&mut line)).await.unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

/// Somebody at the slash door, in line mode.
pub struct SlashClient {
    stream: TcpStream,
    read: Vec<u8>,
}

impl SlashClient {
    pub async fn connect(address: SocketAddr) -> Self {
        Self { stream: deadline(TcpStream::connect(address)).await.unwrap(), read: Vec::new() }
    }

    /// What is read after a command, up to these words and with them.
    pub async fn asks(&mut self, command: &str, until: &str) -> String {
        deadline(self.stream.write_all(format!("{command}\n").as_bytes())).await.unwrap();
        loop {
            let read = String::from_utf8_lossy(&self.read).into_owned();
            if let Some((before, after)) = read.split_once(until) {
                self.read = after.as_bytes().to_vec();
                return format!("{before}{until}");
            }
            let more = deadline(self.stream.read_buf(&mut self.read)).await.unwrap();
            assert_ne!(more, 0, "the server closed after {read:?}");
        }
    }
}
