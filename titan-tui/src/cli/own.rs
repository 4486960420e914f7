//! One's own account: account profile, password, sessions, revoke, forgot, reset, delete; and export.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use titan_core::{SafeText, Secret, SessionId, client::Client, protocol::ask};

use super::{
    account,
    failure::Failure,
    files,
    globals::Globals,
    output::{Output, moment},
    session::{self, acknowledged},
    stream::Stream,
    words,
};
use crate::credentials::Folders;

/// What can be done with one's own account.
#[derive(Subcommand, Clone, Debug)]
pub enum Account {
    /// Change your name, blog or mail; what isn't given stays, an empty text clears it.
    Profile(Profile),
    /// Show what only you see of your account: your mail address, one that waits to be confirmed, your second factor.
    Show,
    /// Confirm a new mail address by the code of the letter that went there; needs no login.
    ConfirmMail { code: Secret },
    /// Change your password; the old and the new one are asked for, or read from standard input, a line each.
    Password,
    /// Show where you are logged in.
    Sessions,
    /// End another session of yours, by its number.
    Revoke { session: i64 },
    /// End all your sessions but this one.
    EndSessions,
    /// Have a link for a new password mailed to an account's address; needs no login.
    Forgot { user: String },
    /// Set a new password by the token of such a link; needs no login.
    Reset { token: Secret },
    /// Delete your account for good; your username and password are asked for, or read from standard input, a line each.
    Delete,
}

/// What to change.
#[derive(Args, Clone, Debug)]
pub struct Profile {
    #[arg(long, value_name = "NAME")]
    full_name: Option<String>,
    #[arg(long, value_name = "URL")]
    blog: Option<String>,
    /// Nobody else sees it; a forgotten password comes back by it.
    #[arg(long, value_name = "ADDRESS")]
    mail: Option<String>,
}

/// One arm, one call.
pub async fn perform(globals: &Globals, output: &Output, what: Account) -> Result<(), Failure> {
    match what {
        Account::Profile(profile) => change_profile(globals, output, profile).await,
        Account::Show => show(globals, output).await,
        Account::ConfirmMail { code } => confirm_mail(globals, output, code).await,
        Account::Password => change_password(globals, output).await,
        Account::Sessions => {
            let client = session::client(globals, output).await?;
            account::list_sessions(output, client.ask(ask::Sessions {}).await?.sessions)
        }
        Account::Revoke { session } => revoke(globals, output, SessionId(session)).await,
        Account::EndSessions => end_sessions(globals, output).await,
        Account::Forgot { user } => forgot(globals, output, &user).await,
        Account::Reset { token } => reset(globals, output, &token).await,
        Account::Delete => delete(globals, output).await,
    }
}

pub async fn usage(globals: &Globals, output: &Output) -> Result<(), Failure> {
    let usage = session::client(globals, output).await?.ask(ask::Usage {}).await?;
    output.result(&usage, || crate::words::room_taken(&usage))
}

async fn change_profile(globals: &Globals, output: &Output, profile: Profile) -> Result<(), Failure> {
    let Profile { full_name, blog, mail } = profile;
    if full_name.is_none() && blog.is_none() && mail.is_none() {
        return Err(Failure::Usage(words::NOTHING_TO_CHANGE.to_owned()));
    }
    let client = session::client(globals, output).await?;
    let asks_mail = mail.is_some();
    let change = ask::UpdateProfile { full_name, blog_url: blog, email: mail };
    let account = account::confirmed(&client, change).await?.account;
    if asks_mail && client.ask(ask::Profile {}).await?.new_email.is_some() {
        output.remark(words::MAIL_ASKED);
    }
    output.result(&account, || crate::words::PROFILE_SAVED.to_owned())
}

async fn show(globals: &Globals, output: &Output) -> Result<(), Failure> {
    let profile = session::client(globals, output).await?.ask(ask::Profile {}).await?;
    output.result(&profile, || {
        let mail = profile.email.as_ref().map_or_else(|| "-".to_owned(), SafeText::to_string);
        let mail = match &profile.new_email {
            Some(new) => format!("mail: {mail} ({new} waits to be confirmed)"),
            None => format!("mail: {mail}"),
        };
        let factor = match profile.factor_since {
            Some(since) => format!("since {}, {} recovery codes left", moment(since), profile.recovery_codes),
            None => "none".to_owned(),
        };
        format!("{mail}\nsecond factor: {factor}")
    })
}

async fn confirm_mail(globals: &Globals, output: &Output, token: Secret) -> Result<(), Failure> {
    let folders = Folders::find(globals.data_dir.as_deref())?;
    let options = account::reach(globals, output, &folders).await?;
    Client::ask_once(&options, ask::ConfirmMail { token }).await?;
    output.remark(crate::words::MAIL_CONFIRMED);
    Ok(())
}

async fn change_password(globals: &Globals, output: &Output) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    let old = account::secret("Old password: ").await?;
    let new = account::password(true).await?;
    acknowledged(client.ask(ask::ChangePassword { old, new })).await?;
    output.remark(crate::words::PASSWORD_CHANGED);
    Ok(())
}

async fn revoke(globals: &Globals, output: &Output, id: SessionId) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    account::confirmed(&client, ask::RevokeSession { session: id }).await?;
    output.remark(crate::words::SESSION_ENDED);
    Ok(())
}

async fn end_sessions(globals: &Globals, output: &Output) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    let me = client.me().ok_or_else(|| Failure::refused("the server let nobody in"))?.account.id;
    account::confirmed(&client, ask::EndSessions { account: me, session: None }).await?;
    output.remark(crate::words::OTHER_SESSIONS_ENDED);
    Ok(())
}

async fn forgot(globals: &Globals, output: &Output, user: &str) -> Result<(), Failure> {
    let folders = Folders::find(globals.data_dir.as_deref())?;
    let options = account::reach(globals, output, &folders).await?;
    Client::ask_once(&options, ask::RequestReset { username: user.to_owned() }).await?;
    output.remark(crate::words::reset_asked(user));
    Ok(())
}

async fn reset(globals: &Globals, output: &Output, token: &Secret) -> Result<(), Failure> {
    let folders = Folders::find(globals.data_dir.as_deref())?;
    let options = account::reach(globals, output, &folders).await?;
    let password = account::password(true).await?;
    Client::ask_once(&options, ask::ResetPassword { token: token.clone(), password }).await?;
    output.remark(words::RESET_DONE);
    Ok(())
}

/// Asks twice over: the username has to be typed, and the password known.
async fn delete(globals: &Globals, output: &Output) -> Result<(), Failure> {
    let folders = Folders::find(globals.data_dir.as_deref())?;
    let login = session::login(globals, &folders)?;
    let client = session::client(globals, output).await?;
    let me = client.me().ok_or_else(|| Failure::refused("the server let nobody in"))?;
    let name = me.account.username.to_string();
    account::confirm(&name, &words::deletes_for_good(&name)).await?;
    let password = account::secret("Password: ").await?;
    acknowledged(client.ask(ask::DeleteAccount { password })).await?;
    folders.credentials().forget(&login.server, &login.username)?;
    output.remark(crate::words::ACCOUNT_DELETED);
    Ok(())
}

/// Everything the server keeps of oneself, as a line of JSON each.
pub async fn export(globals: &Globals, output: &Output, to: PathBuf) -> Result<(), Failure> {
    let client = &session::client(globals, output).await?;
    let stream = Stream::named(&to).map(|stream| stream.waiting_room().map(|room| (stream, room))).transpose()?;
    let to = stream.as_ref().map_or(to.as_path(), |(_, room)| room.path());
    let label = crate::words::EXPORT_NAME;
    let exported = files::transfer(output, label, |control| async move { client.export(to, &control).await }).await?;
    if let Some((stream, _room)) = stream {
        return stream.pass_on(exported.path).await;
    }
    let shown = SafeText::line(&exported.path.display().to_string());
    output.remark(format!("{} lines, {} bytes", exported.lines, exported.size));
    output.result(&json!({"path": exported.path, "size": exported.size, "lines": exported.lines}), || shown.to_string())
}
