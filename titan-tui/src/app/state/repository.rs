//! The repository of apps, as the screen knows it.

use titan_core::{
    AppId,
    protocol::{App, AppState, Category, RepositoryStats},
};

/// The shelf of the repository that is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shelf {
    #[default]
    All,
    Of(Category),
    Waiting,
    Rejected,
}

impl Shelf {
    pub const ALL: [Shelf; 9] = [
        Self::All,
        Self::Of(Category::Application),
        Self::Of(Category::Component),
        Self::Of(Category::SoundTheme),
        Self::Of(Category::Game),
        Self::Of(Category::TcePackage),
        Self::Of(Category::LanguagePack),
        Self::Waiting,
        Self::Rejected,
    ];
}

/// The repository browser.
#[derive(Default)]
pub struct Repository {
    pub shelf: Shelf,
    pub query: Option<String>,
    pub apps: Vec<App>,
    pub stats: Option<RepositoryStats>,
    pub at: usize,
    pub loading: bool,
    pub asked: Option<AppQuery>,
    /// An app to put the cursor on once it is listed.
    pub wanted: Option<AppId>,
}

/// Which apps a list shows; an answer to another question is dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppQuery {
    pub category: Option<Category>,
    pub state: Option<AppState>,
    pub query: Option<String>,
}
