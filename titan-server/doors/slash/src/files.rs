//! Files: their names here, and their way in and out.
//!
//! A file is known by a name made of its room, its time, its own name and its id; one that was imported keeps the name it
//! had. Of a path that a client says, only the last component is ever looked at, and only as a name.

use bytes::Bytes;
use titan_core::protocol::{Body, Fault, FaultCode};
use titan_core::{ConversationId, FileId, SafeText, Time, text};

use super::guest::{Guest, Person};
use super::perform::LOGIN_FIRST;
use super::rooms::found;
use super::words::{Answer, Refusal, Then, local, stamped};
use titan_blobs::{BlobError, BlobFile, Incoming};
use titan_door::House;
use titan_hub::{FileRecord, NewFile, Post, Range};

/// A file on its way in. Its announced bytes are taken off the wire whatever becomes of it.
pub struct Receiving {
    left: u64,
    /// None once it has been refused.
    taking: Option<Taking>,
}

struct Taking {
    incoming: Incoming,
    room: ConversationId,
    room_name: SafeText,
    name: String,
}

/// A file on its way out.
pub struct Sending {
    pub name: String,
    pub size: u64,
    pub blob: BlobFile,
}

impl Guest {
    /// Begins to take a file in; what is said if it may not come.
    pub async fn receive(&mut self, what: &str, size: u64) -> (Receiving, Option<String>) {
        let begun = match &self.person {
            Some(person) => person.begin(&self.house, what, size).await,
            None => Err(Refusal::stamped(LOGIN_FIRST)),
        };
        match begun {
            Ok(taking) => (Receiving { left: size, taking: Some(taking) }, None),
            Err(Refusal(said)) => (Receiving { left: size, taking: None }, Some(said)),
        }
    }

    /// All bytes are there: puts the file into its room. What is said then; nothing of a file that was refused.
    pub async fn received(&mut self, receiving: Receiving) -> Option<String> {
        let (taking, person) = (receiving.taking?, self.person.as_mut()?);
        Some(person.put(taking).await.unwrap_or_else(|Refusal(said)| said))
    }
}

impl Receiving {
    pub fn is_whole(&self) -> bool {
        self.left == 0
    }

    /// Takes some of its bytes in; what is said if they could not be kept.
    pub async fn push(&mut self, bytes: &Bytes, house: &House) -> Option<String> {
        self.left = self.left.saturating_sub(bytes.len() as u64);
        let taking = self.taking.as_mut()?;
        house.metrics.uploaded(bytes.len() as u64);
        let error = taking.incoming.push(bytes).await.err()?;
        self.taking = None;
        Some(Refusal::from(Fault::from(error)).0)
    }
}

impl Person {
    async fn begin(&self, house: &House, what: &str, size: u64) -> Result<Taking, Refusal> {
        let (room, path) = self.room_and_path(what);
        let room = found(&self.session, room).await?;
        let most = house.sizes.upload;
        if size > most {
            return Err(Refusal::error(BlobError::TooLarge { most }));
        }
        self.session.permit_upload(room.id).await.map_err(|fault| match fault.code {
            FaultCode::NotAMember => Refusal::error(format_args!("You are not in room '{}'.", room.name)),
            _ => fault.into(),
        })?;
        let incoming = house.blobs.incoming(most).await.map_err(Fault::from)?;
        Ok(Taking { incoming, room: room.id, room_name: room.name, name: text::file_name(path) })
    }

    /// A room's name may have spaces: the one somebody is in is known by its own.
    fn room_and_path<'a>(&self, what: &'a str) -> (&'a str, &'a str) {
        let here = self.room.as_ref().and_then(|room| {
            let path = what.strip_prefix(room.name.as_str())?.strip_prefix(' ')?;
            Some((&what[..room.name.len()], path))
        });
        here.or_else(|| what.split_once(' ')).unwrap_or((what, ""))
    }

    async fn put(&mut self, taking: Taking) -> Result<String, Refusal> {
        let Taking { incoming, room, room_name, name } = taking;
        let blob = incoming.finish().await.map_err(Fault::from)?;
        let file = NewFile { name, size: blob.size, blob: blob.id, unique_name: None };
        let post = Post { conversation: room, text: String::new(), reply_to: None, file: Some(file), client_id: None };
        let posted = self.session.post(post).await?;
        self.wrote(room, posted.seq);
        let entries = self.session.history(room, Range::Before(posted.seq.next()), Some(1)).await?.entries;
        let entry = entries.into_iter().find(|entry| entry.seq == posted.seq);
        let unique = entry.and_then(|entry| match entry.body {
            Body::Message(message) => message.file.map(|file| unique_name(&room_name, entry.at, &file.name, file.id)),
            _ => None,
        });
        let unique = unique.unwrap_or_default();
        Ok(stamped(format_args!("File '{unique}' uploaded to room '{room_name}'.")))
    }

    /// Gives a file out, and notes so in its room's history.
    pub async fn download(&self, name: &str) -> Result<Answer, Refusal> {
        let record = self.file(name).await?;
        let blob = self.blobs.open_blob(record.blob, record.size).await.map_err(Fault::from)?;
        if let Err(fault) = self.session.note_fetched(&record).await {
            tracing::debug!(%fault, "that a file was fetched was not noted");
        }
        let sending = Sending { name: SafeText::line(name).into_string(), size: record.size, blob };
        Ok(Answer { texts: Vec::new(), then: Then::Send(Box::new(sending)) })
    }

    /// A file by an imported name, or by the id at the end of one of ours whose own name is right.
    async fn file(&self, name: &str) -> Result<FileRecord, Refusal> {
        let absent = || Refusal::stamped(format_args!("File '{}' not found.", SafeText::line(name)));
        let known = match self.session.file_named(name).await {
            Ok(record) => return Ok(record),
            Err(fault) if fault.code != FaultCode::NotFound => return Err(fault.into()),
            Err(_) => id_in(name).ok_or_else(absent)?,
        };
        let record = self.session.open_file(known).await.map_err(|fault| match fault.code {
            FaultCode::NotFound => absent(),
            _ => fault.into(),
        })?;
        if name.ends_with(&ending(&record.name, record.id)) { Ok(record) } else { Err(absent()) }
    }
}

/// The name a file has here, in a room that is called so.
pub fn name_of(file: &FileRecord, room: &str) -> String {
    file.unique_name.clone().unwrap_or_else(|| unique_name(room, file.at, &file.name, file.id))
}

/// Without spaces, so that clients can tell it from what stands beside it.
pub fn unique_name(room: &str, at: Time, name: &str, id: FileId) -> String {
    format!("{}_{}{}", unspaced(room), local(at, "%Y%m%d_%H%M%S"), ending(name, id))
}

fn ending(name: &str, id: FileId) -> String {
    format!("_{}_{:08x}", unspaced(name), id.0)
}

fn unspaced(name: &str) -> String {
    name.replace(char::is_whitespace, "_")
}

fn id_in(name: &str) -> Option<FileId> {
    let (_, digits) = name.rsplit_once('_')?;
    i64::from_str_radix(digits, 16).ok().map(FileId)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_unique_name_leads_back_to_its_file(room in "\\PC{1,20}", name in "\\PC{1,20}", id in 1..i64::MAX) {
            let unique = unique_name(&room, Time(0), &name, FileId(id));
            prop_assert_eq!(id_in(&unique), Some(FileId(id)));
            prop_assert!(unique.ends_with(&ending(&name, FileId(id))));
            prop_assert!(!unique.contains(char::is_whitespace));
        }

        #[test]
        fn any_name_is_looked_for(name in any::<String>()) {
            let _ = id_in(&name);
        }
    }
}
