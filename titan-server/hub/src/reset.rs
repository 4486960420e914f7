//! Forgotten passwords: a token, good once and for 15 minutes, mailed to the account's address.

use std::sync::Arc;
use std::time::Duration;

use subtle::ConstantTimeEq;
use titan_core::protocol::Fault;
use titan_core::protocol::ResetAsked;
use titan_core::{Secret, Time};
use tracing::Instrument;

use super::letter::Letter;
use super::passwords::Applicant;
use super::tally::asked_by;
use super::tokens::{fresh_token, hash};
use super::{Demand, Hub, Outcome, Visitor, from_store, journal, patience};
use crate::store::{AccountKey, AccountRecord, Fact, NewReset, StoreError, Warrant};

/// How long a token stands.
const RESET_MINUTES: u32 = 15;
/// A letter is begun some time after it was asked for, at random between these: what is asked right behind it tells nothing.
const BEGUN_AFTER: std::ops::Range<u64> = 200..1_200;

impl Hub {
    /// Has a link mailed for a new password. The answer is the same, and as quick, for names that don't exist, and what is
    /// done then leaves the same trace.
    pub async fn request_reset(self: &Arc<Self>, visitor: &Visitor, username: &str) -> Outcome<ResetAsked> {
        asked_by(visitor, "");
        self.admit(visitor).await?;
        self.limits.login(visitor.address, username)?;
        let busy = |_| Fault::rate_limited(Duration::from_secs(1));
        let place = self.letters.clone().try_acquire_owned().map_err(busy)?;
        let (hub, username, visitor) = (self.clone(), username.trim().to_owned(), visitor.clone());
        let mailing = async move {
            let _place = place;
            patience::wait(Duration::from_millis(rand::random_range(BEGUN_AFTER))).await;
            if let Err(fault) = hub.mail_reset(&visitor, &username).await {
                tracing::debug!(%fault, "no reset was mailed");
                // Something is committed for a name that nobody has too: a commit can be felt.
                let _ = hub.store.probe().await;
            }
        };
        tokio::spawn(mailing.in_current_span());
        let letter_minutes = u32::try_from(self.mailer.patience().as_secs() / 60).unwrap_or_default();
        Ok(ResetAsked::new(letter_minutes, RESET_MINUTES))
    }

    async fn mail_reset(&self, visitor: &Visitor, username: &str) -> Outcome<()> {
        let opened = self.open_reset(username, Warrant::of_house()).await;
        let name = opened.as_ref().map_or("", |(_, account)| &account.username);
        journal::done(&journal::deed("request_reset", visitor, name));
        let (token, account) = opened?;
        self.mailer.take(Letter::Reset { username: account.username, email: account.email, token });
        Ok(())
    }

    /// A token for whoever runs the house, to hand over by other ways than mail: for who gives the admin key, or the key that the door was
    /// given for it.
    pub async fn issue_reset(
        &self,
        visitor: &Visitor,
        given: &str,
        doors: Option<&Secret>,
        username: &str,
    ) -> Outcome<Secret> {
        asked_by(visitor, "");
        self.admit(visitor).await?;
        self.limits.login(visitor.address, username)?;
        let of_door = doors.is_some_and(|key| key.reveal().as_bytes().ct_eq(given.as_bytes()).into());
        if !of_door && !self.is_admin_key(visitor, given).await? {
            journal::refused("reset_refused", visitor, "");
            let why = "Tokens are for who sends the admin key, or the one of --reset-key: Authorization: Bearer KEY";
            return Err(Fault::forbidden(why));
        }
        let account = self.account_named(username).await?;
        let deed = journal::deed("issue_reset", visitor, &account.username);
        let by = if of_door { "the reset key" } else { "the admin key" };
        let detail = format!("by {by}, from {}", visitor.address);
        let audit = self.audit(None, "issue_reset", format!("account {}", account.id), detail);
        let warrant = Warrant::of_house().with_audit(audit).with_deed(deed);
        self.open_reset_of(&account, warrant).await
    }

    async fn open_reset(&self, username: &str, warrant: Warrant) -> Outcome<(Secret, AccountRecord)> {
        let account = self.account_named(username).await?;
        let token = self.open_reset_of(&account, warrant).await?;
        Ok((token, account))
    }

    async fn account_named(&self, username: &str) -> Outcome<AccountRecord> {
        let found = self.store.account(AccountKey::Username(username.trim().to_owned())).await.map_err(from_store)?;
        found.ok_or_else(|| Fault::not_found("There is no such account."))
    }

    pub(super) async fn open_reset_of(&self, account: &AccountRecord, warrant: Warrant) -> Outcome<Secret> {
        let token = fresh_token();
        let now = self.now();
        let expires_at = Time(now.0 + i64::from(RESET_MINUTES) * 60 * 1_000);
        let new = NewReset { account: account.id, token_hash: hash(token.reveal()), now, expires_at };
        self.store.open_reset(new, warrant).await.map_err(from_store)?;
        Ok(token)
    }

    /// Whose password a token would set; none where it does not stand.
    pub async fn reset_of(&self, token: &str) -> Outcome<Option<String>> {
        let found = self.store.reset(hash(token), self.now()).await.map_err(from_store)?;
        Ok(found.map(|account| account.username))
    }

    /// Sets a new password by a token, once, and ends every session of the account.
    pub async fn reset_password(&self, visitor: &Visitor, token: &str, password: &str) -> Outcome<()> {
        asked_by(visitor, "");
        self.admit(visitor).await?;
        self.limits.token(visitor.address)?;
        let found = self.store.reset(hash(token), self.now()).await.map_err(from_store)?;
        let account = found.ok_or_else(|| refused_reset(visitor))?;
        self.limits.login(visitor.address, &account.username)?;
        self.passwords.demand(Demand::Usual, password, &account.username, "password")?;
        let verifier = self.passwords.hash(password, Applicant::stranger(visitor.address)).await?;
        let audit = self.audit(Some(account.id), "reset_password", format!("account {}", account.id), String::new());
        let welcome = Fact::AddressWelcome { address: visitor.address.to_string() };
        let deed = journal::deed("reset_password", visitor, &account.username);
        let warrant = Warrant::from(vec![welcome]).with_audit(audit).with_deed(deed);
        match self.store.use_reset(hash(token), verifier, self.now(), warrant).await {
            Err(StoreError::NotFound) => Err(refused_reset(visitor)),
            // Its address is not welcome any more.
            Err(StoreError::Stale) => self.admit(visitor).await.and(Err(from_store(StoreError::Stale))),
            used => used.map(drop).map_err(from_store),
        }
    }
}

/// A token that is none (any more).
fn refused_reset(visitor: &Visitor) -> Fault {
    journal::refused("reset_refused", visitor, "");
    Fault::not_found("That link is not valid (any more): ask for another one.")
}
