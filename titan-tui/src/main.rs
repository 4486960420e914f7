//! The command line of `titan`: the screen, or a one-shot command. Only here is it known that a server can run inside.

use std::{
    io::{ErrorKind, IsTerminal, Write},
    process::ExitCode,
};

use anyhow::Context;
use clap::{CommandFactory, FromArgMatches, Parser};
use titan_tui::{
    app::{
        runner::{Host, Start, run},
        state::ServerInfo,
        update::server_at,
    },
    cli,
    credentials::{Folders, SOLO, make_private_folder},
    settings::Settings,
    terminal,
    theme::{self, Depth, Themes},
    words,
};

/// The exit code of who used it wrongly, as clap's own.
const USAGE: u8 = 2;
/// Themes of one's own, and the bytes of one.
const THEMES_MOST: usize = 64;
const THEME_BYTES_MOST: u64 = 64 * 1024;

/// Titan in a terminal: rooms, directs, people, the repository and its transfers. Without a command it opens the screen.
#[derive(Parser)]
#[command(name = "titan", version)]
struct CommandLine {
    /// Start a server on this machine, inside this program, and go straight in.
    #[arg(long, conflicts_with = "server")]
    solo: bool,
    /// Look around in a house with people who talk, inside this program: nothing is kept, no server or network is needed.
    #[arg(long, conflicts_with_all = ["server", "solo"])]
    demo: bool,
    /// The colours: dark, light, high-contrast, gruvbox, nord, catppuccin, none, or one of your own.
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// Lines instead of a screen: for screen readers.
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    globals: cli::Globals,
    #[command(subcommand)]
    command: Option<cli::Command>,
}

fn main() -> ExitCode {
    let whole = CommandLine::command();
    if let Some(why) = cli::environment::mistaken(&whole) {
        complain(&why.to_string());
        return ExitCode::from(USAGE);
    }
    let read = cli::environment::without_empty(whole).try_get_matches();
    let line = read.and_then(|read| CommandLine::from_arg_matches(&read)).unwrap_or_else(|error| error.exit());
    match line.command.clone() {
        Some(command) => cli::run(command, &line.globals, CommandLine::command()),
        None => open_screen(line).unwrap_or_else(ended_by),
    }
}

/// Nobody may be there any more to read why.
fn ended_by(error: anyhow::Error) -> ExitCode {
    let unread = error.downcast_ref::<std::io::Error>().is_some_and(|it| it.kind() == ErrorKind::BrokenPipe);
    if unread {
        return ExitCode::SUCCESS;
    }
    complain(&format!("{error:#}"));
    ExitCode::FAILURE
}

fn complain(why: &str) {
    let _ = writeln!(std::io::stderr(), "titan: {why}");
}

fn open_screen(mut line: CommandLine) -> anyhow::Result<ExitCode> {
    line.plain |= terminal::is_dumb() && std::io::stdin().is_terminal();
    if !line.plain && !terminal::is_there() {
        complain(words::NO_TERMINAL);
        return Ok(ExitCode::from(USAGE));
    }
    let folders = Folders::find(line.globals.data_dir.as_deref())?;
    log_to_file(&folders);
    let (settings, mut troubles) = read_settings(&folders);
    let themes = themes(&folders, &settings, &mut troubles);
    if let Some(unknown) = line.theme.as_deref().filter(|name| !themes.has(name)) {
        complain(&words::no_such_theme(unknown, &themes.names().collect::<Vec<_>>()));
        return Ok(ExitCode::from(USAGE));
    }
    if !themes.has(&settings.theme) {
        troubles.push(words::no_such_theme(&settings.theme, &themes.names().collect::<Vec<_>>()));
    }
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let theme = line.theme.clone().or(no_color.then(|| theme::NONE.to_owned()));
    // Gone at the end, with everything in it.
    let demo = line.demo.then(tempfile::tempdir).transpose()?;
    let (folders, server, host) = match &demo {
        Some(folder) => in_demo(folder.path(), line.globals.user.as_deref())?,
        None => {
            let server = server(&line, &settings, &folders)?;
            (folders, server, host(line.globals.data_dir.as_deref().map(|dir| dir.join("server"))))
        }
    };
    let (known, plaintext) = (line.globals.known(&folders), line.globals.allow_plaintext);
    let username = line.globals.user;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let plain = line.plain;
    let start = Start { folders, settings, theme, themes, troubles, server, username, host, known, plaintext, plain };
    let ended = runtime.block_on(run(start));
    runtime.shutdown_background();
    ended.map(|()| ExitCode::SUCCESS)
}

/// The server that was asked for, else the one set, else the one of last time, else the one somebody logged in at by the
/// shell; none opens the wizard.
fn server(line: &CommandLine, settings: &Settings, folders: &Folders) -> anyhow::Result<Option<ServerInfo>> {
    let solo = || ServerInfo { url: String::new(), hosted: true };
    if line.solo {
        return Ok(Some(solo()));
    }
    let chosen = line.globals.server.clone().or_else(|| settings.server.clone()).or_else(|| folders.last_server());
    let by_shell = || folders.credentials().find(None, line.globals.user.as_deref());
    let chosen = match chosen {
        Some(chosen) => Some(chosen),
        None => by_shell()?.map(|login| login.server),
    };
    match chosen.as_deref() {
        Some(SOLO) => Ok(cfg!(feature = "solo").then(solo)),
        Some(address) => server_at(address).map(Some).map_err(anyhow::Error::msg),
        None => Ok(None),
    }
}

/// The themes that come with Titan and those in the folder `themes` beside the settings, as this terminal shows them.
fn themes(folders: &Folders, settings: &Settings, troubles: &mut Vec<String>) -> Themes {
    let depth = settings.colors.unwrap_or_else(|| Depth::of_terminal(|name| std::env::var(name).ok()));
    let mut themes = Themes::of(depth, settings.ground);
    let found = std::fs::read_dir(folders.themes()).into_iter().flatten().flatten().map(|file| file.path());
    let mut files: Vec<_> = found.filter(|path| path.extension().is_some_and(|it| it == "toml")).collect();
    files.sort();
    for path in files.into_iter().take(THEMES_MOST) {
        let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
        let read = std::fs::metadata(&path).is_ok_and(|it| it.is_file() && it.len() <= THEME_BYTES_MOST);
        let wrong = match read.then(|| std::fs::read_to_string(&path)) {
            Some(Ok(text)) => themes.add(name, &text),
            Some(Err(error)) => vec![error.to_string()],
            None => vec![words::THEME_TOO_LONG.to_owned()],
        };
        troubles.extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}.", path.display())));
    }
    themes
}

fn read_settings(folders: &Folders) -> (Settings, Vec<String>) {
    match std::fs::read_to_string(folders.settings()) {
        Ok(text) => Settings::parse(&text),
        Err(_) => (Settings::default(), Vec::new()),
    }
}

/// The screen belongs to the chat, so what is logged goes to a file; `TITAN_LOG` says how much.
fn log_to_file(folders: &Folders) {
    let path = folders.log();
    let open = || -> anyhow::Result<std::fs::File> {
        make_private_folder(path.parent().context("the log has no folder")?)?;
        Ok(std::fs::OpenOptions::new().create(true).append(true).open(&path)?)
    };
    if let Ok(file) = open() {
        let wanted = cli::environment::said("TITAN_LOG").unwrap_or_else(|| "warn".to_owned());
        let filter = tracing_subscriber::EnvFilter::try_new(wanted)
            .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(std::sync::Mutex::new(file))
            .try_init();
    }
}

/// A house of its own in a folder of its own, and straight into it.
#[cfg(feature = "solo")]
fn in_demo(
    folder: &std::path::Path,
    guest: Option<&str>,
) -> anyhow::Result<(Folders, Option<ServerInfo>, Option<Host>)> {
    let folders = Folders::find(Some(folder))?;
    let host = solo::demo(folder.to_owned(), folders.solo_credentials(), guest.map(str::to_owned));
    Ok((folders, Some(ServerInfo { url: String::new(), hosted: true }), Some(host)))
}

#[cfg(not(feature = "solo"))]
fn in_demo(_: &std::path::Path, _: Option<&str>) -> anyhow::Result<(Folders, Option<ServerInfo>, Option<Host>)> {
    anyhow::bail!("{}", words::CANNOT_HOST)
}

#[cfg(not(feature = "solo"))]
fn host(_: Option<std::path::PathBuf>) -> Option<Host> {
    None
}

#[cfg(feature = "solo")]
fn host(data_dir: Option<std::path::PathBuf>) -> Option<Host> {
    Some(solo::host(data_dir, solo::Kind::Own))
}

/// The server inside this process: on a loopback port, in the same folder that `titan-server serve` uses.
#[cfg(feature = "solo")]
mod solo {
    use std::{path::PathBuf, sync::Arc};

    use anyhow::{Context, bail};
    use futures_util::FutureExt;
    use titan_server::{
        Failure, Server,
        config::{Address, Config, Environment, Settings},
    };
    use titan_tui::{
        app::runner::{Host, Hosted},
        credentials::Credentials,
        demo,
    };
    use tokio::sync::{Mutex, OnceCell, watch};

    /// The server, from its start on.
    struct Inside {
        server: Mutex<Option<Server>>,
        /// Why it can't go on.
        failure: watch::Sender<Option<String>>,
    }

    /// What the server is for.
    #[derive(Clone, Copy, PartialEq)]
    pub enum Kind {
        Own,
        /// Without limits: its people move in at once.
        Demo,
    }

    /// One with people in it, who move in before anybody else comes.
    pub fn demo(folder: PathBuf, logins: Credentials, guest: Option<String>) -> Host {
        let server = host(Some(folder.join("server")), Kind::Demo);
        let start = server.start;
        let house = Arc::new((folder, logins, guest, OnceCell::new()));
        let furnished = move || {
            let (starting, house) = (start(), house.clone());
            async move {
                let hosted = starting.await?;
                let (folder, logins, guest, moved_in) = &*house;
                let furnish = async || {
                    let key = hosted.admin_key.clone();
                    let cast = demo::furnish(&hosted.url, key, logins, guest.as_deref(), folder).await?;
                    tokio::spawn(demo::live(cast, folder.clone()));
                    anyhow::Ok(())
                };
                moved_in.get_or_try_init(furnish).await?;
                Ok(hosted)
            }
            .boxed()
        };
        Host { start: Box::new(furnished), ..server }
    }

    pub fn host(data_dir: Option<PathBuf>, kind: Kind) -> Host {
        let inside = Arc::new(Inside { server: Mutex::default(), failure: watch::Sender::new(None) });
        let (failing, stopping) = (inside.clone(), inside.clone());
        Host {
            start: Box::new(move || start(data_dir.clone(), kind, inside.clone()).boxed()),
            failed: Box::new(move || failed(failing.failure.subscribe()).boxed()),
            stop: Box::new(move || stop(stopping.clone()).boxed()),
        }
    }

    async fn failed(mut failure: watch::Receiver<Option<String>>) -> String {
        match failure.wait_for(Option::is_some).await.ok().and_then(|why| why.clone()) {
            Some(why) => why,
            None => std::future::pending().await,
        }
    }

    /// One that has failed is neither closed nor dropped: that would write, and what of its last commit is on disk nobody knows.
    async fn stop(inside: Arc<Inside>) {
        let Some(server) = inside.server.lock().await.take() else { return };
        let failed = inside.failure.borrow().is_some();
        match failed {
            true => std::mem::forget(server),
            false => server.close().await,
        }
    }

    /// The usual port, so that shell commands find this server too; any other where that is taken.
    fn free_port() -> u16 {
        const USUAL: u16 = 8000;
        std::net::TcpListener::bind(("127.0.0.1", USUAL)).map_or(0, |_| USUAL)
    }

    async fn start(data_dir: Option<PathBuf>, kind: Kind, inside: Arc<Inside>) -> anyhow::Result<Hosted> {
        let mut running = inside.server.lock().await;
        if let Some(why) = &*inside.failure.borrow() {
            bail!("{why}");
        }
        let settings = Settings {
            data_dir,
            http: Some(Address::local(if kind == Kind::Own { free_port() } else { 0 })),
            titan_net: Some(Address::Off),
            limits: (kind == Kind::Demo).then_some(false),
            ..Settings::default()
        };
        let config = settings.resolve(None, &Environment::default())?;
        let key_file = config.data_dir.join("admin_key.txt");
        let server = match running.take() {
            Some(server) => server,
            None => begin(config, &inside).await?,
        };
        let address = server.address("http").context("its HTTP door is shut")?;
        *running = Some(server);
        let admin_key = std::fs::read_to_string(key_file).ok().map(|key| key.trim().into());
        Ok(Hosted { url: format!("http://{address}"), admin_key })
    }

    /// Starts it, and remembers it if it fails.
    async fn begin(config: Config, inside: &Arc<Inside>) -> anyhow::Result<Server> {
        let server = Server::start(config).await?;
        let (failed, inside) = (server.failed(), inside.clone());
        tokio::spawn(async move {
            let why = match failed.await {
                Failure::Disk(why) => why,
                Failure::Task(name) => format!("{name} has died"),
            };
            inside.failure.send_replace(Some(why));
        });
        Ok(server)
    }
}
