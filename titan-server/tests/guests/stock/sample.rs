//! The JSON-lines server's sample client: it sends a line, and takes whatever one read of 4,096 bytes gives for the answer.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestHouse, deadline};

const READ: usize = 4_096;

pub struct Sample(TcpStream);

impl Sample {
    pub async fn connects(house: &TestHouse) -> Self {
        Self(deadline(TcpStream::connect(house.address("json-lines"))).await.unwrap())
    }

    pub async fn registers(&mut self, username: &str, password: &str) -> Value {
        self.asks(json!({"type": "register", "username": username, "password": password})).await
    }

    pub async fn logs_in(&mut self, username: &str, password: &str) -> Value {
        self.asks(json!({"type": "login", "username": username, "password": password})).await
    }

    pub async fn asks(&mut self, message: Value) -> Value {
        deadline(self.0.write_all(format!("{message}\n").as_bytes())).await.unwrap();
        self.receives().await
    }

    /// One read, which must be one whole line.
    pub async fn receives(&mut self) -> Value {
        let mut bytes = vec![0; READ];
        let length = deadline(self.0.read(&mut bytes)).await.unwrap();
        let line = std::str::from_utf8(&bytes[..length]).unwrap();
        assert!(line.ends_with('\n') && line.matches('\n').count() == 1, "{line:?}");
        serde_json::from_str(line).unwrap()
    }
}
