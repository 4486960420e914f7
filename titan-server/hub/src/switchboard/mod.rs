//! The switchboard carries what happened to whoever listens.
//!
//! Who follows the commits hands it their entries, in order, and the hub what passes (presence, typing, signals). It offers
//! them to the [`Listener`]s concerned, each with a bounded queue of its own, and never waits for one: a listener that falls
//! behind pulls what it missed from the log. It decides nothing and stores nothing.

mod delivery;
mod listener;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use titan_core::protocol::Event;
use titan_core::{AccountId, ConversationId, Seq, SessionId};

pub use delivery::{Delivery, Dialect, Happening};
pub use listener::{Ending, Listener, Next};

use crate::store::Log;
use crate::store::network::Network;

/// A handle; clones share the board.
#[derive(Clone)]
pub struct Switchboard {
    board: Arc<Mutex<Board>>,
    log: Arc<dyn Log>,
    announced: Arc<AtomicU64>,
}

#[derive(Default)]
struct Board {
    lines: HashMap<ConversationId, Vec<Arc<Listener>>>,
    accounts: HashMap<AccountId, Vec<Arc<Listener>>>,
    watchers: Vec<Arc<Listener>>,
}

impl Switchboard {
    pub fn new(log: Arc<dyn Log>) -> Self {
        Self { board: Arc::default(), log, announced: Arc::default() }
    }

    /// Offers entries, several of a conversation at a time: one lock and one wake-up a listener, however many there are.
    pub fn announce(&self, entries: impl Iterator<Item = Arc<titan_core::protocol::Entry>>) {
        let mut by_line: Vec<(ConversationId, Vec<Arc<Delivery>>)> = Vec::new();
        for entry in entries {
            let conversation = entry.conversation;
            let delivery = Arc::new(Delivery::entry(entry));
            match by_line.iter_mut().find(|(line, _)| *line == conversation) {
                Some((_, deliveries)) => deliveries.push(delivery),
                None => by_line.push((conversation, vec![delivery])),
            }
        }
        let count: usize = by_line.iter().map(|(_, deliveries)| deliveries.len()).sum();
        self.announced.fetch_add(count as u64, Ordering::Relaxed);
        let board = self.board();
        for (conversation, deliveries) in &by_line {
            for listener in board.lines.get(conversation).into_iter().flatten() {
                listener.offer_entries(*conversation, deliveries);
            }
        }
    }

    /// Entries announced since the start.
    pub fn announced(&self) -> u64 {
        self.announced.load(Ordering::Relaxed)
    }

    /// Lets a listener in. It hears events of its account from now on; conversations are added by [`Self::subscribe`].
    /// Whether it is the account's only one.
    pub fn attach(&self, listener: &Arc<Listener>) -> bool {
        let mut board = self.board();
        if listener.watches() {
            board.watchers.push(listener.clone());
        }
        let own = board.accounts.entry(listener.account).or_default();
        own.push(listener.clone());
        own.len() == 1
    }

    /// Lets a listener go; whether it was the account's last.
    pub fn detach(&self, listener: &Arc<Listener>) -> bool {
        let mut board = self.board();
        board.watchers.retain(|other| !Arc::ptr_eq(other, listener));
        for conversation in listener.conversations() {
            board.drop_from_line(conversation, |other| Arc::ptr_eq(other, listener));
        }
        let Some(own) = board.accounts.get_mut(&listener.account) else { return false };
        let before = own.len();
        own.retain(|other| !Arc::ptr_eq(other, listener));
        let last = own.is_empty();
        if last {
            board.accounts.remove(&listener.account);
        }
        last && before > 0
    }

    /// From now on the listener hears presence and what concerns the whole house.
    pub fn watch(&self, listener: &Arc<Listener>) {
        if !listener.set_watching() {
            self.board().watchers.push(listener.clone());
        }
    }

    /// The listener hears a conversation from the entry after `seen` on. Call this before reading the log, never after:
    /// what is read twice is told apart by seq, what is missed is lost.
    pub fn subscribe(&self, listener: &Arc<Listener>, conversation: ConversationId, seen: Seq) {
        let mut board = self.board();
        if listener.follow(conversation, seen) {
            board.lines.entry(conversation).or_default().push(listener.clone());
        }
    }

    /// The listener hears conversations from where they are at some moment from now on: [`Self::settle`] says from where,
    /// once that has been read.
    pub fn subscribe_all(&self, listener: &Arc<Listener>, conversations: &[ConversationId]) {
        let mut board = self.board();
        for &conversation in conversations {
            if listener.await_place(conversation) {
                board.lines.entry(conversation).or_default().push(listener.clone());
            }
        }
    }

    /// Says from where on the listener hears the conversations it was subscribed to; those without a place it hears no
    /// more. What has been announced meanwhile is not missed.
    pub fn settle(&self, listener: &Arc<Listener>, heads: &[(ConversationId, Seq)]) {
        let mut board = self.board();
        for conversation in listener.settle(heads) {
            board.drop_from_line(conversation, |other| Arc::ptr_eq(other, listener));
        }
    }

    /// All listeners of an account hear a conversation from the entry after `seen` on, which the log may already hold.
    pub fn subscribe_account(&self, account: AccountId, conversation: ConversationId, seen: Seq) {
        for listener in self.listeners_of(account).into_iter().filter(|listener| !listener.narrow) {
            self.subscribe(&listener, conversation, seen);
            listener.pull_from(conversation, seen);
        }
    }

    /// The listener hears no conversation any more.
    pub fn unsubscribe(&self, listener: &Arc<Listener>) {
        let mut board = self.board();
        for conversation in listener.conversations() {
            listener.unfollow(conversation);
            board.drop_from_line(conversation, |other| Arc::ptr_eq(other, listener));
        }
        listener.forget_unfollowed();
    }

    /// The sessions of an account by which somebody listens right now.
    pub fn sessions_of(&self, account: AccountId) -> Vec<SessionId> {
        self.listeners_of(account).iter().map(|listener| listener.session).collect()
    }

    /// All sessions by which somebody listens right now.
    pub fn sessions_in_use(&self) -> Vec<SessionId> {
        self.board().accounts.values().flatten().map(|listener| listener.session).collect()
    }

    /// The accounts that hear a conversation right now.
    pub fn listening(&self, conversation: ConversationId) -> Vec<AccountId> {
        let board = self.board();
        let mut accounts: Vec<_> =
            board.lines.get(&conversation).into_iter().flatten().map(|there| there.account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }

    pub fn unsubscribe_account(&self, account: AccountId, conversation: ConversationId) {
        let mut board = self.board();
        for listener in board.accounts.get(&account).into_iter().flatten() {
            listener.unfollow(conversation);
        }
        board.drop_from_line(conversation, |listener| listener.account == account);
    }

    /// Ends a conversation's line.
    pub fn close_line(&self, conversation: ConversationId) {
        let listeners = self.board().lines.remove(&conversation).unwrap_or_default();
        listeners.iter().for_each(|listener| listener.unfollow(conversation));
    }

    /// Tells everybody who listens to a conversation, but for the accounts that `skip` names.
    pub fn tell_conversation(&self, conversation: ConversationId, event: Event, skip: impl Fn(AccountId) -> bool) {
        let delivery = Arc::new(Delivery::passing(event));
        for listener in self.board().lines.get(&conversation).into_iter().flatten() {
            if !skip(listener.account) {
                listener.offer(&delivery);
            }
        }
    }

    /// Tells all connections of one account.
    pub fn tell_account(&self, account: AccountId, event: Event) {
        let delivery = Arc::new(Delivery::passing(event));
        for listener in self.board().accounts.get(&account).into_iter().flatten() {
            listener.offer(&delivery);
        }
    }

    /// Tells everybody who watches the house.
    pub fn tell_watchers(&self, event: Event) {
        let delivery = Arc::new(Delivery::passing(event));
        for listener in &self.board().watchers {
            listener.offer(&delivery);
        }
    }

    /// Ends the connections of an account that `which` names.
    pub fn end(&self, account: AccountId, which: impl Fn(SessionId) -> bool, ending: &Ending) {
        for listener in self.listeners_of(account) {
            if which(listener.session) {
                listener.end(ending.clone());
            }
        }
    }

    /// Ends the connections that come from a network.
    pub fn end_network(&self, network: Network, ending: &Ending) {
        let everybody: Vec<_> = self.board().accounts.values().flatten().cloned().collect();
        let there = everybody.iter().filter(|listener| network.contains(listener.address));
        there.for_each(|listener| listener.end(ending.clone()));
    }

    /// Ends every connection: the house closes.
    pub fn end_all(&self, ending: &Ending) {
        let everybody: Vec<_> = self.board().accounts.values().flatten().cloned().collect();
        everybody.iter().for_each(|listener| listener.end(ending.clone()));
    }

    pub fn is_online(&self, account: AccountId) -> bool {
        self.board().accounts.contains_key(&account)
    }

    /// The accounts with a connection.
    pub fn online(&self) -> Vec<AccountId> {
        self.board().accounts.keys().copied().collect()
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.board().accounts.values().map(Vec::len).sum()
    }

    /// The log that listeners who fell behind pull from.
    pub(crate) fn log(&self) -> &Arc<dyn Log> {
        &self.log
    }

    fn listeners_of(&self, account: AccountId) -> Vec<Arc<Listener>> {
        self.board().accounts.get(&account).cloned().unwrap_or_default()
    }

    /// A poisoned lock means a panic while holding it; the board is only ever changed by whole steps, so it is still sound.
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Board {
    fn drop_from_line(&mut self, conversation: ConversationId, gone: impl Fn(&Arc<Listener>) -> bool) {
        if let Some(line) = self.lines.get_mut(&conversation) {
            line.retain(|listener| !gone(listener));
            if line.is_empty() {
                self.lines.remove(&conversation);
            }
        }
    }
}
