//! At the slash door: texts with a time before them, in one room at a time; one's own words are not told back.
//!
//! [`Lines`] is a client in line mode, as people at netcat are. [`Texts`] is one in raw mode, as the original's is: no
//! newline either way, and several texts may come in one read.

use async_trait::async_trait;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::guest::{Guest, PASSWORD, Place, Said};
use crate::support::{TestHouse, deadline};

/// Bytes of `[2026-11-20 09:46:19] `.
const MOMENT: usize = 22;

/// A connection in line mode.
pub struct Lines {
    stream: BufReader<TcpStream>,
}

struct Person {
    lines: Lines,
}

pub async fn register(house: &TestHouse, name: &str) {
    let told = Lines::open(house).await.ask(&format!("/register {name} {PASSWORD}")).await;
    assert_eq!(told, "Registration successful as user.");
}

pub async fn login(house: &TestHouse, name: &str, password: &str) -> Result<Box<dyn Guest>, String> {
    let mut lines = Lines::open(house).await;
    match lines.ask(&format!("/login {name} {password}")).await.as_str() {
        "Login successful." => Ok(Box::new(Person { lines })),
        refusal => Err(refusal.to_owned()),
    }
}

async fn connect(house: &TestHouse) -> TcpStream {
    let stream = deadline(TcpStream::connect(house.address("slash"))).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

impl Lines {
    /// A stranger who has been welcomed.
    pub async fn open(house: &TestHouse) -> Self {
        let mut lines = Self { stream: BufReader::new(connect(house).await) };
        let welcome = lines.next().await.expect("a welcome");
        assert!(welcome.starts_with("Welcome! Please use /register"), "{welcome}");
        lines
    }

    pub async fn send(&mut self, command: &str) {
        self.send_bytes(format!("{command}\n").as_bytes()).await;
    }

    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        deadline(self.stream.write_all(bytes)).await.unwrap();
    }

    /// The next line without its time; none once the server has closed.
    pub async fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = deadline(self.stream.read_line(&mut line)).await.unwrap_or(0);
        (read > 0).then(|| timeless(line.trim_end_matches(['\r', '\n'])).to_owned())
    }

    /// The next line, whatever it is, after a command.
    pub async fn ask(&mut self, command: &str) -> String {
        self.send(command).await;
        self.next().await.expect("the server closed before it answered")
    }

    /// Reads up to a line that the condition picks.
    pub async fn reads(&mut self, wanted: impl Fn(&str) -> bool + Send) -> String {
        loop {
            let line = self.next().await.expect("the server closed before the line came");
            if wanted(&line) {
                return line;
            }
        }
    }

    /// The bytes of a file that `/download` brings; else what is said instead.
    pub async fn download(&mut self, unique_name: &str) -> Result<Vec<u8>, String> {
        self.send(&format!("/download {unique_name}")).await;
        let (file, absent) = (format!("/file {unique_name} "), format!("File '{unique_name}' not found."));
        let answers = |line: &str| line.starts_with(&file) || line == absent || is_refusal(line);
        let told = self.reads(answers).await;
        let Some(size) = told.strip_prefix(&file) else { return Err(told) };
        let mut bytes = vec![0; size.trim().parse().unwrap()];
        deadline(self.stream.read_exact(&mut bytes)).await.unwrap();
        Ok(bytes)
    }
}

/// Whether a text says that something was not done, whatever it was.
pub fn is_refusal(text: &str) -> bool {
    text.starts_with("[ERROR]") || text == "Please register or login first."
}

/// A text without the time before it.
fn timeless(text: &str) -> &str {
    match text.as_bytes() {
        [b'[', _, _, _, _, b'-', ..] if text.is_char_boundary(MOMENT) => &text[MOMENT..],
        _ => text,
    }
}

/// Somebody's words; none where the text is the house's.
pub fn said(text: &str) -> Option<Said> {
    let (author, text) = text.split_once(": ")?;
    let name = !author.is_empty() && !author.contains([' ', '[', '/']);
    name.then(|| Said { author: author.to_owned(), text: text.to_owned() })
}

#[async_trait]
impl Guest for Person {
    async fn goes_to(&mut self, place: &Place) {
        let Place::Room { name, .. } = place else { panic!("there are only rooms at this door") };
        self.lines.send(&format!("/join {name}")).await;
        let joined = format!("You joined room '{name}'.");
        self.lines.reads(|line| line == joined).await;
    }

    async fn says(&mut self, text: &str) {
        self.lines.send(&format!("/message {text}")).await;
    }

    async fn hears_up_to(&mut self, last: &str) -> Vec<Said> {
        let mut heard: Vec<Said> = Vec::new();
        while heard.last().is_none_or(|said| said.text != last) {
            let line = self.lines.next().await.expect("the server closed");
            heard.extend(said(&line));
        }
        heard
    }

    async fn is_shown_out(&mut self) -> String {
        let mut told = String::new();
        while let Some(line) = self.lines.next().await {
            told = line;
        }
        told
    }
}

/// A connection in raw mode.
pub struct Texts {
    stream: TcpStream,
    /// What has come and was not taken yet.
    held: String,
}

impl Texts {
    pub async fn open(house: &TestHouse) -> Self {
        let mut texts = Self { stream: connect(house).await, held: String::new() };
        texts.reads("/login <username> <password>\n").await;
        texts
    }

    /// One send, one command.
    pub async fn send(&mut self, command: &str) {
        deadline(self.stream.write_all(command.as_bytes())).await.unwrap();
    }

    /// Reads until what has come ends with these words; takes it.
    pub async fn reads(&mut self, end: &str) -> String {
        while !self.held.ends_with(end) {
            let mut bytes = vec![0; 4096];
            let read = deadline(self.stream.read(&mut bytes)).await.unwrap();
            assert!(read > 0, "the server closed after {:?}", self.held);
            self.held += std::str::from_utf8(&bytes[..read]).unwrap();
        }
        std::mem::take(&mut self.held)
    }
}
