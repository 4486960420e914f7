//! `titan-server admin ...`: reads what the operator wants, has it done, says what came of it.

use std::io::{IsTerminal, Write};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use titan_core::{AppId, BlobId};

use super::{Answer, Listing, Order, perform, words};
use crate::Server;
use crate::config::{Config, Place};
use crate::hub::Outcome;
use crate::hub::network::Network;

/// Administers accounts and apps, beside a running server or without one.
#[derive(Args)]
pub struct Admin {
    #[command(flatten)]
    place: Place,
    /// Print the result as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Makes an account an admin.
    Grant {
        /// Username, or else titan number (`@name` and `#number` say which).
        account: String,
    },
    /// Makes an admin an ordinary account again.
    Revoke {
        /// Username or titan number.
        account: String,
    },
    /// Keeps an account or an address out at every door, and closes its connections.
    Ban {
        #[command(flatten)]
        whom: Whom,
        /// Why; kept with the ban and in the audit log.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Lets a banned account or address in again.
    Unban {
        #[command(flatten)]
        whom: Whom,
    },
    /// Sets a new password, asked for at a prompt or read from a line of stdin, and ends the account's sessions.
    ResetPassword {
        /// Username or titan number.
        account: String,
        /// Make up a password and print it.
        #[arg(long)]
        generate: bool,
        /// It stays: of a program, or your own. Else it has to be replaced at the next login, within a week.
        #[arg(long)]
        keep: bool,
    },
    /// Prints a link by which somebody chooses a new password: once, within 15 minutes.
    ResetLink {
        /// Username or titan number.
        account: String,
    },
    /// Takes somebody's second factor away who has lost it, and logs them out everywhere: make sure first who asks.
    ResetFactor {
        /// Username or titan number.
        account: String,
    },
    /// Logs somebody out everywhere.
    EndSessions {
        /// Username or titan number.
        account: String,
    },
    /// Ends an account for good: it is logged out, leaves its rooms, and its name is free. What it wrote stays.
    Remove {
        /// Username or titan number.
        account: String,
        /// Don't ask whether it is meant.
        #[arg(long)]
        yes: bool,
    },
    /// Lists accounts, admins, bans, the audit log, apps that wait for a decision, or who keeps most here.
    List {
        what: Listing,
        /// How many lines of the audit log, the newest first, or of who keeps most.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Shows what admins and moderators did, newest first, or looks whether all of it is still as it was written.
    Audit {
        /// Look whether each row is as it was written and follows the one before; exit code 1 where one doesn't.
        #[arg(long, conflicts_with_all = ["before", "limit"])]
        verify: bool,
        /// Also whether the log still holds what it ended with once, as a line of the server's log says it: `event=audit_head … of=ROW:HASH`.
        #[arg(long, value_name = "ROW:HASH", requires = "verify")]
        head: Option<String>,
        /// Only what was done before this row.
        #[arg(long, value_name = "ROW")]
        before: Option<i64>,
        /// How many rows.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Lets everybody see and download an app.
    Approve {
        /// The app's id, as `list pending` shows it.
        app: AppId,
        /// Only if its bytes are still these.
        #[arg(long)]
        sha256: Option<BlobId>,
    },
    /// Rejects an app; its author reads why.
    Reject {
        /// The app's id, as `list pending` shows it.
        app: AppId,
        #[arg(long)]
        reason: String,
    },
    /// Has what was deleted leave the disk now, instead of within minutes: rooms, messages, files, names of ended accounts.
    Purge {
        /// Also write the whole database anew, for what was deleted under older releases or is left in corners of its files. Nobody
        /// can write meanwhile, which takes minutes in a large house.
        #[arg(long)]
        rewrite: bool,
    },
    /// Shows which file holds the admin key; whoever registers with that key becomes an admin.
    Key {
        #[command(subcommand)]
        change: Option<KeyChange>,
    },
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Whom {
    /// Username or titan number.
    account: Option<String>,
    /// Everybody who comes from there: an address or a network, such as 198.51.100.0/24. Of IPv6, the address's whole /64.
    #[arg(long, value_name = "ADDRESS|NETWORK")]
    address: Option<Network>,
}

#[derive(Subcommand)]
enum KeyChange {
    /// Replaces the admin key by a new random one.
    Rotate,
}

impl Admin {
    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// Does it in the house that `config` names.
    pub fn run(self, config: Config) -> anyhow::Result<()> {
        if config.database_url.is_none() && !config.database.is_file() {
            bail!(
                "there is no house in {} yet: start `titan-server serve` on it once, or name another folder with --data-dir",
                config.data_dir.display()
            );
        }
        let done = self.verb.done();
        let (order, made_up) = self.verb.order()?;
        let answer = send(config, order)??;
        let text = match self.json {
            true => words::as_json(&answer, made_up.as_deref())?,
            false => words::plain(&answer, done, made_up.as_deref()),
        };
        let mut out = std::io::stdout().lock();
        // Whoever reads may have seen enough, as `head` does.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        Ok(())
    }
}

impl Verb {
    /// What can be said of the account or app once it is done.
    fn done(&self) -> &'static str {
        match self {
            Self::Grant { .. } => "is an admin now",
            Self::Revoke { .. } => "is no admin now",
            Self::Ban { .. } => "is banned",
            Self::Unban { .. } => "may come in again",
            Self::ResetPassword { keep: true, .. } => "has a new password, and is logged out everywhere",
            Self::ResetPassword { .. } => {
                "has a new password, to be replaced at the next login within a week, and is logged out everywhere"
            }
            Self::ResetFactor { .. } => "has no second factor now, and is logged out everywhere",
            Self::EndSessions { .. } => "is logged out everywhere",
            Self::Remove { .. } => "is gone for good",
            Self::Approve { .. } => "is approved",
            Self::Reject { .. } => "is rejected",
            Self::ResetLink { .. } | Self::List { .. } | Self::Audit { .. } | Self::Purge { .. } | Self::Key { .. } => {
                ""
            }
        }
    }

    /// What to order, and the password that was made up for it.
    fn order(self) -> anyhow::Result<(Order, Option<String>)> {
        let order = match self {
            Self::Grant { account } => Order::Grant { account },
            Self::Revoke { account } => Order::Revoke { account },
            Self::Ban { whom: Whom { address: Some(address), .. }, reason } => {
                Order::BanAddress { address: address.to_string(), reason }
            }
            Self::Ban { whom, reason } => Order::Ban { account: whom.account.unwrap_or_default(), reason },
            Self::Unban { whom: Whom { address: Some(address), .. } } => {
                Order::UnbanAddress { address: address.to_string() }
            }
            Self::Unban { whom } => Order::Unban { account: whom.account.unwrap_or_default() },
            Self::ResetPassword { account, generate: true, keep: stays } => {
                let made_up = make_up_password();
                let password = made_up.as_str().into();
                return Ok((Order::ResetPassword { account, password, stays }, Some(made_up)));
            }
            Self::ResetPassword { account, generate: false, keep: stays } => {
                let password = ask_password(&account)?.into();
                Order::ResetPassword { account, password, stays }
            }
            Self::ResetLink { account } => Order::ResetLink { account },
            Self::ResetFactor { account } => Order::ResetFactor { account },
            Self::EndSessions { account } => Order::EndSessions { account },
            Self::Remove { account, yes } => {
                if !yes {
                    confirm(&account)?;
                }
                Order::Remove { account }
            }
            Self::List { what, limit } => Order::List { what, limit },
            Self::Audit { verify: true, head, .. } => Order::VerifyAudit { head },
            Self::Audit { before, limit, .. } => Order::Audit { before, limit },
            Self::Approve { app, sha256 } => Order::Approve { app, sha256 },
            Self::Reject { app, reason } => Order::Reject { app, reason },
            Self::Purge { rewrite } => Order::Purge { ever: rewrite },
            Self::Key { change: None } => Order::AdminKey {},
            Self::Key { change: Some(KeyChange::Rotate) } => Order::RenewAdminKey {},
        };
        Ok((order, None))
    }
}

/// There is no way back, so the name is asked for again; a script says `--yes`.
fn confirm(account: &str) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() {
        bail!("{account} would be gone for good: say --yes if that is meant");
    }
    let question = format!("{account} will be gone for good. Type the name again to go on: ");
    std::io::stderr().write_all(question.as_bytes()).context("asking")?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("reading the answer")?;
    if line.trim() != account {
        bail!("that is not the same: nothing was changed");
    }
    Ok(())
}

/// Never from the command line, which others can see: twice at a prompt, or a line of what is piped in.
fn ask_password(account: &str) -> anyhow::Result<String> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let mut line = String::new();
        stdin.read_line(&mut line).context("reading the password from stdin")?;
        let password = line.trim_end_matches(['\r', '\n']).to_owned();
        if password.is_empty() {
            bail!("no password came in: give it as a line on stdin, or use --generate");
        }
        return Ok(password);
    }
    let password = rpassword::prompt_password(format!("New password of {account}: "))?;
    if password != rpassword::prompt_password("The same again: ")? {
        bail!("the two are not the same: nothing was changed");
    }
    Ok(password)
}

/// 100 bits in letters and digits that aren't taken for each other.
fn make_up_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";
    let letter = || char::from(LETTERS[rand::random_range(0..LETTERS.len())]);
    let groups: Vec<String> = (0..4).map(|_| (0..5).map(|_| letter()).collect()).collect();
    groups.join("-")
}

/// To the running server if there is one; otherwise the house is opened for this, with its doors shut.
fn send(config: Config, order: Order) -> anyhow::Result<Outcome<Answer>> {
    #[cfg(unix)]
    if let Some(outcome) = super::socket::ask(&super::socket_path(&config.data_dir), &order)? {
        return Ok(outcome);
    }
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    runtime.block_on(async {
        let server = Server::start(config.shut()).await?;
        let outcome = tokio::select! {
            outcome = perform(&server.hub, order) => outcome,
            failure = server.failed() => return Err(failure.into()),
        };
        server.close().await;
        Ok(outcome)
    })
}
