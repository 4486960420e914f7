//! What operators order from the command line: an [`Order`] goes in, an [`Answer`] comes out.
//!
//! Beside a running server the order goes to it through a socket in the data folder ([`socket`]), so that a ban closes
//! connections at once; otherwise the house is opened for it with its doors shut ([`admin`]). Either way the hub's
//! [`Operator`](crate::hub::Operator) decides and does it; nothing is decided here.

pub mod admin;
#[cfg(unix)]
pub mod socket;
mod words;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use titan_core::protocol::{Account, App, Author, Fault, FaultCode, Role};
use titan_core::secret::revealed;
use titan_core::{AccountId, AppId, BlobId, Secret, Time, TitanNumber};

use crate::hub::network::{Network, NoNetwork};
use crate::hub::{Hub, Outcome, Which};
use crate::store::{AccountRecord, AppRecord, AuditHead, AuditRow, KeeperRecord, NoHead};

/// One thing to do. Accounts are named by username or titan number.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    Grant {
        account: String,
    },
    Revoke {
        account: String,
    },
    Ban {
        account: String,
        reason: String,
    },
    Unban {
        account: String,
    },
    BanAddress {
        address: String,
        reason: String,
    },
    UnbanAddress {
        address: String,
    },
    ResetPassword {
        account: String,
        #[serde(serialize_with = "revealed")]
        password: Secret,
        /// Whether it needn't be replaced at the next login.
        #[serde(default)]
        stays: bool,
    },
    ResetLink {
        account: String,
    },
    ResetFactor {
        account: String,
    },
    EndSessions {
        account: String,
    },
    Remove {
        account: String,
    },
    Approve {
        app: AppId,
        sha256: Option<BlobId>,
    },
    Reject {
        app: AppId,
        reason: String,
    },
    List {
        what: Listing,
        limit: u32,
    },
    /// Has what was deleted leave the disk.
    Purge {
        ever: bool,
    },
    /// The acts before a row of the audit log, or the last ones.
    Audit {
        before: Option<i64>,
        limit: u32,
    },
    /// Whether the audit log is as it was written, and still has what was its head once.
    VerifyAudit {
        head: Option<String>,
    },
    AdminKey {},
    RenewAdminKey {},
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    /// Everybody.
    Accounts,
    /// Who may administer.
    Admins,
    /// Who is kept out, and why.
    Bans,
    /// The last acts of moderation and administration.
    Audit,
    /// Apps that wait for a decision.
    Pending,
    /// Who keeps most here, in files and apps.
    Usage,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Account(Account),
    App(Box<App>),
    Accounts(Vec<AccountLine>),
    Audit(Vec<AuditLine>),
    AuditVerified {
        rows: u64,
        head: Option<String>,
    },
    Apps(Vec<App>),
    Bans(Vec<BanLine>),
    Usage(Vec<UsageLine>),
    Address(String),
    ResetLink {
        #[serde(serialize_with = "revealed")]
        token: Secret,
        link: Option<String>,
    },
    Purged {},
    AdminKey {
        file: PathBuf,
    },
}

/// An account with what only operators see.
#[derive(Debug, Deserialize, Serialize)]
pub struct AccountLine {
    pub id: AccountId,
    pub username: String,
    pub titan_number: TitanNumber,
    pub full_name: Option<String>,
    pub email: Option<String>,
    pub role: Role,
    /// The reason, when banned.
    pub banned: Option<String>,
    pub created_at: Time,
    pub last_login: Option<Time>,
}

/// An account or an address that is kept out.
#[derive(Debug, Deserialize, Serialize)]
pub struct BanLine {
    pub username: Option<String>,
    pub titan_number: Option<TitanNumber>,
    pub address: Option<String>,
    pub reason: String,
}

/// How much somebody keeps here.
#[derive(Debug, Deserialize, Serialize)]
pub struct UsageLine {
    pub id: AccountId,
    pub username: String,
    pub titan_number: TitanNumber,
    pub bytes: u64,
    /// Files and apps.
    pub number: u64,
}

#[derive(Debug, Deserialize, Serialize)]
pub struct AuditLine {
    pub id: i64,
    pub at: Time,
    /// None for the operator.
    pub by: Option<Author>,
    pub act: String,
    pub object: String,
    /// What the object names, as it is called now.
    pub whom: Option<Author>,
    pub room: Option<String>,
    pub detail: String,
    pub door: Option<String>,
    pub address: Option<String>,
}

/// Where a running server takes orders.
pub fn socket_path(data_dir: &Path) -> PathBuf {
    data_dir.join("control.sock")
}

/// Has the hub do it.
pub async fn perform(hub: &Hub, order: Order) -> Outcome<Answer> {
    let operator = hub.operator();
    match order {
        Order::Grant { account } => operator.set_role(&account, Role::Admin).await.map(Answer::Account),
        Order::Revoke { account } => operator.set_role(&account, Role::User).await.map(Answer::Account),
        Order::Ban { account, reason } => operator.ban(&account, &reason).await.map(Answer::Account),
        Order::Unban { account } => operator.unban(&account).await.map(Answer::Account),
        Order::BanAddress { address, reason } => {
            let banned = operator.ban_network(network(&address)?, &reason).await?;
            Ok(Answer::Address(banned.to_string()))
        }
        Order::UnbanAddress { address } => {
            operator.unban_network(network(&address)?).await?;
            Ok(Answer::Address(address))
        }
        Order::ResetPassword { account, password, stays } => {
            operator.reset_password(&account, password, stays).await.map(Answer::Account)
        }
        Order::ResetLink { account } => {
            operator.reset_link(&account).await.map(|(token, link)| Answer::ResetLink { token, link })
        }
        Order::ResetFactor { account } => operator.reset_factor(&account).await.map(Answer::Account),
        Order::EndSessions { account } => operator.end_sessions(&account).await.map(Answer::Account),
        Order::Remove { account } => operator.remove(&account).await.map(Answer::Account),
        Order::Approve { app, sha256 } => operator.approve_app(app, sha256).await.map(Box::new).map(Answer::App),
        Order::Reject { app, reason } => operator.reject_app(app, &reason).await.map(Box::new).map(Answer::App),
        Order::List { what, limit } => list(hub, what, limit).await,
        Order::Purge { ever } => operator.purge(ever).await.map(|()| Answer::Purged {}),
        Order::Audit { before, limit } => audit(hub, before, limit).await,
        Order::VerifyAudit { head } => verify_audit(hub, head.as_deref()).await,
        Order::AdminKey {} => Ok(admin_key(hub)),
        Order::RenewAdminKey {} => operator.renew_admin_key().await.map(|()| admin_key(hub)),
    }
}

fn network(text: &str) -> Outcome<Network> {
    text.parse().map_err(|why: NoNetwork| Fault::bad_request(format!("{why}.")))
}

async fn list(hub: &Hub, what: Listing, limit: u32) -> Outcome<Answer> {
    let operator = hub.operator();
    match what {
        Listing::Accounts => operator.accounts(Which::All).await.map(accounts),
        Listing::Admins => operator.accounts(Which::Admins).await.map(accounts),
        Listing::Bans => bans(hub).await,
        Listing::Audit => audit(hub, None, limit).await,
        Listing::Pending => operator.pending_apps().await.map(apps),
        Listing::Usage => operator.keepers(limit).await.map(usage),
    }
}

async fn audit(hub: &Hub, before: Option<i64>, limit: u32) -> Outcome<Answer> {
    let acts = hub.operator().audit(before, limit).await?;
    Ok(Answer::Audit(acts.into_iter().map(act).collect()))
}

async fn verify_audit(hub: &Hub, head: Option<&str>) -> Outcome<Answer> {
    let head: Option<AuditHead> =
        head.map(|head| head.parse().map_err(|why: NoHead| Fault::bad_request(format!("{why}.")))).transpose()?;
    let chain = hub.operator().audit_chain().await?;
    if let Some(row) = chain.broken {
        let said = format!("Row {row} of the audit log was changed, is gone, or does not follow the one before it.");
        return Err(Fault::new(FaultCode::Conflict, said));
    }
    match head {
        Some(head) if !hub.operator().audit_holds(head).await? => {
            let said = format!(
                "The audit log has no row {} with that hash (any more): its end was cut off, or all of it replaced.",
                head.row
            );
            Err(Fault::new(FaultCode::Conflict, said))
        }
        _ => Ok(Answer::AuditVerified { rows: chain.rows, head: chain.head.map(|head| head.to_string()) }),
    }
}

async fn bans(hub: &Hub) -> Outcome<Answer> {
    let account = |record: AccountRecord| BanLine {
        username: Some(record.username),
        titan_number: Some(record.titan_number),
        address: None,
        reason: record.banned.unwrap_or_default(),
    };
    let address = |(address, reason): (String, String)| BanLine {
        username: None,
        titan_number: None,
        address: Some(address),
        reason,
    };
    let mut bans: Vec<_> = hub.operator().accounts(Which::Banned).await?.into_iter().map(account).collect();
    bans.extend(hub.operator().banned_addresses().await?.into_iter().map(address));
    Ok(Answer::Bans(bans))
}

fn accounts(records: Vec<AccountRecord>) -> Answer {
    Answer::Accounts(records.into_iter().map(AccountLine::from).collect())
}

fn usage(records: Vec<KeeperRecord>) -> Answer {
    let line = |KeeperRecord { account, bytes, number }| {
        let AccountRecord { id, username, titan_number, .. } = account;
        UsageLine { id, username, titan_number, bytes, number }
    };
    Answer::Usage(records.into_iter().map(line).collect())
}

fn apps(records: Vec<AppRecord>) -> Answer {
    Answer::Apps(records.into_iter().map(|record| record.app).collect())
}

fn admin_key(hub: &Hub) -> Answer {
    Answer::AdminKey { file: hub.operator().admin_key_file().to_owned() }
}

impl From<AccountRecord> for AccountLine {
    fn from(record: AccountRecord) -> Self {
        let AccountRecord {
            id, username, titan_number, full_name, email, role, banned, created_at, last_login, ..
        } = record;
        Self { id, username, titan_number, full_name, email, role, banned, created_at, last_login }
    }
}

fn act(row: AuditRow) -> AuditLine {
    let AuditRow { id, at, by, act, object, whom, room, detail, door, address } = row;
    AuditLine { id, at, by, act, object, whom, room, detail, door, address }
}
