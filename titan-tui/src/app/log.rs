//! The loaded part of one conversation's log, as it stands: edits, deletions and reactions are applied to the messages they
//! speak of. Applying an entry twice changes nothing.

use std::collections::BTreeMap;

use titan_core::{
    AccountId, ClientId, SafeText, Seq, Time,
    protocol::{Body, Entry, Message, Reaction},
};

/// Entries kept in memory for one conversation; older ones are loaded again from the cache when scrolled to.
const MOST: usize = 3_000;
/// Entries kept of a conversation that isn't open.
const MOST_AWAY: usize = 200;

/// The loaded part of a log and how it is looked at.
#[derive(Default)]
pub struct Log {
    pub items: BTreeMap<Seq, Item>,
    pub pending: Vec<Pending>,
    pub scroll: Scroll,
    pub selected: Option<Seq>,
    /// The "new" line stands after this seq until one leaves.
    pub new_after: Option<Seq>,
    /// A part is on its way.
    pub loading: bool,
    /// Nothing older exists.
    pub at_start: bool,
    /// The newest part has been loaded once.
    pub opened: bool,
    /// Messages of people one has blocked are shown, until one leaves.
    pub shows_blocked: bool,
    /// Where entries begin to count: beyond all that were forgotten, whose lines may still be kept.
    first_revision: u32,
}

/// An entry and how often it changed, so that its wrapped lines can be kept.
pub struct Item {
    pub entry: Entry,
    pub revision: u32,
}

/// Something of mine that the server has not confirmed.
#[derive(Clone, Debug)]
pub struct Pending {
    pub client_id: ClientId,
    pub text: SafeText,
    pub reply_to: Option<Seq>,
    pub at: Time,
    /// Whether it is on disk, and so outlives this client.
    pub kept: bool,
    /// Why it was refused, where it was.
    pub refused: Option<String>,
}

/// Which line stands at the edge of the timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scroll {
    /// The newest line is at the bottom, and stays there.
    #[default]
    Bottom,
    /// So many lines above (or, negative, below) the last line of this entry is at the bottom.
    BottomAt(Seq, isize),
    /// This entry's first line is at the top.
    TopAt(Seq),
}

impl Log {
    /// Takes in an entry. Whether it shows as a line of its own.
    pub fn apply(&mut self, entry: &Entry) -> bool {
        if let Some(client_id) = entry.client_id {
            self.pending.retain(|pending| pending.client_id != client_id);
        }
        match &entry.body {
            Body::Edit { target, text, .. } => self.change(*target, |message| edit(message, entry.seq, text)),
            Body::Deletion { target, .. } => self.change(*target, delete),
            Body::Reaction { target, emoji, on, .. } => {
                self.change(*target, |message| react(message, emoji, entry.author.id, *on));
            }
            _ => return self.insert(entry),
        }
        false
    }

    fn insert(&mut self, entry: &Entry) -> bool {
        match self.items.get_mut(&entry.seq) {
            Some(item) if item.entry == *entry => false,
            Some(item) => {
                item.entry = entry.clone();
                item.revision += 1;
                false
            }
            None => {
                self.items.insert(entry.seq, Item { entry: entry.clone(), revision: self.first_revision });
                true
            }
        }
    }

    fn change(&mut self, target: Seq, how: impl FnOnce(&mut Message) -> bool) {
        let Some(item) = self.items.get_mut(&target) else { return };
        if let Body::Message(message) = &mut item.entry.body
            && how(message)
        {
            item.revision += 1;
        }
    }

    /// Takes in a loaded part. Messages in it are as they now stand, so they replace what is here.
    pub fn load(&mut self, entries: &[Entry], at_start: bool) {
        entries.iter().for_each(|entry| {
            self.apply(entry);
        });
        self.at_start |= at_start || self.items.first_key_value().is_some_and(|(seq, _)| seq.0 <= 1);
    }

    pub fn oldest(&self) -> Option<Seq> {
        self.items.first_key_value().map(|(seq, _)| *seq)
    }

    pub fn newest(&self) -> Option<Seq> {
        self.items.last_key_value().map(|(seq, _)| *seq)
    }

    pub fn message(&self, seq: Seq) -> Option<(&Entry, &Message)> {
        let entry = &self.items.get(&seq)?.entry;
        match &entry.body {
            Body::Message(message) => Some((entry, message)),
            _ => None,
        }
    }

    /// Forgets what was loaded, which may never have been said. What waits to be sent stays.
    pub fn rewind(&mut self) {
        let newest = self.items.values().map(|item| item.revision).max().unwrap_or(self.first_revision);
        let pending = std::mem::take(&mut self.pending);
        *self = Self { pending, first_revision: newest + 1, ..Self::default() };
    }

    /// Lets go of what need not stay in memory.
    pub fn trim(&mut self, open: bool) {
        let most = if open && self.scroll == Scroll::Bottom { MOST } else { MOST_AWAY };
        if open && self.scroll != Scroll::Bottom {
            return;
        }
        while self.items.len() > most {
            self.items.pop_first();
            self.at_start = false;
        }
    }

    /// What one leaves behind by leaving: the "new" line, the choice, the scroll.
    pub fn leave(&mut self) {
        self.new_after = None;
        self.selected = None;
        self.scroll = Scroll::Bottom;
        self.shows_blocked = false;
        self.trim(false);
    }
}

fn edit(message: &mut Message, seq: Seq, text: &SafeText) -> bool {
    if message.deleted || message.edited.is_some_and(|edited| edited >= seq) {
        return false;
    }
    message.text = text.clone();
    message.edited = Some(seq);
    true
}

fn delete(message: &mut Message) -> bool {
    let changed = !message.deleted;
    *message = Message::erased(message.reply_to);
    changed
}

fn react(message: &mut Message, emoji: &SafeText, account: AccountId, on: bool) -> bool {
    match message.reactions.iter_mut().find(|reaction| reaction.is_with(emoji.written())) {
        Some(reaction) => {
            let changed = reaction.set(account, on);
            message.reactions.retain(|reaction| reaction.number() > 0);
            changed
        }
        None if on => {
            message.reactions.push(Reaction::new(emoji.clone(), vec![account]));
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use titan_core::{
        ConversationId, EntryId, TitanNumber,
        protocol::{Author, Place},
    };

    fn entry(seq: i64, body: Body) -> Entry {
        let author = Author::new(AccountId(1), "ada".into(), TitanNumber(10001));
        Entry::new(Place::new(ConversationId(1), Seq(seq)), EntryId(seq), author, Time(seq), body)
    }

    fn said(seq: i64, text: &str) -> Entry {
        entry(seq, Body::Message(Message::new(text.into())))
    }

    #[test]
    fn applying_twice_changes_nothing() {
        let mut log = Log::default();
        let story = [
            said(1, "helo"),
            entry(2, Body::edit(Seq(1), "hello".into())),
            entry(3, Body::reaction(Seq(1), "👍".into(), true)),
        ];
        story.iter().for_each(|entry| {
            log.apply(entry);
        });
        let (once, revision) = (log.message(Seq(1)).unwrap().1.clone(), log.items[&Seq(1)].revision);
        story[1..].iter().for_each(|entry| {
            log.apply(entry);
        });
        assert_eq!(*log.message(Seq(1)).unwrap().1, once);
        assert_eq!(log.items[&Seq(1)].revision, revision);
        assert_eq!((once.text.as_str(), once.reactions.len(), log.items.len()), ("hello", 1, 1));
    }

    #[test]
    fn a_deleted_message_keeps_its_place_and_nothing_else() {
        let mut log = Log::default();
        log.apply(&said(1, "secret"));
        log.apply(&entry(2, Body::deletion(Seq(1))));
        log.apply(&entry(3, Body::edit(Seq(1), "back".into())));
        let message = log.message(Seq(1)).unwrap().1;
        assert!(message.deleted && message.text.is_empty());
    }
}
