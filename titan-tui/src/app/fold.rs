//! Messages of people one has blocked: in a room they are folded to a line, as long as one doesn't ask for them. Pure; the
//! timeline draws by it and the keys step by it.

use titan_core::protocol::{Body, Entry};

use super::{log::Log, state::State};
use crate::times::day_number;

/// How an entry is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// As it is.
    Open,
    /// A line in place of so many messages, this one and those after it.
    Head(usize),
    /// Covered by the line before.
    Under,
}

/// How this entry is shown, given the one before it in the log.
pub fn fold(state: &State, log: &Log, entry: &Entry) -> Fold {
    if !is_folded(state, log, entry) {
        return Fold::Open;
    }
    let before = log.items.range(..entry.seq).next_back().map(|(_, item)| &item.entry);
    if before.is_some_and(|before| is_folded(state, log, before) && goes_on(state, log, before, entry)) {
        return Fold::Under;
    }
    let mut last = entry;
    let mut count = 1;
    for (_, item) in log.items.range(entry.seq.next()..) {
        if !is_folded(state, log, &item.entry) || !goes_on(state, log, last, &item.entry) {
            break;
        }
        last = &item.entry;
        count += 1;
    }
    Fold::Head(count)
}

/// Whether a message is of somebody blocked, and not to be seen.
pub fn is_folded(state: &State, log: &Log, entry: &Entry) -> bool {
    !log.shows_blocked && matches!(entry.body, Body::Message(_)) && state.is_blocked(entry.author.id)
}

/// No line of a new day, nor that of what is new, stands between the two.
fn goes_on(state: &State, log: &Log, one: &Entry, next: &Entry) -> bool {
    let new_between = log.new_after.is_some_and(|after| one.seq <= after && next.seq > after);
    !new_between && day_number(one.at, state) == day_number(next.at, state)
}
