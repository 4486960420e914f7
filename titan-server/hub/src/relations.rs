//! Friends, requests, blocks: how accounts stand to each other.

use titan_core::AccountId;
use titan_core::protocol::{Fault, Relation, RelationKind};

use super::decision::Refusal;
use super::listing::{Listed, listed};
use super::policy::{Act, closed};
use super::shares::Share;
use super::stream::relation_as_told;
use super::{Outcome, Session, from_store};
use crate::store::{Fact, Page, StoreError};

impl Session {
    /// Friends, requests in both directions, and those one has blocked.
    pub async fn relations(&self, page: Page<AccountId>) -> Outcome<Listed<Relation>> {
        self.hub.limits.asking(self.account())?;
        let records = listed(page, |page| self.hub.store.relations(self.account(), page)).await?;
        Ok(records.map(|record| relation_as_told(record, &self.hub.switchboard)))
    }

    /// Asks somebody to be friends; if they have asked before, the two are.
    pub async fn request_friend(&self, other: AccountId) -> Outcome<Relation> {
        self.hub.limits.sending(self.account())?;
        self.hub.limits.share(self.account(), Share::Friend)?;
        self.not_oneself(other)?;
        self.decided(|| async {
            let warrant = vec![self.stands()].into();
            let requested = self.hub.store.request_friend(self.account(), other, self.hub.now(), warrant).await;
            requested.map(drop).map_err(|error| match error {
                StoreError::Taken("friendship") => Fault::bad_request("You are friends already.").into(),
                StoreError::Taken(_) => Fault::bad_request("You have asked already: wait for the answer.").into(),
                StoreError::Conflict | StoreError::NotFound => closed().into(),
                error => error.into(),
            })
        })
        .await?;
        self.relation_to(other).await
    }

    pub async fn accept_friend(&self, other: AccountId) -> Outcome<Relation> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let warrant = vec![self.stands()].into();
            let accepted = self.hub.store.accept_friend(self.account(), other, self.hub.now(), warrant).await;
            accepted.map_err(|error| absent(error, NOT_ASKED))
        })
        .await?;
        self.relation_to(other).await
    }

    /// Says no to somebody who asked; they aren't told.
    pub async fn decline_friend(&self, other: AccountId) -> Outcome<()> {
        self.end_relation(other, &[RelationKind::Requests], NOT_ASKED).await
    }

    /// Ends a friendship, or takes back one's own request.
    pub async fn remove_friend(&self, other: AccountId) -> Outcome<()> {
        self.end_relation(other, &[RelationKind::Friend, RelationKind::Requested], "You are not friends.").await
    }

    async fn end_relation(&self, other: AccountId, wanted: &'static [RelationKind], absent_as: &str) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let warrant = vec![self.stands()].into();
            let ended = self.hub.store.end_relation(self.account(), other, wanted, warrant).await;
            ended.map(drop).map_err(|error| absent(error, absent_as))
        })
        .await
    }

    /// Ends what was between the two; neither can write to the other in private or ask to be friends.
    pub async fn block(&self, other: AccountId) -> Outcome<()> {
        self.not_oneself(other)?;
        self.hub.limits.share(self.account(), Share::Block)?;
        self.set_block(other, true, "There is no such account.").await
    }

    pub async fn unblock(&self, other: AccountId) -> Outcome<()> {
        self.set_block(other, false, "You have not blocked them.").await
    }

    async fn set_block(&self, other: AccountId, blocked: bool, absent_as: &str) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let warrant = vec![self.stands()].into();
            let set = self.hub.store.set_block(self.account(), other, blocked, self.hub.now(), warrant).await;
            set.map_err(|error| absent(error, absent_as))
        })
        .await
    }

    /// Who of the two has blocked the other.
    pub(super) async fn blocks_with(&self, other: AccountId) -> Outcome<Blocks> {
        let relation =
            async |one: AccountId, other: AccountId| self.hub.store.relation(one, other).await.map_err(from_store);
        let (mine, theirs) = (relation(self.account(), other).await?, relation(other, self.account()).await?);
        let blocked = Some(RelationKind::Blocked);
        Ok(Blocks { mine: mine == blocked, theirs: theirs == blocked })
    }

    /// Lets two come to have a direct of whom neither has blocked the other: on which grounds.
    pub(super) async fn permit_private(&self, other: AccountId) -> Outcome<Vec<Fact>> {
        let account = self.account();
        let mine = self.hub.store.relation(account, other).await.map_err(from_store)?;
        let theirs = self.hub.store.relation(other, account).await.map_err(from_store)?;
        let blocked = Some(RelationKind::Blocked);
        self.permit(Act::WriteTo { blocked: mine == blocked, blocking: theirs == blocked }).await?;
        Ok(vec![
            self.stands(),
            Fact::Relation { account, other, kind: mine },
            Fact::Relation { account: other, other: account, kind: theirs },
        ])
    }

    fn not_oneself(&self, other: AccountId) -> Outcome<()> {
        if other == self.account() { Err(Fault::bad_request("That is yourself.")) } else { Ok(()) }
    }

    async fn relation_to(&self, other: AccountId) -> Outcome<Relation> {
        let found = self.hub.store.relation_with(self.account(), other).await.map_err(from_store)?;
        Ok(relation_as_told(found.ok_or_else(no_account)?, &self.hub.switchboard))
    }
}

/// Who of two has blocked the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    pub mine: bool,
    pub theirs: bool,
}

const NOT_ASKED: &str = "They have not asked to be friends (any more).";

fn absent(error: StoreError, said: &str) -> Refusal {
    match error {
        StoreError::NotFound => Fault::not_found(said).into(),
        error => error.into(),
    }
}

fn no_account() -> Fault {
    Fault::not_found("There is no such account.")
}
