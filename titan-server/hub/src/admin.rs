//! The house itself: what only admins do. Every act is in the audit log.

use titan_core::protocol::{Account, AccountStanding, AddressBan, AuditAct, AuditChain, Fault, FaultCode, Role};
use titan_core::{AccountId, SafeText, Secret, Time, text};

use super::decision::Attempt;
use super::listing::{Listed, listed};
use super::network::Network;
use super::passwords::Applicant;
use super::policy::Act;
use super::session::deed_by;
use super::{Demand, Hub, Outcome, Session, from_store, view};
use crate::store::{
    AccountChange, AccountKey, AccountRecord, Fact, Page, Password, Sessions, StoreError, Warrant, Why,
};

/// Acts of the audit log in one reply, where nobody says how many.
const AUDIT_USUAL: u32 = 100;

/// How long a password is good that somebody else made up, if it isn't replaced before.
const MADE_UP_MS: i64 = 7 * 24 * 3_600 * 1_000;

/// A key of fewer characters is warned of. Clients of the older systems may choose what they like.
const KEY_SHORT: usize = 12;

/// What an admin changes about an account.
#[derive(Clone, Debug, Default)]
pub struct AccountEdit {
    pub password: Option<Secret>,
    pub role: Option<Role>,
    /// What is asked of the password.
    pub demand: Demand,
    /// Whether the password needn't be replaced by whoever gets it: a program, or the one who gives it.
    pub stays: bool,
}

impl Session {
    /// Whether this account administers the server: for doors that say so before they look at what is asked.
    pub async fn permit_administering(&self) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await.map(drop)
    }

    /// Everybody, with standing, by name.
    pub async fn accounts(&self, page: Page<AccountId>) -> Outcome<Listed<AccountStanding>> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        let records = listed(page, |page| self.hub.store.accounts(String::new(), page)).await?;
        Ok(records.map(|record| standing(&record)))
    }

    pub async fn number_of_accounts(&self) -> Outcome<u64> {
        self.permit(Act::Administer).await?;
        self.hub.store.number_of_accounts().await.map_err(from_store)
    }

    pub async fn add_account(&self, username: &str, password: &str, role: Role, demand: Demand) -> Outcome<Account> {
        self.hub.limits.asking(self.account())?;
        self.permit_confirmed(Act::Administer).await?;
        let username = text::username(username)?;
        self.hub.passwords.demand(demand, password, &username, "password")?;
        let verifier = self.hub.passwords.hash(password, self.applicant()).await?;
        let made_up_until = Some(self.hub.made_up_until(demand));
        let password = Password { verifier, made_up_until };
        let added = self.decided(|| async {
            // The store adds which account it became.
            let audit = self.hub.audit(Some(self.account()), "add_account", String::new(), format!("role {role:?}"));
            let deed = self.deed("add_account").of(&username);
            let grounds = self.permit_confirmed(Act::Administer).await?;
            let warrant = Warrant::from(grounds).with_audit(audit).with_deed(deed);
            self.hub.create_account(username.clone(), password.clone(), role, None, None, warrant).await
        });
        Ok(added.await?.public())
    }

    /// Changes a password or role; a new password ends the account's sessions.
    pub async fn edit_account(&self, account: AccountId, edit: AccountEdit) -> Outcome<Account> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let grounds = self.permit_confirmed(Act::Administer).await?;
            self.hub.edit_account(Some(self), account, &edit, grounds).await
        })
        .await
    }

    /// Keeps an account out, at every door, from now on.
    pub async fn ban(&self, account: AccountId, reason: &str) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let grounds = self.permit(Act::Administer).await?;
            if account == self.account() {
                return Err(Fault::bad_request("You can't ban yourself.").into());
            }
            self.hub.ban(Some(self), account, reason, grounds).await
        })
        .await
    }

    pub async fn unban(&self, account: AccountId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let grounds = self.permit(Act::Administer).await?;
            self.hub.unban(Some(self), account, grounds).await
        })
        .await
    }

    /// Keeps everybody out who comes from an IP address or network, and ends their connections.
    pub async fn ban_address(&self, address: &str, reason: &str) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let grounds = self.permit(Act::Administer).await?;
            let network = network(address)?.as_banned();
            if network.contains(self.visitor.address) {
                return Err(
                    Fault::bad_request("That is the address you come from: you would shut yourself out.").into()
                );
            }
            self.hub.ban_network(Some(self), network, reason, grounds).await
        })
        .await
    }

    pub async fn unban_address(&self, address: &str) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let grounds = self.permit(Act::Administer).await?;
            self.hub.unban_network(Some(self), network(address)?, grounds).await
        })
        .await
    }

    /// In the order of their texts.
    pub async fn address_bans(&self, page: Page<String>) -> Outcome<Listed<AddressBan>> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        let bans = listed(page, |page| self.hub.store.address_bans(page)).await?;
        Ok(bans.map(|(address, reason)| AddressBan::new(address.into(), reason.into())))
    }

    /// What admins and moderators did, newest first: before an act, or up to now.
    pub async fn audit_log(&self, before: Option<i64>, limit: Option<u32>) -> Outcome<Listed<AuditAct>> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        let page = Page { after: before, limit: limit.unwrap_or(AUDIT_USUAL) };
        Ok(listed(page, |page| self.hub.store.audit(page.after, page.limit)).await?.map(view::act))
    }

    /// Whether the audit log is still as it was written.
    pub async fn verify_audit(&self) -> Outcome<AuditChain> {
        self.hub.limits.asking(self.account())?;
        self.permit(Act::Administer).await?;
        let _turn = self.hub.searches.take(self.account()).await?;
        self.hub.store.audit_chain().await.map(view::chain).map_err(from_store)
    }

    pub async fn change_admin_key(&self, key: &str) -> Outcome<()> {
        self.decided(|| async {
            let grounds = self.permit_confirmed(Act::Administer).await?;
            self.hub.change_admin_key(Some(self), key, grounds).await
        })
        .await
    }
}

/// The same acts whoever does them: an admin by a session, or (`by` is none) the operator at the command line. Whether
/// they may has been decided by then.
impl Hub {
    pub(super) async fn edit_account(
        &self,
        by: Option<&Session>,
        account: AccountId,
        edit: &AccountEdit,
        grounds: Vec<Fact>,
    ) -> Attempt<Account> {
        let before = self.standing_account(account).await?;
        let applicant = by.map_or_else(Applicant::operator, Session::applicant);
        let verifier = match &edit.password {
            Some(password) if !self.stays(by, &before, password.reveal()).await? => {
                self.passwords.demand(edit.demand, password.reveal(), &before.username, "password")?;
                Some(self.passwords.hash(password.reveal(), applicant).await?)
            }
            _ => None,
        };
        let (resets, role) = (verifier.is_some(), edit.role.unwrap_or(before.role));
        let keep = by.filter(|by| by.account() == account).map(|by| by.id);
        let made_up = keep.is_none() && !edit.stays;
        let until = match by {
            Some(_) => self.made_up_until(edit.demand),
            None => self.made_up_until(Demand::Usual),
        };
        let made_up_until = made_up.then_some(until);
        let change = AccountChange {
            password: verifier.map(|verifier| Password { verifier, made_up_until }),
            role: edit.role,
            by: by.map(|by| by.author.username.clone()),
            ends: resets.then_some((Sessions::AllBut(keep), Why::PasswordGiven)),
            ..AccountChange::default()
        };
        let password = match (resets, made_up) {
            (false, _) => "kept",
            (true, false) => "changed",
            (true, true) => "changed, to be replaced at the next login",
        };
        let detail = format!("role {:?} to {role:?}, password {password}", before.role);
        let audit = self.audit(by.map(Session::account), "edit_account", format!("account {account}"), detail);
        let mut warrant = Warrant::from(grounds).with_audit(audit);
        let told = [("set_role", edit.role.is_some()), ("set_password", resets)];
        for (event, _) in told.into_iter().filter(|(_, done)| *done) {
            warrant = warrant.with_deed(deed_by(event, by).of(&before.username));
        }
        Ok(self.store.change_account(account, change, warrant).await?.public())
    }

    /// How long a password is good that somebody else made up: where people come in by doors that can't ask for another one, for
    /// ever.
    pub(super) fn made_up_until(&self, demand: Demand) -> Time {
        match demand {
            Demand::Usual => Time(self.now().0 + MADE_UP_MS),
            Demand::Older => Time::FOREVER,
        }
    }

    /// Whether a password that an admin gives is the one the account has: where a door asks for one with every change, that
    /// is how to leave it alone, and nobody is logged out by it. The operator at the command line means what they say.
    async fn stays(&self, by: Option<&Session>, account: &AccountRecord, password: &str) -> Outcome<bool> {
        let Some(admin) = by else { return Ok(false) };
        self.passwords.check(password, &account.verifier, admin.applicant()).await
    }

    pub(super) async fn ban(
        &self,
        by: Option<&Session>,
        account: AccountId,
        reason: &str,
        grounds: Vec<Fact>,
    ) -> Attempt<()> {
        let reason = text::description("a reason", reason.trim(), 1_000)?;
        let name = self.standing_account(account).await?.username;
        let audit = self.audit(by.map(Session::account), "ban", format!("account {account}"), reason.clone());
        let ends = Some((Sessions::AllBut(None), Why::Banned));
        let change = AccountChange { banned: Some(Some(reason)), ends, ..AccountChange::default() };
        let warrant = Warrant::from(grounds).with_audit(audit).with_deed(deed_by("ban", by).of(name));
        Ok(self.store.change_account(account, change, warrant).await.map(drop)?)
    }

    /// Keeps everybody out who comes from a network, and ends their connections.
    pub(super) async fn ban_network(
        &self,
        by: Option<&Session>,
        network: Network,
        reason: &str,
        grounds: Vec<Fact>,
    ) -> Attempt<()> {
        let reason = text::description("a reason", reason.trim(), 1_000)?;
        let audit = self.audit(by.map(Session::account), "ban_address", format!("address {network}"), reason.clone());
        let deed = deed_by("ban_address", by).of(network.to_string());
        let warrant = Warrant::from(grounds).with_audit(audit).with_deed(deed);
        Ok(self.store.set_address_ban(network.to_string(), Some(reason), warrant).await?)
    }

    pub(super) async fn unban_network(
        &self,
        by: Option<&Session>,
        network: Network,
        grounds: Vec<Fact>,
    ) -> Attempt<()> {
        let banned = self.banned_as(network).await?;
        let object = format!("address {banned}");
        let audit = self.audit(by.map(Session::account), "unban_address", object, String::new());
        let deed = deed_by("unban_address", by).of(&banned);
        let warrant = Warrant::from(grounds).with_audit(audit).with_deed(deed);
        match self.store.set_address_ban(banned.clone(), None, warrant).await {
            Err(StoreError::NotFound) => Err(Fault::bad_request(format!("{banned} is not banned.")).into()),
            lifted => Ok(lifted?),
        }
    }

    /// How a ban of it is written down. One that lies within a banned network can't be let out of it alone.
    async fn banned_as(&self, network: Network) -> Outcome<String> {
        let written = [network.to_string(), network.as_banned().to_string()];
        let bans = self.store.address_bans_around(network.to_string()).await.map_err(from_store)?;
        if let Some(banned) = bans.iter().find(|banned| written.contains(banned)) {
            return Ok(banned.clone());
        }
        Err(Fault::bad_request(match bans.first() {
            Some(larger) => format!("{network} is banned with all of {larger}: lift that ban."),
            None => format!("{network} is not banned."),
        }))
    }

    pub(super) async fn unban(&self, by: Option<&Session>, account: AccountId, grounds: Vec<Fact>) -> Attempt<()> {
        let before = self.standing_account(account).await?;
        if before.banned.is_none() {
            return Err(Fault::bad_request(format!("User '{}' is not banned.", before.username)).into());
        }
        let audit = self.audit(by.map(Session::account), "unban", format!("account {account}"), String::new());
        let change = AccountChange { banned: Some(None), ..AccountChange::default() };
        let warrant = Warrant::from(grounds).with_audit(audit).with_deed(deed_by("unban", by).of(before.username));
        Ok(self.store.change_account(account, change, warrant).await.map(drop)?)
    }

    /// The key is a file's: the audit log tells of it before it becomes another, so that none ever does without a line.
    pub(super) async fn change_admin_key(&self, by: Option<&Session>, key: &str, grounds: Vec<Fact>) -> Attempt<()> {
        let key = SafeText::line(key.trim()).into_written();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(Fault::bad_request("An admin key may not be empty or have spaces.").into());
        }
        if key.chars().count() < KEY_SHORT {
            tracing::warn!("the admin key is short: whoever guesses it becomes an admin");
        }
        let object = "admin key".to_owned();
        let audit = self.audit(by.map(Session::account), "change_admin_key", object, String::new());
        let warrant = Warrant::from(grounds).with_audit(audit).with_deed(deed_by("change_admin_key", by));
        self.store.note_setting("admin_key", warrant).await?;
        self.admin_key.replace(&key).map_err(|error| {
            tracing::error!(%error, "the admin key can't be written");
            Fault::new(FaultCode::Unavailable, "The server can't write its admin key file just now.").into()
        })
    }

    pub(super) async fn standing_account(&self, account: AccountId) -> Outcome<AccountRecord> {
        let found = self.store.account(AccountKey::Id(account)).await.map_err(from_store)?;
        found.ok_or_else(|| Fault::not_found("There is no such account."))
    }
}

fn network(text: &str) -> Outcome<Network> {
    text.parse::<Network>().map_err(|why| Fault::bad_request(format!("{why}.")))
}

fn standing(record: &AccountRecord) -> AccountStanding {
    let mut standing = AccountStanding::new(record.public());
    (standing.banned, standing.last_login) = (record.banned.is_some(), record.last_login);
    standing
}
