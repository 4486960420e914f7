//! Uploads and downloads, as the screen knows them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use titan_core::{AppId, BlobId, ConversationId, FileId, SafeText, Time, protocol::Category};

/// Names a transfer on this machine.
pub type TransferId = u64;

/// Uploads and downloads, the newest first.
#[derive(Default)]
pub struct Transfers {
    pub list: Vec<Transfer>,
    pub at: usize,
    pub next: TransferId,
}

/// What moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cargo {
    FetchApp(AppId),
    FetchFile(FileId),
    /// What the server keeps of me.
    Export,
    SendApp {
        name: String,
        description: String,
        category: Category,
        version: String,
    },
    SendFile {
        conversation: ConversationId,
        text: String,
    },
}

impl Cargo {
    pub fn is_upload(&self) -> bool {
        matches!(self, Self::SendApp { .. } | Self::SendFile { .. })
    }
}

/// A transfer as it is kept over a restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedTransfer {
    pub cargo: Cargo,
    pub name: SafeText,
    /// The file sent, or the folder or file written to.
    pub path: PathBuf,
    pub size: u64,
    pub done: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<BlobId>,
    pub finished: bool,
}

/// One upload or download.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    pub id: TransferId,
    pub saved: SavedTransfer,
    pub state: TransferState,
    /// Bytes a second, smoothed.
    pub rate: f64,
    pub measured: Option<(Time, u64)>,
}

/// Where a transfer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferState {
    Running,
    Paused,
    Done,
    Failed(String),
}

impl Transfers {
    pub fn running(&self) -> usize {
        self.list.iter().filter(|transfer| transfer.state == TransferState::Running).count()
    }

    /// The one under way that began last.
    pub fn moving(&self) -> Option<&Transfer> {
        self.list.iter().find(|transfer| transfer.state == TransferState::Running)
    }

    pub fn get_mut(&mut self, id: TransferId) -> Option<&mut Transfer> {
        self.list.iter_mut().find(|transfer| transfer.id == id)
    }

    pub fn saved(&self) -> Vec<SavedTransfer> {
        self.list.iter().map(|transfer| transfer.saved.clone()).collect()
    }
}

impl Transfer {
    /// How far, from 0 to 1.
    pub fn fraction(&self) -> f64 {
        match (self.state == TransferState::Done, self.saved.size) {
            (true, _) => 1.0,
            (false, 0) => 0.0,
            (false, size) => (self.saved.done as f64 / size as f64).clamp(0.0, 1.0),
        }
    }

    /// Seconds left at the present rate.
    pub fn seconds_left(&self) -> Option<u64> {
        let left = self.saved.size.saturating_sub(self.saved.done);
        (self.rate > 1.0).then(|| (left as f64 / self.rate).ceil() as u64)
    }
}
