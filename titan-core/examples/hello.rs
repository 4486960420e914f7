//! The shortest useful program: log in, look around, say hello.

mod support;

use clap::Parser;
use titan_core::client::Client;

/// Logs in, lists your conversations, and says hello in one of them.
#[derive(Parser)]
#[command(after_help = "Example: cargo run --example hello -- --user ada --password secret --register")]
struct Arguments {
    #[command(flatten)]
    door: support::Door,
    /// Where to say it
    #[arg(long, default_value = "general", value_name = "CONVERSATION")]
    to: String,
    /// What to say
    #[arg(default_value = "Hello!")]
    text: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (titan, _events) = Client::connect(arguments.door.options().await?).await?;
    for conversation in titan.conversations().await? {
        println!("{} ({} unread)", support::name(&conversation), conversation.unread);
    }
    let conversation = support::conversation(&titan, &arguments.to).await?;
    let posted = titan.post(conversation, &arguments.text).await?;
    println!("said as number {} of {}", posted.seq, arguments.to);
    Ok(())
}
