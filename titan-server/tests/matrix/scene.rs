//! What a try is made upon: a room as it should be, a message, an account, an app. Made anew once a try has changed it.

use serde_json::{Value, json};
use titan_core::GENERAL;

use crate::guests::bytes::{Api, bytes_of};
use crate::matrix::cast::{People, ROOM_PASSWORD, Who, enter, file_of, id, seq};
use crate::matrix::table::{Act, Object, Role};
use crate::support::{Native, TestHouse};

/// Everything that a try may name.
#[derive(Clone, Default)]
pub struct Scene {
    pub conversation: i64,
    /// The room's name, or of whom one's own direct is with.
    pub name: String,
    pub owner: i64,
    pub own: i64,
    pub anothers: i64,
    pub file: i64,
    /// The other one of the direct.
    pub other: i64,
    pub target: i64,
    pub deputy: i64,
    /// An account to be banned and so on.
    pub victim: i64,
    pub victim_name: String,
    pub app: i64,
    pub sha256: String,
    pub address: String,
    /// Words that no other try uses.
    pub words: String,
}

/// Makes scenes for the tries of one role at one door.
pub struct Stage<'a> {
    pub house: &'a TestHouse,
    pub people: &'a People,
    pub who: &'a Who,
    /// Tells apart what different doors make.
    mark: String,
    count: usize,
    pub host: Native,
    pub bystander: Native,
    /// The one who tries, where they may come in at all.
    me: Option<Native>,
}

impl<'a> Stage<'a> {
    pub async fn open(house: &'a TestHouse, people: &'a People, who: &'a Who, mark: &str) -> Self {
        let host = people.host.enter(house).await;
        let bystander = people.bystander.enter(house).await;
        let me = if who.is_in_the_house() { Some(enter(house, &who.token).await) } else { None };
        let mark = format!("{mark}-{}", who.role.words());
        Self { house, people, who, mark, count: 0, host, bystander, me }
    }

    /// Words, or a name, that nothing else has.
    pub fn words(&mut self) -> String {
        self.count += 1;
        format!("{}-{}", self.mark, self.count)
    }

    pub async fn scene(&mut self, object: Object) -> Scene {
        let people = self.people;
        let common = Scene {
            owner: people.host.account,
            other: people.bystander.account,
            target: people.target.account,
            deputy: people.deputy.account,
            ..Scene::default()
        };
        match object {
            Object::OpenRoom | Object::LockedRoom if self.who.role != Role::Banned => self.room(object, common).await,
            Object::OpenRoom | Object::LockedRoom | Object::OwnDirect => self.corner(object, common),
            Object::General => self.general(common).await,
            Object::AnothersDirect => self.anothers_direct(common).await,
            Object::House => self.house(common).await,
            Object::PendingApp | Object::OwnApp | Object::ApprovedApp => self.app(object, common).await,
        }
    }

    /// A fresh room with everybody in it, and the one who tries as their role is.
    async fn room(&mut self, object: Object, scene: Scene) -> Scene {
        let name = self.words();
        let password = (object == Object::LockedRoom).then_some(ROOM_PASSWORD);
        let create = json!({"do": "create_room", "name": name, "password": password});
        let owns = self.who.role == Role::Owner;
        let owner = if owns { self.me.as_mut().expect("an owner") } else { &mut self.host };
        let (owner_account, room) = (owner.account, id(&owner.ok(create).await));
        let join = json!({"do": "join_room", "conversation": room, "password": password});
        if owns {
            self.host.ok(join.clone()).await;
        }
        self.bystander.ok(join.clone()).await;
        for person in [&self.people.target, &self.people.deputy] {
            person.enter(self.house).await.ok(join.clone()).await;
        }
        let deputy = self.people.deputy.account;
        self.host.ok(role(room, deputy, "moderator")).await;
        let anothers = seq(&self.bystander.says(room, "another's").await);
        let own = self.takes_their_place(room, &join).await;
        Scene { conversation: room, name, owner: owner_account, own, anothers, ..scene }
    }

    /// Makes the one who tries what they are in a fresh room; a message of theirs.
    async fn takes_their_place(&mut self, room: i64, join: &Value) -> i64 {
        let Some(me) = &mut self.me else { return 0 };
        if self.who.role != Role::Owner {
            me.ok(join.clone()).await;
        }
        let own = seq(&me.says(room, "my own").await);
        let act = |act: &str| json!({"do": act, "conversation": room, "account": self.who.account});
        match self.who.role {
            Role::Outsider | Role::Admin => drop(me.ok(json!({"do": "leave_room", "conversation": room})).await),
            Role::Barred => drop(self.host.ok(act("ban_member")).await),
            Role::Muted => drop(self.host.ok(act("mute")).await),
            Role::Moderator => drop(self.host.ok(role(room, self.who.account, "moderator")).await),
            _ => {}
        }
        own
    }

    /// A conversation that is there once.
    fn corner(&self, object: Object, scene: Scene) -> Scene {
        let Some(corner) = self.who.corner(object) else {
            // A stranger has none: somebody else's will do.
            return Scene {
                conversation: GENERAL.0 + 1,
                own: 1,
                anothers: 1,
                file: 1,
                name: "bystander".into(),
                ..scene
            };
        };
        let own = corner.own.get(self.count % corner.own.len()).copied().unwrap_or(1);
        let Self { .. } = self;
        Scene {
            conversation: corner.conversation,
            name: corner.name.clone(),
            own,
            anothers: corner.anothers,
            file: corner.file,
            ..scene
        }
    }

    async fn general(&mut self, scene: Scene) -> Scene {
        let anothers = seq(&self.bystander.says(GENERAL.0, "another's").await);
        let scene = self.corner(Object::General, scene);
        Scene { conversation: GENERAL.0, name: "general".into(), anothers, ..scene }
    }

    async fn anothers_direct(&mut self, scene: Scene) -> Scene {
        let open = json!({"do": "open_direct", "account": self.people.target.account});
        let direct = id(&self.bystander.ok(open).await);
        let anothers = seq(&self.bystander.says(direct, "between us").await);
        Scene { conversation: direct, name: self.people.target.name.clone(), own: anothers, anothers, ..scene }
    }

    async fn house(&mut self, scene: Scene) -> Scene {
        let victim_name = self.words();
        let add = json!({"do": "add_account", "username": victim_name, "password": "secret-password"});
        let victim = id(&self.host.ok(add).await["account"]);
        Scene { victim, victim_name, ..scene }
    }

    async fn app(&mut self, object: Object, scene: Scene) -> Scene {
        let name = self.words();
        let author = if object == Object::OwnApp { &self.who.token } else { &self.people.bystander.token };
        let metadata = json!({"name": name, "description": "does things", "category": "game", "version": "1"});
        let file = reqwest::multipart::Part::bytes(name.clone().into_bytes()).file_name("app.zip");
        let form = reqwest::multipart::Form::new().text("metadata", metadata.to_string()).part("file", file);
        let request = Api::with(self.house, author).request(reqwest::Method::POST, "/api/upload").multipart(form);
        let told: Value = serde_json::from_slice(&bytes_of(request).await.unwrap()).unwrap();
        let app = told["app_id"].as_i64().unwrap();
        let seen = self.host.ok(json!({"do": "app", "app": app})).await;
        let sha256 = seen["sha256"].as_str().unwrap_or_else(|| panic!("{seen}")).to_owned();
        if object == Object::ApprovedApp {
            self.host.ok(json!({"do": "approve_app", "app": app, "sha256": sha256})).await;
        }
        Scene { app, sha256, ..scene }
    }

    /// What a try needs beside the scene.
    pub async fn prepare(&mut self, act: Act, scene: &mut Scene) {
        let at = |act: &str, account: i64| json!({"do": act, "conversation": scene.conversation, "account": account});
        match act {
            Act::Download if scene.file == 0 => {
                scene.file = file_of(self.house, &self.people.bystander, scene.conversation, "theirs.txt").await;
            }
            Act::Unmute => drop(self.host.ask(at("mute", scene.target)).await),
            Act::LetIn => drop(self.host.ask(at("ban_member", scene.target)).await),
            Act::Unban => drop(self.host.ask(json!({"do": "ban", "account": scene.victim})).await),
            Act::BanAddress | Act::UnbanAddress => {
                self.count += 1;
                let unique: u16 = rand::random();
                scene.address = format!("2001:db8::{unique:x}:{:x}", self.count);
                if act == Act::UnbanAddress {
                    self.host.ok(json!({"do": "ban_address", "address": scene.address})).await;
                }
            }
            _ => {}
        }
        scene.words = self.words();
    }

    /// Puts back what was changed where there is only one of it.
    pub async fn restore(&mut self, act: Act, scene: &Scene) {
        let general = scene.conversation == GENERAL.0;
        let undo = match act {
            Act::Mute | Act::Unmute if general => {
                json!({"do": "unmute", "conversation": GENERAL, "account": scene.target})
            }
            Act::GiveRole if general => role(GENERAL.0, scene.target, "member"),
            _ => return,
        };
        self.host.ask(undo).await;
    }
}

fn role(room: i64, account: i64, role: &str) -> Value {
    json!({"do": "set_member_role", "conversation": room, "account": account, "role": role})
}

impl Act {
    /// Whether the scene is another one once it was done.
    pub fn changes(self) -> bool {
        !matches!(
            self,
            Self::ReadHistory
                | Self::Hear
                | Self::Write
                | Self::React
                | Self::Signal
                | Self::MarkRead
                | Self::Search
                | Self::EditOwn
                | Self::Upload
                | Self::Download
                | Self::ListMembers
                | Self::ViewAsAdmin
                | Self::SeeSanctions
                | Self::SeeAccounts
                | Self::SeeSessions
                | Self::EndSessions
                | Self::AddAccount
                | Self::SetPassword
                | Self::BanAddress
                | Self::UnbanAddress
                | Self::SeeAddresses
                | Self::ReadAudit
                | Self::ChangeAdminKey
                | Self::SeePending
                | Self::See
                | Self::DownloadApp
        )
    }
}
