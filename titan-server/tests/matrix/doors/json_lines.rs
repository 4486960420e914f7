//! The JSON lines door has two words, for general alone.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::subject::{Got, Subject};
use crate::guests::guest::PASSWORD;
use crate::guests::json_lines::Line;
use crate::matrix::cast::Who;
use crate::matrix::scene::{Scene, Stage};
use crate::matrix::table::{Act, Object, Role};
use crate::support::TestHouse;

struct Person {
    line: Line,
    name: String,
}

pub async fn enter(house: &TestHouse, who: &Who) -> Box<dyn Subject> {
    let mut line = Line::open(house).await;
    if who.role != Role::Stranger {
        line.send(&json!({"type": "login", "username": who.name, "password": PASSWORD})).await;
        let reply = line.next().await.expect("an answer");
        assert_eq!(reply["status"] == "success", who.is_in_the_house(), "{reply}");
    }
    Box::new(Person { line, name: who.name.clone() })
}

#[async_trait]
impl Subject for Person {
    fn knows(&self, act: Act, object: Object) -> bool {
        object == Object::General && matches!(act, Act::ReadHistory | Act::Write)
    }

    async fn tries(&mut self, act: Act, _: Object, scene: &Scene, _: &mut Stage<'_>) -> Got {
        let request = match act {
            Act::ReadHistory => json!({"type": "get_history", "limit": 5}),
            Act::Write => json!({"type": "send_message", "sender": self.name, "message": scene.words}),
            _ => panic!("the JSON lines door has no word for {act:?}"),
        };
        self.line.send(&request).await;
        loop {
            let line = self.line.next().await.expect("the server closed");
            let done = |line: &Value| line["type"] == "history_response" || line["message"] == scene.words.as_str();
            if line["type"] == "error" {
                return Err(line["message"].to_string());
            }
            if done(&line) {
                return Ok(());
            }
        }
    }
}
