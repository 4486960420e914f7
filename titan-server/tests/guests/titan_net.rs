//! At the Titan-Net door: rooms by id, private messages by account; replies are known by their type.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::guest::{Guest, PASSWORD, Place, Said};
use crate::support::TestHouse;
use crate::titan_net_support::{Client, client};

struct Person {
    client: Client,
    place: Option<Place>,
}

pub async fn register(house: &TestHouse, name: &str) {
    crate::titan_net_support::register(house, name).await;
}

pub async fn login(house: &TestHouse, name: &str, password: &str) -> Result<Box<dyn Guest>, String> {
    assert_eq!(PASSWORD, crate::titan_net_support::PASSWORD);
    let mut client = client(house).await;
    let request = json!({"type": "login", "username": name, "password": password});
    let reply = client.ask(request, "login_response").await;
    match reply["error"].as_str() {
        None => Ok(Box::new(Person { client, place: None })),
        Some(error) => Err(error.to_owned()),
    }
}

impl Person {
    /// The words, where the frame has some of the place.
    fn said(&self, frame: &Value) -> Option<Said> {
        let text = |name: &str| frame[name].as_str().unwrap_or_else(|| panic!("{frame}")).to_owned();
        match self.place.as_ref()? {
            Place::Room { id, .. } if frame["type"] == "room_message" && frame["room_id"] == *id => {
                Some(Said { author: text("username"), text: text("message") })
            }
            Place::Direct { account, .. } if frame["type"] == "private_message" && frame["sender_id"] == *account => {
                Some(Said { author: text("sender_username"), text: text("message") })
            }
            _ => None,
        }
    }
}

#[async_trait]
impl Guest for Person {
    async fn goes_to(&mut self, place: &Place) {
        if let Place::Room { id, .. } = place {
            let joined = self.client.ask(json!({"type": "join_room", "room_id": id}), "room_joined").await;
            assert!(joined["success"] == true || joined["error"] == "Already a member", "{joined}");
        }
        self.place = Some(place.clone());
    }

    async fn says(&mut self, text: &str) {
        let request = match self.place.as_ref().expect("it went somewhere") {
            Place::Room { id, .. } => json!({"type": "room_message", "room_id": id, "message": text}),
            Place::Direct { account, .. } => {
                json!({"type": "private_message", "recipient_id": account, "message": text})
            }
        };
        self.client.says(request).await;
    }

    async fn hears_up_to(&mut self, last: &str) -> Vec<Said> {
        let mut heard: Vec<Said> = Vec::new();
        while heard.last().is_none_or(|said| said.text != last) {
            let frame = self.client.next_of(&["room_message", "private_message", "error"]).await;
            assert_ne!(frame["type"], "error", "{frame}");
            heard.extend(self.said(&frame));
        }
        heard
    }

    async fn is_shown_out(&mut self) -> String {
        let why = self.client.hears("error").await["error"].as_str().unwrap().to_owned();
        assert_eq!(self.client.is_closed().await, Some(1008));
        why
    }
}
