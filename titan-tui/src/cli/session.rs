//! Getting in: which server, which login, and a connection made with it.

use std::time::Duration;

use titan_core::client::{Client, Error, Events, Options, Trust};

use super::{failure::Failure, globals::Globals, output::Output, trust, words};
use crate::credentials::{Folders, Login, SOLO, USUAL_SERVER};

/// How long a command that changes something waits for the acknowledgement.
const PATIENCE: Duration = Duration::from_secs(30);

/// The server that is meant: the one named, the one set, the one used last, the usual one.
pub fn server(globals: &Globals, folders: &Folders) -> Result<String, Failure> {
    if let Some(server) = globals.server.clone().or_else(|| folders.chosen_server()) {
        return Ok(Options::new(&server)?.server());
    }
    let login = folders.credentials().find(None, globals.user.as_deref())?;
    Ok(login.map_or_else(|| USUAL_SERVER.to_owned(), |login| login.server))
}

/// How to reach a server, without saying yet who we are.
pub fn options(globals: &Globals, server: &str, folders: &Folders) -> Result<Options, Failure> {
    let options = Options::new(server)?.trust(Trust::Known(globals.known(folders))).watch_presence(false);
    let options = if globals.allow_plaintext { options.allow_plaintext() } else { options };
    Ok(options.state_file(folders.data().join("uploads.json")))
}

/// Does something at a server; at a first contact with one that nobody vouches for, a person decides before.
pub async fn believed<T>(folders: &Folders, work: impl AsyncFn() -> Result<T, Error>) -> Result<T, Failure> {
    match work().await {
        Err(Error::Untrusted(server)) if trust::may_ask(&server) => {
            trust::ask(&folders.known_servers(), &server).await?;
            Ok(work().await?)
        }
        done => Ok(done?),
    }
}

/// The login that is meant. `TITAN_TOKEN` stands above the kept ones, for scripts on machines that keep none.
pub fn login(globals: &Globals, folders: &Folders) -> Result<Login, Failure> {
    let server = server(globals, folders)?;
    let user = globals.user.as_deref();
    if let Some(token) = std::env::var("TITAN_TOKEN").ok().filter(|token| !token.is_empty()) {
        return Ok(Login { server, username: user.unwrap_or_default().to_owned(), token: token.into() });
    }
    let login = folders.credentials().find(Some(&server), user)?;
    login.ok_or_else(|| {
        let unnamed = globals.server.is_none() && folders.last_server().as_deref() == Some(SOLO);
        let message = words::not_logged_in(&server, user);
        Failure::NotLoggedIn(if unnamed { words::SOLO_ONLY.to_owned() } else { message })
    })
}

/// A connection with the login that is meant.
pub async fn connect(globals: &Globals, output: &Output) -> Result<(Client, Events), Failure> {
    let folders = Folders::find(globals.data_dir.as_deref())?;
    let login = login(globals, &folders)?;
    let options = options(globals, &login.server, &folders)?.token(login.token);
    let connected = believed(&folders, async || Client::connect(options.clone()).await).await?;
    if options.is_exposed() {
        output.remark(words::exposed(&login.server));
    }
    Ok(connected)
}

/// The same, for commands that only ask.
pub async fn client(globals: &Globals, output: &Output) -> Result<Client, Failure> {
    connect(globals, output).await.map(|(client, _)| client)
}

/// Waits for an acknowledgement, but not for ever: a script must not hang because a server died.
pub async fn acknowledged<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(Failure::Network(words::unacknowledged(PATIENCE.as_secs()))),
    }
}
