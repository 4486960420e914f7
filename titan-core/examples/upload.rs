//! Uploads a file, to a conversation or to the repository, and goes on where an earlier run stopped.

mod support;

use std::{io::Write, path::PathBuf};

use anyhow::Context;
use clap::Parser;
use titan_core::{
    client::{Client, Error, NewApp, TransferControl},
    protocol::Category,
};

/// Uploads a file. Interrupt it with Ctrl-C and run the same command again: it goes on where it stopped.
#[derive(Parser)]
#[command(after_help = "Examples:
  cargo run --example upload -- --user ada --password secret --to general picture.png
  cargo run --example upload -- --user ada --password secret --app Tetris --category game --app-version 1.0 tetris.zip")]
struct Arguments {
    #[command(flatten)]
    door: support::Door,
    /// Add it to this conversation
    #[arg(long, value_name = "CONVERSATION", conflicts_with = "app", required_unless_present = "app")]
    to: Option<String>,
    /// Offer it to the repository as an app of this name
    #[arg(long, value_name = "NAME", requires = "category")]
    app: Option<String>,
    /// application, component, sound_theme, game, tce_package or language_pack
    #[arg(long)]
    category: Option<Category>,
    #[arg(long, default_value = "1.0", value_name = "VERSION")]
    app_version: String,
    /// What to say about it
    #[arg(long, default_value = "")]
    text: String,
    /// Where to remember an unfinished upload
    #[arg(long, default_value = ".titan-uploads.json", value_name = "FILE")]
    state: PathBuf,
    file: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let options = arguments.door.options().await?.state_file(&arguments.state);
    let (titan, _events) = Client::connect(options).await?;
    let control = TransferControl::new(|progress| {
        let percent = progress.done * 100 / progress.total.max(1);
        eprint!("\r{percent:3} % of {} bytes ", progress.total);
        let _ = std::io::stderr().flush();
    });
    let on_interrupt = control.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            on_interrupt.pause();
        }
    });
    match send(&titan, &arguments, &control).await {
        Err(error) if matches!(error.downcast_ref(), Some(Error::Paused)) => {
            eprintln!("\npaused; the same command goes on from here");
            Ok(())
        }
        other => other,
    }
}

async fn send(titan: &Client, arguments: &Arguments, control: &TransferControl) -> anyhow::Result<()> {
    if let Some(to) = &arguments.to {
        let conversation = support::conversation(titan, to).await?;
        let posted = titan.upload_file(&arguments.file, conversation, &arguments.text, control).await?;
        eprintln!("\nadded as number {} of {to}", posted.seq);
        return Ok(());
    }
    let name = arguments.app.clone().context("give --to or --app")?;
    let category = arguments.category.context("give --category")?;
    let app = NewApp::new(name, category, arguments.app_version.clone()).described(arguments.text.clone());
    let app = titan.upload_app(&arguments.file, app, control).await?;
    eprintln!("\noffered as app {}; an admin decides on sha256 {}", app.id, app.sha256);
    Ok(())
}
