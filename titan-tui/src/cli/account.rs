//! Coming and going: login, register, logout, whoami.

use std::io::{self, IsTerminal, Write};

use clap::Args;
use serde::Serialize;
use titan_core::{
    Secret,
    client::{Client, Error, Options},
    protocol::{
        Account, Ask, Done, FaultCode, SessionInfo,
        ask::{Confirm, Logout, Ping},
    },
};

use super::{
    failure::Failure,
    globals::Globals,
    input,
    output::{Output, moment},
    session::{self, acknowledged},
    words,
};
use crate::{
    credentials::{Folders, Login},
    device,
    terminal::signals,
};

/// An account to be made.
#[derive(Args, Clone, Debug)]
pub struct NewAccount {
    pub user: String,
    /// The name others see beside the username.
    #[arg(long, value_name = "NAME")]
    full_name: Option<String>,
    /// The server's admin key makes the account an admin.
    #[arg(long, value_name = "KEY", env = "TITAN_ADMIN_KEY", hide_env_values = true, allow_hyphen_values = true)]
    admin_key: Option<Secret>,
}

/// Who is logged in, and where.
#[derive(Serialize)]
struct Standing<'a> {
    server: &'a str,
    #[serde(flatten)]
    account: &'a Account,
}

pub async fn login(globals: &Globals, output: &Output, user: &str) -> Result<(), Failure> {
    let folders = Folders::find(globals.data_dir.as_deref())?;
    let options = reach(globals, output, &folders).await?;
    let password = password(false).await?;
    enter(&folders, output, options, user, password).await
}

pub async fn register(globals: &Globals, output: &Output, new: NewAccount) -> Result<(), Failure> {
    let folders = Folders::find(globals.data_dir.as_deref())?;
    let options = reach(globals, output, &folders).await?;
    let password = password(true).await?;
    let NewAccount { user, full_name, admin_key } = new;
    Client::register(&options, &user, password.clone(), full_name.as_deref(), admin_key).await?;
    enter(&folders, output, options, &user, password).await
}

/// The server that is meant, once it is believed: before anybody types a password for it.
pub async fn reach(globals: &Globals, output: &Output, folders: &Folders) -> Result<Options, Failure> {
    let server = session::server(globals, folders)?;
    let options = session::options(globals, &server, folders)?;
    if server.starts_with("https:") || options.is_exposed() {
        session::believed(folders, async || Client::ask_once(&options, Ping {}).await).await?;
    }
    if options.is_exposed() {
        output.remark(words::exposed(&server));
    }
    Ok(options)
}

/// Opens a session and keeps its token.
async fn enter(
    folders: &Folders,
    output: &Output,
    options: Options,
    user: &str,
    password: Secret,
) -> Result<(), Failure> {
    let server = options.server();
    let client = connect(output, options.password(user, password).client(device::name())).await?;
    let me = client.me().ok_or_else(|| Failure::refused("the server let nobody in"))?;
    let username = me.account.username.to_string();
    folders.credentials().keep(Login { server: server.clone(), username, token: me.token })?;
    show(output, &server, &me.account)
}

/// With all that the server asks for beside the password.
async fn connect(output: &Output, mut options: Options) -> Result<Client, Failure> {
    let mut asked = Vec::new();
    loop {
        match Client::connect(options.clone()).await {
            Err(Error::Fault(fault)) if fault.code == FaultCode::ChoosePassword && !asked.contains(&fault.code) => {
                asked.push(fault.code);
                output.remark(words::MADE_UP);
                options = options.choosing(password(true).await?);
            }
            Err(Error::Fault(fault))
                if fault.code == FaultCode::SecondFactorRequired && !asked.contains(&fault.code) =>
            {
                asked.push(fault.code);
                options = options.code(code().await?);
            }
            connected => return Ok(connected?.0),
        }
    }
}

pub async fn logout(globals: &Globals, output: &Output) -> Result<(), Failure> {
    let folders = Folders::find(globals.data_dir.as_deref())?;
    let login = session::login(globals, &folders)?;
    let options = session::options(globals, &login.server, &folders)?.token(login.token.clone());
    let ended = async || Client::connect(options.clone()).await?.0.ask(Logout {}).await;
    match session::believed(&folders, ended).await {
        // A session that is over already only needs forgetting.
        Ok(Done {}) | Err(Failure::NotLoggedIn(_)) => folders.credentials().forget(&login.server, &login.username)?,
        Err(failure) => return Err(failure),
    }
    output.remark(format!("Logged out of {}.", login.server));
    Ok(())
}

pub async fn whoami(globals: &Globals, output: &Output) -> Result<(), Failure> {
    let folders = Folders::find(globals.data_dir.as_deref())?;
    let server = session::server(globals, &folders)?;
    let client = session::client(globals, output).await?;
    let me = client.me().ok_or_else(|| Failure::refused("the server let nobody in"))?;
    show(output, &server, &me.account)
}

fn show(output: &Output, server: &str, account: &Account) -> Result<(), Failure> {
    output.result(&Standing { server, account }, || {
        let admin = if account.role == titan_core::protocol::Role::Admin { ", admin" } else { "" };
        format!("{} ({}{admin}) at {server}", account.username, account.titan_number)
    })
}

/// Asks for a password on a terminal, twice for a new one; reads one line of standard input otherwise.
pub async fn password(new: bool) -> Result<Secret, Failure> {
    let password = if io::stdin().is_terminal() { prompt(new)? } else { input::line().await? };
    if password.is_empty() { Err(Failure::Usage(words::NO_PASSWORD.to_owned())) } else { Ok(password.into()) }
}

/// Asks the server for something that it may want one's own password for once more.
pub async fn confirmed<A: Ask>(client: &Client, ask: A) -> Result<A::Reply, Failure> {
    match acknowledged(client.ask(ask.clone())).await {
        Err(Failure::Refused { code: Some(FaultCode::ConfirmFirst), .. }) => {}
        done => return done,
    }
    let password = match io::stdin().is_terminal() {
        true => ask_hidden("Your own password, once more: ")?,
        false => input::line().await?,
    };
    if password.is_empty() {
        let message = words::CONFIRM_PIPED.to_owned();
        return Err(Failure::Refused { message, code: Some(FaultCode::ConfirmFirst) });
    }
    let confirm = Confirm { password: password.into(), code: None };
    match acknowledged(client.ask(confirm.clone())).await {
        Err(Failure::Refused { code: Some(FaultCode::SecondFactorRequired), .. }) => {
            let code = Some(code().await?);
            acknowledged(client.ask(Confirm { code, ..confirm })).await?;
        }
        confirmed => drop(confirmed?),
    }
    acknowledged(client.ask(ask)).await
}

/// A code of a second factor, or a recovery code: shown as it is typed, since it is worth nothing a minute later.
pub async fn code() -> Result<Secret, Failure> {
    asked(words::CODE_PROMPT).await.and_then(|code| match code.trim() {
        "" => Err(Failure::Usage(words::NO_CODE.to_owned())),
        code => Ok(code.into()),
    })
}

/// Asks for something that may be seen; one line of standard input without a terminal.
async fn asked(prompt: &str) -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        let _ = write!(io::stderr(), "{prompt}");
    }
    input::line().await
}

/// Asks for a secret that exists already; one line of standard input without a terminal.
pub async fn secret(prompt: &str) -> Result<Secret, Failure> {
    let secret = if io::stdin().is_terminal() { ask_hidden(prompt)? } else { input::line().await? };
    if secret.is_empty() { Err(Failure::Usage(words::NO_PASSWORD.to_owned())) } else { Ok(secret.into()) }
}

/// Has a name typed before something that can't be undone; without a terminal it comes as a line, too.
pub async fn confirm(name: &str, question: &str) -> Result<(), Failure> {
    if io::stdin().is_terminal() {
        let _ = write!(io::stderr(), "{}", titan_core::shown(question));
    }
    let typed = input::line().await?;
    if typed.trim() == name { Ok(()) } else { Err(Failure::Usage(words::not_confirmed(name))) }
}

/// Sessions, this one first, then those seen last.
pub fn list_sessions(output: &Output, mut sessions: Vec<SessionInfo>) -> Result<(), Failure> {
    sessions.sort_by_key(|session| (!session.current, std::cmp::Reverse(session.last_seen)));
    let columns = ["session", "door", "with", "from", "opened", "last seen", ""];
    output.table(&columns, &sessions, |session: &SessionInfo| {
        vec![
            session.id.to_string(),
            titan_core::SafeText::line(&session.door).to_string(),
            crate::words::opened_with(session),
            session.address.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            moment(session.created_at),
            moment(session.last_seen),
            if session.current { "this one" } else { "" }.to_owned(),
        ]
    })
}

/// Blocks on purpose: ctrl-c is noticed only once the terminal has its echo back.
fn prompt(new: bool) -> Result<String, Failure> {
    let password = ask_hidden("Password: ")?;
    if new && ask_hidden("Once more: ")? != password {
        return Err(Failure::Usage(words::PASSWORDS_DIFFER.to_owned()));
    }
    Ok(password)
}

/// Keys typed the moment the prompt appears are hidden already, and ctrl-c is a key among them.
fn ask_hidden(prompt: &str) -> io::Result<String> {
    signals::end_with_the_modes_of_now();
    crossterm::terminal::enable_raw_mode()?;
    let answer = rpassword::prompt_password(prompt);
    crossterm::terminal::disable_raw_mode()?;
    let _ = writeln!(io::stderr());
    answer
}
