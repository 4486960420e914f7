//! The one stream of what was committed, followed to the end: what the hub remembers, who hears what, which connections
//! end, what clients are told. Nothing else in the hub does any of that for what lasts.
//!
//! Commits come in order, and a commit's entries and changes as they were made. Whoever had it committed is answered when
//! all of it has been applied here: what comes after an answer finds the house as the answer says.

use std::sync::Arc;

use titan_core::protocol::{App, AppState, Event, Person, Relation};
use titan_core::{AccountId, ConversationId, SafeText, Seq};
use tokio::sync::mpsc;

use super::erasures::Erasures;
use super::sessions::Sessions;
use super::standing::{Membership, Standings};
use super::{Hub, journal, view};
use crate::store::{
    Change, Clock, Committed, EndedPlace, Ender, Farewell, MembershipRecord, RelationRecord, RoomRecord, Step,
    WhatRecord, Why,
};
use crate::switchboard::{Ending, Switchboard};

/// Commits taken at once.
const COMMITS_AT_ONCE: usize = 64;

/// Who follows the stream.
pub struct Follower {
    standings: Arc<Standings>,
    sessions: Arc<Sessions>,
    erasures: Arc<Erasures>,
    switchboard: Switchboard,
    clock: Arc<dyn Clock>,
}

impl Hub {
    /// Who keeps this hub right; it must run for as long as anything is written.
    pub fn follower(&self) -> Follower {
        let (standings, sessions, erasures) = (self.standings.clone(), self.sessions.clone(), self.erasures.clone());
        Follower { standings, sessions, erasures, switchboard: self.switchboard.clone(), clock: self.clock.clone() }
    }
}

impl Follower {
    /// Applies commits until the store closes its end.
    pub async fn run(self, mut committed: mpsc::Receiver<Committed>) {
        let mut commits = Vec::with_capacity(COMMITS_AT_ONCE);
        while committed.recv_many(&mut commits, COMMITS_AT_ONCE).await > 0 {
            self.apply(&commits);
            // Which answers those who had them committed.
            commits.clear();
        }
    }

    /// Entries that follow one another are announced together, however many commits wrote them.
    pub fn apply(&self, commits: &[Committed]) {
        let mut entries = Vec::new();
        for step in commits.iter().flat_map(Committed::steps) {
            match step {
                Step::Entries(more) => entries.extend(more.iter().cloned()),
                Step::Change(change) => {
                    self.switchboard.announce(entries.drain(..));
                    self.heed(change);
                }
            }
        }
        self.switchboard.announce(entries.into_iter());
    }

    fn heed(&self, change: &Change) {
        let switchboard = &self.switchboard;
        match change {
            Change::AccountMade { account } => {
                switchboard.tell_watchers(Event::account_registered(account.public()));
            }
            Change::AccountChanged { account, by } => {
                let (id, account) = (account.id, account.public());
                switchboard.tell_account(id, Event::account_changed(account.clone(), by.clone()));
                // Others see them with the name and the role they have now.
                switchboard.tell_watchers(Event::presence(Person::new(account, switchboard.is_online(id))));
            }
            Change::AccountEnded { account, username, places, known } => {
                self.account_ended(*account, username, places, known);
            }
            Change::AddressBanned { address } => self.address_banned(address),
            Change::SessionsEnded { account, which, why } => {
                self.sessions.forget(*account, *which);
                switchboard.end(*account, |session| which.hold(session), &ending(*why));
            }
            Change::RoomMade { room } => {
                let room = view::room(RoomRecord { joined: false, ..(**room).clone() });
                switchboard.tell_watchers(Event::room_created(room));
            }
            Change::RoomEnded { room, name, by, members } => self.room_ended(*room, name, by.as_ref(), members),
            Change::Joined { account, membership, shut, seen, quiet } => {
                self.remember(*account, membership, *shut);
                if !quiet {
                    self.joined(*account, membership, *seen);
                }
            }
            Change::Left { conversation, account, how } => self.left(*conversation, *account, how),
            Change::MemberChanged { conversation, account, role, muted_until } => {
                self.standings.changed(*account, *conversation, |member| {
                    (member.role, member.muted_until) = (*role, *muted_until);
                });
                let muted_until = view::standing(*muted_until, self.clock.now());
                let (conversation, account, role) = (*conversation, *account, *role);
                let event = Event::member_changed(conversation, account, role, muted_until);
                switchboard.tell_conversation(conversation, event, |_| false);
            }
            Change::Related { account, other, relation } => self.related(*account, *other, relation.as_deref()),
            Change::Shut { one, other, direct, shut } => {
                if let Some(direct) = direct {
                    for account in [one, other] {
                        self.standings.changed(*account, *direct, |member| member.shut = *shut);
                    }
                }
            }
            Change::AppChanged { app, admins } => self.app_changed(app, admins),
            Change::AppRemoved { app } => switchboard.tell_watchers(Event::app_removed(*app)),
            Change::ReadMarkMoved { account, conversation, seq } => {
                switchboard.tell_account(*account, Event::read_mark(*conversation, *seq));
            }
            Change::Erased { blobs } => self.erasures.note(blobs),
            Change::Done(deed) => journal::done(deed),
            // Facts that nobody here has to remember or is told of: they show where they are looked up, or in an entry.
            Change::AccountBanned { .. }
            | Change::AccountUnbanned { .. }
            | Change::AddressUnbanned { .. }
            | Change::SessionOpened { .. }
            | Change::RoomChanged { .. }
            | Change::BannedOfRoom { .. }
            | Change::SettingChanged { .. } => {}
        }
    }

    /// From now on the account is in nothing, and its directs are shut for those who were in them with it.
    fn account_ended(&self, account: AccountId, username: &SafeText, places: &[EndedPlace], known: &[AccountId]) {
        for place in places {
            self.standings.left(account, place.conversation);
            self.switchboard.unsubscribe_account(account, place.conversation);
            if let Some(other) = place.other {
                self.standings.changed(other, place.conversation, |member| member.shut = true);
            }
        }
        self.erasures.note_account(account);
        let removed = || Event::account_removed(account, username.clone());
        known.iter().for_each(|other| self.switchboard.tell_account(*other, removed()));
        self.switchboard.tell_watchers(removed());
    }

    fn address_banned(&self, address: &str) {
        if let Ok(network) = address.parse() {
            self.switchboard.end_network(network, &ending(Why::Banned));
        }
    }

    fn room_ended(&self, room: ConversationId, name: &SafeText, by: Option<&SafeText>, members: &[AccountId]) {
        self.switchboard.close_line(room);
        self.erasures.note(&[]);
        let by = by.map(|by| format!(" by {by}")).unwrap_or_default();
        let reason = SafeText::new(&format!("The room {name} was deleted{by}."));
        for member in members {
            self.standings.left(*member, room);
            let reason = reason.clone();
            self.switchboard.tell_account(*member, Event::conversation_removed(room, reason));
        }
        self.switchboard.tell_watchers(Event::room_removed(room));
    }

    fn remember(&self, account: AccountId, record: &MembershipRecord, shut: bool) {
        let other = match &record.what {
            WhatRecord::Room(_) => None,
            WhatRecord::Direct(other) => Some(other.id),
        };
        let membership = Membership { role: record.role, other, muted_until: record.muted_until, shut };
        self.standings.joined(account, record.conversation, membership);
    }

    /// All of the account's connections hear of a conversation it has come into, and then the conversation itself.
    fn joined(&self, account: AccountId, record: &MembershipRecord, seen: Seq) {
        let added = Box::new(view::conversation(record.clone(), self.clock.now()));
        self.switchboard.tell_account(account, Event::conversation_added(added));
        self.switchboard.subscribe_account(account, record.conversation, seen);
    }

    fn left(&self, conversation: ConversationId, account: AccountId, how: &Farewell) {
        self.standings.left(account, conversation);
        self.switchboard.unsubscribe_account(account, conversation);
        let reason = match how {
            Farewell::Left => SafeText::new("You left."),
            Farewell::Removed { room, by, banned, reason } => {
                let how = if *banned { "banned" } else { "removed" };
                let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
                SafeText::new(&format!("You were {how} from {room} by {by}{why}"))
            }
        };
        self.switchboard.tell_account(account, Event::conversation_removed(conversation, reason));
    }

    fn related(&self, account: AccountId, other: AccountId, relation: Option<&RelationRecord>) {
        let event = match relation {
            Some(record) => {
                let relation = Box::new(relation_as_told(record.clone(), &self.switchboard));
                Event::relation_changed(relation)
            }
            None => Event::relation_ended(other),
        };
        self.switchboard.tell_account(account, event);
    }

    /// An approved app concerns everybody; another one its author and the admins.
    fn app_changed(&self, app: &App, admins: &[AccountId]) {
        let changed = || Event::app_changed(Box::new(app.clone()));
        if app.state == AppState::Approved {
            return self.switchboard.tell_watchers(changed());
        }
        self.switchboard.tell_account(app.author.id, changed());
        let others = admins.iter().filter(|admin| **admin != app.author.id);
        others.for_each(|admin| self.switchboard.tell_account(*admin, changed()));
    }
}

/// A relation as it travels.
pub(super) fn relation_as_told(record: RelationRecord, switchboard: &Switchboard) -> Relation {
    let online = switchboard.is_online(record.account.id);
    Relation::new(Person::new(record.account.public(), online), record.kind, record.since)
}

/// What somebody is told whose session has ended.
pub(super) fn ending(why: Why) -> Ending {
    let said = match why {
        Why::LoggedOut => "This session was ended: log in again.",
        Why::Expired => "This session has expired: log in again.",
        Why::TooMany => {
            "You logged in too often elsewhere, and this session was the one longest out of use: log in again."
        }
        Why::PasswordChanged => "Your password was changed: log in again.",
        Why::PasswordGiven => "An admin changed your password: log in with the new one.",
        Why::PasswordReset => "Your password was reset: log in with the new one.",
        Why::FactorChanged => "Your second factor was changed: log in again.",
        Why::AppPasswordRemoved => "The app password of this session was removed.",
        Why::EndedByAdmin => "An admin ended this session: log in again.",
        Why::Banned => "You have been banned by an admin.",
        Why::Gone(Ender::Itself) => "Your account was deleted.",
        Why::Gone(Ender::Admin) => "Your account was deleted by an admin.",
        Why::Gone(Ender::Operator) => "Your account was deleted by the operator.",
    };
    Ending { reason: SafeText::new(said), retry_after_ms: None }
}
