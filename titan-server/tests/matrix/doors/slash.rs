//! The slash door has words for a room one is in, for files by their names, and for admins.

use async_trait::async_trait;

use super::subject::{Got, Subject, is_room};
use crate::guests::guest::PASSWORD;
use crate::guests::slash::{Lines, is_refusal};
use crate::matrix::cast::{People, Who};
use crate::matrix::scene::{Scene, Stage};
use crate::matrix::table::{Act, Object, Role};
use crate::support::TestHouse;

struct Person {
    lines: Lines,
    role: Role,
    /// Somebody who sees what the files of a room are called here.
    bystander: Lines,
}

pub async fn enter(house: &TestHouse, people: &People, who: &Who) -> Box<dyn Subject> {
    let mut bystander = Lines::open(house).await;
    let entered = bystander.ask(&format!("/login {} {PASSWORD}", people.bystander.name)).await;
    assert_eq!(entered, "Login successful.");
    let mut lines = Lines::open(house).await;
    if who.role != Role::Stranger {
        let told = lines.ask(&format!("/login {} {PASSWORD}", who.name)).await;
        assert_eq!(told == "Login successful.", who.is_in_the_house(), "{told}");
    }
    Box::new(Person { lines, role: who.role, bystander })
}

#[async_trait]
impl Subject for Person {
    /// Who is no member has no way to speak of the inside of a room: that begins with joining it.
    fn knows(&self, act: Act, object: Object) -> bool {
        let inside = matches!(self.role, Role::Member | Role::Muted | Role::Moderator | Role::Owner)
            || (self.role == Role::Admin && object == Object::General);
        match act {
            Act::ReadHistory | Act::Write | Act::ListMembers => is_room(object) && inside,
            Act::Upload | Act::Download | Act::Join | Act::Delete | Act::ViewAsAdmin => is_room(object),
            Act::SeeAccounts
            | Act::AddAccount
            | Act::SetPassword
            | Act::MakeAdmin
            | Act::Ban
            | Act::Unban
            | Act::ChangeAdminKey => true,
            _ => false,
        }
    }

    async fn tries(&mut self, act: Act, _: Object, scene: &Scene, _: &mut Stage<'_>) -> Got {
        let room = &scene.name;
        match act {
            Act::ReadHistory => self.goes_to(room).await,
            Act::Join => self.asks(&format!("/join {room}"), &format!("You joined room '{room}'.")).await,
            Act::Write => {
                self.goes_to(room).await?;
                self.asks(&format!("/message {}", scene.words), "").await
            }
            Act::ListMembers => {
                self.goes_to(room).await?;
                self.asks("/list_users_in_room", &format!("Users in room '{room}': ")).await
            }
            Act::Upload => self.uploads(room, &scene.words).await,
            Act::Download => self.downloads(room).await,
            Act::Delete => self.asks(&format!("/delete_room {room}"), &format!("Room '{room}' deleted.")).await,
            Act::ViewAsAdmin => {
                self.asks(&format!("/view_room_history {room}"), &format!("History for '{room}':")).await
            }
            Act::SeeAccounts => self.asks("/view_users", "Users:").await,
            Act::AddAccount => {
                let added = "Registration successful as user.";
                self.asks(&format!("/add_user {} {PASSWORD}", scene.words), added).await
            }
            Act::SetPassword => self.edits(&scene.victim_name, PASSWORD, "0").await,
            Act::MakeAdmin => self.edits(self.role.words(), PASSWORD, "1").await,
            Act::Ban => self.of_victim("/ban_user", "banned", scene).await,
            Act::Unban => self.of_victim("/unban_user", "unbanned", scene).await,
            Act::ChangeAdminKey => {
                let changed = "Admin key changed successfully.";
                self.asks(&format!("/change_admin_key {}-key", scene.words), changed).await
            }
            _ => panic!("the slash door has no word for {act:?}"),
        }
    }
}

impl Person {
    /// What a command is answered, up to what answers the next one. It is done where the answer begins so; with nothing
    /// to say so, where it was not refused.
    async fn asks(&mut self, command: &str, done: &str) -> Got {
        self.lines.send(command).await;
        self.hears_whether(done).await
    }

    async fn hears_whether(&mut self, done: &str) -> Got {
        let said = self.hears_by_now().await;
        let is_done = match done {
            "" => !said.iter().any(|line| is_refusal(line)),
            done => said.iter().any(|line| line.starts_with(done)),
        };
        if is_done { Ok(()) } else { Err(said.join(" / ")) }
    }

    /// Everything that is said before the answer to another command.
    async fn hears_by_now(&mut self) -> Vec<String> {
        self.lines.send("/no_such_command").await;
        let mut said = Vec::new();
        loop {
            let line = self.lines.next().await.expect("the server closed");
            let unknown = line.contains("Unknown command: /no_such_command");
            if unknown || line == "Please register or login first." {
                // To a stranger every command is answered so, the first one too.
                if !unknown && said.is_empty() {
                    said.push(line);
                    continue;
                }
                return said;
            }
            said.push(line);
        }
    }

    /// Goes there, and is told what was said before.
    async fn goes_to(&mut self, room: &str) -> Got {
        let gone = format!("You joined room '{room}'.");
        let here = format!("You are already in room '{room}'.");
        self.lines.send(&format!("/join {room}")).await;
        let said = self.hears_by_now().await;
        let in_it = said.iter().any(|line| *line == gone || *line == here);
        if in_it { Ok(()) } else { Err(said.join(" / ")) }
    }

    async fn uploads(&mut self, room: &str, name: &str) -> Got {
        self.lines.send_bytes(format!("/upload {room} {name} 9\nnine byte").as_bytes()).await;
        self.hears_whether("File '").await
    }

    /// The name is one that somebody told whoever tries.
    async fn downloads(&mut self, room: &str) -> Got {
        self.bystander.send(&format!("/join {room}")).await;
        self.bystander.reads(|line| line.contains(&format!("room '{room}'."))).await;
        self.bystander.send("/list_files").await;
        let line = self.bystander.reads(|line| line.contains("Original Name: theirs.txt,")).await;
        let unique_name = line.split("Unique Name: ").nth(1).unwrap().split(',').next().unwrap().to_owned();
        let got = self.lines.download(&unique_name).await;
        got.map(|bytes| assert_eq!(bytes, b"bytes of a file"))
    }

    async fn edits(&mut self, name: &str, password: &str, admin: &str) -> Got {
        self.asks(&format!("/edit_user {name} {password} {admin}"), &format!("User '{name}' updated.")).await
    }

    async fn of_victim(&mut self, command: &str, done: &str, scene: &Scene) -> Got {
        let name = &scene.victim_name;
        self.asks(&format!("{command} {name}"), &format!("User '{name}' {done}.")).await
    }
}
