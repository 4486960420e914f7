//! The real binary as a process of its own: what operators start, stop and give orders to.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::support::DEADLINE;

/// `titan-server` with these arguments and no settings from the surroundings.
pub fn titan_server(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_titan-server"));
    command.env_clear().args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end.
pub fn run(arguments: &[&str]) -> Output {
    titan_server(arguments).output().unwrap()
}

/// Runs it to its end, with a line on its stdin.
pub fn run_with_line(arguments: &[&str], line: &str) -> Output {
    let mut child = titan_server(arguments).stdin(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
    child.wait_with_output().unwrap()
}

/// Runs it to its end, which must be a success; what it said.
pub fn ok(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", error_of(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs it to its end, which must be a failure (exit code 1); what it complained of.
pub fn fails(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", error_of(&output));
    error_of(&output)
}

pub fn error_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A server on ports of its own; killed when dropped.
pub struct Running {
    child: Child,
    /// What it said on stdout up to `ready`.
    pub said: Vec<String>,
}

impl Running {
    /// Starts `serve` on a folder and waits until it is ready.
    pub fn serve(folder: &Path) -> Self {
        Self::serve_with(folder, &[])
    }

    pub fn serve_with(folder: &Path, more: &[&str]) -> Self {
        let folder = folder.to_str().unwrap();
        let ports = ["--http", "127.0.0.1:0", "--titan-net", "127.0.0.1:0", "--limits", "off"];
        let arguments: Vec<&str> =
            ["serve", "--data-dir", folder].into_iter().chain(ports).chain(more.iter().copied()).collect();
        Self::run(titan_server(&arguments).stderr(Stdio::inherit()))
    }

    /// Starts `serve` as the command has it, and waits until it is ready.
    pub fn run(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (line, lines) = mpsc::channel();
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|said| line.send(said)));
        let mut said = Vec::new();
        while said.last().is_none_or(|last| last != "ready") {
            said.push(lines.recv_timeout(DEADLINE).expect("the server did not get ready"));
        }
        Self { child, said }
    }

    /// Where a door listens, as the server said.
    pub fn address(&self, door: &str) -> SocketAddr {
        let said = self.said.iter().find_map(|line| line.strip_prefix(&format!("listening {door} ")));
        said.unwrap_or_else(|| panic!("the door {door} is shut")).parse().unwrap()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Sends SIGTERM and waits for the end; how long it took.
    pub fn terminate(&mut self) -> (ExitStatus, Duration) {
        self.signal(rustix::process::Signal::TERM);
        self.ended()
    }

    /// Waits for the end; how long it took.
    pub fn ended(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, begun.elapsed());
            }
            assert!(begun.elapsed() < DEADLINE, "the server did not end");
            std::thread::yield_now();
        }
    }

    /// Ends it without a warning, as a loss of power would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
