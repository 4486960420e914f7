//! Apps, as they travel.

use serde::{Deserialize, Serialize};

use super::{AppState, Author, Category};
use crate::{AppId, BlobId, SafeText, Time};

/// An app of the repository. Its bytes are at `GET /api/download/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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

impl App {
    /// One that nobody decided on or fetched yet; what it is called and how large it is, is still to be said.
    ///
    /// ```
    /// use titan_core::{AccountId, AppId, BlobId, Time, TitanNumber, protocol::{App, Author, Category}};
    /// let ada = Author::new(AccountId(1), "ada".into(), TitanNumber(69_522));
    /// let mut app = App::new(AppId(4), Category::Game, ada, BlobId([7; 32]), Time(0));
    /// (app.name, app.version, app.file_name) = ("Tetris".into(), "1.0".into(), "tetris.zip".into());
    /// app.size = 48_000;
    /// ```
    pub fn new(id: AppId, category: Category, author: Author, sha256: BlobId, uploaded_at: Time) -> Self {
        let (name, description, version, file_name) = Default::default();
        let (decided_by, decided_at, reason) = Default::default();
        let (size, downloads, state) = (0, 0, AppState::Pending);
        Self {
            id,
            name,
            description,
            category,
            version,
            author,
            file_name,
            size,
            sha256,
            state,
            decided_by,
            decided_at,
            reason,
            downloads,
            uploaded_at,
        }
    }
}

/// The repository in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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
