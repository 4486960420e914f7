//! What a login is asked for beside the password: a code of the second factor, and a password of one's own in the place of one that
//! somebody else made up. Doors whose clients can't be asked for that say so.

use titan_core::Secret;
use titan_core::protocol::{Fault, FaultCode};

use super::confirming::proven;
use super::passwords::Applicant;
use super::second_factor::CODE_REFUSED;
use super::{Demand, Hub, Outcome, Visitor, from_store, journal};
use crate::store::{self, AccountChange, AccountRecord, Password, StoreError, Warrant, Why};

/// What came with a password.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// The password from now on, in the place of one that was made up.
    pub new_password: Option<&'a Secret>,
    /// Of the second factor, or a recovery code.
    pub code: Option<&'a Secret>,
}

/// Whether a door's clients can be asked for it.
#[derive(Clone, Copy)]
pub(super) enum Asking<'a> {
    /// A made-up password opens there, and a second factor shuts: who has one makes an app password.
    Unable,
    Able(Beside<'a>),
}

impl Hub {
    /// The account, once all has been given that it asks for beside its password, which was right. A code is used up last, so that
    /// who is refused for something else can send it again.
    pub(super) async fn asked(
        &self,
        visitor: &Visitor,
        account: AccountRecord,
        asking: Asking<'_>,
        by: Applicant,
    ) -> Outcome<AccountRecord> {
        let Asking::Able(Beside { new_password, code }) = asking else {
            return self.without_factor(visitor, account).await;
        };
        let code = code.map(Secret::reveal);
        if code.is_none() {
            // Asked for first: what else is missing is for who has it to know.
            self.second_factor(visitor, &account, None).await?;
        }
        let password = self.wished((visitor, &account), new_password.map(Secret::reveal), by).await?;
        if code.is_some() {
            self.second_factor(visitor, &account, code).await?;
        }
        match password {
            None => Ok(account),
            Some(password) => self.choose(visitor, account, password).await,
        }
    }

    async fn without_factor(&self, visitor: &Visitor, account: AccountRecord) -> Outcome<AccountRecord> {
        if self.factor(account.id).await?.is_none() {
            return Ok(account);
        }
        journal::refused(CODE_REFUSED, visitor, &account.username);
        let said = "This account has a second factor, which can't be asked for here: make an app password, and log in with that.";
        Err(Fault::new(FaultCode::SecondFactorRequired, said))
    }

    /// A password of one's own, where the account's was made up by somebody else.
    async fn wished(
        &self,
        (visitor, account): (&Visitor, &AccountRecord),
        new: Option<&str>,
        by: Applicant,
    ) -> Outcome<Option<Password>> {
        let new = match (account.made_up_until, new) {
            (None, None) => return Ok(None),
            (None, Some(_)) => {
                let said = "Your password is your own: change it once you are logged in.";
                return Err(Fault::bad_request(said).at("new_password"));
            }
            (Some(_), None) => {
                journal::refused("choose_password", visitor, &account.username);
                let said = "Your password was made up for you: choose one of your own.";
                return Err(Fault::new(FaultCode::ChoosePassword, said));
            }
            (Some(_), Some(new)) => new,
        };
        self.passwords.demand(Demand::Usual, new, &account.username, "new_password")?;
        if self.passwords.check(new, &account.verifier, by).await? {
            return Err(Fault::bad_request("That is the one that was made up: choose another.").at("new_password"));
        }
        self.passwords.hash(new, by).await.map(Password::of).map(Some)
    }

    async fn choose(&self, visitor: &Visitor, account: AccountRecord, password: Password) -> Outcome<AccountRecord> {
        let ends = Some((store::Sessions::AllBut(None), Why::PasswordChanged));
        let change = AccountChange { password: Some(password), ends, ..AccountChange::default() };
        let audit = self.audit(Some(account.id), "change_password", format!("account {}", account.id), String::new());
        let deed = journal::deed("change_password", visitor, &account.username);
        let warrant = Warrant::from(vec![proven(&account)]).with_audit(audit).with_deed(deed);
        match self.store.change_account(account.id, change, warrant).await {
            Err(StoreError::Stale) => Err(self.why_not(visitor, account.id).await?),
            changed => changed.map_err(from_store),
        }
    }
}
