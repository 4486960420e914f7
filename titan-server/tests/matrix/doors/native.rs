//! The native door has a word for everything.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::subject::{Got, Subject, is_direct, is_room};
use crate::guests::guest::PASSWORD;
use crate::matrix::cast::{ROOM_PASSWORD, Who};
use crate::matrix::scene::{Scene, Stage};
use crate::matrix::table::{Act, Object, Role};
use crate::support::{Native, TestHouse};

struct Person {
    line: Native,
    account: i64,
}

pub async fn enter(house: &TestHouse, who: &Who) -> Box<dyn Subject> {
    let mut line = house.native().await;
    let login = json!({"do": "login", "username": who.name, "password": PASSWORD});
    match who.role {
        Role::Stranger => {}
        Role::Banned => {
            assert_eq!(line.fault(login).await, "banned");
            assert_eq!(line.fault(json!({"do": "authenticate", "token": who.token})).await, "bad_token");
        }
        _ => drop(line.ok(login).await),
    }
    Box::new(Person { line, account: who.account })
}

#[async_trait]
impl Subject for Person {
    fn knows(&self, act: Act, object: Object) -> bool {
        match act {
            Act::ViewAsAdmin | Act::Upload | Act::DownloadApp | Act::SeePending => false,
            Act::Signal => is_room(object) || is_direct(object),
            _ => true,
        }
    }

    async fn tries(&mut self, act: Act, object: Object, scene: &Scene, stage: &mut Stage<'_>) -> Got {
        if act == Act::Hear {
            return self.hears(scene, stage).await;
        }
        let answer = self.line.ask(self.command(act, object, scene)).await;
        match answer["error"]["code"].as_str() {
            None => Ok(()),
            Some(_) => Err(answer["error"].to_string()),
        }
    }
}

impl Person {
    fn command(&self, act: Act, object: Object, scene: &Scene) -> Value {
        let here = |act: &str| json!({"do": act, "conversation": scene.conversation});
        let with = |mut command: Value, more: Value| {
            command.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            command
        };
        let at = |act: &str, account: i64| with(here(act), json!({"account": account}));
        let text = json!({"text": scene.words});
        match act {
            Act::ReadHistory => here("history"),
            Act::Write => with(here("post"), text),
            Act::React => with(here("react"), json!({"seq": scene.anothers, "emoji": "+", "on": true})),
            Act::Signal => here("typing"),
            Act::MarkRead => with(here("mark_read"), json!({"seq": 1})),
            Act::Search => with(here("search"), json!({"query": "another"})),
            Act::EditOwn => with(with(here("edit"), text), json!({"seq": scene.own})),
            Act::EditAnothers => with(with(here("edit"), text), json!({"seq": scene.anothers})),
            Act::DeleteOwn => with(here("delete"), json!({"seq": scene.own})),
            Act::DeleteAnothers => with(here("delete"), json!({"seq": scene.anothers})),
            Act::Download => json!({"do": "file", "file": scene.file}),
            Act::ListMembers => here("members"),
            Act::Join => here("join_room"),
            Act::JoinWithPassword => with(here("join_room"), json!({"password": ROOM_PASSWORD})),
            Act::Leave => here("leave_room"),
            Act::Change => with(here("update_room"), json!({"description": scene.words})),
            Act::Delete if is_room(object) || is_direct(object) => here("delete_room"),
            Act::KickMember => at("kick", scene.target),
            Act::KickModerator => at("kick", scene.deputy),
            Act::KickOwner => at("kick", scene.owner),
            Act::Mute => at("mute", scene.target),
            Act::Unmute => at("unmute", scene.target),
            Act::Bar => at("ban_member", scene.target),
            Act::BarModerator => at("ban_member", scene.deputy),
            Act::LetIn => at("unban_member", scene.target),
            Act::GiveRole => with(at("set_member_role", scene.target), json!({"role": "moderator"})),
            Act::TakeOver => with(at("set_member_role", self.account), json!({"role": "owner"})),
            Act::SeeSanctions => here("sanctions"),
            _ => self.command_of_the_house(act, scene),
        }
    }

    fn command_of_the_house(&self, act: Act, scene: &Scene) -> Value {
        let victim = |act: &str| json!({"do": act, "account": scene.victim});
        match act {
            Act::SeeAccounts => json!({"do": "accounts"}),
            Act::SeeSessions => victim("account_sessions"),
            Act::EndSessions => victim("end_sessions"),
            Act::AddAccount => json!({"do": "add_account", "username": scene.words, "password": PASSWORD}),
            Act::SetPassword => json!({"do": "edit_account", "account": scene.victim, "password": PASSWORD}),
            Act::MakeAdmin => json!({"do": "edit_account", "account": self.account, "role": "admin"}),
            Act::Ban => victim("ban"),
            Act::Unban => victim("unban"),
            Act::RemoveAccount => victim("remove_account"),
            Act::BanAddress => json!({"do": "ban_address", "address": scene.address}),
            Act::UnbanAddress => json!({"do": "unban_address", "address": scene.address}),
            Act::SeeAddresses => json!({"do": "banned_addresses"}),
            Act::ReadAudit => json!({"do": "audit"}),
            Act::ChangeAdminKey => json!({"do": "change_admin_key", "key": format!("{}-key", scene.words)}),
            Act::See => json!({"do": "app", "app": scene.app}),
            Act::Approve => json!({"do": "approve_app", "app": scene.app, "sha256": scene.sha256}),
            Act::Reject => json!({"do": "reject_app", "app": scene.app, "reason": "no"}),
            Act::Delete => json!({"do": "delete_app", "app": scene.app}),
            _ => panic!("the native door has no word for {act:?}"),
        }
    }

    /// Somebody says something there, and then something that everybody hears.
    async fn hears(&mut self, scene: &Scene, stage: &mut Stage<'_>) -> Got {
        let after = stage.words();
        stage.bystander.says(scene.conversation, &scene.words).await;
        if self.line.ask(json!({"do": "sessions"})).await.get("error").is_some() {
            let heard = self.line.heard_by_now().await;
            assert!(heard.is_empty(), "a stranger hears {heard:?}");
            return Err("not logged in".to_owned());
        }
        stage.bystander.says(titan_core::GENERAL.0, &after).await;
        self.line.hears_text(&after).await;
        let heard = self.line.heard_by_now().await;
        let words = |event: &&Value| event["entry"]["text"] == scene.words.as_str();
        heard.iter().find(words).map(drop).ok_or_else(|| "nothing is heard".to_owned())
    }
}
