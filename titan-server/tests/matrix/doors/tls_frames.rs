//! The TLS-frames door has words for showing a conversation and for writing into it: a person's, or a room's by its name.

use async_trait::async_trait;
use serde_json::json;

use super::subject::{Got, Subject, is_room};
use crate::guests::guest::PASSWORD;
use crate::guests::tls_frames::{refusals_by_now, tries_to_login};
use crate::matrix::cast::Who;
use crate::matrix::scene::{Scene, Stage};
use crate::matrix::table::{Act, Object, Role};
use crate::support::TestHouse;
use crate::tls_support::{Client, ERR, HIS, MSG, SES, UPD, client};

struct Person(Client);

pub async fn enter(house: &TestHouse, who: &Who) -> Box<dyn Subject> {
    let mut client = client(house).await;
    if who.role != Role::Stranger {
        let (kind, said) = tries_to_login(&mut client, &who.name, PASSWORD).await;
        assert_eq!(kind == SES, who.is_in_the_house(), "{said}");
    }
    Box::new(Person(client))
}

#[async_trait]
impl Subject for Person {
    fn knows(&self, act: Act, object: Object) -> bool {
        matches!(act, Act::Hear | Act::Write) && (is_room(object) || object == Object::OwnDirect)
    }

    async fn tries(&mut self, act: Act, object: Object, scene: &Scene, _: &mut Stage<'_>) -> Got {
        let reciever = if is_room(object) { format!("#{}", scene.name) } else { scene.name.clone() };
        match act {
            Act::Hear => self.shows(&reciever).await,
            Act::Write => self.writes(&reciever, &scene.words).await,
            _ => panic!("the TLS-frames door has no word for {act:?}"),
        }
    }
}

impl Person {
    /// Something has been said there, so that there is something to show.
    async fn shows(&mut self, reciever: &str) -> Got {
        self.0.send(UPD, json!({"reciever": null})).await;
        refusals_by_now(&mut self.0).await;
        self.0.send(UPD, json!({"reciever": reciever})).await;
        loop {
            match self.0.next().await {
                (HIS, _) => return Ok(()),
                (ERR, said) => return Err(said["msg"].to_string()),
                _ => {}
            }
        }
    }

    /// Nothing is said when it was done.
    async fn writes(&mut self, reciever: &str, words: &str) -> Got {
        refusals_by_now(&mut self.0).await;
        self.0.send(MSG, json!({"reciever": reciever, "msg": words})).await;
        refusals_by_now(&mut self.0).await.pop().map_or(Ok(()), Err)
    }
}
