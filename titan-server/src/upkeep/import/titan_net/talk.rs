//! The original's rooms with their members and histories, and its private messages.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use titan_core::protocol::{Author, MemberRole, RoomKind};
use titan_core::text::{DESCRIPTION_MOST, MESSAGE_MOST, clean, look_alike};
use titan_core::{AccountId, ConversationId, Seq, Time};

use super::super::names::free_room_name;
use super::Import;
use super::people::unsalted;
use crate::store::StoreResult;
use crate::store::sqlite::ImportedRoom;
use crate::store::sqlite::titan_net::{OriginalMember, OriginalMessage, OriginalPrivate, OriginalRoom};

/// A room being filled: its members come in where they joined between the messages.
struct Filling {
    conversation: ConversationId,
    to_join: VecDeque<(Author, Time, bool)>,
    joined: Vec<AccountId>,
    /// The time of the last entry, for what has none that can be read.
    at: Time,
}

/// The private messages of two accounts, being written.
struct Pair {
    ids: (i64, i64),
    conversation: ConversationId,
    /// The first message to an account that it has not read.
    unread: HashMap<AccountId, Seq>,
    at: Time,
}

impl Import {
    pub(super) fn rooms(&mut self) -> anyhow::Result<()> {
        let mut members: BTreeMap<i64, Vec<OriginalMember>> = BTreeMap::new();
        for member in self.original.members()? {
            members.entry(member.room).or_default().push(member);
        }
        let mut filling = BTreeMap::new();
        for room in self.original.rooms()? {
            let members = members.remove(&room.id).unwrap_or_default();
            filling.insert(room.id, self.room(&room, members)?);
        }
        for stray in members.into_values().flatten() {
            self.done.left_out.push(format!("the membership of {} in a room that is gone", stray.account));
        }
        self.messages(&mut filling)?;
        for (_, mut room) in filling {
            self.let_join(&mut room, None)?;
            for account in room.joined {
                self.importer.read_up_to(room.conversation, account, None)?;
            }
        }
        Ok(())
    }

    fn room(&mut self, room: &OriginalRoom, members: Vec<OriginalMember>) -> anyhow::Result<Filling> {
        let taken = |name: &str| self.importer.room_named(&look_alike(name));
        let name = free_room_name(&room.name, room.id, taken)?;
        if name != room.name {
            let was = titan_core::SafeText::line(&room.name);
            self.done.renamed.push(format!("room {:?} is {name:?} now", was.as_str()));
        }
        let created_at = self.clock.read(room.created_at.as_deref()).unwrap_or(self.now);
        let owner = room.creator.and_then(|creator| self.people.get(&creator)).map(|owner| owner.id);
        let imported = ImportedRoom {
            key: look_alike(&name),
            name,
            description: clean(room.description.trim()).chars().take(DESCRIPTION_MOST).collect(),
            kind: if room.voice { RoomKind::Voice } else { RoomKind::Text },
            password_hash: room.password_hash.as_deref().map(|hash| unsalted(hash).to_text()),
            owner,
            created_at,
        };
        let conversation = self.importer.room(&imported)?;
        self.done.rooms += 1;
        let to_join = self.known_members(room, members, created_at);
        Ok(Filling { conversation, to_join, joined: Vec::new(), at: created_at })
    }

    fn known_members(
        &mut self,
        room: &OriginalRoom,
        members: Vec<OriginalMember>,
        created_at: Time,
    ) -> VecDeque<(Author, Time, bool)> {
        let (mut to_join, mut seen) = (VecDeque::new(), HashSet::new());
        for member in members {
            let known = self.people.get(&member.account).filter(|_| seen.insert(member.account));
            match known {
                Some(author) => {
                    let at = self.clock.read(member.joined_at.as_deref()).unwrap_or(created_at);
                    to_join.push_back((author.clone(), at, room.creator == Some(member.account)));
                }
                None => {
                    let line =
                        format!("the membership of {} in room {}: no such account, or twice", member.account, room.id);
                    self.done.left_out.push(line);
                }
            }
        }
        to_join
    }

    fn messages(&mut self, rooms: &mut BTreeMap<i64, Filling>) -> anyhow::Result<()> {
        let original = self.original.clone();
        let taken = original.each_message(|message| match rooms.get_mut(&message.room) {
            Some(room) => self.message(room, &message),
            None => {
                self.done.left_out.push(format!("a message in room {}, which is gone", message.room));
                Ok(())
            }
        });
        Ok(taken?)
    }

    fn message(&mut self, room: &mut Filling, message: &OriginalMessage) -> StoreResult<()> {
        let at = self.clock.read(message.sent_at.as_deref()).unwrap_or(room.at);
        self.let_join(room, Some(at))?;
        room.at = at;
        match self.say(room.conversation, self.author(message.author), at, &message.text)? {
            Some(_) => self.done.messages += 1,
            None => self.done.left_out.push(format!("an empty message in room {}", message.room)),
        }
        Ok(())
    }

    /// Lets those in who joined up to a moment; everybody, without one.
    fn let_join(&mut self, room: &mut Filling, until: Option<Time>) -> StoreResult<()> {
        while let Some((who, at, owner)) =
            room.to_join.pop_front_if(|(_, at, _)| until.is_none_or(|until| *at <= until))
        {
            let role = if owner { MemberRole::Owner } else { MemberRole::Member };
            room.joined.push(who.id);
            self.importer.joined(room.conversation, who, role, at)?;
            self.done.members += 1;
        }
        Ok(())
    }

    pub(super) fn privates(&mut self) -> anyhow::Result<()> {
        let original = self.original.clone();
        let mut pair = None;
        let taken = original.each_private(|message| self.private(&mut pair, &message));
        taken?;
        Ok(self.finish(pair)?)
    }

    fn private(&mut self, pair: &mut Option<Pair>, message: &OriginalPrivate) -> StoreResult<()> {
        let known = |id| self.people.get(&id).cloned();
        let (Some(sender), Some(recipient)) = (known(message.sender), known(message.recipient)) else {
            let line = format!("a private message of {} to {}: no such account", message.sender, message.recipient);
            self.done.left_out.push(line);
            return Ok(());
        };
        let ids = (message.sender.min(message.recipient), message.sender.max(message.recipient));
        if pair.as_ref().is_none_or(|pair| pair.ids != ids) {
            self.finish(pair.take())?;
            let at = self.clock.read(message.sent_at.as_deref()).unwrap_or(self.now);
            let conversation = self.importer.direct(sender.id, recipient.id, at)?;
            *pair = Some(Pair { ids, conversation, unread: HashMap::new(), at });
        }
        let Some(pair) = pair else { return Ok(()) };
        pair.at = self.clock.read(message.sent_at.as_deref()).unwrap_or(pair.at);
        let Some(seq) = self.say(pair.conversation, sender, pair.at, &message.text)? else {
            self.done.left_out.push(format!("an empty private message of {}", message.sender));
            return Ok(());
        };
        self.done.privates += 1;
        if !message.read {
            pair.unread.entry(recipient.id).or_insert(seq);
        }
        Ok(())
    }

    /// Sets the read marks of a pair that is complete: before the first message that was not read.
    fn finish(&mut self, pair: Option<Pair>) -> StoreResult<()> {
        let Some(pair) = pair else { return Ok(()) };
        for id in HashSet::from([pair.ids.0, pair.ids.1]) {
            let account = self.author(id).id;
            let mark = pair.unread.get(&account).map(|seq| Seq(seq.0 - 1));
            self.importer.read_up_to(pair.conversation, account, mark)?;
        }
        Ok(())
    }

    /// Writes a message, in several entries where it is longer than one may be; the first one's place, if it says
    /// anything.
    fn say(&mut self, to: ConversationId, author: Author, at: Time, text: &str) -> StoreResult<Option<Seq>> {
        let text: Vec<char> = clean(text).chars().collect();
        let mut first = None;
        self.bar.inc(1);
        for piece in text.chunks(MESSAGE_MOST).map(String::from_iter).filter(|piece: &String| !piece.trim().is_empty())
        {
            let seq = self.importer.said(to, author.clone(), at, piece)?;
            match first {
                None => first = Some(seq),
                Some(_) => self.pieces += 1,
            }
        }
        Ok(first)
    }
}
