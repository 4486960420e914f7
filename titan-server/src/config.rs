//! Settings: from the command line, the environment, a TOML file, in this order; then the defaults.
//!
//! Every setting has one name in all three (`--titan-net`, `TITAN_TITAN_NET`, `titan_net = `), and they are read alike ([`sources`]). The original
//! Titan-Net server's variables (`WEBSOCKET_PORT`, `DATABASE_PATH`, …) count where nothing newer says otherwise.

mod address;
mod settings;
pub mod sources;
mod span;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};

use crate::blobs::Space;
use crate::data_dir::behind_links;
use crate::hub::{SessionTerms, Terms};
use crate::mail::settings::{MailSettings, Said, Wrong, address_of, key};
use titan_core::Secret;
use url::Url;

pub use address::Address;
pub use settings::{LogFormat, Place, Settings, TlsChoice};
pub use sources::Environment;
use sources::Gathered;
pub use span::Span;
use titan_door::guard;
pub use titan_door::is_loopback;
pub use titan_door::proxy::Proxies;
pub use titan_door::site::Public;

/// Seconds that who connects has to say something.
const SILENCE_USUAL: u64 = 10;

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
    pub space: Space,
    pub limits: bool,
    /// In which who connects must have said something.
    pub silence: Duration,
    pub sessions: SessionTerms,
    /// Whether an admin without a second factor administers nothing.
    pub admin_factors: bool,
    /// Fewest characters of a new password, at every door.
    pub passwords_min: u64,
    /// Proxies that are believed about who is behind them.
    pub trusted_proxies: Proxies,
    /// Whether they say it by the PROXY protocol.
    pub proxy_protocol: bool,
    pub open_metrics: bool,
    pub metrics_key: Option<Secret>,
    /// How people reach the HTTP port, and from which pages.
    pub public: Arc<Public>,
    /// Where files alone are handed out.
    pub files_origin: Option<Url>,
    /// Where the log also goes, beside stderr.
    pub log_file: Option<PathBuf>,
    /// Where the lines go that tell who came in, who was refused, and what was done to whom.
    pub security_log: Option<PathBuf>,
    pub log_format: LogFormat,
    /// Whom to tell of a hole, as a URI.
    pub security_contact: Option<String>,
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
    /// Fills in what the environment, the file, the older system's variables and the defaults say.
    pub fn resolve(self, file: Option<&Path>, environment: &Environment) -> anyhow::Result<Config> {
        let named = self.data_dir.clone().or_else(|| environment.get("TITAN_DATA_DIR").map(PathBuf::from));
        let usual = named.or_else(default_data_dir);
        let data_dir = usual.context("this system names no data folder: give one with --data-dir")?;
        let beside = Some(data_dir.join("titan.toml")).filter(|file| file.is_file());
        let named = file.or_else(|| environment.get("TITAN_CONFIG").map(Path::new));
        let gathered = Gathered::of(self, named.or(beside.as_deref()), environment)?;
        Config::of(&gathered, data_dir, environment)
    }
}

impl Config {
    fn of(gathered: &Gathered, usual: PathBuf, environment: &Environment) -> anyhow::Result<Self> {
        let settings = gathered.settings.clone();
        let path = |name: &str| environment.get(name).map(PathBuf::from);
        let data_dir = settings.data_dir.unwrap_or(usual);
        Ok(Self {
            database: behind_links(
                &a_file(gathered, settings.database)?
                    .or(path("DATABASE_PATH"))
                    .unwrap_or_else(|| data_dir.join("titan.db")),
            ),
            database_url: settings
                .database_url
                .map(|url| url.reveal().trim().into())
                .filter(|url: &Secret| !url.is_empty()),
            blobs: settings.blobs.or(path("UPLOAD_DIR")).unwrap_or_else(|| data_dir.join("blobs")),
            http: settings
                .http
                .or(seeds_port(environment, "HTTP_HOST", "HTTP_PORT")?)
                .unwrap_or_else(|| Address::local(8000)),
            titan_net: settings
                .titan_net
                .or(seeds_port(environment, "WEBSOCKET_HOST", "WEBSOCKET_PORT")?)
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
                (Some(_), None, _) => bail!("{} needs tls_key: give both or none", gathered.origin("tls_cert")),
                (None, Some(_), _) => bail!("{} needs tls_cert: give both or none", gathered.origin("tls_key")),
            },
            allow_tls12: settings.allow_tls12.unwrap_or(false),
            upload_bytes: settings.upload_mb.unwrap_or(100).saturating_mul(1024 * 1024),
            channels_upload_bytes: settings.channels_upload_mb.unwrap_or(25).saturating_mul(1024 * 1024),
            space: Space::of_megabytes(settings.quota_mb, settings.files_mb, settings.reserve_mb),
            silence: Duration::from_secs(settings.silence_s.unwrap_or(SILENCE_USUAL).max(1)),
            limits: settings.limits.unwrap_or(true),
            sessions: SessionTerms {
                users: terms(settings.sessions_idle, settings.sessions_last, SessionTerms::default().users),
                admins: terms(
                    settings.admin_sessions_idle,
                    settings.admin_sessions_last,
                    SessionTerms::default().admins,
                ),
            },
            admin_factors: settings.admin_factors.unwrap_or(false),
            passwords_min: settings.passwords_min.unwrap_or(0),
            trusted_proxies: settings.trusted_proxies.unwrap_or_default(),
            proxy_protocol: settings.proxy_protocol.unwrap_or(false),
            open_metrics: settings.open_metrics.unwrap_or(false),
            metrics_key: key("metrics_key", settings.metrics_key).map_err(|wrong| told(gathered, wrong))?,
            public: public(settings.public_url, settings.allowed_origins).map_err(|wrong| told(gathered, wrong))?,
            files_origin: settings.files_origin.map(files_origin).transpose().map_err(|wrong| told(gathered, wrong))?,
            log_file: settings.log_file,
            security_log: settings.security_log,
            log_format: settings.log_format.unwrap_or_default(),
            security_contact: settings
                .security_contact
                .map(contact)
                .transpose()
                .map_err(|wrong| told(gathered, wrong))?,
            mail: MailSettings::read(Said {
                smtp_url: settings.smtp_url,
                smtp_from: settings.smtp_from,
                reset_url: settings.reset_url,
                reset_key: settings.reset_key,
            })
            .map_err(|wrong| told(gathered, wrong))?,
            data_dir,
        })
    }
}

/// A database that is a file. Who gives its URL there would be told that the folder holds another house.
fn a_file(gathered: &Gathered, database: Option<PathBuf>) -> anyhow::Result<Option<PathBuf>> {
    match &database {
        Some(path) if path.to_string_lossy().contains("://") => {
            bail!("{} names a file, and that is a URL: give it as database_url", gathered.origin("database"))
        }
        _ => Ok(database),
    }
}

fn terms(idle: Option<Span>, last: Option<Span>, usual: Terms) -> Terms {
    Terms { idle: idle.map_or(usual.idle, Span::time), lasts: last.map_or(usual.lasts, Span::time) }
}

/// What is wrong with a setting, with where it was set.
fn told(gathered: &Gathered, wrong: Wrong) -> anyhow::Error {
    anyhow!("{}: {}", gathered.origin(wrong.setting), wrong.why)
}

/// Where the original Titan-Net server's variables have a door listen.
fn seeds_port(environment: &Environment, host: &str, port: &str) -> anyhow::Result<Option<Address>> {
    let Some(number) = environment.text(port) else { return Ok(None) };
    let host = environment.text(host).unwrap_or("127.0.0.1").trim();
    let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
    format!("{host}:{}", number.trim()).parse().map(Some).map_err(|why| anyhow!("{port}: {why}"))
}

fn public(url: Option<String>, origins: Option<String>) -> Result<Arc<Public>, Wrong> {
    let url = url.filter(|url| !url.trim().is_empty()).map(|url| address_of("public_url", &url)).transpose()?;
    let wrong = |why: titan_door::site::NoOrigin| Wrong::new("allowed_origins", why.to_string());
    let origins = origins.unwrap_or_default().parse().map_err(wrong)?;
    Ok(Arc::new(Public { url, origins }))
}

fn files_origin(said: String) -> Result<Url, Wrong> {
    let origin = address_of("files_origin", &said)?;
    match guard::is_bare(&origin) {
        true => Ok(origin),
        false => Err(Wrong::new("files_origin", "an origin is a scheme and a host, such as https://files.example.org")),
    }
}

/// A mail address becomes a URI, as RFC 9116 wants one.
fn contact(said: String) -> Result<String, Wrong> {
    let said = said.trim();
    let plain = !said.contains(|c: char| c.is_whitespace() || c.is_control());
    match Url::parse(said) {
        Ok(url) if plain && matches!(url.scheme(), "https" | "mailto" | "tel") => Ok(said.to_owned()),
        Err(_) if plain && said.contains('@') => Ok(format!("mailto:{said}")),
        _ => {
            let why =
                "whom to tell of a hole looks like security@example.org or https://example.org/security".to_owned();
            Err(Wrong::new("security_contact", why))
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
        let (quota_mb, files_mb, reserve_mb) = self.space.in_megabytes();
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
            quota_mb: Some(quota_mb),
            files_mb: Some(files_mb),
            reserve_mb,
            silence_s: Some(self.silence.as_secs()),
            limits: Some(self.limits),
            sessions_idle: Some(Span::of(self.sessions.users.idle)),
            sessions_last: Some(Span::of(self.sessions.users.lasts)),
            admin_sessions_idle: Some(Span::of(self.sessions.admins.idle)),
            admin_sessions_last: Some(Span::of(self.sessions.admins.lasts)),
            admin_factors: Some(self.admin_factors),
            passwords_min: Some(self.passwords_min),
            trusted_proxies: Some(self.trusted_proxies.clone()),
            proxy_protocol: Some(self.proxy_protocol),
            open_metrics: Some(self.open_metrics),
            metrics_key: self.metrics_key.clone(),
            public_url: self.public.url.as_ref().map(ToString::to_string),
            allowed_origins: Some(self.public.origins.said().collect::<Vec<_>>().join(", "))
                .filter(|said| !said.is_empty()),
            files_origin: self.files_origin.as_ref().map(|origin| origin.origin().ascii_serialization()),
            log_file: self.log_file.clone(),
            security_log: self.security_log.clone(),
            log_format: Some(self.log_format),
            security_contact: self.security_contact.clone(),
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
            space: Space::default(),
            limits: true,
            silence: Duration::from_secs(SILENCE_USUAL),
            sessions: SessionTerms::default(),
            admin_factors: false,
            passwords_min: 0,
            trusted_proxies: Proxies::default(),
            proxy_protocol: false,
            open_metrics: false,
            metrics_key: None,
            public: Arc::default(),
            files_origin: None,
            log_file: None,
            security_log: None,
            log_format: LogFormat::default(),
            security_contact: None,
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
