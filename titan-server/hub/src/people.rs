//! Who there is, and who is here.

use std::collections::HashSet;

use titan_core::protocol::{EndedAccounts, Fault, Person};
use titan_core::text::look_alike;
use titan_core::{AccountId, SafeText, Time};

use super::listing::Listed;
use super::{Outcome, Session, from_store};
use crate::store::{AccountKey, AccountRecord, Page};

/// Names a search gives at most.
const NAMES_MOST: u32 = 200;
/// Ended accounts that are told at once.
const ENDED_MOST: u32 = 1_000;

impl Session {
    /// Everybody with a connection at any door, by name.
    pub async fn who(&self) -> Outcome<Vec<Person>> {
        self.hub.limits.asking(self.account())?;
        let online = self.hub.switchboard.online();
        let records = self.hub.store.accounts_among(online).await.map_err(from_store)?;
        let person = |record: &AccountRecord| Person::new(record.public(), true);
        let mut people: Vec<_> = records.iter().map(person).collect();
        people.sort_by(|one, other| one.account.username.cmp(&other.account.username));
        Ok(people)
    }

    pub async fn find_account(&self, by: AccountKey) -> Outcome<Person> {
        self.hub.limits.asking(self.account())?;
        let found = self.hub.store.account(by).await.map_err(from_store)?;
        found.map(|record| self.person(&record)).ok_or_else(|| Fault::not_found("There is no such account."))
    }

    /// Whether a name is one of this account's: as it is spelled here or otherwise, or as it was where it was imported from.
    pub async fn goes_by(&self, name: &str) -> Outcome<bool> {
        let name = name.trim();
        if look_alike(name) == look_alike(&self.author.username) {
            return Ok(true);
        }
        self.hub.limits.asking(self.account())?;
        let former = self.hub.store.account_formerly(name.to_owned()).await.map_err(from_store)?;
        Ok(former.is_some_and(|former| former.id == self.account()))
    }

    /// Accounts that ended since then, the oldest first, and until when these are all.
    pub async fn ended_accounts(&self, since: Time) -> Outcome<EndedAccounts> {
        self.hub.limits.asking(self.account())?;
        let now = self.hub.now();
        let ended = self.hub.store.ended_accounts(since, ENDED_MOST).await.map_err(from_store)?;
        let until = ended.get(ENDED_MOST as usize - 1).map_or(now, |(_, at)| *at);
        Ok(EndedAccounts::new(ended.into_iter().map(|(account, _)| account).collect(), until))
    }

    pub async fn search_accounts(&self, prefix: String, limit: Option<u32>) -> Outcome<Vec<Person>> {
        self.hub.limits.asking(self.account())?;
        let limit = limit.unwrap_or(50).clamp(1, NAMES_MOST);
        let found = self.hub.store.accounts(prefix, Page::first(limit)).await.map_err(from_store)?;
        Ok(found.iter().map(|record| self.person(record)).collect())
    }

    /// The names of the first accounts, in order, and whose each is.
    pub async fn names(&self, most: u32) -> Outcome<Listed<(AccountId, SafeText)>> {
        self.hub.limits.asking(self.account())?;
        let mut names =
            self.hub.store.accounts(String::new(), Page::first(most).and_one_more()).await.map_err(from_store)?;
        let more = names.len() > most as usize;
        names.truncate(most as usize);
        Ok(Listed { list: names.into_iter().map(named).collect(), more })
    }

    /// The names of these accounts, as far as they exist, in the order given.
    pub async fn names_of(&self, accounts: Vec<AccountId>) -> Outcome<Vec<(AccountId, SafeText)>> {
        let found = self.hub.store.accounts_among(accounts).await.map_err(from_store)?;
        Ok(found.into_iter().map(named).collect())
    }

    /// Those with whom this account has a direct conversation. Costs no query.
    pub async fn partners(&self) -> Outcome<HashSet<AccountId>> {
        self.standing.partners(self.account(), &*self.hub.store).await
    }

    /// Everybody with a connection at any door.
    pub fn online(&self) -> HashSet<AccountId> {
        self.hub.switchboard.online().into_iter().collect()
    }

    pub(super) fn person(&self, record: &AccountRecord) -> Person {
        Person::new(record.public(), self.hub.switchboard.is_online(record.id))
    }
}

fn named(record: AccountRecord) -> (AccountId, SafeText) {
    (record.id, record.username.into())
}
