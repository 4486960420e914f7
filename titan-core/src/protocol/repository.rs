//! Apps, as they travel.

use serde::{Deserialize, Serialize};

use super::{AppState, Author, Category};
use crate::{AppId, BlobId, SafeText, Time};

/// An app of the repository. Its bytes are at `GET /api/download/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    /// Which.
    pub id: AppId,
    /// What it is called.
    pub name: SafeText,
    /// What it is for.
    pub description: SafeText,
    /// What kind of thing it is.
    pub category: Category,
    /// As its author counts.
    pub version: SafeText,
    /// Who uploaded it.
    pub author: Author,
    /// What the file is called.
    pub file_name: SafeText,
    /// Bytes.
    pub size: u64,
    /// What the admins approve, and what a download is checked against.
    pub sha256: BlobId,
    /// Where it stands with the admins.
    pub state: AppState,
    /// The admin who approved or rejected it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Author>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Time>,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<SafeText>,
    /// How often it was fetched.
    pub downloads: u64,
    /// When it came.
    pub uploaded_at: Time,
}

/// The repository in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryStats {
    /// Apps for everybody.
    pub approved: u64,
    /// Apps that wait.
    pub pending: u64,
    /// Of all apps.
    pub downloads: u64,
    /// Approved apps of each category that has any.
    pub categories: std::collections::BTreeMap<String, u64>,
}
