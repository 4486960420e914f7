//! One-shot commands for scripts and shells: `titan send`, `titan tail`, and the like. `main` hands over here.

use clap::Subcommand;

/// What `titan` does besides opening the screen.
#[derive(Debug, Subcommand)]
pub enum Command {}

/// Runs a command; the exit code is what scripts go by.
pub async fn run(command: Command) -> anyhow::Result<std::process::ExitCode> {
    match command {}
}
