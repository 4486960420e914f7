//! Accounts that end for good: by their own wish, or an admin's.

use titan_core::AccountId;
use titan_core::protocol::{Fault, SessionInfo};

use super::confirming::proven;
use super::decision::Attempt;
use super::policy::Act;
use super::session::deed_by;
use super::{Hub, Outcome, Session, from_store};
use crate::store::{AccountKey, AccountRecord, Ender, Fact, Warrant};

impl Session {
    /// Ends one's own account. The password is asked again, since there is no way back.
    pub async fn delete_account(&self, password: &str) -> Outcome<()> {
        let record = self.prove(password, "The password is not right.").await?;
        self.decided(|| async {
            let grounds = vec![self.stands(), proven(&record)];
            self.hub.end_account(Some(self), &record, Ender::Itself, grounds).await
        })
        .await
    }

    /// The same where the client has no way to ask for the password again: being logged in must do.
    pub async fn delete_account_unasked(&self) -> Outcome<()> {
        self.confirmed()?;
        self.hub.limits.asking(self.account())?;
        let record = self.record().await?;
        self.decided(|| async { self.hub.end_account(Some(self), &record, Ender::Itself, vec![self.stands()]).await })
            .await
    }

    /// Ends somebody's account, as an admin.
    pub async fn remove_account(&self, account: AccountId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.permit_confirmed(Act::Administer).await?;
        if account == self.account() {
            return Err(Fault::bad_request("End your own account where you manage it, by your password."));
        }
        let found = self.hub.store.account(AccountKey::Id(account)).await.map_err(from_store)?;
        let record = found.ok_or_else(|| Fault::not_found("There is no such account."))?;
        self.decided(|| async {
            let grounds = self.permit_confirmed(Act::Administer).await?;
            self.hub.end_account(Some(self), &record, Ender::Admin, grounds).await
        })
        .await
    }

    /// Where an account is logged in, as an admin.
    pub async fn account_sessions(&self, account: AccountId) -> Outcome<Vec<SessionInfo>> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        self.sessions_of(account).await
    }
}

impl Hub {
    /// Whether it may be has been decided by then.
    pub(super) async fn end_account(
        &self,
        by: Option<&Session>,
        account: &AccountRecord,
        ender: Ender,
        grounds: Vec<Fact>,
    ) -> Attempt<()> {
        let object = format!("account {}", account.id);
        // The name is gone with the account, the number is nobody's ever again.
        let detail = format!("No. {}", account.titan_number);
        let audit = self.audit(by.map(Session::account), "delete_account", object, detail);
        let deed = deed_by("delete_account", by).of(&account.username);
        let warrant = Warrant::from(grounds).with_audit(audit).with_deed(deed);
        Ok(self.store.delete_account(account.id, ender, self.now(), warrant).await?)
    }
}
