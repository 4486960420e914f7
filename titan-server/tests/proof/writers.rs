//! Writers at the native door: each sends its numbered messages, several on the way at a time, and sends again what was
//! not answered when the line broke, under the same client ids and in the same order.

use std::collections::{BTreeMap, HashMap};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::book::Book;
use super::checker::{Acknowledged, Words};
use super::wire::{Whereabouts, Wire};

pub struct Writer {
    pub name: String,
    pub token: String,
    pub conversation: i64,
    /// Messages on the way at a time.
    pub window: usize,
    pub seed: u64,
}

/// True once no new messages are wanted.
pub type Enough = watch::Receiver<bool>;

struct Desk {
    writer: Writer,
    book: Book,
    random: StdRng,
    last: u64,
    /// Sent, and not answered yet.
    open: BTreeMap<u64, String>,
    /// Answered long ago; sent again now and then, which must change nothing.
    old: Vec<(u64, String)>,
}

impl Writer {
    /// Writes until there is enough and all is answered.
    pub async fn work(self, book: Book, mut whereabouts: Whereabouts, enough: Enough) {
        let random = StdRng::seed_from_u64(self.seed);
        let mut desk = Desk { writer: self, book, random, last: 0, open: BTreeMap::new(), old: Vec::new() };
        loop {
            let wire = Wire::reach(&mut whereabouts, "/titan").await;
            if desk.write(wire, &enough).await.is_some() {
                return;
            }
        }
    }
}

impl Desk {
    /// Writes over one line; none when it broke.
    async fn write(&mut self, mut wire: Wire, enough: &Enough) -> Option<()> {
        wire.ask(json!({"do": "authenticate", "token": self.writer.token})).await?;
        let mut asked: HashMap<u64, (u64, String)> = HashMap::new();
        let again: Vec<_> = self.open.iter().map(|(number, client_id)| (*number, client_id.clone())).collect();
        for post in self.something_old().into_iter().chain(again) {
            asked.insert(wire.request(self.post(&post)).await?, post);
        }
        loop {
            while !*enough.borrow() && self.open.len() < self.writer.window {
                let post = self.next();
                asked.insert(wire.request(self.post(&post)).await?, post);
            }
            if asked.is_empty() {
                return Some(());
            }
            let frame = wire.hear_soon("an answer to a post").await?;
            let Some(post) = frame["id"].as_u64().and_then(|id| asked.remove(&id)) else { continue };
            self.answered(post, &frame);
            if self.random.random_ratio(1, 16)
                && let Some(post) = self.something_old()
            {
                asked.insert(wire.request(self.post(&post)).await?, post);
            }
        }
    }

    fn next(&mut self) -> (u64, String) {
        self.last += 1;
        let client_id = uuid::Uuid::new_v4().to_string();
        self.open.insert(self.last, client_id.clone());
        self.book.sends(&self.words(self.last), self.writer.conversation);
        (self.last, client_id)
    }

    fn words(&self, number: u64) -> Words {
        Words { sender: self.writer.name.clone(), number }
    }

    fn post(&self, (number, client_id): &(u64, String)) -> Value {
        let text = self.words(*number).text();
        json!({"do": "post", "conversation": self.writer.conversation, "text": text, "client_id": client_id})
    }

    fn answered(&mut self, post: (u64, String), frame: &Value) {
        let ok = &frame["ok"];
        let (seq, id) = (ok["seq"].as_i64(), ok["id"].as_i64());
        assert!(id.is_some(), "{} was answered {frame}", self.post(&post));
        let (words, conversation) = (self.words(post.0), self.writer.conversation);
        self.book.promised(Acknowledged { words, conversation, seq, id });
        if self.open.remove(&post.0).is_some() && self.random.random_ratio(1, 8) {
            self.old.push(post);
        }
    }

    /// Something that was answered before, perhaps lives of the server ago.
    fn something_old(&mut self) -> Option<(u64, String)> {
        let index = (!self.old.is_empty()).then(|| self.random.random_range(0..self.old.len()))?;
        Some(self.old[index].clone())
    }
}
