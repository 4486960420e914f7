//! Where to connect, as whom, and what to keep. Parsed and checked here, so that nothing later can find it wrong.

use std::{fmt, path::PathBuf, time::Duration};

use url::{Host, Url};

use super::{Error, KnownServers};
use crate::{Fingerprint, Secret, cache::Cache};

/// The port a Titan server listens on if nothing else was set up.
const DEFAULT_PORT: u16 = 8000;

/// How a client connects. Made by [`Options::new`], then refined.
///
/// ```
/// use titan_core::client::{Options, Trust};
/// # fn main() -> Result<(), titan_core::client::Error> {
/// let options = Options::new("https://chat.example.org")?.password("ada", "secret").trust(Trust::System);
/// assert_eq!(options.server(), "https://chat.example.org");
/// assert_eq!(Options::new("localhost")?.server(), "http://localhost:8000");
/// assert_eq!(Options::new("chat.example.org")?.server(), "https://chat.example.org:8000");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Options {
    pub(super) origin: Origin,
    pub(super) entry: Entry,
    pub(super) client: Option<String>,
    pub(super) cache: Option<Cache>,
    pub(super) trust: Trust,
    pub(super) plaintext: bool,
    pub(super) watch_presence: bool,
    pub(super) state_file: Option<PathBuf>,
    pub(super) pace: Pace,
}

/// How the connection is entered.
#[derive(Clone)]
pub(super) enum Entry {
    Nobody,
    Password { username: String, password: Secret, new: Option<Secret>, code: Option<Secret> },
    Token(Secret),
}

/// Whom to believe that they are the server, over TLS. Who isn't is [`Error::Untrusted`], and is sent nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// Certificates that the operating system trusts, for the server's name. Nothing is remembered.
    #[default]
    System,
    /// Those, and the certificates that somebody trusted before. A server that an authority vouched for once has to be vouched for
    /// from then on; one that was trusted by its fingerprint has to show the same certificate, or one that an authority vouches
    /// for. Who shows anything else at a first contact may be asked about: see [`KnownServers`].
    Known(KnownServers),
    /// The certificate of this fingerprint alone, whatever it says. Nothing is remembered.
    Fingerprint(Fingerprint),
}

/// The connection's timings; tests shorten them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// To connect, prove and log in.
    pub handshake: Duration,
    /// Silence after which a ping is sent.
    pub ping: Duration,
    /// Silence after which the connection is dead.
    pub dead: Duration,
    /// The longest wait between two attempts to connect.
    pub backoff_most: Duration,
    /// How long a call waits for a connection.
    pub patience: Duration,
    /// Silence after which a transfer is dead.
    pub stall: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(15),
            ping: Duration::from_secs(25),
            dead: Duration::from_secs(45),
            backoff_most: Duration::from_secs(15),
            patience: Duration::from_secs(10),
            stall: Duration::from_secs(30),
        }
    }
}

impl Options {
    /// For the server at `url`: `http(s)://host:port`, `ws(s)://...`, or a bare `host` or `host:port`, which means https, or http where
    /// it is this very machine (`localhost`, 127.0.0.0/8, `::1`); and port 8000 where none is given. [`Error::BadUrl`] says what is wrong
    /// with any other text.
    pub fn new(url: &str) -> Result<Self, Error> {
        Ok(Self {
            origin: Origin::parse(url)?,
            entry: Entry::Nobody,
            client: None,
            cache: None,
            trust: Trust::System,
            plaintext: false,
            watch_presence: true,
            state_file: None,
            pace: Pace::default(),
        })
    }

    /// Logs in with these, and comes back by the token this gives.
    pub fn password(mut self, username: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.entry = Entry::Password { username: username.into(), password: password.into(), new: None, code: None };
        self
    }

    /// With this code of the account's second factor, or one of its recovery codes: where the server says
    /// [`SecondFactorRequired`](crate::protocol::FaultCode::SecondFactorRequired).
    pub fn code(mut self, given: impl Into<Secret>) -> Self {
        if let Entry::Password { code, .. } = &mut self.entry {
            *code = Some(given.into());
        }
        self
    }

    /// What logs in, such as `bot 1.2 on desk`, as lists of sessions are to show it.
    pub fn client(mut self, name: impl Into<String>) -> Self {
        self.client = Some(name.into());
        self
    }

    /// Logs in with a password that somebody else made up, and replaces it by this one: where the server says
    /// [`ChoosePassword`](crate::protocol::FaultCode::ChoosePassword).
    pub fn choosing(mut self, new_password: impl Into<Secret>) -> Self {
        if let Entry::Password { new, .. } = &mut self.entry {
            *new = Some(new_password.into());
        }
        self
    }

    /// Enters a session that is open already.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.entry = Entry::Token(token.into());
        self
    }

    /// Keeps history here: entries are written to it before they are handed out, a connection resumes where it ends, and
    /// its outbox is sent.
    pub fn cache(mut self, cache: Cache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Whom to believe over TLS; [`Trust::System`] if not set.
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Takes it that nothing is encrypted, passwords neither, where the address begins with `http:`. Without it that is
    /// [`Error::Untrusted`], but on this very machine. [`Trust::Known`] remembers it, and takes a server that was encrypted once for no
    /// other.
    pub fn allow_plaintext(mut self) -> Self {
        self.plaintext = true;
        self
    }

    /// Whether `presence` events are wanted; they are if not set.
    pub fn watch_presence(mut self, watch: bool) -> Self {
        self.watch_presence = watch;
        self
    }

    /// Where unfinished uploads are remembered if there is no cache. Without either they can be resumed only as long as
    /// the client lives.
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// The server's address in its plain form, such as `http://localhost:8000`: what to show, and to keep settings under.
    pub fn server(&self) -> String {
        self.origin.http("")
    }

    /// Its `host:port`, always with the port: what is known of it is kept under this.
    pub fn address(&self) -> String {
        self.origin.host_and_port()
    }

    /// Whether what is sent can be read on its way: no TLS, and not this very machine.
    pub fn is_exposed(&self) -> bool {
        !self.origin.tls && !self.origin.is_loopback()
    }
}

/// Passwords and tokens stay out of logs.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = match &self.entry {
            Entry::Nobody => "nobody",
            Entry::Password { username, .. } => username,
            Entry::Token(_) => "by token",
        };
        f.debug_struct("Options").field("server", &self.server()).field("entry", &entry).finish_non_exhaustive()
    }
}

/// A server's scheme, host, port and, behind a proxy, path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub tls: bool,
    pub host: Host<String>,
    pub port: u16,
    /// Without a slash at its end; mostly empty.
    path: String,
}

impl Origin {
    fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let bad = |why: &str| {
            let shown = crate::SafeText::line(text);
            Error::BadUrl(format!("{shown:?} {why}: give it as http://host:port or https://host"))
        };
        let bare = !text.contains("://");
        let full = if bare { format!("https://{text}") } else { text.to_owned() };
        let url = Url::parse(&full).map_err(|error| bad(&format!("is no address ({error})")))?;
        let tls = match url.scheme() {
            "http" | "ws" => false,
            "https" | "wss" => true,
            other => return Err(bad(&format!("begins with {other}:, which is not how Titan is reached"))),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("holds a name or password, which doesn't belong in an address"));
        }
        let host = match url.host() {
            Some(Host::Domain(name)) => {
                Host::parse(name).map_err(|error| bad(&format!("has no good host ({error})")))?
            }
            Some(host) => host.to_owned(),
            None => return Err(bad("names no host")),
        };
        let tls = tls && !(bare && is_loopback(&host));
        let port = match url.port() {
            None if bare => explicit_port(&full).unwrap_or(DEFAULT_PORT),
            port => port.unwrap_or(if tls { 443 } else { 80 }),
        };
        let path = url.path().trim_end_matches('/');
        // Of a socket's address the end is the door's; of a house's it is the path that a proxy has it under.
        let door = if url.scheme().starts_with("ws") { "/titan" } else { "" };
        let path = path.strip_suffix(door).unwrap_or(path).trim_end_matches('/').to_owned();
        Ok(Self { tls, host, port, path })
    }

    /// The address of something beside the socket, such as `/api/uploads`.
    pub fn http(&self, path: &str) -> String {
        format!("{}://{}{}{path}", if self.tls { "https" } else { "http" }, self.authority(), self.path)
    }

    /// The address of the native socket.
    pub fn socket(&self) -> String {
        format!("{}://{}{}/titan", if self.tls { "wss" } else { "ws" }, self.authority(), self.path)
    }

    pub fn host_and_port(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn authority(&self) -> String {
        let usual = if self.tls { 443 } else { 80 };
        if self.port == usual { self.host.to_string() } else { self.host_and_port() }
    }

    fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

/// Whether a host is this very machine, whatever a resolver says (RFC 6761, 6.3).
fn is_loopback(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.to_canonical().is_loopback(),
    }
}

/// `Url` drops a port that its scheme has anyway; a bare `host:80` means it.
fn explicit_port(url: &str) -> Option<u16> {
    let authority = url.split("://").nth(1)?.split(['/', '?', '#']).next()?;
    authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_understood_in_every_usual_form() {
        let cases = [
            ("http://localhost:8000", "ws://localhost:8000/titan"),
            ("https://chat.example.org", "wss://chat.example.org/titan"),
            ("wss://chat.example.org:444/titan", "wss://chat.example.org:444/titan"),
            ("chat.example.org", "wss://chat.example.org:8000/titan"),
            ("chat.example.org:443", "wss://chat.example.org/titan"),
            ("chat.example.org:80", "wss://chat.example.org:80/titan"),
            ("192.0.2.7", "wss://192.0.2.7:8000/titan"),
            ("localhost.example.org", "wss://localhost.example.org:8000/titan"),
            ("LOCALHOST:9", "ws://localhost:9/titan"),
            (" 127.0.0.1:9 ", "ws://127.0.0.1:9/titan"),
            ("127.1.2.3", "ws://127.1.2.3:8000/titan"),
            ("[::1]:7000", "ws://[::1]:7000/titan"),
            ("[::1]", "ws://[::1]:8000/titan"),
            ("https://example.org/chat/", "wss://example.org/chat/titan"),
            ("https://example.org/titan", "wss://example.org/titan/titan"),
            ("wss://example.org/titan/titan", "wss://example.org/titan/titan"),
            ("http://example.org", "ws://example.org/titan"),
            ("http://bücher.example", "ws://xn--bcher-kva.example/titan"),
        ];
        for (given, socket) in cases {
            assert_eq!(Origin::parse(given).unwrap().socket(), socket, "{given}");
        }
        assert_eq!(
            Options::new("https://example.org/chat").unwrap().origin.http("/api/uploads"),
            "https://example.org/chat/api/uploads"
        );
    }

    #[test]
    fn a_senseless_address_is_refused_with_a_hint() {
        for given in ["", "http://", "ftp://host", "http://ada:secret@host", "host:99999", "a b", "http://[::1"] {
            let message = Origin::parse(given).unwrap_err().to_string();
            assert!(message.contains("http://host:port"), "{given}: {message}");
        }
    }

    #[test]
    fn secrets_stay_out_of_debug() {
        let options = Options::new("localhost").unwrap().password("ada", "hunter2").token("t0k3n");
        assert!(!format!("{options:?}").contains("t0k3n"));
    }

    #[test]
    fn only_plain_connections_beyond_this_machine_are_exposed() {
        assert!(!Options::new("http://127.0.0.1:1").unwrap().is_exposed());
        assert!(!Options::new("https://example.org").unwrap().is_exposed());
        assert!(!Options::new("http://[::ffff:127.0.0.1]").unwrap().is_exposed());
        for beyond in ["http://example.org", "http://192.0.2.7:8000", "ws://[2001:db8::1]", "http://0.0.0.0"] {
            assert!(Options::new(beyond).unwrap().is_exposed(), "{beyond}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_address_parser(text in any::<String>()) {
            if let Ok(origin) = Origin::parse(&text) {
                prop_assert_eq!(&Origin::parse(&origin.socket()).unwrap().socket(), &origin.socket());
            }
        }
    }
}
