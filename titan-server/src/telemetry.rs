//! What the server says of itself: its log. Nothing secret is written to it, however much is asked for.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use anyhow::Context;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::field::{RecordFields, VisitOutput};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{DefaultVisitor, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::writer::MakeWriterExt;
use tracing_subscriber::fmt::{self, FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::config::LogFormat;
use crate::hub::journal;

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

/// Where the log goes, and how.
#[derive(Default)]
pub struct Wanted<'a> {
    /// How much is said, as `RUST_LOG` has it; `info` without.
    pub much: Option<&'a str>,
    /// A file beside stderr.
    pub file: Option<&'a Path>,
    /// A file for the lines of [`journal`] alone, whatever `much` says.
    pub security: Option<&'a Path>,
    pub format: LogFormat,
}

/// The files that the log goes to.
#[derive(Clone, Default)]
pub struct LogFiles(Vec<LogFile>);

impl LogFiles {
    /// Goes on in the files that have the names now.
    pub fn reopen(&self) {
        self.0.iter().for_each(LogFile::reopen);
    }
}

type Sink = Box<dyn Layer<Registry> + Send + Sync>;

/// Logs to stderr, and to files if asked.
///
/// A stderr that nobody reads any more, a file on a full disk: what can't be written is left out, and nobody ends of it.
pub fn start(wanted: &Wanted<'_>) -> anyhow::Result<LogFiles> {
    let (filter, with_journal) = filter(wanted);
    let open = |path: Option<&Path>| path.map(LogFile::open).transpose();
    let (file, security) = (open(wanted.file)?, open(wanted.security)?);
    let shown = move |line: &Metadata<'_>| with_journal || line.target() != journal::TARGET;
    let mut sinks = vec![to_stderr(wanted.format, shown)];
    sinks.extend(file.clone().map(|file| to_file(wanted.format, file.with_filter(shown))));
    sinks.extend(security.clone().map(|file| to_security_log(wanted.format, file)));
    let log = tracing_subscriber::registry().with(sinks).with(discreet(&filter)).with(filter);
    log.try_init().context("starting the log")?;
    Ok(LogFiles(file.into_iter().chain(security).collect()))
}

/// How much is said, and whether the lines of the journal are said where everything is: the security log has them in any case.
fn filter(wanted: &Wanted<'_>) -> (EnvFilter, bool) {
    // A server starts whatever its surroundings say: words that can't be read count as `info`.
    let much = wanted.much.filter(|much| EnvFilter::try_new(much).is_ok()).unwrap_or("info");
    let filter = EnvFilter::new(much);
    match (wanted.security, format!("{}=info", journal::TARGET).parse()) {
        (Some(_), Ok(journal)) => {
            let shown = filter.max_level_hint().is_none_or(|most| most >= LevelFilter::INFO);
            (filter.add_directive(journal), shown)
        }
        _ => (filter, true),
    }
}

fn to_stderr(format: LogFormat, shown: impl Fn(&Metadata<'_>) -> bool + Send + Sync + 'static) -> Sink {
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let layer = fmt::layer().with_writer(io::stderr.with_filter(shown)).log_internal_errors(false);
    match format {
        LogFormat::Text => layer.with_ansi(colours).with_target(false).fmt_fields(Fields::<STDERR>).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    }
}

fn to_file(format: LogFormat, file: impl for<'w> MakeWriter<'w> + Send + Sync + 'static) -> Sink {
    let layer = fmt::layer().with_ansi(false).with_writer(file).log_internal_errors(false);
    match format {
        LogFormat::Text => layer.fmt_fields(Fields::<FILE>).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    }
}

/// Lines of the journal, without the connection and request that they belong to.
fn to_security_log(format: LogFormat, file: LogFile) -> Sink {
    let file = file.with_filter(|line| line.target() == journal::TARGET);
    let layer = fmt::layer().with_ansi(false).with_writer(file).log_internal_errors(false);
    match format {
        LogFormat::Text => layer.event_format(Bare).boxed(),
        LogFormat::Json => {
            let json = layer.json().flatten_event(true).with_current_span(false).with_span_list(false);
            json.with_target(false).with_level(false).boxed()
        }
    }
}

/// A line of a time and fields.
struct Bare;

impl<S: Subscriber + for<'a> LookupSpan<'a>, N: for<'a> FormatFields<'a> + 'static> FormatEvent<S, N> for Bare {
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        SystemTime.format_time(&mut line)?;
        line.write_char(' ')?;
        context.format_fields(line.by_ref(), event)?;
        line.write_char('\n')
    }
}

const STDERR: u8 = 0;
const FILE: u8 = 1;

/// Writes fields as usual, under a type of its own for each sink: layers keep what they wrote of a span by this type, and two of one type
/// write into each other's, colours and all. What became of an event says its name there: programs that read such lines know them so.
struct Fields<const SINK: u8>;

impl<'writer, const SINK: u8> FormatFields<'writer> for Fields<SINK> {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> std::fmt::Result {
        let mut visitor = DefaultVisitor::new(writer, true);
        fields.record(&mut WithoutOutcome(&mut visitor));
        visitor.finish()
    }
}

struct WithoutOutcome<'v>(&'v mut dyn Visit);

impl WithoutOutcome<'_> {
    fn shows(field: &Field) -> bool {
        field.name() != "outcome"
    }
}

impl Visit for WithoutOutcome<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if Self::shows(field) {
            self.0.record_debug(field, value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if Self::shows(field) {
            self.0.record_str(field, value);
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.0.record_error(field, value);
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
