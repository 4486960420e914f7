//! Whether what was tried has happened, whatever the door said: looked up by a bystander at the native door.

use serde_json::{Value, json};

use crate::matrix::doors::is_direct;
use crate::matrix::scene::{Scene, Stage};
use crate::matrix::table::{Act, Object, Role};

/// None where nothing is left behind that could be looked at.
pub async fn has_happened(stage: &mut Stage<'_>, object: Object, act: Act, scene: &Scene) -> Option<bool> {
    if matches!(object, Object::House | Object::PendingApp | Object::OwnApp | Object::ApprovedApp) {
        return None;
    }
    let in_log = |log: &Value, wanted: &dyn Fn(&Value) -> bool| log.as_array().unwrap().iter().any(wanted);
    match act {
        Act::Write => {
            let log = log(stage, scene).await;
            Some(in_log(&log, &|entry| entry["text"] == scene.words.as_str()))
        }
        Act::Upload => {
            let log = log(stage, scene).await;
            Some(in_log(&log, &|entry| entry["file"]["name"] == scene.words.as_str()))
        }
        Act::EditOwn | Act::EditAnothers => {
            let log = log(stage, scene).await;
            Some(in_log(&log, &|entry| entry["text"] == scene.words.as_str()))
        }
        Act::DeleteOwn => Some(is_deleted(stage, scene, scene.own).await),
        Act::DeleteAnothers => Some(is_deleted(stage, scene, scene.anothers).await),
        // Who is banned is a member all the while, and a direct has none who join.
        Act::Join | Act::JoinWithPassword if stage.who.role == Role::Banned || is_direct(object) => None,
        Act::Join | Act::JoinWithPassword => Some(member(stage, scene, stage.who.account).await.is_some()),
        Act::KickMember | Act::Bar => Some(member(stage, scene, scene.target).await.is_none()),
        Act::KickModerator | Act::BarModerator => Some(member(stage, scene, scene.deputy).await.is_none()),
        Act::KickOwner => Some(member(stage, scene, scene.owner).await.is_none()),
        Act::Mute => Some(!member(stage, scene, scene.target).await?["muted_until"].is_null()),
        Act::GiveRole => Some(member(stage, scene, scene.target).await?["room_role"] == "moderator"),
        Act::Delete | Act::Change => {
            let rooms = stage.bystander.ok(json!({"do": "rooms"})).await;
            let room = rooms["rooms"].as_array().unwrap().iter().find(|room| room["id"] == scene.conversation);
            match act {
                Act::Delete if is_direct(object) => None,
                Act::Delete => Some(room.is_none()),
                _ => room.map(|room| room["description"] == scene.words.as_str()),
            }
        }
        _ => None,
    }
}

/// The end of the log, as whoever is in the conversation sees it.
async fn log(stage: &mut Stage<'_>, scene: &Scene) -> Value {
    let history = json!({"do": "history", "conversation": scene.conversation, "limit": 500});
    stage.bystander.ok(history).await["entries"].take()
}

async fn is_deleted(stage: &mut Stage<'_>, scene: &Scene, seq: i64) -> bool {
    let history = json!({"do": "history", "conversation": scene.conversation, "after": seq - 1, "limit": 1});
    stage.bystander.ok(history).await["entries"][0]["deleted"] == true
}

async fn member(stage: &mut Stage<'_>, scene: &Scene, account: i64) -> Option<Value> {
    let asked = stage.bystander.ask(json!({"do": "members", "conversation": scene.conversation})).await;
    asked["ok"]["members"].as_array()?.iter().find(|member| member["id"] == account).cloned()
}
