//! How a letter leaves: by SMTP, or into a folder on this machine.

use std::io;
use std::path::{Path, PathBuf};

use lettre::message::Mailbox;
use lettre::transport::smtp;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use titan_core::Time;

use super::letter::Letter;
use super::server::PATIENCE;
use super::settings::MailSettings;
use titan_disk::data_dir::{create_private, write_secret};

/// Letters the outbox keeps, the newest ones: their links are dead after 15 minutes anyway.
const OUTBOX_MOST: usize = 500;
pub enum Way {
    Smtp { server: Box<AsyncSmtpTransport<Tokio1Executor>>, from: Mailbox },
    Outbox(PathBuf),
}

/// Why a letter did not leave.
#[derive(Debug)]
pub enum Undelivered {
    /// It never will.
    Refused(String),
    /// It may if it is tried again.
    Later(String),
}

impl Way {
    pub fn open(settings: &MailSettings, outbox: PathBuf) -> anyhow::Result<Self> {
        let Some(smtp) = &settings.smtp else { return Ok(Self::Outbox(outbox)) };
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp.url.reveal())?;
        Ok(Self::Smtp { server: Box::new(server.timeout(Some(PATIENCE)).build()), from: smtp.from.clone() })
    }

    pub async fn take(&self, letter: &Letter) -> Result<(), Undelivered> {
        match self {
            Self::Smtp { server, from } => send(server, from, letter).await,
            Self::Outbox(folder) => lay_down(folder.clone(), letter.clone()).await,
        }
    }
}

async fn send(server: &AsyncSmtpTransport<Tokio1Executor>, from: &Mailbox, letter: &Letter) -> Result<(), Undelivered> {
    let message = letter.write(from).map_err(|error| Undelivered::Refused(error.to_string()))?;
    server.send(message).await.map_err(|error| undelivered(&error))?;
    tracing::info!(username = letter.username, "a letter was handed to the mail server");
    Ok(())
}

/// A mail server that says no for good is believed, and one that will never be able to. What it says goes with it.
fn undelivered(error: &smtp::Error) -> Undelivered {
    let said = std::error::Error::source(error).map(|said| format!(": {said}")).unwrap_or_default();
    let why = error.to_string();
    let why = if why.ends_with(&said) { why } else { why + &said };
    if error.is_permanent() || why.contains("SMTPUTF8") { Undelivered::Refused(why) } else { Undelivered::Later(why) }
}

/// Puts the letter into the folder, and its file's name into the log: with no mail set up, the operator hands it on.
async fn lay_down(folder: PathBuf, letter: Letter) -> Result<(), Undelivered> {
    let message = letter.write_for_operator().map_err(|error| Undelivered::Refused(error.to_string()))?;
    let bytes = message.formatted();
    match lay_into(folder, bytes).await {
        Ok(file) => {
            let (username, about, file) = (&letter.username, letter.about(), file.display());
            tracing::info!(
                "a letter to {username} about {about} lies in {file}: no mail server is set up, so hand it on"
            );
            Ok(())
        }
        Err(error) => Err(Undelivered::Later(format!("the outbox can't be written: {error}"))),
    }
}

/// Puts a letter into the folder; gives its file.
pub async fn lay_into(folder: PathBuf, bytes: Vec<u8>) -> io::Result<PathBuf> {
    let name = format!("{:015}-{:08x}.eml", Time::now().0, rand::random::<u32>());
    tokio::task::spawn_blocking(move || keep(&folder, &name, &bytes)).await.unwrap_or_else(|error| Err(error.into()))
}

fn keep(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    create_private(folder)?;
    let file = folder.join(name);
    write_secret(&file, bytes)?;
    let mut letters: Vec<_> = std::fs::read_dir(folder)?.filter_map(|found| Some(found.ok()?.path())).collect();
    letters.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    letters.sort_unstable();
    let surplus = letters.len().saturating_sub(OUTBOX_MOST);
    letters.iter().take(surplus).try_for_each(std::fs::remove_file)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outbox_keeps_the_newest_letters_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("0.txt"), "mine").unwrap();
        for number in 0..OUTBOX_MOST + 3 {
            keep(folder.path(), &format!("{number:015}-x.eml"), b"letter").unwrap();
        }
        let kept = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(kept, OUTBOX_MOST + 1);
        assert!(!folder.path().join("000000000000002-x.eml").exists() && folder.path().join("0.txt").exists());
    }
}
