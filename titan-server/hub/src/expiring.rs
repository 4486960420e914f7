//! Sessions whose time is up: by their age, or because nobody used them. What a session is in use by is a request or an open
//! connection: who reads along need not write.

use super::{Hub, Outcome, from_store, policy};

impl Hub {
    /// Ends those that are as old as they may be.
    pub async fn end_old_sessions(&self) -> Outcome<u64> {
        self.store.purge_sessions(self.now()).await.map_err(from_store)
    }

    /// Notes which ones are in use, and ends those that weren't for as long as they may not be; and those that are too old for what
    /// their account is on the server now, or by what the house is set to now.
    pub async fn end_idle_sessions(&self) -> Outcome<u64> {
        self.sessions.note_use(self.switchboard.sessions_in_use()).await.map_err(from_store)?;
        let now = self.now();
        let mut ended = 0;
        for (role, terms) in policy::terms(self.sessions.terms()) {
            let (opened, used) = (now.before(terms.lasts), now.before(terms.idle));
            ended += self.store.end_idle(role, opened, used).await.map_err(from_store)?;
        }
        Ok(ended)
    }
}
