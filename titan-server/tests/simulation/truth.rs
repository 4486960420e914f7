//! What is so, judged by the order of commits alone: a second, simpler idea of the house, which every commit is held
//! against.

use std::collections::{BTreeMap, BTreeSet};

use titan_core::protocol::{Body, Entry, MemberRole, Role};
use titan_core::{AccountId, ConversationId, Seq, SessionId, Time};
use titan_server::hub::GENERAL;
use titan_server::store::{Change, Committed, Farewell, Step, Turn};

/// What an account is in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    pub role: MemberRole,
    pub muted: bool,
    pub shut: bool,
}

#[derive(Default)]
pub struct Truth {
    turn: Turn,
    heads: BTreeMap<ConversationId, (Seq, Time)>,
    seats: BTreeMap<(AccountId, ConversationId), Seat>,
    /// How often an account has gone from a conversation, and with which entry last.
    gone: BTreeMap<(AccountId, ConversationId), (usize, Seq)>,
    sessions: BTreeMap<AccountId, BTreeSet<SessionId>>,
    admins: BTreeSet<AccountId>,
    ended: BTreeSet<AccountId>,
    /// Acts as their changes tell of them.
    pub acts: BTreeMap<&'static str, i64>,
    /// What went against the promises.
    pub broken: Vec<String>,
    /// What was committed, but for its times.
    pub trace: Vec<String>,
}

impl Truth {
    pub fn heed(&mut self, commit: &Committed) {
        let empty = commit.entries.is_empty() && commit.changes.is_empty();
        if commit.turn.0 != self.turn.0 + 1 && !(empty && commit.turn == self.turn) && self.turn != Turn(0) {
            self.breaks(format!("turn {:?} comes after {:?}", commit.turn, self.turn));
        }
        self.turn = commit.turn;
        self.trace.push(trace(commit));
        let steps: Vec<_> = commit.steps().map(owned).collect();
        for step in steps {
            match step {
                Owned::Entries(entries) => entries.iter().for_each(|entry| self.entry(entry)),
                Owned::Change(change) => self.change(&change),
            }
        }
    }

    pub fn breaks(&mut self, what: String) {
        self.broken.push(what);
    }

    pub fn seat(&self, account: AccountId, conversation: ConversationId) -> Option<Seat> {
        self.seats.get(&(account, conversation)).copied()
    }

    /// How often an account has gone from a conversation.
    pub fn departures(&self, account: AccountId, conversation: ConversationId) -> usize {
        self.gone.get(&(account, conversation)).map_or(0, |(times, _)| *times)
    }

    pub fn head(&self, conversation: ConversationId) -> Seq {
        self.heads.get(&conversation).map_or(Seq(0), |(seq, _)| *seq)
    }

    pub fn stands(&self, account: AccountId, session: SessionId) -> bool {
        self.sessions.get(&account).is_some_and(|open| open.contains(&session))
    }

    pub fn conversations(&self) -> Vec<ConversationId> {
        self.heads.keys().copied().collect()
    }

    /// That an account may be told this entry: it is in the conversation, or was when that was written.
    pub fn may_hear(&self, account: AccountId, entry: &Entry) -> bool {
        self.seat(account, entry.conversation).is_some()
            || self.gone.get(&(account, entry.conversation)).is_some_and(|(_, last)| entry.seq <= *last)
    }

    fn entry(&mut self, entry: &Entry) {
        let (conversation, seq, at) = (entry.conversation, entry.seq, entry.at);
        let (head, last) = self.heads.get(&conversation).copied().unwrap_or((Seq(0), at));
        if seq != head.next() || at < last {
            self.breaks(format!("{conversation:?}: {seq:?} at {at:?} comes after {head:?} at {last:?}"));
        }
        self.heads.insert(conversation, (seq, at));
        if matches!(entry.body, Body::Message(_) | Body::Edit { .. } | Body::Reaction { .. } | Body::Deletion { .. }) {
            self.written(entry);
        }
    }

    /// Who may not write doesn't.
    fn written(&mut self, entry: &Entry) {
        let author = entry.author.id;
        let takes_away = matches!(entry.body, Body::Deletion { .. });
        let may = match self.seat(author, entry.conversation) {
            Some(seat) => takes_away || !(seat.muted || seat.shut),
            None => takes_away && self.admins.contains(&author),
        };
        let here = self.sessions.get(&author).is_some_and(|open| !open.is_empty());
        if !may || !here || self.ended.contains(&author) {
            let seat = self.seat(author, entry.conversation);
            self.breaks(format!("{author:?} wrote {entry:?} as {seat:?}, with a session: {here}"));
        }
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::AccountMade { account } => {
                let seat = Seat { role: MemberRole::Member, muted: false, shut: false };
                self.seats.insert((account.id, GENERAL), seat);
                self.heads.entry(GENERAL).or_insert((Seq(0), Time(0)));
                self.role(account.id, account.role);
            }
            Change::AccountChanged { account, .. } => self.role(account.id, account.role),
            Change::AccountBanned { .. } => self.count("ban"),
            Change::AccountUnbanned { .. } => self.count("unban"),
            Change::AccountEnded { account, places, .. } => {
                self.count("delete_account");
                self.ended.insert(*account);
                for place in places {
                    self.leave(*account, place.conversation);
                    if let Some(other) = place.other {
                        self.change_seat(other, place.conversation, |seat| seat.shut = true);
                    }
                }
            }
            Change::SessionOpened { account, session, .. } => {
                self.sessions.entry(*account).or_default().insert(*session);
            }
            Change::SessionsEnded { account, which, .. } => {
                self.sessions.entry(*account).or_default().retain(|session| !which.hold(*session));
            }
            Change::RoomEnded { room, members, .. } => {
                self.count("delete_room");
                members.iter().for_each(|member| self.leave(*member, *room));
            }
            Change::Joined { account, membership, shut, .. } => {
                let muted = membership.muted_until.is_some_and(|until| until == Time::FOREVER);
                let seat = Seat { role: membership.role, muted, shut: *shut };
                self.heads.entry(membership.conversation).or_insert((Seq(0), Time(0)));
                self.seats.insert((*account, membership.conversation), seat);
            }
            Change::Left { conversation, account, how } => {
                if let Farewell::Removed { banned: false, .. } = how {
                    self.count("kick");
                }
                self.leave(*account, *conversation);
            }
            Change::MemberChanged { conversation, account, role, muted_until } => {
                let muted = muted_until.is_some_and(|until| until == Time::FOREVER);
                self.change_seat(*account, *conversation, |seat| (seat.role, seat.muted) = (*role, muted));
            }
            Change::BannedOfRoom { until, .. } => {
                self.count(if until.is_some() { "ban_member" } else { "unban_member" })
            }
            Change::Shut { one, other, direct: Some(direct), shut } => {
                for account in [one, other] {
                    self.change_seat(*account, *direct, |seat| seat.shut = *shut);
                }
            }
            _ => {}
        }
    }

    fn role(&mut self, account: AccountId, role: Role) {
        match role {
            Role::Admin => self.admins.insert(account),
            _ => self.admins.remove(&account),
        };
    }

    fn count(&mut self, act: &'static str) {
        *self.acts.entry(act).or_default() += 1;
    }

    fn leave(&mut self, account: AccountId, conversation: ConversationId) {
        let head = self.head(conversation);
        if self.seats.remove(&(account, conversation)).is_some() {
            let gone = self.gone.entry((account, conversation)).or_default();
            *gone = (gone.0 + 1, head);
        }
    }

    fn change_seat(&mut self, account: AccountId, conversation: ConversationId, change: impl FnOnce(&mut Seat)) {
        if let Some(seat) = self.seats.get_mut(&(account, conversation)) {
            change(seat);
        }
    }
}

/// A step that outlives its commit.
enum Owned {
    Entries(Vec<std::sync::Arc<Entry>>),
    Change(Box<Change>),
}

fn owned(step: Step<'_>) -> Owned {
    match step {
        Step::Entries(entries) => Owned::Entries(entries.to_vec()),
        Step::Change(change) => Owned::Change(Box::new(change.clone())),
    }
}

/// A commit in a line, without what differs from run to run.
fn trace(commit: &Committed) -> String {
    let entries: Vec<_> = commit.entries.iter().map(|entry| (entry.conversation, entry.seq, entry.author.id)).collect();
    let changes: Vec<_> =
        commit.changes.iter().map(|told| (told.after, std::mem::discriminant(&told.change))).collect();
    format!("{:?} {entries:?} {changes:?}", commit.turn)
}
