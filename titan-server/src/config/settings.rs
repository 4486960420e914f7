//! What may be set, as the command line knows it. Every setting has one name: `--titan-net`, `TITAN_TITAN_NET`, `titan_net = `.

use std::path::PathBuf;

use clap::Args;
use serde::{Serialize, Serializer};
use titan_core::Secret;
use titan_core::secret::shown_as_address;
use titan_door::proxy::Proxies;

use super::{Address, Span};

/// What an operator may set; nothing is filled in yet.
#[derive(Args, Clone, Debug, Default, Serialize)]
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
    #[arg(long, num_args = 0..=1, default_missing_value = "on", value_parser = on_or_off, env = "TITAN_ALLOW_PLAINTEXT")]
    pub allow_plaintext: Option<bool>,

    /// `self-signed` makes a certificate and keeps it; `off` is plain [default: off].
    #[arg(long, value_name = "self-signed|off", ignore_case = true, env = "TITAN_TLS")]
    pub tls: Option<TlsChoice>,
    /// A certificate chain, PEM.
    #[arg(long, value_name = "FILE", env = "TITAN_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, value_name = "FILE", env = "TITAN_TLS_KEY")]
    pub tls_key: Option<PathBuf>,

    /// Lets clients in that know only TLS 1.2 [default: 1.3 only].
    #[arg(long, num_args = 0..=1, default_missing_value = "on", value_parser = on_or_off, env = "TITAN_ALLOW_TLS12")]
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
    #[arg(long, value_name = "MB", value_parser = number, env = "TITAN_UPLOAD_MB")]
    pub upload_mb: Option<u64>,
    /// The largest file at the channels door, in megabytes; never more than an upload may have [default: 25].
    #[arg(long, value_name = "MB", value_parser = number, env = "TITAN_CHANNELS_UPLOAD_MB")]
    pub channels_upload_mb: Option<u64>,
    /// What the files and apps of one account may take, in megabytes; 0: no bound [default: 2048].
    #[arg(long, value_name = "MB", value_parser = number, env = "TITAN_QUOTA_MB")]
    pub quota_mb: Option<u64>,
    /// What the files and apps of all may take, in megabytes; 0: no bound [default: 0].
    #[arg(long, value_name = "MB", value_parser = number, env = "TITAN_FILES_MB")]
    pub files_mb: Option<u64>,
    /// What uploads leave free of the disk, in megabytes [default: a twentieth of it, from 6 to 512].
    #[arg(long, value_name = "MB", value_parser = number, env = "TITAN_RESERVE_MB")]
    pub reserve_mb: Option<u64>,
    /// `off` turns the rate limits off, for tests and benchmarks [default: on].
    #[arg(long, value_name = "on|off", value_parser = on_or_off, env = "TITAN_LIMITS")]
    #[serde(serialize_with = "as_switch")]
    pub limits: Option<bool>,
    /// Seconds in which who connects must have said something, at every door: people who type at netcat need more [default:
    /// 10].
    #[arg(long, value_name = "SECONDS", value_parser = number, env = "TITAN_SILENCE_S")]
    pub silence_s: Option<u64>,
    /// How long a session may go unused, such as 30d, 12h or 90m [default: 30d].
    #[arg(long, value_name = "TIME", env = "TITAN_SESSIONS_IDLE")]
    pub sessions_idle: Option<Span>,
    /// How long a session lasts in all, however much it is used [default: 180d].
    #[arg(long, value_name = "TIME", env = "TITAN_SESSIONS_LAST")]
    pub sessions_last: Option<Span>,
    /// The same two of admins [default: 1d].
    #[arg(long, value_name = "TIME", env = "TITAN_ADMIN_SESSIONS_IDLE")]
    pub admin_sessions_idle: Option<Span>,
    /// See there [default: 7d].
    #[arg(long, value_name = "TIME", env = "TITAN_ADMIN_SESSIONS_LAST")]
    pub admin_sessions_last: Option<Span>,
    /// `on`: an admin without a second factor administers nothing until there is one [default: off].
    #[arg(long, value_name = "on|off", value_parser = on_or_off, env = "TITAN_ADMIN_FACTORS")]
    #[serde(serialize_with = "as_switch")]
    pub admin_factors: Option<bool>,
    /// Fewest characters of a new password, at every door [default: 0, what each door asks for by itself].
    #[arg(long, value_name = "CHARACTERS", value_parser = number, env = "TITAN_PASSWORDS_MIN")]
    pub passwords_min: Option<u64>,
    /// Proxies that are believed about who is behind them: addresses, networks, `loopback`, `private`, between commas
    /// [default: none].
    #[arg(long, value_name = "NETWORK,…", env = "TITAN_TRUSTED_PROXIES")]
    #[serde(serialize_with = "listed")]
    pub trusted_proxies: Option<Proxies>,
    /// Lets everybody read /metrics [default: who has the key only].
    #[arg(long, num_args = 0..=1, default_missing_value = "on", value_parser = on_or_off, env = "TITAN_OPEN_METRICS")]
    pub open_metrics: Option<bool>,
    /// Lets who sends this key (`Authorization: Bearer KEY`) read /metrics [default: nobody].
    #[arg(long, value_name = "KEY", env = "TITAN_METRICS_KEY", hide_env_values = true)]
    pub metrics_key: Option<Secret>,
    /// How people reach the HTTP port, such as https://example.org/titan: its pages may connect, and addresses are told under its
    /// path [default: as each request says].
    #[arg(long, value_name = "URL", env = "TITAN_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Pages of other sites that may connect, such as https://other.example, between commas [default: the house's own only].
    #[arg(long, value_name = "ORIGIN,…", env = "TITAN_ALLOWED_ORIGINS")]
    pub allowed_origins: Option<String>,
    /// An origin of its own for files that browsers open, such as https://files.example.org: links to them lead there, and nothing else is
    /// handed out there [default: none, they are handed out where the page is].
    #[arg(long, value_name = "URL", env = "TITAN_FILES_ORIGIN")]
    pub files_origin: Option<String>,
    /// `on`: trusted proxies say who is behind them by the PROXY protocol, at every door; without its header they are refused [default: off].
    #[arg(long, value_name = "on|off", value_parser = on_or_off, env = "TITAN_PROXY_PROTOCOL")]
    #[serde(serialize_with = "as_switch")]
    pub proxy_protocol: Option<bool>,
    /// Also write the log to this file.
    #[arg(long, value_name = "FILE", env = "TITAN_LOG_FILE")]
    pub log_file: Option<PathBuf>,
    /// Write who came in, who was refused and what was done to whom to this file too, whatever RUST_LOG says; nothing else stands there.
    #[arg(long, value_name = "FILE", env = "TITAN_SECURITY_LOG")]
    pub security_log: Option<PathBuf>,
    /// How a line of the logs is written: for people, or as JSON for programs [default: text].
    #[arg(long, value_name = "text|json", ignore_case = true, env = "TITAN_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Whom to tell of a hole: a mail address or a URL, for /.well-known/security.txt [default: nobody].
    #[arg(long, value_name = "ADDRESS|URL", env = "TITAN_SECURITY_CONTACT")]
    pub security_contact: Option<String>,

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
    /// Lets who has this key ask the reset site for tokens, as who has the admin key may.
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

/// How a line of the logs is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum TlsChoice {
    SelfSigned,
    Off,
}

impl Settings {
    /// What is not set here is taken from the other.
    pub(super) fn or(self, other: Self) -> Self {
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
            quota_mb: self.quota_mb.or(other.quota_mb),
            files_mb: self.files_mb.or(other.files_mb),
            reserve_mb: self.reserve_mb.or(other.reserve_mb),
            limits: self.limits.or(other.limits),
            silence_s: self.silence_s.or(other.silence_s),
            sessions_idle: self.sessions_idle.or(other.sessions_idle),
            sessions_last: self.sessions_last.or(other.sessions_last),
            admin_sessions_idle: self.admin_sessions_idle.or(other.admin_sessions_idle),
            admin_sessions_last: self.admin_sessions_last.or(other.admin_sessions_last),
            admin_factors: self.admin_factors.or(other.admin_factors),
            passwords_min: self.passwords_min.or(other.passwords_min),
            trusted_proxies: self.trusted_proxies.or(other.trusted_proxies),
            open_metrics: self.open_metrics.or(other.open_metrics),
            metrics_key: self.metrics_key.or(other.metrics_key),
            public_url: self.public_url.or(other.public_url),
            allowed_origins: self.allowed_origins.or(other.allowed_origins),
            files_origin: self.files_origin.or(other.files_origin),
            proxy_protocol: self.proxy_protocol.or(other.proxy_protocol),
            log_file: self.log_file.or(other.log_file),
            security_log: self.security_log.or(other.security_log),
            log_format: self.log_format.or(other.log_format),
            security_contact: self.security_contact.or(other.security_contact),
            smtp_url: self.smtp_url.or(other.smtp_url),
            smtp_from: self.smtp_from.or(other.smtp_from),
            reset_url: self.reset_url.or(other.reset_url),
            reset_key: self.reset_key.or(other.reset_key),
        }
    }
}

fn listed<S: Serializer>(proxies: &Option<Proxies>, serializer: S) -> Result<S::Ok, S::Error> {
    let listed = proxies.as_ref().map(|proxies| proxies.networks().iter().map(ToString::to_string).collect::<Vec<_>>());
    listed.serialize(serializer)
}

fn as_switch<S: Serializer>(on: &Option<bool>, serializer: S) -> Result<S::Ok, S::Error> {
    on.map(|on| if on { "on" } else { "off" }).serialize(serializer)
}

/// A switch, by whatever word people use for it.
fn on_or_off(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err("on or off belongs here".to_owned()),
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| "a whole number belongs here".to_owned())
}
