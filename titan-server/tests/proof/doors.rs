//! Writers at the doors that tell no places: each says one thing at a time and waits for whatever its door means by "it is
//! said". What was under way when the line broke is neither promised nor said again: it may be in the log or not.

use std::net::SocketAddr;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::book::Book;
use super::checker::{Acknowledged, Words};
use super::given::PASSWORD;
use super::given::deadline;
use super::wire::Whereabouts;
use super::writers::Enough;

/// A line to a door, by which one person talks in one room. Whatever goes wrong on it means that it is gone.
#[async_trait]
pub trait Mouth: Sized + Send {
    async fn enter(address: SocketAddr, writer: &DoorWriter) -> Option<Self>;

    /// Says it; gives the message's id, where the door tells one, once the door counts it as said.
    async fn says(&mut self, text: &str) -> Option<Option<i64>>;
}

pub struct DoorWriter {
    pub name: String,
    pub conversation: i64,
    /// The name of the room.
    pub room: &'static str,
}

impl DoorWriter {
    /// Writes until there is enough.
    pub async fn work<M: Mouth>(self, book: Book, mut whereabouts: Whereabouts, enough: Enough) {
        let mut last = 0;
        while !*enough.borrow() {
            let address = whereabouts.wait_for(Option::is_some).await.expect("the experiment goes on").unwrap();
            if let Some(mouth) = M::enter(address, &self).await {
                self.talk(mouth, &mut last, &book, &enough).await;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn talk(&self, mut mouth: impl Mouth, last: &mut u64, book: &Book, enough: &Enough) -> Option<()> {
        while !*enough.borrow() {
            *last += 1;
            let (words, conversation) = (Words { sender: self.name.clone(), number: *last }, self.conversation);
            book.sends(&words, conversation);
            let id = mouth.says(&words.text()).await?;
            book.promised(Acknowledged { words, conversation, seq: None, id });
        }
        Some(())
    }
}

/// Lines of text over TCP.
pub struct Lines(BufReader<TcpStream>);

impl Lines {
    async fn open(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect(address).await.ok()?;
        stream.set_nodelay(true).ok()?;
        Some(Self(BufReader::new(stream)))
    }

    async fn say(&mut self, lines: &str) -> Option<()> {
        deadline("a write", self.0.write_all(lines.as_bytes())).await.ok()
    }

    /// Reads up to a line that the condition picks.
    async fn hear(&mut self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        loop {
            let mut line = String::new();
            let read = deadline("a line", self.0.read_line(&mut line)).await.ok()?;
            if read == 0 || !line.ends_with('\n') {
                return None;
            }
            if wanted(&line) {
                return Some(line);
            }
        }
    }
}

/// At the JSON lines door one's own words coming back say that they are said.
pub struct JsonLines {
    lines: Lines,
    name: String,
}

#[async_trait]
impl Mouth for JsonLines {
    async fn enter(address: SocketAddr, writer: &DoorWriter) -> Option<Self> {
        let mut lines = Lines::open(address).await?;
        let login = json!({"type": "login", "username": writer.name, "password": PASSWORD});
        lines.say(&format!("{login}\n")).await?;
        let reply = lines.hear(|line| line.contains("login_response")).await?;
        assert!(reply.contains("success"), "{reply}");
        Some(Self { lines, name: writer.name.clone() })
    }

    async fn says(&mut self, text: &str) -> Option<Option<i64>> {
        let message = json!({"type": "send_message", "sender": self.name, "message": text});
        self.lines.say(&format!("{message}\n")).await?;
        let mine = |line: &str| {
            let heard: Value = serde_json::from_str(line).expect("a line is JSON");
            assert_ne!(heard["type"], "error", "{heard}");
            heard["message"] == text
        };
        self.lines.hear(mine).await.map(|_| None)
    }
}

/// At the slash door the reply to what is asked next says it.
pub struct Slash(Lines);

#[async_trait]
impl Mouth for Slash {
    async fn enter(address: SocketAddr, writer: &DoorWriter) -> Option<Self> {
        let mut lines = Lines::open(address).await?;
        lines.say(&format!("/login {} {PASSWORD}\n/join {}\n", writer.name, writer.room)).await?;
        let joined = format!("You joined room '{}'.\n", writer.room);
        lines.hear(|line| line.ends_with(&joined)).await?;
        Some(Self(lines))
    }

    async fn says(&mut self, text: &str) -> Option<Option<i64>> {
        self.0.say(&format!("/message {text}\n/whoami\n")).await?;
        let answered = |line: &str| {
            assert!(!line.contains("[ERROR]"), "{line}");
            line.contains("You are logged in as '")
        };
        self.0.hear(answered).await.map(|_| None)
    }
}

/// At the channels door the answer of a POST says it, with the message's id.
pub struct ChannelPosts {
    http: reqwest::Client,
    origin: String,
    token: String,
    channel: i64,
}

impl ChannelPosts {
    async fn post(&self, path: &str, body: Value) -> Option<Value> {
        let request = self.http.post(format!("{}{path}", self.origin)).bearer_auth(&self.token);
        let request = request.header("Content-Type", "application/json").body(body.to_string());
        let response = deadline("an answer of the channels door", request.send()).await.ok()?;
        let status = response.status();
        let told = deadline("a body", response.text()).await.ok()?;
        assert_eq!(status, 200, "{path}: {told}");
        Some(serde_json::from_str(&told).expect("a body is JSON"))
    }
}

#[async_trait]
impl Mouth for ChannelPosts {
    async fn enter(address: SocketAddr, writer: &DoorWriter) -> Option<Self> {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (origin, channel) = (format!("http://{address}"), writer.conversation);
        let mut channels = Self { http, origin, token: String::new(), channel };
        let credentials = json!({"username": writer.name, "password": PASSWORD});
        let entered = channels.post("/auth/login", credentials).await?;
        channels.token = entered["access_token"].as_str().expect("a token").to_owned();
        Some(channels)
    }

    async fn says(&mut self, text: &str) -> Option<Option<i64>> {
        let posted = self.post(&format!("/channels/{}/messages", self.channel), json!({"content": text})).await?;
        Some(Some(posted["id"].as_i64().unwrap_or_else(|| panic!("no id: {posted}"))))
    }
}
