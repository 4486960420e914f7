//! The house itself: what only admins do. Every act is in the audit log.

use std::net::IpAddr;

use titan_core::protocol::{Account, AccountStanding, AddressBan, AuditAct, Event, Fault, FaultCode, Role};
use titan_core::{AccountId, SafeText, SessionId, Time, text};

use super::policy::Act;
use super::{Hub, Outcome, Session, from_store, view};
use crate::store::{AccountChange, AccountKey, AccountRecord, AuditRecord};
use crate::switchboard::Ending;

/// Acts of the audit log in one reply.
const AUDIT_USUAL: u32 = 100;
const AUDIT_MOST: u32 = 1_000;

/// A key of fewer characters is warned of. Clients of the older systems may choose what they like.
const KEY_SHORT: usize = 12;

/// What an admin changes about an account. Not `Debug`: it may hold a password.
#[derive(Clone, Default)]
pub struct AccountEdit {
    pub password: Option<String>,
    pub role: Option<Role>,
}

impl Session {
    /// Whether this account administers the server: for doors that say so before they look at what is asked.
    pub async fn permit_administering(&self) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await
    }

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
        let keep = (account == self.account()).then_some(self.id);
        self.hub.edit_account(Some(self.account()), account, edit, keep).await
    }

    /// Keeps an account out, at every door, from now on.
    pub async fn ban(&self, account: AccountId, reason: &str) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        if account == self.account() {
            return Err(Fault::bad_request("You can't ban yourself."));
        }
        self.hub.ban(Some(self.account()), account, reason).await
    }

    pub async fn unban(&self, account: AccountId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        self.hub.unban(Some(self.account()), account).await
    }

    /// Keeps everybody out who comes from an IP address, and ends their connections.
    pub async fn ban_address(&self, address: &str, reason: &str) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        let address = ip_address(address)?;
        if address == self.visitor.address.to_canonical() {
            return Err(Fault::bad_request("That is the address you come from: you would shut yourself out."));
        }
        self.hub.ban_address(Some(self.account()), address, reason).await
    }

    pub async fn unban_address(&self, address: &str) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        self.hub.unban_address(Some(self.account()), ip_address(address)?).await
    }

    pub async fn address_bans(&self) -> Outcome<Vec<AddressBan>> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        let bans = self.hub.store.address_bans().await.map_err(from_store)?;
        Ok(bans
            .into_iter()
            .map(|(address, reason)| AddressBan { address: address.into(), reason: reason.into() })
            .collect())
    }

    /// What admins and moderators did, newest first.
    pub async fn audit_log(&self, limit: Option<u32>) -> Outcome<Vec<AuditAct>> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        let records = self.hub.store.audit(limit.unwrap_or(AUDIT_USUAL).clamp(1, AUDIT_MOST)).await;
        let records = records.map_err(from_store)?;
        let mut actors: Vec<_> = records.iter().filter_map(|record| record.by).collect();
        actors.sort_unstable();
        actors.dedup();
        let actors = self.hub.store.accounts_among(actors).await.map_err(from_store)?;
        let author = |id| actors.iter().find(|actor| actor.id == id).map(AccountRecord::author);
        Ok(records
            .into_iter()
            .map(|record| {
                let by = record.by.and_then(author);
                view::act(record, by)
            })
            .collect())
    }

    pub async fn change_admin_key(&self, key: &str) -> Outcome<()> {
        self.permit(Act::Administer).await?;
        self.hub.change_admin_key(Some(self.account()), key).await
    }

    pub(super) async fn audit(&self, act: &str, object: String, detail: String) -> Outcome<()> {
        self.hub.audit(Some(self.account()), act, object, detail).await
    }
}

/// The same acts whoever does them: an admin by a session, or (`by` is none) the operator at the command line. Whether
/// they may has been decided by then.
impl Hub {
    pub(super) async fn edit_account(
        &self,
        by: Option<AccountId>,
        account: AccountId,
        edit: AccountEdit,
        keep: Option<SessionId>,
    ) -> Outcome<Account> {
        let before = self.standing_account(account).await?;
        let verifier = match &edit.password {
            Some(password) if !self.stays(by, &before, password).await? => Some(self.passwords.hash(password).await?),
            _ => None,
        };
        let resets = verifier.is_some();
        let change = AccountChange { verifier, role: edit.role, ..AccountChange::default() };
        let record = self.store.change_account(account, change).await.map_err(from_store)?;
        let password = if resets { "changed" } else { "kept" };
        let detail = format!("role {:?} to {:?}, password {password}", before.role, record.role);
        let by_name = match by {
            Some(by) => Some(self.standing_account(by).await?.username.into()),
            None => None,
        };
        self.switchboard.tell_account(account, Event::AccountChanged { account: record.public(), by: by_name });
        if resets {
            self.sessions.end_all(account, keep).await?;
            self.disconnect(account, keep, "An admin changed your password: log in with the new one.");
        }
        self.audit(by, "edit_account", format!("account {account}"), detail).await?;
        Ok(record.public())
    }

    /// Whether a password that an admin gives is the one the account has: where a door asks for one with every change, that
    /// is how to leave it alone, and nobody is logged out by it. The operator at the command line means what they say.
    async fn stays(&self, by: Option<AccountId>, account: &AccountRecord, password: &str) -> Outcome<bool> {
        Ok(by.is_some() && self.passwords.check(password, Some(&account.verifier)).await?)
    }

    pub(super) async fn ban(&self, by: Option<AccountId>, account: AccountId, reason: &str) -> Outcome<()> {
        let reason = text::description("a reason", reason.trim(), 1_000)?;
        let change = AccountChange { banned: Some(Some(reason.clone())), ..AccountChange::default() };
        self.store.change_account(account, change).await.map_err(from_store)?;
        self.sessions.end_all(account, None).await?;
        self.disconnect(account, None, "You have been banned by an admin.");
        self.audit(by, "ban", format!("account {account}"), reason).await
    }

    /// Keeps everybody out who comes from an address, and ends their connections.
    pub(super) async fn ban_address(&self, by: Option<AccountId>, address: IpAddr, reason: &str) -> Outcome<()> {
        let (address, reason) = (address.to_canonical(), text::description("a reason", reason.trim(), 1_000)?);
        self.store.set_address_ban(address.to_string(), Some(reason.clone())).await.map_err(from_store)?;
        let ending = Ending { reason: SafeText::new("You have been banned by an admin."), retry_after_ms: None };
        self.switchboard.end_address(address, &ending);
        self.audit(by, "ban_address", format!("address {address}"), reason).await
    }

    pub(super) async fn unban_address(&self, by: Option<AccountId>, address: IpAddr) -> Outcome<()> {
        let address = address.to_canonical().to_string();
        if self.store.address_ban(address.clone()).await.map_err(from_store)?.is_none() {
            return Err(Fault::bad_request(format!("The address {address} is not banned.")));
        }
        self.store.set_address_ban(address.clone(), None).await.map_err(from_store)?;
        self.audit(by, "unban_address", format!("address {address}"), String::new()).await
    }

    pub(super) async fn unban(&self, by: Option<AccountId>, account: AccountId) -> Outcome<()> {
        let before = self.standing_account(account).await?;
        if before.banned.is_none() {
            return Err(Fault::bad_request(format!("User '{}' is not banned.", before.username)));
        }
        let change = AccountChange { banned: Some(None), ..AccountChange::default() };
        self.store.change_account(account, change).await.map_err(from_store)?;
        self.audit(by, "unban", format!("account {account}"), String::new()).await
    }

    pub(super) async fn change_admin_key(&self, by: Option<AccountId>, key: &str) -> Outcome<()> {
        let key = SafeText::line(key.trim()).into_string();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(Fault::bad_request("An admin key may not be empty or have spaces."));
        }
        if key.chars().count() < KEY_SHORT {
            tracing::warn!("the admin key is short: whoever guesses it becomes an admin");
        }
        self.admin_key.replace(&key).map_err(|error| {
            tracing::error!(%error, "the admin key can't be written");
            Fault::new(FaultCode::Unavailable, "The server can't write its admin key file just now.")
        })?;
        self.audit(by, "change_admin_key", "admin key".to_owned(), String::new()).await
    }

    pub(super) async fn audit(&self, by: Option<AccountId>, act: &str, object: String, detail: String) -> Outcome<()> {
        let record = AuditRecord { at: Time::now(), by, act: act.to_owned(), object, detail };
        self.store.record_audit(record).await.map_err(from_store)
    }

    pub(super) async fn online_admins(&self) -> Outcome<Vec<AccountId>> {
        let records = self.store.accounts(None, None).await.map_err(from_store)?;
        let here = |record: &&AccountRecord| record.role == Role::Admin && self.switchboard.is_online(record.id);
        Ok(records.iter().filter(here).map(|record| record.id).collect())
    }

    /// Ends all connections of an account but those of `keep`.
    pub(super) fn disconnect(&self, account: AccountId, keep: Option<SessionId>, reason: &str) {
        let ending = Ending { reason: SafeText::new(reason), retry_after_ms: None };
        self.switchboard.end(account, |session| Some(session) != keep, &ending);
    }

    async fn standing_account(&self, account: AccountId) -> Outcome<AccountRecord> {
        let found = self.store.account(AccountKey::Id(account)).await.map_err(from_store)?;
        found.ok_or_else(|| Fault::not_found("There is no such account."))
    }
}

fn ip_address(text: &str) -> Outcome<IpAddr> {
    let address = text.trim().parse::<IpAddr>();
    let address = address.map_err(|_| Fault::bad_request("An address looks like 192.0.2.7 or 2001:db8::7."))?;
    Ok(address.to_canonical())
}

fn standing(record: &AccountRecord) -> AccountStanding {
    AccountStanding { account: record.public(), banned: record.banned.is_some(), last_login: record.last_login }
}
