//! The original's rooms with their members and histories, and its private messages.

use std::collections::{BTreeMap, HashMap, HashSet};

use titan_core::protocol::MemberRole;
use titan_core::{AccountId, ConversationId, Seq, Time};

use super::super::passwords::unsalted;
use super::super::talk::{Filling, Plan};
use super::super::under_way::Import;
use super::{Moving, author, known};
use crate::foreign::titan_net::{OriginalMember, OriginalMessage, OriginalPrivate, OriginalRoom};
use titan_store::StoreResult;

/// The private messages of two accounts, being written.
struct Pair {
    ids: (i64, i64),
    conversation: ConversationId,
    /// The first message to an account that it has not read.
    unread: HashMap<AccountId, Seq>,
    at: Time,
}

impl Moving {
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
            self.import.done.leave_out(format!("the membership of {} in a room that is gone", stray.account));
        }
        self.messages(&mut filling)?;
        filling.into_values().try_for_each(|room| self.import.complete(room))
    }

    fn room(&mut self, room: &OriginalRoom, members: Vec<OriginalMember>) -> anyhow::Result<Filling> {
        let plan = Plan {
            number: room.id,
            name: &room.name,
            description: &room.description,
            voice: room.voice,
            password: room.password_hash.as_deref().map(unsalted),
            owner: room.creator.and_then(|creator| known(&self.import, creator)).map(|owner| owner.id),
            created_at: self.import.clock.read(room.created_at.as_deref()),
            may_be_general: false,
        };
        let mut filling = self.import.room(&plan)?;
        for member in members {
            let role = if room.creator == Some(member.account) { MemberRole::Owner } else { MemberRole::Member };
            let at = self.import.clock.read(member.joined_at.as_deref());
            if !known(&self.import, member.account).is_some_and(|who| filling.member(&who, role, at)) {
                let line =
                    format!("the membership of {} in room {}: no such account, or twice", member.account, room.id);
                self.import.done.leave_out(line);
            }
        }
        Ok(filling)
    }

    fn messages(&mut self, rooms: &mut BTreeMap<i64, Filling>) -> anyhow::Result<()> {
        let Self { original, import } = self;
        original.each_message(|OriginalMessage { room, author: by, text, sent_at }| {
            let Some(filling) = rooms.get_mut(&room) else {
                import.done.leave_out(format!("a message in room {room}, which is gone"));
                return Ok(());
            };
            let at = import.clock.read(sent_at.as_deref());
            import.message(filling, author(import, by), at, &text)
        })
    }

    pub(super) fn privates(&mut self) -> anyhow::Result<()> {
        let Self { original, import } = self;
        let mut pair = None;
        original.each_private(|message| import.private(&mut pair, &message))?;
        Ok(import.finish_pair(pair)?)
    }
}

impl Import {
    fn private(&mut self, pair: &mut Option<Pair>, message: &OriginalPrivate) -> StoreResult<()> {
        let (Some(sender), Some(recipient)) = (known(self, message.sender), known(self, message.recipient)) else {
            let line = format!("a private message of {} to {}: no such account", message.sender, message.recipient);
            self.done.leave_out(line);
            return Ok(());
        };
        let ids = (message.sender.min(message.recipient), message.sender.max(message.recipient));
        let at = self.clock.read(message.sent_at.as_deref());
        if pair.as_ref().is_none_or(|pair| pair.ids != ids) {
            self.finish_pair(pair.take())?;
            let at = at.unwrap_or(self.now);
            let conversation = self.importer.direct(sender.id, recipient.id, at)?;
            *pair = Some(Pair { ids, conversation, unread: HashMap::new(), at });
        }
        let Some(pair) = pair else { return Ok(()) };
        pair.at = at.unwrap_or(pair.at);
        let Some(seq) = self.say(pair.conversation, sender, pair.at, &message.text)? else {
            self.done.leave_out(format!("an empty private message of {}", message.sender));
            return Ok(());
        };
        self.done.privates += 1;
        if !message.read {
            pair.unread.entry(recipient.id).or_insert(seq);
        }
        Ok(())
    }

    /// Sets the read marks of a pair that is complete: before the first message that was not read.
    fn finish_pair(&mut self, pair: Option<Pair>) -> StoreResult<()> {
        let Some(pair) = pair else { return Ok(()) };
        for id in HashSet::from([pair.ids.0, pair.ids.1]) {
            let account = author(self, id).id;
            let mark = pair.unread.get(&account).map(|seq| Seq(seq.0 - 1));
            self.importer.read_up_to(pair.conversation, account, mark)?;
        }
        Ok(())
    }
}
