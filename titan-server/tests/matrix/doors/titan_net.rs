//! The Titan-Net door knows rooms by their ids, and directs by who they are with. That a direct has an id as well is tried
//! too: nobody may come at it as if it were a room.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::subject::{Got, Subject, is_direct, is_room};
use crate::guests::guest::PASSWORD;
use crate::matrix::cast::{ROOM_PASSWORD, Who};
use crate::matrix::scene::{Scene, Stage};
use crate::matrix::table::{Act, Object, Role};
use crate::support::TestHouse;
use crate::titan_net_support::{Client, client};

struct Person(Client);

pub async fn enter(house: &TestHouse, who: &Who) -> Box<dyn Subject> {
    let mut client = client(house).await;
    if who.role != Role::Stranger {
        let login = json!({"type": "login", "username": who.name, "password": PASSWORD});
        let reply = client.ask(login, "login_response").await;
        assert_eq!(reply["success"], who.is_in_the_house(), "{reply}");
    }
    Box::new(Person(client))
}

#[async_trait]
impl Subject for Person {
    fn knows(&self, act: Act, object: Object) -> bool {
        let talks = matches!(
            act,
            Act::ReadHistory | Act::Hear | Act::Write | Act::Signal | Act::Join | Act::JoinWithPassword | Act::Leave
        );
        (talks || act == Act::Delete) && (is_room(object) || is_direct(object))
    }

    async fn tries(&mut self, act: Act, object: Object, scene: &Scene, stage: &mut Stage<'_>) -> Got {
        let here = scene.conversation;
        let private = object == Object::OwnDirect;
        match act {
            Act::Hear => self.hears(scene, stage).await,
            Act::ReadHistory if private => {
                self.asks(json!({"type": "get_messages", "user_id": scene.other}), "private_messages").await
            }
            Act::ReadHistory => self.asks(json!({"type": "get_room_messages", "room_id": here}), "room_messages").await,
            Act::Write if private => {
                let letter = json!({"type": "private_message", "recipient_id": scene.other, "message": scene.words});
                self.asks(letter, "message_sent").await
            }
            Act::Write => {
                let message = json!({"type": "room_message", "room_id": here, "message": scene.words});
                self.asks(message, "room_message").await
            }
            Act::Signal => {
                let signal = json!({"type": "voice_signal", "room_id": here, "signal": "x"});
                self.asks_without_an_answer(signal).await
            }
            Act::Join => self.asks(json!({"type": "join_room", "room_id": here}), "room_joined").await,
            Act::JoinWithPassword => {
                let join = json!({"type": "join_room", "room_id": here, "password": ROOM_PASSWORD});
                self.asks(join, "room_joined").await
            }
            Act::Leave => self.asks_without_an_answer(json!({"type": "leave_room", "room_id": here})).await,
            Act::Delete => self.asks(json!({"type": "delete_room", "room_id": here}), "room_deleted").await,
            _ => panic!("the Titan-Net door has no word for {act:?}"),
        }
    }
}

impl Person {
    /// The answer, which may be the words coming back.
    async fn asks(&mut self, request: Value, reply: &str) -> Got {
        self.0.heard_by_now().await;
        self.0.says(request.clone()).await;
        let answer = loop {
            let frame = self.0.next_of(&[reply, "error"]).await;
            if frame["type"] != "room_message" || frame["message"] == request["message"] {
                break frame;
            }
        };
        let refused = answer["type"] == "error" || answer["success"] == false;
        if refused { Err(answer["error"].to_string()) } else { Ok(()) }
    }

    /// Nothing is said when it was done.
    async fn asks_without_an_answer(&mut self, request: Value) -> Got {
        self.0.heard_by_now().await;
        self.0.says(request).await;
        self.0.says(json!({"type": "ping"})).await;
        let answer = self.0.next_of(&["error", "pong"]).await;
        if answer["type"] == "pong" {
            return Ok(());
        }
        // And the answer to the ping, whichever it is.
        self.0.next_of(&["error", "pong"]).await;
        Err(answer["error"].to_string())
    }

    async fn hears(&mut self, scene: &Scene, stage: &mut Stage<'_>) -> Got {
        let after = stage.words();
        let entered = self.asks(json!({"type": "get_rooms"}), "rooms_list").await;
        stage.bystander.says(scene.conversation, &scene.words).await;
        stage.bystander.says(titan_core::GENERAL.0, &after).await;
        if entered.is_err() {
            let heard = self.0.heard_by_now().await;
            assert!(heard.is_empty(), "a stranger hears {heard:?}");
            return entered;
        }
        let mut heard = false;
        loop {
            let frame = self.0.next_of(&["room_message", "private_message"]).await;
            heard |= frame["message"] == scene.words.as_str();
            if frame["message"] == after.as_str() {
                return heard.then_some(()).ok_or_else(|| "nothing is heard".to_owned());
            }
        }
    }
}
