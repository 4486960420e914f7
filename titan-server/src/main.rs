//! The command line of the server.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use titan_server::config::{Address, Config, Environment, Place, Settings, sources};
use titan_server::console::admin::Admin;
use titan_server::inherited::Inherited;
use titan_server::service;
use titan_server::signals::{Signals, Told};
use titan_server::soundness::Unsound;
use titan_server::telemetry::{self, LogFiles, Wanted};
use titan_server::upkeep;
use titan_server::upkeep::import::{self, System};
use titan_server::upkeep::migrate::{self, Home};
use titan_server::{Failure, Server};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The exit code of who used it wrongly, as clap's own.
const USAGE: u8 = 2;
/// The house is damaged or not itself: starting again changes nothing.
const UNSOUND: u8 = 3;
/// Anything else went wrong.
const FAILED: u8 = 1;
/// The disk failed under the server.
const DISK: u8 = 4;
/// The exit code where a part of the running server died.
const DIED: u8 = 5;
/// An import was kept, and something was left out.
const INCOMPLETE: u8 = 6;
/// How long closing may take, all in all.
const CLOSING_MOST: Duration = Duration::from_millis(4_700);

/// A light self-hosted chat server: one house with many doors.
#[derive(Parser)]
#[command(name = "titan-server", version, max_term_width = 100)]
struct CommandLine {
    /// Settings in TOML [default: titan.toml in the data folder, if there].
    #[arg(long, global = true, value_name = "FILE", env = "TITAN_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Opens the doors and serves until it is told to stop.
    Serve(Box<Settings>),
    Admin(Box<Admin>),
    /// Copies the house into a new folder, beside a running server.
    Backup {
        /// A new or empty folder.
        #[arg(value_name = "DIR")]
        to: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Puts a backup back into an empty data folder, every byte checked.
    Restore {
        /// The folder that `backup` filled.
        #[arg(value_name = "DIR")]
        from: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Looks for damage, beside a running server; a line for each thing found, exit code 1 if there is any.
    Check {
        /// Also read every uploaded file through.
        #[arg(long)]
        blobs: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Makes a sound house of a damaged one, while no server runs: keeps all that is sound, and says what is lost.
    ///
    /// Also takes a database for the house that was put in its place by hand, such as an older copy. The files of before stay,
    /// in a folder beside. What clients remember of the house is fetched anew.
    Rescue {
        /// Make another pepper, where that is lost: every account needs a new password then.
        #[arg(long)]
        new_pepper: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Puts a new pepper in the place of the one there is, while no server runs.
    ///
    /// Whoever logs in has the hash of their password made with the new one; until then it rests on the old, which stays.
    RotatePepper {
        #[command(flatten)]
        place: Place,
    },
    /// Moves the house to another database, line by line, while no server runs; everything is compared afterwards.
    ///
    /// The house stays as it is where it was, and files stay where they are. Killed, it goes on at the next call.
    Migrate {
        /// Where to: a PostgreSQL URL or a new file.
        #[arg(long, value_name = "URL|FILE")]
        to: String,
        /// Where from [default: where the settings say the house is].
        #[arg(long, value_name = "URL|FILE")]
        from: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Takes in what an older system kept, while no server runs.
    #[command(subcommand)]
    Import(Import),
    /// Tries the way that letters go.
    #[command(subcommand)]
    Mail(Mail),
    /// Shows the settings that would be used, as TOML.
    Config(Box<Settings>),
    /// Prints completions for a shell.
    Completions {
        shell: clap_complete::Shell,
    },
}

#[derive(Subcommand)]
enum Mail {
    /// Sends one letter now, and tells each step and what the mail server says to it; exit code 1 if it was not taken.
    Test {
        /// Who gets it.
        #[arg(value_name = "ADDRESS")]
        to: String,
        #[command(flatten)]
        settings: Box<Settings>,
    },
}

#[derive(Subcommand)]
enum Import {
    /// The database of the original Titan-Net server: accounts, rooms, messages, apps.
    ///
    /// Everybody keeps name, titan number and password. Everything comes in or nothing does.
    TitanNet(Moving),
    /// The database of a channels server (FastAPI, SQLAlchemy): accounts, channels, messages, files.
    ///
    /// A file of SQLite or a PostgreSQL URL. Passwords stay what they were.
    Channels(Moving),
    /// The database of a JSON-lines server: accounts and messages, which are those of one room.
    ///
    /// A PostgreSQL URL or a file of SQLite. Passwords stay what they were.
    JsonLines(Moving),
    /// The database of a TLS-frames server: accounts, and what they said to each other.
    ///
    /// A file of SQLite or a PostgreSQL URL. Passwords stay what they were.
    TlsFrames(Moving),
    /// The database of UtuVox: accounts, rooms with their histories, files, the admins' log.
    ///
    /// Passwords stay what they were, who is banned stays banned.
    Utuvox(Moving),
}

#[derive(clap::Args)]
struct Moving {
    /// Its database: a file, or postgresql://USER@HOST/DATABASE with the password in PGPASSWORD.
    #[arg(value_name = "PATH-or-URL")]
    from: String,
    /// The folder of its uploads [default: looked for beside the database].
    #[arg(long, value_name = "DIR")]
    uploads: Option<PathBuf>,
    /// The time zone that its server was in, such as Europe/Warsaw [default: UTC, for UtuVox this machine's].
    #[arg(long, value_name = "ZONE", value_parser = time_zone)]
    time_zone: Option<jiff::tz::TimeZone>,
    /// Give accounts whose name or number can't stay the closest that is free.
    #[arg(long)]
    rename: bool,
    /// Names that accounts get: a line `former name,new name` each.
    #[arg(long, value_name = "FILE")]
    rename_map: Option<PathBuf>,
    /// Import without the files that aren't found; exit code 6, as for all that is left out.
    #[arg(long)]
    leave_out_files: bool,
    /// Bring only those files in that were left out before.
    #[arg(long, conflicts_with_all = ["rename", "rename_map", "leave_out_files", "again"])]
    add_files: bool,
    /// Import once more what the house has already.
    #[arg(long)]
    again: bool,
    /// Do everything but keep it: say what would come in.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Place,
}

impl Moving {
    fn wish(self) -> (import::Wish, Place) {
        let Self { from, uploads, time_zone: zone, rename, rename_map: names, .. } = self;
        let Self { leave_out_files, add_files, again, dry_run, place, .. } = self;
        let from = import::Place::of(&from);
        (import::Wish { from, uploads, zone, rename, names, leave_out_files, add_files, again, dry_run }, place)
    }
}

impl Import {
    fn parts(self) -> (System, Moving) {
        match self {
            Self::TitanNet(moving) => (System::TitanNet, moving),
            Self::Channels(moving) => (System::Channels, moving),
            Self::JsonLines(moving) => (System::JsonLines, moving),
            Self::TlsFrames(moving) => (System::TlsFrames, moving),
            Self::Utuvox(moving) => (System::Utuvox, moving),
        }
    }
}

fn time_zone(name: &str) -> Result<jiff::tz::TimeZone, String> {
    jiff::tz::TimeZone::get(name).map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    // What is made here is its owner's alone.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let CommandLine { config, command } = command_line();
    match run(config, command) {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("titan-server: {error:#}"));
            match error {
                error if error.is::<Misused>() => ExitCode::from(USAGE),
                error if error.is::<Unsound>() => ExitCode::from(UNSOUND),
                error => ExitCode::from(error.downcast_ref().map_or(FAILED, code_of)),
            }
        }
    }
}

/// The command line, by itself: what the environment says is read with the settings. Help names its variables too.
fn command_line() -> CommandLine {
    let line = sources::without_empty(std::env::args_os());
    let alone = sources::without_variables(CommandLine::command());
    let read = alone.try_get_matches_from(&line).and_then(|read| CommandLine::from_arg_matches(&read));
    read.unwrap_or_else(|error| match error.kind() {
        ErrorKind::DisplayHelp => CommandLine::parse_from(line),
        _ => error.exit(),
    })
}

/// The settings are not as they should be.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
struct Misused(anyhow::Error);

fn run(file: Option<PathBuf>, command: Command) -> anyhow::Result<ExitCode> {
    let environment = Environment::of_process();
    for stranger in environment.strangers().map_err(Misused)? {
        complain(&format!("titan-server: {stranger}"));
    }
    let resolve = |settings: Settings| settings.resolve(file.as_deref(), &environment).map_err(Misused);
    match command {
        Command::Serve(settings) => serve(resolve(*settings)?),
        Command::Admin(admin) => {
            let config = resolve(admin.place().into())?;
            admin.run(config)
        }
        Command::Backup { to, place } => backup(&resolve(place.into())?, &to),
        Command::Restore { from, place } => restore(&resolve(place.into())?, &from),
        Command::Check { blobs, place } => return check(&resolve(place.into())?, blobs),
        Command::Rescue { new_pepper, place } => rescue(&resolve(place.into())?, new_pepper),
        Command::RotatePepper { place } => say(&upkeep::rotate_pepper(&resolve(place.into())?)?),
        Command::Migrate { to, from, place } => {
            let (from, to) = (from.as_deref().map(Home::named), Home::named(&to));
            say(&migrate::migrate(&resolve(place.into())?, from, to)?.to_string())
        }
        Command::Import(import) => {
            let (system, moving) = import.parts();
            let (wish, place) = moving.wish();
            let imported = import::import(&resolve(place.into())?, system, &wish)?;
            say(&imported.to_string())?;
            return Ok(if imported.is_complete() { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) });
        }
        Command::Mail(Mail::Test { to, settings }) => return try_mail(&resolve(*settings)?, &to),
        Command::Config(settings) => say(&resolve(*settings)?.to_toml()?),
        Command::Completions { shell } => completions(shell),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn serve(config: Config) -> anyhow::Result<()> {
    let inherited = Inherited::from_surroundings()?;
    let much = std::env::var("RUST_LOG").ok().filter(|much| !much.trim().is_empty());
    let (file, security) = (config.log_file.as_deref(), config.security_log.as_deref());
    let log = telemetry::start(&Wanted { much: much.as_deref(), file, security, format: config.log_format })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Threads that hashed a password give their memory back soon.
        .thread_keep_alive(std::time::Duration::from_secs(2))
        .build()
        .context("starting the runtime")?;
    let served = runtime.block_on(serve_until_told(config, inherited, log));
    runtime.shutdown_timeout(Duration::from_millis(200));
    served
}

async fn serve_until_told(config: Config, inherited: Inherited, log: LogFiles) -> anyhow::Result<()> {
    let mut signals = Signals::new()?;
    let new_key = new_admin_key(&config);
    let Some(server) = start(config, inherited, &mut signals, &log).await? else { return Ok(()) };
    if let Some(key) = new_key.and_then(|file| std::fs::read_to_string(file).ok()) {
        complain(&format!("Admin key: {}", key.trim()));
    }
    let doors = server.doors().iter().map(|door| format!("listening {} {}\n", door.name, door.address));
    // People talk here whether or not anybody reads where the doors are.
    if let Err(error) = say(&(doors.collect::<String>() + "ready\n")) {
        tracing::warn!("{error:#}");
    }
    service::ready();
    tokio::spawn(service::stay_alive());
    loop {
        tokio::select! {
            told = signals.told() => match told {
                Told::Stop => break,
                Told::Reload => reload(&server, &log).await,
            },
            failure = server.failed() => end_at_once(&failure),
        }
    }
    service::stopping();
    close(server, &mut signals).await;
    Ok(())
}

/// Starts the server, however long that takes, unless it is told to stop.
async fn start(
    config: Config,
    inherited: Inherited,
    signals: &mut Signals,
    log: &LogFiles,
) -> anyhow::Result<Option<Server>> {
    let mut started = std::pin::pin!(Server::start_on(config, inherited));
    loop {
        tokio::select! {
            started = &mut started => return started.map(Some),
            told = signals.told() => match told {
                Told::Stop => return Ok(None),
                Told::Reload => log.reopen(),
            },
            () = tokio::time::sleep(service::STILL_STARTING_EVERY) => service::still_starting(),
        }
    }
}

/// Opens the log and the certificate anew, after something else has put others in their place.
async fn reload(server: &Server, log: &LogFiles) {
    service::reloading();
    log.reopen();
    server.reload().await;
    tracing::info!("log and certificate were opened anew, as asked by a signal");
    service::ready();
}

async fn close(server: Server, signals: &mut Signals) {
    tracing::info!("closing");
    tokio::select! {
        closed = tokio::time::timeout(CLOSING_MOST, server.close()) => if closed.is_err() {
            tracing::warn!("closing took too long: the rest is left to the next start");
        },
        () = signals.told_to_stop() => tracing::warn!("told to stop once more: ending at once"),
    }
}

/// Where the admin key will be that this start makes, if it is to be shown: once and to whoever started it at a terminal, as the
/// slash door's original showed it; never where a log is made of it, and not on stdout, which programs read.
fn new_admin_key(config: &Config) -> Option<PathBuf> {
    let file = config.data_dir.join("admin_key.txt");
    (config.slash != Address::Off && std::io::stderr().is_terminal() && !file.exists()).then_some(file)
}

/// The store has failed, and nobody knows what of the last commit was kept, or a part of the server is gone: nobody is
/// answered any more, and nothing is closed, which would write.
fn end_at_once(failure: &Failure) -> ! {
    complain(&format!(
        "titan-server: {failure}. The server ends: what is true is on disk, and is found there when it starts again"
    ));
    std::process::exit(i32::from(code_of(failure)));
}

fn code_of(failure: &Failure) -> u8 {
    match failure {
        Failure::Disk(_) => DISK,
        Failure::Task(_) => DIED,
    }
}

fn backup(config: &Config, to: &std::path::Path) -> anyhow::Result<()> {
    let made = upkeep::backup(config, to)?;
    for blob in &made.missing {
        complain(&format!("warning: the file {blob} is missing or damaged in the house, and so not in the backup"));
    }
    if made.without_pepper {
        complain(
            "warning: the pepper is missing in the house, and so not in the backup: nobody could log in after a restore",
        );
    }
    say(&format!("Backed up {} files, {} bytes, to {}.\n", made.files, made.bytes, to.display()))
}

fn restore(config: &Config, from: &std::path::Path) -> anyhow::Result<()> {
    let restored = upkeep::restore(config, from)?;
    let home = config.data_dir.display();
    say(&format!("Restored {} files, {} bytes, to {home}: all as they were.\n", restored.files, restored.bytes))
}

fn rescue(config: &Config, new_pepper: bool) -> anyhow::Result<()> {
    let upkeep::Kept { rescued, aside } = upkeep::rescue(config, new_pepper)?;
    let mut said = String::new();
    for lost in &rescued.lost {
        said += &format!("lost: {lost}\n");
    }
    match aside {
        Some(aside) => {
            said += &format!("Kept {} rows; ", rescued.rows);
            said += if rescued.lost.is_empty() { "nothing was lost. " } else { "all the rest is sound. " };
            said += &format!("What was there before is in {}.\n", aside.display());
        }
        None => said += "The database is taken for the house as it stands.\n",
    }
    if new_pepper {
        said +=
            "There is a new pepper: give every account a new password (`titan-server admin reset-password NAME`).\n";
    }
    say(&said)
}

fn try_mail(config: &Config, to: &str) -> anyhow::Result<ExitCode> {
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    let mut tell = |line: String| _ = say(&format!("{}\n", titan_core::SafeText::line(&line)));
    let outbox = config.data_dir.join("outbox");
    let sent = runtime.block_on(titan_server::mail::trial::send(&config.mail, outbox, to, &mut tell));
    Ok(if sent { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn check(config: &Config, blobs: bool) -> anyhow::Result<ExitCode> {
    let found = upkeep::check(config, blobs)?;
    if !found.lines.is_empty() {
        say(&(found.lines.join("\n") + "\n"))?;
        return Ok(ExitCode::FAILURE);
    }
    let mut clean = String::from("Nothing is damaged");
    if let Some(counts) = found.counts {
        clean += &format!(
            ": {} accounts, {} rooms, {} direct conversations, {} entries, {} files, {} apps",
            counts.accounts, counts.rooms, counts.directs, counts.entries, counts.files, counts.apps
        );
    }
    if blobs {
        clean += &format!("; {} blobs read through", found.blobs);
    }
    say(&(clean + ".\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn completions(shell: clap_complete::Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "titan-server", &mut script);
    say(&String::from_utf8_lossy(&script))
}

/// Says something on stderr, where anybody reads it: a closed one is no reason to end otherwise than was meant.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Says something on stdout. That nobody reads it any more, as after `| head`, is no failure.
fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        said => said.context("writing to stdout"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_arguments_of_a_command_clash() {
        CommandLine::command().debug_assert();
    }
}
