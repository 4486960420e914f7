//! The order of entries: every conversation's log is handed on from one seq to the next, each entry once. What comes twice
//! is dropped, what comes early waits, what is missing is asked for. A pure state machine without a clock or a socket.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{ConversationId, Seq, protocol::Entry};

/// Entries of one conversation that wait for one before them. Beyond this they are fetched again.
const EARLY_MOST: usize = 1000;

/// No log gets that far; a server that says so would have us overflow.
const SEQ_MOST: i64 = 1 << 53;

#[derive(Default)]
pub(super) struct Order {
    logs: HashMap<ConversationId, Log>,
    /// The conversations that miss something, or did a moment ago.
    lacking: BTreeSet<ConversationId>,
}

/// How far one conversation's log was handed on.
#[derive(Default)]
struct Log {
    last: Seq,
    early: BTreeMap<Seq, Entry>,
    /// There are entries up to here that could not be kept.
    behind: Seq,
    asked: bool,
}

impl Order {
    /// Up to where a conversation was handed on, if it is followed.
    pub fn last(&self, conversation: ConversationId) -> Option<Seq> {
        self.logs.get(&conversation).map(|log| log.last)
    }

    /// Follows a conversation after this seq. What waited is forgotten: it will come again.
    pub fn begin(&mut self, conversation: ConversationId, last: Seq) {
        self.logs.insert(conversation, Log { last, ..Log::default() });
    }

    pub fn end(&mut self, conversation: ConversationId) {
        self.logs.remove(&conversation);
    }

    /// Takes an entry in; what can now be handed on is added to `out`, in order. With `room` false nothing is: the entry is
    /// only remembered as missing. A conversation not followed yet is followed from here.
    pub fn accept(&mut self, entry: Entry, room: bool, out: &mut Vec<Entry>) {
        if !(1..=SEQ_MOST).contains(&entry.seq.0) {
            return;
        }
        let first = Seq(entry.seq.0 - 1);
        let log = self.logs.entry(entry.conversation).or_insert_with(|| Log { last: first, ..Log::default() });
        if entry.seq <= log.last {
            return;
        }
        let early = entry.seq > log.last.next();
        if !room || early {
            self.lacking.insert(entry.conversation);
        }
        if !room || (early && log.early.len() >= EARLY_MOST) {
            log.behind = log.behind.max(entry.seq);
        } else if early {
            log.early.insert(entry.seq, entry);
        } else {
            log.last = entry.seq;
            out.push(entry);
            log.hand_on_early(out);
        }
    }

    /// The conversations that miss something and have not asked for it, each with the seq to ask after.
    pub fn missing(&mut self) -> Vec<(ConversationId, Seq)> {
        let logs = &mut self.logs;
        self.lacking.retain(|conversation| logs.get(conversation).is_some_and(Log::is_lacking));
        let mut missing = Vec::new();
        for conversation in &self.lacking {
            if let Some(log) = logs.get_mut(conversation).filter(|log| !log.asked) {
                log.asked = true;
                missing.push((*conversation, log.last));
            }
        }
        missing
    }

    /// What was asked for could not be given just now.
    pub fn ask_again(&mut self, conversation: ConversationId) {
        if let Some(log) = self.logs.get_mut(&conversation) {
            log.asked = false;
        }
    }

    /// Takes in what was asked for. If nothing came, nothing is there, and what waited goes on without it.
    pub fn fill(&mut self, conversation: ConversationId, entries: Vec<Entry>, room: bool, out: &mut Vec<Entry>) {
        let Some(log) = self.logs.get_mut(&conversation) else { return };
        log.asked = false;
        if entries.is_empty() {
            log.behind = Seq(0);
            if let Some(first) = log.early.keys().next() {
                log.last = Seq(first.0 - 1);
                log.hand_on_early(out);
            }
        }
        for entry in entries {
            self.accept(entry, room, out);
        }
    }
}

impl Log {
    fn is_lacking(&self) -> bool {
        !self.early.is_empty() || self.behind > self.last
    }

    fn hand_on_early(&mut self, out: &mut Vec<Entry>) {
        while let Some(entry) = self.early.remove(&self.last.next()) {
            self.last = entry.seq;
            out.push(entry);
        }
        self.early = self.early.split_off(&self.last.next());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::entry;
    use proptest::prelude::*;

    fn seqs(entries: &[Entry]) -> Vec<i64> {
        entries.iter().map(|entry| entry.seq.0).collect()
    }

    #[test]
    fn what_is_missing_for_ever_holds_nothing_up_for_ever() {
        let mut order = Order::default();
        let mut out = Vec::new();
        order.begin(ConversationId(1), Seq(4));
        order.accept(entry(1, 9, "x"), true, &mut out);
        assert_eq!(order.missing(), [(ConversationId(1), Seq(4))]);
        assert_eq!(order.missing(), []);
        order.fill(ConversationId(1), Vec::new(), true, &mut out);
        assert_eq!(seqs(&out), [9]);
    }

    #[test]
    fn a_senseless_seq_is_dropped() {
        let mut order = Order::default();
        let mut out = Vec::new();
        for seq in [i64::MIN, -1, 0, i64::MAX] {
            order.accept(Entry { seq: Seq(seq), ..entry(1, 1, "x") }, true, &mut out);
        }
        assert!(out.is_empty() && order.last(ConversationId(1)).is_none());
    }

    proptest! {
        /// However entries come (twice, out of order, refused for want of room), asking for what is missing brings each
        /// exactly once and in order.
        #[test]
        fn every_entry_is_handed_on_once_and_in_order(
            arrivals in proptest::collection::vec((1i64..60, any::<bool>()), 0..200)
        ) {
            let mut order = Order::default();
            let mut out = Vec::new();
            let head = arrivals.iter().map(|(seq, _)| *seq).max().unwrap_or(0);
            order.begin(ConversationId(1), Seq(0));
            for (seq, room) in arrivals {
                order.accept(entry(1, seq, "x"), room, &mut out);
            }
            while let Some((conversation, after)) = order.missing().pop() {
                let page = (after.0 + 1..=head.min(after.0 + 7)).map(|seq| entry(1, seq, "x")).collect();
                order.fill(conversation, page, true, &mut out);
            }
            prop_assert_eq!(seqs(&out), (1..=head).collect::<Vec<_>>());
        }
    }
}
