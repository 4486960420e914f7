//! What a writer remembers from one transaction to the next, so that an append looks little up: where each log ends, the
//! next entry's id, the last commit's number, and what messages rest on. All of it also stands in the database, written by
//! the commit that changed it; it is forgotten when a transaction fails or the
//! connection was lost, since somebody else may have written meanwhile. Nobody else writes while the house is locked.

use std::collections::HashMap;

use titan_core::protocol::Entry;
use titan_core::{AccountId, ConversationId, EntryId, SessionId, Time};

use super::tx::LogEnd;
use super::{Change, EndedPlace, Standing};

/// Conversations remembered at most: beyond it all are forgotten and read again when needed.
const REMEMBERED_MOST: usize = 50_000;
/// Grounds of messages remembered at most, likewise: a session or a standing each.
const GROUNDS_MOST: usize = 200_000;

#[derive(Default)]
pub struct Ledger {
    ends: HashMap<ConversationId, End>,
    next_entry: Option<EntryId>,
    /// Conversations whose end isn't in the database yet.
    moved: Vec<ConversationId>,
    people: HashMap<AccountId, Grounds>,
    /// Grounds noted since all were forgotten last.
    noted: usize,
}

#[derive(Clone, Copy)]
struct End {
    end: LogEnd,
    moved: bool,
}

/// What is known of an account: its sessions, until when each stands, and what it is in conversations.
#[derive(Default)]
struct Grounds {
    sessions: HashMap<SessionId, Time>,
    standings: HashMap<ConversationId, Option<Standing>>,
}

/// What has to be written before a commit: a row for each log that grew.
#[derive(Default)]
pub struct Moved {
    pub conversations: Vec<i64>,
    pub heads: Vec<i64>,
    pub times: Vec<i64>,
    pub next_entry: Option<i64>,
}

impl Ledger {
    /// To be called between transactions only.
    pub fn keep_small(&mut self) {
        if self.ends.len() > REMEMBERED_MOST {
            self.clear();
        }
        if self.noted > GROUNDS_MOST {
            self.people.clear();
            self.noted = 0;
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn forget(&mut self, conversation: ConversationId) {
        self.ends.remove(&conversation);
    }

    /// Where a log ends, if that was looked up before.
    pub fn end(&self, conversation: ConversationId) -> Option<LogEnd> {
        self.ends.get(&conversation).map(|known| known.end)
    }

    pub fn note_end(&mut self, conversation: ConversationId, end: LogEnd) {
        self.ends.entry(conversation).or_insert(End { end, moved: false });
    }

    pub fn next_entry(&self) -> Option<EntryId> {
        self.next_entry
    }

    pub fn note_next_entry(&mut self, id: EntryId) {
        self.next_entry = Some(id);
    }

    /// An entry has taken the place that was given for it.
    pub fn advance(&mut self, entry: &Entry) {
        let Entry { conversation, seq, at, .. } = *entry;
        self.next_entry = Some(EntryId(entry.id.0 + 1));
        let end = LogEnd { seq, at: Some(at) };
        let known = self.ends.entry(conversation).or_insert(End { end, moved: false });
        known.end = end;
        if !std::mem::replace(&mut known.moved, true) {
            self.moved.push(conversation);
        }
    }

    /// What moved since it was last asked; none where nothing did.
    pub fn take_moved(&mut self) -> Option<Moved> {
        if self.moved.is_empty() {
            return None;
        }
        let mut moved = Moved { next_entry: self.next_entry.map(|id| id.0), ..Moved::default() };
        for conversation in self.moved.drain(..) {
            // A conversation that ended in this very transaction has no end any more.
            if let Some(known) = self.ends.get_mut(&conversation) {
                known.moved = false;
                moved.conversations.push(conversation.0);
                moved.heads.push(known.end.seq.0);
                moved.times.push(known.end.at.map_or(0, |at| at.0));
            }
        }
        Some(moved)
    }

    /// Until when a session stands that has not been ended, if that was looked up before.
    pub fn session(&self, account: AccountId, session: SessionId) -> Option<Time> {
        self.people.get(&account)?.sessions.get(&session).copied()
    }

    pub fn note_session(&mut self, account: AccountId, session: SessionId, expires_at: Time) {
        self.people.entry(account).or_default().sessions.insert(session, expires_at);
        self.noted += 1;
    }

    /// What an account is in a conversation, if that was looked up before.
    pub fn standing(&self, account: AccountId, conversation: ConversationId) -> Option<Option<Standing>> {
        self.people.get(&account)?.standings.get(&conversation).copied()
    }

    pub fn note_standing(&mut self, account: AccountId, conversation: ConversationId, standing: Option<Standing>) {
        self.people.entry(account).or_default().standings.insert(conversation, standing);
        self.noted += 1;
    }

    /// Forgets what a change has made another.
    pub fn heed(&mut self, change: &Change) {
        match change {
            Change::Joined { account, membership, .. } => self.forget_standing(*account, membership.conversation),
            Change::Left { account, conversation, .. } | Change::MemberChanged { account, conversation, .. } => {
                self.forget_standing(*account, *conversation);
            }
            Change::Shut { one, other, direct: Some(direct), .. } => {
                self.forget_standing(*one, *direct);
                self.forget_standing(*other, *direct);
            }
            Change::SessionsEnded { account, .. } | Change::AccountBanned { account } => self.forget_account(*account),
            Change::AccountEnded { account, places, .. } => {
                self.forget_account(*account);
                for &EndedPlace { conversation, other } in places {
                    other.into_iter().for_each(|other| self.forget_standing(other, conversation));
                }
            }
            Change::RoomEnded { room, members, .. } => {
                members.iter().for_each(|member| self.forget_standing(*member, *room));
            }
            Change::AccountMade { .. }
            | Change::AccountChanged { .. }
            | Change::AccountUnbanned { .. }
            | Change::AddressBanned { .. }
            | Change::AddressUnbanned { .. }
            | Change::SessionOpened { .. }
            | Change::RoomMade { .. }
            | Change::RoomChanged { .. }
            | Change::BannedOfRoom { .. }
            | Change::Related { .. }
            | Change::Shut { direct: None, .. }
            | Change::AppChanged { .. }
            | Change::AppRemoved { .. }
            | Change::ReadMarkMoved { .. }
            | Change::Erased { .. }
            | Change::SettingChanged { .. }
            | Change::Done(_) => {}
        }
    }

    fn forget_account(&mut self, account: AccountId) {
        self.people.remove(&account);
    }

    fn forget_standing(&mut self, account: AccountId, conversation: ConversationId) {
        if let Some(known) = self.people.get_mut(&account) {
            known.standings.remove(&conversation);
        }
    }
}
