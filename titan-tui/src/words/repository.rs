//! What is said of the apps in the repository.

use titan_core::protocol::{App, AppState, Category};

use crate::app::state::repository::Shelf;

// --- repository
pub const SHELVES: &str = "REPOSITORY";
pub const AUTHOR: &str = "author";
pub const CATEGORY: &str = "category";
pub const FILE: &str = "file";
pub const DOWNLOADS: &str = "downloads";
pub const UPLOADED: &str = "uploaded";
pub const SHA256: &str = "SHA-256";
pub const NO_DESCRIPTION: &str = "No description.";
pub const REPOSITORY_OFFLINE: &str = "The repository needs the connection, which is away just now.";
pub const NOT_APPROVED_YET: &str = "An admin has not approved this app, so it can't be downloaded.";
pub const ONLY_ADMINS: &str = "Only admins may do that.";
pub const NOT_YOUR_APP: &str = "Only its author and admins may delete an app.";
pub const APP_DELETED: &str = "The app is deleted.";
pub const APP_REJECTED: &str = "Rejected; its author is told why.";
pub const DELETE_APP_DETAIL: &str = "It disappears from the repository for everybody.";

pub fn shelf(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::All => "All apps",
        Shelf::Of(category) => self::category(category),
        Shelf::Waiting => "Waiting",
        Shelf::Rejected => "Rejected",
    }
}

pub fn category(category: Category) -> &'static str {
    match category {
        Category::Application => "Applications",
        Category::Component => "Components",
        Category::SoundTheme => "Sound themes",
        Category::Game => "Games",
        Category::TcePackage => "TCE packages",
        Category::LanguagePack => "Language packs",
        _ => "Something newer",
    }
}

pub fn shelf_line(name: &str) -> String {
    format!(" ‹ {name} ›  left and right turn")
}

pub fn apps_heading(query: Option<&str>) -> String {
    match query {
        Some(query) => format!("APPS  with “{query}” · esc shows all"),
        None => "APPS".to_owned(),
    }
}

pub fn no_apps(shelf: Shelf, searching: bool, admin: bool) -> &'static str {
    match (shelf, searching) {
        (_, true) => "No app matches. Esc shows all.",
        (Shelf::Waiting, _) if admin => "Nothing waits to be approved.",
        (Shelf::Waiting, _) => "Nothing of yours waits to be approved.",
        (Shelf::Rejected, _) => "Nothing was rejected.",
        _ => "No apps here yet. Press u to upload the first one.",
    }
}

pub fn app_title(app: &App) -> String {
    format!("{} {}", app.name, app.version)
}

pub fn app_in_switcher(version: &str) -> String {
    format!("app {version}")
}

pub fn standing(app: &App) -> String {
    match (app.state, &app.decided_by, &app.reason) {
        (AppState::Approved, Some(by), _) => format!("✓ approved by {}", by.username),
        (AppState::Approved, None, _) => "✓ approved".to_owned(),
        (AppState::Pending, _, _) => "◌ waits for an admin's approval".to_owned(),
        (AppState::Rejected, _, Some(reason)) => format!("✗ rejected: {reason}"),
        (AppState::Rejected, _, None) => "✗ rejected".to_owned(),
        _ => "? in a state that needs a newer Titan".to_owned(),
    }
}

pub fn app_approved(name: &str) -> String {
    format!("{name} is approved: everybody can download it.")
}

pub fn app_changed(app: &App) -> String {
    match app.state {
        AppState::Pending => format!("{} uploaded {}: it waits for approval.", app.author.username, app.name),
        AppState::Approved => format!("{} is approved.", app.name),
        AppState::Rejected => match &app.reason {
            Some(reason) => format!("{} was rejected: {reason}", app.name),
            None => format!("{} was rejected.", app.name),
        },
        _ => format!("{} is in a state that needs a newer Titan.", app.name),
    }
}

pub fn delete_app(name: &str) -> String {
    format!("Delete the app {name}?")
}
