//! UtuVox's users, rooms, histories, files and log of admins. Its history is lines of text, as the clients were shown
//! them: each is read back into what had happened. Times are its machine's local ones, without a zone.
//!
//! UtuVox knew who was in a room only while they were connected. Who once came into a room or spoke there is a member here.

pub(crate) mod event;
mod key;

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use titan_core::protocol::{Author, Body, MemberRole};
use titan_core::{AccountId, FileId, SafeText, Time, TitanNumber};

use super::adding::Stored;
use super::likeness::stranger;
use super::names::shown;
use super::passwords::recognise;
use super::people::{Newcomer, former};
use super::redact::redacted;
use super::sharing::SharedFile;
use super::talk::{Filling, Plan, Said};
use super::under_way::{Import, Source};
use super::{Imported, System, Wish};
use crate::foreign::{Foreign, Found, Row, Shape};
use crate::wish::House;
use event::Event;
use key::KeyFile;
use titan_store::AuditRecord;

const USERS: Shape = Shape {
    tables: &["users"],
    columns: &[&["username"], &["password_hash"], &["is_admin"], &["is_banned"]],
    order: &[],
};
const ROOMS: Shape = Shape { tables: &["rooms"], columns: &[&["room_name"]], order: &[] };
const HISTORY: Shape = Shape {
    tables: &["room_history"],
    columns: &[&["id"], &["room_name"], &["timestamp"], &["event"]],
    order: &[0, 2],
};
const FILES: Shape = Shape {
    tables: &["files"],
    columns: &[&["unique_name"], &["original_name"], &["room_name"], &["upload_timestamp"]],
    order: &[3],
};
const ACTS: Shape = Shape {
    tables: &["admin_logs"],
    columns: &[&["id"], &["admin_username"], &["timestamp"], &["action"]],
    order: &[0, 2],
};

/// A room being filled.
struct Room {
    name: String,
    filling: Filling,
    /// Who was there, and since when.
    guests: BTreeMap<String, Time>,
}

/// What is known of a file.
struct File {
    original_name: String,
    room: String,
    at: Option<Time>,
    /// Once the history has told of it: the file in the house, if its bytes were found.
    told: Option<Option<FileId>>,
}

/// The tables of it.
struct Tables {
    users: Found,
    rooms: Found,
    history: Found,
    files: Option<Found>,
    acts: Option<Found>,
}

impl Tables {
    fn of(foreign: &Foreign) -> anyhow::Result<Self> {
        let users = foreign.find(&USERS).filter(|users| users.has_all(&[0, 1]));
        let rooms = foreign.find(&ROOMS).filter(|rooms| rooms.has(0));
        let history = foreign.find(&HISTORY).filter(|history| history.has_all(&[1, 3]));
        let (Some(users), Some(rooms), Some(history)) = (users, rooms, history) else {
            let wanting = "that has the tables users(username, password_hash), rooms(room_name) and room_history(room_name, \
                timestamp, event)";
            return Err(stranger(System::Utuvox, foreign, wanting));
        };
        let files = foreign.find(&FILES).filter(|files| files.has_all(&[0, 2]));
        Ok(Self { users, rooms, history, files, acts: foreign.find(&ACTS).filter(|acts| acts.has(3)) })
    }

    fn source<'a>(&'a self, foreign: &'a Foreign) -> anyhow::Result<Source<'a>> {
        let must_be = [&self.users, &self.rooms, &self.history];
        Ok(Source {
            foreign,
            system: System::Utuvox,
            tables: must_be.into_iter().chain(&self.files).chain(&self.acts).collect(),
            people: (&self.users, &[0]),
            talk: (&self.history, &[0, 2, 3]),
            messages: foreign.count(&self.history)?,
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
    let newcomers = import.voices(foreign, &tables.users)?;
    import.people(&newcomers, wish)?;
    let mut rooms = import.voice_rooms(foreign, &tables.rooms)?;
    let mut known = match &tables.files {
        Some(files) => import.known_files(foreign, files, &rooms)?,
        None => HashMap::new(),
    };
    import.histories(foreign, &tables.history, &mut rooms, &mut known)?;
    import.untold_files(&mut rooms, known)?;
    rooms.into_values().try_for_each(|room| import.close_room(room))?;
    if let Some(acts) = &tables.acts {
        import.acts_of_admins(foreign, acts)?;
    }
    let key = KeyFile::beside(wish.from.folder(), &house.data_dir, &mut import.done);
    let done = import.finish(wish, &source)?;
    if let Some(key) = key.filter(|_| !done.dry_run) {
        key.take_over().context("taking over the admin key")?;
    }
    Ok(done)
}

/// A file as its row tells of it.
fn stored_file(row: &Row) -> Stored {
    let unique = row.text(0).unwrap_or_default().to_owned();
    let name = row.word(1).unwrap_or(&unique).to_owned();
    Stored { key: unique.clone(), name, path: unique.clone(), unique_name: Some(unique) }
}

impl Import {
    fn voices(&mut self, foreign: &Foreign, users: &Found) -> anyhow::Result<Vec<Newcomer>> {
        let mut newcomers = Vec::new();
        foreign.each(users, |row| {
            match row.text(0).filter(|name| !name.trim().is_empty()) {
                Some(name) => newcomers.push(Newcomer {
                    key: name.to_owned(),
                    username: name.to_owned(),
                    verifier: row.text(1).and_then(recognise),
                    is_admin: row.flag(2),
                    banned: row.flag(3).then(|| "banned at UtuVox".to_owned()),
                    ..Newcomer::default()
                }),
                None => self.done.leave_out("a user without a name"),
            }
            Ok::<_, anyhow::Error>(())
        })?;
        Ok(newcomers)
    }

    fn voice_rooms(&mut self, foreign: &Foreign, rooms: &Found) -> anyhow::Result<BTreeMap<String, Room>> {
        let mut names = Vec::new();
        foreign.each(rooms, |row| {
            names.push(row.text(0).map(str::to_owned));
            Ok::<_, anyhow::Error>(())
        })?;
        let mut rooms = BTreeMap::new();
        for (number, name) in (1..).zip(names) {
            let Some(name) = name.filter(|name| !rooms.contains_key(name)) else {
                self.done.leave_out("a room without a name");
                continue;
            };
            self.done.rooms += 1;
            let place = format!("room {}", shown(&name));
            let filling = self.room(&Plan { place, number, name: &name, may_be_general: true, ..Plan::default() })?;
            rooms.insert(name.clone(), Room { name, filling, guests: BTreeMap::new() });
        }
        Ok(rooms)
    }

    fn known_files(
        &mut self,
        foreign: &Foreign,
        files: &Found,
        rooms: &BTreeMap<String, Room>,
    ) -> anyhow::Result<HashMap<String, File>> {
        let mut known = HashMap::new();
        foreign.each(files, |row| {
            let (unique, room) = (row.text(0).unwrap_or_default(), row.text(2).unwrap_or_default());
            if unique.trim().is_empty() || !rooms.contains_key(room) || known.contains_key(unique) {
                self.done.leave_out(format!("file {} in room {}, which is gone", shown(unique), shown(room)));
                return Ok(());
            }
            let original_name = row.word(1).unwrap_or(unique).to_owned();
            let file = File { original_name, room: room.to_owned(), at: self.clock.read(row.text(3)), told: None };
            known.insert(unique.to_owned(), file);
            Ok::<_, anyhow::Error>(())
        })?;
        Ok(known)
    }

    fn histories(
        &mut self,
        foreign: &Foreign,
        history: &Found,
        rooms: &mut BTreeMap<String, Room>,
        files: &mut HashMap<String, File>,
    ) -> anyhow::Result<()> {
        foreign.each(history, |row| {
            let name = row.text(1).unwrap_or_default();
            let Some(room) = rooms.get_mut(name) else {
                let id = row.word(0).unwrap_or("?");
                self.done.leave_out(format!("line {id} of the history of room {}, which is gone", shown(name)));
                return Ok(());
            };
            let at = self.clock.read(row.text(2));
            self.line(room, files, at, (row.word(0), row.text(3).unwrap_or_default()))
        })
    }

    /// One line of a history.
    fn line(
        &mut self,
        room: &mut Room,
        files: &mut HashMap<String, File>,
        at: Option<Time>,
        (id, line): (Option<&str>, &str),
    ) -> anyhow::Result<()> {
        match event::read(&room.name, line) {
            Event::Joined { who } => {
                let who = self.guest(room, who, at);
                self.happened(&mut room.filling, who, at, Body::joined())
            }
            Event::Left { who } => {
                let who = self.guest(room, who, at);
                self.happened(&mut room.filling, who, at, Body::left(None))
            }
            Event::Said { who, text } => {
                let author = self.guest(room, who, at);
                self.message(&mut room.filling, Said { id, author, at, text }).map(drop)
            }
            Event::Uploaded { who, unique, original } => {
                let who = self.guest(room, who, at);
                self.uploaded(room, files.get_mut(unique), who, at, (unique, original))
            }
            Event::Downloaded { who, unique, original } => {
                let who = self.guest(room, who, at);
                self.downloaded(room, files.get(unique), who, at, original)
            }
            Event::Other => {
                self.message(&mut room.filling, Said { id, author: the_system(), at, text: line }).map(drop)
            }
        }
    }

    /// Who a line is about, noted as one who takes part in the room.
    fn guest(&self, room: &mut Room, name: &str, at: Option<Time>) -> Author {
        let Some(who) = self.people.named(name) else { return former(name) };
        room.guests.entry(name.to_owned()).or_insert(at.unwrap_or(self.now));
        who.clone()
    }

    fn uploaded(
        &mut self,
        room: &mut Room,
        file: Option<&mut File>,
        by: Author,
        at: Option<Time>,
        (unique, original): (&str, &str),
    ) -> anyhow::Result<()> {
        let Some(file) = file.filter(|file| file.told.is_none() && file.room == room.name) else {
            self.done.leave_out(format!("the line that tells of file {}: there is no such file", shown(unique)));
            return Ok(());
        };
        let shared = self.share(&mut room.filling, shared_file(by, original, unique), at)?;
        file.told = Some(shared);
        match shared {
            Some(_) => self.done.happenings += 1,
            None => self.done.leave_out(format!("the line that tells of file {}: it was not found", shown(unique))),
        }
        Ok(())
    }

    fn downloaded(
        &mut self,
        room: &mut Room,
        file: Option<&File>,
        who: Author,
        at: Option<Time>,
        original: &str,
    ) -> anyhow::Result<()> {
        match file.and_then(|file| file.told).flatten() {
            Some(file) => {
                let name = titan_core::text::file_name(original);
                self.happened(&mut room.filling, who, at, Body::file_fetched(file, name.as_str().into()))
            }
            None => {
                self.done.leave_out(format!("a download of file {}: there is no such file", shown(original)));
                Ok(())
            }
        }
    }

    /// Files that no history tells of: who had shared them is not known.
    fn untold_files(&mut self, rooms: &mut BTreeMap<String, Room>, files: HashMap<String, File>) -> anyhow::Result<()> {
        for (unique, file) in files.into_iter().filter(|(_, file)| file.told.is_none()) {
            if let Some(room) = rooms.get_mut(&file.room) {
                room.filling.file(shared_file(former("unknown"), &file.original_name, &unique), file.at);
            }
        }
        Ok(())
    }

    fn close_room(&mut self, room: Room) -> anyhow::Result<()> {
        let Room { mut filling, guests, .. } = room;
        for (name, since) in guests {
            if let Some(who) = self.people.named(&name).map(|who| who.id) {
                self.takes_part(&mut filling, who, MemberRole::Member, since)?;
            }
        }
        self.complete(filling)
    }

    fn acts_of_admins(&mut self, foreign: &Foreign, acts: &Found) -> anyhow::Result<()> {
        foreign.each(acts, |row| {
            let name = row.word(1).unwrap_or_default();
            let act = AuditRecord {
                at: self.clock.read(row.text(2)).unwrap_or(self.now),
                by: self.people.named(name).map(|admin| admin.id),
                act: "utuvox".to_owned(),
                object: SafeText::line(&format!("admin {name}")).into_written(),
                detail: SafeText::line(&redacted(row.text(3).unwrap_or_default())).into_written(),
            };
            self.importer.audit(&act)?;
            self.done.acts += 1;
            Ok(())
        })
    }
}

fn shared_file(by: Author, original: &str, unique: &str) -> SharedFile {
    let unique = unique.to_owned();
    SharedFile { key: unique.clone(), by, name: original.to_owned(), path: unique.clone(), unique_name: Some(unique) }
}

/// Who says what nobody is known to have said: a name that is the house's own.
fn the_system() -> Author {
    Author::new(AccountId(0), SafeText::line("system"), TitanNumber(0))
}
