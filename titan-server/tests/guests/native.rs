//! At the native door: hears all conversations at once, and picks out the one it is in.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::guest::{Guest, PASSWORD, Place, Said};
use crate::support::{Native, TestHouse};

struct Person {
    line: Native,
    place: i64,
}

pub async fn register(house: &TestHouse, name: &str) {
    let request = json!({"do": "register", "username": name, "password": PASSWORD});
    house.native().await.ok(request).await;
}

pub async fn login(house: &TestHouse, name: &str, password: &str) -> Result<Box<dyn Guest>, String> {
    let mut line = house.native().await;
    let answer = line.ask(json!({"do": "login", "username": name, "password": password})).await;
    match answer["error"]["code"].as_str() {
        None => Ok(Box::new(Person { line, place: 0 })),
        Some(code) => Err(code.to_owned()),
    }
}

#[async_trait]
impl Guest for Person {
    async fn goes_to(&mut self, place: &Place) {
        self.place = match place {
            Place::Direct { account, .. } => {
                self.line.ok(json!({"do": "open_direct", "account": account})).await["id"].as_i64().unwrap()
            }
            Place::Room { id, .. } => {
                let joined = self.line.ask(json!({"do": "join_room", "conversation": id})).await;
                let code = joined["error"]["code"].as_str();
                assert!(code.is_none_or(|code| code == "already_member"), "{joined}");
                *id
            }
        };
    }

    async fn says(&mut self, text: &str) {
        self.line.says(self.place, text).await;
    }

    async fn hears_up_to(&mut self, last: &str) -> Vec<Said> {
        let mut heard = Vec::new();
        while heard.last().is_none_or(|said: &Said| said.text != last) {
            let here =
                |event: &Value| event["entry"]["conversation"] == self.place && event["entry"]["kind"] == "message";
            heard.push(said(&self.line.hears(here).await["entry"]));
        }
        heard
    }

    async fn is_shown_out(&mut self) -> String {
        let goodbye = self.line.hears(|event| event["event"] == "goodbye").await;
        assert!(self.line.frame().await.is_none());
        goodbye["reason"].as_str().unwrap().to_owned()
    }
}

/// The words of an entry as the native wire has it.
pub fn said(entry: &Value) -> Said {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{entry}")).to_owned();
    Said { author: text(&entry["author"]["username"]), text: text(&entry["text"]) }
}

/// What a conversation's log has: the truth that everybody's ears are held against.
pub async fn log(reader: &mut Native, conversation: i64) -> Vec<Said> {
    let (mut log, mut after) = (Vec::new(), 0);
    loop {
        let request = json!({"do": "history", "conversation": conversation, "after": after, "limit": 500});
        let page = reader.ok(request).await;
        let entries = page["entries"].as_array().unwrap();
        let Some(last) = entries.last() else { return log };
        after = last["seq"].as_i64().unwrap();
        log.extend(entries.iter().filter(|entry| entry["kind"] == "message").map(said));
    }
}
