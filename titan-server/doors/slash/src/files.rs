//! Files, on their way in and out.
//!
//! Of a path that a client says, only the last component is ever looked at, and only as a name.

use bytes::Bytes;
use titan_core::protocol::{Body, Fault, FaultCode};
use titan_core::{ConversationId, SafeText, text};

use super::answer::{Answer, LOGIN_FIRST, Refusal, Sending, Then};
use super::file_names::{ending, id_in, unique_name};
use super::guest::{Guest, Person};
use super::rooms::found;
use super::words::stamped;
use titan_blobs::{BlobError, Held, Incoming};
use titan_door::House;
use titan_door::pace::Pace;
use titan_hub::{FileRecord, NewFile};

/// Bytes of a refused file that are taken off the wire all the same; of one that is larger none are waited for.
const SWALLOWED_MOST: u64 = 1024 * 1024 * 1024;

/// A file on its way in. Its announced bytes are taken off the wire whatever becomes of it, within reason.
pub struct Receiving {
    left: u64,
    /// How fast it comes.
    pub pace: Pace,
    /// None once it has been refused.
    taking: Option<Taking>,
}

struct Taking {
    incoming: Incoming,
    room: ConversationId,
    room_name: SafeText,
    name: String,
    /// The room it takes, until the store knows of it.
    held: Held,
}

impl Guest {
    /// Begins to take a file in; what is said if it may not come.
    pub async fn receive(&mut self, what: &str, size: u64) -> (Receiving, Option<String>) {
        let begun = match &self.person {
            Some(person) => person.begin(&self.house, what, size).await,
            None => Err(Refusal::stamped(LOGIN_FIRST)),
        };
        match begun {
            Ok(taking) => (Receiving { left: size, pace: Pace::default(), taking: Some(taking) }, None),
            Err(Refusal(said)) => (Receiving { left: size, pace: Pace::default(), taking: None }, Some(said)),
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

    /// Whether it was refused and says more bytes than anybody will send.
    pub fn is_hopeless(&self) -> bool {
        self.taking.is_none() && self.left > SWALLOWED_MOST
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
        let held = house.blobs.hold(&self.session, size, size).await.map_err(Refusal::error)?;
        let incoming = house.blobs.incoming(most).await.map_err(Fault::from)?;
        Ok(Taking { incoming, room: room.id, room_name: room.name, name: text::file_name(path), held })
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
        let Taking { incoming, room, room_name, name, held: _held } = taking;
        let blob = incoming.finish().await.map_err(Fault::from)?;
        let file = NewFile { name, size: blob.size, blob: blob.id, unique_name: None };
        let entry = self.session.share(room, file).await?;
        self.wrote(room, entry.seq);
        let file = match &entry.body {
            Body::Message(message) => message.file.as_ref(),
            _ => None,
        };
        let unique = file.map(|file| unique_name(&room_name, entry.at, &file.name, file.id)).unwrap_or_default();
        Ok(stamped(format_args!("File '{unique}' uploaded to room '{room_name}'.")))
    }

    /// Gives a file out, and notes so in its room's history.
    pub async fn download(&self, name: &str) -> Result<Answer, Refusal> {
        let record = self.file(name).await?;
        let blob = self.blobs.open_blob(record.blob, record.size).await.map_err(Fault::from)?;
        if let Err(fault) = self.session.note_fetched(&record).await {
            tracing::debug!(%fault, "that a file was fetched was not noted");
        }
        let sending = Sending { name: SafeText::line(name).to_string(), size: record.size, blob };
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
