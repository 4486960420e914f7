//! The TLS-frames server's own client: it takes a frame's header by one read and its payload by another, and a read gives it
//! no more than what is left of one TLS record. A payload that came in two is cut, no JSON, and the end of its listener.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, version};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestHouse, deadline};
use crate::tls_support::{CHP, ERR, HIS, LIS, LOG, MSG, SES, UPD, config, fresh, hashed};

pub struct Frames {
    tcp: TcpStream,
    tls: ClientConnection,
    /// What is left of the record that was read last.
    record: VecDeque<u8>,
    /// The longest frame so far, in bytes.
    pub longest: usize,
    /// What its window shows.
    pub users: Vec<String>,
    pub chat: Vec<String>,
}

impl Frames {
    pub async fn connects(house: &TestHouse) -> Self {
        let name = ServerName::try_from("localhost").unwrap();
        let config = config(&[&version::TLS12, &version::TLS13]);
        let tls = ClientConnection::new(Arc::new(config), name).unwrap();
        let tcp = deadline(TcpStream::connect(house.address("tls-frames"))).await.unwrap();
        let mut client = Self { tcp, tls, record: VecDeque::new(), longest: 0, users: Vec::new(), chat: Vec::new() };
        client.flushes().await;
        while client.tls.is_handshaking() {
            client.reads_record().await;
        }
        client
    }

    /// Asks for the salt, and logs in as soon as it comes; then the window opens.
    pub async fn logs_in(&mut self, name: &str, password: &str) {
        self.sends(LOG, json!({"login": name, "password": "X"})).await;
        let salted = self.receives(LOG).await;
        let digits = salted["password"].as_str().unwrap();
        let salt: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect();
        self.sends(LOG, json!({"login": name, "password": hashed(password, &salt)})).await;
        assert!((0..1_000).contains(&self.receives(SES).await["session"].as_i64().unwrap()));
    }

    pub async fn selects(&mut self, name: &str) {
        self.chat.clear();
        self.sends(UPD, json!({"reciever": name})).await;
    }

    pub async fn says(&mut self, name: &str, text: &str) {
        self.sends(MSG, json!({"msg": text, "reciever": name})).await;
    }

    pub async fn changes_password(&mut self, password: &str) {
        self.sends(CHP, json!({"password": fresh(password)})).await;
    }

    /// Listens until the list of people is as wanted.
    pub async fn lists(&mut self, wanted: impl Fn(&[String]) -> bool) {
        while self.users.is_empty() || !wanted(&self.users) {
            self.listens().await;
        }
    }

    /// Listens until the last line of the chat has these words at its end.
    pub async fn sees(&mut self, words: &str) {
        while !self.chat.last().is_some_and(|line| line.ends_with(words)) {
            self.listens().await;
        }
    }

    /// Listens for a frame of this kind.
    pub async fn receives(&mut self, wanted: u8) -> Value {
        loop {
            let (kind, payload) = self.listens().await;
            if kind == wanted {
                return payload;
            }
            assert_ne!(kind, ERR, "{payload}");
        }
    }

    /// A turn of its listener.
    async fn listens(&mut self) -> (u8, Value) {
        let header = self.recv(3).await;
        let (first, length) = (header[0], &header[1..]);
        assert_eq!((first >> 6, length.len()), (1, 2), "a header in two records");
        let size = usize::from(u16::from_be_bytes([length[0], length[1]]));
        self.longest = self.longest.max(3 + size);
        let payload = self.recv(size).await;
        assert_eq!(payload.len(), size, "a payload of which one read gives a part");
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        let lines = |name: &str| -> Vec<String> {
            payload[name].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
        };
        match first & 0x3f {
            LIS => self.users = lines("users"),
            HIS => self.chat = lines("history"),
            _ => {}
        }
        (first & 0x3f, payload)
    }

    /// One read: at most so many bytes, and none of the next record.
    async fn recv(&mut self, most: usize) -> Vec<u8> {
        while self.record.is_empty() && most > 0 {
            self.reads_record().await;
        }
        self.record.drain(..most.min(self.record.len())).collect()
    }

    async fn reads_record(&mut self) {
        let mut record = vec![0; 5];
        deadline(self.tcp.read_exact(&mut record)).await.expect("the server closed");
        let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
        record.resize(5 + length, 0);
        deadline(self.tcp.read_exact(&mut record[5..])).await.expect("the server closed");
        let mut rest = &record[..];
        while !rest.is_empty() {
            self.tls.read_tls(&mut rest).unwrap();
            let state = self.tls.process_new_packets().unwrap();
            let mut plain = vec![0; state.plaintext_bytes_to_read()];
            if !plain.is_empty() {
                self.tls.reader().read_exact(&mut plain).unwrap();
            }
            self.record.extend(plain);
        }
        self.flushes().await;
    }

    /// The header in one write, what it announces in another.
    async fn sends(&mut self, kind: u8, payload: Value) {
        let payload = payload.to_string();
        let header = [&[0x40 | kind][..], &u16::try_from(payload.len()).unwrap().to_be_bytes()].concat();
        for bytes in [header, payload.into_bytes()] {
            std::io::Write::write_all(&mut self.tls.writer(), &bytes).unwrap();
            self.flushes().await;
        }
    }

    async fn flushes(&mut self) {
        let mut bytes = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut bytes).unwrap();
        }
        deadline(self.tcp.write_all(&bytes)).await.unwrap();
    }
}
