//! Clients of the slash door: one that speaks in lines, as people at netcat do, and one that speaks as the original's.

use titan_server::config::{Address, Config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestHouse, deadline};

pub const PASSWORD: &str = "secret-password";

pub async fn house() -> TestHouse {
    house_with(|_| ()).await
}

pub async fn house_with(change: impl FnOnce(&mut Config)) -> TestHouse {
    TestHouse::open_with(|config| {
        config.limits = false;
        config.slash = Address::local(0);
        change(config);
    })
    .await
}

/// One connection.
pub struct Client {
    pub stream: TcpStream,
    /// What was read and not yet looked at.
    pub read: Vec<u8>,
    /// Behind each command.
    end: &'static str,
}

/// Somebody in line mode, registered and logged in.
pub async fn enter(house: &TestHouse, name: &str) -> Client {
    let mut client = lines(house).await;
    client.register(name).await;
    client
}

/// The same, in raw mode.
pub async fn enter_raw(house: &TestHouse, name: &str) -> Client {
    let mut client = raw(house).await;
    client.register(name).await;
    client
}

/// An admin, by the key.
pub async fn enter_admin(house: &TestHouse, name: &str) -> Client {
    let mut client = lines(house).await;
    let key = std::fs::read_to_string(house.folder().join("admin_key.txt")).unwrap();
    client.asks(&format!("/register {name} {PASSWORD} {}", key.trim()), "Registration successful as admin.").await;
    client
}

/// A stranger in line mode, who has read the welcome.
pub async fn lines(house: &TestHouse) -> Client {
    connect(house, "\n").await
}

pub async fn raw(house: &TestHouse) -> Client {
    connect(house, "").await
}

async fn connect(house: &TestHouse, end: &'static str) -> Client {
    let stream = deadline(TcpStream::connect(house.address("slash"))).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut client = Client { stream, read: Vec::new(), end };
    let welcome = "Welcome! Please use /register <username> <password> [admin_key] or /login <username> <password>";
    assert_eq!(client.line().await.unwrap().split_once("] ").unwrap().1, welcome);
    client
}

impl Client {
    async fn register(&mut self, name: &str) {
        self.asks(&format!("/register {name} {PASSWORD}"), "Registration successful as user.").await;
    }

    pub async fn write(&mut self, bytes: &[u8]) {
        deadline(self.stream.write_all(bytes)).await.unwrap();
    }

    /// Sends a command.
    pub async fn says(&mut self, command: &str) {
        self.write(format!("{command}{}", self.end).as_bytes()).await;
    }

    /// Reads more; whether there was any.
    async fn fill(&mut self) -> bool {
        let read = deadline(self.stream.read_buf(&mut self.read)).await.unwrap_or(0);
        read > 0
    }

    /// The next line; none once the server has closed.
    pub async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.read.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return Some(String::from_utf8(line).unwrap().trim_end_matches('\n').to_owned());
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    /// So many bytes, whatever they are.
    pub async fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.read.len() < count {
            assert!(self.fill().await, "the server closed");
        }
        self.read.drain(..count).collect()
    }

    /// What begins with the time, without it; or, where the server says just so, the text itself.
    pub async fn text(&mut self) -> String {
        let line = self.line().await.expect("the server closed");
        match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            Some((time, text)) if time.len() == 19 => text.to_owned(),
            _ => line,
        }
    }

    /// The next thing said is this, to the byte, but for the time before it.
    pub async fn hears(&mut self, text: &str) {
        if self.end.is_empty() {
            let length = text.len() + "[2026-01-15 10:30:00] ".len();
            let heard = String::from_utf8(self.bytes(length).await).unwrap();
            assert_eq!(heard.split_once("] ").map(|(_, heard)| heard), Some(text), "{heard}");
        } else {
            for line in text.split('\n') {
                assert_eq!(self.text().await, line);
            }
        }
    }

    /// The next thing said is this, without a time.
    pub async fn hears_bare(&mut self, text: &str) {
        let heard = String::from_utf8(self.bytes(text.len() + self.end.len()).await).unwrap();
        assert_eq!(heard, format!("{text}{}", self.end));
    }

    pub async fn asks(&mut self, command: &str, answer: &str) {
        self.says(command).await;
        self.hears(answer).await;
    }

    pub async fn asks_bare(&mut self, command: &str, answer: &str) {
        self.says(command).await;
        self.hears_bare(answer).await;
    }

    /// Makes a room and is in it.
    pub async fn creates(&mut self, room: &str) {
        self.asks(&format!("/create {room}"), &format!("Room '{room}' created successfully.")).await;
        self.hears(&format!("You joined room '{room}'.")).await;
    }

    /// Joins a room, whatever its history.
    pub async fn joins(&mut self, room: &str) {
        self.says(&format!("/join {room}")).await;
        while self.text().await != format!("You joined room '{room}'.") {}
    }

    /// Nothing was said before the answer to a question asked now.
    pub async fn hears_nothing(&mut self) {
        self.says("/whoami").await;
        let said = self.text().await;
        assert!(said.starts_with("You are logged in as "), "{said}");
    }

    pub async fn is_closed(&mut self) {
        assert_eq!(self.line().await, None);
        assert!(self.read.is_empty(), "{:?}", String::from_utf8_lossy(&self.read));
    }

    /// Puts a file into a room and gives the name it got.
    pub async fn uploads(&mut self, room: &str, path: &str, bytes: &[u8]) -> String {
        let head = format!("/upload {room} {path} {}{}", bytes.len(), self.end);
        self.write(&[head.as_bytes(), bytes].concat()).await;
        let said = self.text().await;
        let name = said.strip_prefix("File '").and_then(|rest| rest.split_once("' uploaded to room '"));
        let (name, rest) = name.unwrap_or_else(|| panic!("{said}"));
        assert_eq!(rest, format!("{room}'."));
        name.to_owned()
    }

    /// Fetches a file.
    pub async fn downloads(&mut self, name: &str) -> Vec<u8> {
        self.says(&format!("/download {name}")).await;
        let header = self.line().await.unwrap();
        let size = header.strip_prefix(&format!("/file {name} ")).unwrap_or_else(|| panic!("{header}"));
        self.bytes(size.parse().unwrap()).await
    }
}
