//! The house itself: what only admins do. Every act is in the audit log.

use titan_core::protocol::{Account, AccountStanding, Event, Fault, Role};
use titan_core::{AccountId, SafeText, Time, text};

use super::policy::Act;
use super::{Outcome, Session, from_store};
use crate::store::{AccountChange, AccountKey, AccountRecord, AuditRecord};

/// What an admin changes about an account.
#[derive(Clone, Debug, Default)]
pub struct AccountEdit {
    pub password: Option<String>,
    pub role: Option<Role>,
}

impl Session {
    /// Everybody, with standing.
    pub async fn accounts(&self) -> Outcome<Vec<AccountStanding>> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        let records = self.hub.store.accounts(None, None).await.map_err(from_store)?;
        Ok(records.iter().map(standing).collect())
    }

    pub async fn add_account(&self, username: &str, password: &str, role: Role) -> Outcome<Account> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        let username = text::username(username)?;
        let verifier = self.hub.passwords.hash(password).await?;
        let record = self.hub.create_account(username, verifier, role, None, None).await?;
        self.audit("add_account", format!("account {}", record.id), record.username.clone()).await?;
        Ok(record.public())
    }

    /// Changes a password or role; a new password ends the account's sessions.
    pub async fn edit_account(&self, account: AccountId, edit: AccountEdit) -> Outcome<Account> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        let before = self.other(account).await?;
        let verifier = match &edit.password {
            Some(password) => Some(self.hub.passwords.hash(password).await?),
            None => None,
        };
        let resets = verifier.is_some();
        let change = AccountChange { verifier, role: edit.role, ..AccountChange::default() };
        let record = self.hub.store.change_account(account, change).await.map_err(from_store)?;
        let detail = format!(
            "role {:?} to {:?}, password {}",
            before.role,
            record.role,
            if resets { "changed" } else { "kept" }
        );
        self.audit("edit_account", format!("account {account}"), detail).await?;
        if resets {
            let keep = (account == self.account()).then_some(self.id);
            self.hub.store.revoke_sessions(account, keep).await.map_err(from_store)?;
            self.disconnect(account, keep, "An admin changed your password: log in with the new one.");
        }
        self.hub.switchboard.tell_account(account, Event::AccountChanged { account: record.public() });
        Ok(record.public())
    }

    /// Keeps an account out, at every door, from now on.
    pub async fn ban(&self, account: AccountId, reason: &str) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        if account == self.account() {
            return Err(Fault::bad_request("You can't ban yourself."));
        }
        let reason = text::description("a reason", reason.trim(), 1_000)?;
        let change = AccountChange { banned: Some(Some(reason.clone())), ..AccountChange::default() };
        self.hub.store.change_account(account, change).await.map_err(from_store)?;
        self.hub.store.revoke_sessions(account, None).await.map_err(from_store)?;
        self.audit("ban", format!("account {account}"), reason).await?;
        self.disconnect(account, None, "You have been banned by an admin.");
        Ok(())
    }

    pub async fn unban(&self, account: AccountId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        let before = self.other(account).await?;
        if before.banned.is_none() {
            return Err(Fault::bad_request(format!("User '{}' is not banned.", before.username)));
        }
        let change = AccountChange { banned: Some(None), ..AccountChange::default() };
        self.hub.store.change_account(account, change).await.map_err(from_store)?;
        self.audit("unban", format!("account {account}"), String::new()).await
    }

    pub async fn change_admin_key(&self, key: &str) -> Outcome<()> {
        self.permit(Act::Administer).await?;
        let key = SafeText::line(key.trim()).into_string();
        if key.chars().count() < 8 || key.contains(char::is_whitespace) {
            return Err(Fault::bad_request("An admin key has at least 8 characters and no spaces."));
        }
        self.hub.admin_key.replace(&key).map_err(|error| {
            tracing::error!(%error, "the admin key can't be written");
            Fault::new(
                titan_core::protocol::FaultCode::Unavailable,
                "The server can't write its admin key file just now.",
            )
        })?;
        self.audit("change_admin_key", "admin key".to_owned(), String::new()).await
    }

    pub(super) async fn audit(&self, act: &str, object: String, detail: String) -> Outcome<()> {
        let record = AuditRecord { at: Time::now(), by: Some(self.account()), act: act.to_owned(), object, detail };
        self.hub.store.record_audit(record).await.map_err(from_store)
    }

    pub(super) async fn online_admins(&self) -> Outcome<Vec<AccountId>> {
        let records = self.hub.store.accounts(None, None).await.map_err(from_store)?;
        let switchboard = &self.hub.switchboard;
        let here = |record: &&AccountRecord| record.role == Role::Admin && switchboard.is_online(record.id);
        Ok(records.iter().filter(here).map(|record| record.id).collect())
    }

    async fn other(&self, account: AccountId) -> Outcome<AccountRecord> {
        let found = self.hub.store.account(AccountKey::Id(account)).await.map_err(from_store)?;
        found.ok_or_else(|| Fault::not_found("There is no such account."))
    }
}

fn standing(record: &AccountRecord) -> AccountStanding {
    AccountStanding { account: record.public(), banned: record.banned.is_some(), last_login: record.last_login }
}
