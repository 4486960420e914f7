//! UtuVox's own client: what it sends in one go is a command, what a read brings is a message, and in messages it looks for
//! a few words to know where it is. When the connection ends it comes back and logs in by itself.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestHouse, deadline};

const READ: usize = 4_096;

pub struct Utuvox {
    address: SocketAddr,
    stream: TcpStream,
    credentials: Option<(String, String)>,
    pub current_room: Option<String>,
    /// All that it printed and that was not looked for yet.
    printed: String,
    /// The last file it fetched.
    pub fetched: Option<(String, Vec<u8>)>,
}

impl Utuvox {
    pub async fn connects(house: &TestHouse) -> Self {
        let address = house.address("slash");
        let stream = deadline(TcpStream::connect(address)).await.unwrap();
        Self { address, stream, credentials: None, current_room: None, printed: String::new(), fetched: None }
    }

    /// What a person types at its prompt.
    pub async fn types(&mut self, command: &str) {
        self.sends(command.as_bytes()).await;
        match command.split(' ').collect::<Vec<_>>()[..] {
            ["/login" | "/register", name, password, ..] => self.credentials = Some((name.into(), password.into())),
            ["/leave"] => self.current_room = None,
            _ => {}
        }
    }

    /// The command as it was typed, at once the one with the size, at once the bytes.
    pub async fn uploads(&mut self, room: &str, path: &str, bytes: &[u8]) {
        self.types(&format!("/upload {room} {path}")).await;
        self.sends(format!("/upload {room} {path} {}", bytes.len()).as_bytes()).await;
        for piece in bytes.chunks(READ) {
            self.sends(piece).await;
        }
    }

    /// Reads until these words were printed; all up to them.
    pub async fn prints(&mut self, words: &str) -> String {
        loop {
            if let Some(at) = self.printed.find(words) {
                return self.printed.drain(..at + words.len()).collect();
            }
            self.reads().await;
        }
    }

    /// Reads until a file has come.
    pub async fn fetches(&mut self) -> (String, Vec<u8>) {
        loop {
            if let Some(fetched) = self.fetched.take() {
                return fetched;
            }
            self.reads().await;
        }
    }

    async fn sends(&mut self, bytes: &[u8]) {
        deadline(self.stream.write_all(bytes)).await.unwrap();
        deadline(self.stream.flush()).await.unwrap();
    }

    async fn reads(&mut self) {
        let mut bytes = vec![0; READ];
        let message = match deadline(self.stream.read(&mut bytes)).await {
            Ok(length) if length > 0 => String::from_utf8_lossy(&bytes[..length]).into_owned(),
            _ => return self.comes_back().await,
        };
        let quoted = |before: &str| {
            let after = message.split_once(before)?.1;
            Some(after.split_once('\'')?.0.to_owned())
        };
        if message.contains("Invalid username or password") {
            self.credentials = None;
        } else if let Some(room) = quoted("You joined room '") {
            self.current_room = Some(room);
        } else if message.contains("' created successfully") {
            self.current_room = quoted("Room '");
        } else if message.contains("You left room") || message.contains("has been deleted by an admin") {
            self.current_room = None;
        } else if let Some(header) = message.strip_prefix("/file ") {
            // The first read is taken for the header alone.
            let (name, size) = header.split_once(' ').unwrap();
            let mut file = vec![0; size.trim().parse().unwrap_or_else(|_| panic!("no header: {message:?}"))];
            deadline(self.stream.read_exact(&mut file)).await.unwrap();
            self.fetched = Some((name.to_owned(), file));
        }
        self.printed += &message;
    }

    async fn comes_back(&mut self) {
        let connecting = async {
            loop {
                match TcpStream::connect(self.address).await {
                    Ok(stream) => return stream,
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        };
        self.stream = deadline(connecting).await;
        if let Some((name, password)) = self.credentials.clone() {
            self.sends(format!("/login {name} {password}").as_bytes()).await;
        }
    }
}
