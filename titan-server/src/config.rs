//! Settings: from the command line, the environment, a TOML file, in this order; then the defaults.
//!
//! Every setting has one name in all three (`--titan-net`, `TITAN_TITAN_NET`, `titan_net = `). The original Titan-Net
//! server's variables (`WEBSOCKET_PORT`, `DATABASE_PATH`, …) count where nothing newer says otherwise.

mod address;
mod listed;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::data_dir::behind_links;
use crate::mail::settings::MailSettings;
use titan_core::Secret;
use titan_core::secret::shown_as_address;

pub use address::Address;
pub use titan_door::is_loopback;
use titan_door::proxy::Proxies;

/// Seconds that who connects has to say something.
const SILENCE_USUAL: u64 = 10;

/// What an operator may set; nothing is filled in yet.
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where everything is kept [default: the platform's data folder].
    #[arg(long, value_name = "DIR", env = "TITAN_DATA_DIR")]
    pub data_dir: Option<PathBuf>,

    /// The HTTP port: native socket, APIs, page, /healthz, /metrics [default: 127.0.0.1:8000].
    #[arg(long, value_name = "HOST:PORT|off", env = "TITAN_HTTP")]
    pub http: Option<Address>,
    /// The original Titan-Net WebSocket [default: 127.0.0.1:8001].
    #[arg(long, value_name = "HOST:PORT|off", env = "TITAN_TITAN_NET")]
    pub titan_net: Option<Address>,
    /// JSON lines [default: off].
    #[arg(long, value_name = "HOST:PORT|off", env = "TITAN_JSON_LINES")]
    pub json_lines: Option<Address>,
    /// TLS frames [default: off].
    #[arg(long, value_name = "HOST:PORT|off", env = "TITAN_TLS_FRAMES")]
    pub tls_frames: Option<Address>,
    /// The password reset site of the TLS-frames system [default: off].
    #[arg(long, value_name = "HOST:PORT|off", env = "TITAN_RESET_SITE")]
    pub reset_site: Option<Address>,
    /// Slash lines [default: off].
    #[arg(long, value_name = "HOST:PORT|off", env = "TITAN_SLASH")]
    pub slash: Option<Address>,
    /// Lets json-lines and slash listen beyond loopback, where anybody on the way can read along.
    #[arg(long, num_args = 0..=1, default_missing_value = "true", env = "TITAN_ALLOW_PLAINTEXT")]
    pub allow_plaintext: Option<bool>,

    /// `self-signed` makes a certificate and keeps it; `off` is plain [default: off].
    #[arg(long, value_name = "self-signed|off", env = "TITAN_TLS")]
    pub tls: Option<TlsChoice>,
    /// A certificate chain, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key", env = "TITAN_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert", env = "TITAN_TLS_KEY")]
    pub tls_key: Option<PathBuf>,

    /// Lets clients in that know only TLS 1.2 [default: 1.3 only].
    #[arg(long, num_args = 0..=1, default_missing_value = "true", env = "TITAN_ALLOW_TLS12")]
    pub allow_tls12: Option<bool>,

    /// The database file [default: titan.db in the data folder].
    #[arg(long, value_name = "FILE", env = "TITAN_DATABASE")]
    pub database: Option<PathBuf>,
    /// A PostgreSQL database instead of the file: postgres://USER:PASSWORD@HOST/NAME [default: none]. What is given here
    /// others may see in the list of processes; the environment and titan.toml they don't.
    #[arg(long, value_name = "URL", env = "TITAN_DATABASE_URL", hide_env_values = true)]
    #[serde(serialize_with = "shown_as_address")]
    pub database_url: Option<Secret>,
    /// The folder of uploaded files [default: blobs in the data folder].
    #[arg(long = "blobs-dir", alias = "blobs", value_name = "DIR", env = "TITAN_BLOBS")]
    pub blobs: Option<PathBuf>,
    /// The largest upload, in megabytes [default: 100].
    #[arg(long, value_name = "MB", env = "TITAN_UPLOAD_MB")]
    pub upload_mb: Option<u64>,
    /// The largest file at the channels door, in megabytes; never more than an upload may have [default: 25].
    #[arg(long, value_name = "MB", env = "TITAN_CHANNELS_UPLOAD_MB")]
    pub channels_upload_mb: Option<u64>,
    /// `off` turns the rate limits off, for tests and benchmarks [default: on].
    #[arg(long, value_name = "on|off", env = "TITAN_LIMITS")]
    pub limits: Option<Switch>,
    /// Seconds in which who connects must have said something, at every door: people who type at netcat need more [default:
    /// 10].
    #[arg(long, value_name = "SECONDS", env = "TITAN_SILENCE_S")]
    pub silence_s: Option<u64>,
    /// Proxies that are believed about who is behind them: addresses, networks, `loopback`, `private`, between commas
    /// [default: none].
    #[arg(long, value_name = "NETWORK,…", env = "TITAN_TRUSTED_PROXIES")]
    #[serde(with = "listed")]
    pub trusted_proxies: Option<Proxies>,
    /// Lets other machines read /metrics [default: this machine only].
    #[arg(long, num_args = 0..=1, default_missing_value = "true", env = "TITAN_OPEN_METRICS")]
    pub open_metrics: Option<bool>,
    /// Also write the log to this file.
    #[arg(long, value_name = "FILE", env = "TITAN_LOG_FILE")]
    pub log_file: Option<PathBuf>,

    /// The mail server, such as smtps://user:password@host:465 [default: none, letters go into the outbox].
    #[arg(long, value_name = "URL", env = "TITAN_SMTP_URL", hide_env_values = true)]
    #[serde(serialize_with = "shown_as_address")]
    pub smtp_url: Option<Secret>,
    /// Who letters come from, such as "Titan <titan@example.org>".
    #[arg(long, value_name = "ADDRESS", env = "TITAN_SMTP_FROM")]
    pub smtp_from: Option<String>,
    /// How people reach the reset site, such as https://chat.example.org:5050 [default: by its address].
    #[arg(long, value_name = "URL", env = "TITAN_RESET_URL")]
    pub reset_url: Option<String>,
    /// Lets who has this key ask the reset site for tokens from other machines.
    #[arg(long, value_name = "KEY", env = "TITAN_RESET_KEY", hide_env_values = true)]
    pub reset_key: Option<Secret>,
}

/// Where a house is: what commands that open no doors need to know.
#[derive(Args, Clone, Debug, Default)]
pub struct Place {
    /// Where everything is kept [default: the platform's data folder].
    #[arg(long, global = true, value_name = "DIR", env = "TITAN_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// The database file [default: titan.db in the data folder].
    #[arg(long, global = true, value_name = "FILE", env = "TITAN_DATABASE")]
    pub database: Option<PathBuf>,
    /// A PostgreSQL database instead of the file [default: none].
    #[arg(long, global = true, value_name = "URL", env = "TITAN_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<Secret>,
    /// The folder of uploaded files [default: blobs in the data folder].
    #[arg(id = "blobs_dir", long = "blobs-dir", global = true, value_name = "DIR", env = "TITAN_BLOBS")]
    pub blobs: Option<PathBuf>,
}

impl From<Place> for Settings {
    fn from(Place { data_dir, database, database_url, blobs }: Place) -> Self {
        Self { data_dir, database, database_url, blobs, ..Self::default() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum TlsChoice {
    SelfSigned,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Switch {
    On,
    Off,
}

/// Settings with everything filled in: what a server is started with.
#[derive(Clone, Debug)]
pub struct Config {
    pub data_dir: PathBuf,
    /// The file itself, where it was named by a link: all that belongs to it lies beside it.
    pub database: PathBuf,
    /// Where given, the house is there and not in the file.
    pub database_url: Option<Secret>,
    pub blobs: PathBuf,
    pub http: Address,
    pub titan_net: Address,
    pub json_lines: Address,
    pub tls_frames: Address,
    pub reset_site: Address,
    pub slash: Address,
    pub allow_plaintext: bool,
    pub tls: Tls,
    pub allow_tls12: bool,
    pub upload_bytes: u64,
    /// A file at the channels door.
    pub channels_upload_bytes: u64,
    pub limits: bool,
    /// In which who connects must have said something.
    pub silence: Duration,
    /// Proxies that are believed about who is behind them.
    pub trusted_proxies: Proxies,
    pub open_metrics: bool,
    /// Where the log also goes, beside stderr.
    pub log_file: Option<PathBuf>,
    pub mail: MailSettings,
}

/// What the HTTP and Titan-Net doors speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    Off,
    SelfSigned,
    Files { cert: PathBuf, key: PathBuf },
}

impl Settings {
    /// Fills in what the file, the older system's variables and the defaults say. `variable` reads the environment.
    pub fn resolve(self, file: Option<&Path>, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Config> {
        let data_dir = match self.data_dir.clone() {
            Some(dir) => dir,
            None => default_data_dir().context("this system names no data folder: give one with --data-dir")?,
        };
        let usual = data_dir.join("titan.toml");
        let from_file = match file {
            Some(file) => Self::read(file)?,
            None if usual.is_file() => Self::read(&usual)?,
            None => Self::default(),
        };
        let settings = self.or(from_file);
        let seed_port = |host: &str, port: &str| {
            let number = variable(port)?;
            let host = variable(host).unwrap_or_else(|| "127.0.0.1".to_owned());
            Some(Address::At(format!("{host}:{number}")))
        };
        let path = |name: &str| variable(name).map(PathBuf::from);
        let data_dir = settings.data_dir.unwrap_or(data_dir);
        Ok(Config {
            database: behind_links(
                &settings.database.or(path("DATABASE_PATH")).unwrap_or_else(|| data_dir.join("titan.db")),
            ),
            database_url: settings
                .database_url
                .map(|url| url.reveal().trim().into())
                .filter(|url: &Secret| !url.is_empty()),
            blobs: settings.blobs.or(path("UPLOAD_DIR")).unwrap_or_else(|| data_dir.join("blobs")),
            http: settings.http.or(seed_port("HTTP_HOST", "HTTP_PORT")).unwrap_or_else(|| Address::local(8000)),
            titan_net: settings
                .titan_net
                .or(seed_port("WEBSOCKET_HOST", "WEBSOCKET_PORT"))
                .unwrap_or_else(|| Address::local(8001)),
            json_lines: settings.json_lines.unwrap_or(Address::Off),
            tls_frames: settings.tls_frames.unwrap_or(Address::Off),
            reset_site: settings.reset_site.unwrap_or(Address::Off),
            slash: settings.slash.unwrap_or(Address::Off),
            allow_plaintext: settings.allow_plaintext.unwrap_or(false),
            tls: match (settings.tls_cert, settings.tls_key, settings.tls) {
                (Some(cert), Some(key), _) => Tls::Files { cert, key },
                (None, None, Some(TlsChoice::SelfSigned)) => Tls::SelfSigned,
                (None, None, _) => Tls::Off,
                _ => bail!("tls_cert and tls_key go together: give both or none"),
            },
            allow_tls12: settings.allow_tls12.unwrap_or(false),
            upload_bytes: settings.upload_mb.unwrap_or(100).saturating_mul(1024 * 1024),
            channels_upload_bytes: settings.channels_upload_mb.unwrap_or(25).saturating_mul(1024 * 1024),
            limits: settings.limits != Some(Switch::Off),
            silence: Duration::from_secs(settings.silence_s.unwrap_or(SILENCE_USUAL).max(1)),
            trusted_proxies: settings.trusted_proxies.unwrap_or_default(),
            open_metrics: settings.open_metrics.unwrap_or(false),
            log_file: settings.log_file,
            mail: MailSettings::read(settings.smtp_url, settings.smtp_from, settings.reset_url, settings.reset_key)?,
            data_dir,
        })
    }

    fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not as it should be", file.display()))
    }

    /// What is not set here is taken from the other.
    fn or(self, other: Self) -> Self {
        Self {
            data_dir: self.data_dir.or(other.data_dir),
            http: self.http.or(other.http),
            titan_net: self.titan_net.or(other.titan_net),
            json_lines: self.json_lines.or(other.json_lines),
            tls_frames: self.tls_frames.or(other.tls_frames),
            reset_site: self.reset_site.or(other.reset_site),
            slash: self.slash.or(other.slash),
            allow_plaintext: self.allow_plaintext.or(other.allow_plaintext),
            tls: self.tls.or(other.tls),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            allow_tls12: self.allow_tls12.or(other.allow_tls12),
            database: self.database.or(other.database),
            database_url: self.database_url.or(other.database_url),
            blobs: self.blobs.or(other.blobs),
            upload_mb: self.upload_mb.or(other.upload_mb),
            channels_upload_mb: self.channels_upload_mb.or(other.channels_upload_mb),
            limits: self.limits.or(other.limits),
            silence_s: self.silence_s.or(other.silence_s),
            trusted_proxies: self.trusted_proxies.or(other.trusted_proxies),
            open_metrics: self.open_metrics.or(other.open_metrics),
            log_file: self.log_file.or(other.log_file),
            smtp_url: self.smtp_url.or(other.smtp_url),
            smtp_from: self.smtp_from.or(other.smtp_from),
            reset_url: self.reset_url.or(other.reset_url),
            reset_key: self.reset_key.or(other.reset_key),
        }
    }
}

impl Config {
    /// As a TOML file that gives the same settings, but for the secrets, which it hides.
    pub fn to_toml(&self) -> anyhow::Result<String> {
        let (cert, key) = match &self.tls {
            Tls::Files { cert, key } => (Some(cert.clone()), Some(key.clone())),
            Tls::Off | Tls::SelfSigned => (None, None),
        };
        let settings = Settings {
            data_dir: Some(self.data_dir.clone()),
            http: Some(self.http.clone()),
            titan_net: Some(self.titan_net.clone()),
            json_lines: Some(self.json_lines.clone()),
            tls_frames: Some(self.tls_frames.clone()),
            reset_site: Some(self.reset_site.clone()),
            slash: Some(self.slash.clone()),
            allow_plaintext: Some(self.allow_plaintext),
            tls: Some(if self.tls == Tls::SelfSigned { TlsChoice::SelfSigned } else { TlsChoice::Off }),
            tls_cert: cert,
            tls_key: key,
            allow_tls12: Some(self.allow_tls12),
            database: Some(self.database.clone()),
            database_url: self.database_url.clone(),
            blobs: Some(self.blobs.clone()),
            upload_mb: Some(self.upload_bytes / (1024 * 1024)),
            channels_upload_mb: Some(self.channels_upload_bytes / (1024 * 1024)),
            limits: Some(if self.limits { Switch::On } else { Switch::Off }),
            silence_s: Some(self.silence.as_secs()),
            trusted_proxies: Some(self.trusted_proxies.clone()),
            open_metrics: Some(self.open_metrics),
            log_file: self.log_file.clone(),
            smtp_url: self.mail.smtp.as_ref().map(|smtp| smtp.url.clone()),
            smtp_from: self.mail.smtp.as_ref().map(|smtp| smtp.from.to_string()),
            reset_url: self.mail.reset_url.as_ref().map(|url| url.to_string()),
            reset_key: self.mail.reset_key.clone(),
        };
        Ok(toml::to_string(&settings)?)
    }

    /// A server for this machine only, on ports the system chooses: what tests and the client's own server start from.
    pub fn local(data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            database: behind_links(&data_dir.join("titan.db")),
            database_url: None,
            blobs: data_dir.join("blobs"),
            http: Address::local(0),
            titan_net: Address::local(0),
            json_lines: Address::Off,
            tls_frames: Address::Off,
            reset_site: Address::Off,
            slash: Address::Off,
            allow_plaintext: false,
            tls: Tls::Off,
            allow_tls12: false,
            upload_bytes: 100 * 1024 * 1024,
            channels_upload_bytes: 25 * 1024 * 1024,
            limits: true,
            silence: Duration::from_secs(SILENCE_USUAL),
            trusted_proxies: Proxies::default(),
            open_metrics: false,
            log_file: None,
            mail: MailSettings::default(),
        }
    }
}

impl Config {
    /// The same house with all its doors shut: for work inside that nobody else may see half done.
    pub fn shut(self) -> Self {
        let off = || Address::Off;
        Self {
            http: off(),
            titan_net: off(),
            json_lines: off(),
            tls_frames: off(),
            reset_site: off(),
            slash: off(),
            tls: Tls::Off,
            ..self
        }
    }
}

/// The platform's data folder for Titan's server.
pub fn default_data_dir() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "titan-server").map(|dirs| dirs.data_dir().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn resolve(settings: Settings, variables: &[(&str, &str)]) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { data_dir: Some(folder.path().to_owned()), ..settings };
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        settings.resolve(None, variable).unwrap()
    }

    #[test]
    fn the_defaults_are_the_contracts() {
        let config = resolve(Settings::default(), &[]);
        assert_eq!(config.http, Address::local(8000));
        assert_eq!(config.titan_net, Address::local(8001));
        assert_eq!(config.slash, Address::Off);
        assert!(config.limits);
    }

    #[test]
    fn the_seeds_variables_work_and_newer_ones_win() {
        let seeds =
            [("WEBSOCKET_PORT", "9001"), ("HTTP_HOST", "0.0.0.0"), ("HTTP_PORT", "9000"), ("DATABASE_PATH", "/x/y.db")];
        let config = resolve(Settings::default(), &seeds);
        assert_eq!(config.titan_net, Address::local(9001));
        assert_eq!(config.http, Address::At("0.0.0.0:9000".to_owned()));
        assert_eq!(config.database, PathBuf::from("/x/y.db"));
        let config = resolve(Settings { http: Some(Address::Off), ..Settings::default() }, &seeds);
        assert_eq!(config.http, Address::Off);
    }

    #[test]
    fn a_file_is_read_and_its_mistakes_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("titan.toml");
        std::fs::write(&file, "http = \"127.0.0.1:1\"\nlimits = \"off\"\n").unwrap();
        let settings = || Settings { data_dir: Some(folder.path().to_owned()), ..Settings::default() };
        let config = settings().resolve(None, |_| None).unwrap();
        assert_eq!(config.http, Address::local(1));
        assert!(!config.limits);
        std::fs::write(&file, "htpp = 1").unwrap();
        let error = format!("{:#}", settings().resolve(None, |_| None).unwrap_err());
        assert!(error.contains("titan.toml") && error.contains("htpp"), "{error}");
        assert!("localhost".parse::<Address>().is_err());
    }

    #[test]
    fn settings_that_are_shown_hide_their_secrets() {
        let secret = |text: &str| Some(text.parse().unwrap());
        let settings = Settings {
            smtp_url: secret("smtps://me:s3cret@mail.example.org"),
            smtp_from: Some("titan@example.org".to_owned()),
            reset_key: secret("s3cret-s3cret-s3cret"),
            ..Settings::default()
        };
        let config = resolve(settings, &[]);
        let shown = config.to_toml().unwrap();
        assert!(shown.contains("mail.example.org") && shown.contains("reset_key"), "{shown}");
        assert!(!shown.contains("s3cret") && !format!("{config:?}").contains("s3cret"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_address_is_taken_or_told_why_not(text in any::<String>(), nearly in "[a-z0-9.:\\[\\]]{0,20}:[0-9]{0,7}") {
            for text in [text, nearly] {
                match text.parse::<Address>() {
                    Ok(address) => prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address)),
                    Err(why) => prop_assert!(why.contains("HOST:PORT")),
                }
            }
        }

        #[test]
        fn any_file_is_taken_or_told_why_not(text in any::<String>(), name in "http|limits|tls|upload_mb|x", value in "[ -~]{0,20}") {
            let _ = toml::from_str::<Settings>(&text);
            let _ = toml::from_str::<Settings>(&format!("{name} = {value}"));
            let _ = toml::from_str::<Settings>(&format!("{name} = {value:?}"));
        }

        #[test]
        fn settings_shown_give_the_same_settings(port: u16, off: bool, megabytes in 1..1_000_000u64, limits: bool) {
            let folder = tempfile::tempdir().unwrap();
            let mut config = Config::local(folder.path());
            config.http = if off { Address::Off } else { Address::local(port) };
            config.upload_bytes = megabytes * 1024 * 1024;
            config.limits = limits;
            let settings: Settings = toml::from_str(&config.to_toml().unwrap()).unwrap();
            let again = settings.resolve(None, |_| None).unwrap();
            prop_assert_eq!(again.to_toml().unwrap(), config.to_toml().unwrap());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_database_that_a_link_names_is_the_file_itself_there_or_not() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("disk")).unwrap();
        symlink("disk/real.db", at("first")).unwrap();
        symlink(at("first"), at("titan.db")).unwrap();
        for there in [false, true] {
            assert_eq!(Config::local(folder.path()).database, at("disk/real.db"), "the file is there: {there}");
            std::fs::write(at("disk/real.db"), "").unwrap();
        }
        std::fs::remove_file(at("titan.db")).unwrap();
        assert_eq!(Config::local(folder.path()).database, at("titan.db"));
        symlink("titan.db", at("titan.db")).unwrap();
        Config::local(folder.path());
    }
}
