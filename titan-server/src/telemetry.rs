//! What the server says of itself: its log. Nothing secret is written to it, however much is asked for.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Libraries that would write down what goes over the wire, passwords with it, if they were asked for more than this.
const TALKATIVE: [&str; 6] =
    ["tungstenite=info", "tokio_tungstenite=info", "h2=info", "hyper=info", "lettre=info", "tokio_postgres=info"];

/// Logs to stderr, and to a file if asked. How much is said by `wanted`, as `RUST_LOG` has it; `info` without.
pub fn log_to_stderr(wanted: Option<&str>, file: Option<&Path>) -> anyhow::Result<()> {
    let filter = filter(wanted.unwrap_or("info"))?;
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let stderr = tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(std::io::stderr).with_target(false);
    let to_file = match file {
        Some(file) => {
            let mut options = std::fs::OpenOptions::new();
            options.create(true).append(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let log = options.open(file).with_context(|| format!("opening the log file {}", file.display()))?;
            let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(std::sync::Arc::new(log));
            Some(layer.fmt_fields(ToFile(DefaultFields::new())))
        }
        None => None,
    };
    tracing_subscriber::registry().with(filter).with(stderr).with(to_file).try_init().context("starting the log")
}

/// Writes fields as usual, under a type of its own: layers keep what they wrote of a span by this type, and two of one type write
/// into each other's, colours and all.
struct ToFile(DefaultFields);

impl<'writer> FormatFields<'writer> for ToFile {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> std::fmt::Result {
        self.0.format_fields(writer, fields)
    }
}

/// Words that can't be read count as `info`: a server starts whatever its surroundings say.
fn filter(wanted: &str) -> anyhow::Result<EnvFilter> {
    let mut filter = EnvFilter::try_new(wanted).unwrap_or_else(|_| EnvFilter::new("info"));
    for quiet in TALKATIVE {
        filter = filter.add_directive(quiet.parse()?);
    }
    Ok(filter)
}
