//! What is known of an upload: kept as JSON beside its bytes, replaced whole and through to the disk.

use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use titan_core::protocol::Category;
use titan_core::{AccountId, BlobId, ClientId, ConversationId, Time};

use crate::sync_folder;
use titan_disk::data_dir::write_secret;

/// An upload's name: 128 random bits, 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UploadId(String);

/// What a client says when it begins.
#[derive(Clone, Debug)]
pub struct NewUpload {
    pub length: u64,
    pub purpose: Purpose,
    pub file_name: String,
    /// What the bytes must turn out to be.
    pub sha256: Option<BlobId>,
    /// The metadata as the client wrote it, given back when it asks.
    pub told: Option<String>,
}

/// What the bytes are to become.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    App { name: String, description: String, category: Category, version: String, metadata: String },
    File { conversation: ConversationId, text: String, client_id: ClientId },
}

/// An upload as it stands on disk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Slip {
    pub account: AccountId,
    pub length: u64,
    pub purpose: Purpose,
    pub file_name: String,
    pub sha256: Option<BlobId>,
    pub told: Option<String>,
    pub created_at: Time,
    pub stage: Stage,
}

/// How far an upload has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Receiving,
    /// All bytes are here; what they become may or may not have been written.
    Handing {
        blob: BlobId,
        since: Time,
    },
    /// What it became: the JSON of an app or of a posted message.
    Done {
        result: String,
    },
}

impl UploadId {
    pub fn fresh() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UploadId {
    type Err = ();

    /// Only what a fresh id looks like: it becomes part of a path.
    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() == 32 && digits { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The upload a file of the folder belongs to, and whether it is the slip.
pub fn id_of(path: &Path) -> Option<(UploadId, bool)> {
    let name = path.file_name()?.to_str()?;
    match name.strip_suffix(".json") {
        Some(stem) => Some((stem.parse().ok()?, true)),
        None => Some((name.parse().ok()?, false)),
    }
}

impl Slip {
    pub fn new(account: AccountId, new: NewUpload) -> Self {
        Self {
            account,
            length: new.length,
            purpose: new.purpose,
            file_name: new.file_name,
            sha256: new.sha256,
            told: new.told,
            created_at: Time::now(),
            stage: Stage::Receiving,
        }
    }

    /// What was said of it is said elsewhere now, and may be taken back there.
    pub fn forget_words(&mut self) {
        (self.file_name, self.told) = (String::new(), None);
        match &mut self.purpose {
            Purpose::App { name, description, version, metadata, .. } => {
                [name, description, version, metadata].into_iter().for_each(String::clear);
            }
            Purpose::File { text, .. } => text.clear(),
        }
    }

    pub fn read(path: &Path) -> io::Result<Self> {
        serde_json::from_slice(&std::fs::read(path)?).map_err(io::Error::other)
    }

    /// Replaces the slip on disk. Blocks.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let fresh = path.with_extension("new");
        write_secret(&fresh, &serde_json::to_vec(self).map_err(io::Error::other)?)?;
        std::fs::rename(&fresh, path)?;
        path.parent().map_or(Ok(()), sync_folder)
    }
}

impl Stage {
    pub fn blob(&self) -> Option<BlobId> {
        match self {
            Self::Handing { blob, .. } => Some(*blob),
            Self::Receiving | Self::Done { .. } => None,
        }
    }
}

/// What a turn works on. The slip is there once it is on disk, and gone once the upload is given up.
#[derive(Default)]
pub(super) struct State {
    pub slip: Option<Slip>,
    /// Bytes on disk.
    pub offset: u64,
}
