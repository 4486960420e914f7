//! At the JSON lines door: one object a line, everybody in general.

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::guest::{Guest, PASSWORD, Place, Said};
use crate::support::{TestHouse, deadline};

/// A connection of the door.
pub struct Line {
    stream: BufReader<TcpStream>,
}

struct Person {
    line: Line,
    name: String,
}

pub async fn register(house: &TestHouse, name: &str) {
    let mut line = Line::open(house).await;
    line.send(&json!({"type": "register", "username": name, "password": PASSWORD})).await;
    let reply = line.next().await.expect("an answer");
    assert_eq!(reply["status"], "success", "{reply}");
}

pub async fn login(house: &TestHouse, name: &str, password: &str) -> Result<Box<dyn Guest>, String> {
    let mut line = Line::open(house).await;
    line.send(&json!({"type": "login", "username": name, "password": password})).await;
    let reply = line.next().await.expect("an answer");
    match reply["status"].as_str() {
        Some("success") => Ok(Box::new(Person { line, name: name.to_owned() })),
        _ => Err(reply["message"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned()),
    }
}

impl Line {
    pub async fn open(house: &TestHouse) -> Self {
        let stream = deadline(TcpStream::connect(house.address("json-lines"))).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    pub async fn send(&mut self, request: &Value) {
        deadline(self.stream.write_all(format!("{request}\n").as_bytes())).await.unwrap();
    }

    /// The next line; none once the server has closed.
    pub async fn next(&mut self) -> Option<Value> {
        let mut line = String::new();
        let read = deadline(self.stream.read_line(&mut line)).await.unwrap_or(0);
        (read > 0).then(|| serde_json::from_str(&line).unwrap())
    }
}

#[async_trait]
impl Guest for Person {
    async fn goes_to(&mut self, place: &Place) {
        assert_eq!(*place, Place::general());
    }

    async fn says(&mut self, text: &str) {
        let request = json!({"type": "send_message", "sender": self.name, "message": text});
        self.line.send(&request).await;
    }

    async fn hears_up_to(&mut self, last: &str) -> Vec<Said> {
        let mut heard: Vec<Said> = Vec::new();
        while heard.last().is_none_or(|said| said.text != last) {
            let line = self.line.next().await.expect("the server closed");
            assert_eq!(line["type"], "new_message", "{line}");
            let text = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("{line}")).to_owned();
            heard.push(Said { author: text("sender"), text: text("message") });
        }
        heard
    }

    async fn is_shown_out(&mut self) -> String {
        let mut told = String::new();
        while let Some(line) = self.line.next().await {
            assert_eq!(line["type"], "error", "{line}");
            told = line["message"].as_str().unwrap().to_owned();
        }
        told
    }
}
