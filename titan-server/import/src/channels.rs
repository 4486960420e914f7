//! The channels server's users, channels, messages and files. No schema of it was ever written down, so tables and columns
//! are known by the names that such servers give them.

use std::collections::HashMap;

use anyhow::Context;
use titan_core::protocol::{Author, MemberRole};
use titan_core::{AccountId, Time};

use super::adding::Stored;
use super::likeness::stranger;
use super::names::shown;
use super::passwords::{recognise, unknowable};
use super::people::{Newcomer, former};
use super::sharing::SharedFile;
use super::talk::{Filling, Plan, Said};
use super::under_way::{Import, Source};
use super::{Imported, System, Wish};
use crate::foreign::{Foreign, Found, Row, Shape};
use crate::wish::House;

const USERS: Shape = Shape {
    tables: &["users", "user", "accounts", "account"],
    columns: &[
        &["id", "user_id", "uid"],
        &["username", "user_name", "name", "login"],
        &["password_hash", "hashed_password", "hashed_pw", "password"],
        &["created_at", "created", "registered_at", "created_on"],
        &["email", "mail"],
        &["is_admin", "is_superuser"],
    ],
    order: &[0, 3],
};

const CHANNELS: Shape = Shape {
    tables: &["channels", "channel", "rooms", "room"],
    columns: &[
        &["id", "channel_id", "room_id"],
        &["name", "title"],
        &["is_dm", "is_direct", "dm"],
        &["created_at", "created", "created_on"],
        &["owner_id", "created_by", "created_by_id", "creator_id", "owner"],
        &["description", "topic"],
        &["is_private", "private"],
    ],
    order: &[0, 3],
};

const MEMBERS: Shape = Shape {
    tables: &[
        "channel_members",
        "memberships",
        "channel_memberships",
        "channel_member",
        "membership",
        "channel_users",
        "user_channels",
        "members",
        "participants",
    ],
    columns: &[
        &["channel_id", "channel", "room_id"],
        &["user_id", "member_id", "user"],
        &["joined_at", "created_at", "joined", "added_at"],
    ],
    order: &[0, 2, 1],
};

const MESSAGES: Shape = Shape {
    tables: &["messages", "message"],
    columns: &[
        &["id", "message_id"],
        &["channel_id", "channel", "room_id"],
        &["user_id", "sender_id", "author_id", "user"],
        &["content", "text", "body", "message"],
        &["created_at", "timestamp", "sent_at", "created", "created_on"],
    ],
    order: &[0, 4],
};

const FILES: Shape = Shape {
    tables: &["files", "file", "channel_files", "attachments", "uploads", "file_uploads", "uploaded_files"],
    columns: &[
        &["id", "file_id"],
        &["channel_id", "channel", "room_id"],
        &["user_id", "uploader_id", "uploaded_by", "owner_id", "author_id", "uploaded_by_id"],
        &["original_filename", "original_name", "orig_filename", "display_name", "filename", "file_name", "name"],
        &[
            "stored_filename",
            "storage_path",
            "stored_path",
            "stored_name",
            "storage_filename",
            "path",
            "file_path",
            "filepath",
            "disk_path",
            "storage_key",
            "filename",
        ],
        &["created_at", "uploaded_at", "timestamp", "created", "created_on"],
    ],
    order: &[0, 5],
};

/// A channel on its way in.
struct Channel {
    key: String,
    name: String,
    description: String,
    direct: bool,
    /// Nobody may join by themselves.
    private: bool,
    owner: Option<AccountId>,
    created_at: Option<Time>,
    members: Vec<(Author, Option<Time>)>,
}

/// The tables of it.
struct Tables {
    users: Found,
    channels: Found,
    messages: Found,
    members: Option<Found>,
    files: Option<Found>,
}

impl Tables {
    fn of(foreign: &Foreign) -> anyhow::Result<Self> {
        Ok(Self {
            users: found(foreign, &USERS, "users", "id, username and password_hash", &[0, 1, 2])?,
            channels: found(foreign, &CHANNELS, "channels", "id and name", &[0, 1])?,
            messages: found(foreign, &MESSAGES, "messages", "channel_id, user_id and content", &[1, 2, 3])?,
            members: foreign.find(&MEMBERS),
            files: foreign.find(&FILES),
        })
    }

    fn source<'a>(&'a self, foreign: &'a Foreign) -> anyhow::Result<Source<'a>> {
        let must_be = [&self.users, &self.channels, &self.messages];
        Ok(Source {
            foreign,
            system: System::Channels,
            tables: must_be.into_iter().chain(&self.members).chain(&self.files).collect(),
            people: (&self.users, &[0, 1, 3]),
            talk: (&self.messages, &[0, 3, 4]),
            messages: foreign.count(&self.messages)?,
        })
    }
}

pub fn import(house: &House, wish: &Wish, foreign: &Foreign) -> anyhow::Result<Imported> {
    let tables = Tables::of(foreign)?;
    let source = tables.source(foreign)?;
    if wish.add_files {
        return Import::go_on(house, wish, &source)?.add_files(wish, &source, tables.files.as_ref(), stored_file);
    }
    let mut import = Import::begin(house, wish, &source)?;
    let newcomers = import.newcomers(foreign, &tables.users)?;
    import.people(&newcomers, wish)?;
    let mut channels = import.channels(foreign, &tables.channels)?;
    if let Some(members) = &tables.members {
        import.members(foreign, members, &mut channels)?;
    }
    import.fill(foreign, &tables, channels)?;
    import.finish(wish, &source)
}

/// A table that must be there with some of its columns.
fn found(foreign: &Foreign, shape: &Shape, table: &str, columns: &str, needed: &[usize]) -> anyhow::Result<Found> {
    let found = foreign.find(shape).filter(|found| found.has_all(needed));
    found.ok_or_else(|| stranger(System::Channels, foreign, &format!("it has no table {table} with {columns}")))
}

/// A file as its row tells of it.
fn stored_file(row: &Row) -> Stored {
    let name = row.word(3).or(row.word(4)).unwrap_or_default().to_owned();
    let path = row.word(4).or(row.word(3)).unwrap_or_default().to_owned();
    let key = row.key(0).unwrap_or_else(|| path.clone());
    Stored { key, name, path, unique_name: None }
}

impl Import {
    fn newcomers(&mut self, foreign: &Foreign, users: &Found) -> anyhow::Result<Vec<Newcomer>> {
        let mut newcomers = Vec::new();
        foreign.each(users, |row| {
            match (row.key(0), row.text(1).filter(|name| !name.trim().is_empty())) {
                (Some(key), Some(name)) => newcomers.push(Newcomer {
                    key,
                    username: name.to_owned(),
                    verifier: row.text(2).and_then(recognise),
                    email: row.key(4),
                    is_admin: row.flag(5),
                    created_at: self.clock.read(row.text(3)),
                    ..Newcomer::default()
                }),
                (key, _) => self.done.leave_out(format!("user {}: it has no id or no name", key.unwrap_or_default())),
            }
            Ok::<_, anyhow::Error>(())
        })?;
        Ok(newcomers)
    }

    fn channels(&mut self, foreign: &Foreign, channels: &Found) -> anyhow::Result<Vec<Channel>> {
        let mut all: Vec<Channel> = Vec::new();
        foreign.each(channels, |row| {
            match row.key(0) {
                Some(key) => all.push(Channel {
                    key,
                    name: row.text(1).unwrap_or_default().to_owned(),
                    description: row.text(5).unwrap_or_default().to_owned(),
                    direct: row.flag(2),
                    private: row.flag(2) || row.flag(6),
                    owner: row.key(4).and_then(|owner| self.people.known(&owner)).map(|owner| owner.id),
                    created_at: self.clock.read(row.text(3)),
                    members: Vec::new(),
                }),
                None => {
                    self.done.leave_out(format!("channel {}: it has no id", shown(row.text(1).unwrap_or_default())))
                }
            }
            Ok::<_, anyhow::Error>(())
        })?;
        Ok(all)
    }

    fn members(&mut self, foreign: &Foreign, members: &Found, channels: &mut [Channel]) -> anyhow::Result<()> {
        let places: HashMap<String, usize> =
            channels.iter().enumerate().map(|(place, channel)| (channel.key.clone(), place)).collect();
        foreign.each(members, |row| {
            let who = row.key(1).and_then(|key| self.people.known(&key)).cloned();
            let channel = row.key(0).and_then(|key| places.get(&key)).and_then(|place| channels.get_mut(*place));
            match (channel, who) {
                (Some(channel), Some(who)) if !channel.members.iter().any(|(other, _)| other.id == who.id) => {
                    channel.members.push((who, self.clock.read(row.text(2))));
                }
                _ => {
                    let (who, channel) = (row.word(1).unwrap_or("nobody"), row.word(0).unwrap_or("none"));
                    let line =
                        format!("the membership of {who} in channel {channel}: no such user or channel, or twice");
                    self.done.leave_out(line);
                }
            }
            Ok(())
        })
    }

    /// Makes the channels, and fills them with what was said and shared.
    fn fill(&mut self, foreign: &Foreign, tables: &Tables, channels: Vec<Channel>) -> anyhow::Result<()> {
        let mut filling = HashMap::new();
        for channel in &channels {
            filling.insert(channel.key.clone(), self.open_channel(channel)?);
        }
        if let Some(files) = &tables.files {
            self.files(foreign, files, &mut filling)?;
        }
        self.talk(foreign, &tables.messages, &mut filling)?;
        for channel in channels {
            if let Some(filling) = filling.remove(&channel.key) {
                self.complete(filling)?;
            }
        }
        Ok(())
    }

    /// Makes what the channel becomes: a direct conversation where two people have one, a room otherwise. What was private
    /// and can't be a direct becomes a room with a password that nobody has.
    fn open_channel(&mut self, channel: &Channel) -> anyhow::Result<Filling> {
        if let (true, [(one, _), (other, _)]) = (channel.direct, channel.members.as_slice()) {
            self.done.directs += 1;
            self.done.members += 2;
            return Ok(self.direct(one, other, channel.created_at)?);
        }
        if channel.private {
            let line =
                format!("channel {} is private and no direct of two people: nobody else can join it", channel.key);
            self.done.notes.push(line);
        }
        self.done.rooms += 1;
        let mut filling = self.room(&Plan {
            place: format!("channel {} {}", channel.key, shown(&channel.name)),
            number: channel.key.parse().unwrap_or_default(),
            name: &channel.name,
            description: &channel.description,
            password: channel.private.then(unknowable),
            owner: channel.owner,
            created_at: channel.created_at,
            may_be_general: !channel.private,
            ..Plan::default()
        })?;
        for (who, at) in &channel.members {
            let role = if channel.owner == Some(who.id) { MemberRole::Owner } else { MemberRole::Member };
            filling.member(who, role, *at);
        }
        Ok(filling)
    }

    fn files(
        &mut self,
        foreign: &Foreign,
        files: &Found,
        channels: &mut HashMap<String, Filling>,
    ) -> anyhow::Result<()> {
        foreign.each(files, |row| {
            let Stored { key, name, path, unique_name } = stored_file(row);
            let Some(channel) = row.key(1).and_then(|key| channels.get_mut(&key)) else {
                let (name, path, place) = (shown(&name), shown(&path), row.word(1).unwrap_or("none"));
                let by = self.writer(row, 2);
                let by = shown(self.people.called(&by));
                let line = format!("file {key} {name} of {by}, stored as {path}: its channel {place} is gone");
                self.done.leave_out(line);
                return Ok(());
            };
            let file = SharedFile { key, by: self.writer(row, 2), name, path, unique_name };
            channel.file(file, self.clock.read(row.text(5)));
            Ok(())
        })
    }

    fn talk(
        &mut self,
        foreign: &Foreign,
        messages: &Found,
        channels: &mut HashMap<String, Filling>,
    ) -> anyhow::Result<()> {
        let read = foreign.each(messages, |row| {
            let author = self.writer(row, 2);
            let Some(channel) = row.key(1).and_then(|key| channels.get_mut(&key)) else {
                let (id, place) = (row.word(0).unwrap_or("?"), row.word(1).unwrap_or("none"));
                let by = shown(self.people.called(&author));
                self.done.leave_out(format!("message {id} of {by}: its channel {place} is gone"));
                return Ok(());
            };
            let at = self.clock.read(row.text(4));
            self.message(channel, Said { id: row.word(0), author, at, text: row.text(3).unwrap_or_default() }).map(drop)
        });
        read.with_context(|| format!("reading the table {}", messages.table()))
    }

    /// Who wrote a row: an account, or a name for one that is gone.
    fn writer(&self, row: &Row, place: usize) -> Author {
        let key = row.key(place).unwrap_or_default();
        self.people.known(&key).cloned().unwrap_or_else(|| former(&key))
    }
}
