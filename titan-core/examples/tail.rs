//! Prints messages as they come, with a local history that survives this program.

mod support;

use std::{collections::HashMap, path::PathBuf};

use clap::Parser;
use titan_core::{
    ConversationId,
    cache::Cache,
    client::{Client, ClientEvent, Connection, Range},
    protocol::{Body, Entry, Event},
};

/// Prints the last messages and then each new one. With a cache it goes on where it stopped the last time.
#[derive(Parser)]
#[command(after_help = "Example: cargo run --example tail -- --user ada --password secret general")]
struct Arguments {
    #[command(flatten)]
    door: support::Door,
    /// How many earlier messages to show
    #[arg(long, short = 'n', default_value_t = 10)]
    last: u32,
    /// Print entries as JSON, one a line
    #[arg(long)]
    json: bool,
    /// Keep history in this file
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,
    /// Only this conversation; all of yours if not given
    conversation: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut options = arguments.door.options().await?;
    if let Some(path) = &arguments.cache {
        options = options.cache(Cache::open(path)?);
    }
    let (titan, mut events) = Client::connect(options).await?;
    let only = match &arguments.conversation {
        Some(name) => Some(support::conversation(&titan, name).await?),
        None => None,
    };
    let mut names = HashMap::new();
    for conversation in titan.conversations().await? {
        names.insert(conversation.id, support::name(&conversation).to_string());
    }
    if let Some(conversation) = only {
        for entry in titan.history(conversation, Range::Last, arguments.last).await?.entries {
            print(&entry, &names, arguments.json)?;
        }
    }
    while let Some(event) = events.next().await {
        match event {
            ClientEvent::Server(Event::Entry { entry, .. }) if only.is_none_or(|only| only == entry.conversation) => {
                print(&entry, &names, arguments.json)?;
            }
            ClientEvent::Connection(Connection::Ended { why, .. }) => anyhow::bail!("{why}"),
            _ => {}
        }
    }
    Ok(())
}

fn print(entry: &Entry, names: &HashMap<ConversationId, String>, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(entry)?);
    } else if let Body::Message(message) = &entry.body {
        let place = names.get(&entry.conversation).map_or("?", String::as_str);
        println!("{place} #{} {}: {}", entry.seq, entry.author.username, message.text);
    }
    Ok(())
}
