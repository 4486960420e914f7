//! What every command takes.

use std::path::PathBuf;

use clap::Args;
use titan_core::{Fingerprint, client::KnownServers};

use crate::credentials::Folders;

/// What every command takes.
#[derive(Args, Clone, Debug, Default)]
pub struct Globals {
    /// The server, as http(s)://host:port or host:port, which is https on another machine [default: the one used last].
    #[arg(long, global = true, value_name = "URL", env = "TITAN_SERVER")]
    pub server: Option<String>,
    /// Whose login to use, where there are several [default: the one used last].
    #[arg(id = "login", long = "user", global = true, value_name = "NAME", env = "TITAN_USER")]
    pub user: Option<String>,
    /// Where logins, history and settings are kept [default: the platform's folders].
    #[arg(long, global = true, value_name = "DIR", env = "TITAN_HOME")]
    pub data_dir: Option<PathBuf>,
    /// Trust the server that shows the certificate of this SHA-256 fingerprint, and no other; it is remembered.
    #[arg(long, global = true, value_name = "FINGERPRINT", env = "TITAN_TRUST")]
    pub trust: Option<Fingerprint>,
    /// Take it that nothing is encrypted on the way to another machine (http://), passwords neither; it is remembered.
    #[arg(long, global = true)]
    pub allow_plaintext: bool,
    /// Shell commands: one JSON object a line, in the wire's own words.
    #[arg(long, global = true)]
    pub json: bool,
    /// Shell commands: no remarks and no progress, only results and errors.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

impl Globals {
    /// What is known of servers, and told of the one that is meant now.
    pub fn known(&self, folders: &Folders) -> KnownServers {
        let known = folders.known_servers();
        match self.trust {
            Some(fingerprint) => known.told(fingerprint),
            None => known,
        }
    }
}
