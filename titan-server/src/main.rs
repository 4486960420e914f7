//! The command line of the server.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use titan_server::Server;
use titan_server::config::Settings;
use titan_server::telemetry;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A light self-hosted chat server: one house with many doors.
#[derive(Parser)]
#[command(name = "titan-server", version)]
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
    /// Shows the settings that would be used, as TOML.
    Config(Box<Settings>),
}

fn main() -> ExitCode {
    let CommandLine { config, command } = CommandLine::parse();
    match run(config, command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("titan-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(config: Option<PathBuf>, command: Command) -> anyhow::Result<()> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match command {
        Command::Serve(settings) => {
            telemetry::log_to_stderr(settings.log_file.as_deref())?;
            runtime()?.block_on(serve(settings.resolve(config.as_deref(), variable)?))
        }
        Command::Config(settings) => {
            print!("{}", settings.resolve(config.as_deref(), variable)?.to_toml()?);
            Ok(())
        }
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")
}

async fn serve(config: titan_server::config::Config) -> anyhow::Result<()> {
    let server = Server::start(config).await?;
    for door in server.doors() {
        println!("listening {} {}", door.name, door.address);
    }
    println!("ready");
    told_to_stop().await?;
    tracing::info!("closing");
    server.close().await;
    Ok(())
}

async fn told_to_stop() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            pressed = tokio::signal::ctrl_c() => Ok(pressed?),
        }
    }
    #[cfg(not(unix))]
    Ok(tokio::signal::ctrl_c().await?)
}
