//! What the server says of itself: its log.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Logs to stderr, and to a file if asked; `RUST_LOG` says how much.
pub fn log_to_stderr(file: Option<&Path>) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let stderr = tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(std::io::stderr).with_target(false);
    let to_file = match file {
        Some(file) => {
            let mut options = std::fs::OpenOptions::new();
            options.create(true).append(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let log = options.open(file).with_context(|| format!("opening the log file {}", file.display()))?;
            Some(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(std::sync::Arc::new(log)))
        }
        None => None,
    };
    tracing_subscriber::registry().with(filter).with(stderr).with(to_file).try_init().context("starting the log")
}
