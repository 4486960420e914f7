//! A room's log as lines: what was said, who came and went, which files were put there and fetched.

use std::collections::HashMap;

use titan_core::protocol::{Body, Entry};
use titan_core::{ConversationId, FileId, Seq};

use super::file_names::name_of;
use super::hear::moved;
use super::words::{indented, stamped_at};
use titan_door::listing::fitting;
use titan_hub::{Listed, Outcome, Range, Session};

/// Entries read at a time.
const PAGE: u32 = 500;
/// Bytes of the lines: clients print them all at once.
const HISTORY_BYTES: usize = 1024 * 1024;

/// The names under which files are fetched here.
type Names = HashMap<FileId, (String, String)>;

/// What stands before the lines of a log of which the older ones had no room.
pub const OLDER: &str = "\n… and what was before";

/// The end of a log.
pub struct History {
    pub lines: Vec<(Entry, String)>,
    /// Whether something was before.
    pub cut: bool,
}

/// The last entries up to a seq, at most so many and as far as they fit, oldest first, a line each; those of which nothing is
/// told are left out.
pub async fn lines(me: &Session, room: ConversationId, name: &str, last: Option<Seq>, most: usize) -> Outcome<History> {
    let (entries, mut cut) = entries(me, room, last, most).await?;
    let files: Vec<FileId> = entries.iter().filter_map(file_told_of).collect();
    let files = if files.is_empty() { Vec::new() } else { me.files_among(room, files).await? };
    let names: Names = files.iter().map(|file| (file.id, (name_of(file, name), file.name.clone()))).collect();
    let line = |entry: Entry| event(&entry, name, &names).map(|event| (entry, event));
    let lines = entries.into_iter().rev().filter_map(line).collect();
    let Listed { list: mut lines, more } =
        fitting(Listed { list: lines, more: false }, HISTORY_BYTES, |(_, line): &(Entry, String)| line.len() + 1);
    cut |= more;
    lines.reverse();
    Ok(History { lines, cut })
}

/// With whether there were more.
async fn entries(me: &Session, room: ConversationId, last: Option<Seq>, most: usize) -> Outcome<(Vec<Entry>, bool)> {
    let (mut pages, mut read, mut bytes) = (Vec::new(), 0, 0);
    let mut range = last.map_or(Range::Last, |last| Range::Before(last.next()));
    let cut = loop {
        if read >= most || bytes >= HISTORY_BYTES {
            break !me.history(room, range, Some(1)).await?.entries.is_empty();
        }
        let left = u32::try_from(most - read).unwrap_or(PAGE).min(PAGE);
        let page = me.history(room, range, Some(left)).await?.entries;
        let Some(first) = page.first() else { break false };
        range = Range::Before(first.seq);
        read += page.len();
        bytes += page.iter().map(text_bytes).sum::<usize>();
        pages.push(page);
    };
    Ok((pages.into_iter().rev().flatten().collect(), cut))
}

fn text_bytes(entry: &Entry) -> usize {
    if let Body::Message(message) = &entry.body { message.text.len() } else { 0 }
}

fn file_told_of(entry: &Entry) -> Option<FileId> {
    match &entry.body {
        Body::Message(message) => message.file.as_ref().map(|file| file.id),
        Body::FileFetched { file, .. } => Some(*file),
        _ => None,
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
