//! The original's apps: their bytes are files beside its database.

use titan_core::protocol::{AppState, Category};
use titan_core::text::{DESCRIPTION_MOST, file_name, kept};
use titan_core::{SafeText, Time};

use super::{Moving, known};
use crate::foreign::titan_net::OriginalApp;
use titan_store::{Decision, NewApp, NewFile};

impl Moving {
    pub(super) fn apps(&mut self) -> anyhow::Result<()> {
        for app in self.original.apps()? {
            if let Err(why) = self.app(&app)? {
                let name = SafeText::line(&app.name);
                self.import.done.leave_out(format!("app {} {:?}: {why}", app.id, name.as_str()));
            }
        }
        Ok(())
    }

    /// Brings an app in, or says why it can't.
    fn app(&mut self, app: &OriginalApp) -> anyhow::Result<Result<(), String>> {
        let Some(author) = known(&self.import, app.author).map(|author| author.id) else {
            return Ok(Err(format!("its author {} is no account", app.author)));
        };
        let Ok(category) = app.category.parse::<Category>() else {
            return Ok(Err(format!("its category {:?} is none of the six", app.category)));
        };
        let Some(file) = self.import.shelf.find(&app.file_path) else {
            return Ok(Err(format!("its file {:?} was not found: name the folder with --uploads", app.file_path)));
        };
        let blob = self.import.shelf.keep(&file)?;
        let uploaded_at = self.import.clock.read(app.uploaded_at.as_deref()).unwrap_or(self.import.now);
        let new = NewApp {
            name: line(&app.name, 100).unwrap_or_else(|| format!("App {}", app.id)),
            description: kept(app.description.trim()).chars().take(DESCRIPTION_MOST).collect(),
            category,
            version: line(&app.version, 50).unwrap_or_else(|| "1".to_owned()),
            author,
            file: NewFile {
                name: file_name(&file.to_string_lossy()),
                size: blob.size,
                blob: blob.id,
                unique_name: None,
            },
            metadata: object(app.metadata.as_deref()),
            now: uploaded_at,
        };
        let decision = app.approved.then(|| self.decision(app, uploaded_at));
        self.import.importer.app(&new, decision.as_ref(), app.downloads)?;
        self.import.put.apps += 1;
        self.import.done.apps += 1;
        Ok(Ok(()))
    }

    fn decision(&self, app: &OriginalApp, uploaded_at: Time) -> Decision {
        Decision {
            state: AppState::Approved,
            sha256: None,
            by: app.approved_by.and_then(|by| known(&self.import, by)).map(|by| by.id),
            reason: None,
            now: self.import.clock.read(app.approved_at.as_deref()).unwrap_or(uploaded_at),
        }
    }
}

fn line(text: &str, most: usize) -> Option<String> {
    let cleaned: String = SafeText::line(text.trim()).written().chars().take(most).collect();
    Some(cleaned).filter(|cleaned| !cleaned.is_empty())
}

/// The metadata, where it is the JSON object it should be.
fn object(metadata: Option<&str>) -> String {
    let value = metadata.and_then(|text| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).ok());
    serde_json::Value::Object(value.unwrap_or_default()).to_string()
}
