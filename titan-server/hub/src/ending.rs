//! Accounts that end for good: by their own wish, or an admin's.

use titan_core::protocol::{Event, Fault, FaultCode, SessionInfo};
use titan_core::{AccountId, SafeText, Time};

use super::policy::Act;
use super::{GENERAL, Hub, Outcome, Session, from_store, view};
use crate::store::{AccountKey, AccountRecord, PlaceRecord, StoreError};

impl Session {
    /// Ends one's own account. The password is asked again, since there is no way back.
    pub async fn delete_account(&self, password: &str) -> Outcome<()> {
        self.hub.limits.login(self.visitor.address, &self.author.username)?;
        let record = self.record().await?;
        if !self.hub.passwords.check(password, Some(&record.verifier)).await? {
            return Err(Fault::new(FaultCode::BadCredentials, "The password is not right."));
        }
        self.hub.end_account(Some(self.account()), &record, "Your account was deleted.").await
    }

    /// The same where the client has no way to ask for the password again: being logged in must do.
    pub async fn delete_account_unasked(&self) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        let record = self.record().await?;
        self.hub.end_account(Some(self.account()), &record, "Your account was deleted.").await
    }

    /// Ends somebody's account, as an admin.
    pub async fn remove_account(&self, account: AccountId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        if account == self.account() {
            return Err(Fault::bad_request("End your own account where you manage it, by your password."));
        }
        let found = self.hub.store.account(AccountKey::Id(account)).await.map_err(from_store)?;
        let record = found.ok_or_else(|| Fault::not_found("There is no such account."))?;
        self.hub.end_account(Some(self.account()), &record, "Your account was deleted by an admin.").await
    }

    /// Where an account is logged in, as an admin.
    pub async fn account_sessions(&self, account: AccountId) -> Outcome<Vec<SessionInfo>> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        let sessions = self.hub.sessions.of(account).await?;
        Ok(sessions.into_iter().map(|session| view::session(session, self.id)).collect())
    }
}

impl Hub {
    /// Whether it may be has been decided by then. Rooms are left first, so that their logs tell.
    pub(super) async fn end_account(&self, by: Option<AccountId>, account: &AccountRecord, said: &str) -> Outcome<()> {
        let id = account.id;
        let places = self.store.places(id).await.map_err(from_store)?;
        let known = self.store.relations(id).await.map_err(from_store)?;
        for room in places.iter().filter(|place| place.other.is_none() && place.conversation != GENERAL) {
            match self.store.leave(room.conversation, id, None, Time::now()).await {
                Ok(_) | Err(StoreError::NotFound) => {}
                Err(error) => return Err(from_store(error)),
            }
        }
        self.store.delete_account(id, Time::now()).await.map_err(from_store)?;
        self.sessions.end_all(id, None).await?;
        self.forget_places(id, &places).await;
        self.disconnect(id, None, said);
        let removed = || Event::AccountRemoved { account: id, username: SafeText::from(account.username.as_str()) };
        let others = places.iter().filter_map(|place| place.other).chain(known.iter().map(|record| record.account.id));
        others.filter(|other| *other != id).for_each(|other| self.switchboard.tell_account(other, removed()));
        self.switchboard.tell_watchers(removed());
        self.audit(by, "delete_account", format!("account {id}"), account.username.clone()).await
    }

    /// From now on the account is in nothing, and its directs are shut for those who were in them with it.
    async fn forget_places(&self, account: AccountId, places: &[PlaceRecord]) {
        for place in places {
            self.standings.left(account, place.conversation).await;
            self.switchboard.unsubscribe_account(account, place.conversation);
            if let Some(other) = place.other {
                self.standings.changed(other, place.conversation, |membership| membership.shut = true).await;
            }
        }
    }
}
