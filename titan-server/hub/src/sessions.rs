//! Sessions, opened, found and ended. They stand in the store; but a full disk must not keep people out of what can still
//! be read, so a session that can't be written is kept in memory until it ends or the server does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use titan_core::{AccountId, SessionId};

use super::{Outcome, from_store};
use crate::store::{
    self, AccountKey, AccountRecord, Clock, NewSession, SessionKey, SessionRecord, Store, StoreError, StoreResult,
    Warrant,
};

/// Sessions kept in memory, at most: beyond it logins wait for the disk.
const UNWRITTEN_MOST: usize = 10_000;

pub struct Sessions {
    store: Arc<dyn Store>,
    unwritten: Mutex<HashMap<[u8; 32], SessionRecord>>,
    clock: Arc<dyn Clock>,
}

/// A session just opened.
pub enum Opened {
    Written(SessionId, Box<AccountRecord>),
    /// Not written: it lasts while the server runs.
    Kept(SessionId),
}

impl Sessions {
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, unwritten: Mutex::default(), clock }
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
        let NewSession { account, token_hash, door, address, now, expires_at, .. } = new;
        let session = SessionRecord { id, account, door, address, created_at: now, last_seen: now, expires_at };
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
        let Some(session) = kept.filter(|kept| self.is_open(kept)) else {
            return self.store.session(by).await.map_err(from_store);
        };
        let account = self.store.account(AccountKey::Id(session.account)).await.map_err(from_store)?;
        Ok(account.map(|account| (session, account)))
    }

    /// Notes that a session is in use. That it can't be noted on a full disk is no reason to refuse it.
    pub async fn touch(&self, session: SessionId) {
        if let Err(error) = self.store.touch_session(session, self.clock.now()).await {
            tracing::debug!(%error, %session, "a session's use was not noted");
        }
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

    /// Forgets those of the account that are kept here; whether there was one.
    pub fn forget(&self, account: AccountId, which: store::Sessions) -> bool {
        let mut unwritten = self.unwritten();
        let before = unwritten.len();
        unwritten.retain(|_, session| session.account != account || !which.hold(session.id));
        unwritten.len() < before
    }

    fn is_open(&self, kept: &SessionRecord) -> bool {
        kept.expires_at > self.clock.now()
    }

    fn unwritten(&self) -> MutexGuard<'_, HashMap<[u8; 32], SessionRecord>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
