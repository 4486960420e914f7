//! Ada, whose room it is, and bob, who is in it by two doors: what bob begins is stopped, ada acts, and bob is let go.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::channels_support::{User, told};
use crate::races::held::{self, Gates};
use crate::support::{Native, TestHouse};

/// By which door bob comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Native,
    Channels,
}

pub const DOORS: [By; 2] = [By::Native, By::Channels];

/// Something of bob's that is under way.
pub enum Begun {
    Asked(u64),
    Requested(JoinHandle<(u16, Value)>),
}

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Fate {
    Done,
    Refused(String),
    Status(u16),
    /// The connection ended before anything was said.
    Ended,
}

pub struct Scene {
    pub house: TestHouse,
    pub gates: Arc<Gates>,
    pub ada: Native,
    pub bob: Native,
    pub bob_by_http: User,
    pub room: i64,
}

impl Scene {
    /// Ada's room, with bob in it.
    pub async fn new() -> Self {
        let (house, gates) = held::house().await;
        let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
        let room = ada.ok(json!({"do": "create_room", "name": "den"})).await["id"].as_i64().unwrap();
        bob.ok(json!({"do": "join_room", "conversation": room})).await;
        let mut bob_by_http = User::stranger(&house);
        bob_by_http.name = "bob".to_owned();
        bob_by_http.id = bob.account;
        bob_by_http.login().await;
        Self { house, gates, ada, bob, bob_by_http, room }
    }

    /// The same with ada as an admin of the house.
    pub async fn with_admin() -> Self {
        let scene = Self::new().await;
        scene.house.make_admin("ada");
        scene
    }

    /// Bob sends words on their way.
    pub async fn bob_posts(&mut self, by: By, conversation: i64, text: &str) -> Begun {
        match by {
            By::Native => {
                let post = json!({"do": "post", "conversation": conversation, "text": text});
                Begun::Asked(self.bob.send(post).await)
            }
            By::Channels => {
                let path = format!("/channels/{conversation}/messages");
                Begun::Requested(tokio::spawn(told(self.bob_by_http.post(&path, &json!({"content": text})))))
            }
        }
    }

    /// Bob is on the way into a room.
    pub async fn bob_joins(&mut self, by: By, room: i64) -> Begun {
        match by {
            By::Native => Begun::Asked(self.bob.send(json!({"do": "join_room", "conversation": room})).await),
            By::Channels => {
                let path = format!("/channels/{room}/join");
                Begun::Requested(tokio::spawn(told(self.bob_by_http.request(reqwest::Method::POST, &path))))
            }
        }
    }

    pub async fn fate(&mut self, begun: Begun) -> Fate {
        match begun {
            Begun::Asked(id) => answered(&mut self.bob, id).await,
            Begun::Requested(request) => match request.await.unwrap().0 {
                200 => Fate::Done,
                status => Fate::Status(status),
            },
        }
    }

    /// Bob's words are stopped on their way, ada's deed is done, and then they go on: what became of them. Nobody may
    /// have heard them, and the log may not hold them.
    pub async fn words_against(&mut self, by: By, conversation: i64, deed: Value) -> Fate {
        let mut held = self.gates.hold("take_in");
        let begun = self.bob_posts(by, conversation, "too late").await;
        held.reached().await;
        self.ada.ok(deed).await;
        held.let_go();
        let fate = self.fate(begun).await;
        self.nobody_heard("too late").await;
        fate
    }

    /// Neither in a log nor in an event to ada.
    pub async fn nobody_heard(&mut self, text: &str) {
        let heard = self.ada.heard_by_now().await;
        assert!(heard.iter().all(|event| event["entry"]["text"] != json!(text)), "{heard:?}");
        assert_eq!(self.count(&format!("SELECT count(*) FROM entries WHERE text = '{text}'")), 0, "{text} was written");
    }

    pub fn count(&self, sql: &str) -> i64 {
        self.house.number(sql)
    }

    pub fn against(&self, act: &str) -> Value {
        json!({"do": act, "conversation": self.room, "account": self.bob.account})
    }

    /// What bob is told who writes now, by both doors: the same, since there is one standing.
    pub async fn bob_may_write(&mut self, conversation: i64) -> [Fate; 2] {
        let mut fates = Vec::new();
        for by in DOORS {
            let begun = self.bob_posts(by, conversation, "anew").await;
            fates.push(self.fate(begun).await);
        }
        fates.try_into().unwrap()
    }
}

/// The answer at the native door, whose connection may be ended instead.
pub async fn answered(who: &mut Native, id: u64) -> Fate {
    while let Some(frame) = who.frame().await {
        if frame["id"] == json!(id) {
            return match frame["error"]["code"].as_str() {
                Some(code) => Fate::Refused(code.to_owned()),
                None => Fate::Done,
            };
        }
    }
    Fate::Ended
}

/// The refusal at a door, by the native code and the status there.
pub fn refused(by: By, code: &str, status: u16) -> Fate {
    match by {
        By::Native => Fate::Refused(code.to_owned()),
        By::Channels => Fate::Status(status),
    }
}
