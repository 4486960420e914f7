//! The channels door has words for what is said and shared in rooms and in one's own directs. By id, another's can be asked
//! for too, in vain.

use async_trait::async_trait;
use reqwest::Method;
use serde_json::json;

use super::subject::{Got, Subject, is_direct, is_room};
use crate::channels_support::{User, form};
use crate::guests::bytes::bytes_of;
use crate::matrix::cast::Who;
use crate::matrix::scene::{Scene, Stage};
use crate::matrix::table::{Act, Object};
use crate::support::TestHouse;

struct Person(User);

pub fn enter(house: &TestHouse, who: &Who) -> Box<dyn Subject> {
    let mut user = User::stranger(house);
    user.token = who.jwt.clone();
    Box::new(Person(user))
}

#[async_trait]
impl Subject for Person {
    fn knows(&self, act: Act, object: Object) -> bool {
        match act {
            Act::ReadHistory | Act::Hear | Act::Write | Act::Upload => is_room(object) || is_direct(object),
            // Of one's own direct one is, and to join again is no mistake here.
            Act::Join => is_room(object) || object == Object::AnothersDirect,
            Act::Download => true,
            _ => false,
        }
    }

    async fn tries(&mut self, act: Act, _: Object, scene: &Scene, _: &mut Stage<'_>) -> Got {
        let here = |what: &str| format!("/channels/{}/{what}", scene.conversation);
        let request = match act {
            Act::Hear => return self.listens(scene.conversation).await,
            Act::ReadHistory => self.0.get(&here("messages")),
            Act::Write => self.0.post(&here("messages"), &json!({"content": scene.words})),
            Act::Upload => self.0.request(Method::POST, &here("files")).multipart(form(&scene.words, b"bytes")),
            Act::Download => self.0.get(&format!("/files/{}", scene.file)),
            Act::Join => self.0.request(Method::POST, &here("join")),
            _ => panic!("the channels door has no word for {act:?}"),
        };
        bytes_of(request).await.map(drop)
    }
}

impl Person {
    async fn listens(&self, channel: i64) -> Got {
        let ear = self.0.tries_to_listen(&format!("{channel}?token={}", self.0.token)).await;
        ear.map(drop).map_err(|status| status.to_string())
    }
}
