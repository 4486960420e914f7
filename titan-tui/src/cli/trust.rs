//! Whom the shell commands trust: the question at a first contact, and `titan trust`, which shows and changes what is remembered.

use std::io::{self, IsTerminal, Write};

use clap::Subcommand;
use serde::Serialize;
use titan_core::{
    Fingerprint, SafeText,
    client::{Known, KnownServers, Options, Untrusted},
};

use super::{failure::Failure, globals::Globals, input, output::Output, words};
use crate::credentials::Folders;

/// What to do with what is remembered.
#[derive(Subcommand, Clone, Debug)]
pub enum Trust {
    /// Show the servers that are known, and by what.
    List,
    /// Trust the certificate of a server by its fingerprint, in the place of what was known of it.
    Add { server: String, fingerprint: Fingerprint },
    /// Forget a server, so that the next contact is a first one.
    Forget { server: String },
}

pub fn perform(globals: &Globals, output: &Output, what: Option<&Trust>) -> Result<(), Failure> {
    let known = Folders::find(globals.data_dir.as_deref())?.known_servers();
    match what {
        None | Some(Trust::List) => list(output, &known),
        Some(Trust::Add { server, fingerprint }) => add(output, &known, server, *fingerprint),
        Some(Trust::Forget { server }) => forget(output, &known, server),
    }
}

/// A server that is known, as it is listed.
#[derive(Serialize)]
struct Listed {
    server: String,
    known: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(skip)]
    in_words: String,
}

fn list(output: &Output, known: &KnownServers) -> Result<(), Failure> {
    let listed: Vec<Listed> = known.list()?.into_iter().map(|(server, known)| listed(server, &known)).collect();
    output.table(&["server", "known"], &listed, |it| vec![it.server.clone(), it.in_words.clone()])
}

fn listed(server: String, known: &Known) -> Listed {
    let (by, fingerprint) = match known {
        Known::ByAuthority => ("authority", None),
        Known::ByFingerprint(fingerprint) => ("fingerprint", Some(fingerprint.to_string())),
        Known::Plaintext => ("plaintext", None),
        _ => ("other", None),
    };
    let (server, in_words) = (SafeText::line(&server).to_string(), crate::words::known(known));
    Listed { server, known: by, fingerprint, in_words }
}

fn add(output: &Output, known: &KnownServers, server: &str, fingerprint: Fingerprint) -> Result<(), Failure> {
    let server = Options::new(server)?.address();
    known.keep(&server, Known::ByFingerprint(fingerprint))?;
    output.remark(words::trusted(&server));
    Ok(())
}

/// By its `host:port`, by its address, or all ports of a host.
fn forget(output: &Output, known: &KnownServers, given: &str) -> Result<(), Failure> {
    let address = Options::new(given)?.address();
    let mut meant = vec![given.to_owned(), address];
    let of_host = |server: &String| server.rsplit_once(':').is_some_and(|(host, _)| host == given);
    // A line that makes no sense keeps nobody from forgetting.
    let listed = known.list().unwrap_or_default().into_iter().map(|(server, _)| server);
    meant.extend(listed.filter(of_host));
    let mut forgotten = false;
    for server in meant {
        if known.forget(&server)? {
            forgotten = true;
            output.remark(words::forgotten(&server));
        }
    }
    if forgotten { Ok(()) } else { Err(Failure::refused(words::not_known(given))) }
}

/// Whether there is somebody to ask, and something that is theirs to decide.
pub fn may_ask(server: &Untrusted) -> bool {
    server.may_be_asked_about() && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a person whether they trust a server, and remembers it.
pub async fn ask(known: &KnownServers, server: &Untrusted) -> Result<(), Failure> {
    let (question, detail) = crate::words::first_contact(server);
    let question = titan_core::shown(&format!("{question}\n{detail}\n{} ", words::YES_OR_NO)).into_owned();
    let _ = write!(io::stderr(), "{question}");
    let answer = input::line().await?.trim().to_lowercase();
    let typed_over = answer.parse().is_ok_and(|fingerprint| Some(fingerprint) == server.fingerprint);
    match answer == "yes" || typed_over {
        true => Ok(known.believe(server)?),
        false => Err(Failure::Untrusted(words::NOT_TRUSTED.to_owned())),
    }
}
