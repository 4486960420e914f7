//! Who plays in an experiment: people with accounts, two rooms that all are in, directs of two.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::book::Book;
use super::channels::ChannelWriter;
use super::doors::DoorWriter;
use super::files::FileSender;
use super::given::{GENERAL, PASSWORD};
use super::readers::Reader;
use super::titan_net::NetWriter;
use super::wire::Wire;
use super::writers::Writer;

/// Somebody with an account and a session.
pub struct Person {
    pub name: String,
    pub account: i64,
    pub token: String,
}

pub struct Cast {
    pub room: i64,
    /// Where people of the older doors are.
    pub harbour: i64,
    /// Where the doors meet that tell no places.
    pub cellar: i64,
    pub direct: i64,
    pub old_direct: i64,
    pub writers: Vec<Person>,
    pub old_writers: Vec<Person>,
    pub door_writers: Vec<Person>,
    pub readers: Vec<Person>,
}

const WRITERS: [&str; 5] = ["writer-1", "writer-2", "writer-3", "writer-4", "writer-5"];
const OLD_WRITERS: [&str; 4] = ["net-1", "net-2", "files-1", "channels-1"];
const DOOR_WRITERS: [&str; 4] = ["json-1", "slash-1", "channels-2", "frames-1"];
const READERS: [&str; 2] = ["reader-1", "reader-2"];

impl Cast {
    /// Makes everybody and every place at the native door.
    pub async fn gather(native: SocketAddr) -> Self {
        let writers = register(native, &WRITERS).await;
        let old_writers = register(native, &OLD_WRITERS).await;
        let door_writers = register(native, &DOOR_WRITERS).await;
        let readers = register(native, &READERS).await;
        let (room, harbour) =
            (writers[0].opens_room(native, "lab").await, writers[0].opens_room(native, "harbour").await);
        for person in writers[1..].iter().chain(&old_writers).chain(&readers) {
            person.joins(native, room).await;
            person.joins(native, harbour).await;
        }
        let cellar = writers[0].opens_room(native, "cellar").await;
        for person in door_writers.iter().chain(&readers) {
            person.joins(native, cellar).await;
        }
        let direct = writers[3].opens_direct(native, &writers[4]).await;
        let old_direct = old_writers[0].opens_direct(native, &old_writers[1]).await;
        Self { room, harbour, cellar, direct, old_direct, writers, old_writers, door_writers, readers }
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

    /// Two at the Titan-Net door, who also write to each other.
    pub fn net_writers(&self, book: &Book) -> Vec<NetWriter> {
        let [one, other, ..] = &self.old_writers[..] else { panic!("two of the older doors are wanted") };
        let writer = |(me, friend): (&Person, &Person)| {
            book.sender(&me.name, me.account);
            let (name, friend) = (me.name.clone(), friend.account);
            NetWriter { name, friend, room: self.harbour, direct: self.old_direct }
        };
        [(one, other), (other, one)].into_iter().map(writer).collect()
    }

    /// One at the channels door, by its socket.
    pub fn channel_writer(&self, book: &Book) -> ChannelWriter {
        let me = &self.old_writers[3];
        book.sender(&me.name, me.account);
        ChannelWriter { name: me.name.clone(), channel: self.harbour }
    }

    /// One at each door that tells no places: JSON lines (in general, where else), slash, channels by HTTP, TLS frames.
    pub fn door_writers(&self, book: &Book) -> [DoorWriter; 4] {
        let places = [(GENERAL, "general"), (self.cellar, "cellar"), (self.cellar, "cellar"), (self.cellar, "cellar")];
        std::array::from_fn(|index| {
            let (me, (conversation, room)) = (&self.door_writers[index], places[index]);
            book.sender(&me.name, me.account);
            DoorWriter { name: me.name.clone(), conversation, room }
        })
    }

    pub fn file_sender(&self, book: &Book, seed: u64) -> FileSender {
        let me = &self.old_writers[2];
        book.sender(&me.name, me.account);
        FileSender { name: me.name.clone(), token: me.token.clone(), conversation: self.harbour, seed }
    }

    /// Two who read general and the rooms.
    pub fn readers(&self) -> Vec<Reader> {
        let reader = |person: &Person| {
            Reader::new(&person.name, &person.token, &[GENERAL, self.room, self.harbour, self.cellar])
        };
        self.readers.iter().map(reader).collect()
    }

    /// How far each conversation of the readers has come, as the server says.
    pub async fn heads(&self, native: SocketAddr) -> Vec<(i64, i64)> {
        let mine = self.readers[0].enter(native).await.ask(json!({"do": "conversations"})).await.unwrap();
        let place = |conversation: &Value| Some((conversation["id"].as_i64()?, conversation["head"].as_i64()?));
        mine["conversations"].as_array().unwrap().iter().map(|conversation| place(conversation).unwrap()).collect()
    }
}

async fn register(native: SocketAddr, names: &[&str]) -> Vec<Person> {
    let mut people = Vec::new();
    for name in names {
        people.push(Person::register(native, name).await);
    }
    people
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

    pub async fn opens_room(&self, native: SocketAddr, name: &str) -> i64 {
        let room = self.enter(native).await.ask(json!({"do": "create_room", "name": name})).await;
        room.unwrap()["id"].as_i64().unwrap()
    }

    pub async fn opens_direct(&self, native: SocketAddr, other: &Person) -> i64 {
        let direct = self.enter(native).await.ask(json!({"do": "open_direct", "account": other.account})).await;
        direct.unwrap()["id"].as_i64().unwrap()
    }
}
