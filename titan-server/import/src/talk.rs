//! Conversations that fill up with what was said, each entry with its own time, in the order of time.

use std::collections::{BTreeMap, BTreeSet};

use titan_core::protocol::{Author, Body, MemberRole, RoomKind};
use titan_core::text::{DESCRIPTION_MOST, MESSAGE_MOST, file_name, kept, look_alike};
use titan_core::{AccountId, ConversationId, FileId, SafeText, Seq, Time};

use super::names::{free_room_name, shown};
use super::under_way::Import;
use titan_sql::sqlite::ImportedRoom;
use titan_store::{NewFile, StoreResult, Verifier};

/// The room that everybody is in.
const GENERAL: ConversationId = ConversationId(1);

/// A room to be made.
#[derive(Default)]
pub struct Plan<'a> {
    /// What stands for the name where there is no usable one.
    pub number: i64,
    pub name: &'a str,
    pub description: &'a str,
    pub voice: bool,
    pub password: Option<Verifier>,
    pub owner: Option<AccountId>,
    pub created_at: Option<Time>,
    /// Whether "general" becomes the room that everybody is in, as long as nothing was said there.
    pub may_be_general: bool,
}

/// A conversation being filled: members and files wait for their time among the messages.
pub struct Filling {
    pub conversation: ConversationId,
    kind: Kind,
    /// By their times, those of one time in the order of their coming.
    waiting: BTreeMap<(Time, u64), Waiting>,
    came: u64,
    members: BTreeSet<AccountId>,
    /// The time of the last entry, for what has none that can be read.
    at: Time,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Room,
    Direct,
    /// Everybody is a member already.
    General,
}

enum Waiting {
    Member(Author, MemberRole),
    File(SharedFile),
}

/// A file that somebody shared.
pub struct SharedFile {
    pub by: Author,
    /// The name it was shared under.
    pub name: String,
    /// Where the older system had put it.
    pub path: String,
    /// The name that the system's people know it by.
    pub unique_name: Option<String>,
}

impl Filling {
    fn new(conversation: ConversationId, kind: Kind, at: Time) -> Self {
        Self { conversation, kind, waiting: BTreeMap::new(), came: 0, members: BTreeSet::new(), at }
    }

    /// Somebody who joins at that time, or at the beginning. False for who is a member already.
    pub fn member(&mut self, who: &Author, role: MemberRole, at: Option<Time>) -> bool {
        let new = self.members.insert(who.id);
        if new {
            self.wait(at, Waiting::Member(who.clone(), role));
        }
        new
    }

    /// A file that is shared at that time, or at the beginning.
    pub fn file(&mut self, file: SharedFile, at: Option<Time>) {
        self.wait(at, Waiting::File(file));
    }

    fn wait(&mut self, at: Option<Time>, what: Waiting) {
        self.came += 1;
        self.waiting.insert((at.unwrap_or(self.at), self.came), what);
    }
}

impl Import {
    /// Makes a room, under another name where its own is taken.
    pub fn room(&mut self, plan: &Plan<'_>) -> anyhow::Result<Filling> {
        self.done.rooms += 1;
        if plan.may_be_general && look_alike(plan.name.trim()) == "general" && self.general_is_free()? {
            self.general_is_theirs = true;
            return Ok(self.general());
        }
        let name = free_room_name(plan.name, plan.number, |name| self.importer.room_named(&look_alike(name)))?;
        if name != plan.name {
            self.done.renamed.push(format!("room {} is {name:?} now", shown(plan.name)));
        }
        let created_at = plan.created_at.unwrap_or(self.now);
        let room = ImportedRoom {
            key: look_alike(&name),
            name,
            description: kept(plan.description.trim()).chars().take(DESCRIPTION_MOST).collect(),
            kind: if plan.voice { RoomKind::Voice } else { RoomKind::Text },
            password_hash: plan.password.as_ref().map(Verifier::to_text),
            owner: plan.owner,
            created_at,
        };
        self.put.rooms += 1;
        Ok(Filling::new(self.importer.room(&room)?, Kind::Room, created_at))
    }

    /// Whether nothing was said there, and no other room of the older system has become it.
    fn general_is_free(&mut self) -> StoreResult<bool> {
        Ok(!self.general_is_theirs && self.importer.head(GENERAL)? == Seq(0))
    }

    /// The room that everybody is in.
    pub fn general(&self) -> Filling {
        Filling::new(GENERAL, Kind::General, self.now)
    }

    /// The conversation of two people, who may be one and the same.
    pub fn direct(&mut self, one: AccountId, other: AccountId, at: Option<Time>) -> StoreResult<Filling> {
        let at = at.unwrap_or(self.now);
        let mut filling = Filling::new(self.importer.direct(one, other, at)?, Kind::Direct, at);
        filling.members.extend([one, other]);
        Ok(filling)
    }

    /// Writes a message, after all that waited for its time. Empty ones are left out.
    pub fn message(&mut self, to: &mut Filling, author: Author, at: Option<Time>, text: &str) -> anyhow::Result<()> {
        let at = self.catch_up(to, at)?;
        let private = to.kind == Kind::Direct;
        match self.say(to.conversation, author, at, text)? {
            None if private => self.done.leave_out("an empty private message"),
            None => self.done.leave_out(format!("an empty message in room {}", to.conversation)),
            Some(_) if private => self.done.privates += 1,
            Some(_) => self.done.messages += 1,
        }
        Ok(())
    }

    /// Writes what happened beside the talk.
    pub fn happened(&mut self, to: &mut Filling, who: Author, at: Option<Time>, what: Body) -> anyhow::Result<()> {
        let at = self.catch_up(to, at)?;
        self.importer.happened(to.conversation, who, at, what)?;
        self.put.entries += 1;
        self.done.happenings += 1;
        Ok(())
    }

    /// Copies a file into the house with the message that tells of it; none where its bytes are not to be found.
    pub fn share(&mut self, to: &mut Filling, file: SharedFile, at: Option<Time>) -> anyhow::Result<Option<FileId>> {
        let at = self.catch_up(to, at)?;
        self.put_file(to.conversation, file, at)
    }

    /// Makes somebody a member of whom the log says nothing more.
    pub fn takes_part(&mut self, to: &mut Filling, who: AccountId, since: Time) -> StoreResult<()> {
        if to.members.insert(who) && to.kind == Kind::Room {
            self.importer.member(to.conversation, who, MemberRole::Member, since)?;
        }
        Ok(())
    }

    /// Lets the rest in, and notes that its members have read what is there.
    pub fn complete(&mut self, mut filling: Filling) -> anyhow::Result<()> {
        self.let_in(&mut filling, None)?;
        let everybody = filling.kind == Kind::General;
        let members = if everybody { self.people.ids() } else { filling.members.into_iter().collect() };
        for account in members {
            self.importer.read_up_to(filling.conversation, account, None)?;
        }
        Ok(())
    }

    /// Writes a message, in several entries where it is longer than one may be; the first one's place, if it says
    /// anything.
    pub fn say(&mut self, to: ConversationId, author: Author, at: Time, text: &str) -> StoreResult<Option<Seq>> {
        let text: Vec<char> = kept(text).chars().collect();
        let mut first = None;
        self.bar.inc(1);
        for piece in text.chunks(MESSAGE_MOST).map(String::from_iter).filter(|piece: &String| !piece.trim().is_empty())
        {
            let seq = self.importer.said(to, author.clone(), at, piece)?;
            self.put.entries += 1;
            first = first.or(Some(seq));
        }
        Ok(first)
    }

    /// Lets in what waited for this time, which is the last entry's where it is unknown.
    fn catch_up(&mut self, filling: &mut Filling, at: Option<Time>) -> anyhow::Result<Time> {
        let at = at.unwrap_or(filling.at);
        self.let_in(filling, Some(at))?;
        filling.at = at;
        Ok(at)
    }

    /// Lets in what waited up to a moment; everything, without one.
    fn let_in(&mut self, filling: &mut Filling, until: Option<Time>) -> anyhow::Result<()> {
        while let Some(next) = filling.waiting.first_entry() {
            let (at, _) = *next.key();
            if until.is_some_and(|until| at > until) {
                break;
            }
            match next.remove() {
                Waiting::Member(who, role) => self.join(filling, who, role, at)?,
                Waiting::File(file) => drop(self.put_file(filling.conversation, file, at)?),
            }
        }
        Ok(())
    }

    fn join(&mut self, filling: &Filling, who: Author, role: MemberRole, at: Time) -> StoreResult<()> {
        if filling.kind == Kind::Room {
            self.importer.joined(filling.conversation, who, role, at)?;
            self.put.entries += 1;
        }
        self.done.members += 1;
        Ok(())
    }

    fn put_file(&mut self, to: ConversationId, file: SharedFile, at: Time) -> anyhow::Result<Option<FileId>> {
        let Some(found) = self.shelf.find(&file.path) else {
            let line = format!("file {}: it was not found, name its folder with --uploads", shown(&file.path));
            self.done.leave_out(line);
            return Ok(None);
        };
        let blob = self.shelf.keep(&found)?;
        let unique_name = self.unique_name(file.unique_name)?;
        let new = NewFile { name: file_name(&file.name), size: blob.size, blob: blob.id, unique_name };
        let id = self.importer.shared(to, file.by, at, new)?;
        self.put.entries += 1;
        self.put.files += 1;
        self.done.files += 1;
        Ok(Some(id))
    }

    /// The name, where it may stand and no other file has it; the house makes one up otherwise.
    fn unique_name(&mut self, name: Option<String>) -> StoreResult<Option<String>> {
        let Some(name) = name else { return Ok(None) };
        let plain = SafeText::line(&name).written() == &*SafeText::new(&name) && !name.contains(['/', '\\']);
        if plain && !self.importer.file_named(&name)? {
            return Ok(Some(name));
        }
        self.done.renamed.push(format!("file {} has another unique name now", shown(&name)));
        Ok(None)
    }
}
