//! The command line of `titan`.

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use titan_tui::cli;

/// Titan in a terminal: rooms, directs, people, the repository and its transfers.
#[derive(Parser)]
#[command(name = "titan", version)]
struct CommandLine {
    #[command(flatten)]
    globals: cli::Globals,
    #[command(subcommand)]
    command: cli::Command,
}

fn main() -> ExitCode {
    let line = CommandLine::parse();
    cli::run(line.command, &line.globals, CommandLine::command())
}
