//! Entries as lines for people: when, which number, who, what. Further lines of a message stand under its first.

use titan_core::protocol::{Body, Entry, Found, Message, RoomChange};
use unicode_width::UnicodeWidthStr;

use super::super::output::moment;
use crate::cli::output::{Output, Style, bytes, padded};

/// Narrowest column of names; it grows with who speaks.
const NAME_LEAST: usize = 8;
/// Longer names push only their own line.
const NAME_MOST: usize = 20;

/// The widths of the columns so far.
pub struct Lines {
    conversation: usize,
    number: usize,
    name: usize,
}

impl Lines {
    pub fn for_entries(entries: &[Entry]) -> Self {
        let mut lines = Self { conversation: 0, number: 2, name: NAME_LEAST };
        entries.iter().for_each(|entry| lines.make_room(entry));
        lines
    }

    pub fn for_found(found: &[Found]) -> Self {
        let mut lines = Self::for_entries(&[]);
        found.iter().for_each(|found| lines.make_room(&found.entry));
        lines.conversation = found.iter().map(|found| found.conversation_name.width()).max().unwrap_or(0);
        lines
    }

    fn make_room(&mut self, entry: &Entry) {
        self.number = self.number.max(number(entry).len());
        self.name = self.name.max(entry.author.username.width().min(NAME_MOST));
    }

    pub fn entry(&mut self, output: &Output, entry: &Entry) -> String {
        self.line(output, "", entry)
    }

    pub fn found(&mut self, output: &Output, found: &Found) -> String {
        let name = format!("{}  ", padded(&found.conversation_name, self.conversation));
        self.line(output, &name, &found.entry)
    }

    fn line(&mut self, output: &Output, prefix: &str, entry: &Entry) -> String {
        self.make_room(entry);
        let number = number(entry);
        let place = format!("{}  {}{number}", moment(entry.at), " ".repeat(self.number - number.len()));
        let name = padded(&entry.author.username, self.name);
        let indent = prefix.width() + place.width() + self.name + 4;
        let (text, spoken) = body(&entry.body);
        let text = text.replace('\n', &format!("\n{}", " ".repeat(indent)));
        let text = if spoken { text } else { output.styled(Style::Dim, &text) };
        format!("{prefix}{}  {}  {text}", output.styled(Style::Dim, &place), output.styled(Style::Bold, &name))
    }
}

fn number(entry: &Entry) -> String {
    format!("#{}", entry.seq)
}

/// What an entry says, and whether a person said it.
fn body(body: &Body) -> (String, bool) {
    let happened = |text: String| (text, false);
    match body {
        Body::Message(message) => (said(message), !message.deleted),
        Body::Edit { target, text, .. } => (format!("(changed #{target}) {text}"), true),
        Body::Deletion { target, .. } => happened(format!("deleted #{target}")),
        Body::Reaction { target, emoji, on: true, .. } => happened(format!("{emoji} to #{target}")),
        Body::Reaction { target, emoji, on: false, .. } => happened(format!("took {emoji} back from #{target}")),
        Body::Joined { .. } => happened("joined".to_owned()),
        Body::Left { by: None, .. } => happened("left".to_owned()),
        Body::Left { by: Some(by), .. } => happened(format!("was removed by {}", by.username)),
        Body::FileFetched { file, name, .. } => happened(format!("downloaded {name} (file {file})")),
        Body::RoomChanged { change, .. } => happened(changed(change)),
        Body::Damaged { .. } => happened("(this entry is damaged on the server's disk)".to_owned()),
        _ => happened("(something that this version doesn't know)".to_owned()),
    }
}

fn said(message: &Message) -> String {
    if message.deleted {
        return "(deleted)".to_owned();
    }
    let mut parts = Vec::new();
    parts.extend(message.reply_to.map(|seq| format!("(to #{seq})")));
    if !message.text.is_empty() {
        parts.push(message.text.to_string());
    }
    parts.extend(message.file.as_ref().map(|file| format!("[file {}: {}, {}]", file.id, file.name, bytes(file.size))));
    parts.extend(message.edited.map(|_| "(changed)".to_owned()));
    parts.extend(message.reactions.iter().map(|reaction| format!("{}{}", reaction.emoji, reaction.number())));
    parts.join(" ")
}

fn changed(change: &RoomChange) -> String {
    let name = change.name.as_ref().map(|name| format!("renamed the room to {name}"));
    let description = change.description.as_ref().map(|description| format!("described the room: {description}"));
    let locked = change.locked.map(|locked| if locked { "set a password" } else { "took the password off" }.to_owned());
    let known: Vec<String> = [name, description, locked].into_iter().flatten().collect();
    match known.is_empty() {
        true => "changed the room in a way that this version doesn't know".to_owned(),
        false => known.join("; "),
    }
}
