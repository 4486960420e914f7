//! Friends, requests, blocks: how accounts stand to each other.

use titan_core::protocol::{Event, Fault, Person, Relation, RelationKind};
use titan_core::{AccountId, Time};

use super::policy::{Act, closed};
use super::{Hub, Outcome, Session, from_store};
use crate::store::{RelationRecord, StoreError};

impl Session {
    /// Friends, requests in both directions, and those one has blocked.
    pub async fn relations(&self) -> Outcome<Vec<Relation>> {
        self.hub.limits.asking(self.account())?;
        let records = self.hub.store.relations(self.account()).await.map_err(from_store)?;
        Ok(records.into_iter().map(|record| self.hub.told(record)).collect())
    }

    /// Asks somebody to be friends; if they have asked before, the two are.
    pub async fn request_friend(&self, other: AccountId) -> Outcome<Relation> {
        self.hub.limits.sending(self.account())?;
        self.not_oneself(other)?;
        let requested = self.hub.store.request_friend(self.account(), other, Time::now()).await;
        requested.map_err(|error| match error {
            StoreError::Taken("friendship") => Fault::bad_request("You are friends already."),
            StoreError::Taken(_) => Fault::bad_request("You have asked already: wait for the answer."),
            StoreError::Conflict => closed(),
            StoreError::NotFound => no_account(),
            error => from_store(error),
        })?;
        self.tell_both(other).await
    }

    pub async fn accept_friend(&self, other: AccountId) -> Outcome<Relation> {
        self.hub.limits.asking(self.account())?;
        let accepted = self.hub.store.accept_friend(self.account(), other, Time::now()).await;
        accepted.map_err(|error| absent(error, "They have not asked to be friends (any more)."))?;
        self.tell_both(other).await
    }

    /// Says no to somebody who asked; they aren't told.
    pub async fn decline_friend(&self, other: AccountId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        let said = "They have not asked to be friends (any more).";
        self.stands(other, &[RelationKind::Requests], said).await?;
        self.hub.store.end_relation(self.account(), other).await.map_err(|error| absent(error, said))?;
        self.tell_ended(self.account(), other);
        Ok(())
    }

    /// Ends a friendship, or takes back one's own request.
    pub async fn remove_friend(&self, other: AccountId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        let said = "You are not friends.";
        self.stands(other, &[RelationKind::Friend, RelationKind::Requested], said).await?;
        self.hub.store.end_relation(self.account(), other).await.map_err(|error| absent(error, said))?;
        self.tell_ended(self.account(), other);
        self.tell_ended(other, self.account());
        Ok(())
    }

    /// Ends what was between the two; neither can write to the other in private or ask to be friends.
    pub async fn block(&self, other: AccountId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.not_oneself(other)?;
        let before = self.hub.store.relation(self.account(), other).await.map_err(from_store)?;
        let blocked = self.hub.store.set_block(self.account(), other, true, Time::now()).await;
        blocked.map_err(|error| absent(error, "There is no such account."))?;
        self.shut_direct(other, true).await?;
        if matches!(before, Some(RelationKind::Friend | RelationKind::Requested | RelationKind::Requests)) {
            self.tell_ended(other, self.account());
        }
        self.hub.tell_relation(self.account(), other).await
    }

    pub async fn unblock(&self, other: AccountId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        let unblocked = self.hub.store.set_block(self.account(), other, false, Time::now()).await;
        unblocked.map_err(|error| absent(error, "You have not blocked them."))?;
        let theirs = self.hub.store.relation(other, self.account()).await.map_err(from_store)?;
        self.shut_direct(other, theirs == Some(RelationKind::Blocked)).await?;
        self.tell_ended(self.account(), other);
        Ok(())
    }

    /// Refuses private words between two of whom one has blocked the other.
    pub(super) async fn permit_private(&self, other: AccountId) -> Outcome<()> {
        let mine = self.hub.store.relation(self.account(), other).await.map_err(from_store)?;
        let theirs = self.hub.store.relation(other, self.account()).await.map_err(from_store)?;
        let blocked = Some(RelationKind::Blocked);
        self.permit(Act::WriteTo { blocked: mine == blocked, blocking: theirs == blocked }).await
    }

    async fn stands(&self, other: AccountId, wanted: &[RelationKind], said: &str) -> Outcome<()> {
        let found = self.hub.store.relation(self.account(), other).await.map_err(from_store)?;
        found.filter(|found| wanted.contains(found)).map(drop).ok_or_else(|| Fault::not_found(said))
    }

    fn not_oneself(&self, other: AccountId) -> Outcome<()> {
        if other == self.account() { Err(Fault::bad_request("That is yourself.")) } else { Ok(()) }
    }

    /// The direct conversation of the two, where there is one, opens or shuts for both at once.
    async fn shut_direct(&self, other: AccountId, shut: bool) -> Outcome<()> {
        let direct = self.standing.direct_with(self.account(), other, &*self.hub.store).await?;
        let Some(direct) = direct else { return Ok(()) };
        self.hub.standings.changed(self.account(), direct, |membership| membership.shut = shut).await;
        self.hub.standings.changed(other, direct, |membership| membership.shut = shut).await;
        Ok(())
    }

    async fn tell_both(&self, other: AccountId) -> Outcome<Relation> {
        self.hub.tell_relation(other, self.account()).await?;
        self.hub.tell_relation(self.account(), other).await?;
        let mine = self.hub.relation(self.account(), other).await?;
        mine.ok_or_else(no_account)
    }

    fn tell_ended(&self, to: AccountId, about: AccountId) {
        self.hub.switchboard.tell_account(to, Event::RelationEnded { account: about });
    }
}

impl Hub {
    /// Tells an account how another stands to it now.
    async fn tell_relation(&self, to: AccountId, about: AccountId) -> Outcome<()> {
        if let Some(relation) = self.relation(to, about).await? {
            self.switchboard.tell_account(to, Event::RelationChanged { relation: Box::new(relation) });
        }
        Ok(())
    }

    async fn relation(&self, account: AccountId, other: AccountId) -> Outcome<Option<Relation>> {
        let relations = self.store.relations(account).await.map_err(from_store)?;
        Ok(relations.into_iter().find(|relation| relation.account.id == other).map(|found| self.told(found)))
    }

    /// A relation as it travels.
    fn told(&self, record: RelationRecord) -> Relation {
        let online = self.switchboard.is_online(record.account.id);
        let person = Person { account: record.account.public(), online };
        Relation { person, relation: record.kind, since: record.since }
    }
}

fn absent(error: StoreError, said: &str) -> Fault {
    match error {
        StoreError::NotFound => Fault::not_found(said),
        error => from_store(error),
    }
}

fn no_account() -> Fault {
    Fault::not_found("There is no such account.")
}
