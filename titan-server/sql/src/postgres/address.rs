//! Where the database is: a URL as libpq takes it, with what TLS it asks for.
//!
//! `sslmode` means what it means to libpq: `disable`, `prefer` (the usual), `require` (encrypted, whoever answers),
//! `verify-ca` and `verify-full`. `sslrootcert` names the certificates that are believed; without it the system's are.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::{StoreError, StoreResult};
use super::tls::{self, Believed};

/// How long one attempt to connect may take.
const CONNECT_MOST: Duration = Duration::from_secs(5);
/// A silent connection is asked for a sign of life after this long.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// What was sent and is not confirmed by the other machine in this time has met a dead connection.
const UNHEARD_MOST: Duration = Duration::from_secs(20);

/// How to reach the database.
#[derive(Clone)]
pub struct Address {
    config: Config,
    pub tls: MakeRustlsConnect,
}

impl Address {
    pub fn parse(url: &str) -> StoreResult<Self> {
        let (url, wish) = take_tls(url);
        let mut config: Config = url.parse().map_err(|error| unfit(&format!("{error}")))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(unfit("it names no host: postgres://USER@HOST/DATABASE, or ?host=/var/run/postgresql"));
        }
        let believed = match wish.mode.as_deref() {
            None | Some("prefer" | "allow") => Believed::Anybody,
            Some("disable") => {
                config.ssl_mode(SslMode::Disable);
                Believed::Anybody
            }
            Some(mode @ ("require" | "verify-ca" | "verify-full")) => {
                config.ssl_mode(SslMode::Require);
                match (mode, wish.root) {
                    ("require", None) => Believed::Anybody,
                    ("verify-full", root) => Believed::Vouched { root, name: true },
                    (_, root) => Believed::Vouched { root, name: false },
                }
            }
            Some(other) => return Err(unfit(&format!("sslmode={other} is not known"))),
        };
        // As psql does; better than a password in the URL.
        if let (None, Ok(password)) = (config.get_password(), std::env::var("PGPASSWORD")) {
            config.password(password);
        }
        config.connect_timeout(config.get_connect_timeout().copied().unwrap_or(CONNECT_MOST));
        config.keepalives_idle(KEEPALIVE).keepalives_interval(KEEPALIVE).keepalives_retries(2);
        config.tcp_user_timeout(UNHEARD_MOST);
        if config.get_application_name().is_none() {
            config.application_name("titan-server");
        }
        Ok(Self { config, tls: tls::connector(believed)? })
    }

    /// As given, with settings that each connection begins with.
    pub fn with(&self, settings: &[(&str, &str)]) -> Config {
        let mut config = self.config.clone();
        let mut options = config.get_options().unwrap_or_default().to_owned();
        for (name, value) in settings {
            options.push_str(&format!(" -c {name}={value}"));
        }
        config.options(options.trim());
        config
    }
}

fn unfit(why: &str) -> StoreError {
    StoreError::Broken(format!("the database URL can't be used: {why}"))
}

/// What the URL says of TLS.
#[derive(Default, Debug, PartialEq)]
pub(crate) struct Wish {
    mode: Option<String>,
    root: Option<PathBuf>,
}

/// Takes out what tokio-postgres doesn't know, in both forms that an address has.
pub(crate) fn take_tls(url: &str) -> (String, Wish) {
    let mut wish = Wish::default();
    let mut take = |setting: &str| match setting.trim().split_once('=') {
        Some(("sslmode", mode)) => {
            wish.mode = Some(mode.trim().to_owned());
            true
        }
        Some(("sslrootcert", root)) => {
            wish.root = Some(PathBuf::from(unescaped(root.trim()))).filter(|root| root.as_os_str() != "system");
            true
        }
        _ => false,
    };
    let kept = if url.contains("://") {
        let (place, settings) = url.split_once('?').unwrap_or((url, ""));
        let kept: Vec<&str> = settings.split('&').filter(|setting| !setting.is_empty() && !take(setting)).collect();
        if kept.is_empty() { place.to_owned() } else { format!("{place}?{}", kept.join("&")) }
    } else {
        url.split_whitespace().filter(|setting| !take(setting)).collect::<Vec<_>>().join(" ")
    };
    (kept, wish)
}

/// `%2F` and its kin as what they stand for.
fn unescaped(text: &str) -> String {
    let parsed = url::form_urlencoded::parse(text.as_bytes()).next();
    parsed.map_or_else(|| text.to_owned(), |(value, _)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_tls_is_asked_for_is_taken_out_of_the_address() {
        let (url, wish) =
            take_tls("postgres://u:p@h/d?sslmode=verify-full&connect_timeout=3&sslrootcert=%2Fx%2Fca.pem");
        assert_eq!(url, "postgres://u:p@h/d?connect_timeout=3");
        assert_eq!(wish, Wish { mode: Some("verify-full".into()), root: Some("/x/ca.pem".into()) });
        let (dsn, wish) = take_tls("host=/run dbname=titan sslmode=disable");
        assert_eq!((dsn.as_str(), wish.mode.as_deref()), ("host=/run dbname=titan", Some("disable")));
        assert_eq!(take_tls("postgres://h/d?sslmode=prefer").0, "postgres://h/d");
    }

    #[test]
    fn an_address_that_can_not_be_used_says_why() {
        for (url, why) in
            [("postgres://u@h/d?sslmode=maybe", "maybe"), ("postgres:///d", "no host"), ("nonsense", "used")]
        {
            let refusal = Address::parse(url).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(refusal.contains(why), "{url}: {refusal}");
        }
    }

    proptest! {
        #[test]
        fn any_address_is_taken_or_told_why_not(text in any::<String>(), settings in "[a-z=&%?:/@ ]{0,40}") {
            let _ = Address::parse(&text);
            let _ = Address::parse(&format!("postgres://{settings}"));
        }
    }
}
