//! Forgotten passwords: a token, good once and for 15 minutes, mailed to the account's address.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use titan_core::protocol::Fault;
use titan_core::protocol::ResetAsked;
use titan_core::{Secret, Time};

use super::entering::hash;
use super::letter::Letter;
use super::{Demand, Hub, Outcome, Visitor, from_store};
use crate::store::{AccountKey, AccountRecord, Fact, NewReset, StoreError, Warrant};

/// How long a token stands.
const RESET_MINUTES: u32 = 15;

impl Hub {
    /// Has a link mailed for a new password. The answer is the same, and as quick, for names that don't exist.
    pub async fn request_reset(self: &Arc<Self>, visitor: &Visitor, username: &str) -> Outcome<ResetAsked> {
        self.admit(visitor).await?;
        self.limits.login(visitor.address, username)?;
        let busy = |_| Fault::rate_limited(std::time::Duration::from_secs(1));
        let place = self.letters.clone().try_acquire_owned().map_err(busy)?;
        let (hub, username) = (self.clone(), username.trim().to_owned());
        tokio::spawn(async move {
            let _place = place;
            if let Err(fault) = hub.mail_reset(&username).await {
                tracing::debug!(%fault, "no reset was mailed");
            }
        });
        let letter_minutes = u32::try_from(self.mailer.patience().as_secs() / 60).unwrap_or_default();
        Ok(ResetAsked::new(letter_minutes, RESET_MINUTES))
    }

    async fn mail_reset(&self, username: &str) -> Outcome<()> {
        let (token, account) = self.open_reset(username).await?;
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
        self.admit(visitor).await?;
        self.limits.login(visitor.address, username)?;
        let of_door = doors.is_some_and(|key| key.reveal().as_bytes().ct_eq(given.as_bytes()).into());
        if !of_door && !self.admin_key.is(given) {
            let Visitor { door, address } = visitor;
            tracing::warn!(%door, %address, "a token was refused");
            let why = "Tokens are for who sends the admin key, or the one of --reset-key: Authorization: Bearer KEY";
            return Err(Fault::forbidden(why));
        }
        self.open_reset(username).await.map(|(token, _)| token)
    }

    async fn open_reset(&self, username: &str) -> Outcome<(Secret, AccountRecord)> {
        self.open_reset_of(AccountKey::Username(username.trim().to_owned())).await
    }

    pub(super) async fn open_reset_of(&self, key: AccountKey) -> Outcome<(Secret, AccountRecord)> {
        let account = self.store.account(key).await.map_err(from_store)?;
        let account = account.ok_or_else(|| Fault::not_found("There is no such account."))?;
        let token = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let now = self.now();
        let expires_at = Time(now.0 + i64::from(RESET_MINUTES) * 60 * 1_000);
        let new = NewReset { account: account.id, token_hash: hash(&token), now, expires_at };
        self.store.open_reset(new).await.map_err(from_store)?;
        Ok((token.into(), account))
    }

    /// Whose password a token would set; none where it does not stand.
    pub async fn reset_of(&self, token: &str) -> Outcome<Option<String>> {
        let found = self.store.reset(hash(token), self.now()).await.map_err(from_store)?;
        Ok(found.map(|account| account.username))
    }

    /// Sets a new password by a token, once, and ends every session of the account.
    pub async fn reset_password(&self, visitor: &Visitor, token: &str, password: &str) -> Outcome<()> {
        self.admit(visitor).await?;
        let invalid = || Fault::not_found("That link is not valid (any more): ask for another one.");
        let account = self.store.reset(hash(token), self.now()).await.map_err(from_store)?.ok_or_else(invalid)?;
        self.limits.login(visitor.address, &account.username)?;
        self.passwords.demand(Demand::Usual, password, &account.username, "password")?;
        let verifier = self.passwords.hash(password).await?;
        let audit = self.audit(Some(account.id), "reset_password", format!("account {}", account.id), String::new());
        let welcome = Fact::AddressWelcome { address: visitor.address.to_string() };
        let warrant = Warrant::from(vec![welcome]).with_audit(audit);
        match self.store.use_reset(hash(token), verifier, self.now(), warrant).await {
            Err(StoreError::NotFound) => Err(invalid()),
            // Its address is not welcome any more.
            Err(StoreError::Stale) => self.admit(visitor).await.and(Err(from_store(StoreError::Stale))),
            used => used.map(drop).map_err(from_store),
        }
    }
}
