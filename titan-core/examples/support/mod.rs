//! What the examples share: how to say which server, and as whom.

use anyhow::{Context, bail};
use titan_core::{
    ConversationId, Fingerprint, SafeText, Secret,
    client::{Client, KnownServers, Options, Trust},
    protocol::{Conversation, FaultCode},
};

/// Which server, and as whom.
#[derive(clap::Args, Debug)]
pub struct Door {
    /// The server's address
    #[arg(long, env = "TITAN_SERVER", default_value = "http://127.0.0.1:8000", value_name = "URL")]
    server: String,
    /// Who to log in as
    #[arg(long, env = "TITAN_USER", required_unless_present = "token", value_name = "NAME")]
    user: Option<String>,
    #[arg(long, env = "TITAN_PASSWORD", hide_env_values = true, required_unless_present = "token")]
    password: Option<Secret>,
    /// Enter an open session instead of logging in
    #[arg(long, env = "TITAN_TOKEN", hide_env_values = true, conflicts_with_all = ["user", "password"])]
    token: Option<Secret>,
    /// Make the account first, if it doesn't exist yet
    #[arg(long, requires = "user")]
    register: bool,
    /// Remember in this file which servers are known, and by what
    #[arg(long, value_name = "FILE")]
    known: Option<std::path::PathBuf>,
    /// The fingerprint of the server's certificate, where no authority vouches for it
    #[arg(long, value_name = "FINGERPRINT")]
    trust: Option<Fingerprint>,
    /// Take it that nothing is encrypted on the way to another machine
    #[arg(long)]
    allow_plaintext: bool,
}

impl Door {
    /// The options these arguments mean; makes the account if that is wanted.
    pub async fn options(&self) -> anyhow::Result<Options> {
        let mut options = Options::new(&self.server)?;
        let known = self.known.clone().map(KnownServers::at);
        options = match (known, self.trust) {
            (Some(known), Some(told)) => options.trust(Trust::Known(known.told(told))),
            (Some(known), None) => options.trust(Trust::Known(known)),
            (None, Some(told)) => options.trust(Trust::Fingerprint(told)),
            (None, None) => options,
        };
        if self.allow_plaintext {
            options = options.allow_plaintext();
        }
        let (Some(user), Some(password)) = (&self.user, &self.password) else {
            let token = self.token.clone().context("give --user and --password, or --token")?;
            return Ok(options.token(token));
        };
        if self.register {
            match Client::register(&options, user, password.clone(), None, None).await {
                Ok(account) => eprintln!("registered {} as {}", account.username, account.titan_number),
                Err(error) if error.fault().is_some_and(|fault| fault.code == FaultCode::NameTaken) => {}
                Err(error) => return Err(error).context("registering failed"),
            }
        }
        Ok(options.password(user, password.clone()))
    }
}

/// A conversation's name: the room's, or the other person's.
#[allow(dead_code, reason = "not every example needs it")]
pub fn name(conversation: &Conversation) -> &str {
    conversation.what.name().map_or("(something newer)", SafeText::as_str)
}

/// The conversation of mine with this name.
#[allow(dead_code, reason = "not every example needs it")]
pub async fn conversation(titan: &Client, wanted: &str) -> anyhow::Result<ConversationId> {
    let conversations = titan.conversations().await?;
    match conversations.iter().find(|conversation| name(conversation).eq_ignore_ascii_case(wanted)) {
        Some(conversation) => Ok(conversation.id),
        None => {
            let names: Vec<&str> = conversations.iter().map(name).collect();
            bail!("you are in no conversation called {wanted:?}; there are: {}", names.join(", "))
        }
    }
}
