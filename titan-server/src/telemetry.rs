//! What the server says of itself: its log. Nothing secret is written to it, however much is asked for.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{DefaultFields, Writer};
use tracing_subscriber::fmt::{FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Libraries that would write down what goes over the wire, passwords with it, if more than `info` were asked of them.
const TALKATIVE: [&str; 6] = ["tungstenite", "tokio_tungstenite", "h2", "hyper", "lettre", "tokio_postgres"];

/// The log's file. It can be opened anew under its name, after another program has moved it away.
#[derive(Clone)]
pub struct LogFile(Arc<Kept>);

struct Kept {
    path: PathBuf,
    file: RwLock<Arc<File>>,
}

impl LogFile {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let file = open(path).with_context(|| format!("opening the log file {}", path.display()))?;
        Ok(Self(Arc::new(Kept { path: path.to_owned(), file: RwLock::new(Arc::new(file)) })))
    }

    /// Goes on in the file that has the name now, or in a new one. Where that can't be, it goes on in the old one.
    pub fn reopen(&self) {
        match open(&self.0.path) {
            Ok(file) => *self.0.file.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = Arc::new(file),
            Err(error) => tracing::warn!(%error, "the log file can't be opened anew: the old one is written on"),
        }
    }
}

impl MakeWriter<'_> for LogFile {
    type Writer = Arc<File>;

    fn make_writer(&self) -> Arc<File> {
        self.0.file.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Logs to stderr, and to a file if asked. How much is said by `wanted`, as `RUST_LOG` has it; `info` without.
///
/// A stderr that nobody reads any more, a file on a full disk: what can't be written is left out, and nobody ends of it.
pub fn log_to_stderr(wanted: Option<&str>, file: Option<&Path>) -> anyhow::Result<Option<LogFile>> {
    // A server starts whatever its surroundings say: words that can't be read count as `info`.
    let filter = wanted.and_then(|wanted| EnvFilter::try_new(wanted).ok()).unwrap_or_else(|| EnvFilter::new("info"));
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let stderr = tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(io::stderr).with_target(false);
    let file = file.map(LogFile::open).transpose()?;
    let to_file = file.clone().map(|file| {
        let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(file);
        layer.log_internal_errors(false).fmt_fields(ToFile(DefaultFields::new()))
    });
    tracing_subscriber::registry()
        .with(discreet(&filter))
        .with(filter)
        .with(stderr.log_internal_errors(false))
        .with(to_file)
        .try_init()
        .context("starting the log")?;
    Ok(file)
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
