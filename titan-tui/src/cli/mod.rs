//! One-shot shell commands: `titan send`, `tail`, `get`, `repo ...`. For people in a hurry, and for scripts.
//!
//! Each command is a thin use of the SDK. Results go to standard output, everything else to standard error; with `--json`
//! a result is one JSON object a line, under the wire's own field names. The exit code tells scripts how it went (see
//! [`failure`]). `main` calls [`run`]; nothing here may draw a screen.

mod account;
mod admin;
mod app_passwords;
pub mod environment;
mod factor;
mod failure;
mod files;
mod globals;
mod input;
mod messages;
mod moderate;
mod output;
mod own;
mod people;
mod repository;
mod rooms;
mod session;
mod stream;
pub(crate) mod target;
mod trust;
mod words;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Subcommand;
use clap_complete::Shell;
use titan_core::Seq;

pub use self::globals::Globals;

use self::{failure::Failure, output::Output, repository::Repo, target::Target};

/// How long a transfer may take to stop in order.
const STOPPING_MOST: Duration = Duration::from_secs(3);

/// The shell commands.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Log in and keep the session; the password is asked for, or read from standard input.
    Login { user: String },
    /// Make an account and log in with it; the password is asked for, or read from standard input.
    Register(account::NewAccount),
    /// End the session and forget it.
    Logout,
    /// Show who is logged in, and where.
    Whoami,

    /// Send a message and wait until the server has it on disk.
    Send(messages::Send),
    /// Show the last messages; with --follow, also those to come.
    Tail(messages::Tail),
    /// Show a part of the history.
    History(messages::History),
    /// Find messages by their words.
    Search(messages::Search),
    /// React to a message with an emoji, given as itself or as :name:.
    React {
        conversation: Target,
        #[arg(value_parser = target::seq)]
        seq: Seq,
        emoji: String,
        /// Take the reaction back.
        #[arg(long)]
        off: bool,
    },
    /// Change a message of yours.
    Edit {
        conversation: Target,
        #[arg(value_parser = target::seq)]
        seq: Seq,
        /// The new text, or - to read it from standard input.
        #[arg(allow_hyphen_values = true)]
        text: String,
    },
    /// Delete a message.
    Delete {
        conversation: Target,
        #[arg(value_parser = target::seq)]
        seq: Seq,
    },

    /// Show who is online.
    Who,
    /// Show your conversations, with what is unread.
    Conversations,
    /// Show all rooms of the server.
    Rooms,
    /// Show who is in a conversation.
    Members { conversation: Target },
    /// Join a room.
    Join {
        room: Target,
        /// Where the room asks for one.
        #[arg(long, env = "TITAN_ROOM_PASSWORD", hide_env_values = true)]
        password: Option<String>,
    },
    /// Leave a room. One of your own goes to a member.
    Leave {
        room: Target,
        /// Who gets a room of your own; else whoever has been its moderator, or member, for longest.
        #[arg(long, value_name = "USER")]
        to: Option<String>,
    },
    /// Make a room and join it.
    CreateRoom(rooms::NewRoomArgs),
    /// Open the direct conversation with somebody, and say something if a text is given.
    Dm {
        /// A username or @username, or a titan number: #48213, no:48213, or the bare number where nobody is called so.
        user: String,
        /// What to say, or - to read it from standard input.
        #[arg(allow_hyphen_values = true)]
        text: Option<String>,
    },

    /// Download a file of a conversation, or an app; goes on where it was stopped.
    Get {
        /// The number of a file, or app:NUMBER.
        what: files::What,
        /// A file or folder to write to, or - for standard output [default: the current folder].
        #[arg(short, long, value_name = "PATH")]
        output: Option<PathBuf>,
    },
    /// Send a file to a conversation; goes on where it was stopped.
    Put {
        /// The file, or - for standard input.
        path: PathBuf,
        conversation: Target,
        /// What it is called there, if not as here.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// What to say with it.
        #[arg(long, default_value = "")]
        text: String,
    },
    /// The repository of apps.
    #[command(subcommand)]
    Repo(Repo),

    /// Show all that everybody may know of somebody.
    Whois { user: String },
    /// Friends and requests; without more it lists your friends.
    Friends {
        #[command(subcommand)]
        what: Option<people::Friends>,
    },
    /// Shut somebody out: no private messages, no friend requests.
    Block { user: String },
    /// Take a block back.
    Unblock { user: String },
    /// Keep order in a room (its owner, its moderators, admins).
    #[command(subcommand)]
    Moderate(moderate::Moderate),
    /// The house: accounts, addresses, the audit log (admins).
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Your own account: profile, password, sessions, deletion.
    #[command(subcommand)]
    Account(own::Account),
    /// Show how much room your files and apps take, and may take.
    Usage,
    /// The servers that are known, and by what: shows them; or has one trusted, or forgotten.
    Trust {
        #[command(subcommand)]
        what: Option<trust::Trust>,
    },
    /// The second factor of your account.
    #[command(subcommand)]
    Factor(factor::Factor),
    /// Passwords for one program or device each, that need no second factor.
    #[command(subcommand)]
    AppPasswords(app_passwords::AppPasswords),
    /// Write everything the server keeps of you to a file, a line of JSON each.
    Export {
        /// A file or folder to write to, or - for standard output [default: the current folder].
        #[arg(default_value = ".")]
        path: PathBuf,
    },

    /// Print a script that completes these commands in your shell.
    Completions { shell: Shell },
}

/// Runs one command to its end. `whole` is the full command line, for the completions.
pub fn run(command: Command, globals: &Globals, whole: clap::Command) -> ExitCode {
    let output = Output::of(globals);
    if let Command::Completions { shell } = command {
        return output.end(completions(shell, whole));
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.end(Err(error.into())),
    };
    let grace = if command.is_transfer() { STOPPING_MOST } else { Duration::ZERO };
    let result = runtime.block_on(interruptible(perform(command, globals, &output), grace));
    // Standard input may still hold a thread; nobody waits for it.
    runtime.shutdown_background();
    output.end(result)
}

/// Gives up at ctrl-c, after a moment in which a transfer, which heard it too, may stop in order. The signal is listened
/// to before the work begins: a prompt for a password needs that to leave the terminal as it was.
async fn interruptible(work: impl Future<Output = Result<(), Failure>>, grace: Duration) -> Result<(), Failure> {
    tokio::pin!(work);
    tokio::select! {
        biased;
        _ = tokio::signal::ctrl_c() => {}
        result = &mut work => return result,
    }
    tokio::time::timeout(grace, work).await.unwrap_or(Err(Failure::Interrupted))
}

impl Command {
    fn is_transfer(&self) -> bool {
        matches!(
            self,
            Self::Export { .. } | Self::Get { .. } | Self::Put { .. } | Self::Repo(Repo::Get { .. } | Repo::Upload(_))
        )
    }
}

/// One arm, one call.
async fn perform(command: Command, globals: &Globals, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Login { user } => account::login(globals, output, &user).await,
        Command::Register(account) => account::register(globals, output, account).await,
        Command::Logout => account::logout(globals, output).await,
        Command::Whoami => account::whoami(globals, output).await,
        Command::Send(send) => messages::send(globals, output, send).await,
        Command::Tail(tail) => messages::tail(globals, output, tail).await,
        Command::History(history) => messages::history(globals, output, history).await,
        Command::Search(search) => messages::search(globals, output, search).await,
        Command::React { conversation, seq, emoji, off } => {
            messages::react(globals, output, &conversation, seq, &emoji, !off).await
        }
        Command::Edit { conversation, seq, text } => messages::edit(globals, output, &conversation, seq, text).await,
        Command::Delete { conversation, seq } => messages::delete(globals, output, &conversation, seq).await,
        Command::Who => rooms::who(globals, output).await,
        Command::Conversations => rooms::conversations(globals, output).await,
        Command::Rooms => rooms::rooms(globals, output).await,
        Command::Members { conversation } => rooms::members(globals, output, &conversation).await,
        Command::Join { room, password } => rooms::join(globals, output, &room, password.as_deref()).await,
        Command::Leave { room, to } => rooms::leave(globals, output, &room, to.as_deref()).await,
        Command::CreateRoom(room) => rooms::create(globals, output, room).await,
        Command::Dm { user, text } => rooms::direct(globals, output, &user, text).await,
        Command::Get { what, output: to } => files::get(globals, output, what, to).await,
        Command::Put { path, conversation, name, text } => {
            files::put(globals, output, path, name, &conversation, &text).await
        }
        Command::Repo(repo) => repository::perform(globals, output, repo).await,
        Command::Whois { user } => people::whois(globals, output, &user).await,
        Command::Friends { what } => people::friends(globals, output, what).await,
        Command::Block { user } => people::block(globals, output, &user, true).await,
        Command::Unblock { user } => people::block(globals, output, &user, false).await,
        Command::Moderate(what) => moderate::perform(globals, output, what).await,
        Command::Admin(what) => admin::perform(globals, output, what).await,
        Command::Account(what) => own::perform(globals, output, what).await,
        Command::Usage => own::usage(globals, output).await,
        Command::Trust { what } => trust::perform(globals, output, what.as_ref()),
        Command::Factor(what) => factor::perform(globals, output, what).await,
        Command::AppPasswords(what) => app_passwords::perform(globals, output, what).await,
        Command::Export { path } => own::export(globals, output, path).await,
        Command::Completions { .. } => Ok(()),
    }
}

fn completions(shell: Shell, mut whole: clap::Command) -> Result<(), Failure> {
    let mut script = Vec::new();
    let name = whole.get_name().to_owned();
    clap_complete::generate(shell, &mut whole, name, &mut script);
    std::io::Write::write_all(&mut std::io::stdout(), &script)?;
    Ok(())
}
