//! The JSON-lines server's users and messages. It has one room: that becomes "general" in a house where nothing was said there
//! yet, and a room of its own otherwise, since what is older can't come after what is newer.

use anyhow::Context;
use titan_core::protocol::Author;

use super::likeness::stranger;
use super::passwords::recognise;
use super::people::{Newcomer, former};
use super::talk::{Plan, Said};
use super::under_way::{Import, Source};
use super::{Imported, System, Wish};
use crate::foreign::{Foreign, Found, Row, Shape};
use crate::wish::House;

const USERS: Shape = Shape {
    tables: &["users"],
    columns: &[&["id"], &["username"], &["password_hash", "password"], &["created_at"], &["email"]],
    order: &[0, 3],
};

const MESSAGES: Shape = Shape {
    tables: &["messages"],
    columns: &[
        &["id"],
        &["sender_id", "user_id"],
        &["sender_username", "sender", "username"],
        &["message_text", "text", "message", "content"],
        &["timestamp", "created_at", "sent_at"],
        // What only servers with rooms have.
        &["channel_id", "room_id"],
    ],
    order: &[0, 4],
};

pub fn import(house: &House, wish: &Wish, foreign: &Foreign) -> anyhow::Result<Imported> {
    let users = foreign.find(&USERS).filter(|users| users.has_all(&[0, 1, 2]));
    let messages = foreign.find(&MESSAGES).filter(|messages| messages.has(3) && !messages.has(5));
    let (Some(users), Some(messages)) = (users, messages) else {
        let wanting = "that has the tables users(id, username, password_hash, created_at) and messages(id, sender_id, \
            sender_username, message_text, timestamp)";
        return Err(stranger(System::JsonLines, foreign, wanting));
    };
    let source = Source {
        foreign,
        system: System::JsonLines,
        tables: vec![&users, &messages],
        people: (&users, &[0, 1, 3]),
        talk: (&messages, &[0, 3, 4]),
        messages: foreign.count(&messages)?,
    };
    let mut import = Import::begin(house, wish, &source)?;
    let newcomers = import.users(foreign, &users)?;
    import.people(&newcomers, wish)?;
    import.history(foreign, &messages)?;
    import.finish(wish, &source)
}

impl Import {
    fn users(&mut self, foreign: &Foreign, users: &Found) -> anyhow::Result<Vec<Newcomer>> {
        let mut newcomers = Vec::new();
        foreign.each(users, |row| {
            match (row.key(0), row.text(1).filter(|name| !name.trim().is_empty())) {
                (Some(key), Some(name)) => newcomers.push(Newcomer {
                    key,
                    username: name.to_owned(),
                    verifier: row.text(2).and_then(recognise),
                    email: row.key(4),
                    created_at: self.clock.read(row.text(3)),
                    ..Newcomer::default()
                }),
                (key, _) => self.done.leave_out(format!("user {}: it has no id or no name", key.unwrap_or_default())),
            }
            Ok::<_, anyhow::Error>(())
        })?;
        Ok(newcomers)
    }

    fn history(&mut self, foreign: &Foreign, messages: &Found) -> anyhow::Result<()> {
        let place = "the JSON-lines server's room".to_owned();
        let mut room = self.room(&Plan { place, name: "general", may_be_general: true, ..Plan::default() })?;
        let read = foreign.each(messages, |row| {
            let (author, at) = (self.sender(row), self.clock.read(row.text(4)));
            let said = Said { id: row.word(0), author, at, text: row.text(3).unwrap_or_default() };
            self.message(&mut room, said).map(drop)
        });
        read.with_context(|| format!("reading the table {}", messages.table()))?;
        if !room.is_general() {
            self.done.own_rooms += 1;
            self.all_take_part(&mut room)?;
        }
        self.complete(room)
    }

    /// By id; who has none (any more) is known by the name that stands beside the message.
    fn sender(&self, row: &Row) -> Author {
        let name = row.word(2).unwrap_or_default();
        let known = match row.key(1) {
            Some(key) => self.people.known(&key),
            None => self.people.named(name),
        };
        known.cloned().unwrap_or_else(|| former(name))
    }
}
