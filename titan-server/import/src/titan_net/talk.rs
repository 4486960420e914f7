//! The original's rooms with their members and histories, and its private messages.

use std::collections::{BTreeMap, HashMap};

use titan_core::protocol::MemberRole;
use titan_core::{AccountId, ConversationId, Seq};

use super::super::names::shown;
use super::super::passwords::{recognise, unknowable};
use super::super::talk::{Filling, Plan, Said};
use super::super::under_way::Import;
use super::tables::room;
use super::{Moving, author, known};
use crate::foreign::Row;

/// The private messages of two people, being written.
struct Pair {
    filling: Filling,
    people: [AccountId; 2],
    /// The first message to an account that it has not read.
    unread: HashMap<AccountId, Seq>,
}

/// Rooms being filled, by their ids there.
type Rooms = BTreeMap<String, Filling>;

impl Moving<'_> {
    pub(super) fn rooms(&mut self) -> anyhow::Result<()> {
        let mut rooms = Rooms::new();
        let (foreign, tables) = (self.foreign, self.tables);
        let mut rows = Vec::new();
        foreign.each(&tables.rooms, |row| {
            rows.push(row.clone());
            Ok::<_, anyhow::Error>(())
        })?;
        for row in &rows {
            let filling = self.room(row)?;
            rooms.insert(row.key(room::ID).unwrap_or_default(), filling);
        }
        self.members(&mut rooms, &rows)?;
        self.messages(&mut rooms)?;
        self.let_moderators_in(&mut rooms, &rows)?;
        let there: HashMap<String, ConversationId> =
            rooms.iter().map(|(key, filling)| (key.clone(), filling.conversation)).collect();
        rooms.into_values().try_for_each(|room| self.import.complete(room))?;
        self.room_bans(&there)
    }

    fn room(&mut self, row: &Row) -> anyhow::Result<Filling> {
        let (id, name) = (row.word(room::ID).unwrap_or("?"), row.text(room::NAME).unwrap_or_default());
        let place = format!("room {id} {}", shown(name));
        let hash = row.word(room::PASSWORD_HASH);
        let password = hash.map(|hash| recognise(hash).unwrap_or_else(unknowable));
        if hash.is_some_and(|hash| recognise(hash).is_none()) {
            let line = format!(
                "the password of {place} was kept in a form that can't be checked: its owner can set a new one"
            );
            self.import.done.notes.push(line);
        }
        self.import.done.rooms += 1;
        self.import.room(&Plan {
            place,
            number: row.number(room::ID).unwrap_or_default(),
            name,
            description: row.text(room::DESCRIPTION).unwrap_or_default(),
            voice: row.word(room::KIND) == Some("voice"),
            password,
            owner: known(&self.import, row.key(room::CREATOR)).map(|owner| owner.id),
            created_at: self.import.clock.read(row.text(room::CREATED_AT)),
            may_be_general: false,
        })
    }

    fn members(&mut self, rooms: &mut Rooms, rows: &[Row]) -> anyhow::Result<()> {
        let Some(members) = &self.tables.members else { return Ok(()) };
        let owners: HashMap<_, _> = rows.iter().map(|row| (row.key(room::ID), row.key(room::CREATOR))).collect();
        let Self { foreign, import, moderators, .. } = self;
        foreign.each(members, |row| {
            let (place, who) = (row.key(0), row.key(1));
            let role = match &who {
                who if owners.get(&place) == Some(who) => MemberRole::Owner,
                Some(who) if moderators.contains(who) => MemberRole::Moderator,
                _ => MemberRole::Member,
            };
            let at = import.clock.read(row.text(2));
            let room = place.as_ref().and_then(|place| rooms.get_mut(place));
            let joined = room.zip(known(import, who)).is_some_and(|(room, who)| room.member(&who, role, at));
            if !joined {
                let (who, place) = (row.word(1).unwrap_or("nobody"), row.word(0).unwrap_or("none"));
                let line = format!("the membership of user {who} in room {place}: no such user or room, or twice");
                import.done.leave_out(line);
            }
            Ok(())
        })
    }

    fn messages(&mut self, rooms: &mut Rooms) -> anyhow::Result<()> {
        let Self { foreign, tables, import, .. } = self;
        foreign.each(&tables.messages, |row| {
            let author = author(import, row.word(2).unwrap_or_default());
            let Some(filling) = row.key(1).and_then(|room| rooms.get_mut(&room)) else {
                let (id, room) = (row.word(0).unwrap_or("?"), row.word(1).unwrap_or("none"));
                let by = shown(import.people.called(&author));
                import.done.leave_out(format!("message {id} of {by}: its room {room} is gone"));
                return Ok(());
            };
            let at = import.clock.read(row.text(4));
            import
                .message(filling, Said { id: row.word(0), author, at, text: row.text(3).unwrap_or_default() })
                .map(drop)
        })
    }

    pub(super) fn privates(&mut self) -> anyhow::Result<()> {
        let Some(privates) = &self.tables.privates else { return Ok(()) };
        // The first versions never marked anything as read: there the last login tells.
        let mut marked = false;
        self.foreign.each(privates, |row| {
            marked |= row.flag(5);
            Ok::<_, anyhow::Error>(())
        })?;
        let mut pairs = BTreeMap::new();
        self.foreign.each(privates, |row| {
            let at = self.import.clock.read(row.text(4));
            let seen = row.key(2).and_then(|recipient| self.seen.get(&recipient)).copied();
            let read = if marked { row.flag(5) } else { seen.zip(at).is_some_and(|(seen, at)| at <= seen) };
            self.import.private(&mut pairs, row, read)
        })?;
        pairs.into_values().try_for_each(|pair| self.import.finish_pair(pair))
    }
}

impl Import {
    fn private(&mut self, pairs: &mut BTreeMap<[String; 2], Pair>, row: &Row, read: bool) -> anyhow::Result<()> {
        let (from, to) = (row.key(1).unwrap_or_default(), row.key(2).unwrap_or_default());
        if self.people.known(&from).is_none() && self.people.known(&to).is_none() {
            let id = row.word(0).unwrap_or("?");
            self.done.leave_out(format!("private message {id} of user {from} to user {to}: both are gone"));
            return Ok(());
        }
        let (sender, recipient) = (self.somebody_or_gone(&from)?, self.somebody_or_gone(&to)?);
        let at = self.clock.read(row.text(4));
        let key = if from < to { [from, to] } else { [to, from] };
        if !pairs.contains_key(&key) {
            let filling = self.direct(&sender, &recipient, at)?;
            let people = [sender.id, recipient.id];
            pairs.insert(key.clone(), Pair { filling, people, unread: HashMap::new() });
        }
        let Some(pair) = pairs.get_mut(&key) else { return Ok(()) };
        let said = Said { id: row.word(0), author: sender, at, text: row.text(3).unwrap_or_default() };
        if let Some(seq) = self.message(&mut pair.filling, said)?.filter(|_| !read) {
            pair.unread.entry(recipient.id).or_insert(seq);
        }
        Ok(())
    }

    fn somebody_or_gone(&mut self, key: &str) -> anyhow::Result<titan_core::protocol::Author> {
        match self.people.known(key) {
            Some(author) => Ok(author.clone()),
            None => self.gone(key),
        }
    }

    /// Sets the read marks of a pair that is complete: before the first message that was not read.
    fn finish_pair(&mut self, pair: Pair) -> anyhow::Result<()> {
        let [one, other] = pair.people;
        let both = if one == other { vec![one] } else { vec![one, other] };
        for account in both {
            let mark = pair.unread.get(&account).map(|seq| Seq(seq.0 - 1));
            self.importer.read_up_to(pair.filling.conversation, account, mark)?;
        }
        Ok(())
    }
}
