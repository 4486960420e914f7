//! At the channels door: a socket for the channel it is in, and HTTP with a token beside it.

use std::collections::VecDeque;

use async_trait::async_trait;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::guest::{Guest, PASSWORD, Place, Said};
use crate::channels_support::{Ear, User, credentials, told};
use crate::support::{TestHouse, deadline};

pub struct Person {
    pub user: User,
    ear: Option<Ear>,
    channel: i64,
    /// Events that came while something else was waited for.
    heard: VecDeque<Value>,
    /// Whether the next words go by HTTP.
    posts: bool,
}

pub async fn register(house: &TestHouse, name: &str) {
    let stranger = User::stranger(house);
    stranger.ok(stranger.post("/auth/register", &credentials(name))).await;
}

pub async fn login(house: &TestHouse, name: &str, password: &str) -> Result<Box<dyn Guest>, String> {
    Ok(Box::new(Person::login(house, name, password).await?))
}

/// A token for somebody, or why not.
pub async fn token(house: &TestHouse, name: &str, password: &str) -> Result<String, String> {
    let stranger = User::stranger(house);
    let body = json!({"username": name, "password": password});
    let (status, reply) = told(stranger.post("/auth/login", &body)).await;
    match reply["access_token"].as_str() {
        Some(token) => Ok(token.to_owned()),
        None => Err(format!("{status} {}", reply["detail"].as_str().unwrap_or_else(|| panic!("{reply}")))),
    }
}

impl Person {
    pub async fn login(house: &TestHouse, name: &str, password: &str) -> Result<Self, String> {
        assert_eq!(PASSWORD, crate::channels_support::PASSWORD);
        let mut user = User::stranger(house);
        user.token = token(house, name, password).await?;
        user.name = name.to_owned();
        let mut person = Self { user, ear: None, channel: 0, heard: VecDeque::new(), posts: true };
        person.goes_to(&Place::general()).await;
        Ok(person)
    }

    async fn direct_with(&self, name: &str) -> i64 {
        let channels = self.user.ok(self.user.get("/channels")).await;
        let direct = channels.as_array().unwrap().iter().find(|one| one["is_dm"] == true && one["name"] == name);
        direct.unwrap_or_else(|| panic!("no direct with {name}: {channels}"))["id"].as_i64().unwrap()
    }

    async fn next(&mut self) -> Value {
        match self.heard.pop_front() {
            Some(event) => event,
            None => self.ear.as_mut().expect("it went somewhere").hears().await,
        }
    }
}

#[async_trait]
impl Guest for Person {
    /// A direct is begun at another door, and is listed here by the other's name then.
    async fn goes_to(&mut self, place: &Place) {
        let channel = match place {
            Place::Room { id, .. } => *id,
            Place::Direct { name, .. } => self.direct_with(name).await,
        };
        self.user.joins(channel).await;
        self.ear = Some(self.user.listens(channel).await);
        (self.channel, self.posts) = (channel, true);
        self.heard.clear();
    }

    /// The first words by HTTP, the others by the socket.
    async fn says(&mut self, text: &str) {
        if std::mem::take(&mut self.posts) {
            self.user.says(self.channel, text).await;
        } else {
            self.ear.as_mut().expect("it went somewhere").says(text).await;
        }
    }

    async fn hears_up_to(&mut self, last: &str) -> Vec<Said> {
        let mut heard: Vec<Said> = Vec::new();
        while heard.last().is_none_or(|said| said.text != last) {
            let event = self.next().await;
            assert_eq!((&event["type"], &event["channel_id"]), (&json!("message"), &json!(self.channel)), "{event}");
            let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{event}")).to_owned();
            heard.push(Said { author: text(&event["user"]["username"]), text: text(&event["content"]) });
        }
        heard
    }

    /// The socket is closed, and the token is dead.
    async fn is_shown_out(&mut self) -> String {
        let ear = self.ear.as_mut().expect("it went somewhere");
        let close = loop {
            match deadline(ear.socket.next()).await {
                Some(Ok(Message::Close(close))) => break close.expect("a close says why"),
                Some(Ok(_)) => {}
                other => panic!("no close but {other:?}"),
            }
        };
        assert_eq!(u16::from(close.code), 1008, "{close}");
        let (status, refusal) = told(self.user.get("/me")).await;
        assert!(matches!(status, 401 | 403), "{status} {refusal}");
        assert!(
            self.user.tries_to_listen(&format!("1?token={}", self.user.token)).await.is_err_and(|code| code == 403)
        );
        refusal["detail"].as_str().unwrap().to_owned()
    }
}
