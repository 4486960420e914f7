//! A bot: answers in directs, and where somebody mentions it.

mod support;

use clap::Parser;
use titan_core::{
    client::{Client, ClientEvent, Connection, Draft},
    protocol::{Account, Body, Entry, Event, Message},
    text::{look_alike, mentions},
};

/// Answers every message that mentions it with the same words, for as long as it runs. Lost connections come back by
/// themselves, and what was said meanwhile is answered then.
#[derive(Parser)]
#[command(after_help = "Example: cargo run --example echo_bot -- --user echo --password secret --register")]
struct Arguments {
    #[command(flatten)]
    door: support::Door,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Arguments::parse().door.options().await?;
    let (titan, mut events) = Client::connect(options).await?;
    while let Some(event) = events.next().await {
        match event {
            ClientEvent::Server(Event::Entry { entry, .. }) => answer(&titan, entry).await,
            ClientEvent::Connection(Connection::Waiting { retry_in, why, .. }) => {
                eprintln!("away: {why}; trying again in {retry_in:.1?}");
            }
            ClientEvent::Connection(Connection::Ended { why, .. }) => anyhow::bail!("{why}"),
            _ => {}
        }
    }
    Ok(())
}

async fn answer(titan: &Client, entry: Entry) {
    let Some(me) = titan.me().map(|session| session.account) else { return };
    let Body::Message(message) = &entry.body else { return };
    if entry.author.id == me.id || !is_meant(&me, message) {
        return;
    }
    let text = format!("{} said: {}", entry.author.username, message.text.replace('@', ""));
    let draft = Draft::new(entry.conversation, text).replying_to(entry.seq);
    if let Err(error) = titan.post_with(draft).await {
        eprintln!("could not answer {}: {error}", entry.author.username);
    }
}

fn is_meant(me: &Account, message: &Message) -> bool {
    let is_me = |name: &str| look_alike(name) == look_alike(&me.username);
    mentions(message.text.written()).iter().any(|mention| mention.meant(is_me).is_some())
}
