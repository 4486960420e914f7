//! What is said: send, tail, history, search, react, edit, delete.

mod lines;
mod pages;

use clap::Args;
use titan_core::{
    ConversationId, EntryId, Seq,
    cache::Cache,
    client::{Client, ClientEvent, Connection, Draft, Error, Events},
    protocol::{Entry, Event, Posted, Results},
};

use self::{lines::Lines, pages::Wanted};
use super::{
    failure::Failure,
    globals::Globals,
    input,
    output::Output,
    session::{self, acknowledged},
    target::{self, Target},
    words,
};
use crate::{credentials::Folders, terminal::hang_up};

#[derive(Args, Clone, Debug)]
pub struct Send {
    /// #room, a room's name, @user, a titan number, or the conversation's number.
    conversation: Target,
    /// What to say, or - to read it from standard input.
    #[arg(allow_hyphen_values = true)]
    text: String,
    /// The number of the message this answers.
    #[arg(long, value_name = "SEQ", value_parser = target::seq)]
    reply: Option<Seq>,
}

#[derive(Args, Clone, Debug)]
pub struct Tail {
    /// #room, a room's name, @user, a titan number, or the conversation's number.
    conversation: Target,
    /// How many.
    #[arg(short = 'n', long = "lines", value_name = "COUNT", default_value_t = 20)]
    count: u32,
    /// Go on with what comes, also after the connection was lost.
    #[arg(short, long)]
    follow: bool,
}

#[derive(Args, Clone, Debug)]
pub struct History {
    /// #room, a room's name, @user, a titan number, or the conversation's number.
    conversation: Target,
    /// Only what was said before this one; the last of them.
    #[arg(long, value_name = "SEQ", value_parser = target::seq)]
    before: Option<Seq>,
    /// Only what was said after this one; the first of them.
    #[arg(long, value_name = "SEQ", value_parser = target::seq)]
    after: Option<Seq>,
    /// How many.
    #[arg(short = 'n', long = "lines", value_name = "COUNT", default_value_t = 50)]
    count: u32,
}

#[derive(Args, Clone, Debug)]
pub struct Search {
    #[arg(required = true)]
    words: Vec<String>,
    /// Only in this conversation.
    #[arg(long = "in", value_name = "CONVERSATION")]
    conversation: Option<Target>,
    /// How many, the newest first.
    #[arg(short = 'n', long = "lines", value_name = "COUNT", default_value_t = 50)]
    count: u32,
    /// Only what is older than the entry of this id: what a search says when there is more.
    #[arg(long, value_name = "ID")]
    before: Option<i64>,
    /// Only in the history that the screen has kept on this machine; needs no network.
    #[arg(long)]
    offline: bool,
}

pub async fn send(globals: &Globals, output: &Output, send: Send) -> Result<(), Failure> {
    let text = input::text(send.text).await?;
    let client = session::client(globals, output).await?;
    let conversation = send.conversation.find(&client).await?;
    say(output, &client, conversation, text, send.reply).await
}

/// Sends a text and waits until it is on the server's disk.
pub async fn say(
    output: &Output,
    client: &Client,
    conversation: ConversationId,
    text: String,
    reply_to: Option<Seq>,
) -> Result<(), Failure> {
    let mut draft = Draft::new(conversation, text);
    draft.reply_to = reply_to;
    let posted = acknowledged(client.post_with(draft)).await?;
    done(output, &posted, "sent")
}

fn done(output: &Output, posted: &Posted, what: &str) -> Result<(), Failure> {
    if output.json {
        return output.object(posted);
    }
    output.remark(format!("{what} (#{})", posted.seq));
    Ok(())
}

pub async fn react(
    globals: &Globals,
    output: &Output,
    conversation: &Target,
    seq: Seq,
    emoji: &str,
    on: bool,
) -> Result<(), Failure> {
    let named = emojis::get_by_shortcode(emoji.trim_matches(':'));
    let emoji = named.map_or(emoji, |emoji| emoji.as_str());
    let client = session::client(globals, output).await?;
    let conversation = conversation.find(&client).await?;
    let posted = acknowledged(client.react(conversation, seq, emoji, on)).await?;
    done(output, &posted, if on { "reacted" } else { "taken back" })
}

pub async fn edit(
    globals: &Globals,
    output: &Output,
    conversation: &Target,
    seq: Seq,
    text: String,
) -> Result<(), Failure> {
    let text = input::text(text).await?;
    let client = session::client(globals, output).await?;
    let conversation = conversation.find(&client).await?;
    let posted = acknowledged(client.edit(conversation, seq, &text)).await?;
    done(output, &posted, "changed")
}

pub async fn delete(globals: &Globals, output: &Output, conversation: &Target, seq: Seq) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    let conversation = conversation.find(&client).await?;
    let posted = acknowledged(client.delete(conversation, seq)).await?;
    done(output, &posted, "deleted")
}

pub async fn history(globals: &Globals, output: &Output, history: History) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    let conversation = history.conversation.find(&client).await?;
    let wanted = Wanted { after: history.after, before: history.before, count: history.count, all_kinds: output.json };
    let entries = pages::read(&client, conversation, wanted).await?;
    show(output, &mut Lines::for_entries(&entries), &entries)
}

fn show(output: &Output, lines: &mut Lines, entries: &[Entry]) -> Result<(), Failure> {
    entries.iter().try_for_each(|entry| output.result(entry, || lines.entry(output, entry)))
}

/// Events are subscribed to before history is read, and what comes twice is dropped by its seq: nothing is missed.
pub async fn tail(globals: &Globals, output: &Output, tail: Tail) -> Result<(), Failure> {
    let (client, events) = session::connect(globals, output).await?;
    let conversation = tail.conversation.find(&client).await?;
    let wanted = Wanted { after: None, before: None, count: tail.count, all_kinds: output.json };
    let page = pages::newest(&client, conversation, wanted).await?;
    let mut lines = Lines::for_entries(&page.entries);
    show(output, &mut lines, &page.entries)?;
    if !tail.follow {
        return Ok(());
    }
    tokio::select! {
        followed = follow(output, events, conversation, page.head, lines) => followed,
        // As in `tail -f | head -1`: whoever has enough is not to wait for one more message.
        () = hang_up::output_unread() => Err(Failure::Unread),
    }
}

async fn follow(
    output: &Output,
    mut events: Events,
    conversation: ConversationId,
    mut last: Seq,
    mut lines: Lines,
) -> Result<(), Failure> {
    while let Some(event) = events.next().await {
        match event {
            ClientEvent::Server(Event::Entry { entry, .. })
                if entry.conversation == conversation && entry.seq > last =>
            {
                last = entry.seq;
                output.result(&entry, || lines.entry(output, &entry))?;
            }
            ClientEvent::Server(Event::ConversationRemoved { conversation: removed, reason, .. })
                if removed == conversation =>
            {
                return Err(Failure::refused(reason.as_str()));
            }
            ClientEvent::Connection(Connection::Waiting { why, .. }) => output.remark(format!("waiting: {why}")),
            ClientEvent::Connection(Connection::Ended { untrusted: Some(server), .. }) => {
                return Err(Error::Untrusted(server).into());
            }
            ClientEvent::Connection(Connection::Ended { why, .. }) => {
                return Err(Failure::NotLoggedIn(words::session_over(&why)));
            }
            _ => {}
        }
    }
    Err(Error::Offline.into())
}

pub async fn search(globals: &Globals, output: &Output, search: Search) -> Result<(), Failure> {
    let Results { results, before, .. } =
        if search.offline { search_here(globals, &search)? } else { ask(globals, output, &search).await? };
    if results.is_empty() {
        output.remark("Nothing found.");
    }
    let mut lines = Lines::for_found(&results);
    results.iter().try_for_each(|found| output.result(found, || lines.found(output, found)))?;
    if let Some(before) = before {
        output.more(before.0, || words::more_is_older(before));
    }
    Ok(())
}

/// As many as are wanted, in as many pages as that takes.
async fn ask(globals: &Globals, output: &Output, search: &Search) -> Result<Results, Failure> {
    let client = session::client(globals, output).await?;
    let conversation = match &search.conversation {
        Some(target) => Some(target.find(&client).await?),
        None => None,
    };
    let (wanted, mut found) = (search.count.max(1) as usize, Vec::new());
    let mut pages = client.search(search.words.join(" "), conversation);
    if let Some(before) = search.before {
        pages = pages.before(EntryId(before));
    }
    while found.len() < wanted {
        pages = pages.by((wanted - found.len()) as u32);
        match pages.next().await? {
            Some(page) => found.extend(page),
            None => break,
        }
    }
    Ok(Results::new(found, pages.rest()))
}

/// Looks in the cache that the screen keeps. It is only read.
fn search_here(globals: &Globals, search: &Search) -> Result<Results, Failure> {
    let folders = Folders::find(globals.data_dir.as_deref())?;
    let login = session::login(globals, &folders)?;
    let path = folders.cache(&login.server, &login.username);
    if !path.is_file() {
        return Err(Failure::refused(words::NO_HISTORY_HERE));
    }
    let cache = Cache::open(path)?;
    let conversation = match &search.conversation {
        None => None,
        Some(target) => {
            let found = target.among(&cache.conversations()?);
            Some(found.ok_or_else(|| Failure::refused("That conversation is not in the history on this machine."))?)
        }
    };
    let before = search.before.map(EntryId);
    Ok(cache.find(&search.words.join(" "), conversation, before, search.count.max(1) as usize)?)
}
