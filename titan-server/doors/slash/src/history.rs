//! A room's log as lines: what was said, who came and went, which files were put there and fetched.

use std::collections::HashMap;

use titan_core::protocol::{Body, Entry};
use titan_core::{ConversationId, FileId, Seq};

use super::file_names::name_of;
use super::hear::moved;
use super::words::{indented, stamped_at};
use titan_hub::{Outcome, Range, Session};

/// Entries read at a time.
const PAGE: u32 = 500;

/// The names under which files are fetched here.
type Names = HashMap<FileId, (String, String)>;

/// The last entries up to a seq, at most so many, oldest first, a line each; those of which nothing is told are left out.
pub async fn lines(
    me: &Session,
    room: ConversationId,
    name: &str,
    last: Option<Seq>,
    most: usize,
) -> Outcome<Vec<(Entry, String)>> {
    let entries = entries(me, room, last, most).await?;
    let files = if entries.iter().any(tells_of_file) { me.files(room).await? } else { Vec::new() };
    let names: Names = files.iter().map(|file| (file.id, (name_of(file, name), file.name.clone()))).collect();
    let line = |entry: Entry| event(&entry, name, &names).map(|event| (entry, event));
    Ok(entries.into_iter().filter_map(line).collect())
}

async fn entries(me: &Session, room: ConversationId, last: Option<Seq>, most: usize) -> Outcome<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut range = last.map_or(Range::Last, |last| Range::Before(last.next()));
    while entries.len() < most {
        let left = u32::try_from(most - entries.len()).unwrap_or(PAGE).min(PAGE);
        let mut page = me.history(room, range, Some(left)).await?.entries;
        let Some(first) = page.first() else { break };
        range = Range::Before(first.seq);
        page.append(&mut entries);
        entries = page;
    }
    Ok(entries)
}

fn tells_of_file(entry: &Entry) -> bool {
    match &entry.body {
        Body::Message(message) => message.file.is_some(),
        Body::FileFetched { .. } => true,
        _ => false,
    }
}

fn event(entry: &Entry, room: &str, names: &Names) -> Option<String> {
    let who = &entry.author.username;
    let file = |id: FileId, did: &str| {
        let (unique, original) = names.get(&id)?;
        Some(stamped_at(entry.at, format_args!("User {who} {did} file '{unique}' (Original: {original})")))
    };
    match &entry.body {
        Body::Message(message) if !message.deleted => {
            let said = (!message.text.is_empty())
                .then(|| stamped_at(entry.at, format_args!("{who}: {}", indented(&message.text))));
            let uploaded = message.file.as_ref().and_then(|info| file(info.id, "uploaded"));
            let lines: Vec<String> = uploaded.into_iter().chain(said).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        }
        Body::Joined { .. } => Some(stamped_at(entry.at, moved(who, true, room))),
        Body::Left { .. } => Some(stamped_at(entry.at, moved(who, false, room))),
        Body::FileFetched { file: id, .. } => file(*id, "downloaded"),
        _ => None,
    }
}
