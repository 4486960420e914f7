//! What every command takes.

use std::path::PathBuf;

use clap::Args;

/// What every command takes.
#[derive(Args, Clone, Debug, Default)]
pub struct Globals {
    /// The server, as http(s)://host:port or host:port [default: the one used last].
    #[arg(long, global = true, value_name = "URL", env = "TITAN_SERVER")]
    pub server: Option<String>,
    /// Whose login to use, where there are several [default: the one used last].
    #[arg(id = "login", long = "user", global = true, value_name = "NAME", env = "TITAN_USER")]
    pub user: Option<String>,
    /// Where logins, history and settings are kept [default: the platform's folders].
    #[arg(long, global = true, value_name = "DIR", env = "TITAN_HOME")]
    pub data_dir: Option<PathBuf>,
    /// Shell commands: one JSON object a line, in the wire's own words.
    #[arg(long, global = true)]
    pub json: bool,
    /// Shell commands: no remarks and no progress, only results and errors.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}
