//! What the server says of itself: its log. Nothing secret is written to it, however much is asked for.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Libraries that would write down what goes over the wire, passwords with it, if more than `info` were asked of them.
const TALKATIVE: [&str; 6] = ["tungstenite", "tokio_tungstenite", "h2", "hyper", "lettre", "tokio_postgres"];

/// Logs to stderr, and to a file if asked. How much is said by `wanted`, as `RUST_LOG` has it; `info` without.
pub fn log_to_stderr(wanted: Option<&str>, file: Option<&Path>) -> anyhow::Result<()> {
    // A server starts whatever its surroundings say: words that can't be read count as `info`.
    let filter = wanted.and_then(|wanted| EnvFilter::try_new(wanted).ok()).unwrap_or_else(|| EnvFilter::new("info"));
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
    tracing_subscriber::registry()
        .with(discreet(&filter))
        .with(filter)
        .with(stderr)
        .with(to_file)
        .try_init()
        .context("starting the log")
}

/// Writes fields as usual, under a type of its own: layers keep what they wrote of a span by this type, and two of one type write
/// into each other's, colours and all.
struct ToFile(DefaultFields);

impl<'writer> FormatFields<'writer> for ToFile {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> std::fmt::Result {
        self.0.format_fields(writer, fields)
    }
}

/// What is never said, whatever `RUST_LOG` has. It asks for no more than the filter itself does: by the most that is asked for,
/// libraries know without a look at the filters that a line is for nobody, and some have one for each frame.
fn discreet(filter: &EnvFilter) -> Targets {
    let most = filter.max_level_hint().unwrap_or(LevelFilter::TRACE);
    let quiet = TALKATIVE.map(|library| (library, most.min(LevelFilter::INFO)));
    Targets::new().with_default(most).with_targets(quiet)
}

#[cfg(test)]
mod tests {
    use tracing::Subscriber;

    use super::*;

    /// The most that anybody is asked about.
    fn most(wanted: &str) -> Option<LevelFilter> {
        let filter = EnvFilter::new(wanted);
        tracing_subscriber::registry().with(discreet(&filter)).with(filter).max_level_hint()
    }

    #[test]
    fn lines_that_nobody_wants_cost_no_look_at_the_filters() {
        for (wanted, hint) in [
            ("info", LevelFilter::INFO),
            ("error", LevelFilter::ERROR),
            ("info,titan_hub=debug", LevelFilter::DEBUG),
            ("off", LevelFilter::OFF),
        ] {
            assert_eq!(most(wanted), Some(hint), "{wanted}");
        }
    }
}
