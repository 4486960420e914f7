//! The JSON-lines server's users and messages. It has one room, and so everything said in it goes into "general".

use anyhow::{Context, bail};
use titan_core::protocol::Author;

use super::passwords::recognise;
use super::people::{Newcomer, former};
use super::under_way::Import;
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
        bail!(
            "it is no database of the JSON-lines server: that has the tables users(id, username, password_hash, \
             created_at) and messages(id, sender_id, sender_username, message_text, timestamp)"
        );
    };
    let count = foreign.count(&messages)?;
    let held = foreign.count(&users)? + count;
    let mut import = Import::begin(house, System::JsonLines, wish, count)?;
    let newcomers = import.users(foreign, &users)?;
    import.people(&newcomers, wish.rename)?;
    import.history(foreign, &messages)?;
    import.finish(System::JsonLines, wish, held)
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
                _ => self.done.leave_out("a user without id or name"),
            }
            Ok::<_, anyhow::Error>(())
        })?;
        Ok(newcomers)
    }

    fn history(&mut self, foreign: &Foreign, messages: &Found) -> anyhow::Result<()> {
        let mut general = self.general();
        let read = foreign.each(messages, |row| {
            let at = self.clock.read(row.text(4));
            self.message(&mut general, self.sender(row), at, row.text(3).unwrap_or_default())
        });
        read.with_context(|| format!("reading the table {}", messages.table()))?;
        self.complete(general)
    }

    /// By id; who has none (any more) keeps the name that stands beside the message.
    fn sender(&self, row: &Row) -> Author {
        let name = row.word(2).unwrap_or_default();
        let known = match row.key(1) {
            Some(key) => self.people.known(&key),
            None => self.people.named(name),
        };
        known.cloned().unwrap_or_else(|| former(name))
    }
}
