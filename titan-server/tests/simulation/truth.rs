//! What is so, judged by the order of commits and the time at each: a second, simpler idea of the house, which every
//! commit is held against.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use titan_core::protocol::{Body, Entry, MemberRole, Role};
use titan_core::{AccountId, ClientId, ConversationId, Seq, SessionId, Time};
use titan_server::hub::GENERAL;
use titan_server::store::{Change, Clock, Committed, Farewell, Step, Turn};

use crate::simulation::clock::{Moment, VirtualClock};

/// What an account is in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    pub role: MemberRole,
    pub muted_until: Option<Time>,
    pub shut: bool,
}

impl Seat {
    pub fn may_write(&self, at: Time) -> bool {
        !self.shut && self.muted_until.is_none_or(|until| until <= at)
    }
}

/// By which session something is written, and when that was begun.
#[derive(Clone, Copy)]
struct Begun {
    session: SessionId,
    moment: Moment,
}

pub struct Truth {
    clock: Arc<VirtualClock>,
    turn: Turn,
    heads: BTreeMap<ConversationId, (Seq, Time)>,
    seats: BTreeMap<(AccountId, ConversationId), Seat>,
    /// How often an account has gone from a conversation, and with which entry last.
    gone: BTreeMap<(AccountId, ConversationId), (usize, Seq)>,
    /// Until when somebody was muted last, and since when that is so.
    muted: BTreeMap<(AccountId, ConversationId), (Option<Time>, Moment)>,
    /// Who is kept out of a room, and until when.
    bans: BTreeMap<(AccountId, ConversationId), Time>,
    /// Sessions that have not been ended.
    sessions: BTreeMap<AccountId, BTreeSet<SessionId>>,
    /// Until when each session stands at most.
    expiries: BTreeMap<SessionId, Time>,
    /// What is written under a client id.
    begun: BTreeMap<ClientId, Begun>,
    admins: BTreeSet<AccountId>,
    ended: BTreeSet<AccountId>,
    /// Acts as their changes tell of them.
    pub acts: BTreeMap<&'static str, i64>,
    /// What went against the promises.
    pub broken: Vec<String>,
    /// What was committed.
    pub trace: Vec<String>,
}

impl Truth {
    pub fn new(clock: Arc<VirtualClock>) -> Self {
        Self {
            clock,
            turn: Turn(0),
            heads: BTreeMap::new(),
            seats: BTreeMap::new(),
            gone: BTreeMap::new(),
            muted: BTreeMap::new(),
            bans: BTreeMap::new(),
            sessions: BTreeMap::new(),
            expiries: BTreeMap::new(),
            begun: BTreeMap::new(),
            admins: BTreeSet::new(),
            ended: BTreeSet::new(),
            acts: BTreeMap::new(),
            broken: Vec::new(),
            trace: Vec::new(),
        }
    }

    pub fn heed(&mut self, commit: &Committed) {
        let empty = commit.entries.is_empty() && commit.changes.is_empty();
        if commit.turn.0 != self.turn.0 + 1 && !(empty && commit.turn == self.turn) && self.turn != Turn(0) {
            self.breaks(format!("turn {:?} comes after {:?}", commit.turn, self.turn));
        }
        self.turn = commit.turn;
        let now = self.clock.now();
        self.trace.push(format!("{now:?} {}", trace(commit)));
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

    /// Until when a session that has not been ended stands.
    pub fn expiry(&self, account: AccountId, session: SessionId) -> Option<Time> {
        self.expiries.get(&session).copied().filter(|_| self.stands(account, session))
    }

    /// Rooms that somebody is kept out of, and until when.
    pub fn bans(&self, account: AccountId) -> Vec<(ConversationId, Time)> {
        let all = self.bans.iter().filter(|((banned, _), _)| *banned == account);
        all.map(|((_, room), until)| (*room, *until)).collect()
    }

    /// A session is about to write something under this id.
    pub fn begins(&mut self, id: ClientId, session: SessionId) {
        self.begun.insert(id, Begun { session, moment: self.clock.moment() });
    }

    /// Something that was begun then has been done for a session.
    pub fn done_for(&mut self, session: SessionId, begun: Moment) {
        let expired = self.expiries.get(&session).filter(|until| **until <= self.clock.lowest_since(begun)).copied();
        if let Some(until) = expired {
            self.breaks(format!("something was done for {session:?} after it had expired at {until:?}"));
        }
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    pub fn is_admin(&self, account: AccountId) -> bool {
        self.admins.contains(&account)
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
        let begun = entry.client_id.and_then(|id| self.begun.get(&id).copied());
        let may = match self.seat(author, entry.conversation) {
            Some(seat) => takes_away || seat.may_write(self.decided_at_latest(author, entry.conversation, begun)),
            None => takes_away && self.admins.contains(&author),
        };
        let here = self.is_here(author, begun.map(|begun| begun.session));
        if !may || !here || self.ended.contains(&author) {
            let seat = self.seat(author, entry.conversation);
            self.breaks(format!("{author:?} wrote {entry:?} as {seat:?}, with a session: {here}"));
        }
    }

    /// The latest that the clock has shown when it may have been decided that something is written: never before it was
    /// begun, nor before whoever decided knew of the mute.
    fn decided_at_latest(&self, author: AccountId, there: ConversationId, begun: Option<Begun>) -> Time {
        let muted = self.muted.get(&(author, there)).map(|(_, since)| *since);
        let since = begun.map(|begun| begun.moment).max(muted);
        since.map_or(self.clock.now(), |since| self.clock.highest_since(since))
    }

    /// Whether the session stands at this very time, or one of the account's.
    fn is_here(&self, account: AccountId, session: Option<SessionId>) -> bool {
        let now = self.clock.now();
        let stands = |session: &SessionId| self.expiries.get(session).is_some_and(|until| *until > now);
        let mut open = self.sessions.get(&account).into_iter().flatten();
        open.any(|one| session.is_none_or(|session| session == *one) && stands(one))
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::AccountMade { account } => {
                let seat = Seat { role: MemberRole::Member, muted_until: None, shut: false };
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
            Change::SessionOpened { account, session, expires_at } => {
                self.expiries.insert(*session, *expires_at);
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
                let muted_until = membership.muted_until;
                let seat = Seat { role: membership.role, muted_until, shut: *shut };
                self.comes(*account, membership.conversation, muted_until);
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
                self.mutes(*account, *conversation, *muted_until);
                self.change_seat(*account, *conversation, |seat| (seat.role, seat.muted_until) = (*role, *muted_until));
            }
            Change::BannedOfRoom { room, account, until } => self.bans_from(*account, *room, *until),
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

    /// Who is kept out doesn't come in, at the time of this commit.
    fn comes(&mut self, account: AccountId, there: ConversationId, muted_until: Option<Time>) {
        let now = self.clock.now();
        if let Some(until) = self.bans.get(&(account, there)).copied().filter(|until| *until > now) {
            self.breaks(format!("{account:?} came into {there:?} at {now:?}, though banned until {until:?}"));
        }
        self.mutes(account, there, muted_until);
    }

    /// A role that changes beside a mute is no other mute.
    fn mutes(&mut self, account: AccountId, there: ConversationId, until: Option<Time>) {
        let since = self.clock.moment();
        let known = self.muted.entry((account, there)).or_insert((None, since));
        if known.0 != until {
            *known = (until, since);
        }
    }

    fn bans_from(&mut self, account: AccountId, room: ConversationId, until: Option<Time>) {
        self.count(if until.is_some() { "ban_member" } else { "unban_member" });
        match until {
            Some(until) => self.bans.insert((account, room), until),
            None => self.bans.remove(&(account, room)),
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
    Entries(Vec<Arc<Entry>>),
    Change(Box<Change>),
}

fn owned(step: Step<'_>) -> Owned {
    match step {
        Step::Entries(entries) => Owned::Entries(entries.to_vec()),
        Step::Change(change) => Owned::Change(Box::new(change.clone())),
    }
}

/// A commit in a line.
fn trace(commit: &Committed) -> String {
    let told = |entry: &Arc<Entry>| (entry.conversation, entry.seq, entry.author.id, entry.at);
    let entries: Vec<_> = commit.entries.iter().map(told).collect();
    let changes: Vec<_> =
        commit.changes.iter().map(|told| (told.after, std::mem::discriminant(&told.change))).collect();
    format!("{:?} {entries:?} {changes:?}", commit.turn)
}
