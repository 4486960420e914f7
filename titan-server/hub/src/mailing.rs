//! The mail address of an account, by which its password may be set anew: asked for, told to the one before, and confirmed
//! before any letter with a way in goes there. What comes of it is the same at every door.

use titan_core::protocol::{Fault, Profile};
use titan_core::{Secret, Time};

use super::letter::Letter;
use super::particulars::mail_address;
use super::tally::asked_by;
use super::tokens::{fresh_token, hash};
use super::{Hub, Outcome, Session, Visitor, from_store, journal};
use crate::store::{AccountChange, AccountRecord, Fact, MailChange, StoreError, Warrant};

/// How long an address waits to be confirmed.
const WAITS_MS: i64 = 24 * 3_600 * 1_000;

/// What is to become of an account's mail address, and who is told.
#[derive(Clone, Default)]
pub(super) struct Wanted {
    change: AccountChange,
    letters: Vec<Letter>,
}

impl Wanted {
    pub fn changes(&self) -> bool {
        self.change.email.is_some() || self.change.new_email.is_some()
    }

    /// The same with what else is to change.
    pub fn with(&self, other: AccountChange) -> AccountChange {
        AccountChange { email: self.change.email.clone(), new_email: self.change.new_email.clone(), ..other }
    }
}

impl Session {
    /// What one's own account has that others don't see.
    pub async fn profile(&self) -> Outcome<Profile> {
        self.hub.limits.asking(self.account())?;
        let record = self.record().await?;
        let pending = self.hub.store.pending_mail(self.account(), self.hub.now()).await.map_err(from_store)?;
        let factor = self.hub.factor(self.account()).await?;
        let mut profile = Profile::new(record.public());
        profile.factor_since = factor.as_ref().map(|factor| factor.since);
        profile.recovery_codes = factor.map_or(0, |factor| factor.recovery_codes);
        (profile.email, profile.new_email) = (record.email.map(Into::into), pending.map(Into::into));
        Ok(profile)
    }

    /// What it takes that the address becomes another. The address that counts already, given again, takes back one that waits.
    pub(super) async fn wanted_mail(&self, given: &str) -> Outcome<Wanted> {
        let email = mail_address(&*self.hub.mailer, given)?;
        let AccountRecord { username, email: before, .. } = self.record().await?;
        let mut wanted = Wanted::default();
        if email == before {
            let waits = self.hub.store.pending_mail(self.account(), self.hub.now()).await.map_err(from_store)?;
            wanted.change.email = waits.map(|_| before);
            return Ok(wanted);
        }
        self.confirmed()?;
        let Some(before) = before else {
            // There is none yet that could be protected, as when somebody registers with one.
            wanted.change.email = Some(email);
            return Ok(wanted);
        };
        wanted.letters.push(Letter::MailChanged { username: username.clone(), email: before, to: email.clone() });
        match email {
            None => wanted.change.email = Some(None),
            Some(email) => {
                let (token, expires_at) = (fresh_token(), Time(self.hub.now().0 + WAITS_MS));
                let token_hash = hash(token.reveal());
                wanted.change.new_email = Some(MailChange { email: email.clone(), token_hash, expires_at });
                wanted.letters.push(Letter::ConfirmMail { username, email, token });
            }
        }
        Ok(wanted)
    }

    /// Sends the letters that go with it, once it is committed.
    pub(super) fn send(&self, wanted: Wanted) {
        wanted.letters.into_iter().for_each(|letter| self.hub.mailer.take(letter));
    }
}

impl Hub {
    /// Whose address a token would confirm, and which; none where it does not stand.
    pub async fn mail_of(&self, token: &Secret) -> Outcome<Option<(String, String)>> {
        let found = self.store.mail_change(hash(token.reveal()), self.now()).await.map_err(from_store)?;
        Ok(found.map(|(account, email)| (account.username, email)))
    }

    /// Makes the address that waits for this token the account's. Links to a new password that went to the one before are dead.
    pub async fn confirm_mail(&self, visitor: &Visitor, token: &Secret) -> Outcome<()> {
        asked_by(visitor, "");
        self.admit(visitor).await?;
        self.limits.token(visitor.address)?;
        let found = self.store.mail_change(hash(token.reveal()), self.now()).await.map_err(from_store)?;
        let (account, _) = found.ok_or_else(|| refused(visitor))?;
        self.limits.login(visitor.address, &account.username)?;
        let audit = self.audit(Some(account.id), "confirm_mail", format!("account {}", account.id), String::new());
        let welcome = Fact::AddressWelcome { address: visitor.address.to_string() };
        let deed = journal::deed("confirm_mail", visitor, &account.username);
        let warrant = Warrant::from(vec![welcome]).with_audit(audit).with_deed(deed);
        match self.store.confirm_mail(hash(token.reveal()), self.now(), warrant).await {
            Err(StoreError::NotFound) => Err(refused(visitor)),
            Err(StoreError::Stale) => self.admit(visitor).await.and(Err(from_store(StoreError::Stale))),
            done => done.map(drop).map_err(from_store),
        }
    }
}

/// A token that is none (any more).
fn refused(visitor: &Visitor) -> Fault {
    journal::refused("reset_refused", visitor, "");
    Fault::not_found("That link is not valid (any more): give the address again for another one.")
}
