//! The TLS-frames server's users and what they said to each other. Its document shows no schema. The server of that kind
//! which is public keeps pairs of people and their messages in two tables; others may keep sender and receiver with each
//! message. Both are understood, with names or ids in either.

use std::collections::HashMap;

use anyhow::{Context, bail};
use titan_core::AccountId;
use titan_core::protocol::Author;

use super::names::shown;
use super::passwords::{recognise, salted_pbkdf2};
use super::people::Newcomer;
use super::talk::Filling;
use super::under_way::Import;
use super::{Imported, System, Wish};
use crate::foreign::{Foreign, Found, Row, Shape};
use crate::wish::House;

const USERS: Shape = Shape {
    tables: &["user", "users", "accounts", "account", "clients"],
    columns: &[
        &["username", "login", "name", "nick", "user"],
        &["password", "password_hash", "hash", "passwd"],
        &["id", "user_id", "uid"],
        &["email", "mail", "e_mail"],
        &["created_at", "created", "date", "registered_at"],
    ],
    order: &[2, 0],
};

/// Who talk to each other.
const PAIRS: Shape = Shape {
    tables: &["history", "histories", "conversations", "chats"],
    columns: &[
        &["id", "history_id"],
        &["first_username", "first_user", "first_id", "user1", "first"],
        &["second_username", "second_user", "second_id", "user2", "second"],
    ],
    order: &[0],
};

/// What was said in a pair.
const LINES: Shape = Shape {
    tables: &["history_content", "history_contents", "messages", "message", "content"],
    columns: &[
        &["id", "message_id"],
        &["history_id", "history", "conversation_id", "chat_id"],
        &["username", "sender", "user", "sender_id", "user_id"],
        &["content", "message", "msg", "text"],
        &["date", "timestamp", "time", "created_at", "sent_at"],
    ],
    order: &[0, 4],
};

/// What was said, with both names beside it.
const MESSAGES: Shape = Shape {
    tables: &["messages", "message", "msgs", "history", "chat", "chats", "history_content"],
    columns: &[
        &["id", "message_id"],
        &["sender", "sender_id", "sender_username", "from_user", "from_id", "author", "from"],
        &[
            "reciever",
            "receiver",
            "reciever_id",
            "receiver_id",
            "recipient",
            "recipient_id",
            "receiver_username",
            "to_user",
            "to_id",
            "to",
        ],
        &["message", "msg", "content", "text", "body"],
        &["date", "time", "timestamp", "created_at", "sent_at", "datetime"],
    ],
    order: &[0, 4],
};

/// How messages are kept.
enum Talk {
    InPairs { pairs: Found, lines: Found },
    Each(Found),
}

pub fn import(house: &House, wish: &Wish, foreign: &Foreign) -> anyhow::Result<Imported> {
    let Some(users) = foreign.find(&USERS).filter(|users| users.has_all(&[0, 1])) else {
        bail!("it is no database of the TLS-frames server: it has no table of users with username and password");
    };
    let talk = Talk::find(foreign)?;
    let (pairs, messages) = talk.counts(foreign)?;
    let held = foreign.count(&users)? + pairs + messages;
    let mut import = Import::begin(house, System::TlsFrames, wish, messages)?;
    let newcomers = import.clients(foreign, &users)?;
    import.people(&newcomers, wish.rename)?;
    let mut directs = Directs::default();
    match &talk {
        Talk::InPairs { pairs, lines } => import.lines(foreign, pairs, lines, &mut directs),
        Talk::Each(messages) => import.each_message(foreign, messages, &mut directs),
    }
    .context("reading the messages")?;
    for (_, direct) in directs.0 {
        import.complete(direct)?;
    }
    import.finish(System::TlsFrames, wish, held)
}

impl Talk {
    fn find(foreign: &Foreign) -> anyhow::Result<Self> {
        let pairs = foreign.find(&PAIRS).filter(|pairs| pairs.has_all(&[0, 1, 2]));
        let lines = foreign.find(&LINES).filter(|lines| lines.has_all(&[1, 2, 3]));
        if let (Some(pairs), Some(lines)) = (pairs, lines) {
            return Ok(Self::InPairs { pairs, lines });
        }
        match foreign.find(&MESSAGES).filter(|messages| messages.has_all(&[1, 2, 3])) {
            Some(messages) => Ok(Self::Each(messages)),
            None => bail!(
                "it is no database of the TLS-frames server: it has neither the tables history and history_content nor \
                 one of messages with sender, reciever and message"
            ),
        }
    }

    /// Rows of pairs, and of messages.
    fn counts(&self, foreign: &Foreign) -> anyhow::Result<(u64, u64)> {
        Ok(match self {
            Self::InPairs { pairs, lines } => (foreign.count(pairs)?, foreign.count(lines)?),
            Self::Each(messages) => (0, foreign.count(messages)?),
        })
    }
}

/// Directs being filled, each by its two people.
#[derive(Default)]
struct Directs(HashMap<(AccountId, AccountId), Filling>);

impl Directs {
    fn between<'a>(
        &'a mut self,
        import: &mut Import,
        one: AccountId,
        other: AccountId,
    ) -> anyhow::Result<&'a mut Filling> {
        use std::collections::hash_map::Entry;
        match self.0.entry((one.min(other), one.max(other))) {
            Entry::Occupied(direct) => Ok(direct.into_mut()),
            Entry::Vacant(place) => Ok(place.insert(import.direct(one, other, None)?)),
        }
    }
}

impl Import {
    fn clients(&mut self, foreign: &Foreign, users: &Found) -> anyhow::Result<Vec<Newcomer>> {
        let mut newcomers = Vec::new();
        foreign.each(users, |row| {
            match row.text(0).filter(|name| !name.trim().is_empty()) {
                Some(name) => newcomers.push(Newcomer {
                    key: row.key(2).unwrap_or_else(|| name.to_owned()),
                    username: name.to_owned(),
                    verifier: row.text(1).and_then(|hash| salted_pbkdf2(hash).or_else(|| recognise(hash))),
                    email: row.key(3),
                    created_at: self.clock.read(row.text(4)),
                    ..Newcomer::default()
                }),
                None => self.done.leave_out("a user without a name"),
            }
            Ok::<_, anyhow::Error>(())
        })?;
        Ok(newcomers)
    }

    fn lines(&mut self, foreign: &Foreign, pairs: &Found, lines: &Found, directs: &mut Directs) -> anyhow::Result<()> {
        let mut known: HashMap<String, (Author, Author)> = HashMap::new();
        foreign.each(pairs, |row| {
            match (row.key(0), self.somebody(pairs, row, 1), self.somebody(pairs, row, 2)) {
                (Some(key), Some(one), Some(other)) => {
                    self.done.directs += 1;
                    known.insert(key, (one, other));
                }
                _ => self.done.leave_out(format!("the history of {} and {}: no such user", name(row, 1), name(row, 2))),
            }
            Ok::<_, anyhow::Error>(())
        })?;
        foreign.each(lines, |row| {
            let pair = row.key(1).and_then(|key| known.get(&key));
            let Some(((one, other), who)) = pair.zip(self.somebody(lines, row, 2)) else {
                self.done.leave_out(format!("a message of {}: no such user or history", name(row, 2)));
                return Ok(());
            };
            let at = self.clock.read(row.text(4));
            let direct = directs.between(self, one.id, other.id)?;
            self.message(direct, who, at, row.text(3).unwrap_or_default())
        })
    }

    fn each_message(&mut self, foreign: &Foreign, messages: &Found, directs: &mut Directs) -> anyhow::Result<()> {
        foreign.each(messages, |row| {
            let (Some(sender), Some(receiver)) = (self.somebody(messages, row, 1), self.somebody(messages, row, 2))
            else {
                self.done.leave_out(format!("a message of {} to {}: no such user", name(row, 1), name(row, 2)));
                return Ok(());
            };
            let at = self.clock.read(row.text(4));
            let direct = directs.between(self, sender.id, receiver.id)?;
            self.message(direct, sender, at, row.text(3).unwrap_or_default())
        })
    }

    fn somebody(&self, table: &Found, row: &Row, place: usize) -> Option<Author> {
        self.people.found(row.text(place)?, table.holds_ids(place)).cloned()
    }
}

fn name(row: &Row, place: usize) -> String {
    shown(row.word(place).unwrap_or("nobody"))
}
