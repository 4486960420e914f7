//! One connection's ear: a bounded queue, and the places it has heard up to.
//!
//! A listener is offered entries in order of seq. One that its queue has no room for (or that would leave a gap) is
//! refused, and the conversation is then *behind*: the listener pulls it from the log, page by page, until it has caught
//! up, while other conversations go on. Nobody waits for it, nothing is lost, and what comes twice is dropped by seq.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use titan_core::protocol::Event;
use titan_core::{AccountId, ConversationId, SafeText, Seq, SessionId};
use tokio::sync::Notify;

use super::delivery::Delivery;
use crate::store::{Log, Range, StoreError};

/// Deliveries that may wait for a connection: small, since behind it stands the log.
const QUEUE_MOST: usize = 256;
/// Entries pulled from the log at a time.
const PAGE: u32 = 200;

pub struct Listener {
    pub account: AccountId,
    pub session: SessionId,
    /// Where the connection comes from.
    pub address: IpAddr,
    /// Hears only the conversation it was tuned to, whatever the account comes into.
    pub narrow: bool,
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Arc<Delivery>>,
    /// Up to where each conversation was queued or pulled.
    heard: HashMap<ConversationId, Seq>,
    /// Conversations that are heard from a place which is not known yet; with the last entry offered meanwhile.
    unsettled: HashMap<ConversationId, Option<Seq>>,
    /// Conversations to pull, one after the other; true where more was refused since the last pull began.
    behind: BTreeMap<ConversationId, bool>,
    /// Whether a `caught_up` is owed once nothing is behind.
    catching_up: bool,
    watching: bool,
    ending: Option<Ending>,
}

/// Why a connection is closed from inside.
#[derive(Clone, Debug)]
pub struct Ending {
    pub reason: SafeText,
    /// When coming back makes sense, in milliseconds from now.
    pub retry_after_ms: Option<u64>,
}

impl Ending {
    /// The house closes; clients come back by themselves.
    pub fn closing() -> Self {
        let reason = SafeText::new("The server is shutting down. Your client will come back by itself.");
        Self { reason, retry_after_ms: Some(2_000) }
    }
}

/// What a listener hears next.
pub enum Next {
    Deliveries(Vec<Arc<Delivery>>),
    /// The log can't be read just now; it is tried again at the next call.
    Trouble(StoreError),
    Ended(Ending),
}

impl Listener {
    pub fn new(account: AccountId, session: SessionId, address: IpAddr, watching: bool) -> Arc<Self> {
        Self::hearing(account, session, address, watching, false)
    }

    /// One that hears a single conversation at a time.
    pub fn narrow(account: AccountId, session: SessionId, address: IpAddr, watching: bool) -> Arc<Self> {
        Self::hearing(account, session, address, watching, true)
    }

    fn hearing(account: AccountId, session: SessionId, address: IpAddr, watching: bool, narrow: bool) -> Arc<Self> {
        let state = Mutex::new(State { watching, ..State::default() });
        Arc::new(Self { account, session, address, narrow, state, wake: Notify::new() })
    }

    /// Waits for what comes next. Cancelling loses nothing.
    pub async fn next(&self, log: &dyn Log) -> Next {
        loop {
            match self.step() {
                Step::Hand(next) => return next,
                Step::Pull(conversation, after) => {
                    if let Some(next) = self.pull(log, conversation, after).await {
                        return next;
                    }
                }
                Step::Wait => self.wake.notified().await,
            }
        }
    }

    fn step(&self) -> Step {
        let mut state = self.state();
        if !state.queue.is_empty() {
            return Step::Hand(Next::Deliveries(state.queue.drain(..).collect()));
        }
        if let Some(ending) = state.ending.clone() {
            return Step::Hand(Next::Ended(ending));
        }
        if let Some((&conversation, refused)) = state.behind.iter_mut().next() {
            *refused = false;
            let after = state.heard.get(&conversation).copied().unwrap_or_default();
            return Step::Pull(conversation, after);
        }
        if std::mem::take(&mut state.catching_up) {
            let caught_up = Arc::new(Delivery::passing(Event::caught_up()));
            return Step::Hand(Next::Deliveries(vec![caught_up]));
        }
        Step::Wait
    }

    /// Reads one page. None when it was empty: then either nothing more was refused and the conversation is no longer
    /// behind, or it is tried again.
    async fn pull(&self, log: &dyn Log, conversation: ConversationId, after: Seq) -> Option<Next> {
        let page = match log.entries(conversation, Range::After(after), PAGE).await {
            Ok(page) => page,
            Err(error) => return Some(Next::Trouble(error)),
        };
        let mut state = self.state();
        let heard = state.heard.get(&conversation).copied();
        let Some(last) = page.last().map(|entry| entry.seq).filter(|_| heard == Some(after)) else {
            // Who has gone back while this was read still has to read what comes after that.
            let read = heard == Some(after) && state.behind.get(&conversation) == Some(&false);
            if read || heard.is_none() {
                state.behind.remove(&conversation);
            }
            return None;
        };
        state.heard.insert(conversation, last);
        Some(Next::Deliveries(page.into_iter().map(|entry| Arc::new(Delivery::entry(Arc::new(entry)))).collect()))
    }

    /// Offers entries of one conversation, in order.
    pub(super) fn offer_entries(&self, conversation: ConversationId, deliveries: &[Arc<Delivery>]) {
        let mut state = self.state();
        for delivery in deliveries {
            state.offer_entry(conversation, delivery);
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Offers something that passes. Without room it is dropped, and a `caught_up` tells the client to ask again.
    pub(super) fn offer(&self, delivery: &Arc<Delivery>) {
        let mut state = self.state();
        if state.queue.len() < QUEUE_MOST {
            state.queue.push_back(delivery.clone());
        } else {
            state.catching_up = true;
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Begins to hear a conversation after `seen`; whether it is new to this listener.
    pub(super) fn follow(&self, conversation: ConversationId, seen: Seq) -> bool {
        let mut state = self.state();
        let unsettled = state.unsettled.remove(&conversation).is_some();
        if state.heard.contains_key(&conversation) {
            return false;
        }
        state.heard.insert(conversation, seen);
        !unsettled
    }

    /// Begins to hear a conversation from a place that is told later; whether it is new to this listener.
    pub(super) fn await_place(&self, conversation: ConversationId) -> bool {
        let mut state = self.state();
        if state.heard.contains_key(&conversation) || state.unsettled.contains_key(&conversation) {
            return false;
        }
        state.unsettled.insert(conversation, None);
        true
    }

    /// Tells the places that were not known yet; those conversations that have none, which are heard no more.
    pub(super) fn settle(&self, heads: &[(ConversationId, Seq)]) -> Vec<ConversationId> {
        let mut state = self.state();
        for &(conversation, head) in heads {
            let Some(offered) = state.unsettled.remove(&conversation) else { continue };
            state.heard.insert(conversation, head);
            if offered.is_some_and(|offered| offered > head) {
                state.behind.insert(conversation, true);
            }
        }
        let gone = state.unsettled.drain().map(|(conversation, _)| conversation).collect();
        drop(state);
        self.wake.notify_one();
        gone
    }

    pub(super) fn unfollow(&self, conversation: ConversationId) {
        let mut state = self.state();
        state.heard.remove(&conversation);
        state.unsettled.remove(&conversation);
        state.behind.remove(&conversation);
    }

    /// Forgets what waits of conversations it no longer follows.
    pub(super) fn forget_unfollowed(&self) {
        let mut state = self.state();
        let State { queue, heard, .. } = &mut *state;
        queue.retain(|delivery| delivery.conversation().is_none_or(|conversation| heard.contains_key(&conversation)));
    }

    /// Reads the conversation from the log, from the entry after `seen` on, if it has not heard further already.
    pub fn pull_from(&self, conversation: ConversationId, seen: Seq) {
        let mut state = self.state();
        if state.heard.get(&conversation).is_some_and(|&heard| heard <= seen) {
            state.behind.insert(conversation, true);
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Goes back to the places given (those it follows), to hear everything after them once more and then `caught_up`. What
    /// is queued of those conversations is forgotten, also of one that was left meanwhile: it would come after a gap.
    pub fn rewind(&self, places: &[(ConversationId, Seq)]) {
        let mut state = self.state();
        for (conversation, seen) in places {
            if let Some(heard) = state.heard.get_mut(conversation) {
                *heard = *seen;
                state.behind.insert(*conversation, true);
            }
        }
        let named: HashSet<_> = places.iter().map(|(conversation, _)| *conversation).collect();
        state
            .queue
            .retain(|delivery| delivery.conversation().is_none_or(|conversation| !named.contains(&conversation)));
        state.catching_up = true;
        drop(state);
        self.wake.notify_one();
    }

    pub(super) fn end(&self, ending: Ending) {
        self.state().ending = Some(ending);
        self.wake.notify_one();
    }

    /// Whether it hears this conversation, from a place that is known.
    pub fn hears(&self, conversation: ConversationId) -> bool {
        self.state().heard.contains_key(&conversation)
    }

    pub(super) fn conversations(&self) -> Vec<ConversationId> {
        let state = self.state();
        state.heard.keys().chain(state.unsettled.keys()).copied().collect()
    }

    pub fn watches(&self) -> bool {
        self.state().watching
    }

    /// Whether it was watching before.
    pub(super) fn set_watching(&self) -> bool {
        std::mem::replace(&mut self.state().watching, true)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

enum Step {
    Hand(Next),
    Pull(ConversationId, Seq),
    Wait,
}

impl State {
    fn offer_entry(&mut self, conversation: ConversationId, delivery: &Arc<Delivery>) {
        let Some(heard) = self.heard.get_mut(&conversation) else {
            if let Some(offered) = self.unsettled.get_mut(&conversation) {
                *offered = Some(delivery.seq());
            }
            return;
        };
        if let Some(refused) = self.behind.get_mut(&conversation) {
            *refused = true;
            return;
        }
        let seq = delivery.seq();
        if seq <= *heard {
            return;
        }
        if seq > heard.next() || self.queue.len() >= QUEUE_MOST {
            self.behind.insert(conversation, true);
            self.catching_up = true;
            return;
        }
        *heard = seq;
        self.queue.push_back(delivery.clone());
    }
}
