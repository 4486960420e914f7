//! The second factor of an account: set up, taken away, and asked for at the login and where the password is given again.

use titan_core::protocol::{Fault, FaultCode, NewFactor, RecoveryCodes};
use titan_core::{AccountId, Secret};

use super::confirming::proven;
use super::factors::{self, SECRET};
use super::letter::{Letter, Turn};
use super::tokens::{fresh_words, hash_of_words};
use super::{Hub, Outcome, Session, Visitor, from_store, journal};
use crate::store::{self, AccountRecord, FactorRecord, StoreError, Warrant};

/// What the log calls a code that was refused.
pub(super) const CODE_REFUSED: &str = "factor_refused";
/// Recovery codes of an account.
const RECOVERY_CODES: usize = 10;

impl Session {
    /// A fresh secret, which counts once a code of it came by [`Self::confirm_factor`].
    pub async fn add_factor(&self) -> Outcome<NewFactor> {
        self.hub.limits.asking(self.account())?;
        self.confirmed()?;
        if self.hub.factor(self.account()).await?.is_some() {
            return Err(Fault::new(FaultCode::Conflict, "You have a second factor: take it away first."));
        }
        let secret: [u8; SECRET] = rand::random();
        self.hub.factors.wait(self.id, secret, self.hub.now());
        Ok(factors::handed_out(&secret, &self.author.username))
    }

    /// Sets the factor up whose secret was asked for, by a code of it; gives recovery codes. Every other session ends.
    pub async fn confirm_factor(&self, code: &str) -> Outcome<RecoveryCodes> {
        self.hub.limits.asking(self.account())?;
        self.confirmed()?;
        let now = self.hub.now();
        let gone = "No secret waits for its first code (any more): ask for one again.";
        let secret = self.hub.factors.waiting(self.id, now).ok_or_else(|| Fault::not_found(gone))?;
        self.hub.limits.code(self.account(), self.visitor.address, true)?;
        let step = factors::digits(code).and_then(|code| factors::step_of(&secret, &code, now, 0)).ok_or_else(wrong)?;
        let (codes, recovery) = recovery_codes();
        let (sealed, pepper) = self.hub.passwords.seal(&secret);
        let record = self.record().await?;
        self.decided(|| async {
            let new = store::NewFactor { sealed, pepper: pepper.clone(), step, recovery: recovery.clone(), now };
            let grounds = vec![self.stands(), proven(&record)];
            let warrant = self.of_factor("factor_added", Warrant::from(grounds));
            match self.hub.store.add_factor(self.account(), new, Some(self.id), warrant).await {
                Err(StoreError::Taken(_)) => {
                    Err(Fault::new(FaultCode::Conflict, "You have a second factor already.").into())
                }
                added => Ok(added?),
            }
        })
        .await?;
        self.hub.factors.forget(self.id);
        self.hub.tell_turn(&record, Turn::FactorAdded);
        Ok(codes.into())
    }

    /// Takes the factor away, with its recovery codes. Every other session ends.
    pub async fn remove_factor(&self) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.confirmed()?;
        let record = self.record().await?;
        self.decided(|| async {
            let warrant = self.of_factor("factor_removed", vec![self.stands(), proven(&record)].into());
            match self.hub.store.remove_factor(self.account(), Some(self.id), warrant).await {
                Err(StoreError::NotFound) => Err(no_factor().into()),
                removed => Ok(removed?),
            }
        })
        .await?;
        self.hub.tell_turn(&record, Turn::FactorRemoved);
        Ok(())
    }

    /// Other recovery codes, in the place of those that are left.
    pub async fn renew_recovery_codes(&self) -> Outcome<RecoveryCodes> {
        self.hub.limits.asking(self.account())?;
        self.confirmed()?;
        let (codes, hashes) = recovery_codes();
        self.decided(|| async {
            let warrant = self.of_factor("recovery_codes_renewed", vec![self.stands()].into());
            match self.hub.store.renew_recovery_codes(self.account(), hashes.clone(), warrant).await {
                Err(StoreError::NotFound) => Err(no_factor().into()),
                renewed => Ok(renewed?),
            }
        })
        .await?;
        Ok(codes.into())
    }

    fn of_factor(&self, event: &'static str, warrant: Warrant) -> Warrant {
        warrant.with_audit(self.own_act(event)).with_deed(self.deed(event))
    }
}

impl Hub {
    pub(super) async fn factor(&self, account: AccountId) -> Outcome<Option<FactorRecord>> {
        self.store.factor(account).await.map_err(from_store)
    }

    /// Refuses who gives no right code, where the account has a second factor. A code is used up by this.
    pub(super) async fn second_factor(
        &self,
        visitor: &Visitor,
        account: &AccountRecord,
        code: Option<&str>,
    ) -> Outcome<()> {
        let Some(factor) = self.factor(account.id).await? else { return Ok(()) };
        let code = code.map(str::trim).filter(|code| !code.is_empty()).ok_or_else(required)?;
        let known = self.acquaintances.know(&account.username, visitor.address);
        self.limits.code(account.id, visitor.address, known)?;
        let right = match factors::digits(code) {
            Some(code) => self.take_step(account.id, factor, &code).await?,
            None => self.take_recovery_code(visitor, account, code).await?,
        };
        match right {
            true => Ok(()),
            false => {
                journal::refused(CODE_REFUSED, visitor, &account.username);
                Err(wrong())
            }
        }
    }

    async fn take_step(&self, account: AccountId, factor: FactorRecord, code: &str) -> Outcome<bool> {
        let Some(secret) = self.passwords.unseal(&factor.sealed, &factor.pepper) else {
            let why =
                "The secret of your second factor can't be read: take a recovery code, or ask who runs the house.";
            tracing::error!(pepper = factor.pepper, "a second factor rests on a pepper that isn't here");
            return Err(Fault::new(FaultCode::Internal, why));
        };
        let last = self.factors.last_step(account).map_or(factor.last_step, |last| last.max(factor.last_step));
        let Some(step) = factors::step_of(&secret, code, self.now(), last) else { return Ok(false) };
        let (sealed, pepper) = self.passwords.seal(&secret);
        match self.store.take_step(account, FactorRecord { sealed, pepper, ..factor }, step).await {
            // A full disk keeps nobody out of what can still be read.
            Err(StoreError::Unavailable(_)) => Ok(self.factors.take_step(account, step)),
            taken => taken.map_err(from_store),
        }
    }

    async fn take_recovery_code(&self, visitor: &Visitor, account: &AccountRecord, code: &str) -> Outcome<bool> {
        let event = "recovery_code_used";
        let audit = self.audit(Some(account.id), event, format!("account {}", account.id), String::new());
        let deed = journal::deed(event, visitor, &account.username);
        let warrant = Warrant::of_house().with_audit(audit).with_deed(deed);
        let taken =
            self.store.take_recovery_code(account.id, hash_of_words(code), warrant).await.map_err(from_store)?;
        if taken {
            self.tell_turn(account, Turn::RecoveryCodeUsed);
        }
        Ok(taken)
    }

    /// Takes a factor away from somebody who has lost it, on behalf of who runs the house.
    pub(super) async fn reset_factor(&self, account: &AccountRecord) -> Outcome<()> {
        let event = "factor_removed";
        let audit = self.audit(None, event, format!("account {}", account.id), "by the operator".to_owned());
        let deed = journal::deed_of_operator(event).of(&account.username);
        let warrant = Warrant::of_house().with_audit(audit).with_deed(deed);
        match self.store.remove_factor(account.id, None, warrant).await {
            Err(StoreError::NotFound) => Err(Fault::not_found(format!("{} has no second factor.", account.username))),
            removed => removed.map_err(from_store),
        }?;
        self.tell_turn(account, Turn::FactorRemoved);
        Ok(())
    }

    /// Tells an account by letter of what somebody could have done in its name.
    pub(super) fn tell_turn(&self, account: &AccountRecord, turn: Turn) {
        if let Some(email) = account.email.clone() {
            self.mailer.take(Letter::Turned { username: account.username.clone(), email, turn });
        }
    }
}

/// Fresh ones, and what is kept of them.
fn recovery_codes() -> (Vec<Secret>, Vec<[u8; 32]>) {
    let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| fresh_words()).collect();
    let hashes = codes.iter().map(|code| hash_of_words(code.reveal())).collect();
    (codes, hashes)
}

fn required() -> Fault {
    Fault::new(FaultCode::SecondFactorRequired, "Give a code of your second factor too.").at("code")
}

fn wrong() -> Fault {
    Fault::new(FaultCode::SecondFactorRequired, "That code is not right (any more).").at("code")
}

fn no_factor() -> Fault {
    Fault::not_found("You have no second factor.")
}
