//! Who plays: somebody for each role, and those whom things are done to. Everybody has one account for the whole house;
//! each door's tries have connections of their own.

use serde_json::{Value, json};
use titan_core::GENERAL;

use crate::guests::bytes::Api;
use crate::guests::guest::PASSWORD;
use crate::matrix::table::{Object, Role};
use crate::support::{Native, TestHouse};

pub const ROOM_PASSWORD: &str = "open sesame";

/// One who tries.
#[derive(Clone)]
pub struct Who {
    pub role: Role,
    pub name: String,
    pub account: i64,
    /// A native token; the banned account's is dead.
    pub token: String,
    /// A token of the channels door, as dead or alive.
    pub jwt: String,
    /// Where they are, from before they were banned, muted, or blocked.
    pub corners: Vec<Corner>,
}

/// A conversation that is there once for a person: it can't be made anew for each try.
#[derive(Clone)]
pub struct Corner {
    pub object: Object,
    pub conversation: i64,
    pub name: String,
    /// Messages of one's own, enough for all tries that delete one.
    pub own: Vec<i64>,
    pub anothers: i64,
    pub file: i64,
}

/// Those whom things are done to, and who make the places: the host is an admin and owns the rooms.
#[derive(Clone)]
pub struct People {
    pub host: Person,
    /// A member everywhere, whose messages and files are another's.
    pub bystander: Person,
    /// A member who is kicked, muted, and so on.
    pub target: Person,
    /// A moderator.
    pub deputy: Person,
}

#[derive(Clone)]
pub struct Person {
    pub name: String,
    pub account: i64,
    pub token: String,
}

const ROLES: [Role; 8] =
    [Role::Outsider, Role::Barred, Role::Member, Role::Muted, Role::Moderator, Role::Owner, Role::Admin, Role::Banned];

/// Everybody, with all that is so once for the whole house.
pub async fn gather(house: &TestHouse) -> (People, Vec<Who>) {
    let people = People {
        host: person(house, "host").await,
        bystander: person(house, "bystander").await,
        target: person(house, "target").await,
        deputy: person(house, "deputy").await,
    };
    house.make_admin("host");
    let mut all = vec![stranger()];
    for role in ROLES {
        all.push(who(house, &people, role).await);
    }
    (people, all)
}

fn stranger() -> Who {
    let (name, token, jwt) = Default::default();
    Who { role: Role::Stranger, name, account: 0, token, jwt, corners: Vec::new() }
}

async fn person(house: &TestHouse, name: &str) -> Person {
    let native = house.enter(name).await;
    Person { name: name.to_owned(), account: native.account, token: native.token }
}

async fn who(house: &TestHouse, people: &People, role: Role) -> Who {
    let name = role.words().to_owned();
    let mut me = house.enter(&name).await;
    let jwt = crate::guests::channels::token(house, &name, PASSWORD).await.unwrap();
    let mut host = people.host.enter(house).await;
    let mut corners = vec![corner(house, people, &mut me, Object::General, GENERAL.0, "general").await];
    let bystander = &people.bystander;
    let direct = id(&me.ok(json!({"do": "open_direct", "account": bystander.account})).await);
    corners.push(corner(house, people, &mut me, Object::OwnDirect, direct, &bystander.name).await);
    match role {
        Role::Muted => {
            host.ok(json!({"do": "mute", "conversation": GENERAL, "account": me.account})).await;
            people.bystander.enter(house).await.ok(json!({"do": "block", "account": me.account})).await;
        }
        Role::Moderator => {
            let give =
                json!({"do": "set_member_role", "conversation": GENERAL, "account": me.account, "role": "moderator"});
            host.ok(give).await;
        }
        Role::Admin => house.make_admin(&name),
        Role::Banned => {
            for (object, password) in [(Object::OpenRoom, None), (Object::LockedRoom, Some(ROOM_PASSWORD))] {
                let name = format!("{} of the banned", object.words());
                let room = json!({"do": "create_room", "name": name, "password": password});
                let room = id(&host.ok(room).await);
                me.ok(json!({"do": "join_room", "conversation": room, "password": password})).await;
                let join = json!({"do": "join_room", "conversation": room, "password": password});
                for person in [&people.bystander, &people.target, &people.deputy] {
                    person.enter(house).await.ok(join.clone()).await;
                }
                corners.push(corner(house, people, &mut me, object, room, &name).await);
            }
            host.ok(json!({"do": "ban", "account": me.account})).await;
        }
        _ => {}
    }
    Who { role, name, account: me.account, token: me.token, jwt, corners }
}

/// What there is to act upon in a conversation of somebody's.
async fn corner(
    house: &TestHouse,
    people: &People,
    me: &mut Native,
    object: Object,
    conversation: i64,
    name: &str,
) -> Corner {
    let mut own = Vec::new();
    for number in 0..3 {
        own.push(seq(&me.says(conversation, &format!("my own {number}")).await));
    }
    let mut bystander = people.bystander.enter(house).await;
    let anothers = seq(&bystander.says(conversation, "another's").await);
    let file = file_of(house, &people.bystander, conversation, "theirs.txt").await;
    Corner { object, conversation, name: name.to_owned(), own, anothers, file }
}

/// Puts a file into a conversation; its id.
pub async fn file_of(house: &TestHouse, sender: &Person, conversation: i64, name: &str) -> i64 {
    let api = Api::with(house, &sender.token);
    let posted = api.uploads(conversation, name, b"bytes of a file").await.unwrap();
    let seq = seq(&posted);
    let history = json!({"do": "history", "conversation": conversation, "after": seq - 1, "limit": 1});
    let told = sender.enter(house).await.ok(history).await;
    id(&told["entries"][0]["file"])
}

pub fn id(value: &Value) -> i64 {
    value["id"].as_i64().unwrap_or_else(|| panic!("no id: {value}"))
}

pub fn seq(value: &Value) -> i64 {
    value["seq"].as_i64().unwrap_or_else(|| panic!("no seq: {value}"))
}

impl Person {
    /// At the native door.
    pub async fn enter(&self, house: &TestHouse) -> Native {
        enter(house, &self.token).await
    }
}

/// Somebody at the native door by a token.
pub async fn enter(house: &TestHouse, token: &str) -> Native {
    let mut native = house.native().await;
    let entered = native.ok(json!({"do": "authenticate", "token": token})).await;
    native.token = token.to_owned();
    native.account = id(&entered["account"]);
    native
}

impl Who {
    pub fn is_in_the_house(&self) -> bool {
        !matches!(self.role, Role::Stranger | Role::Banned)
    }

    pub fn corner(&self, object: Object) -> Option<&Corner> {
        self.corners.iter().find(|corner| corner.object == object)
    }
}
