//! Saying again who one is. A session may be stolen, so being logged in is not enough for what an account is taken over by:
//! that asks for the password, given at the login or by [`Session::confirm`] a short while ago.

use titan_core::protocol::{Fault, FaultCode};

use super::policy::{Act, lately_confirmed, own_key};
use super::{Outcome, Session, journal};
use crate::store::{AccountRecord, Fact};

/// What the log calls a wrong password of somebody who is logged in.
const PASSWORD_REFUSED: &str = "password_refused";

impl Session {
    /// Gives the password again, with a code where the account has a second factor.
    pub async fn confirm(&self, password: &str, code: Option<&str>) -> Outcome<()> {
        let record = self.known_by(password, "The password is not right.").await?;
        self.hub.second_factor(&self.visitor, &record, code).await?;
        self.hub.confirmations.note(self.id, self.hub.now());
        journal::done(&self.deed("confirm"));
        Ok(())
    }

    /// The account, if the password is its. What is done upon that takes [`proven`] into its grounds. Where there is a second factor
    /// the password alone vouches for nobody: that one gave a code lately is asked for too.
    pub(super) async fn prove(&self, password: &str, wrong: &str) -> Outcome<AccountRecord> {
        let factor = self.hub.factor(self.account()).await?;
        if factor.is_some() {
            self.confirmed()?;
        }
        let record = self.known_by(password, wrong).await?;
        if factor.is_none() {
            self.hub.confirmations.note(self.id, self.hub.now());
        }
        Ok(record)
    }

    async fn known_by(&self, password: &str, wrong: &str) -> Outcome<AccountRecord> {
        own_key(self.key)?;
        self.hub.limits.confirming(self.id)?;
        self.hub.limits.login(self.visitor.address, &self.author.username)?;
        let record = self.record().await?;
        if !self.hub.passwords.check(password, &record.verifier, self.applicant()).await? {
            journal::refused(PASSWORD_REFUSED, &self.visitor, &self.author.username);
            return Err(Fault::new(FaultCode::BadCredentials, wrong));
        }
        Ok(record)
    }

    /// For doors whose clients can't be asked for the password again, by the documents they are written after: there having
    /// given it at the login does.
    #[must_use]
    pub fn unasked(self) -> Self {
        Self { asked_again: false, ..self }
    }

    /// Refuses where the password has to be given again first.
    pub(super) fn confirmed(&self) -> Outcome<()> {
        own_key(self.key)?;
        match self.asked_again {
            true => lately_confirmed(self.hub.confirmations.ago(self.id, self.hub.now())),
            false => Ok(()),
        }
    }

    /// As [`Self::permit`], for what an account or the house could be taken over by.
    pub(super) async fn permit_confirmed(&self, act: Act) -> Outcome<Vec<Fact>> {
        let grounds = self.permit(act).await?;
        self.confirmed().map(|()| grounds)
    }
}

/// That the account still has the password that was given.
pub(super) fn proven(account: &AccountRecord) -> Fact {
    Fact::Password { account: account.id, verifier: account.verifier.clone() }
}
