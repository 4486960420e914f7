//! The house, for admins: accounts, their roles, passwords, sessions and bans; addresses; the audit log; the admin key.

use clap::Subcommand;
use titan_core::{
    SafeText, SessionId,
    client::Client,
    protocol::{AccountStanding, Role, ask},
};

use super::{
    account,
    failure::Failure,
    globals::Globals,
    output::{Output, moment},
    people::who,
    session::{self, acknowledged},
    words,
};
use crate::words::{
    account_banned, account_let_in, account_note, act_object, address_banned, address_let_in, audit_chain, role_set,
};

/// What admins may do.
#[derive(Subcommand, Clone, Debug)]
pub enum Admin {
    /// Show all accounts.
    Accounts,
    /// Make an account for somebody, who chooses another password at the first login; this one is asked for, or read from
    /// standard input.
    Add {
        user: String,
        /// The account is an admin's.
        #[arg(long)]
        admin: bool,
    },
    /// Remove somebody's account for good; what they wrote stays.
    Remove {
        user: String,
        /// Don't ask.
        #[arg(long)]
        yes: bool,
    },
    /// Make somebody an admin, or a user again.
    Role {
        user: String,
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Set somebody's password, asked for or read from standard input, which they replace at the next login; their sessions end.
    Password { user: String },
    /// End somebody's sessions and keep them out of the whole server.
    Ban {
        user: String,
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Let somebody in again.
    Unban { user: String },
    /// Show where somebody is logged in.
    Sessions { user: String },
    /// End somebody's sessions: one of them, by its number, or all.
    EndSessions { user: String, session: Option<i64> },
    /// Show the banned addresses.
    Addresses,
    /// Keep everybody out who comes from an IP address.
    BanAddress {
        address: String,
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Let an IP address in again.
    UnbanAddress { address: String },
    /// Show what admins and moderators did, newest first.
    Audit {
        /// Look whether all of it is still as it was written; exit code 1 where it isn't.
        #[arg(long, conflicts_with_all = ["before", "limit"])]
        verify: bool,
        /// Only what was done before this row.
        #[arg(long, value_name = "ROW")]
        before: Option<i64>,
        /// How many acts, 1,000 at most.
        #[arg(short = 'n', long, default_value_t = 100)]
        limit: u32,
    },
    /// Change the admin key; the new one is asked for, or read from standard input.
    Key,
}

fn role(text: &str) -> Result<Role, String> {
    match text {
        "user" => Ok(Role::User),
        "admin" => Ok(Role::Admin),
        _ => Err("one of user, admin".to_owned()),
    }
}

/// One arm, one call.
pub async fn perform(globals: &Globals, output: &Output, what: Admin) -> Result<(), Failure> {
    let client = &session::client(globals, output).await?;
    match what {
        Admin::Accounts => accounts(output, client).await,
        Admin::Add { user, admin } => add(output, client, &user, admin).await,
        Admin::Remove { user, yes } => remove(output, client, &user, yes).await,
        Admin::Role { user, role } => set_role(output, client, &user, role).await,
        Admin::Password { user } => set_password(output, client, &user).await,
        Admin::Ban { user, reason } => ban(output, client, &user, &reason).await,
        Admin::Unban { user } => unban(output, client, &user).await,
        Admin::Sessions { user } => sessions(output, client, &user).await,
        Admin::EndSessions { user, session } => end_sessions(output, client, &user, session.map(SessionId)).await,
        Admin::Addresses => addresses(output, client).await,
        Admin::BanAddress { address, reason } => ban_address(output, client, &address, &reason).await,
        Admin::UnbanAddress { address } => unban_address(output, client, &address).await,
        Admin::Audit { verify: true, .. } => verify_audit(output, client).await,
        Admin::Audit { before, limit, .. } => audit(output, client, before, limit).await,
        Admin::Key => key(output, client).await,
    }
}

async fn accounts(output: &Output, client: &Client) -> Result<(), Failure> {
    let accounts = client.list(ask::Accounts::default()).await?;
    output.table(&["number", "name", "", "last login"], &accounts, |standing: &AccountStanding| {
        vec![
            standing.account.titan_number.to_string(),
            standing.account.username.to_string(),
            account_note(standing).to_owned(),
            standing.last_login.map_or_else(|| "-".to_owned(), moment),
        ]
    })
}

async fn add(output: &Output, client: &Client, user: &str, admin: bool) -> Result<(), Failure> {
    let password = account::password(true).await?;
    let role = if admin { Role::Admin } else { Role::User };
    let made = account::confirmed(client, ask::AddAccount { username: user.to_owned(), password, role }).await?.account;
    output.result(&made, || format!("{} ({})", made.username, made.titan_number))
}

async fn remove(output: &Output, client: &Client, user: &str, yes: bool) -> Result<(), Failure> {
    let account = who(client, user).await?;
    if !yes {
        account::confirm(&account.username, &words::removes_for_good(&account.username)).await?;
    }
    account::confirmed(client, ask::RemoveAccount { account: account.id }).await?;
    output.remark(words::removed(&account.username));
    Ok(())
}

async fn set_role(output: &Output, client: &Client, user: &str, role: Role) -> Result<(), Failure> {
    let account = who(client, user).await?;
    let change = ask::EditAccount { account: account.id, role: Some(role), password: None };
    let changed = account::confirmed(client, change).await?.account;
    output.result(&changed, || role_set(&changed.username, role))
}

async fn set_password(output: &Output, client: &Client, user: &str) -> Result<(), Failure> {
    let account = who(client, user).await?;
    let password = Some(account::password(true).await?);
    account::confirmed(client, ask::EditAccount { account: account.id, password, role: None }).await?;
    output.remark(words::password_of_changed(&account.username));
    Ok(())
}

async fn ban(output: &Output, client: &Client, user: &str, reason: &str) -> Result<(), Failure> {
    let account = who(client, user).await?;
    acknowledged(client.ask(ask::Ban { account: account.id, reason: reason.to_owned() })).await?;
    output.remark(account_banned(&account.username));
    Ok(())
}

async fn unban(output: &Output, client: &Client, user: &str) -> Result<(), Failure> {
    let account = who(client, user).await?;
    acknowledged(client.ask(ask::Unban { account: account.id })).await?;
    output.remark(account_let_in(&account.username));
    Ok(())
}

async fn sessions(output: &Output, client: &Client, user: &str) -> Result<(), Failure> {
    let account = who(client, user).await?;
    account::list_sessions(output, client.ask(ask::AccountSessions { account: account.id }).await?.sessions)
}

async fn end_sessions(output: &Output, client: &Client, user: &str, session: Option<SessionId>) -> Result<(), Failure> {
    let account = who(client, user).await?;
    account::confirmed(client, ask::EndSessions { account: account.id, session }).await?;
    output.remark(crate::words::sessions_of_ended(&account.username, session.is_some()));
    Ok(())
}

async fn addresses(output: &Output, client: &Client) -> Result<(), Failure> {
    let bans = client.list(ask::BannedAddresses::default()).await?;
    output.table(&["address", "reason"], &bans, |ban| vec![ban.address.to_string(), ban.reason.to_string()])
}

async fn ban_address(output: &Output, client: &Client, address: &str, reason: &str) -> Result<(), Failure> {
    acknowledged(client.ask(ask::BanAddress { address: address.to_owned(), reason: reason.to_owned() })).await?;
    output.remark(address_banned(address));
    Ok(())
}

async fn unban_address(output: &Output, client: &Client, address: &str) -> Result<(), Failure> {
    acknowledged(client.ask(ask::UnbanAddress { address: address.to_owned() })).await?;
    output.remark(address_let_in(address));
    Ok(())
}

async fn audit(output: &Output, client: &Client, before: Option<i64>, limit: u32) -> Result<(), Failure> {
    let acts = client.ask(ask::Audit { before, limit: Some(limit) }).await?.acts;
    let cell = |text: &Option<SafeText>| text.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    output.table(&["row", "when", "by", "act", "to", "reason", "door", "address"], &acts, |act| {
        vec![
            act.id.to_string(),
            moment(act.at),
            act.by.as_ref().map_or_else(|| "-".to_owned(), |by| by.username.to_string()),
            act.act.to_string(),
            act_object(act, |_, _| None),
            act.detail.replace('\n', " "),
            cell(&act.door),
            cell(&act.address),
        ]
    })
}

async fn verify_audit(output: &Output, client: &Client) -> Result<(), Failure> {
    let chain = client.ask(ask::VerifyAudit {}).await?.chain;
    match chain.broken {
        Some(_) => Err(Failure::refused(audit_chain(&chain))),
        None => output.result(&chain, || audit_chain(&chain)),
    }
}

async fn key(output: &Output, client: &Client) -> Result<(), Failure> {
    let key = account::password(true).await?;
    account::confirmed(client, ask::ChangeAdminKey { key }).await?;
    output.remark(crate::words::ADMIN_KEY_CHANGED);
    Ok(())
}
