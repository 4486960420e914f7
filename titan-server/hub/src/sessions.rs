//! Sessions, opened, found and ended. They stand in the store; but a full disk must not keep people out of what can still
//! be read, so a session that can't be written is kept in memory until it ends or the server does.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use titan_core::{AccountId, AppPasswordId, SessionId, Time};

use super::rules::SessionTerms;
use super::{Outcome, from_store, policy};
use crate::store::{
    self, AccountKey, AccountRecord, Clock, NewSession, SessionKey, SessionRecord, Store, StoreError, StoreResult,
    Warrant,
};

/// That a session is in use by an open connection is noted so often, in milliseconds.
const NOTED_EVERY: i64 = 3_600_000;
/// And so many in one transaction.
const NOTED_AT_ONCE: usize = 512;

/// Sessions kept in memory, at most: beyond it logins wait for the disk.
const UNWRITTEN_MOST: usize = 10_000;

pub struct Sessions {
    store: Arc<dyn Store>,
    unwritten: Mutex<HashMap<[u8; 32], SessionRecord>>,
    clock: Arc<dyn Clock>,
    terms: SessionTerms,
    /// When those that are in use were noted last.
    noted: Mutex<HashMap<SessionId, Time>>,
}

/// A session just opened.
pub enum Opened {
    Written(SessionId, Box<AccountRecord>),
    /// Not written: it lasts while the server runs.
    Kept(SessionId),
}

impl Sessions {
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, terms: SessionTerms) -> Self {
        Self { store, unwritten: Mutex::default(), clock, terms, noted: Mutex::default() }
    }

    pub fn terms(&self) -> &SessionTerms {
        &self.terms
    }

    /// Opens a session; with the account as it is then. One that can't be written is kept here, and the caller must look
    /// whether it may stand: no transaction did.
    pub async fn open(&self, new: NewSession, warrant: Warrant) -> StoreResult<Opened> {
        match self.store.open_session(new.clone(), warrant).await {
            Ok((id, account)) => Ok(Opened::Written(id, Box::new(account))),
            Err(StoreError::Unavailable(why)) => self.keep(new).map(Opened::Kept).ok_or(StoreError::Unavailable(why)),
            Err(error) => Err(error),
        }
    }

    /// Ids below zero, so that they never meet one of the store's.
    fn keep(&self, new: NewSession) -> Option<SessionId> {
        let mut unwritten = self.unwritten();
        if unwritten.len() >= UNWRITTEN_MOST {
            return None;
        }
        let id = SessionId(unwritten.values().map(|session| session.id.0).min().unwrap_or_default() - 1);
        let NewSession { account, token_hash, door, address, client, app_password, now, expires_at, .. } = new;
        let (created_at, last_seen) = (now, now);
        let session =
            SessionRecord { id, account, door, address, client, app_password, created_at, last_seen, expires_at };
        unwritten.insert(token_hash, session);
        tracing::warn!(%account, "a session can't be written and lasts only while the server runs");
        Some(id)
    }

    /// A session with its account, if it still stands.
    pub async fn find(&self, by: SessionKey) -> Outcome<Option<(SessionRecord, AccountRecord)>> {
        let kept = match &by {
            SessionKey::Token(hash) => self.unwritten().get(hash).cloned(),
            SessionKey::Id(id) => self.unwritten().values().find(|kept| kept.id == *id).cloned(),
        };
        let found = match kept.filter(|kept| self.is_open(kept)) {
            None => self.store.session(by).await.map_err(from_store)?,
            Some(session) => {
                let account = self.store.account(AccountKey::Id(session.account)).await.map_err(from_store)?;
                account.map(|account| (session, account))
            }
        };
        let now = self.clock.now();
        let ends =
            |session: &SessionRecord, role| policy::ends(&self.terms, role, session.created_at, session.last_seen);
        Ok(found.filter(|(session, account)| ends(session, account.role) > now))
    }

    /// Notes that a session is in use. That it can't be noted on a full disk is no reason to refuse it.
    pub async fn touch(&self, session: SessionId) {
        if let Err(error) = self.store.touch_session(session, self.clock.now()).await {
            tracing::debug!(%error, %session, "a session's use was not noted");
        }
    }

    /// Notes those by which somebody listens, each once in a while, so that they don't end for lack of use: also not after a crash.
    pub async fn note_use(&self, in_use: Vec<SessionId>) -> StoreResult<()> {
        let (now, in_use) = (self.clock.now(), in_use.into_iter().collect::<HashSet<_>>());
        for due in self.due(&in_use, now).chunks(NOTED_AT_ONCE) {
            self.store.touch_sessions(due.to_vec(), now).await?;
            let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
            noted.extend(due.iter().map(|session| (*session, now)));
        }
        Ok(())
    }

    /// Those that were not noted for long. Of one that was not seen here before its opening or its entering was.
    fn due(&self, in_use: &HashSet<SessionId>, now: Time) -> Vec<SessionId> {
        let shortest = policy::terms(&self.terms).map(|(_, terms)| terms.idle).into_iter().min().unwrap_or_default();
        let every = NOTED_EVERY.min(i64::try_from(shortest.as_millis()).unwrap_or(i64::MAX) / 4);
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.retain(|session, _| in_use.contains(session));
        let mut due = Vec::new();
        for session in in_use {
            let last = *noted.entry(*session).or_insert(now);
            if *session > SessionId(0) && !(0..every).contains(&(now.0 - last.0)) {
                due.push(*session);
            }
        }
        due
    }

    /// Whether it has neither been ended nor expired.
    pub async fn stands(&self, session: SessionId) -> Outcome<bool> {
        let kept = self.unwritten().values().any(|kept| kept.id == session && self.is_open(kept));
        Ok(kept || self.store.session_stands(session).await.map_err(from_store)?)
    }

    pub async fn of(&self, account: AccountId) -> Outcome<Vec<SessionRecord>> {
        let mut sessions = self.store.sessions(account).await.map_err(from_store)?;
        sessions
            .extend(self.unwritten().values().filter(|kept| kept.account == account && self.is_open(kept)).cloned());
        Ok(sessions)
    }

    /// Whether one of these is kept here.
    pub fn holds(&self, account: AccountId, which: store::Sessions) -> bool {
        self.unwritten().values().any(|kept| kept.account == account && which.hold(kept.id))
    }

    /// Forgets those of the account that are kept here; whether there was one.
    pub fn forget(&self, account: AccountId, which: store::Sessions) -> bool {
        let mut unwritten = self.unwritten();
        let before = unwritten.len();
        unwritten.retain(|_, session| session.account != account || !which.hold(session.id));
        unwritten.len() < before
    }

    /// Forgets those that this app password opened and that are kept here; which ones there were.
    pub fn forget_of(&self, app_password: AppPasswordId) -> Vec<SessionId> {
        let by_it = |session: &SessionRecord| session.app_password.as_ref().is_some_and(|used| used.id == app_password);
        let mut unwritten = self.unwritten();
        unwritten.extract_if(|_, session| by_it(session)).map(|(_, session)| session.id).collect()
    }

    fn is_open(&self, kept: &SessionRecord) -> bool {
        kept.expires_at > self.clock.now()
    }

    fn unwritten(&self) -> MutexGuard<'_, HashMap<[u8; 32], SessionRecord>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
