//! Readers at the native door: each notes what it hears, as it comes, and resumes from its last note when the line broke.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::checker::Line;
use super::given::deadline;
use super::wire::{Whereabouts, Wire};

#[derive(Clone)]
pub struct Reader {
    pub name: String,
    token: String,
    logs: Arc<Mutex<BTreeMap<i64, Vec<Line>>>>,
    changed: watch::Sender<()>,
}

impl Reader {
    /// A reader of conversations from their beginning on.
    pub fn new(name: &str, token: &str, conversations: &[i64]) -> Self {
        let logs = conversations.iter().map(|conversation| (*conversation, Vec::new())).collect();
        let (name, token) = (name.to_owned(), token.to_owned());
        Self { name, token, logs: Arc::new(Mutex::new(logs)), changed: watch::Sender::new(()) }
    }

    /// Reads for ever.
    pub async fn work(self, mut whereabouts: Whereabouts) {
        loop {
            let wire = Wire::reach(&mut whereabouts, "/titan").await;
            let _ = self.read(wire).await;
        }
    }

    async fn read(&self, mut wire: Wire) -> Option<()> {
        wire.ask(json!({"do": "authenticate", "token": self.token})).await?;
        // What comes before the answer to `resume` is sent again after it.
        wire.ask(json!({"do": "resume", "after": self.places()})).await?;
        loop {
            let event = wire.hear().await?;
            if event["event"] == "entry" {
                self.note(&event["entry"]);
            }
        }
    }

    fn places(&self) -> Vec<Value> {
        let last = |lines: &Vec<Line>| lines.iter().map(|line| line.seq).max().unwrap_or(0);
        let logs = self.logs.lock().unwrap();
        logs.iter().map(|(conversation, lines)| json!({"conversation": conversation, "seq": last(lines)})).collect()
    }

    fn note(&self, entry: &Value) {
        let number = |name: &str| entry[name].as_i64().unwrap_or_else(|| panic!("an entry without {name}: {entry}"));
        let text = (entry["kind"] == "message").then(|| entry["text"].as_str().unwrap_or_default().to_owned());
        let author = entry["author"]["id"].as_i64().expect("an entry has an author");
        let line = Line { seq: number("seq"), id: number("id"), author, text };
        if let Some(lines) = self.logs.lock().unwrap().get_mut(&number("conversation")) {
            lines.push(line);
        }
        self.changed.send_replace(());
    }

    /// Waits until it has heard up to this place.
    pub async fn hears_up_to(&self, conversation: i64, seq: i64) {
        let mut changed = self.changed.subscribe();
        let there = |reader: &Self| {
            let logs = reader.logs.lock().unwrap();
            logs[&conversation].last().map_or(0, |line| line.seq) >= seq
        };
        let waiting = async {
            while !there(self) {
                changed.changed().await.expect("the reader lives");
            }
        };
        deadline(&format!("{} hears {conversation} up to {seq}", self.name), waiting).await;
    }

    pub fn logs(&self) -> BTreeMap<i64, Vec<Line>> {
        self.logs.lock().unwrap().clone()
    }
}
