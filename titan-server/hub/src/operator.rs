//! The operator at the command line of this machine: whoever may read the data folder may do all of this.
//!
//! Called by the console, beside a running server or without one. Acts go the way an admin's go, so that sockets close and
//! others hear of it at once; the audit log names nobody for them.

use std::path::Path;

use titan_core::protocol::{Account, App, AppState, Fault, FaultCode, Role};
use titan_core::{AppId, BlobId, Secret, TitanNumber};

use super::listing::{listed, whole};
use super::network::Network;
use super::repository::rejection;
use super::{AccountEdit, Demand, Hub, Outcome, from_store, journal};
use crate::store::{
    AccountKey, AccountRecord, AppFilter, AppRecord, AuditChain, AuditHead, AuditRow, Decision, Ender, KeeperRecord,
    Sessions, Warrant, Why,
};

/// The hall, as the operator enters it.
#[derive(Clone, Copy)]
pub struct Operator<'a>(&'a Hub);

/// Which accounts to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    Admins,
    Banned,
}

impl Hub {
    pub fn operator(&self) -> Operator<'_> {
        Operator(self)
    }
}

impl Operator<'_> {
    pub async fn set_role(&self, account: &str, role: Role) -> Outcome<Account> {
        let account = self.account(account).await?;
        if account.role == role {
            return Ok(account.public());
        }
        self.edit(&account, AccountEdit { role: Some(role), ..AccountEdit::default() }).await
    }

    /// Sets a password and ends all of the account's sessions. It has to be replaced at the next login, unless it `stays`.
    pub async fn reset_password(&self, account: &str, password: Secret, stays: bool) -> Outcome<Account> {
        let account = self.account(account).await?;
        let edit = AccountEdit { password: Some(password), demand: Demand::Older, stays, ..AccountEdit::default() };
        self.edit(&account, edit).await
    }

    /// A token by which somebody chooses a new password, and where it leads as far as that is known.
    pub async fn reset_link(&self, account: &str) -> Outcome<(Secret, Option<String>)> {
        let account = self.account(account).await?;
        let audit = self.0.audit(None, "issue_reset", format!("account {}", account.id), "by the operator".to_owned());
        let deed = journal::deed_of_operator("issue_reset").of(&account.username);
        let warrant = Warrant::of_house().with_audit(audit).with_deed(deed);
        let token = self.0.open_reset_of(&account, warrant).await?;
        let link = self.0.mailer.link(&token);
        Ok((token, link))
    }

    /// Takes somebody's second factor away, who has lost it; ends all of the account's sessions.
    pub async fn reset_factor(&self, account: &str) -> Outcome<Account> {
        let account = self.account(account).await?;
        self.0.reset_factor(&account).await?;
        Ok(account.public())
    }

    /// Ends all sessions of an account.
    pub async fn end_sessions(&self, account: &str) -> Outcome<Account> {
        let account = self.account(account).await?;
        let audit = self.0.audit(None, "end_sessions", format!("account {}", account.id), "all".to_owned());
        let deed = journal::deed_of_operator("session_ended").of(&account.username);
        let warrant = Warrant::of_house().with_audit(audit).with_deed(deed);
        let ended = self.0.store.end_sessions(account.id, Sessions::AllBut(None), Why::EndedByAdmin, warrant).await;
        ended.map_err(from_store)?;
        Ok(account.public())
    }

    async fn edit(&self, account: &AccountRecord, edit: AccountEdit) -> Outcome<Account> {
        Ok(self.0.edit_account(None, account.id, &edit, Vec::new()).await?)
    }

    /// Ends an account for good.
    pub async fn remove(&self, account: &str) -> Outcome<Account> {
        let account = self.account(account).await?;
        self.0.end_account(None, &account, Ender::Operator, Vec::new()).await?;
        Ok(account.public())
    }

    pub async fn ban(&self, account: &str, reason: &str) -> Outcome<Account> {
        let account = self.account(account).await?;
        self.0.ban(None, account.id, reason, Vec::new()).await?;
        Ok(account.public())
    }

    pub async fn unban(&self, account: &str) -> Outcome<Account> {
        let account = self.account(account).await?;
        self.0.unban(None, account.id, Vec::new()).await?;
        Ok(account.public())
    }

    /// Gives the network that is banned now.
    pub async fn ban_network(&self, network: Network, reason: &str) -> Outcome<Network> {
        self.0.ban_network(None, network.as_banned(), reason, Vec::new()).await?;
        Ok(network.as_banned())
    }

    pub async fn unban_network(&self, network: Network) -> Outcome<()> {
        Ok(self.0.unban_network(None, network, Vec::new()).await?)
    }

    /// Every banned address with the reason.
    pub async fn banned_addresses(&self) -> Outcome<Vec<(String, String)>> {
        whole(|(address, _): &(String, _)| address.clone(), |page| listed(page, |page| self.0.store.address_bans(page)))
            .await
    }

    /// Approves an app; with a hash, only if its bytes are still those.
    pub async fn approve_app(&self, app: AppId, sha256: Option<BlobId>) -> Outcome<App> {
        let decision = Decision { state: AppState::Approved, sha256, by: None, reason: None, now: self.0.now() };
        Ok(self.0.decide_app(None, app, decision, Vec::new()).await?)
    }

    pub async fn reject_app(&self, app: AppId, reason: &str) -> Outcome<App> {
        let reason = Some(rejection(reason)?);
        let decision = Decision { state: AppState::Rejected, sha256: None, by: None, reason, now: self.0.now() };
        Ok(self.0.decide_app(None, app, decision, Vec::new()).await?)
    }

    /// By name.
    pub async fn accounts(&self, which: Which) -> Outcome<Vec<AccountRecord>> {
        let read = |page| listed(page, |page| self.0.store.accounts(String::new(), page));
        let mut accounts = whole(|account: &AccountRecord| account.id, read).await?;
        accounts.retain(|account| match which {
            Which::All => true,
            Which::Admins => account.role == Role::Admin,
            Which::Banned => account.banned.is_some(),
        });
        Ok(accounts)
    }

    /// The last acts of moderation and administration, newest first.
    pub async fn audit(&self, before: Option<i64>, limit: u32) -> Outcome<Vec<AuditRow>> {
        self.0.store.audit(before, limit).await.map_err(from_store)
    }

    /// Whether the audit log is as it was written.
    pub async fn audit_chain(&self) -> Outcome<AuditChain> {
        self.0.store.audit_chain().await.map_err(from_store)
    }

    /// Whether what was told as its head once is still a part of it.
    pub async fn audit_holds(&self, head: AuditHead) -> Outcome<bool> {
        self.0.store.audit_holds(head).await.map_err(from_store)
    }

    /// Apps that wait for a decision, newest first.
    pub async fn pending_apps(&self) -> Outcome<Vec<AppRecord>> {
        let filter = AppFilter { state: Some(AppState::Pending), ..AppFilter::default() };
        whole(AppRecord::id, |page| listed(page, |page| self.0.store.apps(filter.clone(), page))).await
    }

    /// Who keeps most, in files and apps.
    pub async fn keepers(&self, limit: u32) -> Outcome<Vec<KeeperRecord>> {
        self.0.store.keepers(limit).await.map_err(from_store)
    }

    /// Has what was deleted leave the disk now; `ever`: also what was deleted before this release, or is left in corners of the
    /// database's files, which are written anew for it.
    pub async fn purge(&self, ever: bool) -> Outcome<()> {
        if ever {
            self.0.store.rewrite().await.map_err(from_store)?;
        }
        match self.0.erasures.tidied().await {
            true => {
                journal::done(&journal::deed_of_operator("purge"));
                Ok(())
            }
            false => Err(Fault::new(FaultCode::Unavailable, "Not all of it has left the disk: try again.")),
        }
    }

    pub fn admin_key_file(&self) -> &Path {
        self.0.admin_key.file()
    }

    /// Replaces the admin key by a random one. Who knows only the old one can no longer register as an admin.
    pub async fn renew_admin_key(&self) -> Outcome<()> {
        Ok(self.0.change_admin_key(None, &crate::admin_key::random(), Vec::new()).await?)
    }

    /// The account that is meant: a username, or else a titan number. `@` and `#` say which.
    async fn account(&self, meant: &str) -> Outcome<AccountRecord> {
        let meant = meant.trim();
        let number = |text: &str| text.parse().ok().map(TitanNumber);
        let numbered = meant.strip_prefix('#').or_else(|| meant.strip_prefix("no:"));
        let key = match (meant.strip_prefix('@'), numbered.and_then(number), number(meant)) {
            (Some(name), _, _) => AccountKey::Username(name.to_owned()),
            (None, Some(number), _) => AccountKey::TitanNumber(number),
            (None, None, Some(number)) => AccountKey::NameOrNumber(meant.to_owned(), number),
            (None, None, None) => AccountKey::Username(meant.to_owned()),
        };
        let found = self.0.store.account(key).await.map_err(from_store)?;
        let nobody = || Fault::not_found(format!("There is no account with the name or titan number {meant}."));
        found.ok_or_else(nobody)
    }
}
