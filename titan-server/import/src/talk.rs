//! Conversations that fill up with what was said, each entry with its own time, in the order of time.

use std::collections::{BTreeMap, BTreeSet};

use titan_core::protocol::{Author, Body, MemberRole, RoomKind};
use titan_core::text::{DESCRIPTION_MOST, MESSAGE_MOST, is_blank, kept, look_alike};
use titan_core::{AccountId, ConversationId, FileId, Seq, Time};
use unicode_segmentation::UnicodeSegmentation;

use super::names::{free_room_name, shown};
use super::sharing::SharedFile;
use super::under_way::Import;
use titan_sql::import::ImportedRoom;
use titan_store::{StoreResult, Verifier};

/// The room that everybody is in.
const GENERAL: ConversationId = ConversationId(1);

/// A room to be made.
#[derive(Default)]
pub struct Plan<'a> {
    /// What lines about it call it by, as the older system did.
    pub place: String,
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
    /// What lines about it call it by, as the older system did.
    pub place: String,
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

/// What somebody said.
pub struct Said<'a> {
    /// What the older system called it by.
    pub id: Option<&'a str>,
    pub author: Author,
    pub at: Option<Time>,
    pub text: &'a str,
}

impl Filling {
    fn new(conversation: ConversationId, place: String, kind: Kind, at: Time) -> Self {
        Self { conversation, place, kind, waiting: BTreeMap::new(), came: 0, members: BTreeSet::new(), at }
    }

    /// Whether it is the room that everybody is in.
    pub fn is_general(&self) -> bool {
        self.kind == Kind::General
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
        if plan.may_be_general && look_alike(plan.name.trim()) == "general" && self.general_is_free()? {
            self.general_is_theirs = true;
            return Ok(Filling::new(GENERAL, plan.place.clone(), Kind::General, self.now));
        }
        let name = free_room_name(plan.name, plan.number, |name| self.importer.room_named(&look_alike(name)))?;
        if name != plan.name {
            self.done.renamed.push(format!("{} is the room {} now", plan.place, shown(&name)));
        }
        let created_at = plan.created_at.unwrap_or(self.now);
        let room = ImportedRoom {
            key: look_alike(&name),
            name,
            description: kept(plan.description.trim()).chars().take(DESCRIPTION_MOST).collect(),
            kind: if plan.voice { RoomKind::Voice } else { RoomKind::Text },
            password_hash: plan.password.as_ref().map(|old| (self.safely.0)(old).to_text()),
            owner: plan.owner,
            created_at,
        };
        self.put.rooms += 1;
        let id = self.importer.room(&room)?;
        self.places.insert(id, plan.place.clone());
        Ok(Filling::new(id, plan.place.clone(), Kind::Room, created_at))
    }

    /// Whether nothing was said there, and no other room of the older system has become it.
    fn general_is_free(&mut self) -> StoreResult<bool> {
        Ok(!self.general_is_theirs && self.importer.head(GENERAL)? == Seq(0))
    }

    /// The conversation of two people, who may be one and the same.
    pub fn direct(&mut self, one: &Author, other: &Author, at: Option<Time>) -> StoreResult<Filling> {
        let at = at.unwrap_or(self.now);
        let (two, pair) = (self.people.called(one), self.people.called(other));
        let place = format!("the talk of {} and {}", shown(two), shown(pair));
        let conversation = self.importer.direct(one.id, other.id, at)?;
        self.places.insert(conversation, place.clone());
        let mut filling = Filling::new(conversation, place, Kind::Direct, at);
        filling.members.extend([one.id, other.id]);
        Ok(filling)
    }

    /// Writes a message, after all that waited for its time: in several entries where it is longer than one may be. The first
    /// one's place, if it says anything; what is empty is left out.
    pub fn message(&mut self, to: &mut Filling, said: Said<'_>) -> anyhow::Result<Option<Seq>> {
        let at = self.catch_up(to, said.at)?;
        self.bar.inc(1);
        if is_blank(said.text) {
            let line = format!("{}: it is empty", self.told(&said, to));
            self.done.leave_out(line);
            return Ok(None);
        }
        self.note_changes(&said, to);
        let text = kept(said.text);
        let mut first = None;
        for piece in pieces(&text) {
            let seq = self.importer.said(to.conversation, said.author.clone(), at, piece.to_owned())?;
            self.put.entries += 1;
            first = first.or(Some(seq));
        }
        match to.kind {
            Kind::Direct => self.done.privates += 1,
            Kind::Room | Kind::General => self.done.messages += 1,
        }
        Ok(first)
    }

    fn note_changes(&mut self, said: &Said<'_>, to: &Filling) {
        let pieces = pieces(said.text).len();
        if pieces > 1 {
            let told = self.told(said, to);
            let line = format!("{told} has more than {MESSAGE_MOST} characters: it came in as {pieces} messages");
            self.done.notes.push(line);
        }
        if said.text.contains('\0') {
            let line = format!("{} held the character U+0000, which stands there as U+2400 now", self.told(said, to));
            self.done.notes.push(line);
        }
    }

    /// A message, for a line about it.
    pub fn told(&self, said: &Said<'_>, to: &Filling) -> String {
        let which = said.id.map_or_else(|| "a message".to_owned(), |id| format!("message {id}"));
        format!("{which} of {} in {}", shown(self.people.called(&said.author)), to.place)
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
        self.put_file(to.conversation, &to.place, file, at)
    }

    /// Makes somebody a member of whom the log says nothing more.
    pub fn takes_part(&mut self, to: &mut Filling, who: AccountId, role: MemberRole, since: Time) -> StoreResult<()> {
        if to.members.insert(who) && to.kind == Kind::Room {
            self.importer.member(to.conversation, who, role, since)?;
            self.done.guests += 1;
        }
        Ok(())
    }

    /// Has everybody who came in take part.
    pub fn all_take_part(&mut self, to: &mut Filling) -> StoreResult<()> {
        for who in self.people.ids() {
            self.takes_part(to, who, MemberRole::Member, self.now)?;
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
                Waiting::File(file) => drop(self.put_file(filling.conversation, &filling.place, file, at)?),
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
}

/// A text in pieces of which each may be one message, cut between what people see as characters.
fn pieces(text: &str) -> Vec<&str> {
    if text.len() <= MESSAGE_MOST {
        return vec![text];
    }
    let (mut pieces, mut start, mut count) = (Vec::new(), 0, 0);
    for (at, character) in text.grapheme_indices(true) {
        let full = count == MESSAGE_MOST || at + character.len() - start > MESSAGE_MOST * 4;
        if full && at > start {
            pieces.push(&text[start..at]);
            (start, count) = (at, 0);
        }
        count += 1;
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters_and_nothing_is_lost() {
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        for (text, most) in
            [("x".repeat(60_000), 4), (family.repeat(9_000), 3), ("short".to_owned(), 1), (String::new(), 1)]
        {
            let pieces = pieces(&text);
            assert_eq!((pieces.concat(), pieces.len()), (text.clone(), most));
            assert!(pieces.iter().all(|piece| titan_core::text::message(piece).is_ok() || text.is_empty()));
        }
    }
}
