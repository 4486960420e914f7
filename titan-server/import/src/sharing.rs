//! Files that come in, each with the message that tells of it; and those that are not to be found. Where the operator goes on
//! without them, a line stands in their place, and the audit log keeps what it takes to bring them in later.

use titan_core::protocol::Author;
use titan_core::text::file_name;
use titan_core::{ConversationId, FileId, SafeText, Seq, Time};

use super::names::shown;
use super::under_way::Import;
use titan_store::{AuditRecord, NewFile, StoreResult};

/// The act in the audit log for a file that could not come along.
pub const LEFT_OUT: &str = "left_out_file";

/// A file that somebody shared.
pub struct SharedFile {
    /// What the older system calls it by.
    pub key: String,
    pub by: Author,
    /// The name it was shared under.
    pub name: String,
    /// Where the older system had put it.
    pub path: String,
    /// The name that the system's people know it by.
    pub unique_name: Option<String>,
}

impl Import {
    /// Copies a file into the house with the message that tells of it; none where its bytes are not to be found.
    /// `place` is what lines call the conversation by.
    pub fn put_file(
        &mut self,
        to: ConversationId,
        place: &str,
        file: SharedFile,
        at: Time,
    ) -> anyhow::Result<Option<FileId>> {
        let Some(found) = self.shelf.find(&file.path) else {
            self.miss(to, place, &file, at)?;
            return Ok(None);
        };
        let blob = self.shelf.keep(&found)?;
        let unique_name = self.unique_name(file.unique_name)?;
        let new = NewFile { name: file_name(&file.name), size: blob.size, blob: blob.id, unique_name };
        let id = self.importer.shared(to, file.by, at, new, None)?;
        self.put.entries += 1;
        self.put.files += 1;
        self.done.files += 1;
        Ok(Some(id))
    }

    /// A file that is not there: said, and marked at its place.
    fn miss(&mut self, to: ConversationId, place: &str, file: &SharedFile, at: Time) -> anyhow::Result<()> {
        let (name, by) = (shown(&file.name), shown(self.people.called(&file.by)));
        let line = format!("file {name} of {by} in {place}: it was not found, stored as {}", shown(&file.path));
        self.done.leave_out(line.clone());
        self.done.missing.push(line);
        let text = format!("[{}: this file did not come along]", file_name(&file.name));
        let seq = self.importer.said(to, file.by.clone(), at, text)?;
        self.put.entries += 1;
        let place = format!("conversation {to} entry {}", seq.0);
        Ok(self.keep_in_mind(&place, &file.key)?)
    }

    /// Notes in the audit log what could not come along, and whose place it has.
    pub fn keep_in_mind(&mut self, object: &str, key: &str) -> StoreResult<()> {
        self.act(LEFT_OUT, object, key)
    }

    /// Notes in the audit log what was done with a file of this source.
    pub fn act(&mut self, act: &str, object: &str, key: &str) -> StoreResult<()> {
        let detail = format!("{} file {key}", self.fingerprint.to_text());
        let (act, object) = (act.to_owned(), object.to_owned());
        self.importer.audit(&AuditRecord { at: self.now, by: None, act, object, detail })
    }

    /// The name, where it may stand and no other file has it; the house makes one up otherwise.
    pub fn unique_name(&mut self, name: Option<String>) -> StoreResult<Option<String>> {
        let Some(name) = name else { return Ok(None) };
        let plain = SafeText::line(&name).written() == &*SafeText::new(&name) && !name.contains(['/', '\\']);
        if plain && !self.importer.file_named(&name)? {
            return Ok(Some(name));
        }
        self.done.renamed.push(format!("file {} has another unique name now", shown(&name)));
        Ok(None)
    }
}

/// Where a file's line stands: what [`Import::keep_in_mind`] was told.
pub fn place_of(object: &str) -> Option<(ConversationId, Seq)> {
    let mut words = object.split(' ');
    let numbers = match (words.next(), words.next(), words.next(), words.next()) {
        (Some("conversation"), Some(conversation), Some("entry"), Some(seq)) => (conversation, seq),
        _ => return None,
    };
    Some((ConversationId(numbers.0.parse().ok()?), Seq(numbers.1.parse().ok()?)))
}
