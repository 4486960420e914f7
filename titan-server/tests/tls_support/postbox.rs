//! A mail server, as far as letters of ours need one.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::support::deadline;

/// Letters that may wait to be opened.
const LETTERS_MOST: usize = 64;

pub struct Postbox {
    pub url: String,
    letters: mpsc::Receiver<Letter>,
}

#[derive(Debug)]
pub struct Letter {
    pub from: String,
    pub to: Vec<String>,
    /// Who logged in to hand it over, with the password.
    pub login: Option<String>,
    pub text: String,
}

impl Postbox {
    /// A server that turns the first so many letters away, for now.
    pub async fn open(turned_away: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://titan:s%40crt@{}", listener.local_addr().unwrap());
        let (sender, letters) = mpsc::channel(LETTERS_MOST);
        tokio::spawn(async move {
            let mut turned_away = turned_away;
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let _ = serve(stream, &sender, &mut turned_away).await;
            }
        });
        Self { url, letters }
    }

    pub async fn next(&mut self) -> Letter {
        deadline(self.letters.recv()).await.expect("the mail server ended")
    }

    /// Whether nothing lies in it.
    pub fn is_empty(&mut self) -> bool {
        self.letters.is_empty()
    }
}

impl Letter {
    /// The link, found as a person would: a line of its own.
    pub fn link(&self) -> &str {
        self.text.lines().find(|line| line.starts_with("https://")).unwrap_or_else(|| panic!("no link: {}", self.text))
    }
}

async fn serve(mut stream: TcpStream, letters: &mpsc::Sender<Letter>, turned_away: &mut usize) -> std::io::Result<()> {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    let mut letter = Letter { from: String::new(), to: Vec::new(), login: None, text: String::new() };
    write.write_all(b"220 postbox\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer = if line.starts_with("EHLO") {
            "250-postbox\r\n250 AUTH PLAIN"
        } else if let Some(login) = line.strip_prefix("AUTH PLAIN ") {
            let login = BASE64_STANDARD.decode(login).unwrap();
            letter.login = Some(String::from_utf8(login).unwrap().replace('\0', " "));
            "235 welcome"
        } else if let Some(from) = line.strip_prefix("MAIL FROM:") {
            letter.from = from.split(' ').next().unwrap().to_owned();
            "250 ok"
        } else if *turned_away > 0 {
            *turned_away -= 1;
            "451 come back later"
        } else if let Some(to) = line.strip_prefix("RCPT TO:") {
            letter.to.push(to.to_owned());
            "250 ok"
        } else if line == "DATA" {
            write.write_all(b"354 go on\r\n").await?;
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                letter.text += &format!("{line}\n");
            }
            let fresh =
                Letter { from: String::new(), to: Vec::new(), login: letter.login.clone(), text: String::new() };
            letters.send(std::mem::replace(&mut letter, fresh)).await.unwrap();
            "250 taken"
        } else if line == "QUIT" {
            "221 bye"
        } else {
            "250 ok"
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
