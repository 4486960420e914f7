//! Who plays in an experiment: people with accounts, a room that all are in, a direct of two.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::book::Book;
use super::readers::Reader;
use super::wire::Wire;
use super::writers::Writer;

pub const GENERAL: i64 = 1;
pub const PASSWORD: &str = "a long enough password";

/// Somebody with an account and a session.
pub struct Person {
    pub name: String,
    pub account: i64,
    pub token: String,
}

pub struct Cast {
    pub room: i64,
    pub direct: i64,
    pub writers: Vec<Person>,
    pub readers: Vec<Person>,
}

impl Cast {
    /// Makes everybody and every place at the native door.
    pub async fn gather(native: SocketAddr) -> Self {
        let mut people = Vec::new();
        for name in ["writer-1", "writer-2", "writer-3", "writer-4", "writer-5", "reader-1", "reader-2"] {
            people.push(Person::register(native, name).await);
        }
        let lab = json!({"do": "create_room", "name": "lab"});
        let room = people[0].enter(native).await.ask(lab).await.unwrap()["id"].as_i64().unwrap();
        for person in &people[1..] {
            person.joins(native, room).await;
        }
        let open = json!({"do": "open_direct", "account": people[4].account});
        let direct = people[3].enter(native).await.ask(open).await.unwrap()["id"].as_i64().unwrap();
        let readers = people.split_off(5);
        Self { room, direct, writers: people, readers }
    }

    /// Three write in general, one in the room, one in the direct; with little and with much on the way.
    pub fn writers(&self, book: &Book, seed: u64) -> Vec<Writer> {
        let places = [(GENERAL, 1), (GENERAL, 8), (GENERAL, 32), (self.room, 8), (self.direct, 8)];
        let writer = |(index, (conversation, window)): (usize, (i64, usize))| {
            let person = &self.writers[index];
            book.sender(&person.name, person.account);
            let (name, token) = (person.name.clone(), person.token.clone());
            Writer { name, token, conversation, window, seed: seed.wrapping_add(index as u64) }
        };
        places.into_iter().enumerate().map(writer).collect()
    }

    /// Two who read general and the room.
    pub fn readers(&self) -> Vec<Reader> {
        let reader = |person: &Person| Reader::new(&person.name, &person.token, &[GENERAL, self.room]);
        self.readers.iter().map(reader).collect()
    }

    /// How far each conversation of the readers has come, as the server says.
    pub async fn heads(&self, native: SocketAddr) -> Vec<(i64, i64)> {
        let mine = self.readers[0].enter(native).await.ask(json!({"do": "conversations"})).await.unwrap();
        let place = |conversation: &Value| Some((conversation["id"].as_i64()?, conversation["head"].as_i64()?));
        mine["conversations"].as_array().unwrap().iter().map(|conversation| place(conversation).unwrap()).collect()
    }
}

impl Person {
    pub async fn register(native: SocketAddr, name: &str) -> Self {
        let mut wire = Wire::open(native, "/titan").await.unwrap();
        wire.ask(json!({"do": "register", "username": name, "password": PASSWORD})).await.unwrap();
        let entered = wire.ask(json!({"do": "login", "username": name, "password": PASSWORD})).await.unwrap();
        let account = entered["account"]["id"].as_i64().unwrap();
        Self { name: name.to_owned(), account, token: entered["token"].as_str().unwrap().to_owned() }
    }

    pub async fn enter(&self, native: SocketAddr) -> Wire {
        let mut wire = Wire::open(native, "/titan").await.unwrap();
        wire.ask(json!({"do": "authenticate", "token": self.token})).await.unwrap();
        wire
    }

    pub async fn joins(&self, native: SocketAddr, room: i64) {
        self.enter(native).await.ask(json!({"do": "join_room", "conversation": room})).await.unwrap();
    }
}
