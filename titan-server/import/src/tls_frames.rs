//! The TLS-frames server's users and what they said to each other. Its document shows no schema. The server of that kind
//! which is public keeps pairs of people and their messages in two tables; others may keep sender and receiver with each
//! message. Both are understood, with names or ids in either.

use std::collections::HashMap;

use anyhow::Context;
use titan_core::AccountId;
use titan_core::protocol::Author;

use super::likeness::stranger;
use super::names::shown;
use super::passwords::{recognise, salted_pbkdf2};
use super::people::Newcomer;
use super::talk::{Filling, Said};
use super::under_way::{Import, Source};
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
        return Err(stranger(System::TlsFrames, foreign, "it has no table of users with username and password"));
    };
    let Some(talk) = Talk::find(foreign) else {
        let wanting = "it has neither the tables history and history_content nor one of messages with sender, reciever and message";
        return Err(stranger(System::TlsFrames, foreign, wanting));
    };
    let source = Source {
        foreign,
        system: System::TlsFrames,
        tables: [vec![&users], talk.tables()].concat(),
        people: (&users, &[0, 2, 4]),
        talk: (talk.messages(), &[0, 3, 4]),
        messages: foreign.count(talk.messages())?,
    };
    let mut import = Import::begin(house, wish, &source)?;
    let newcomers = import.clients(foreign, &users)?;
    import.people(&newcomers, wish)?;
    let mut directs = Directs::default();
    match &talk {
        Talk::InPairs { pairs, lines } => import.lines(foreign, pairs, lines, &mut directs),
        Talk::Each(messages) => import.each_message(foreign, messages, &mut directs),
    }
    .context("reading the messages")?;
    for (_, direct) in directs.0 {
        import.complete(direct)?;
    }
    import.finish(wish, &source)
}

impl Talk {
    fn find(foreign: &Foreign) -> Option<Self> {
        let pairs = foreign.find(&PAIRS).filter(|pairs| pairs.has_all(&[0, 1, 2]));
        let lines = foreign.find(&LINES).filter(|lines| lines.has_all(&[1, 2, 3]));
        match (pairs, lines) {
            (Some(pairs), Some(lines)) => Some(Self::InPairs { pairs, lines }),
            _ => foreign.find(&MESSAGES).filter(|messages| messages.has_all(&[1, 2, 3])).map(Self::Each),
        }
    }

    fn tables(&self) -> Vec<&Found> {
        match self {
            Self::InPairs { pairs, lines } => vec![pairs, lines],
            Self::Each(messages) => vec![messages],
        }
    }

    fn messages(&self) -> &Found {
        match self {
            Self::InPairs { lines: messages, .. } | Self::Each(messages) => messages,
        }
    }
}

/// Directs being filled, each by its two people.
#[derive(Default)]
struct Directs(HashMap<(AccountId, AccountId), Filling>);

impl Directs {
    fn between<'a>(&'a mut self, import: &mut Import, one: &Author, other: &Author) -> anyhow::Result<&'a mut Filling> {
        use std::collections::hash_map::Entry;
        match self.0.entry((one.id.min(other.id), one.id.max(other.id))) {
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
                None => self.done.leave_out(format!("user {}: it has no name", row.word(2).unwrap_or("?"))),
            }
            Ok::<_, anyhow::Error>(())
        })?;
        Ok(newcomers)
    }

    fn lines(&mut self, foreign: &Foreign, pairs: &Found, lines: &Found, directs: &mut Directs) -> anyhow::Result<()> {
        let mut known: HashMap<String, (Author, Author)> = HashMap::new();
        foreign.each(pairs, |row| {
            match (row.key(0), self.pair((pairs, row, 1), (pairs, row, 2))?) {
                (Some(key), Some(pair)) => {
                    self.done.directs += 1;
                    known.insert(key, pair);
                }
                (key, _) => {
                    let (one, other) = (name(row, 1), name(row, 2));
                    let key = key.unwrap_or_default();
                    self.done
                        .leave_out(format!("the history {key} of {one} and {other}: neither is a user (any more)"));
                }
            }
            Ok::<_, anyhow::Error>(())
        })?;
        foreign.each(lines, |row| {
            let pair = row.key(1).and_then(|key| known.get(&key));
            let Some((one, other)) = pair else {
                let (id, history) = (row.word(0).unwrap_or("?"), row.word(1).unwrap_or("none"));
                self.done.leave_out(format!("message {id} of {}: its history {history} did not come in", name(row, 2)));
                return Ok(());
            };
            let author = match self.somebody(lines, row, 2) {
                Some(author) => author,
                None => self.gone(row.word(2).unwrap_or_default())?,
            };
            let direct = directs.between(self, one, other)?;
            self.write_down(direct, row, author)
        })
    }

    fn each_message(&mut self, foreign: &Foreign, messages: &Found, directs: &mut Directs) -> anyhow::Result<()> {
        foreign.each(messages, |row| {
            let Some((sender, receiver)) = self.pair((messages, row, 1), (messages, row, 2))? else {
                let id = row.word(0).unwrap_or("?");
                let line =
                    format!("message {id} of {} to {}: neither is a user (any more)", name(row, 1), name(row, 2));
                self.done.leave_out(line);
                return Ok(());
            };
            let direct = directs.between(self, &sender, &receiver)?;
            self.write_down(direct, row, sender)
        })
    }

    fn write_down(&mut self, direct: &mut Filling, row: &Row, author: Author) -> anyhow::Result<()> {
        let at = self.clock.read(row.text(4));
        self.message(direct, Said { id: row.word(0), author, at, text: row.text(3).unwrap_or_default() }).map(drop)
    }

    /// Two people, of whom one may have gone: the other one keeps what was said. None where both have.
    fn pair(&mut self, one: Cell<'_>, other: Cell<'_>) -> anyhow::Result<Option<(Author, Author)>> {
        let (first, second) = (self.somebody(one.0, one.1, one.2), self.somebody(other.0, other.1, other.2));
        let word = |(_, row, place): Cell<'_>| row.word(place).map(str::to_owned);
        Ok(match (first, second) {
            (Some(first), Some(second)) => Some((first, second)),
            (Some(first), None) => match word(other) {
                Some(gone) => Some((first, self.gone(&gone)?)),
                None => None,
            },
            (None, Some(second)) => match word(one) {
                Some(gone) => Some((self.gone(&gone)?, second)),
                None => None,
            },
            (None, None) => None,
        })
    }

    fn somebody(&self, table: &Found, row: &Row, place: usize) -> Option<Author> {
        self.people.found(row.text(place)?, table.holds_ids(place)).cloned()
    }
}

/// A value: its table, its row and its place.
type Cell<'a> = (&'a Found, &'a Row, usize);

fn name(row: &Row, place: usize) -> String {
    shown(row.word(place).unwrap_or("nobody"))
}
