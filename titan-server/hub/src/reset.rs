//! Forgotten passwords: a token, good once and for 15 minutes, mailed to the account's address.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use titan_core::protocol::Fault;
use titan_core::{Secret, Time};

use super::entering::hash;
use super::letter::Letter;
use super::passwords::Applicant;
use super::{Hub, Outcome, Visitor, from_store, patience};
use crate::store::{AccountKey, AccountRecord, Fact, NewReset, StoreError, Warrant};

/// How long a token stands.
const RESET_MS: i64 = 15 * 60 * 1_000;
/// A letter is begun some time after it was asked for, at random between these: what is asked right behind it tells nothing.
const BEGUN_AFTER: std::ops::Range<u64> = 200..1_200;

impl Hub {
    /// Has a link mailed for a new password. The answer is the same, and as quick, for names that don't exist, and what is
    /// done then leaves the same trace.
    pub async fn request_reset(self: &Arc<Self>, visitor: &Visitor, username: &str) -> Outcome<()> {
        self.admit(visitor).await?;
        self.limits.login(visitor.address, username)?;
        let busy = |_| Fault::rate_limited(Duration::from_secs(1));
        let place = self.letters.clone().try_acquire_owned().map_err(busy)?;
        let (hub, username) = (self.clone(), username.trim().to_owned());
        tokio::spawn(async move {
            let _place = place;
            patience::wait(Duration::from_millis(rand::random_range(BEGUN_AFTER))).await;
            if let Err(fault) = hub.mail_reset(&username).await {
                tracing::debug!(%fault, "no reset was mailed");
                // Something is committed for a name that nobody has too: a commit can be felt.
                let _ = hub.store.probe().await;
            }
        });
        Ok(())
    }

    async fn mail_reset(&self, username: &str) -> Outcome<()> {
        let (token, account) = self.open_reset(username).await?;
        self.mailer.take(Letter::Reset { username: account.username, email: account.email, token });
        Ok(())
    }

    /// A token for whoever runs the house, to hand over by other ways than mail. That they may is the caller's to know.
    pub async fn issue_reset(&self, address: IpAddr, username: &str) -> Outcome<Secret> {
        self.limits.login(address, username)?;
        self.open_reset(username).await.map(|(token, _)| token)
    }

    async fn open_reset(&self, username: &str) -> Outcome<(Secret, AccountRecord)> {
        let key = AccountKey::Username(username.trim().to_owned());
        let account = self.store.account(key).await.map_err(from_store)?;
        let account = account.ok_or_else(|| Fault::not_found("There is no such account."))?;
        let token = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let now = self.now();
        let expires_at = Time(now.0 + RESET_MS);
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
        let verifier = self.passwords.hash(password, Applicant::stranger(visitor.address)).await?;
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
