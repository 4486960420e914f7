//! The original's apps: their bytes are files beside its database.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use titan_core::protocol::{AppState, Category};
use titan_core::text::{DESCRIPTION_MOST, clean, file_name};
use titan_core::{SafeText, Time};

use super::Import;
use crate::blobs::{Blob, Blobs};
use crate::store::sqlite::titan_net::OriginalApp;
use crate::store::{Decision, NewApp, NewFile};
use crate::upkeep::files::copy;

/// Where the original's files may be, and where ours go.
pub(super) struct Shelf {
    roots: Vec<PathBuf>,
    incoming: PathBuf,
}

impl Shelf {
    /// The uploads are in the folder that was named, or below the database's folder or the one that is in.
    pub fn new(database: &Path, uploads: Option<&Path>, blobs: &Path) -> Self {
        let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let roots = match uploads {
            Some(uploads) => vec![uploads.to_owned()],
            None => vec![folder.to_owned(), folder.join("..")],
        };
        Self { roots, incoming: blobs.join("tmp").join("imported") }
    }

    /// The file that a path of the original means. Nothing outside the folders is looked at, whatever the database says.
    fn find(&self, path: &str) -> Option<PathBuf> {
        let path = PathBuf::from(path.replace('\\', "/"));
        let name = path.file_name()?.to_owned();
        for root in &self.roots {
            let root = fs::canonicalize(root).ok()?;
            let below: PathBuf = path.strip_prefix(".").unwrap_or(&path).to_owned();
            let stripped = below.components().skip(1).collect::<PathBuf>();
            let candidates = [
                root.join(&below),
                root.join(stripped),
                root.join(&name),
                root.join("pending").join(&name),
                root.join("approved").join(&name),
                root.join("uploads").join("pending").join(&name),
                root.join("uploads").join("approved").join(&name),
                root.join("uploads").join(&name),
            ];
            let found = candidates.iter().filter_map(|file| fs::canonicalize(file).ok());
            if let Some(file) = found.into_iter().find(|file| file.is_file() && file.starts_with(&root)) {
                return Some(file);
            }
        }
        None
    }

    fn keep(&self, file: &Path, blobs: &Blobs) -> anyhow::Result<Blob> {
        let content = copy(file, &self.incoming)?;
        let blob = Blob { id: content.sha256, size: content.size };
        blobs.adopt(&self.incoming, blob).with_context(|| format!("keeping {}", file.display()))?;
        Ok(blob)
    }
}

impl Import {
    pub(super) fn apps(&mut self, shelf: &Shelf, blobs: &Blobs) -> anyhow::Result<()> {
        for app in self.original.apps()? {
            if let Err(why) = self.app(&app, shelf, blobs)? {
                let name = SafeText::line(&app.name);
                self.done.left_out.push(format!("app {} {:?}: {why}", app.id, name.as_str()));
            }
        }
        Ok(())
    }

    /// Brings an app in, or says why it can't.
    fn app(&mut self, app: &OriginalApp, shelf: &Shelf, blobs: &Blobs) -> anyhow::Result<Result<(), String>> {
        let Some(author) = self.people.get(&app.author).map(|author| author.id) else {
            return Ok(Err(format!("its author {} is no account", app.author)));
        };
        let Ok(category) = app.category.parse::<Category>() else {
            return Ok(Err(format!("its category {:?} is none of the six", app.category)));
        };
        let Some(file) = shelf.find(&app.file_path) else {
            return Ok(Err(format!("its file {:?} was not found: name the folder with --uploads", app.file_path)));
        };
        let blob = shelf.keep(&file, blobs)?;
        let uploaded_at = self.clock.read(app.uploaded_at.as_deref()).unwrap_or(self.now);
        let new = NewApp {
            name: line(&app.name, 100).unwrap_or_else(|| format!("App {}", app.id)),
            description: clean(app.description.trim()).chars().take(DESCRIPTION_MOST).collect(),
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
        self.importer.app(&new, decision.as_ref(), app.downloads)?;
        self.done.apps += 1;
        Ok(Ok(()))
    }

    fn decision(&self, app: &OriginalApp, uploaded_at: Time) -> Decision {
        Decision {
            state: AppState::Approved,
            sha256: None,
            by: app.approved_by.and_then(|by| self.people.get(&by)).map(|by| by.id),
            reason: None,
            now: self.clock.read(app.approved_at.as_deref()).unwrap_or(uploaded_at),
        }
    }
}

fn line(text: &str, most: usize) -> Option<String> {
    let cleaned: String = SafeText::line(text.trim()).chars().take(most).collect();
    Some(cleaned).filter(|cleaned| !cleaned.is_empty())
}

/// The metadata, where it is the JSON object it should be.
fn object(metadata: Option<&str>) -> String {
    let value = metadata.and_then(|text| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).ok());
    serde_json::Value::Object(value.unwrap_or_default()).to_string()
}
