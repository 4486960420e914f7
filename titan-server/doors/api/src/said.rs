//! What the API answers when all goes well, as the original's clients read it.

use std::collections::BTreeMap;

use serde::Serialize;
use titan_core::protocol::{Account, App, AppState, Role};
use titan_core::{AccountId, AppId, BlobId, SafeText, TitanNumber};
use utoipa::ToSchema;

use titan_door::moment::iso;
use titan_hub::AppRecord;

/// A success, with what it gives.
#[derive(Serialize, ToSchema)]
pub struct Success<T: ToSchema> {
    /// Always true.
    pub success: bool,
    #[serde(flatten)]
    pub given: T,
}

/// What was done.
#[derive(Serialize, ToSchema)]
pub struct Done {
    #[schema(value_type = String)]
    pub message: &'static str,
}

/// A link to a file.
#[derive(Serialize, ToSchema)]
pub struct Link {
    pub url: String,
    /// In seconds.
    pub expires_in: i64,
}

/// A session without a WebSocket.
#[derive(Serialize, ToSchema)]
pub struct Entrance {
    /// For `Authorization: Bearer ...`.
    pub session_id: String,
    pub user: UserRow,
}

/// An account as the original's login reply shows it.
#[derive(Serialize, ToSchema)]
pub struct UserRow {
    #[schema(value_type = i64)]
    id: AccountId,
    #[schema(value_type = String)]
    username: SafeText,
    #[schema(value_type = i64)]
    titan_number: TitanNumber,
    /// Empty where there is none.
    #[schema(value_type = String)]
    full_name: SafeText,
    is_admin: bool,
    #[schema(value_type = Option<String>)]
    blog_url: Option<SafeText>,
}

impl From<Account> for UserRow {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            username: account.username,
            titan_number: account.titan_number,
            full_name: account.full_name.unwrap_or_default(),
            is_admin: account.role == Role::Admin,
            blog_url: account.blog_url,
        }
    }
}

/// An app that waits for an admin.
#[derive(Serialize, ToSchema)]
pub struct HandedIn {
    #[schema(value_type = i64)]
    pub app_id: AppId,
    #[schema(value_type = String)]
    pub message: &'static str,
}

#[derive(Serialize, ToSchema)]
pub struct Apps {
    pub apps: Vec<AppRow>,
}

#[derive(Serialize, ToSchema)]
pub struct AppsOfCategory {
    pub category: String,
    pub apps: Vec<AppRow>,
}

#[derive(Serialize, ToSchema)]
pub struct AppsFound {
    pub query: String,
    pub apps: Vec<AppRow>,
}

#[derive(Serialize, ToSchema)]
pub struct OneApp {
    pub app: FullApp,
}

#[derive(Serialize, ToSchema)]
pub struct Stats {
    pub stats: Numbers,
}

/// The repository in numbers.
#[derive(Serialize, ToSchema)]
pub struct Numbers {
    pub total_apps: u64,
    pub pending_apps: u64,
    pub total_downloads: u64,
    /// Approved apps of each category that has any.
    pub categories: BTreeMap<String, u64>,
}

/// An app as a row of the original's table.
#[derive(Serialize, ToSchema)]
pub struct AppRow {
    #[schema(value_type = i64)]
    id: AppId,
    #[schema(value_type = String)]
    name: SafeText,
    #[schema(value_type = String)]
    description: SafeText,
    #[schema(value_type = String)]
    category: &'static str,
    #[schema(value_type = String)]
    version: SafeText,
    #[schema(value_type = i64)]
    author_id: AccountId,
    #[schema(value_type = String)]
    author_username: SafeText,
    /// Bytes.
    file_size: u64,
    uploaded_at: String,
    /// 1 or 0.
    #[schema(minimum = 0, maximum = 1)]
    approved: i32,
    #[schema(value_type = Option<i64>)]
    approved_by: Option<AccountId>,
    approved_at: Option<String>,
    downloads: u64,
    /// The metadata it was handed in with: JSON in a text.
    metadata: String,
}

impl From<&AppRecord> for AppRow {
    fn from(AppRecord { app, metadata }: &AppRecord) -> Self {
        let App { id, category, author, size, downloads, .. } = app.clone();
        let decided = (app.state == AppState::Approved).then_some(app);
        Self {
            id,
            name: app.name.clone(),
            description: app.description.clone(),
            category: category.name(),
            version: app.version.clone(),
            author_id: author.id,
            author_username: author.username,
            file_size: size,
            uploaded_at: iso(app.uploaded_at),
            approved: i32::from(decided.is_some()),
            approved_by: decided.and_then(|app| app.decided_by.as_ref()).map(|by| by.id),
            approved_at: decided.and_then(|app| app.decided_at).map(iso),
            downloads,
            metadata: metadata.clone(),
        }
    }
}

/// An app with everything known of it.
#[derive(Serialize, ToSchema)]
pub struct FullApp {
    #[serde(flatten)]
    row: AppRow,
    #[schema(value_type = String)]
    file_name: SafeText,
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
    sha256: BlobId,
    /// `pending`, `approved` or `rejected`.
    #[schema(value_type = String)]
    state: AppState,
    /// Why it was rejected.
    #[schema(value_type = Option<String>)]
    reason: Option<SafeText>,
}

impl From<&AppRecord> for FullApp {
    fn from(record: &AppRecord) -> Self {
        let app = &record.app;
        Self {
            row: record.into(),
            file_name: app.file_name.clone(),
            sha256: app.sha256,
            state: app.state,
            reason: app.reason.clone(),
        }
    }
}
