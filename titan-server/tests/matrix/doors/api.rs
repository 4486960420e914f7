//! The HTTP API has words for files and apps.

use async_trait::async_trait;
use reqwest::Method;
use serde_json::json;

use super::subject::{Got, Subject};
use crate::guests::bytes::{Api, bytes_of};
use crate::matrix::cast::Who;
use crate::matrix::scene::{Scene, Stage};
use crate::matrix::table::{Act, Object};
use crate::support::TestHouse;

pub fn enter(house: &TestHouse, who: &Who) -> Box<dyn Subject> {
    Box::new(Api::with(house, &who.token))
}

#[async_trait]
impl Subject for Api {
    fn knows(&self, act: Act, object: Object) -> bool {
        let apps = matches!(object, Object::PendingApp | Object::OwnApp | Object::ApprovedApp);
        match act {
            Act::Upload | Act::Download | Act::SeePending => true,
            _ => apps,
        }
    }

    async fn tries(&mut self, act: Act, _: Object, scene: &Scene, _: &mut Stage<'_>) -> Got {
        let app = |method: Method, what: &str| self.request(method, &format!("/api/{what}/{}", scene.app));
        let request = match act {
            Act::Upload => return self.uploads(scene.conversation, &scene.words, b"bytes").await.map(drop),
            Act::Download => return self.downloads(scene.file).await.map(drop),
            Act::SeePending => self.request(Method::GET, "/api/pending"),
            Act::See => app(Method::GET, "apps"),
            Act::DownloadApp => app(Method::GET, "download"),
            Act::Approve => app(Method::POST, "approve"),
            Act::Reject => app(Method::POST, "reject").json(&json!({"reason": "no"})),
            Act::Delete => app(Method::DELETE, "delete"),
            _ => panic!("the API has no word for {act:?}"),
        };
        bytes_of(request).await.map(drop)
    }
}
